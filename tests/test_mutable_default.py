"""Tests of what is reported about mutable defaults; the programs are in fixtures/mutable_default/detect."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.fixtures import FIXTURES, Report, detect_programs, marks, name_of, output
from tests.support import flake8, write

RULE = "mutable_default"
PROGRAMS = detect_programs(RULE)


def test_reports_are_the_marks() -> None:
    arguments = ["--isolated", "--select=PIT", "--format=%(path)s:%(row)d:%(col)d:%(code)s", f"{RULE}/detect"]
    found = [tuple(line.split(":")) for line in flake8(*arguments, cwd=FIXTURES).text.splitlines()]
    expected = {mark for program in PROGRAMS for mark in marks(program)}
    assert {Report(path, int(row), code) for path, row, _, code in found} == expected
    assert {code for *_, code in found} == {"PIT201", "PIT202", "PIT203"}
    defaults = {(name_of(program), *position) for program in PROGRAMS for position in default_positions(program)}
    assert {(path, int(row), int(column)) for path, row, column, code in found if code != "PIT203"} <= defaults


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_programs_behave_as_marked(program: Path) -> None:
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(program.read_bytes())))
    output(program)


def default_positions(program: Path) -> set[tuple[int, int]]:
    """Line and column, both counted from 1, of each default of a parameter."""
    text = program.read_text()
    lines = text.splitlines()
    functions = [node.args for node in ast.walk(ast.parse(text)) if hasattr(node, "args") and hasattr(node, "body")]
    defaults = [default for arguments in functions for default in (*arguments.defaults, *arguments.kw_defaults)]
    return {
        (default.lineno, len(lines[default.lineno - 1].encode()[: default.col_offset].decode()) + 1)
        for default in defaults
        if default
    }


MESSAGES = {
    "def f(x=[]):\n    x.append(1)\n": "PIT201 default [] of 'x' is shared by all calls and changed on line 2",
    "def f(x={}):\n    return x\n": "PIT201 default {} of 'x' is shared by all calls and returned on line 2",
    "def g(y):\n    y.pop()\ndef f(x=[1]):\n    g(x)\n": (
        "PIT201 default [1] of 'x' is shared by all calls and changed by g() on line 2"
    ),
    "def f(self, x=[]):\n    self.x = x\n": (
        "PIT201 default [] of 'x' is shared by all calls and stored in 'self.x' on line 2"
    ),
    "def f(x=[]):\n    return len(x)\n": "PIT202 default [] of 'x' is shared by all calls; it's only read so far",
    "def f(x=set()):\n    pass\n": "PIT202 default set() of 'x' is shared by all calls; it's never used",
    "def g(y):\n    return lambda: y\ndef f(x=[]):\n    return g(x)\n": (
        "PIT201 default [] of 'x' is shared by all calls and returned by a closure that is returned on line 2"
    ),
    "def f(x=[]):\n    g = lambda: (g, len(x))\n    return g\n": (
        "PIT202 default [] of 'x' is shared by all calls; it's only read so far"
    ),
    "def f(x=[]):\n    g = lambda: g if x else x\n    a.b(g)\n": (
        "PIT202 default [] of 'x' is shared by all calls; it's handed on to a.b() on line 3"
    ),
    "class A(A):\n    pass\ndef f(x=A()):\n    x.y = 1\n": (
        "PIT201 default A() of 'x' is shared by all calls and changed on line 4"
    ),
    "import a\ndef f(x=[]):\n    a.b(x)\n": (
        "PIT202 default [] of 'x' is shared by all calls; it's handed on to a.b() on line 3"
    ),
    "def f(n, known={}):\n    if n not in known:\n        known[n] = n + 1\n    return known[n]\n": (
        "PIT202 default {} of 'known' is kept on purpose, it seems: a memo"
    ),
    "d = dict.fromkeys('ab', [])\n": "PIT203 one [] is shared by all keys",
}


def test_messages(tmp_path: Path) -> None:
    for number, source in enumerate(MESSAGES):
        write(tmp_path / f"m{number:02}.py", source)
    found = flake8("--isolated", "--select=PIT", "--format=%(path)s %(code)s %(text)s", ".", cwd=tmp_path).text
    assert found.splitlines() == [f"./m{number:02}.py {message}" for number, message in enumerate(MESSAGES.values())]


def test_stable_messages_name_no_lines(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "def f(x=[]):\n    x.append(1)\n")
    found = flake8("--isolated", "--select=PIT", "--pitfalls-stable-messages", "a.py", cwd=tmp_path).text
    assert found == "a.py:1:9: PIT201 default [] of 'x' is shared by all calls and changed\n"


def test_stubs_are_silent(tmp_path: Path) -> None:
    write(tmp_path / "a.pyi", "def f(x: list[int] = []) -> list[int]: ...\n")
    assert flake8("--isolated", "--select=PIT", "a.pyi", cwd=tmp_path).out == b""


def test_extended_mutable_and_immutable_calls(tmp_path: Path) -> None:
    source = (
        "from lib import thing, make\n"
        "def f(x=thing.Bag()):\n    x.put(1)\n    return len(x)\n"
        "def g(x=make([])):\n    return len(x)\n"
    )
    write(tmp_path / "a.py", source)
    options = ["--isolated", "--select=PIT", "--format=%(row)d:%(code)s"]
    assert flake8(*options, "a.py", cwd=tmp_path).out == b""
    extended = flake8(*options, "--pitfalls-extend-mutable-calls=lib.thing.Bag,lib.make", "a.py", cwd=tmp_path)
    assert extended.text.split() == ["2:PIT201", "5:PIT202"]


@pytest.mark.parametrize(
    ("call", "is_reported"),
    [
        ("pool.submit(partial(x.make, tags=[1]))", False),
        ("x.to_thread.run_sync(partial(x.make, tags=[1]))", False),
        ("loop.run_in_executor(None, partial(x.make, tags=[1]))", False),
        ("loop.run_in_executor(partial(x.make, tags=[1]), other)", True),
        ("pool.submit(other, partial(x.make, tags=[1]))", True),
        ("pool.map(partial(x.make, tags=[1]), rows)", True),
    ],
)
def test_a_partial_for_one_run(tmp_path: Path, call: str, is_reported: bool) -> None:
    write(tmp_path / "a.py", f"from functools import partial\n\n\ndef f(x, loop, pool, other, rows):\n    {call}\n")
    assert ("PIT203" in flake8("--isolated", "--select=PIT", "a.py", cwd=tmp_path).text) is is_reported

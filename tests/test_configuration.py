"""Options from the command line and from configuration files of each kind, and what is said of wrong ones."""

from __future__ import annotations

import importlib.util
import re
import textwrap
from argparse import Namespace
from pathlib import Path

import pytest

from flake8_pitfalls.configuration import WrongValue, options_from
from flake8_pitfalls.options import Options
from tests.support import FIXED, PITFALL, UNSAFE, flake8, pitfalls, write

FILES = {
    "setup.cfg": "[flake8]\n{name} = {value}\n",
    "tox.ini": "[flake8]\n{name} = {value}\n",
    ".flake8": "[flake8]\n{name} = {value}\n",
    "pyproject.toml": '[tool.flake8]\n{name} = "{value}"\n',
}
COMMANDS = pytest.mark.parametrize("command", [flake8, pitfalls], ids=["flake8", "flake8-pitfalls"])
LOOP = "def calls(names, done):\n    for name in names:\n        done.append(lambda: name)\n"
"""One PIT101 in line 3, with a safe fix."""

needs_toml = pytest.mark.skipif(not importlib.util.find_spec("flake8p"), reason="Flake8-pyproject isn't installed")


def options(**values: object) -> Options:
    """What is made of raw values, all others being absent."""
    absent = {f"pitfalls_{name}": None for name in Options._fields}
    return options_from(Namespace(**absent | {f"pitfalls_{name}": value for name, value in values.items()}))


class TestValues:
    @pytest.mark.parametrize(
        ("name", "value", "expected"),
        [
            ("target_version", " 3.12 ", (3, 12)),
            ("unsafe_fixes", "yes", True),
            ("unsafe_fixes", "False", False),
            ("stable_messages", True, True),
            ("fixable", "PIT2, pit101\nPIT4", ("PIT2", "PIT101", "PIT4")),
            ("fixable", "", ()),
            ("unfixable", ["PIT20", "PIT301"], ("PIT20", "PIT301")),
            ("extend_mutable_calls", ["a.b", "c"], frozenset({"a.b", "c"})),
            ("extend_mutable_calls", [], frozenset()),
            ("retaining_callees", "\n a.b,\n c\n", frozenset({"a.b", "c"})),
            ("closure_fix", "factory", "factory"),
            ("start_method", "spawn", "spawn"),
        ],
    )
    def test_right_ones(self, name: str, value: object, expected: object) -> None:
        assert getattr(options(**{name: value}), name) == expected

    @pytest.mark.parametrize(
        ("name", "value", "reason"),
        [
            ("target_version", "3.99", "'3.99' is not a Python version that is known (3.3 to 3."),
            ("target_version", "3.1", 'in a TOML file, write "3.10" in quotes'),
            ("target_version", "2.7", "'2.7' is not a Python version such as 3.11"),
            ("target_version", ["3.11"], "['3.11'] is not a string"),
            ("unsafe_fixes", "maybe", "'maybe' is not true or false"),
            ("unsafe_fixes", "", "'' is not true or false"),
            ("unsafe_fixes", ["true"], "['true'] is not a string"),
            ("stable_messages", {"a": 1}, "{'a': 1} is not a string"),
            ("fixable", "PIT2,B006", "'B006' is not one of our codes"),
            ("fixable", "P", "'P' is not one of our codes"),
            ("unfixable", "PIT9", "'PIT9' is not one of our codes"),
            ("unfixable", ["PIT2", 101], "101 is not a string"),
            ("extend_mutable_calls", "a.b, c()", "'c()' is not a dotted name"),
            ("extend_immutable_calls", "3d", "'3d' is not a dotted name"),
            ("consuming_callees", ["a b", "-"], "'-' is not a dotted name"),
            ("retaining_callees", "a..b", "'a..b' is not a dotted name"),
            ("closure_fix", "partial", "'partial' is not one of keyword, factory"),
            ("start_method", "forkserver", "'forkserver' is not one of any, fork, spawn"),
            ("start_method", True, "True is not a string"),
        ],
    )
    def test_wrong_ones(self, name: str, value: object, reason: str) -> None:
        with pytest.raises(WrongValue) as caught:
            options(**{name: value})
        assert str(caught.value).startswith(f"--pitfalls-{name.replace('_', '-')}: ")
        assert reason in str(caught.value)

    def test_unfixable_wins(self) -> None:
        some = options(fixable="PIT2,PIT301", unfixable="PIT20")
        assert [code for code in ("PIT101", "PIT201", "PIT203", "PIT301") if some.may_fix(code)] == ["PIT301"]
        assert options(fixable="PIT2", unfixable="PIT202").may_fix("PIT203")
        assert not options(fixable="PIT2", unfixable="PIT").may_fix("PIT203")
        assert not options(fixable="").may_fix("PIT203")
        assert Options().may_fix("PIT404")


@COMMANDS
class TestWrongValues:
    """One line and exit code 2, wherever it is written and whichever program reads it."""

    def check(self, result: tuple[int, bytes, str], message: str) -> None:
        assert result[:2] == (2, b"")
        assert result[2] == f"flake8-pitfalls: error: {message}\n"

    @pytest.mark.parametrize("name", [".flake8", pytest.param("pyproject.toml", marks=needs_toml)])
    def test_in_a_file(self, tmp_path: Path, command, name: str) -> None:
        write(tmp_path / "a.py", PITFALL)
        write(tmp_path / name, FILES[name].format(name="pitfalls-unsafe-fixes", value="maybe"))
        self.check(command(cwd=tmp_path), "--pitfalls-unsafe-fixes: 'maybe' is not true or false")

    def test_on_the_command_line(self, tmp_path: Path, command) -> None:
        write(tmp_path / "a.py", PITFALL)
        message = "'partial' is not one of keyword, factory"
        self.check(command("--pitfalls-closure-fix=partial", cwd=tmp_path), f"--pitfalls-closure-fix: {message}")

    def test_the_command_line_replaces_a_wrong_one(self, tmp_path: Path, command) -> None:
        write(tmp_path / "a.py", PITFALL)
        write(tmp_path / ".flake8", "[flake8]\nselect = PIT\npitfalls-target-version = new\n")
        assert command("--pitfalls-target-version=3.12", "a.py", cwd=tmp_path).code == 1


class TestFixable:
    @pytest.mark.parametrize(
        ("way", "option"),
        [
            ("--fix", "--pitfalls-fixable=PIT1"),
            ("--diff", "--pitfalls-unfixable=PIT2"),
            ("--diff", "--pitfalls-fixable="),
        ],
    )
    def test_what_is_not_fixable_is_reported_and_stays(self, tmp_path: Path, way: str, option: str) -> None:
        path = write(tmp_path / "a.py", PITFALL)
        result = pitfalls(way, option, "a.py", cwd=tmp_path)
        assert (result.code, path.read_text()) == (1, PITFALL)
        reported = result.text if way == "--fix" else result.err
        assert reported.startswith("a.py:1:20: PIT201 ")
        assert "[not fixed: fixing PIT201 is switched off]\n" in reported
        assert result.err.endswith("1 finding not fixed:\n     1  fixing PIT201 is switched off\n")

    def test_others_are_fixed_and_it_is_reported_where_it_is_then(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", f"{PITFALL}\n\n{LOOP}\n\n{PITFALL.replace('add', 'put')}")
        result = pitfalls("--fix", "--pitfalls-unfixable=PIT1", "a.py", cwd=tmp_path)
        assert path.read_text() == f"{FIXED}\n\n{LOOP}\n\n{FIXED.replace('add', 'put')}"
        assert [line.split(" ")[:2] for line in result.text.splitlines()] == [["a.py:10:29:", "PIT101"]]
        result = pitfalls("--fix", "--pitfalls-fixable=PIT101", "a.py", cwd=tmp_path)
        assert (result.code, result.out) == (0, b"")
        assert "*, name=name" in path.read_text()

    def test_it_is_no_hidden_fix(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", UNSAFE)
        result = pitfalls("--diff", "--pitfalls-unfixable=PIT201", "a.py", cwd=tmp_path)
        assert "fixing PIT201 is switched off" in result.err
        assert "unsafe" not in result.err
        result = pitfalls("--diff", "--unsafe-fixes", "--pitfalls-unfixable=PIT201", "a.py", cwd=tmp_path)
        assert (result.code, result.out) == (1, b"")

    @pytest.mark.parametrize("name", [pytest.param(name, marks=needs_toml if "toml" in name else ()) for name in FILES])
    def test_in_configuration_files_and_with_the_formatters(self, tmp_path: Path, name: str) -> None:
        write(tmp_path / name, FILES[name].format(name="pitfalls-unfixable", value="PIT2"))
        path = write(tmp_path / "a.py", f"{PITFALL}\n\n{LOOP}")
        result = flake8("--select=PIT", "--format=pitfalls-fix", "a.py", cwd=tmp_path)
        assert path.read_text() == f"{PITFALL}\n\n{LOOP.replace('lambda:', 'lambda *, name=name:')}"
        assert "[not fixed: fixing PIT201 is switched off]\n" in result.text


@needs_toml
@COMMANDS
class TestPyproject:
    """Flake8-pyproject hands over lists, numbers and booleans as TOML has them."""

    def test_types_of_toml(self, tmp_path: Path, command) -> None:
        write(
            tmp_path / "pyproject.toml",
            '[tool.flake8]\nselect = ["PIT"]\nextend-ignore = ["PIT202"]\nper-file-ignores = ["b.py: PIT2"]\n'
            'pitfalls-extend-mutable-calls = ["shop.basket", "shop.bag"]\npitfalls-stable-messages = true\n'
            "pitfalls-target-version = 3.12\n",
        )
        write(tmp_path / "a.py", "import shop\n\n\n" + PITFALL.replace("[]", "shop.bag()"))
        write(tmp_path / "b.py", PITFALL)
        result = command(cwd=tmp_path)
        assert (result.code, result.err) == (1, "")
        assert result.text == "./a.py:4:20: PIT201 default shop.bag() of 'seen' is shared by all calls and changed\n"

    def test_the_example_of_the_documentation(self, tmp_path: Path, command) -> None:
        page = (Path(__file__).resolve().parent.parent / "docs" / "configuration.rst").read_text()
        (example,) = re.findall(r"^\.\. code-block:: toml\n\n((?:(?:   .*)?\n)+)", page, re.MULTILINE)
        write(tmp_path / "pyproject.toml", textwrap.dedent(example))
        write(tmp_path / "a.py", "import numpy as np\n\n\n" + PITFALL.replace("[]", "np.zeros(3)"))
        write(tmp_path / "b.py", PITFALL)
        write(tmp_path / "c.py", "class A:\n    __metaclass__ = type\n    x = 1\n")
        result = command("--extend-ignore=B,PIT202", "--format=pitfalls-diff", "b.py", "c.py", cwd=tmp_path)
        assert re.findall(r"^\+\+\+ (\S+)", result.text, re.MULTILINE) == ["b/b.py"]
        assert re.findall(r" (PIT\d+) .*\[not fixed: (.*)\]$", result.err, re.MULTILINE) == [
            ("PIT302", "fixing PIT302 is switched off")
        ]
        assert "default np.zeros(3) of 'seen' is shared by all calls and changed\n" in command(cwd=tmp_path).text

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("pitfalls-target-version = 3.10", "--pitfalls-target-version: '3.1' is not a Python version"),
            ("pitfalls-unfixable.PIT2 = true", "--pitfalls-unfixable: {'PIT2': True} is not a string"),
        ],
    )
    def test_wrong_types(self, tmp_path: Path, command, line: str, message: str) -> None:
        write(tmp_path / "pyproject.toml", f"[tool.flake8]\n{line}\n")
        write(tmp_path / "a.py", PITFALL)
        result = command(cwd=tmp_path)
        assert (result.code, result.out, result.err.count("\n")) == (2, b"", 1)
        assert result.err.startswith(f"flake8-pitfalls: error: {message}")

"""Tests of what is reported about mutable defaults; the programs are in fixtures/mutable_default/detect."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import indent

import pytest

from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.rules import analyse
from flake8_pitfalls.screen import Candidates
from flake8_pitfalls.semantics.module import SourceModule
from tests.fixtures import FIXTURES, Report, detect_programs, marks, name_of, output
from tests.support import flake8, write


def codes(text: str) -> list[str]:
    """The codes that are reported, which must be the same with the screen and without it."""
    linter = Linter()
    tree = ast.parse(text)
    found = [finding.code for finding in linter.reports(text, tree, "a.py")]
    everything = analyse(SourceModule(text, tree, "a.py"), Candidates.everything(tree), linter.options)
    assert sorted(found) == sorted(finding.code for finding in everything if linter.emits(finding.code))
    return found


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
    "def f(rows, x=[]):\n    rows = list(rows)\n    rows.append(x)\n    show(rows)\n": (
        "PIT202 default [] of 'x' is shared by all calls; it's handed on to show() on line 4"
    ),
    "def f(rows, x=[]):\n    rows = dict(rows, y=1)\n    rows['x'] = x\n    print(len(rows))\n": (
        "PIT202 default [] of 'x' is shared by all calls; it's only read so far"
    ),
    "def f(rows, x=[]):\n    rows = list(rows)\n    rows[0].append(x)\n": (
        "PIT201 default [] of 'x' is shared by all calls and stored in 'rows[0]' on line 3"
    ),
    "def f(rows, x=[]):\n    rows = list(rows)\n    rows.append(x)\n    rows[-1].append(1)\n": (
        "PIT201 default [] of 'x' is shared by all calls and changed on line 4"
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
        ("pool.submit(partial(make, tags=[1]))", False),
        ("x.to_thread.run_sync(partial(make, tags=[1]))", False),
        ("loop.run_in_executor(None, partial(make, tags=[1]))", False),
        ("loop.run_in_executor(partial(make, tags=[1]), other)", True),
        ("pool.submit(other, partial(make, tags=[1]))", True),
        ("pool.map(partial(make, tags=[1]), rows)", True),
    ],
)
def test_a_partial_for_one_run(tmp_path: Path, call: str, is_reported: bool) -> None:
    start = "from functools import partial\n\n\ndef make(tags):\n    tags.append(1)\n\n\n"
    write(tmp_path / "a.py", f"{start}def f(x, loop, pool, other, rows):\n    {call}\n")
    assert ("PIT203" in flake8("--isolated", "--select=PIT", "a.py", cwd=tmp_path).text) is is_reported


@pytest.mark.parametrize(
    ("code", "change", "is_reported"),
    [
        ("load()", "load().append(1)", True),
        ("load()", "rows = load()\nrows += [1]", True),
        ("load()", "for row in load():\n    row['x'] = 1", True),
        ("load()", "rows = first = load()\ndel first[0]", True),
        ("load()", "rows, other = load(), 1\nrows[0] = other", True),
        ("load()", "heapq.heappush(load(), 1)", True),
        ("load()", "load().get('x', []).append(1)", True),
        ("load()", "def more(n, rows):\n    rows.append(n)\nmore(1, load())", True),
        ("load()", "def more(n, rows):\n    rows.append(n)\nmore(1, rows=load())", True),
        ("load()", "def get():\n    return load() or []\nget().append(1)", True),
        ("load()", "self.rows = load()\nself.rows.clear()", True),
        ("load()", "with load() as rows:\n    rows.clear()", True),
        ("load()", "get = load\nget().append(1)", True),
        ("load()", "use = lambda rows: rows.append(1)\nuse(load())", True),
        ("load()", "get = lambda: load()\nget().append(1)", True),
        ("load()", "ROWS = None\ndef set():\n    global ROWS\n    ROWS = load()\ndef put():\n    ROWS.append(1)", True),
        ("load()", "class A:\n    rows = property(load)\n    def f(self):\n        self.rows.append(1)", True),
        ("load()", "self.load.append(1)", True),
        ("load()", "class A:\n    def __init__(self, n, rows):\n        rows.append(n)\nA(1, load())", True),
        ("load()", "print(load())", False),
        ("load()", "rows = list(load())\nrows.append(1)", False),
        ("load()", "rows = []\nrows.append(load())", False),
        ("load()", "more(load())", False),
        ("load()", "rows = load()\nrows = []\nprint(rows.index(1))", False),
    ],
)
def test_results_of_cached_functions(code: str, change: str, is_reported: bool) -> None:
    text = f"import heapq\nfrom functools import cache\n\n\n@cache\ndef load():\n    return [{{}}]\n\n\n{change}\n"
    assert ("PIT203" in codes(text)) is is_reported


@pytest.mark.parametrize(
    ("options", "change", "is_reported"),
    [
        ("'--paths', default=[]", "a.paths.append(1)", True),
        ("'-p', '--all-paths', default=[]", "a.all_paths += [1]", True),
        ("'paths', nargs='*', default=['.']", "def run(a):\n    paths = a.paths\n    paths[0] = 1", True),
        ("'-p', dest='paths', default={}", "p.parse_args().paths['x'] = 1", True),
        ("*FLAGS, default=[]", "a.paths.append(1)", True),
        ("'--paths', default=[]", "a = vars(p.parse_args())\na['paths'].append(1)", True),
        ("'--paths', default=[]", "def run(paths):\n    paths.append(1)\nrun(**vars(p.parse_args()))", True),
        (
            "'--paths', default=[]",
            "class A:\n    def __init__(self, files):\n        self.files = files\n"
            "    def add(self):\n        self.files.append(1)\nA(a.paths)",
            True,
        ),
        ("'--paths', default=[]", "Tool(files=a.paths).files.append(1)", True),
        ("'--paths', action='append', default=[]", "print(a.paths)", False),
        ("'--paths', default=[]", "sorted(a.paths).append(1)", False),
        ("'-p', '--all-paths', default=[]", "a.paths.append(1)", False),
        ("*FLAGS, default=[]", "print(a.paths)", False),
    ],
)
def test_options_of_argparse_that_are_changed(options: str, change: str, is_reported: bool) -> None:
    text = f"import argparse\nFLAGS = ('-p',)\np = argparse.ArgumentParser()\np.add_argument({options})\n{change}\n"
    assert ("PIT203" in codes(text)) is is_reported


PARSER = "p = argparse.ArgumentParser()\np.add_argument('--paths', default=[])\n"
CHANGE = "p.parse_args(line).paths.append(1)\n"


@pytest.mark.parametrize(
    ("body", "is_reported"),
    [
        (f"{PARSER}{CHANGE}return 1\n", False),
        (f"for line in lines:\n{indent(PARSER + CHANGE, '    ')}", False),
        (
            "p = argparse.ArgumentParser()\n"
            "group = p.add_argument_group('a')\ngroup.add_argument('--paths', default=[])\n"
            "group = p.add_argument_group('b')\ngroup.add_argument('--paths', default=[])\n" + CHANGE,
            False,
        ),
        (
            "p = argparse.ArgumentParser()\ncommands = p.add_subparsers()\nc = commands.add_parser('c')\n"
            f"c.set_defaults(paths=[])\nc.add_argument('--paths', default=[])\n{CHANGE}",
            False,
        ),
        (f"{PARSER}for line in lines:\n    {CHANGE}", True),
        (f"{PARSER}{CHANGE}".replace("=[]", "=PATHS"), True),
        (f"p = argparse.ArgumentParser()\np.set_defaults(paths=PATHS)\n{CHANGE}", True),
        (f"{PARSER}[p.parse_args(line).paths.append(1) for line in lines]\n", True),
        (f"{PARSER}{CHANGE}{CHANGE}", True),
        (f"{PARSER}{CHANGE}return p\n", True),
        (f"{PARSER}def parse(line):\n    {CHANGE}return parse\n", True),
        (f"{PARSER}line.parser = p\n{CHANGE}", True),
        (f"global p\n{PARSER}{CHANGE}", True),
        (f"p = argparse.ArgumentParser()\np = line\n{PARSER}{CHANGE}", True),
        (f"{PARSER}c = p.add_subparsers()\nc = line\nc.add_argument('--paths', default=[])\n{CHANGE}", True),
    ],
)
def test_parsers_of_one_run(body: str, is_reported: bool) -> None:
    text = f"import argparse\n\nPATHS = []\n\n\ndef main(line, lines):\n{indent(body, '    ')}"
    assert ("PIT203" in codes(text)) is is_reported


@pytest.mark.parametrize("use", ["type(name, (), ns)", "exec(name, ns)", "eval(name, {}, ns)"])
def test_what_is_in_a_namespace_gets_out(use: str) -> None:
    assert codes(f"def f(name, items=[], **ns):\n    ns['items'] = items\n    return {use}\n") == ["PIT201"]


BOX = "class Box:\n    items = {}\n    def put(self, **new):\n        self.items.update(new)\n"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("    @classmethod\n    def known(cls):\n        return list(cls.items)\n", 0),
        ("    def forget(self):\n        Box.items.clear()\n", 0),
        ("class Bag(Box):\n    @classmethod\n    def known(cls):\n        return list(cls.items)\n", 0),
        # Another class has it, too.
        ("class Bag(Box):\n    items = {}\n    @classmethod\n    def known(cls):\n        return list(cls.items)\n", 1),
        ("class Bag(Box):\n    items = ()\n    def size(self):\n        return len(Bag.items)\n", 1),
        ("    class Part:\n        @classmethod\n        def known(cls):\n            return list(cls.items)\n", 1),
        # The object of the class is taken for another one.
        ("    def reset(self):\n        self.items.update(Box.items)\n", 1),
        ("    def is_unset(self):\n        return self.items is type(self).items\n", 1),
        # Instances that are kept.
        ("    def __init__(self, name):\n        self.items[name] = self\n", 0),
        ("    def __init__(self):\n        self.items['box'] = self\n", 1),
        ("    def __init__(self):\n        self.items.setdefault('box', self)\n", 1),
    ],
)
def test_attributes_of_the_class(more: str, expected: int) -> None:
    assert codes(BOX + more).count("PIT203") == expected


def test_a_call_of_a_parser_on_several_lines() -> None:
    option = "parser = (\n    parser\n    .add_argument('--paths',  # why\n        default=[]))\n"
    text = f"def f(x=[]):\n    x.append(1)\n    {option}    print(parser.paths.append(1))\n"
    assert codes(text) == ["PIT201", "PIT203"]


@pytest.mark.parametrize(("times", "action", "is_reported"), [(1, "append", 0), (2, "append", 1), (2, "store", 0)])
def test_options_of_optparse_that_are_changed(times: int, action: str, is_reported: bool) -> None:
    option = f"p.add_option('-x', action='{action}', default=[])"
    text = f"import optparse\np = optparse.OptionParser()\n{option}\n" + "p.parse_args()\n" * times
    assert ("PIT203" in codes(text)) == is_reported


@pytest.mark.parametrize(
    ("code", "is_reported"),
    [
        ("partial(fill, rows=[])", True),
        ("partial(fill, [])", True),
        ("partial(Bag, rows=[])", True),
        ("partial(Bag().fill, rows=[])", True),
        ("partial(lambda rows: rows.append(1), rows=[])", True),
        ("partial(push, rows=[])", True),
        ("partial(wrapped, rows=[])", False),
        ("partial(filling, rows=[])", True),
        ("partial(requests.get, headers={})", False),
        ("partial(get, headers={})", False),
        ("partial(make(), headers={})", False),
        ("partial(requests.get, ['x'])", False),
    ],
)
def test_functions_of_partials(code: str, is_reported: bool) -> None:
    text = (
        "import requests\nfrom functools import partial\nfrom other import get, make\n\n\n"
        "def fill(rows):\n    rows.append(1)\n\n\n"
        "class Bag:\n    def __init__(self, rows):\n        self.rows = rows\n\n"
        "    def fill(self, rows):\n        rows.append(1)\n\n\n"
        "@make\ndef wrapped(rows):\n    return len(rows)\n\n\n"
        "@make\ndef filling(*, rows=None):\n    rows.append(1)\n\n\n"
        f"push = lambda rows: rows.append(1)\nrun = {code}\n"
    )
    assert ("PIT203" in codes(text)) is is_reported


@pytest.mark.parametrize(
    ("code", "is_reported"),
    [
        ("get = Mock(return_value=[])\nget().append(1)", True),
        ("o.get = Mock(return_value=[])\nrows = o.get()\nrows.append(1)", True),
        ("def make():\n    return Mock(return_value={})\nget = make()\nget()['x'] = 1", True),
        ("o.get = Mock(return_value=[])\nrun(o)", False),
        ("def make():\n    return Mock(return_value=[])", False),
        ("get = Mock(return_value=[])\nassert get() == []", False),
        ("row = type('Row', (), {'tags': []})()", False),
        ("Row = type('Row', (), {'tags': []})", False),
        ("Row = type('Row', (), {'tags': []})\nRow().tags.append(1)", True),
        ("Row = type('Row', (), dict(tags=[]))\ndef tag(row):\n    row.tags += [1]", True),
        ("Row = type('Row', (Base,), {'tags': ['a'], 'more': []})\nprint(Row().tags)\nmore.append(1)", False),
        ("Row = type('Row', (), {'__annotations__': {name: int for name in names}})", False),
        ("def f():\n    partial = functools.partial(print)\n    return partial()", False),
        ("print(functools.partial())", False),
    ],
)
def test_results_of_mocks_and_attributes_of_made_types(code: str, is_reported: bool) -> None:
    assert ("PIT203" in codes(f"import functools\nfrom unittest.mock import Mock\n\n{code}\n")) is is_reported


@pytest.mark.parametrize(
    ("code", "is_reported"),
    [
        ("def get(x=NOTHING):\n    if x is NOTHING:\n        raise KeyError\n    return x", False),
        ("def get(x=NOTHING):\n    return None if NOTHING is not x else x", False),
        ("def get(*, x=NOTHING):\n    return look(x=x)\ndef look(x):\n    return x is NOTHING", False),
        ("def get(x=NOTHING):\n    return x", True),
        ("def get(x=NOTHING):\n    return x == NOTHING and x", True),
        ("def get(x=NOTHING):\n    return x is NOTHING or x\nNOTHING.append(1)", True),
        ("def get(x=NOTHING):\n    return x is NOTHING or x\nNOTHING += [1]", True),
        ("def get(x=SOME):\n    return x is SOME or x", True),
        ("def get(x=NOTHING):\n    return x is None or x", True),
    ],
)
def test_sentinels(code: str, is_reported: bool) -> None:
    text = f"NOTHING = []\nSOME = [1]\n{code}\n"
    assert bool(set(codes(text)) & {"PIT201", "PIT202"}) is is_reported


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(request, headers={}):\n    request.update(headers=headers)", "PIT202"),
        ("def f(request, headers={}):\n    vars(request).update(headers=headers)", "PIT201"),
        ("def f(request, headers={}):\n    request.__dict__.update(headers=headers)", "PIT201"),
        ("class A:\n    def f(self, headers={}):\n        self.kept.update(headers=headers)", "PIT202"),
        (
            "class A:\n    def f(self, headers={}):\n        self.kept.update(headers=headers)\n"
            "    def __init__(self):\n        self.kept = dict()",
            "PIT201",
        ),
        ("KEPT = {}\ndef f(headers={}):\n    KEPT.update(headers=headers)", "PIT201"),
    ],
)
def test_only_dictionaries_surely_store_what_they_are_updated_with(code: str, expected: str) -> None:
    assert codes(code + "\n") == [expected]


@pytest.mark.parametrize(
    ("default", "is_reported"), [("Counter()", True), ("COUNTER", False), ("(COUNTER,)", False), ("NAMES", True)]
)
def test_an_instance_with_a_name_is_shared_on_purpose(default: str, is_reported: bool) -> None:
    text = (
        "class Counter:\n    n = 0\n\n    def append(self, n):\n        self.n += n\n\n\n"
        f"COUNTER = Counter()\nNAMES = []\n\n\ndef count(counter={default}):\n    counter.append(1)\n"
    )
    assert ("PIT201" in codes(text)) is is_reported


def test_a_local_variable_is_no_attribute() -> None:
    """The cached list isn't changed where an attribute of the same name as a variable is."""
    text = (
        "import functools\n\n\n@functools.cache\ndef found():\n    return []\n\n\n"
        "class Pool:\n    def show(self):\n        items = found()\n        return len(items)\n\n"
        "    def add(self, item):\n        self.items[item] = 1\n"
    )
    assert codes(text) == []
    assert codes(text.replace("items = found()", "self.items = found()")) == ["PIT203"]
    assert codes(text.replace("    def show", "    items = found()\n\n    def show")) == ["PIT203", "PIT203"]


FILLED = """
    for i in range(n):
        rows[i] = [i]
"""


@pytest.mark.parametrize(
    ("code", "is_reported"),
    [
        (f"rows = [[]] * n{FILLED}", False),
        (f"rows = n * [[0]]\n    total = 0{FILLED}", False),
        ("rows = [[]] * len(xs)\n    for i, x in enumerate(xs):\n        rows[i] = [x]", False),
        (
            "rows = [[]] * n\n    for i in range(len(rows)):\n        x = {}\n        x[i] = 1\n        rows[i] = x",
            False,
        ),
        ("rows = dict.fromkeys(xs, {})\n    for x in xs:\n        rows[x] = {x: 1}", False),
        (f"rows = [[]] * m{FILLED}", True),
        (f"rows = [[]] * n\n    rows[0].append(1){FILLED}", True),
        ("rows = [[]] * n\n    for i in range(n):\n        rows[i].append(i)", True),
        ("rows = [[]] * n\n    for i in range(n):\n        if i:\n            rows[i] = [i]", True),
        ("rows = [[]] * n\n    for i in range(n):\n        if i:\n            continue\n        rows[i] = [i]", True),
        ("rows = [[]] * n\n    for i in range(n):\n        i = 0\n        rows[i] = [i]", True),
        ("rows = [[]] * n\n    for i in range(n):\n        rows[0] = [i]", True),
        ("rows = [[]] * n\n    for i in range(n):\n        rows[i] = rows[0]", True),
        ("rows = [[]] * n\n    for i in range(1, n):\n        rows[i] = [i]", True),
        ("rows = dict.fromkeys(xs, {})\n    for x in m:\n        rows[x] = {x: 1}", True),
        ("rows = [[]] * n; rows[0].append(1)\n    for i in range(n):\n        rows[i] = [i]", True),
    ],
)
def test_elements_that_hold_a_place(code: str, is_reported: bool) -> None:
    assert ("PIT203" in codes(f"def f(n, m, xs):\n    {code}\n    return rows\n")) is is_reported

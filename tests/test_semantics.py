"""Tests of what names mean, of what a module binds, and of where nodes stand."""

from __future__ import annotations

import ast
import sysconfig
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import libcst as cst
import pytest

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.semantics.facts import ModuleFacts
from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.positions import alignment
from flake8_pitfalls.semantics.walk import children, walk


def module_of(text: str) -> SourceModule:
    return SourceModule(text, ast.parse(text))


def facts_of(text: str) -> ModuleFacts:
    return module_of(text).facts


# Names


def origin_here(text: str) -> str | None:
    """What the argument of the call ``here(...)`` stands for."""
    for statement in module_of(text).statements:
        for node in walk(statement.tree):
            if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "here":
                return origin(statement, node.args[0].value)
    raise AssertionError("nothing is called here")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("here(list)", "builtins.list"),
        ("here(dict.fromkeys)", "builtins.dict.fromkeys"),
        ("here(unknown)", None),
        ("here(list())", None),
        ("here('list')", None),
        ("import collections\nhere(collections)", "collections"),
        ("import collections\nhere(collections.deque)", "collections.deque"),
        ("import collections as c\nhere(c.deque)", "collections.deque"),
        ("import os.path\nhere(os)", "os"),
        ("import os.path\nhere(os.path.join)", "os.path.join"),
        ("import os.path as p\nhere(p.join)", "os.path.join"),
        ("from collections import deque\nhere(deque)", "collections.deque"),
        ("from collections import deque as dq\nhere(dq)", "collections.deque"),
        ("from collections import deque as list\nhere(list)", "collections.deque"),
        ("from . import deque\nhere(deque)", "..deque"),
        ("from ..pack.age import deque as d\nhere(d.x)", "..pack.age.deque.x"),
        ("from collections import deque\ndq = deque\nhere(dq)", "collections.deque"),
        ("import collections\nmake = collections.deque\nd = make\nhere(d)", "collections.deque"),
        ("a = b\nb = a\nhere(a)", None),
        ("a: object = list\nhere(a)", "builtins.list"),
        ("a: object\nhere(list)", "builtins.list"),
        ("def list(): pass\nhere(list)", None),
        ("class dict: pass\nhere(dict)", None),
        ("list = 1\nhere(list)", None),
        ("for list in []: pass\nhere(list)", None),
        ("with a as list: pass\nhere(list)", None),
        ("make = list\nmake = dict\nhere(make)", None),
        ("def f():\n    here(list)\nlist = tuple", "builtins.tuple"),
        ("try:\n    import x\nexcept ImportError:\n    x = None\nhere(x.y)", "x.y"),
        ("try:\n    from x import y\nexcept ImportError:\n    from z import y\nhere(y)", "x.y"),
        ("try:\n    from x import y\nexcept ImportError:\n    def y(): pass\nhere(y)", None),
        ("if a:\n    import x\nhere(x)", "x"),
    ],
)
def test_origin_at_module_level(text: str, expected: str | None) -> None:
    assert origin_here(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f():\n    here(list)", "builtins.list"),
        ("def f(list):\n    here(list)", None),
        ("def f():\n    list = 1\n    here(list)", None),
        ("def f():\n    here(list)\n    list = 1", None),
        ("def f():\n    global list\n    here(list)", "builtins.list"),
        ("def f():\n    from collections import deque as list\n    here(list)", "collections.deque"),
        ("def f():\n    import os.path\n    here(os.path)", "os.path"),
        ("def f():\n    import os.path as p\n    here(p.join)", "os.path.join"),
        ("def f():\n    from . import deque\n    here(deque)", "..deque"),
        ("def f():\n    import a as x\n    import b as x\n    here(x)", None),
        ("def f():\n    import a\n    def g():\n        here(a.b)", "a.b"),
        ("def f():\n    import a\n    def g(a):\n        here(a.b)", None),
        ("def f():\n    [list for list in a]\n    here(list)", "builtins.list"),
        ("def f():\n    [here(list) for list in a]", None),
        ("def f():\n    (list := 1)\n    here(list)", None),
        ("f = lambda list: here(list)", None),
        ("class C:\n    list = 1\n    here(list)", None),
        ("class C:\n    list = 1\n    def f(self):\n        here(list)", "builtins.list"),
        ("class C:\n    def f(self):\n        from a import __b\n        here(__b)", "a.__b"),
    ],
)
def test_origin_in_inner_scopes(text: str, expected: str | None) -> None:
    assert origin_here(text) == expected


# Facts


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "x: int = 1",
        "import x",
        "import x.y",
        "import y as x",
        "from y import x",
        "def x(): pass",
        "async def x(): pass",
        "class x: pass",
        "with a as x: pass",
        "with a as (x, y): pass",
        "try: pass\nexcept E as x: pass",
        "[x, *y] = a",
        "*x, = a",
        "(x := 1)",
        "match a:\n    case x: pass",
        "match a:\n    case [*x]: pass",
        "match a:\n    case {**x}: pass",
        "match a:\n    case 1 as x: pass",
        "if a:\n    x = 1",
        "def f(a=(x := 1)): pass",
    ],
)
def test_one_binding(text: str) -> None:
    assert facts_of(text).single_binding("x") is not None


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "x: int",
        "a.x = 1",
        "x[0] = 1",
        "f(x=1)",
        "def f(x):\n    x = 1",
        "lambda: (x := 1)",
        "class C:\n    x = 1",
        "[x for x in a]",
    ],
)
def test_no_binding(text: str) -> None:
    facts = facts_of(text)
    assert "x" not in facts.bindings
    assert facts.single_binding("x") is None


@pytest.mark.parametrize(
    "text",
    [
        "x = 1\nx = 2",
        "x = 1\nx += 1",
        "x = 1\ndel x",
        "while a:\n    x = 1",
        "for a in b:\n    with c:\n        x = 1",
        "[(x := a) for a in b]",
        "x = 1\ndef f():\n    global x\n    x = 2",
        "x = 1\nclass C:\n    global x\n    x = 2",
        "x = 1\ndef f():\n    global x\n    import x",
    ],
)
def test_several_bindings(text: str) -> None:
    facts = facts_of(text)
    assert facts.bindings["x"]
    assert facts.single_binding("x") is None


def test_value_of_a_binding() -> None:
    bindings = facts_of("x = y = []\na, b = [], {}\nwith c as d: pass\n").bindings
    values = {name: found[0].value for name, found in bindings.items()}
    assert {name: type(value).__name__ for name, value in values.items()} == {
        "x": "List",
        "y": "List",
        "a": "NoneType",
        "b": "NoneType",
        "d": "NoneType",
    }


def test_global_that_is_only_read_is_not_rebound() -> None:
    text = "x = y = 1\ndef f():\n    global x, y\n    x = 2\n    return y\n"
    assert facts_of(text).rebound_by_functions == {"x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from __future__ import annotations", True),
        ("from __future__ import division, annotations", True),
        ("from __future__ import division", False),
        ("from future import annotations", False),
        ("", False),
    ],
)
def test_future_annotations(text: str, expected: bool) -> None:
    assert facts_of(text).has_future_annotations is expected


def test_definition() -> None:
    module = module_of("import a\n\ndef f(): pass\n\nclass C: pass\n\ndef g(): pass\ng = f\nx = 1\n")
    statement, node = module.definition("f") or (None, None)
    assert statement is module.statements[1]
    assert isinstance(node, cst.FunctionDef)
    assert node.name.value == "f"
    assert isinstance((module.definition("C") or (None, None))[1], cst.ClassDef)
    assert [module.definition(name) for name in ("g", "x", "a", "unknown")] == [None] * 4


# Positions

LIBRARY = Path(sysconfig.get_path("stdlib"))


def library_files() -> list[Path]:
    """Some sixty files: those with form feeds, those with odd names in them, and every seventh of the others."""
    files = sorted([*LIBRARY.glob("*.py"), *LIBRARY.glob("asyncio/*.py"), *LIBRARY.glob("email/*.py")])
    small = [path for path in files if path.stat().st_size < 60_000]
    form_feeds = [path for path in files if b"\x0c" in path.read_bytes()]
    return sorted({*small[::7], *form_feeds[:20]})


def without_fstrings(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those inside of f-strings, whose positions are known to be wrong before Python 3.12."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.JoinedStr):
            stack.extend(ast.iter_child_nodes(node))


def without_formatted_strings(tree: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, cst.FormattedString):
            stack.extend(children(node))


Place = tuple[str, int, int]


def ast_places(module: SourceModule) -> Counter[Place]:
    """Where ``ast`` sees names, calls and defaults."""
    lines = [module.text[start:end] for start, end in pairwise([*module.line_starts, len(module.text)])]

    def place(kind: str, node: ast.expr) -> Place:
        column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode())
        return kind, node.lineno, column

    found: Counter[Place] = Counter()
    for node in without_fstrings(module.tree):
        if isinstance(node, ast.Name):
            found[place(node.id, node)] += 1
        elif isinstance(node, ast.Call):
            found[place("a call", node)] += 1
        elif isinstance(node, ast.arguments):
            found.update(place("a default", default) for default in (*node.defaults, *node.kw_defaults) if default)
    return found


def our_places(module: SourceModule) -> Counter[Place]:
    """Where LibCST sees them; a name that isn't an expression, such as an attribute, is among them."""
    found: Counter[Place] = Counter()
    for statement in module.statements:
        for node in without_formatted_strings(statement.tree):
            if isinstance(node, cst.Name):
                found[(node.value, *module.position(statement.start_of(node)))] += 1
            elif isinstance(node, cst.Call):
                found[("a call", *module.position(statement.start_of(node)))] += 1
            elif isinstance(node, cst.Param) and node.default:
                found[("a default", *module.position(statement.start_of(node.default)))] += 1
    return found


def assert_same_as_by_spans(module: SourceModule) -> None:
    """Lines and texts that are known without generating code are those that the generated code has."""
    for statement in module.statements:
        for node in without_formatted_strings(statement.tree):
            if isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.For, cst.While)):
                start, end = statement.span(node)
                assert statement.line(node) == module.position(start)[0]
                assert statement.source(node) == module.text[start:end]


def is_name(place: Place) -> bool:
    return place[0] not in ("a call", "a default")


def assert_same_places(text: str) -> None:
    module = module_of(text)
    expected, found = ast_places(module), our_places(module)
    assert [place for place in expected if place not in found] == []
    assert [place for place in found if not is_name(place) and found[place] != expected[place]] == []
    assert_same_as_by_spans(module)


def with_form_feeds(text: str) -> str:
    """A form feed before each definition and each return, which is whitespace there."""
    return "".join(
        f"\x0c{line}" if line.lstrip(" ").startswith(("def ", "class ", "return ")) else line
        for line in text.splitlines(keepends=True)
    )


@pytest.mark.parametrize("path", library_files(), ids=lambda path: path.name)
def test_positions_in_the_standard_library(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        assert_same_places(file.read())


POSITIONS = '''\
"""Docstring."""
import a, b.c as d

@dec(1)
def f(x=[], /, y={}, *args, z=set(), w=(1, 2), v=(i for i in x), u=([]), **kw):
\t"""
    not code
\t"""
\treturn (x or y).append(z)(w)[a](v), "é", call("ß", x=[é for é in y()])

class C(Base, metaclass=make()):
    f = lambda self, x=(
        []
    ), *, y=(1,): (x, y)


if x: pass
elif y(): z(); w = \\
    call(z)
while (a
       .b) . c and (d).e:
    for (f) in g: f. h; (i.j)()
'''


@pytest.mark.parametrize(
    "text",
    [
        POSITIONS,
        POSITIONS.replace("\n", "\r\n"),
        POSITIONS.replace("\n", "\r"),
        with_form_feeds(POSITIONS),
        with_form_feeds(POSITIONS).replace("\n", "\r\n"),
        POSITIONS.rstrip("\n"),
        "\n\n# comment\n" + POSITIONS,
        "\x0c\n" + POSITIONS,
    ],
    ids=["plain", "crlf", "cr", "form feeds", "form feeds and crlf", "no newline at the end", "comment", "first line"],
)
def test_positions(text: str) -> None:
    assert ast_places(module_of(text))
    assert_same_places(text)


def test_a_parenthesized_default_starts_inside_unless_it_is_a_tuple_or_generator() -> None:
    (statement,) = module_of("def f(a=([]), b=((1, 2)), c=((i for i in x)), d=(1), e=()): pass\n").statements
    defaults = [node.default for node in walk(statement.tree) if isinstance(node, cst.Param) and node.default]
    starts = [statement.start_of(default) for default in defaults]
    assert [statement.module.text[start:][:3] for start in starts] == ["[])", "(1,", "(i ", "1),", "())"]
    assert [statement.source(default) for default in defaults[:2]] == ["[]", "1, 2"]


# Modules


@pytest.mark.parametrize("path", library_files(), ids=lambda path: path.name)
def test_statements_are_the_text(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        module = module_of(file.read())
    statements = module.statements
    assert [node for statement in statements for node in statement.nodes] == module.tree.body
    assert "".join(text_of(statement) for statement in statements) == module.text[statements[0].start :]
    for statement in statements:
        text = text_of(statement)
        # LibCST loses form feeds, and blanks in front of some colons.
        assert alignment(text, statement.tree.code) is not None
        assert all(module.statement_at(node.lineno) is statement for node in statement.nodes)


def text_of(statement: TopLevelStatement) -> str:
    return statement.module.text[statement.start : statement.end]


def test_statements() -> None:
    module = module_of(
        "# first\nx = 1; y = 2\n# between\n@dec\ndef f():\n    pass\n\n"
        "if x: pass\nelse:\n    z = '''\n'''; w = 1\n# last"
    )
    assert [text_of(statement) for statement in module.statements] == [
        "x = 1; y = 2\n# between\n",
        "@dec\ndef f():\n    pass\n\n",
        "if x: pass\nelse:\n    z = '''\n'''; w = 1\n# last",
    ]
    assert [module.statements.index(module.statement_at(line)) for line in range(1, 13)] == [
        *(0, 0, 0),
        *(1, 1, 1, 1),
        *(2, 2, 2, 2, 2),
    ]


def test_a_statement_behind_another_that_spans_lines() -> None:
    (statement,) = module_of("x = '''\n'''; y = 1\n").statements
    assert len(statement.nodes) == 2
    assert [node.value for node in walk(statement.tree) if isinstance(node, cst.Name)] == ["x", "y"]


def test_comments() -> None:
    assert module_of("x = 1  # one\ny = '# two'\n# three\n").comments == {1: "# one", 3: "# three"}


@pytest.mark.parametrize(("name", "expected"), [("a.py", False), ("a.pyi", True), ("-", False)])
def test_stubs(name: str, expected: bool) -> None:
    assert SourceModule("", ast.parse(""), name).is_stub is expected


@pytest.mark.parametrize("operator", ["and", "or"])
def test_deep_nesting_is_refused_before_libcst_dies_of_it(operator: str) -> None:
    chain = f" {operator} ".join(["a"] * 20_000)
    module = module_of(f"x = 1\ny = {chain}\n")
    assert module.statements[0].tree.code == "x = 1\n"
    with pytest.raises(CannotAnalyse, match="line 2 is nested too deeply"):
        _ = module.statements[1].tree


def test_a_long_chain_is_analysed() -> None:
    (statement,) = module_of("y = " + " and ".join(["a"] * 700) + "\n").statements
    names = [node for node in walk(statement.tree) if isinstance(node, cst.Name)]
    assert sorted(statement.start_of(node) for node in names) == [0, *range(4, 4 + 6 * 700, 6)]


@pytest.mark.parametrize("end", ["\n\n    ", "\n\n\t", "\n \n  ", "\r\n\r\n    ", "\n\n\n  \n   ", "\n    ", ""])
def test_blanks_at_the_end_of_a_file_are_no_obstacle(end: str) -> None:
    text = "def put(item, basket=[]):\n    basket.append(item)\n    if item:\n        print(item)" + end
    found = Linter().findings(text, ast.parse(text), "basket.py")
    assert [(finding.code, finding.line, finding.column) for finding in found] == [("PIT201", 1, 21)]

"""Bare trees, which are made from ``ast``, and the trees that LibCST parses: the same but for the layout."""

from __future__ import annotations

import ast
import sys
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest

from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.semantics.bare import LayoutNeeded, is_one_literal
from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement
from flake8_pitfalls.semantics.walk import children
from tests.test_screen import PROGRAMS

_EVERYTHING = range(1, 100_000)
"""The lines that are needed: none is left out."""
_STRINGS = (cst.ConcatenatedString, cst.FormattedString)


def below(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The children of a node, with all statements of a line one by one, and without the text in f-strings."""
    found: list[cst.CSTNode] = []
    for child in children(node):
        found += child.body if isinstance(child, cst.SimpleStatementLine) else [child]
    return [child for child in found if not isinstance(child, cst.FormattedStringText)]


def label(node: cst.CSTNode) -> object:
    """All that a node says by itself."""
    if isinstance(node, cst.BaseSuite):
        return "block"
    if isinstance(node, (cst.MatchList, cst.MatchTuple)):
        return "sequence"
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, (cst.BaseNumber, cst.SimpleString)):
        return type(node), repr(node.evaluated_value)
    more = [getattr(node, name, None) for name in ("star", "operator", "asynchronous", "star_arg", "posonly_ind")]
    level = len(node.relative) if isinstance(node, cst.ImportFrom) else 0
    return type(node), level, [part if isinstance(part, str) else type(part) for part in more]


def formatted(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The expressions in a string, in however many parts it's written."""
    if isinstance(node, cst.ConcatenatedString):
        return [*formatted(node.left), *formatted(node.right)]
    return below(node) if isinstance(node, cst.FormattedString) else []


def keys(node: cst.Subscript) -> list[cst.CSTNode]:
    """What stands in the brackets, whether or not in parentheses too."""
    found = [part.slice for part in node.slice]
    if len(found) == 1 and isinstance(found[0], cst.Index) and isinstance(found[0].value, cst.Tuple):
        return [element.value for element in found[0].value.elements] or [found[0].value]
    return [part.value if isinstance(part, cst.Index) else part for part in found]


def pairs(whole: cst.CSTNode, bare: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """The nodes of two trees that stand for each other, which have to say the same."""
    stack = [(whole, bare)]
    while stack:
        one, other = stack.pop()
        if isinstance(one, _STRINGS) or isinstance(other, _STRINGS):
            here, there = formatted(one), formatted(other)
            if not here:
                assert getattr(one, "evaluated_value", None) == getattr(other, "evaluated_value", None)
        elif isinstance(one, cst.Subscript) and isinstance(other, cst.Subscript):
            here, there = [one.value, *keys(one)], [other.value, *keys(other)]
        else:
            assert label(one) == label(other)
            here, there = below(one), below(other)
        assert list(map(type, here)) == list(map(type, there)) or {*map(type, here + there)} & {*_STRINGS, *_BLOCKS}
        stack += zip(here, there, strict=True)
        yield one, other


_BLOCKS = (cst.IndentedBlock, cst.SimpleStatementSuite, cst.MatchList, cst.MatchTuple)


def same(text: str) -> tuple[int, int]:
    """How many nodes are compared, and how many of them stand in a place that both trees know."""
    tree = ast.parse(text)
    count = placed = 0
    for one, other in zip(
        SourceModule(text, tree).statements, SourceModule(text, tree, "-", _EVERYTHING).statements, strict=True
    ):
        for whole, bare in pairs(one.tree, other.tree):
            count += 1
            placed += has_same_place(one, whole, other, bare)
    return count, placed


def has_same_place(one: TopLevelStatement, whole: cst.CSTNode, other: TopLevelStatement, bare: cst.CSTNode) -> bool:
    try:
        found = other.span(bare), other.span_in_ast(bare), other.line(bare)
    except LayoutNeeded:
        return False
    if type(whole) is type(bare):
        assert found == (one.span(whole), one.span_in_ast(whole), one.line(whole)), text_of(one, whole)
    return True


def text_of(statement: TopLevelStatement, node: cst.CSTNode) -> str:
    return f"{type(node).__name__} {statement.source(node)}"


CODE = '''\
@decorate([1], key=(2))
async def first(a: "ä" = ("ö"), /, b=1, *rest: int, c, d={}, **more) -> None:
    async with a as b, (c) as d, e:
        async for (x, *y), in z: await x
        else: x = 1; y = (2)
    return [x async for (x) in (yield) if x if not x], lambda *, key=0: "ü"
def second(*, a): yield from (1, 2); yield
class Third(Base, *bases, metaclass=Meta, **keywords):
    x: int = 3; y = """
    text""" ; z: "str"
    a.b: (int)
while (True): break
else: continue_ = {**a, 1: 2, **b}, {1, *c}, {x: y for x, y in z for a in b}, {x for x in y}
if a: pass
elif (b): del a, (b), c[1], d.e
else:
    if c: del a
    elif d: pass
if a:
    pass
else:
    if b: c
try: import a.b.c as d, e
except (A, B) as error: raise C(1) from (error)
except D: raise
except: assert (a), "b"
else: from . import (f as g, h)
finally: from ..a.b import *
def outer():
    x = 1
    def inner(): nonlocal x; global y, z; x += 1; y @= 2; return
a[1], a[1:2], a[:, ..., ::3], a[(1, 2)], a[1, 2], a[()], a[b:=1], a[*b], a[(b)]
a = b = (c), d = not a, -(+a), ~a ** 2 // 3 @ 4, a and b and c or d, a if (b) else c
a < b <= c != d == e is f is not g in h not in (i), a << 1 >> 2 & 3 | 4 ^ 5 % 6 / 7
f(a, *b, c=1, *d, **e), f(x for x in y), f((x for x in y)), f((x for x in y), 1), f(*a, b), f(key = (1))
(x for x in y), (), (1,), ((1), (2)), (1), (2), [], [*a, b], {}
'a', "b" 'c', u'd', b'e' b"f", r'\\\\', "'" '"', 'it\\'s', """'a' "b" \\""" """, "a" 'b' f"c{d}e" "f", f'{a!r:>{b}}'
f"{x=}", 1, 0x1F, 1_000, 1.5e3, 2j, True, None, ...
print(f"{a}", (f"{b}"
 f"{c(d)}"))
match a, b:
    case [1, {"k": v, **rest}, *others] | Point(x, y=-1): pass
    case (1, _) if v > 1: v += 1
    case {} | None | "a" "b" | a.b | -1 + 2j as c: pass
    case 1, *_: pass
    case str(): pass
async_ = (lambda: 0), (lambda a, *b, c=1, **d: (yield))
(a).b, (a
 ).b, (a.b).c[d](e)
'''


@pytest.mark.parametrize(
    "change", [("", ""), ("\n", "\r\n"), ("\n", "\r"), ("    ", "\t"), ("ä", "\U0001f600")], ids=repr
)
def test_all_kinds_of_code(change: tuple[str, str]) -> None:
    count, placed = same(CODE.replace(*change))
    assert count > 700
    assert placed > 400


@pytest.mark.skipif(sys.version_info < (3, 12), reason="needs PEP 695")
@pytest.mark.parametrize(
    "text", ["def f[T: int, *Ts, **P](x: T): pass", "class A[T: (int, str)](B[T]): pass", "type A[T] = list[T]"]
)
def test_type_parameters(text: str) -> None:
    assert same(text + "\n")[0] > 9


@pytest.mark.skipif(sys.version_info < (3, 13), reason="needs PEP 696")
def test_defaults_of_type_parameters() -> None:
    assert same("def f[T: int = bool, *Ts = *tuple[int], **P = [int]](x: T): pass\n")[0] > 15


@pytest.mark.parametrize(
    "text", ["try:\n    a\nexcept* (B, C) as d:\n    e\n", "x: int\n", "def fi():\n    return 1\n"]
)
def test_more_code(text: str) -> None:
    assert same(text)[0] > 3


@pytest.mark.parametrize(
    "text", ["ﬁ = 1\n", "def f(x):\n    return x.ﬁ\n", "class ª: pass\n", "f(e\u0301=1)\n", "import a.ﬁ.b\n"]
)
def test_what_is_not_as_it_is_written_is_parsed(text: str) -> None:
    """Identifiers are normalised (PEP 3131)."""
    with pytest.raises(LayoutNeeded):
        same(text)


@pytest.mark.parametrize("text", ["x = 'ﬁ'  # m²…\n", "def e():\n    'e\u0301'\n"])
def test_other_text_may_be_written_as_it_likes(text: str) -> None:
    assert same(text)[0] > 1


@pytest.mark.parametrize("decorator", ["@(\nb)", "@(  # a comment\n\n    (b))", "@ \\\nb", "@((\na)(b))\n@c"])
def test_decorators_below_their_sign(decorator: str) -> None:
    """The statement starts at the sign: LibCST couldn't parse the rest."""
    text = f"x = 1\n{decorator}\ndef f():\n    return 1\n"
    assert [part.text[0] for part in SourceModule(text, ast.parse(text)).statements] == ["x", "@"]
    assert same(text)[0] > 6


def test_what_libcst_cannot_parse() -> None:
    """``(x): int`` makes no variable (PEP 526)."""
    text = "def f(x=[]):\n    (y): int\n    z: int\n    return x, y\n"
    (one,) = SourceModule(text, ast.parse(text), "-", _EVERYTHING).statements
    (function,) = one.scopes.root.children
    assert function.local_names == {"x", "z"}


@pytest.mark.parametrize(
    "text", ["f(a, (\n b))\n", "f(\n  key\n  =\n  a)\n", "f(*\na)\n", "f((\n 1, 2))\n", "f((x for x in\n y))\n"]
)
def test_lines_of_arguments(text: str) -> None:
    lines = []
    for needed in (None, _EVERYTHING):
        (one,) = SourceModule(text, ast.parse(text), "-", needed).statements
        call = one.tree.body[0].body[0].value  # type: ignore[union-attr]
        assert isinstance(call, cst.Call)
        lines.append([one.line(argument) for argument in call.args])
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("import attr\n@attr.define\nclass A: x: int = 1; y: list = []\n", [(3, 31)]),
        ("import attr\n@attr.define\nclass A:\n    x = 1; y: list = []; z: dict = {}\n", [(4, 21), (4, 35)]),
        ("class A:\n    def f(self):\n        return self.partial(x=[])\n", []),
        ("def f(x=[]):\n    return [lambda: z\n            for z in x]\n", [(1, 8), (2, 20)]),
    ],
)
def test_statements_that_share_a_line(text: str, places: list[tuple[int, int]]) -> None:
    """Reports are made from other nodes than fixes, but say the same."""
    linter, tree = Linter(), ast.parse(text)
    reported = linter.reports(text, tree, "-")
    assert reported == linter.findings(text, tree, "-")
    assert [(finding.line, finding.column) for finding in reported] == places


def test_long_chains_of_calls() -> None:
    """Each object is evaluated once, rather than twice as often as the call around it."""
    text = f"def f(x=[]):\n    y = x{'.a()' * 100}\n    x.append(y)\n    return x\n"
    (found,) = Linter().reports(text, ast.parse(text), "-")
    assert found.code == "PIT201"


@pytest.mark.parametrize("inside", ["f(key=1)", "x[1:2]", "(lambda a, *b: a)", "f(\n  key=1)"])
def test_strings_in_strings(inside: str) -> None:
    """Before Python 3.12, ``ast`` has wrong places for what is in them: for arguments and parameters too."""
    text = "x = f'''{f\"\"\"{INSIDE}\n\"\"\"} '''\n".replace("INSIDE", inside)
    _, placed = same(text)
    if sys.version_info < (3, 12):
        assert placed == 3  # The statement, its target and its value.


def test_where_blocks_end() -> None:
    """In ``ast`` behind the semicolon of the last statement, which LibCST doesn't count."""
    text = "def f():\n    if x: return 1;\n"
    (one,) = SourceModule(text, ast.parse(text), "-", _EVERYTHING).statements
    made = one.tree.body[0]
    assert isinstance(made, cst.FunctionDef)
    with pytest.raises(LayoutNeeded):
        one.span(made)


def test_a_node_without_a_place_says_so() -> None:
    text = "class A:\n    pass\n"
    (one,) = SourceModule(text, ast.parse(text), "-", _EVERYTHING).statements
    made = one.tree.body[0]
    assert isinstance(made, cst.ClassDef)
    with pytest.raises(LayoutNeeded):
        one.span(made.name)
    with pytest.raises(AttributeError):
        print(made.leading_lines)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("''", True),
        ('"""a"b"""', True),
        ("'a' 'b'", False),
        ("'a' \"'\"", False),
        ("'''a''' '''b'''", False),
        (r"'it\'s'", True),
        (r"'\\' 'b'", False),
        ("''''a'''", True),
        ("\"\" \"b\"", False),
        ("Rb'a'", True),
        ("'a'\n  b'c'", False),
    ],
)  # fmt: skip
def test_literals(text: str, is_one: bool) -> None:
    assert is_one_literal(text) is is_one


@pytest.mark.parametrize("part", range(3))
def test_programs(part: int) -> None:
    count = 0
    for path in PROGRAMS[part::12]:
        try:
            with tokenize.open(path) as file, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                count += same(file.read())[0]
        except (SyntaxError, LayoutNeeded):
            continue
    assert count > 5_000


@pytest.mark.parametrize("name", ["inspect.py", "asyncio/tasks.py", "typing.py"])
def test_the_standard_library(name: str) -> None:
    path = Path(sysconfig.get_path("stdlib")) / name
    if not path.exists():
        pytest.skip("this Python has no such file")
    with tokenize.open(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = file.read()
        count, placed = same(text)
    assert placed > count / 2

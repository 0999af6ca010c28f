"""Tests of the fixes of ``__metaclass__``; the programs are in fixtures/metaclass."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

from flake8_pitfalls.fixes.apply import Outcome, Why, fix_text
from flake8_pitfalls.fixes.verify import comments_of
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.rules.finding import Finding
from tests.fixtures import detect_programs, fix_programs, fixed, name_of, output, wrongly_fixed
from tests.support import flake8, pitfalls, write

PROGRAMS = list(dict.fromkeys([*detect_programs("metaclass"), *fix_programs("metaclass")]))
FIXED = [program for program in PROGRAMS if fixed(program) != program]
PARTLY = [program for program in FIXED if fixed(program, unsafe=False) not in (program, fixed(program))]


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_files_are_fixed_as_expected(tmp_path: Path, unsafe: bool) -> None:
    assert wrongly_fixed(PROGRAMS, tmp_path, unsafe=unsafe) == ""


def test_the_programs_cover_every_kind_of_fix() -> None:
    kinds = Counter((fixed(program, unsafe=False) != program, fixed(program) != program) for program in PROGRAMS)
    assert set(kinds) == {(False, False), (False, True), (True, True)}
    assert min(kinds.values()) > 20
    assert PARTLY


@pytest.mark.parametrize("program", FIXED, ids=name_of)
def test_fixed_programs_do_what_is_meant(program: Path) -> None:
    assert output(fixed(program)) == program.with_suffix(".out").read_text("utf-8")


SAFELY = [program for program in FIXED if fixed(program, unsafe=False) != program]


@pytest.mark.parametrize("program", SAFELY, ids=name_of)
def test_safe_fixes_change_nothing_that_a_program_does(program: Path) -> None:
    safely = output(fixed(program, unsafe=False))
    if b"_pyio" in program.read_bytes():
        assert safely == program.with_suffix(".out").read_text("utf-8")
    else:
        assert safely == output(program)


# -- one text for each row of the tables ---------------------------------------------------------------------------


def findings(text: str, filename: str = "a.py") -> list[Finding]:
    found = Linter(Options(target_version=(3, 10)), frozenset({"PIT305"})).findings(text, ast.parse(text), filename)
    return [finding for finding in found if finding.code.startswith("PIT3")]


def fix(text: str, *, unsafe: bool = True, filename: str = "a.py", leave: frozenset[str] = frozenset()) -> Outcome:
    """Fix all findings but those with some codes; check what always has to hold."""
    wanted = [(finding.code, finding.line, finding.column) for finding in findings(text, filename)]
    wanted = [place for place in wanted if place[0] not in leave]
    assert wanted
    outcome = fix_text(text, wanted, lambda text: findings(text, filename), unsafe=unsafe)
    assert {left.why for left in outcome.left} <= {Why.REFUSED, Why.HIDDEN}
    compile(outcome.text, filename, "exec")
    again = [(finding.code, finding.line, finding.column) for finding in findings(outcome.text, filename)]
    again = [place for place in again if place[0] not in leave]
    assert fix_text(outcome.text, again, lambda text: findings(text, filename), unsafe=unsafe).text == outcome.text
    return outcome


def changed(before: str, *, unsafe: bool = True) -> str:
    """The fixed text, in which no comment may be missing."""
    outcome = fix(before, unsafe=unsafe)
    assert outcome.left == []
    lost = Counter(comment.text for comment in comments_of(before)) - Counter(
        comment.text for comment in comments_of(outcome.text)
    )
    assert not lost
    return outcome.text


def reason(text: str) -> str:
    """Why the only finding isn't fixed."""
    outcome = fix(text)
    assert outcome.text == text
    (left,) = outcome.left
    return left.reason


def in_class(body: str, header: str = "class C:") -> str:
    return f"{header}\n{indent(body, '    ')}\n"


HEADERS = {
    "class C:": "class C(metaclass=M):",
    "class C :": "class C(metaclass=M) :",
    "class C():": "class C(metaclass=M):",
    "class C( ):": "class C(metaclass=M):",
    "class C ():": "class C (metaclass=M):",
    "class C(A):": "class C(A, metaclass=M):",
    "class C (A):": "class C (A, metaclass=M):",
    "class C( A ):": "class C( A, metaclass=M ):",
    "class C(A,):": "class C(A, metaclass=M):",
    "class C(A, object,):": "class C(A, object, metaclass=M):",
    "class C(A, ):": "class C(A, metaclass=M):",
    "class C((A)):": "class C((A), metaclass=M):",
    "class C(A[int, str]):": "class C(A[int, str], metaclass=M):",
    "class C(A(), b(')')):": "class C(A(), b(')'), metaclass=M):",
    "class C(A if A else (lambda: B)()):": "class C(A if A else (lambda: B)(), metaclass=M):",
    "class C(*A):": "class C(*A, metaclass=M):",
    "class C(A, x=1):": "class C(A, x=1, metaclass=M):",
    "class C(x=1, y=(2)):": "class C(x=1, y=(2), metaclass=M):",
    "class C(A):  # why": "class C(A, metaclass=M):  # why",
    "class C(A): # (why:": "class C(A, metaclass=M): # (why:",
    "class C \\\n        (A):": "class C \\\n        (A, metaclass=M):",
    "class C(A) \\\n        :": "class C(A, metaclass=M) \\\n        :",
    "class C(A, \\\n        B):": "class C(A, \\\n        B,\n        metaclass=M):",
    "class C(A,\n        B):": "class C(A,\n        B,\n        metaclass=M):",
    "class C(\n    A,\n):": "class C(\n    A,\n    metaclass=M,\n):",
    "class C(\n    A\n):": "class C(\n    A,\n    metaclass=M\n):",
    "class C(\n    A,\n    B,\n):": "class C(\n    A,\n    B,\n    metaclass=M,\n):",
    "class C(\n    A,  # one\n    B  # two, and (\n):": (
        "class C(\n    A,  # one\n    B,  # two, and (\n    metaclass=M\n):"
    ),
    "class C(\n    A,  # one\n    B,  # two\n):": "class C(\n    A,  # one\n    B,  # two\n    metaclass=M,\n):",
    "class C(\n    A,\n    x=1,\n):": "class C(\n    A,\n    x=1,\n    metaclass=M,\n):",
    "class C(\n        A,\n        ):": "class C(\n        A,\n        metaclass=M,\n        ):",
    "class C(\n\tA,\n):": "class C(\n\tA,\n\tmetaclass=M,\n):",
    "@deco(1)\nclass C(A):": "@deco(1)\nclass C(A, metaclass=M):",
    "@deco(':')\n# why\nclass C:": "@deco(':')\n# why\nclass C(metaclass=M):",
}


@pytest.mark.parametrize(("before", "after"), HEADERS.items())
def test_headers(before: str, after: str) -> None:
    assert changed(f"{before}\n    __metaclass__ = M\n    x = 1\n") == f"{after}\n    x = 1\n"
    nested = indent(f"{before}\n    __metaclass__ = M\n    x = 1\n", "    ")
    if "\\" not in before:
        assert changed(f"def f():\n{nested}") == f"def f():\n{indent(after, '    ')}\n        x = 1\n"


ODD_HEADERS = [
    "class C(\n):",
    "class C(  # why\n):",
    "class C(\n    # why\n):",
    "class C(A,  # why\n        ):",
    "class C(A  # why\n        , B):",
    "class C(A\n        # why\n        ):",
    "class C(\n    # first\n    A,\n    # last\n):",
    "class C(\n    # first\n    A\n    # last\n):",
    "class C(A,\n    # why )\n    ):",
    "class C(\n    A, B,\n    D, E\n):",
    "class C(\n    A(\n        1,\n    )\n):",
    "class C(\n    A\n    ,\n    B\n    ,\n):",
    "class C(A, x='''\n)''',\n  ):",
]


@pytest.mark.parametrize("header", ODD_HEADERS)
def test_odd_headers_get_the_keyword_as_well(header: str) -> None:
    """Where exactly is a matter of taste."""
    text = changed(f"{header}\n    __metaclass__ = M\n    x = 1\n")
    (expected,) = ast.parse(f"{header}\n    x = 1\n").body
    assert isinstance(expected, ast.ClassDef)
    expected.keywords.append(ast.keyword("metaclass", ast.Name("M", ast.Load())))
    (found,) = ast.parse(text).body
    assert ast.dump(found) == ast.dump(expected)


VALUES = {
    "M": "M",
    "lib.M": "lib.M",
    "(M)": "(M)",
    "make(a, b=1)": "make(a, b=1)",
    "M if A else N": "M if A else N",
    "lambda n, b, ns: type(n, b, ns)": "lambda n, b, ns: type(n, b, ns)",
    "A or B": "A or B",
    "M['a']": "M['a']",
    "make('#', ';', ')')": "make('#', ';', ')')",
    "\\\n        M": "M",
    "lib. \\\n        M": "lib. M",
    "(  # which\n        M)": "(  # which\n        M)",
    "make(\n        1,  # one\n    )": "make(\n        1,  # one\n    )",
    "make('''\n  text\n''')": "make('''\n  text\n''')",
    "make('a \\\n   b')": "make('a \\\n   b')",
}


@pytest.mark.parametrize(("before", "after"), VALUES.items())
def test_values(before: str, after: str) -> None:
    text = changed(f"class C(A):\n    __metaclass__ = {before}\n    x = 1\n")
    assert text == f"class C(A, metaclass={after}):\n    x = 1\n"


STATEMENTS = {
    "__metaclass__ = M\nx = 1": "x = 1",
    "__metaclass__ = M;\nx = 1": "x = 1",
    "__metaclass__: type = M\nx = 1": "x = 1",
    "(__metaclass__) = M\nx = 1": "x = 1",
    "x = 1\n__metaclass__ = M": "x = 1",
    "x = 1\n__metaclass__ = M\ny = 1": "x = 1\ny = 1",
    # Blank lines.
    "__metaclass__ = M\n\n\nx = 1": "x = 1",
    "\n__metaclass__ = M\n\nx = 1": "\nx = 1",
    "'doc'\n__metaclass__ = M\n\nx = 1": "'doc'\n\nx = 1",
    "'doc'\n\n__metaclass__ = M\n\nx = 1": "'doc'\n\nx = 1",
    "x = 1\n\n__metaclass__ = M\ny = 1": "x = 1\n\ny = 1",
    "x = 1\n\n__metaclass__ = M\n\n\ny = 1": "x = 1\n\n\ny = 1",
    "x = 1\n\n\n__metaclass__ = M\n\ny = 1": "x = 1\n\n\ny = 1",
    # Lines that it shares.
    "__metaclass__ = M; x = 1": "x = 1",
    "x = 1; __metaclass__ = M": "x = 1",
    "x = 1; __metaclass__ = M;": "x = 1;",
    "x = 1; __metaclass__ = M; y = 1": "x = 1; y = 1",
    "x = ';'; __metaclass__ = M  # ; why": "x = ';'  # ; why",
    "__metaclass__ = M; x = 1  # why": "x = 1  # why",
    # Chains.
    "a = __metaclass__ = M": "a = M",
    "__metaclass__ = a = M": "a = M",
    "a = __metaclass__ = b = M  # why": "a = b = M  # why",
    "a = __metaclass__ = \\\n    M": "a = M",
    # Nothing is left.
    "__metaclass__ = M": "pass",
    "__metaclass__ = M;": "pass",
    "# above\n__metaclass__ = M\n# below": "# above\npass\n# below",
    "'doc'\n__metaclass__ = M": "'doc'",
    # What would become the docstring.
    "__metaclass__ = M\n'text'": "pass\n'text'",
    "__metaclass__ = M\n\n'''text'''\nx = 1": "pass\n\n'''text'''\nx = 1",
    "__metaclass__ = M; 'text'": "pass; 'text'",
    "__metaclass__ = M\nu'te' r'xt'": "pass\nu'te' r'xt'",
    "__metaclass__ = M\nb'text'": "b'text'",
    "__metaclass__ = M\nx = 'text'": "x = 'text'",
    "'doc'\n__metaclass__ = M\n'text'": "'doc'\n'text'",
    "__metaclass__ = M\n# why\n'text'": "pass\n# why\n'text'",
    # Bound twice.
    "__metaclass__ = A\nx = 1\n__metaclass__ = M": "x = 1",
    "__metaclass__ = A\n__metaclass__ = M": "pass",
    "__metaclass__ = A\n__metaclass__ = M\n'text'": "pass\n'text'",
    # Comments.
    "# above\n__metaclass__ = M\n# below\nx = 1": "# above\n# below\nx = 1",
    "# above\n\n__metaclass__ = M\n\n# below\nx = 1": "# above\n\n# below\nx = 1",
}


@pytest.mark.parametrize(("before", "after"), STATEMENTS.items())
def test_statements(before: str, after: str) -> None:
    start = "from lib import M\n"
    text = changed(f"{start}{in_class(before)}\n\nx = 1\n")
    assert text == f"{start}{in_class(after, 'class C(metaclass=M):')}\n\nx = 1\n"
    # The same without a header to write.
    useless = before.replace("= M", "= type").replace("= A", "= type").replace("\\\n    M", "\\\n    type")
    text = changed(f"{in_class(useless)}\n\nx = 1\n", unsafe=False)
    assert text == f"{in_class(after.replace('= M', '= type'))}\n\nx = 1\n"


def test_one_line_bodies() -> None:
    assert changed("class C: __metaclass__ = M\n") == "class C(metaclass=M): pass\n"
    assert changed("class C: __metaclass__ = M;  # why\n") == "class C(metaclass=M): pass  # why\n"
    assert changed("class C(A): x = 1; __metaclass__ = M\n") == "class C(A, metaclass=M): x = 1\n"
    assert changed("class C: __metaclass__ = type  # why\n", unsafe=False) == "class C: pass  # why\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("class C:\n    __metaclass__ = M  # why\n    x = 1\n", "class C(metaclass=M):  # why\n    x = 1\n"),
        ("class C:\n    __metaclass__ = M  # why\n", "class C(metaclass=M):  # why\n    pass\n"),
        (
            "class C:  # what\n    __metaclass__ = M  # why\n    x = 1\n",
            "class C(metaclass=M):  # what\n    # why\n    x = 1\n",
        ),
        (
            "class C:  # what\n    __metaclass__ = M  # why\n",
            "class C(metaclass=M):  # what\n    # why\n    pass\n",
        ),
        (
            f"class C:\n    __metaclass__ = M  # {'why ' * 20}\n    x = 1\n",
            f"class C(metaclass=M):\n    # {'why ' * 20}\n    x = 1\n".replace("why \n", "why\n"),
        ),
        (
            "class C(\n    A,\n):\n    __metaclass__ = M  # why\n    x = 1\n",
            "class C(\n    A,\n    metaclass=M,\n):  # why\n    x = 1\n",
        ),
        ("class C:\n    __metaclass__ = M; x = 1  # why\n", "class C(metaclass=M):\n    x = 1  # why\n"),
        ("class C:\n    __metaclass__ = type  # why\n    x = 1\n", "class C:  # why\n    x = 1\n"),
    ],
)
def test_comments_behind_the_statement(before: str, after: str) -> None:
    before = before.replace("why \n", "why\n")
    assert changed(before) == after


def test_the_longest_line_decides_where_a_comment_goes(tmp_path: Path) -> None:
    text = f"class C:\n    __metaclass__ = M  # {'x' * 60}\n    x = 1\n"
    for options, header in (
        ([], "class C(metaclass=M):\n    # "),
        (["--max-line-length=99"], "class C(metaclass=M):  # "),
    ):
        write(tmp_path / "a.py", text)
        pitfalls("--isolated", "--fix", "--unsafe-fixes", "--select=PIT", *options, "a.py", cwd=tmp_path)
        assert (tmp_path / "a.py").read_text() == f"{header}{'x' * 60}\n    x = 1\n"


PRAGMAS = {
    "# noqa: F821": "",
    "# type: ignore": "",
    "# type: ignore[misc]": "",
    "# pylint: disable=invalid-name": "",
    "# pragma: no cover": "",
    "# nosec": "",
    "# mypy: ignore-errors": "",
    "# fmt: skip": "",
    "# isort: skip": "",
    "# noqa: F821  # why": "  # why",
    "# type: ignore  # why": "  # why",
    "# why  # noqa: F821": "  # why",
    "# noqa: F821 since people ask": "  # noqa: F821 since people ask",
}


@pytest.mark.parametrize(("before", "after"), PRAGMAS.items())
def test_comments_for_tools_go_with_the_statement(before: str, after: str) -> None:
    outcome = fix(f"class C:\n    __metaclass__ = M  {before}\n    x = 1\n")
    assert outcome.text == f"class C(metaclass=M):{after}\n    x = 1\n"
    outcome = fix(f"x = 1\n__metaclass__ = type  {before}\n", unsafe=False)
    assert outcome.text == f"x = 1\n{after.strip()}\n".replace("\n\n", "\n")


# -- refusals ------------------------------------------------------------------------------------------------------

NOT_ORDINARY = "it isn't bound by an ordinary assignment in the class body; write the class header by hand"
NOT_HOLDABLE = "its value is not one that a class header can hold"

REFUSED = [
    ("class C(metaclass=A):\n    __metaclass__ = B\n", "the class has the metaclass A already"),
    ("class C:\n    if ok:\n        __metaclass__ = M\n", NOT_ORDINARY),
    ("class C:\n    __metaclass__, x = M, 1\n", NOT_ORDINARY),
    ("class C:\n    import abc as __metaclass__\n", NOT_ORDINARY),
    ("class C:\n    class __metaclass__(type): pass\n", NOT_ORDINARY),
    ("class C:\n    def __metaclass__(a, b, c): return type(a, b, c)\n", NOT_ORDINARY),
    ("class C:\n    locals()['__metaclass__'] = M\n", NOT_ORDINARY),
    ("class C:\n    __metaclass__ = A\n    __metaclass__ += B\n", NOT_ORDINARY),
    ("class C:\n    for __metaclass__ in A: pass\n", NOT_ORDINARY),
    ("class C:\n    __metaclass__ = A; __metaclass__ = M\n", "two of its bindings share a line"),
    ("class C:\n    __metaclass__ = M,\n", "its value is no metaclass"),
    ("class C:\n    __metaclass__ = (y := M)\n", NOT_HOLDABLE),
    ("class C:\n    A = 1\n    __metaclass__ = A\n", "its value uses A, which the class body binds"),
    ("class C:\n    __metaclass__ = A\n    A = 1\n", "its value uses A, which the class body binds"),
    ("class C:\n    __metaclass__ = make(1, [A])\n    import A\n", "its value uses A, which the class body binds"),
    ("class C:\n    def m(): pass\n    __metaclass__ = m()\n", "its value uses m, which the class body binds"),
    ("class C:\n    __metaclass__ = __M\n", "its value uses __M, which Python mangles in the class body"),
    ("class C:\n    __metaclass__ = make(__module__)\n", "its value uses __module__"),
    ("class C:\n    __metaclass__ = make(__qualname__)\n", "its value uses __qualname__"),
    ("class C:\n    __metaclass__ = make(locals())\n", "its value uses locals"),
    ("class C(**kw):\n    __metaclass__ = M\n", "the keywords of the header aren't known"),
    ("from enum import Enum\nclass C(Enum):\n    __metaclass__ = M\n", ""),
    ("import enum\nfrom abc import ABCMeta\nclass C(enum.IntFlag):\n    __metaclass__ = ABCMeta\n", ""),
    ("import typing\nfrom abc import ABCMeta\nclass C(typing.NamedTuple):\n    __metaclass__ = ABCMeta\n", ""),
    ("import typing\nfrom abc import ABCMeta\nclass C(typing.TypedDict):\n    __metaclass__ = ABCMeta\n", ""),
    ("import ctypes\nfrom abc import ABCMeta\nclass C(ctypes.Structure):\n    __metaclass__ = ABCMeta\n", ""),
    ("import ctypes\nfrom abc import ABCMeta\nclass C(ctypes.Union):\n    __metaclass__ = ABCMeta\n", ""),
    ("from PyQt5.QtCore import QObject\nfrom abc import ABCMeta\nclass C(QObject):\n    __metaclass__ = ABCMeta\n", ""),
    (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    __metaclass__: type = M\n",
        "the annotation may make it a field",
    ),
    (
        "import attr\n@attr.s(auto_attribs=True)\nclass C:\n    __metaclass__: type = M\n",
        "the annotation may make it a field",
    ),
    ("import attrs\n@attrs.define\nclass C:\n    __metaclass__: type = type\n", "the annotation may make it a field"),
    ("@apply_metaclass\nclass C:\n    __metaclass__ = M\n", "the decorator 'apply_metaclass' may read it"),
    ("@lib.metaclass_of\nclass C:\n    __metaclass__ = type\n", "the decorator 'metaclass_of' may read it"),
    (
        "class M(type):\n    def __new__(mcs, n, b, ns): return type.__new__(mcs, n, b, ns)\n"
        "class C(x=1):\n    __metaclass__ = M\n",
        "M.__new__ doesn't take the class keyword 'x'",
    ),
    (
        "class M(type):\n    def __init__(cls, n, b, ns): pass\nclass N(M): pass\n"
        "class C(x=1):\n    __metaclass__ = N\n",
        "__init__ doesn't take the class keyword 'x'",
    ),
    (
        "class M(type): pass\nclass O:\n    class M: pass\n    class C:\n        __metaclass__ = M\n",
        "M",
    ),
    # Somebody reads it.
    (
        "class C:\n    __metaclass__ = M\n    def f(self): return self.__metaclass__\n",
        "__metaclass__ is read on line 3",
    ),
    ("class C:\n    __metaclass__ = M\nC.__metaclass__\n", "__metaclass__ is read on line 3"),
    ("class C:\n    __metaclass__ = M\n    x = __metaclass__\n", "__metaclass__ is read on line 3"),
    ("class C:\n    __metaclass__ = type\ngetattr(C, '__metaclass__')\n", "__metaclass__ is read on line 3"),
    ("def f(ns): ns.pop('__metaclass__')\nclass C:\n    __metaclass__ = M\n", "__metaclass__ is read on line 1"),
    ("def f(ns): return '__metaclass__' in ns\nclass C:\n    __metaclass__ = M\n", "__metaclass__ is read on line 1"),
    ("def f(ns): return ns['__metaclass__']\nclass C:\n    __metaclass__ = M\n", "__metaclass__ is read on line 1"),
    ("def f(k): return k in ('a', '__metaclass__')\nclass C:\n    __metaclass__ = M\n", "is read on line 1"),
    ("def f(x): return hasattr(x, '__metaclass__')\n__metaclass__ = type\n", "__metaclass__ is read on line 1"),
    ("__metaclass__ = type\nprint(__metaclass__)\n", "__metaclass__ is read on line 2"),
    (
        "__metaclass__ = type\ndel __metaclass__\n",
        "__metaclass__ is declared global or nonlocal, or deleted, on line 2",
    ),
    ("__metaclass__ = type\ndef f():\n    global __metaclass__\n", "__metaclass__ is declared global"),
    ("__all__ = ['f', '__metaclass__']\n__metaclass__ = type\n", "__metaclass__"),
    ("__all__ = []\n__all__ += ['__metaclass__']\n__metaclass__ = type\n", "__metaclass__"),
    ("__all__: list[str] = ['__metaclass__']\n__metaclass__ = type\n", "__metaclass__"),
    ("__all__ = []\n__all__.append('__metaclass__')\n__metaclass__ = type\n", "__metaclass__"),
    # Module variables.
    ("from lib import __metaclass__\n", "it is bound conditionally"),
    ("if ok:\n    __metaclass__ = M\n", "it is bound conditionally"),
    ("def __metaclass__(a, b, c): return type(a, b, c)\n", "it is bound conditionally"),
    ("globals()['__metaclass__'] = M\n", "it is bound conditionally"),
    ("__metaclass__ = make()\nclass C: pass\n", "its value is made by an expression"),
    ("from lib import M\n__metaclass__ = M\nclass C: pass\nM = 1\n", "'M' doesn't always mean the same"),
    (
        "from lib import M\n__metaclass__ = M\ndef f(M):\n    class C: pass\n",
        "'M' means something else where class 'C'",
    ),
    ("from lib import M\n__metaclass__ = M\nclass D(A):\n    M = 1\n    class C: pass\n", "'M' means something else"),
    ("from lib import __M\n__metaclass__ = __M\nclass D(A):\n    class C: pass\n", "__M"),
    # PIT304.
    ("class C: pass\nC.__metaclass__ = M\n", "move it to the header"),
    ("class C: pass\nsetattr(C, '__metaclass__', M)\n", "move it to the header"),
    ("type('C', (), {'__metaclass__': M})\n", "call the metaclass by hand"),
    ("class C: pass\nhasattr(C, '__metaclass__')\n", "what the test is for can't be told"),
    ("class C: pass\ndef f(type): return C.__metaclass__\n", "'type' means something else here"),
    # PIT305.
    ("import six\nclass C(six.with_metaclass(M, A), B): pass\n", "decide which it shall have"),
    ("import six\nclass C(B, six.with_metaclass(M, A)): pass\n", "decide which it shall have"),
    ("import six\nclass C(six.with_metaclass(*A)): pass\n", "which argument is the metaclass can't be told"),
    ("import six\nclass C(six.with_metaclass(meta=M)): pass\n", "which argument is the metaclass can't be told"),
    ("import six\nclass C(six.with_metaclass(M), x=1): pass\n", "the class has keywords"),
    ("import six\n@six.add_metaclass(*A)\nclass C: pass\n", "which argument is the metaclass can't be told"),
    ("import six\n@six.add_metaclass(M)\nclass C(metaclass=N): pass\n", "more than one metaclass"),
    ("import six\n@six.add_metaclass(M)\n@deco\nclass C: pass\n", "the decorators below it"),
    ("import six\n@six.add_metaclass(M)\nclass C(x=1): pass\n", "the keywords of the class would go to the metaclass"),
    ("import six\n@six.add_metaclass(\n    M  # why\n)\nclass C: pass\n", "comments inside the call"),
    ("class C(\n    metaclass=type,  # why\n): pass\n", "a comment inside the header"),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED)
def test_refusals(text: str, expected: str) -> None:
    assert expected in reason(text)


@pytest.mark.parametrize("code", ["noqa", "noqa: PIT301", "noqa: PIT3", "noqa: UP001", "noqa: E501, UP001"])
def test_noqa_says_that_it_is_meant(code: str) -> None:
    assert reason(f"class C:\n    __metaclass__ = M  # {code}\n") == "a noqa comment says that the attribute is meant"
    assert reason(f"__metaclass__ = type  # {code}\n") == "a noqa comment says that the attribute is meant"


def test_pylint_comments_say_that_it_is_meant() -> None:
    expected = "a pylint comment says that the attribute is meant"
    assert reason("class C:\n    __metaclass__ = M  # pylint: disable=metaclass-assignment\n") == expected
    assert reason("class C:\n    # pylint: disable-next=W1623\n    __metaclass__ = M\n") == expected


CONFLICTS = [
    ("class A(type): pass\nclass B(type): pass\n", "class X(metaclass=A): pass\nclass C(X):\n    __metaclass__ = B\n"),
    ("class A(type): pass\n", "import abc\nclass C(abc.ABC):\n    __metaclass__ = A\n"),
    ("class A(type): pass\n", "class C:\n    __metaclass__ = A\nfrom enum import Enum\nclass D(C, Enum): pass\n"),
    (
        "class A(type): pass\nclass B(type): pass\n",
        "class X(metaclass=A): pass\n__metaclass__ = B\nclass C: pass\nclass D(C, X): pass\n",
    ),
]


@pytest.mark.parametrize(("metas", "classes"), CONFLICTS)
def test_metaclass_conflicts(metas: str, classes: str) -> None:
    assert "would have two metaclasses of which neither derives from the other" in reason(metas + classes)


@pytest.mark.parametrize(
    ("metas", "header"),
    [
        ("class A(type): pass\nclass M(A): pass\nclass X(metaclass=A): pass\n", "class C(X"),
        ("import abc\nclass A(abc.ABCMeta): pass\nclass M(A): pass\n", "class C(abc.ABC"),
        ("from enum import Enum, EnumMeta\nclass M(EnumMeta): pass\n", "class C(Enum"),
        ("class A(type): pass\nclass B(type): pass\nclass M(A, B): pass\nclass X(metaclass=B): pass\n", "class C(X"),
    ],
)
def test_metaclasses_that_derive_from_the_one_of_the_base(metas: str, header: str) -> None:
    before, after = f"{metas}{header}):\n    __metaclass__ = M\n", f"{metas}{header}, metaclass=M):\n    pass\n"
    assert changed(before) == after
    exec(after, {"__name__": "a"})


# -- safe and unsafe -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "class C:\n    __metaclass__ = M\n",
        "from abc import ABCMeta\nclass C(object):\n    __metaclass__ = ABCMeta\n",
        "from lib import M\n__metaclass__ = M\nclass C: pass\n",
        "class C: pass\nprint(C.__metaclass__)\n",
        "import six\n@six.add_metaclass(M)\nclass C(lib.Base): pass\n",
        "import six\nimport abc\n@six.add_metaclass(abc.ABCMeta)\nclass C(object):\n    def f(self): super().f()\n",
        "import six\nimport abc\n@six.add_metaclass(abc.ABCMeta)\nclass C(object):\n    def f(self): __class__\n",
        "import six\nclass M(type):\n    @classmethod\n    def __prepare__(mcs, n, b): return {}\n"
        "@six.add_metaclass(M)\nclass C: pass\n",
        "import six\nclass B:\n    def __init_subclass__(cls): print(cls)\nclass M(type): pass\n"
        "@six.add_metaclass(M)\nclass C(B): pass\n",
        "import six\nclass M(type):\n    def __init__(cls, n, b, ns): print(n)\nclass B(metaclass=M): pass\n"
        "@six.add_metaclass(M)\nclass C(B): pass\n",
    ],
)
def test_what_changes_the_program_is_unsafe(text: str) -> None:
    hidden = fix(text, unsafe=False)
    assert hidden.text == text
    assert [left.why for left in hidden.left] == [Why.HIDDEN]
    assert hidden.left[0].reason.startswith("the fix is unsafe: ")
    outcome = fix(text)
    assert outcome.text != text
    assert (outcome.safe, outcome.unsafe, outcome.left) == (0, 1, [])


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("class C:\n    __metaclass__ = M\n", "M starts to create class 'C' and its subclasses"),
        ("class C(lib.B):\n    __metaclass__ = M\n", "a metaclass conflict if lib.B has another metaclass"),
        ("class C(x=1):\n    __metaclass__ = M\n", "it gets the other keywords of the class"),
        ("from lib import M\n__metaclass__ = M\nclass C: pass\nclass D: pass\n", "M starts to create 2 classes"),
    ],
)
def test_notes(text: str, note: str) -> None:
    (left,) = fix(text, unsafe=False).left
    assert note in left.reason


SAFE = [
    ("class C:\n    __metaclass__ = type\n", "class C:\n    pass\n"),
    (
        "import abc\nclass C(abc.ABC):\n    __metaclass__ = abc.ABCMeta\n    x = 1\n",
        "import abc\nclass C(abc.ABC):\n    x = 1\n",
    ),
    ("class C(metaclass=M):\n    __metaclass__ = M\n", "class C(metaclass=M):\n    pass\n"),
    ("import six\nclass C(six.with_metaclass(M, A)): pass\n", "class C(A, metaclass=M): pass\n"),
    ("class C(metaclass=type): pass\n", "class C: pass\n"),
    ("class C(A, metaclass=type): pass\n", "class C(A): pass\n"),
    ("class C(metaclass=type, x=1): pass\n", "class C(x=1): pass\n"),
    ("class C(A, metaclass=type, x=1): pass\n", "class C(A, x=1): pass\n"),
    ("class C(\n    A,\n    metaclass=type,\n): pass\n", "class C(\n    A,\n): pass\n"),
    (
        "import six, abc\n@six.add_metaclass(abc.ABCMeta)\nclass C(object): pass\n",
        "import abc\nclass C(object, metaclass=abc.ABCMeta): pass\n",
    ),
    (
        "import six\nclass L(type): pass\nclass M(L): pass\n@six.add_metaclass(M)\nclass C: pass\n",
        "class L(type): pass\nclass M(L): pass\nclass C(metaclass=M): pass\n",
    ),
]


@pytest.mark.parametrize(("before", "after"), SAFE)
def test_safe_fixes(before: str, after: str) -> None:
    assert changed(before, unsafe=False) == after


# -- a module ------------------------------------------------------------------------------------------------------

AT_MODULE_LEVEL = {
    "__metaclass__ = type\n\nimport os\n": "import os\n",
    "'''doc'''\n\n__metaclass__ = type\n\nimport os\n": "'''doc'''\n\nimport os\n",
    "'''doc'''\n__metaclass__ = type\n'''text'''\n": "'''doc'''\n'''text'''\n",
    "__metaclass__ = type\n'''text'''\n": "pass\n'''text'''\n",
    "# coding: utf-8\n__metaclass__ = type\nx = 1\n": "# coding: utf-8\nx = 1\n",
    "import os\n\n__metaclass__ = type\n\n\nclass C: pass\n": "import os\n\n\nclass C: pass\n",
    "import os\n__metaclass__ = type  # why\nx = 1\n": "import os\n# why\nx = 1\n",
    "x = 1; __metaclass__ = type\n": "x = 1\n",
    "__metaclass__ = type; x = 1\n": "x = 1\n",
    "from __future__ import division; __metaclass__ = type\n": "from __future__ import division\n",
    "x = __metaclass__ = type\n": "x = type\n",
    "if ok:\n    __metaclass__ = type\n": "if ok:\n    pass\n",
    "if ok: __metaclass__ = type\n": "if ok: pass\n",
    "try:\n    __metaclass__ = type\nexcept E:\n    x = 1\n": "try:\n    pass\nexcept E:\n    x = 1\n",
    "if ok:\n    __metaclass__ = type\n    'text'\n": "if ok:\n    'text'\n",
    "from lib import M\n__metaclass__ = M\nclass C(A): pass\n": "from lib import M\nclass C(A): pass\n",
    "from _pyio import __metaclass__\nx = 1\n": "x = 1\n",
    "from _pyio import open, __metaclass__\n": "from _pyio import open\n",
    "from _pyio import __metaclass__, open\n": "from _pyio import open\n",
    "from _pyio import (\n    open,\n    __metaclass__,\n)\n": "from _pyio import (\n    open,\n)\n",
    "from _pyio import (\n    __metaclass__,  # why\n    open,\n)\n": "from _pyio import (\n    # why\n    open,\n)\n",
    "if ok:\n    from _pyio import __metaclass__\n": "if ok:\n    from _pyio import __metaclass__\n",
}


@pytest.mark.parametrize(("before", "after"), AT_MODULE_LEVEL.items())
def test_module_variables_are_deleted(before: str, after: str) -> None:
    outcome = fix(before, unsafe=False)
    assert outcome.text == after
    assert [comment.text for comment in comments_of(before)] == [comment.text for comment in comments_of(after)]


def test_module_variables_are_distributed() -> None:
    before = (
        "from lib import M\n\nclass Before: pass\n\n__metaclass__ = M  # why\n\nclass A:\n    class B(): pass\n"
        "class C(object):\n    class D: pass\ndef f():\n    class E: pass\n    return E\nclass F(E): pass\n"
        "class G:  # what\n    __metaclass__ = type\nif ok:\n    class H: pass\n"
    )
    after = (
        "from lib import M\n\nclass Before: pass\n\n# why\n\nclass A(metaclass=M):\n    class B(metaclass=M): pass\n"
        "class C(object):\n    class D(metaclass=M): pass\ndef f():\n    class E(metaclass=M): pass\n    return E\n"
        "class F(E): pass\nclass G:  # what\n    __metaclass__ = type\nif ok:\n    class H(metaclass=M): pass\n"
    )
    outcome = fix(before, leave=frozenset({"PIT302"}))
    assert (outcome.text, outcome.unsafe, outcome.left) == (after, 1, [])


@pytest.mark.parametrize("name", ["__init__.py", "pkg/__init__.py"])
def test_what_a_package_exports_stays(name: str) -> None:
    text = "__metaclass__ = type\n"
    outcome = fix(text, filename=name)
    assert outcome.text == text
    assert [left.reason for left in outcome.left] == ["other modules may import it from the package"]
    text = "from six import with_metaclass\nclass C(with_metaclass(M)): pass\n"
    assert fix(text, filename=name).text == "from six import with_metaclass\nclass C(metaclass=M): pass\n"


# -- uses and helpers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("C.__metaclass__", "type(C)"),
        ("getattr(C, '__metaclass__')", "type(C)"),
        ("print(C.__metaclass__.__name__)", "print(type(C).__name__)"),
        ("class D(C.__metaclass__): pass", "class D(type(C)): pass"),
        ("object.__metaclass__", "type(object)"),
        ("f'{C.__metaclass__}'", "f'{type(C)}'"),
        ("C.__metaclass__('D', (), {})", "type(C)('D', (), {})"),
    ],
)
def test_reads(before: str, after: str) -> None:
    assert changed(f"class C: pass\n{before}\n") == f"class C: pass\n{after}\n"


WITH_METACLASS = {
    "class C(HELPER(M)): pass": "class C(metaclass=M): pass",
    "class C(HELPER(M, object)): pass": "class C(metaclass=M): pass",
    "class C(HELPER(M, A)): pass": "class C(A, metaclass=M): pass",
    "class C(HELPER(M, A,)): pass": "class C(A, metaclass=M): pass",
    "class C(HELPER(M, A, B)): pass": "class C(A, B, metaclass=M): pass",
    "class C(HELPER(M, A, object)): pass": "class C(A, object, metaclass=M): pass",
    "class C(HELPER(M, *A)): pass": "class C(*A, metaclass=M): pass",
    "class C(HELPER(M, A), object): pass": "class C(A, metaclass=M): pass",
    "class C((HELPER(M, A))): pass": "class C(A, metaclass=M): pass",
    "class C(HELPER(lib.M, A[int, str])): pass": "class C(A[int, str], metaclass=lib.M): pass",
    "class C(HELPER(lambda a, b, c: M(a, b, c), A)): pass": "class C(A, metaclass=lambda a, b, c: M(a, b, c)): pass",
    "class C(HELPER(M if A else B, A)): pass": "class C(A, metaclass=M if A else B): pass",
    "class C(\n    HELPER(M, A)\n): pass": "class C(\n    A, metaclass=M\n): pass",
    "class C(HELPER(\n        M, A)): pass": "class C(A, metaclass=M): pass",
    "class C(HELPER(M, A)):  # why\n    pass": "class C(A, metaclass=M):  # why\n    pass",
    "class C(  # why\n    HELPER(M, A)  # how\n): pass": "class C(  # why\n    A, metaclass=M  # how\n): pass",
    "class C(HELPER(M, make(')'))): pass": "class C(make(')'), metaclass=M): pass",
}


@pytest.mark.parametrize(("before", "after"), WITH_METACLASS.items())
def test_with_metaclass(before: str, after: str) -> None:
    for start, helper, left in (
        ("import six\n", "six.with_metaclass", ""),
        ("from six import with_metaclass as wm\n", "wm", ""),
        ("from future.utils import PY2, with_metaclass\n", "with_metaclass", "from future.utils import PY2\n"),
    ):
        assert changed(f"{start}{before}\n".replace("HELPER", helper), unsafe=False) == f"{left}{after}\n"


ADD_METACLASS = {
    "@six.add_metaclass(M)\nclass C: pass": "class C(metaclass=M): pass",
    "@six.add_metaclass(M)\nclass C(): pass": "class C(metaclass=M): pass",
    "@six.add_metaclass(metaclass=M)\nclass C(object): pass": "class C(object, metaclass=M): pass",
    "@deco\n@six.add_metaclass(M)\nclass C: pass": "@deco\nclass C(metaclass=M): pass",
    "@six.add_metaclass(M)\n# why\nclass C: pass": "# why\nclass C(metaclass=M): pass",
    "@six.add_metaclass(M)  # why\nclass C:\n    pass": "class C(metaclass=M):  # why\n    pass",
    "@six.add_metaclass(M)  # why\nclass C:  # what\n    pass": "# why\nclass C(metaclass=M):  # what\n    pass",
    "@six.add_metaclass(\n    M\n)\nclass C: pass": "class C(metaclass=M): pass",
    "def f():\n    @six.add_metaclass(M)\n    class C: pass": "def f():\n    class C(metaclass=M): pass",
}


@pytest.mark.parametrize(("before", "after"), ADD_METACLASS.items())
def test_add_metaclass(before: str, after: str) -> None:
    start = "import six\n{}class M(type): pass\n"
    expected = "class M(type): pass\n" + after + "\n"
    assert changed("import six\nclass M(type): pass\n" + before + "\n", unsafe=False) == expected
    assert start.format("x = six.PY3\n") + after + "\n" == changed(
        start.format("x = six.PY3\n") + before + "\n", unsafe=False
    )


IMPORTS = [
    ("import six\n", "six.with_metaclass", ""),
    ("import six, os\n", "six.with_metaclass", "import os\n"),
    ("import os, six\n", "six.with_metaclass", "import os\n"),
    ("import six as s\n", "s.with_metaclass", ""),
    ("import six  # why\n", "six.with_metaclass", "# why\n"),
    ("import os\nimport six\n\n\nx = 1\n", "six.with_metaclass", "import os\n\n\nx = 1\n"),
    ("from six import (\n    PY2,\n    with_metaclass,\n)\n", "with_metaclass", "from six import (\n    PY2,\n)\n"),
    ("from six import (with_metaclass,\n    PY2)\n", "with_metaclass", "from six import (PY2)\n"),
    ("from six import PY2, \\\n    with_metaclass\n", "with_metaclass", "from six import PY2\n"),
    ("from six import with_metaclass, \\\n    PY2\n", "with_metaclass", "from six import PY2\n"),
    ("from six import with_metaclass; import os\n", "with_metaclass", "import os\n"),
    ("import os; from six import with_metaclass\n", "with_metaclass", "import os\n"),
]


@pytest.mark.parametrize(("before", "helper", "after"), IMPORTS)
def test_imports_go_with_the_last_use(before: str, helper: str, after: str) -> None:
    definition = "class C(metaclass=M): pass\n"
    assert changed(f"{before}class C({helper}(M)): pass\n", unsafe=False) == after + definition
    several = "".join(f"class C{number}({helper}(M, object)): pass\n" for number in range(4))
    expected = "".join(f"class C{number}(metaclass=M): pass\n" for number in range(4))
    assert changed(before + several, unsafe=False) == after + expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("import six\n", "six.print_(1)\n"),
        ("import six  # noqa\n", ""),
        ("import six  # noqa: F401\n", ""),
        ("import six as six\n", ""),
        ("import six\n__all__ = ['six', 'C']\n", ""),
        ("'''\n>>> six.PY2\n'''\nimport six\n", ""),
        ("try:\n    import six\nexcept ImportError:\n    six = None\n", ""),
        ("import six\nimport six.moves\n", ""),
        ("if ok:\n    import six\n", ""),
    ],
)
def test_imports_that_stay(start: str, end: str) -> None:
    text = start + "class C(six.with_metaclass(M)): pass\n" + end
    if findings(text):
        assert changed(text, unsafe=False) == start + "class C(metaclass=M): pass\n" + end


def test_a_suppressed_use_keeps_the_import(tmp_path: Path) -> None:
    text = (
        "from six import with_metaclass\n\n\nclass A(with_metaclass(M)):  # noqa: PIT305\n    pass\n\n\n"
        "class B(with_metaclass(M)):\n    pass\n"
    )
    write(tmp_path / "a.py", text)
    pitfalls("--isolated", "--fix", "--select=PIT305", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == text.replace("class B(with_metaclass(M))", "class B(metaclass=M)")


def test_two_helpers_of_one_import() -> None:
    before = (
        "from six import add_metaclass, with_metaclass\nclass M(type): pass\nclass A(with_metaclass(M)): pass\n"
        "@add_metaclass(M)\nclass B: pass\n"
    )
    after = "class M(type): pass\nclass A(metaclass=M): pass\nclass B(metaclass=M): pass\n"
    assert changed(before, unsafe=False) == after


# -- through the command line --------------------------------------------------------------------------------------

LAYOUT = (
    "from lib import M\n\n__metaclass__ = type  # module\n\n\nclass A(\n    B,\n    C,  # last\n):\n    '''doc'''\n\n"
    "    __metaclass__ = M  # why\n\n    def f(self):\n        class D:\n            __metaclass__ = M\n\n"
    "        return D\n"
)
LAYOUT_FIXED = (
    "from lib import M\n\n# module\n\n\nclass A(\n    B,\n    C,  # last\n    metaclass=M,\n):  # why\n"
    "    '''doc'''\n\n    def f(self):\n        class D(metaclass=M):\n            pass\n\n        return D\n"
)
UNSAFE = ["--isolated", "--fix", "--unsafe-fixes", "--select=PIT"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("unit", ["    ", "\t"])
def test_line_ends_and_indentation_stay(end: str, unit: str) -> None:
    def laid_out(text: str) -> str:
        return text.replace("    ", unit).replace("\n", end)

    assert changed(laid_out(LAYOUT)) == laid_out(LAYOUT_FIXED)


def test_line_ends_marks_and_encodings_stay_in_files(tmp_path: Path) -> None:
    latin = "# coding: latin-1\nname = 'ä'\n" + LAYOUT
    write(tmp_path / "a.py", latin.encode("latin-1"))
    write(tmp_path / "b.py", b"\xef\xbb\xbf" + LAYOUT.replace("\n", "\r\n").encode())
    write(tmp_path / "c.py", "\x0c\n" + LAYOUT.replace("class A", "\x0cclass A").removesuffix("\n"))
    pitfalls(*UNSAFE, "a.py", "b.py", "c.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_bytes() == latin.replace(LAYOUT, LAYOUT_FIXED).encode("latin-1")
    assert (tmp_path / "b.py").read_bytes() == b"\xef\xbb\xbf" + LAYOUT_FIXED.replace("\n", "\r\n").encode()
    expected = "\x0c\n" + LAYOUT_FIXED.replace("class A", "\x0cclass A").removesuffix("\n")
    assert (tmp_path / "c.py").read_text() == expected


def test_safe_fixes_activate_no_metaclass(tmp_path: Path) -> None:
    write(tmp_path / "a.py", LAYOUT)
    shown = pitfalls("--isolated", "--fix", "--select=PIT", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == LAYOUT.replace("__metaclass__ = type  # module", "# module")
    assert shown.text.count("PIT301") == 2
    assert "M starts to create class 'A' and its subclasses" in shown.text


def test_reasons_are_shown(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "class C(metaclass=A):\n    __metaclass__ = B\n")
    shown = pitfalls(*UNSAFE, "a.py", cwd=tmp_path)
    assert "[not fixed: the class has the metaclass A already; decide which one it shall have]" in shown.text


def test_the_optional_code_is_only_fixed_on_request(tmp_path: Path) -> None:
    text = "class C(metaclass=type):\n    pass\n"
    for options, expected in (([], text), (["--extend-select=PIT305"], "class C:\n    pass\n")):
        write(tmp_path / "a.py", text)
        pitfalls("--isolated", "--fix", "--select=PIT", *options, "a.py", cwd=tmp_path)
        assert (tmp_path / "a.py").read_text() == expected


def test_fixed_files_are_clean(tmp_path: Path) -> None:
    """Neither our codes nor those of pycodestyle and pyflakes are new."""
    write(tmp_path / "a.py", "from lib import M, B, C\n" + LAYOUT.removeprefix("from lib import M\n"))
    pitfalls(*UNSAFE, "a.py", cwd=tmp_path)
    assert flake8("--isolated", "--select=E,W,F,PIT", "a.py", cwd=tmp_path).text == ""


def test_no_blank_lines_at_the_end_of_a_file() -> None:
    assert changed("class C:\n    x = 1\n\n    __metaclass__ = M\n") == "class C(metaclass=M):\n    x = 1\n"
    assert changed("import os\n\n__metaclass__ = type\n") == "import os\n"
    assert changed("import os\n\n__metaclass__ = type") in {"import os\n", "import os"}


def test_many_classes_in_one_file() -> None:
    before = "".join(f"class C{number}(object):\n    __metaclass__ = M\n\n\n" for number in range(60))
    after = "".join(f"class C{number}(object, metaclass=M):\n    pass\n\n\n" for number in range(60))
    outcome = fix(before)
    assert (outcome.text, outcome.unsafe) == (after, 60)

"""Tests of the fixes of late-binding closures; the programs are in fixtures/late_binding/detect."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import indent

import pytest

from flake8_pitfalls.fixes.apply import Outcome, Why, fix_text
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from tests.fixtures import detect_programs, fixed, name_of, output, wrongly_fixed
from tests.support import flake8, pitfalls, write

PROGRAMS = detect_programs("late_binding")
WRONG = [program for program in PROGRAMS if program.with_suffix(".wrong").exists()]
FIXED = [program for program in WRONG if fixed(program) != program]


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_files_are_fixed_as_expected(tmp_path: Path, unsafe: bool) -> None:
    assert wrongly_fixed(PROGRAMS, tmp_path, unsafe=unsafe) == ""


def test_only_programs_that_misbehave_are_fixed() -> None:
    assert {program for program in PROGRAMS if fixed(program) != program} == set(FIXED)
    kinds = {(fixed(program, unsafe=False) != program, fixed(program) != program) for program in WRONG}
    assert kinds == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("program", FIXED, ids=name_of)
def test_fixed_programs_do_what_is_meant(program: Path) -> None:
    assert output(fixed(program)) == program.with_suffix(".out").read_text()


# -- one text for each row of the decision table -------------------------------------------------------------------


def run(text: str, *, style: str = "keyword", unsafe: bool = True) -> Outcome:
    linter = Linter(Options(target_version=(3, 10), closure_fix=style), frozenset({"PIT103"}))

    def analyse(text: str) -> list:
        return linter.findings(text, ast.parse(text), "a.py")

    wanted = [(finding.code, finding.line, finding.column) for finding in analyse(text)]
    assert wanted
    return fix_text(text, wanted, analyse, unsafe=unsafe)


def in_loop(body: str, variables: str = "i") -> str:
    """A function with a loop around some statements."""
    return f"def f(fs, rows):\n    for {variables} in rows:\n{indent(body, '        ')}\n"


def kept(closure: str, variables: str = "i") -> str:
    """A loop that keeps a closure, which is an expression, or a function ``g``."""
    if closure.startswith(("def ", "async def ", "@")):
        return in_loop(f"{closure}\nfs.append(g)", variables)
    return f"def f(fs, rows):\n    for {variables} in rows:\n        fs.append({closure})\n"


def reasons(outcome: Outcome, why: Why = Why.REFUSED) -> set[str]:
    assert {left.why for left in outcome.left} == {why}
    return {left.reason for left in outcome.left}


LAMBDAS = {
    "lambda: i": "lambda *, i=i: i",
    "lambda:i": "lambda *, i=i:i",
    "lambda : i": "lambda *, i=i : i",
    "lambda x: i": "lambda x, *, i=i: i",
    "lambda x, y=1: i": "lambda x, y=1, *, i=i: i",
    "lambda x = (1) : i": "lambda x = (1), *, i=i : i",
    "lambda x=(1, 2): i": "lambda x=(1, 2), *, i=i: i",
    "lambda *args: i": "lambda *args, i=i: i",
    "lambda *, k: i": "lambda *, k, i=i: i",
    "lambda x, *, k=1: i": "lambda x, *, k=1, i=i: i",
    "lambda x, /: i": "lambda x, /, *, i=i: i",
    "lambda x, /, y, *args, z: i": "lambda x, /, y, *args, z, i=i: i",
    "lambda: (\n            i\n        )": "lambda *, i=i: (\n            i\n        )",
    "lambda:  # why\n        i": "lambda *, i=i:  # why\n        i",
    "lambda\n        x: i": "lambda\n        x, *, i=i: i",
    "(lambda: i)": "(lambda *, i=i: i)",
    "lambda: (lambda: i)": "lambda *, i=i: (lambda: i)",
    "lambda: [i for _ in fs]": "lambda *, i=i: [i for _ in fs]",
    "lambda x=lambda: i: x()": "lambda x=lambda *, i=i: i: x()",
    "map(lambda x: x + i, fs)": "map(lambda x, *, i=i: x + i, fs)",
    "{'a': lambda: i}": "{'a': lambda *, i=i: i}",
    "lambda: f'{i}'": "lambda *, i=i: f'{i}'",
}

FUNCTIONS = {
    "def g(): return i": "def g(*, i=i): return i",
    "def g( ):\n    return i": "def g(*, i=i ):\n    return i",
    "def g(x):\n    return i": "def g(x, *, i=i):\n    return i",
    "def g(x,):\n    return i": "def g(x, *, i=i,):\n    return i",
    "def g(*args, k):\n    return i": "def g(*args, k, i=i):\n    return i",
    "def g(x, /):\n    return i": "def g(x, /, *, i=i):\n    return i",
    "def g(x: int, y: 'str' = '') -> int:\n    return i": "def g(x: int, y: 'str' = '', *, i=i) -> int:\n    return i",
    "@staticmethod\ndef g():\n    return i": "@staticmethod\ndef g(*, i=i):\n    return i",
    "async def g(x):\n    return i": "async def g(x, *, i=i):\n    return i",
    "def g(x):\n    yield i": "def g(x, *, i=i):\n    yield i",
    "def g(x,\n      y):\n    return i": "def g(x,\n      y,\n      *,\n      i=i):\n    return i",
    "def g(\n    x,\n    y\n):\n    return i": "def g(\n    x,\n    y,\n    *,\n    i=i\n):\n    return i",
    "def g(\n    x,\n    y,\n):\n    return i": "def g(\n    x,\n    y,\n    *,\n    i=i,\n):\n    return i",
    "def g(\n    *args,\n) -> int:\n    return i": "def g(\n    *args,\n    i=i,\n) -> int:\n    return i",
    "def g(\n    x,  # (why\n    y=1,  # how)\n):\n    return i": (
        "def g(\n    x,  # (why\n    y=1,  # how)\n    *,\n    i=i,\n):\n    return i"
    ),
    "def g(\n    x,\n    y=1  # how\n):\n    return i": (
        "def g(\n    x,\n    y=1,\n    *,\n    i=i  # how\n):\n    return i"
    ),
    "def g(\n    # nothing\n):\n    return i": "def g(*, i=i\n    # nothing\n):\n    return i",
    "def g(\n    x,\n    # the end\n):\n    return i": (
        "def g(\n    x,\n    # the end\n    *,\n    i=i,\n):\n    return i"
    ),
}


@pytest.mark.parametrize(("before", "after"), [*LAMBDAS.items(), *FUNCTIONS.items()])
def test_keyword_only_default(before: str, after: str) -> None:
    outcome = run(kept(before), unsafe=False)
    assert outcome.text == kept(after)
    assert (outcome.safe, outcome.left) == (1, [])
    compile(outcome.text, "a.py", "exec")


SEVERAL = {
    "lambda: (j, i, j)": "lambda *, j=j, i=i: (j, i, j)",
    "lambda x, *, k: i + j": "lambda x, *, k, i=i, j=j: i + j",
    "lambda i=i: (i, j)": "lambda i=i, *, j=j: (i, j)",
    "def g(\n    x,\n):\n    return i * j": "def g(\n    x,\n    *,\n    i=i,\n    j=j,\n):\n    return i * j",
}


@pytest.mark.parametrize(("before", "after"), SEVERAL.items())
def test_all_variables_at_once(before: str, after: str) -> None:
    assert run(kept(before, "i, j"), unsafe=False).text == kept(after, "i, j")


def test_variables_of_several_loops() -> None:
    text = "def f(fs, rows):\n    for a in rows:\n        for b in a:\n            fs.append({}: (a, b))\n"
    assert run(text.format("lambda"), unsafe=False).text == text.format("lambda *, a=a, b=b")
    text = "fs = [[{}: (i, j) for j in range(3)] for i in range(3)]\n"
    assert run(text.format("lambda"), unsafe=False).text == text.format("lambda *, i=i, j=j")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("fs = [lambda: i for i in range(3)]\n", "fs = [lambda *, i=i: i for i in range(3)]\n"),
        ("fs = {i: lambda x: x * i for i in 'ab'}\n", "fs = {i: lambda x, *, i=i: x * i for i in 'ab'}\n"),
        (
            "class C:\n    fs = [lambda self: i for i in range(3)]\n\n    def m(self):\n        return C.fs\n",
            "class C:\n    fs = [lambda self, *, i=i: i for i in range(3)]\n\n    def m(self):\n        return C.fs\n",
        ),
        (
            in_loop("class C:\n    def m(self):\n        return i\nfs.append(C)"),
            in_loop("class C:\n    def m(self, *, i=i):\n        return i\nfs.append(C)"),
        ),
        (
            "class K:\n    def f(self, rows):\n        for __i in rows:\n            self.x.append(lambda: __i)\n",
            "class K:\n    def f(self, rows):\n        for __i in rows:\n"
            "            self.x.append(lambda *, __i=__i: __i)\n",
        ),
    ],
)
def test_other_places(before: str, after: str) -> None:
    assert run(before, unsafe=False).text == after


MADE_BY_ANOTHER = {
    "lambda **kw: i": "(lambda i: lambda **kw: i)(i)",
    "lambda *a, **kw: i": "(lambda i: lambda *a, **kw: i)(i)",
    "(lambda **kw: i)": "((lambda i: lambda **kw: i)(i))",
    "def g(**kw):\n    return i": "def make_g(i):\n    def g(**kw):\n        return i\n\n    return g\n\ng = make_g(i)",
    "def g(**kw): return i": "def make_g(i):\n    def g(**kw): return i\n    return g\ng = make_g(i)",
    "@fs.mark(1)\n@staticmethod\nasync def g(x: int = 1) -> int:\n    # first\n\n    return i  # last": (
        "def make_g(i):\n    @fs.mark(1)\n    @staticmethod\n    async def g(x: int = 1) -> int:\n        # first\n\n"
        "        return i  # last\n\n    return g\n\ng = make_g(i)"
    ),
}


@pytest.mark.parametrize(("before", "after"), MADE_BY_ANOTHER.items())
def test_factory(before: str, after: str) -> None:
    text = kept(before)
    hidden = run(text, unsafe=False)
    assert hidden.text == text
    (reason,) = reasons(hidden, Why.HIDDEN)
    assert reason in {
        "the fix is unsafe: the lambda is made by another one, since it takes any keyword",
        "the fix is unsafe: the function is made by another one now, which shows in its name",
    }
    outcome = run(text)
    assert outcome.text == kept(after)
    assert (outcome.unsafe, outcome.left) == (1, [])
    compile(outcome.text, "a.py", "exec")


def test_lines_in_strings_are_not_indented() -> None:
    before = (
        "def f(fs, rows):\n    for i in rows:\n        def g(**kw):\n            return (\n                i,\n"
        "                '''\n  text\n''',\n            )\n        # behind it\n        fs.append(g)\n"
    )
    after = (
        "def f(fs, rows):\n    for i in rows:\n        def make_g(i):\n            def g(**kw):\n"
        "                return (\n"
        "                    i,\n                    '''\n  text\n''',\n                )\n\n            return g\n\n"
        "        g = make_g(i)\n        # behind it\n        fs.append(g)\n"
    )
    assert run(before).text == after


@pytest.mark.parametrize(
    ("name", "taken", "factory"),
    [("g", "", "make_g"), ("_g", "", "_make_g"), ("g", "make_g = 1\n", "make_g_2"), ("_", "", "make_function")],
)
def test_names_of_factories(name: str, taken: str, factory: str) -> None:
    text = f"{taken}fs = []\nfor i in range(3):\n    def {name}(**kw): return i\n    fs.append({name})\n"
    assert f"    def {factory}(i):\n" in run(text).text
    assert f"    {name} = {factory}(i)\n" in run(text).text


READERS = [
    "import inspect\nprint(inspect.signature(f))\n",
    "from inspect import signature\n",
    "from inspect import getfullargspec\n",
    "print(f.__defaults__)\n",
    "print(f.__kwdefaults__)\n",
    "print(f.__code__.co_argcount)\n",
    "from fastapi import FastAPI\n",
    "import typer\n",
]


@pytest.mark.parametrize("reader", READERS)
def test_factory_if_the_file_reads_signatures(reader: str) -> None:
    before = kept("lambda x: i")
    assert run(before + reader, unsafe=False).text == before + reader
    assert run(before + reader).text == kept("(lambda i: lambda x: i)(i)") + reader


def test_factory_if_the_callee_reads_signatures() -> None:
    text = "def f(app, rows):\n    for i in rows:\n        app.add_api_route(i, {})\n"
    assert run(text.format("lambda: i")).text == text.format("(lambda i: lambda: i)(i)")
    assert run(text.format("lambda: i"), unsafe=False).safe == 0


def test_factory_on_request() -> None:
    outcome = run(kept("lambda x: i"), style="factory", unsafe=False)
    assert (outcome.text, outcome.safe) == (kept("(lambda i: lambda x: i)(i)"), 1)
    outcome = run(kept("lambda x: (j, i)", "i, j"), style="factory", unsafe=False)
    assert outcome.text == kept("(lambda j, i: lambda x: (j, i))(j, i)", "i, j")
    before = kept("def g(x):\n    return i")
    assert run(before, style="factory", unsafe=False).text == before
    after = "def make_g(i):\n    def g(x):\n        return i\n\n    return g\n\ng = make_g(i)"
    assert run(before, style="factory").text == kept(after)
    assert run(kept("(i for _ in fs)"), style="factory").text == kept("(lambda i: (i for _ in fs))(i)")


GENERATORS = {
    "i * x for x in fs": "(lambda i: (i * x for x in fs))(i)",
    "(i * x for x in fs)": "(lambda i: (i * x for x in fs))(i)",
    "((i * x for x in fs))": "((lambda i: (i * x for x in fs))(i))",
    "(x for x in fs if x != i)": "(lambda i: (x for x in fs if x != i))(i)",
    "x for x in fs for y in i": "(lambda i: (x for x in fs for y in i))(i)",
    "[(i for _ in fs)]": "[(lambda i: (i for _ in fs))(i)]",
    "{1: (i for _ in fs)}": "{1: (lambda i: (i for _ in fs))(i)}",
    "zip(fs, (i for _ in fs))": "zip(fs, (lambda i: (i for _ in fs))(i))",
    "(\n            i for _ in fs\n        )": "(lambda i: (\n            i for _ in fs\n        ))(i)",
}


@pytest.mark.parametrize(("before", "after"), GENERATORS.items())
def test_generator_expressions(before: str, after: str) -> None:
    text = kept(before)
    hidden = run(text, unsafe=False)
    assert hidden.text == text
    assert reasons(hidden, Why.HIDDEN) == {"the fix is unsafe: the generator expression is made inside a function now"}
    assert run(text).text == kept(after)


def test_generator_expressions_with_await() -> None:
    before = "async def f(fs, rows):\n    for i in rows:\n        fs.append({})\n"
    for inside in ("i + await x for x in fs", "i + x async for x in fs"):
        outcome = run(before.format(inside))
        assert outcome.text == before.format(f"(lambda i: ({inside}))(i)")
        compile(outcome.text, "a.py", "exec")


# -- what isn't fixed ----------------------------------------------------------------------------------------------

LATER = (
    "may be bound again after the closure is made, in the same iteration: add '{0}={0}' yourself if the earlier value "
    "is meant, else make the closure after the last assignment"
)

REFUSED = [
    (
        "fs.digest(lambda: i)",
        "it isn't known whether the callee keeps the closure; if it does, bind the value where it's made",
    ),
    (
        "n = 0\ndef g():\n    nonlocal n\n    n += 1\n    return n\nfs.append(g)",
        "'n' is bound by a nested function too, which a default would keep apart",
    ),
    (
        "n = i\ndef up():\n    nonlocal n\n    n += 1\nup()\nfs.append(lambda: n)",
        "'n' is bound by a nested function too, which a default would keep apart",
    ),
    ("fs.append(lambda: tip)\ntip = i", f"'tip' {LATER.format('tip')}"),
    ("tip = i\nfs.append(lambda: tip)\nif i:\n    tip = 1", f"'tip' {LATER.format('tip')}"),
    (
        "if i:\n    tip = i\nfs.append(lambda: tip)",
        "'tip' may not be bound yet when the closure is made: assign it on every path before",
    ),
    (
        "tip = i\nif i > 2:\n    del tip\nfs.append(lambda: tip)",
        "'tip' may not be bound yet when the closure is made: assign it on every path before",
    ),
    (
        "def g(n):\n    return g(n - 1) + i\nfs.append(g)",
        "'g' is the function's own name: a default would hold the previous function",
    ),
    (
        "class C:\n    i = 1\n    def m(self):\n        return i\nfs.append(C)",
        "'i' means something else where the closure is made: the class binds it",
    ),
    ("fs.append(lambda: (i, late))\nlate = i", f"'late' {LATER.format('late')}"),
    (
        "fs.append((y := i) + x for x in fs)",
        "the generator expression binds a name by ':=', which would move into a function",
    ),
    ("fs.append(lambda x=(y := i), **kw: i)", "what runs when the closure is made binds a name, which can't be moved"),
    (
        "class C:\n    u = 1\n    def m(self, x=u, **kw):\n        return i\nfs.append(C)",
        "'u' of the class can't be seen from inside a function",
    ),
    (
        "class C:\n    def m(self):\n        return C\nfs.append(C)",
        "the class 'C' isn't bound yet when its method is made",
    ),
    (
        "def g():\n    return i  # noqa: B023\nfs.append(lambda: g())",
        "'g' reads variables of the loop late itself: mend it first",
    ),
    (
        "g = 1\n@fs.mark(g)\ndef g():\n    return i\nfs.append(g)",
        "'g' is read while the function is made, and would be local to the factory",
    ),
    ("print(f'{fs.append(lambda: i)=}')", "the closure stands in an f-string that shows its own text"),
]


@pytest.mark.parametrize(("body", "reason"), REFUSED)
def test_refusals(body: str, reason: str) -> None:
    text = in_loop(body)
    outcome = run(text)
    assert outcome.text == text
    assert reason in reasons(outcome)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "async def f(fs, rows):\n    for i in rows:\n        fs.append(i + x for x in await fs.all())\n",
            "what runs when the closure is made contains await or yield, which can't be moved",
        ),
        (
            in_loop("def g(**kw):\n    return i\nfs.append(g)").replace("    for", "    global g\n    for", 1),
            "'g' is declared global or nonlocal here, and would become local to the factory",
        ),
    ],
)
def test_other_refusals(text: str, reason: str) -> None:
    outcome = run(text)
    assert outcome.text == text
    assert reasons(outcome) == {reason}


def test_closures_that_read_closures() -> None:
    before = in_loop("def g():\n    return i\nfs.append(lambda: g())")
    after = in_loop("def g(*, i=i):\n    return i\nfs.append(lambda *, g=g: g())")
    assert run(before, unsafe=False).text == after


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# noqa: B023", "a noqa comment says that the late binding is meant"),
        ("# noqa: E501, B023", "a noqa comment says that the late binding is meant"),
        ("# noqa: W0640", "a noqa comment says that the late binding is meant"),
        ("# noqa: PLW0640", "a noqa comment says that the late binding is meant"),
        ("# noqa: PIT102", "a noqa comment says that the late binding is meant"),
        ("# noqa", "a noqa comment says that the late binding is meant"),
        ("# ruff: noqa: B023", "a noqa comment says that the late binding is meant"),
        ("# ruff:ignore[function-uses-loop-variable]", "a comment for ruff says that the late binding is meant"),
        ("# ruff: ignore[E501, B023]", "a comment for ruff says that the late binding is meant"),
        ("# pylint: disable=cell-var-from-loop", "a pylint comment says that the late binding is meant"),
        ("# pylint: disable=E1,W0640", "a pylint comment says that the late binding is meant"),
    ],
)
def test_comments_for_other_tools(comment: str, reason: str) -> None:
    for body in (
        f"fs.append(lambda: i)  {comment}",
        f"def g():  {comment}\n    return i\nfs.append(g)",
        f"def g():\n    return i  {comment}\nfs.append(g)",
    ):
        text = in_loop(body)
        outcome = run(text)
        assert outcome.text == text
        assert reasons(outcome) == {reason}


def test_pylint_comment_on_the_line_above() -> None:
    text = kept("lambda: i").replace("        fs", "        # pylint: disable-next=cell-var-from-loop\n        fs")
    assert reasons(run(text)) == {"a pylint comment says that the late binding is meant"}


@pytest.mark.parametrize(
    ("before", "behind", "is_meant"),
    [
        ("# ruff: ignore[B023]\n        # for now", "", True),
        ("# ruff: ignore[B023]\n        print()", "", False),
        ("print()  # ruff: ignore[B023]", "", False),
        ("# ruff: ignore[B023]\n        print()  # now", "", False),
        ("# ruff: disable[B023, B006]\n        print()", "# ruff: enable[B023]", True),
        ("# ruff: disable[B006]", "# ruff: enable[B006]", False),
        ("# ruff: disable[B023]\n        print()\n        # ruff: enable[B023]", "", False),
        ("", "# ruff: file-ignore[B023]", True),
    ],
)
def test_comments_for_ruff_on_other_lines(before: str, behind: str, is_meant: bool) -> None:
    text = f"def f(fs, rows):\n    for i in rows:\n        {before}\n        fs.append(lambda: i)\n        {behind}\n"
    outcome = run(text, unsafe=False)
    assert (outcome.text == text) is is_meant
    assert outcome.safe == (not is_meant)
    if is_meant:
        assert reasons(outcome) == {"a comment for ruff says that the late binding is meant"}


@pytest.mark.parametrize(
    "comment", ["# noqa: E501", "# pylint: disable=E1101", "# B023", "# type: ignore", "# ruff: ignore[B006]"]
)
def test_other_comments(comment: str) -> None:
    text = f"def f(fs, rows):\n    for i in rows:\n        fs.append(lambda: i)  {comment}\n"
    assert run(text, unsafe=False).safe == 1


# -- through the command line --------------------------------------------------------------------------------------

LAYOUT = kept("def g(\n    x,\n):\n    return i") + kept("@fs.mark\ndef g():\n    return i").replace("def f", "def h")
LAYOUT_FIXED = kept("def g(\n    x,\n    *,\n    i=i,\n):\n    return i") + kept(
    "def make_g(i):\n    @fs.mark\n    def g():\n        return i\n\n    return g\n\ng = make_g(i)"
).replace("def f", "def h")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("unit", ["    ", "\t", "  "])
def test_line_ends_and_indentation_stay(tmp_path: Path, end: str, unit: str) -> None:
    path = tmp_path / "a.py"
    write(path, LAYOUT.replace("    ", unit).replace("\n", end))
    pitfalls("--isolated", "--fix", "--unsafe-fixes", "--select=PIT", "a.py", cwd=tmp_path)
    assert path.read_bytes().decode() == LAYOUT_FIXED.replace("    ", unit).replace("\n", end)


def test_safe_fixes_leave_the_unsafe_ones(tmp_path: Path) -> None:
    write(tmp_path / "a.py", LAYOUT)
    pitfalls("--isolated", "--fix", "--select=PIT", "a.py", cwd=tmp_path)
    first, second = LAYOUT.split("def h"), LAYOUT_FIXED.split("def h")
    assert (tmp_path / "a.py").read_text() == f"{second[0]}def h{first[1]}"


def test_marks_and_encodings_stay(tmp_path: Path) -> None:
    text = "# coding: latin-1\n" + kept("lambda: (i, 'ä')")
    write(tmp_path / "a.py", text.encode("latin-1"))
    write(tmp_path / "b.py", b"\xef\xbb\xbf" + kept("lambda: (i, 'ä')").removesuffix("\n").encode())
    pitfalls("--isolated", "--fix", "--select=PIT", "a.py", "b.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_bytes() == text.replace("lambda", "lambda *, i=i").encode("latin-1")
    expected = kept("lambda *, i=i: (i, 'ä')").removesuffix("\n")
    assert (tmp_path / "b.py").read_bytes() == b"\xef\xbb\xbf" + expected.encode()


def test_the_option_for_factories(tmp_path: Path) -> None:
    write(tmp_path / "a.py", kept("lambda: i"))
    pitfalls("--isolated", "--fix", "--pitfalls-closure-fix=factory", "--select=PIT", "a.py", cwd=tmp_path)
    assert (tmp_path / "a.py").read_text() == kept("(lambda i: lambda: i)(i)")
    wrong = flake8("--isolated", "--pitfalls-closure-fix=partial", "a.py", cwd=tmp_path)
    assert wrong.code == 2
    assert "'partial' is not one of keyword, factory" in wrong.err


def test_reasons_are_shown(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "def f(fs, rows):\n    for i in rows:\n        fs.append(lambda: tip)\n        tip = i\n")
    shown = pitfalls("--isolated", "--fix", "--select=PIT", "a.py", cwd=tmp_path)
    assert f"[not fixed: 'tip' {LATER.format('tip')}]" in shown.text

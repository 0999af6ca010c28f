"""Tests of what the screen of late binding leaves out, and what it mustn't."""

from __future__ import annotations

import ast
from textwrap import dedent, indent

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics.module import SourceModule

ALL_CODES = Options(optional_codes=frozenset({"PIT103"}))
DEFAULT_CODES = Options(optional_codes=frozenset())
FAMILY = "late_binding"


def picked(text: str, options: Options = ALL_CODES) -> bool:
    """Whether the screen sends a module on to the analysis of late binding."""
    return bool(candidates(text, ast.parse(text), options).families[FAMILY])


def codes_in(text: str, options: Options = ALL_CODES) -> set[str]:
    """The codes that the analysis finds without the screen."""
    tree = ast.parse(text)
    lines = Candidates({FAMILY: Candidates.everything(tree).lines})
    return {finding.code for finding in analyse(SourceModule(text, tree), lines, options)}


def in_function(code: str) -> str:
    """A module with some code in a function."""
    return "def f(self, rows, keep):\n" + indent(dedent(code).strip("\n"), "    ") + "\n"


LOOPS_WITHOUT_PITFALL = {
    "the variable of the expression itself": """
        for x in rows:
            keep(x for x in x.parts)
    """,
    "the first iterable, which runs at once": """
        for row in rows:
            keep(part + 1 for part in row)
    """,
    "parameters": """
        for row in rows:
            def test(self, *args, _row=row, **options):
                row = args
                return row, options, _row
            keep(test)
    """,
    "names of comprehensions and functions in the loop": """
        for row in rows:
            keep([part for part in row])
            keep(lambda: part)
    """,
    "an iterator that's used up where its variable is bound again": """
        for row in rows:
            parts = (part * row for part in keep)
            if row:
                print(*parts)
            parts = tuple(part + 1 for part in parts)
            keep.add(parts)
    """,
    "names that only the else branch binds": """
        for row in rows:
            keep(lambda: last)
        else:
            last = 1
    """,
    "names of an inner function": """
        for row in rows:
            keep(lambda: (lambda row: row)(1))
    """,
    "an iterable outside of the loop": """
        for row in keep(lambda: rows):
            rows = row
    """,
    "used up by builtins": """
        for row in rows:
            if any(part in row for part in keep) and sum(part * row for part in keep):
                return sorted(keep, key=lambda part: part < row), next((p for p in keep if p is row), None)
    """,
    "used up by way of other iterators": """
        for row in rows:
            print(list(filter(lambda part: part < row, keep)))
            for number, part in enumerate(map(lambda part: part < row, keep)):
                print(number, part)
    """,
    "looped over, searched and unpacked": """
        for row in rows:
            for part in (part * row for part in keep):
                print(part)
            first, second = (part * row for part in keep)
            print(first, second, 1 in (part * row for part in keep), *(part * row for part in keep))
            yield from (part * row for part in keep)
    """,
    "a chain of generator expressions": """
        for row in rows:
            print(max(2 * part for part in (part * row for part in keep)))
    """,
    "generator expressions in one another": """
        for row in rows:
            print(all(any(cell == row for cell in part) for part in keep))
    """,
    "methods that run what they get": """
        for row in rows:
            print(", ".join(part * row for part in keep), keep.union(part * row for part in rows))
            keep.sort(key=lambda part: part * row)
            self.assertRaises(ValueError, lambda: row.missing)
            keep.extend(part * row for part in rows)
    """,
    "returned from the loop": """
        for row in rows:
            if row:
                return lambda: row
    """,
    "raised from the loop": """
        while rows:
            row = rows.pop()
            raise ValueError(lambda: row)
    """,
    "a local function that is only called": """
        for row in rows:
            def is_in(part):
                return any(part == cell for cell in row)
            if keep:
                print(is_in(1), [is_in(part) for part in keep], sorted(keep, key=is_in))
    """,
    "a lambda and an iterator in variables": """
        for row in rows:
            double = lambda: 2 * row
            parts = (part * row for part in keep)
            print(double(), sum(parts))
    """,
    "a local function that a lambda calls in time": """
        for row in rows:
            def is_in(part):
                return part in row
            print(sorted(keep, key=lambda part: (is_in(part), part)), [*filter(lambda part: not is_in(part), keep)])
    """,
    "a comprehension whose closures are used up": """
        return [sorted(row, key=lambda part: part < row) for row in rows if all(part < row for part in keep)]
    """,
}


@pytest.mark.parametrize("code", LOOPS_WITHOUT_PITFALL.values(), ids=LOOPS_WITHOUT_PITFALL)
def test_what_certainly_is_no_pitfall_is_left_out(code: str) -> None:
    text = in_function(code)
    assert not picked(text)
    assert codes_in(text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "from functools import reduce\nfor row in rows:\n    print(reduce(lambda a, b: a + b * row, rows))\n",
        "import functools as ft\nfor row in rows:\n    print(ft.reduce(lambda a, b: a + b * row, rows))\n",
        "from itertools import chain\nfor row in rows:\n    print(list(chain(part * row for part in rows)))\n",
        "import itertools as it\nfor row in rows:\n    for _ in it.groupby(rows, lambda cell: row):\n        break\n",
        "import re\nfor row in rows:\n    print(re.sub('a', lambda match: row, ''))\n",
        "while True:\n    row = input()\n    print(any(part == row for part in rows))\n",
    ],
)
def test_modules_that_are_left_out(text: str) -> None:
    assert not picked(text)
    assert codes_in(text) == set()


def loop_with(expression: str, start: str = "") -> str:
    """A module whose function evaluates an expression for each row, and keeps what comes out."""
    return f"found = []\n{dedent(start)}\ndef f(rows):\n    for row in rows:\n        found.append({expression})\n"


OWN_FUNCTIONS = {
    "function that calls it": """
        def tally(test, rows, *, message=None):
            if test is None or not test:
                return len(rows)
            return sum(1 for row in rows if test(row))
    """,
    "function that goes through it": """
        def tally(test, rows):
            for each in test if rows else ():
                print(each)
    """,
    "lambda": """
        tally = lambda test, rows: len([*map(test, rows)])
    """,
    "function that hands it on": """
        def tally(test, rows):
            return tally_all(rows=rows, key=test)

        def tally_all(rows, key):
            return sorted(rows, key=key)[0]
    """,
    "lambda that is used up in its function": """
        def tally(test, rows):
            return max(rows, key=lambda row: test(row) + 1)
    """,
    "class that doesn't keep it": """
        class tally(Base):
            def __init__(self, test, rows):
                self.rows = [row for row in rows if test(row)]
    """,
}


@pytest.mark.parametrize("start", OWN_FUNCTIONS.values(), ids=OWN_FUNCTIONS)
def test_functions_of_the_file_that_use_up_what_they_get(start: str) -> None:
    argument = "(part for part in row)" if "each in" in start else "lambda part: part is row"
    argument = argument.replace("in row", "in [row, row]")
    text = loop_with(f"tally({argument}, rows)", start)
    assert not picked(text, DEFAULT_CODES)
    assert codes_in(text) - {"PIT103"} == set()
    assert codes_in(text) == set() or picked(text)


@pytest.mark.parametrize(
    ("expression", "start"),
    [
        ("reduce(lambda a, b: a + row, rows)", "class C:\n    def reduce(self): ...\n\nfrom functools import reduce\n"),
        ("any(part is row for part in rows)", "class C:\n    @property\n    def any(self): ...\n"),
        (
            "row.update(part * row for part in rows)",
            "class C:\n    def update(self, parts):\n        self.add(*parts)\n",
        ),
        (
            "C.update(row, (part * row for part in rows))",
            "class C:\n    def update(self, parts):\n        print(*parts)\n",
        ),
        ("tools.use(part * row for part in rows)", "import tools\n\ndef use(parts):\n    return parts\n"),
    ],
)
def test_names_that_methods_have_too(expression: str, start: str) -> None:
    text = loop_with(expression, start)
    assert not picked(text, DEFAULT_CODES)
    assert codes_in(text) - {"PIT103"} == set()


KEEPING = {
    "returned": "def use(key):\n    return key\n",
    "stored": "def use(key):\n    found.append(key)\n",
    "called later": "def use(key):\n    found.append(lambda: key())\n",
    "called by an inner function": "def use(key):\n    def later():\n        return key()\n    found.append(later)\n",
    "called in an iterator": "def use(key):\n    return (key() for _ in found)\n",
    "generator": "def use(key):\n    yield key()\n",
    "coroutine": "async def use(key):\n    return key()\n",
    "decorated": "@found.append\ndef use(key):\n    return key()\n",
    "seen by another name": "def use(key):\n    other = key\n    found.append(other)\n",
    "global": "def use(key):\n    found.append(locals())\n",
    "kept by the second": "def use(key):\n    return again(key)\n\ndef again(key):\n    found.append(key)\n",
    "one of two": "if found:\n    def use(key):\n        key()\nelse:\n    def use(key):\n        found.append(key)\n",
    "bound anew": "def use(key):\n    return key()\n\nuse = found.append\n",
    "collected": "def use(*keys):\n    return keys\n",
    "instance": "class use:\n    def __init__(self, key):\n        self.key = key\n",
    "callable": "class use:\n    def __new__(cls, key):\n        return key\n",
}


UNCERTAIN = {
    "function that may be imported": "try:\n    from x import use\nexcept ImportError:\n    def use(key): key()\n",
    "one of two functions": "if found:\n    def use(key): key()\nelse:\n    def use(key): print(key())\n",
    "method": "from x import *\n\nclass C:\n    def use(self, key): key()\n",
    "function of a function": "from x import *\n\ndef g():\n    def use(key): key()\n",
    "constructor by another name": "class use:\n    def __init__(self, key): key()\n    __init__ = found.append\n",
    "constructor of another class": "class use:\n    class use:\n        def __init__(self, key): key()\n",
    "written otherwise": "def use(key): key()\n\n\N{FULLWIDTH LATIN SMALL LETTER U}se = found.append\n",
    "lambda": "use = lambda key: key()\n",
}
"""Definitions which the analysis doesn't take for what the call runs."""


@pytest.mark.parametrize("call", ["use(lambda: row)", "use(on_use=lambda: row)", "Use(lambda: row)"])
@pytest.mark.parametrize("start", UNCERTAIN.values(), ids=UNCERTAIN)
def test_names_that_may_mean_something_else(start: str, call: str) -> None:
    start = start.replace("key", "on_use")
    if call.startswith("U"):
        start = start.replace("use", "Use").replace("on_Use", "on_use")
    text = loop_with(call, start)
    for options in (ALL_CODES, DEFAULT_CODES):
        off = set() if options is ALL_CODES else {"PIT103"}
        assert picked(text, options) or codes_in(text, options) <= off


def test_lambdas_that_make_iterators() -> None:
    text = loop_with("use(lambda: (yield row))", "def use(key):\n    return key()\n")
    assert picked(text, DEFAULT_CODES)
    assert codes_in(text) == {"PIT101"}


def test_callees_that_the_options_name_as_imported() -> None:
    text = loop_with("use(lambda: row)", "from m import register as use\n")
    assert picked(text, Options(retaining_callees=frozenset({"m.register"}), optional_codes=frozenset()))


@pytest.mark.parametrize("start", KEEPING.values(), ids=KEEPING)
def test_functions_of_the_file_that_may_keep_what_they_get(start: str) -> None:
    assert picked(loop_with("use(lambda: row)", start), DEFAULT_CODES)


def test_methods_are_seen_by_the_body_of_their_class() -> None:
    text = in_function("""
        for row in rows:
            class C:
                def sorted(rows, key):
                    return key
                self.found.append(sorted(rows, key=lambda: row))
    """)
    assert picked(text)
    assert codes_in(text) == {"PIT101"}


def test_methods_of_an_object_of_the_file() -> None:
    start = "class C:\n    def update(self, parts):\n        self.parts = parts\n\nc = C()\n"
    assert picked(loop_with("c.update(part * row for part in rows)", start), DEFAULT_CODES)


PITFALLS = {
    "an iterator whose variable may be bound again": """
        for row in rows:
            parts = (part * row for part in keep)
            if row:
                parts = tuple(parts)
            keep.add(parts)
    """,
    "an iterator that the new value of its variable holds": """
        for row in rows:
            parts = (part * row for part in keep)
            parts = [parts]
            keep.add(parts)
    """,
    "stored": """
        for row in rows:
            self.found.append(lambda: row)
    """,
    "in the test of a while loop": """
        while self.found.append(part * row for part in keep):
            row = rows.pop()
    """,
    "read by a function in it": """
        for row in rows:
            self.found.append(lambda: [lambda: row])
    """,
    "read as global": """
        global row
        for row in rows:
            def later():
                def latest():
                    global row
                    return row
                row = 1
                return latest() + row
            self.found.append(later)
    """,
    "in a comprehension": """
        return [lambda: row for row in rows]
    """,
    "in a comprehension that is returned from a loop": """
        for part in keep:
            return [lambda: row for row in part]
    """,
    "in the condition of a comprehension": """
        return [row for row in rows if self.found.append(lambda: row)]
    """,
    "of a class": """
        for row in rows:
            class Row:
                def row(self):
                    return row
            self.found.append(Row)
    """,
    "bound by walrus": """
        for row in rows:
            if any((last := part) for part in row):
                self.found.append(lambda: last)
    """,
    "in a list": """
        for row in rows:
            self.found += [sorted, lambda: row]
    """,
    "an iterator of which nothing is asked": """
        for row in rows:
            self.found.append(map(lambda part: part * row, keep))
    """,
    "an iterator in a list": """
        for row in rows:
            self.found.append([(part * row for part in keep)])
    """,
    "called before it's defined anew": """
        later = print
        for row in rows:
            later()
            def later():
                print(row)
    """,
    "called behind the loop": """
        for row in rows:
            def later():
                print(row)
            later()
        rows.clear()
        for row in keep:
            later()
    """,
    "a generator function that is called": """
        for row in rows:
            def later():
                yield row
            self.found.append(later())
    """,
    "an iterator that zip goes through, for a variable that holds whole elements": """
        for row in rows:
            for pair in zip((part * last for part in keep), rows):
                print(pair)
            last = row
        print(pair)
    """,
    "a name that a later clause of its comprehension binds": """
        while rows:
            print([cell for row in rows for cell in self.found.append(lambda: cell) or row])
    """,
    "a function in an element of zip": """
        for row in rows:
            for later, part in zip(lambda: row, keep):
                print(later, part)
    """,
    "returned before a finally": """
        for row in rows:
            try:
                return lambda: row
            finally:
                row = keep
    """,
    "raised into a handler": """
        for row in rows:
            try:
                raise ValueError(lambda: row)
            except ValueError as error:
                self.found.append(error)
    """,
}


@pytest.mark.parametrize("code", PITFALLS.values(), ids=PITFALLS)
def test_what_may_be_a_pitfall_is_analysed(code: str) -> None:
    text = in_function(code)
    assert picked(text)
    assert picked(text, DEFAULT_CODES)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("sorted", "def sorted(part, key):\n    found.append(key)\n"),
        ("sorted", "from tools import sorted\n"),
        ("sorted", "from tools import register as sorted\n"),
        ("sorted", "sorted = found.append\n"),
        ("groupby", "try:\n    from itertools import groupby\nexcept ImportError:\n    groupby = None\n"),
        ("tools.groupby", "import itertools\n\ntools = itertools\n"),
        ("table.sort", "class Table:\n    def sort(self, part, key):\n        found.append(key)\n\ntable = Table()\n"),
        ("assertRaises", "def assertRaises(part, key):\n    found.append(key)\n"),
    ],
)
def test_callees_that_may_be_others(name: str, start: str) -> None:
    text = f"found = []\n{start}for row in rows:\n    found.append({name}([], key=lambda part: row))\n"
    assert picked(text)


def test_callees_that_the_options_name() -> None:
    text = in_function("for row in rows:\n    print(sorted(rows, key=lambda part: part < row))\n")
    assert not picked(text)
    assert picked(text, Options(retaining_callees=frozenset({"builtins.sorted"})))
    assert picked(text, Options(retaining_callees=frozenset({"sorted"})))


UNKNOWN = {
    "function": "from tools import use\nfor row in rows:\n    use(lambda: row)\n",
    "method": "from tools import table\nfor row in rows:\n    table.use(lambda: row)\n",
    "iterator": "from tools import Table\nfor row in rows:\n    found = Table(part * row for part in rows)\n",
    "local function": "from tools import use\nfor row in rows:\n    def local():\n        return row\n    use(local)\n",
}


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_callees_are_analysed_if_that_is_asked_for(text: str) -> None:
    assert codes_in(text) == {"PIT103"}
    assert picked(text)
    assert picked(text, Options())
    assert not picked(text, DEFAULT_CODES)


@pytest.mark.parametrize(
    "text",
    [
        "from tools import table\nfor row in rows:\n    table.connect(lambda: row)\n",
        "from tools import table\nfor row in rows:\n    table.use(on_click=lambda: row)\n",
        "from tools import Table\nfound = []\nfor row in rows:\n    found.append(Table(lambda: row))\n",
        "from tools import table\nfor row in rows:\n    with table.use(lambda: row) as found:\n        row = found\n",
        "for row in rows:\n    setattr(row, 'key', lambda: row)\n",
        "import threading\n\nth = threading\nfor row in rows:\n    th.Thread(target=lambda: row).start()\n",
        "def use(key):\n    found.append(key)\n\nfound = []\nfor row in rows:\n    use(lambda: row)\n",
        "class Table:\n    def use(self, key):\n        self.key = key\n\nfor row in rows:\n    row.use(lambda: row)\n",
    ],
)
def test_callees_that_are_analysed_in_any_case(text: str) -> None:
    assert picked(text, DEFAULT_CODES)

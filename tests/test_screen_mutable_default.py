"""Tests of the screen of PIT2xx: what needs no analysis, and what does."""

from __future__ import annotations

import ast

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse, report
from flake8_pitfalls.rules.mutable_default.screened_repetitions import repetitions
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics.module import SourceModule

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())


def screened(text: str, options: Options = OPTIONS) -> Candidates:
    return candidates(text, ast.parse(text), options)


def with_class(body: str, value: str = "[]") -> str:
    """A class with a mutable attribute, and a method that does something with it."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"class Box:\n    items = {value}\n\n    def method(self, other):\n{lines}\n"


READ = {
    "nothing": "return other",
    "element": "return self.items[0]",
    "item of a mapping": "return self.items.get(other)",
    "method that reads": "return self.items.index(other)",
    "iteration": "for item in self.items:\n    print(item)",
    "comprehension": "return [item for item in self.items if item]",
    "returned": "return self.items",
    "copied": "more = list(self.items)\nmore.append(1)",
    "added": "more = self.items + [1]\nmore.append(1)",
    "unpacked": "more = [*self.items]\nmore.append(1)",
    "variable that is read": "items = self.items\nreturn items[0], len(items)",
    "either": "items = other or self.items\nreturn items[0]",
    "condition": "return 1 if self.items else 2",
    "formatted": "return f'{self.items}' % self.items",
    "handed on": "return other(self.items, key=self.items)",
    "kept by the instance": "self.mine = self.items",
    "tuple": "pair = (1, self.items)\nreturn pair[1][0]",
    "function that reads": "return look(self.items)",
    "constructor that keeps": "return Keeper(self.items)",
    "class method": "return None\n\n@classmethod\ndef add(cls):\n    cls.items.append(1)",
}
AROUND = (
    "\n\ndef look(things):\n    return len(things)\n\n\ndef change(things):\n    things.append(1)\n\n\n"
    "def give(things):\n    return things\n\n\n"
    "class Keeper:\n    def __init__(self, things):\n        self.things = things\n"
)
CHANGED = {
    "method that changes": "self.items.append(other)",
    "subscript": "self.items[0] = other",
    "deleted": "del self.items[0]",
    "augmented": "self.items += [other]",
    "variable that is changed": "items = self.items\nitems.append(1)",
    "bound method": "add = self.items.append\nadd(1)",
    "either": "items = other or self.items\nitems.append(1)",
    "walrus": "(items := self.items).append(1)\nitems.append(2)",
    "tuple": "pair = (1, self.items)\npair[1].append(1)",
    "inner function": "def inner():\n    return self.items\ninner().append(1)",
    "function that changes": "change(self.items)",
    "function that gives it back": "give(self.items).append(1)",
    "builtin that gives it back": "max(self.items, other).append(1)",
    "well-known callee": "import random\nrandom.shuffle(self.items)",
    "container": "boxes = []\nboxes.append(self.items)\nboxes[0].append(1)",
    "loop variable": "for items in (self.items,):\n    items.append(1)",
    "context": "from contextlib import nullcontext\nwith nullcontext(self.items) as items:\n    items.append(1)",
}


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_attributes_that_are_only_read_are_no_candidates(body: str) -> None:
    text = with_class(body) + AROUND
    assert not screened(text)
    assert unscreened(text) == []


@pytest.mark.parametrize("body", CHANGED.values(), ids=CHANGED)
def test_attributes_that_may_be_changed_are_candidates(body: str) -> None:
    text = with_class(body) + AROUND
    assert 1 in screened(text).lines
    assert unscreened(text) == found(text) != []


def unscreened(text: str) -> list[str]:
    tree = ast.parse(text)
    whole = analyse(SourceModule(text, tree), Candidates.everything(tree), OPTIONS)
    return [f"{finding.line}: {finding.code}" for finding in whole]


def found(text: str) -> list[str]:
    tree = ast.parse(text)
    return [f"{f.line}: {f.code}" for f in report(text, tree, "-", candidates(text, tree, OPTIONS), OPTIONS)]


@pytest.mark.parametrize(
    "text",
    [
        with_class("for row in self.items:\n    row.append(1)", "[[], []]"),
        with_class("self.items['a'].append(1)", "{'a': []}"),
        with_class("self.items['a'][1].append(1)", "{'a': (1, [])}"),
        with_class("self.items[0].append(1)", "([], 1)"),
        with_class("look(self, row=self.items['a'][0])", "{'a': ([],)}")
        + "\n\ndef look(self, **rows):\n    rows['row'].append(1)\n",
        with_class("for key, row in self.items.items():\n    row.append(1)", "{'a': []}"),
        with_class("return self.items[other]", "collections.defaultdict(list)").replace(
            "class", "import collections\nclass", 1
        ),
        with_class("return self.items.getvalue(self.items.read())", "io.StringIO()").replace(
            "class", "import io\nclass", 1
        ),
        with_class("self.items.append(1)").replace("items =", "items, more =").replace("= []", "= [], 1"),
        with_class("return None") + "\n\nclass Child(Box):\n    def add(self):\n        self.items.append(1)\n",
        "class Bag(list):\n    pass\n\n\n" + with_class("self.items.append(1)", "Bag()"),
        with_class("return self\\\n    . items.append(1)"),
        with_class("return (self.  # why\n    items.append(1))"),
        with_class(f"return (self.  # {'why' * 200}\n    items.append(1))"),
        with_class("self._Box__items.append(1)").replace("    items", "    __items"),
        with_class("self.\N{FULLWIDTH LATIN SMALL LETTER I}tems.append(1)"),
        with_class("self.__\N{FULLWIDTH LATIN SMALL LETTER I}tems.append(1)").replace("    items", "    __items"),
        with_class("self.__items.append(1)").replace("    items", "    __items"),
        "".join(f"class C{n}:\n    __items = []\n    def add(self):\n        self.__items.pop()\n" for n in range(40)),
    ],
)
def test_attributes_in_other_shapes_are_found(text: str) -> None:
    assert screened(text)
    assert found(text) == unscreened(text)


@pytest.mark.parametrize(
    "text",
    [
        with_class("self.items = []\nself.items.append(1)"),
        with_class("setattr(self, other, 1)\nself.items.append(1)"),
        with_class("self.__dict__.update(other)\nself.items.append(1)"),
        with_class("(a, (self.items, b)), *c = other\nself.items.append(1)"),
        with_class("a = [1 for self.items in other]\nself.items.append(1)"),
        with_class("return next(self.items)", "itertools.count()").replace("class", "import itertools\nclass", 1),
        with_class("self.items.append(1)", "Bag()") + "\n\nclass Bag:\n    pass\n",
        with_class("return None") + "\n\nclass Other:\n    def add(self):\n        self.items.append(1)\n",
        with_class("self.items.append(1)").replace("items = []", "items: list = []").replace("Box:", "Box(Model):"),
    ],
)
def test_attributes_that_the_rule_leaves_out_are_no_candidates(text: str) -> None:
    assert not screened(text)
    assert unscreened(text) == []


def test_only_the_lines_that_decide_are_looked_at() -> None:
    text = with_class("self.items.append(1)") + "    def other(self):\n        return 1\n\n\nitems = 1\n"
    possible = screened(text)
    assert (set(possible.lines), set(possible.context)) == ({1}, {5})


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # Defaults.
        ("def f(x=[]): ...\n", {1}),
        ("def f(*, x={}): ...\n", {1}),
        ("def f(x=json.dumps(1)): ...\n\n\ndef dumps():\n    return []\n", set()),
        ("def make():\n    return []\n\n\ndef f(x=make()): ...\n", {5}),
        ("def make(x):\n    return x\n\n\ndef f(x=make(1)): ...\n", set()),
        ("X = []\n\n\ndef f(x=X): ...\n", {4}),
        ("X = []\nX = 1\n\n\ndef f(x=X): ...\n", set()),
        ("def f():\n    y = []\n\n    def g(x=y): ...\n", set()),
        ("class C:\n    y = []\n\n    def g(self, x=y): ...\n", {4}),
        ("X = [1]\n\n\ndef f(x=X[0]): ...\n", set()),
        ("X = [1]\n\n\ndef f(x=X[:]): ...\n", {4}),
        ("def f(x='a b'.split()): ...\n", {1}),
        ("def f(x=name.split()): ...\n", set()),
        ("def f(x=self.count()): ...\n", set()),
        ("import itertools as it\n\n\ndef f(x=it.count()): ...\n", {4}),
        ("from collections import deque as dq\n\n\ndef f(x=dq()): ...\n", {4}),
        ("def f(x=[] % 1, y=1 - [2]): ...\n", set()),
        ("f = lambda x=[]: x\n", {1}),
        # Instances.
        ("class Q: ...\n\n\ndef f(q=Q()):\n    return q\n", set()),
        ("class Q: ...\n\n\ndef f(q=Q()):\n    q.x = 1\n", {4}),
        ("class Q: ...\n\n\ndef f(q=Q()):\n    q.x.append(1)\n", {4}),
        ("class Q:\n    def set(self):\n        self.x = 1\n\n\ndef f(q=Q()):\n    return q\n", {6}),
        ("class Q: ...\n\n\nNO = Q()\n\n\ndef f(q=NO):\n    return q is NO\n", set()),
        ("class Q:\n    def f(self):\n        self.x = 1\n\n\nNO = Q()\n\n\ndef f(q=NO):\n    q.f()\n", set()),
        ("class Q:\n    def f(self):\n        return 1\n\n\ndef g(q=Q()):\n    return q.f()\n", set()),
        (
            "class Q:\n    def f(self):\n        g(self.x)\n\n\ndef f(q=Q()):\n    q.f()\n\n\ndef g(x):\n    x.y = 1\n",
            {6},
        ),
        (
            "class Q:\n    def f(q):\n        global y\n        y = q\n\n\ndef g(q=Q()):\n    q.f()\n    y.x = 1\n",
            {7},
        ),
        ("class Q:\n    def f(self):\n        return self\n\n\ndef g(q=Q()):\n    q.f().x = 1\n", {6}),
        (
            "class Q:\n    def f(self):\n        return 1\n\n\nclass R:\n    def f(self):\n        self.x = 1\n\n\n"
            "def f(q=Q()):\n    return q.f()\n",
            {11},
        ),
        ("class C:\n    class dict: ...\n\n    class D:\n        def f(self, q=dict()):\n            return q\n", {5}),
        # Caches.
        ("from functools import cache\n\n\n@cache\ndef f():\n    return []\n\n\nf().append(1)\n", {5}),
        ("from functools import cache\n\n\n@cache\ndef f():\n    return []\n\n\nf()\n", set()),
        ("from functools import cache\n\n\n@cache\ndef f():\n    x = []\n    return x\n\n\nf().append(1)\n", {5}),
        ("from functools import cache\n\n\n@cache\ndef f(x):\n    return g(x)\n\n\ndef g(x):\n    return x\n", set()),
        ("from functools import cache\n\n\n@cache\ndef f(x):\n    def g():\n        return []\n    return 1\n", set()),
        # Fields.
        ("from dataclasses import dataclass\n\n\n@dataclass\nclass C:\n    x: list = []\n", {5}),
        ("from dataclasses import dataclass as d\n\n\n@d\nclass C:\n    x: list = []\n", {5}),
        ("@register\nclass C(Base):\n    x: list = []\n", set()),
        # Calls.
        ("x = dict.fromkeys(y, [])\n", {1}),
        ("x = dict.fromkeys(y, 1)\n", set()),
        ("make = dict.fromkeys\nx = make(y)\n", set()),
        ("make = dict.fromkeys\nx = make(y, [])\n", {2}),
        ("def f(y):\n    a, make = 1, dict.fromkeys\n    return make(y, [])\n", {3}),
        ("x = type('X', (Base,), {'a': []})\nx().a.append(1)\n", {1}),
        ("x = (type)('X', (Base,), {'a': []})\nx().a.append(1)\n", {1}),
        ("x = (type  # why\n ('X', (Base,), {'a': []}))\nx().a.append(1)\n", {1}),
        ("X = type('X', (Base,), {'a': []})\n", set()),
        ("X = type('X', (Base,), {'a': []})\nX().b.append(1)\n", set()),
        ("X = type('X', (Base,), dict(a=[]))\nX().a.append(1)\n", {1}),
        ("x = (lambda a,  # why: this\n  b=[]: a)\n", {1}),
        ("def f(a):\n    a = []\n    return type('X', (Base,), {'a': a})\n", set()),
        ("f.__defaults__ = ([],)\n", {1}),
        ("f.__defaults__ = defaults\n", set()),
        ("parser.add_argument('-x', default=[])\nargs.x += [1]\n", {1}),
        ("parser.add_argument('-x', default=[])\nargs.y += [1]\n", set()),
        ("parser.add_argument('-x', default  # why\n=[])\nargs.x += [1]\n", {1}),
        ("parser.add_argument('-x', default \\\n=[])\nargs.x += [1]\n", {1}),
        ("X = []\nsettings.get('x', default=X)\n", set()),
        ("from django.db.models import JSONField as J\n\nx = J(default={})\n", {3}),
        ("from functools import partial\n\nf = partial(g, x=[])\n\n\ndef g(x):\n    x += [1]\n", {3}),
        ("from functools import partial\n\nf = (partial)(g, x=[])\n\n\ndef g(x):\n    x += [1]\n", {3}),
        ("from functools import partial\n\nf = partial \\\n (g, x=[])\n\n\ndef g(x):\n    x += [1]\n", {3}),
        ("from functools import partial\n\nf = partial(a.g, [])\n", set()),
        ("from functools import partial\n\nf = partial(g, x=[])\n", set()),
        # Repetitions.
        ("def f(n):\n    return [[]] * n\n", {2}),
        ("def f(n):\n    return n * ([],)\n", {2}),
        ("def f(n):\n    return [0] * n, [n] * 2, (n, 1) * 2, x[[]] * n\n", set()),
        ("def f(n):\n    return [[]] * 1\n", set()),
        ("def f(n):\n    row = []\n    return [row] * n\n", {3}),
        ("def f(n):\n    return sum(len(x) for x in [[]] * n)\n", set()),
        ("def f(n):\n    return g([[]] * n)\n", set()),
        ("def f(n):\n    n = [n] * 3\n    return n\n", set()),
        ("def f(n):\n    if n:\n        x = []\n    else:\n        x = {}\n    return [x] * n\n", set()),
        ("def f(n):\n    for x in n:\n        y = [x]\n        n += [y] * 2\n    return n\n", set()),
        ("def f(n):\n    x = []\n    x += [1]\n    return [x] * n\n", {4}),
        ("def f(n):\n    global x\n    x = []\n    return [x] * n\n\n\nx = []\n", {4}),
        ("def f(n):\n    return lambda x: (x := [], [x] * n)\n", {2}),
        ("def f(x=[], y=[[]] * 2): return y\n", {1}),
        ("from units import m\n\n\ndef f():\n    return [[1], [2]] * m\n", set()),
        ("import units\n\n\ndef f():\n    return [[1], [2]] * units.m\n", set()),
        ("from units import m\n\n\ndef f(m):\n    return [[1], [2]] * m\n", {5}),
        ("from units import m\n\n\ndef f(x):\n    return lambda m: [[1], [2]] * m\n", {5}),
        ("print([[]] * 3)\n", set()),
        ("x = [[]] * 3\n", {1}),
        ("print(x := [[]] * 3)\n", {1}),
        ("print(lambda: [[]] * 3)\n", {1}),
        ("def f(n):\n    rows = []\n    rows.append([[]] * n)\n    return len(rows)\n", set()),
        ("def f(n):\n    rows = []\n    rows.append([[]] * n)\n    return rows\n", {3}),
        ("def f(n):\n    rows = n\n    rows.append([[]] * n)\n    return len(rows)\n", {3}),
        (
            "rows = []\n\n\ndef f(n):\n    rows.append([[]] * n)\n\n    def g():\n        rows = []\n        rows\n",
            {5},
        ),
        ("rows = []\n\n\ndef f(n):\n    rows.append([[]] * n)\n\n    class C:\n        rows = []\n", {5}),
        (
            "def f(n):\n    rows = []\n    rows.append([[]] * n)\n\n    class C:\n        x = rows\n\n    return C\n",
            {3},
        ),
        ("def f(n):\n    rows = [[]] * n\n\n    class C:\n        x = rows\n\n    return C\n", {2}),
        ("def f(n):\n    for _ in n:\n        rows.append([[]] * n)\n        rows = []\n", {3}),
        ("def f(n):\n    class C:\n        rows = [[]] * n\n\n    return C\n", {3}),
        ("def f(n):\n    class C:\n        def f(self):\n            rows = [[]] * n\n            return 1\n", set()),
    ],
)
def test_candidates(text: str, lines: set[int]) -> None:
    assert screened(text).families["mutable_default"] == lines
    if not lines:
        assert unscreened(text) == []


@pytest.mark.parametrize("call", ["make()", "own.make()"])
def test_extended_calls_are_candidates(call: str) -> None:
    text = f"import own\nfrom own import make\n\n\ndef f(x={call}): ...\n"
    assert not screened(text)
    assert screened(text, Options(extend_mutable_calls=frozenset({"own.make"}))).lines == {5}


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[x] * n", 1),
        ("n*[x]", 1),
        ("[  # why\n x]  # because\n * n", 1),
        ("(x,) * \\\n n", 1),
        ("return[x]*n", 1),
        ("('(', [])*3", 1),
        ("(f(x), [g[0], h(1)])*3", 1),
        ("([x])*3", 1),
        ("3*( [x] )", 1),
        ("[1, 2.0, -3] * n", 0),
        ("a[x] * n, f(x, y)*n, (x + y)*n, n*(x + f(y))", 0),
        ("f(*[x], **{}), x ** [y]", 0),
    ],
)
def test_stars_that_may_repeat_a_display(text: str, count: int) -> None:
    assert len(list(repetitions(text))) == count


def test_many_base_classes_need_no_deep_stack() -> None:
    classes = "".join(f"class Q{place + 1}(Q{place}): ...\n" for place in range(400))
    assert screened(f"class Q0: ...\n{classes}\n\ndef f(q=Q400()):\n    q.x = 1\n")


def test_long_sums_need_no_deep_stack() -> None:
    text = "class C:\n    items = [1]" + " + [1]" * 2000 + "\n\n    def f(self):\n        return self.items\n"
    assert not screened(text)

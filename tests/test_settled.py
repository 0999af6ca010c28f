"""Tests of the findings about defaults that are told from ``ast`` alone: they are those of the whole analysis."""

from __future__ import annotations

import ast
from textwrap import indent

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse, report
from flake8_pitfalls.screen import candidates
from flake8_pitfalls.semantics.module import SourceModule

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())

AROUND = """\
import logging
import numpy as np
import tools
from tools import handle, shuffle
from tools import look as peek

log = logging.getLogger()
NAMES = ["a", "b"]


def count(things):
    return len(things)


def pass_on(things, what=None):
    tools.go(what=things)


def decide(things):
    if things:
        tools.go(things)


def again(things):
    things = list(things)
    tools.go(things)


def give(things):
    return things


def loop(things):
    loop(things)


@tools.wrap
def wrapped(things):
    return len(things)


class Base:
    def keep(self, things):
        self.things = things

    def keep_in(self, other, things):
        other.things = things

    def overridden(self, things):
        print(things)


class Box(Base):
    def put(self, other, xs={default}):
{body}

    def read(self, things):
        return sorted(things)

    @property
    def size(self):
        return 0


class Sub(Box):
    def overridden(self, things):
        things.append(1)
"""


def module(body: str, default: str = "[]") -> str:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return AROUND.replace("{body}", lines).replace("{default}", default)


CERTAIN = {
    "nothing": ("return other", "PIT202 it's never used"),
    "condition": ("if xs:\n    return 1", "PIT202 it's only read so far"),
    "comparison": ("return other in xs and xs != other", "PIT202 it's only read so far"),
    "element": ("return xs[0] + xs[1:][0]", "PIT202 it's only read so far"),
    "index": ("return other[xs]", "PIT202 it's only read so far"),
    "loop": ("for x in xs:\n    print(x)", "PIT202 it's only read so far"),
    "comprehension": ("return [x for x in xs if x not in xs]", "PIT202 it's only read so far"),
    "copied": ("self.xs = list(xs)\nself.xs.append(1)", "PIT202 it's only read so far"),
    "sum": ("ys = xs + [1]\nys.append(2)\nother += xs", "PIT202 it's only read so far"),
    "unpacked": ("return [*xs], print(*xs), tools.go(*xs)", "PIT202 it's only read so far"),
    "formatted": ("return f'{xs!r}', '%s' % xs, ', '.join(xs)", "PIT202 it's only read so far"),
    "reading method": ("return xs.count(1), self.count_of(xs.index(2))", "PIT202 it's only read so far"),
    "function that reads": ("return count(xs)", "PIT202 it's only read so far"),
    "method that reads": ("return self.read(xs)", "PIT202 it's only read so far"),
    "logged": ("log.debug('%s', xs)", "PIT202 it's only read so far"),
    "chosen": ("return len(xs if xs else other)", "PIT202 it's only read so far"),
    "imported function": ("handle(other, xs)", "PIT202 it's handed on to handle() on line 55"),
    "parentheses on other lines": ("handle((\n    xs\n))", "PIT202 it's handed on to handle() on line 56"),
    "keyword": ("handle(\n    other,\n    things=xs,\n)", "PIT202 it's handed on to handle() on line 57"),
    "unknown method": ("self.other(xs)", "PIT202 it's handed on to self.other() on line 55"),
    "attribute of oneself": ("return self.parts.draw(xs)", "PIT202 it's handed on to self.parts.draw() on line 55"),
    "module": ("np.dot(xs, other)\nreturn 1", "PIT202 it's handed on to np.dot() on line 55"),
    "parameter": ("return other(xs)", "PIT202 it's handed on to other() on line 55"),
    "super": ("super().draw(other, xs)", "PIT202 it's handed on to super().draw() on line 55"),
    "long name": (
        "self.a_rather_long_name.another_long_name.the_method(xs)",
        "PIT202 it's handed on to a callable on line 55",
    ),
    "behind a branch": ("if other:\n    return None\nhandle(xs)", "PIT202 it's handed on to handle() on line 57"),
    "in a branch": (
        "for part in other:\n    while part:\n        with part:\n            handle(xs)\n        break",
        "PIT202 it's handed on to handle() on line 58",
    ),
    "first of two": ("self.first(xs)\nself.second(xs)", "PIT202 it's handed on to self.first() on line 55"),
    "through a function": ("pass_on(xs)", "PIT202 it's handed on to tools.go() on line 16"),
    "through two": (
        "return self.read(xs), pass_on(xs)",
        "PIT202 it's handed on to tools.go() on line 16",
    ),
    "stored": ("self.xs = xs", "PIT201 stored in 'self.xs' on line 55"),
    "stored, with a type": ("self.xs: list = xs", "PIT201 stored in 'self.xs' on line 55"),
    "stored and handed on": ("handle(xs)\nself.a.xs = xs", "PIT201 stored in 'self.a.xs' on line 56"),
    "stored by a base": ("self.keep(xs)", "PIT201 stored in 'self.things' by keep() on line 44"),
    "stored by a named base": ("Base.keep(self, xs)", "PIT201 stored in 'self.things' by keep() on line 44"),
    "stored by super": ("super().keep(xs)", "PIT201 stored in 'self.things' by keep() on line 44"),
    "returned": ("print(xs)\nreturn xs", "PIT201 returned on line 56"),
}
UNSURE = {
    "changed": "xs.append(other)",
    "item": "xs[0] = other",
    "augmented": "xs += other",
    "rebound": "xs = xs or []\nxs.append(1)",
    "rebound by a loop": "for xs in other:\n    xs.append(1)",
    "rebound by an import": "import xs\nxs.run(xs)",
    "rebound by a handler": "try:\n    other()\nexcept ValueError as xs:\n    self.xs = xs",
    "rebound by a pattern": "match other:\n    case [*xs]:\n        self.xs = xs",
    "rebound by a definition": "def xs():\n    pass\nself.xs = xs",
    "deleted": "del xs\nself.xs = []",
    "other name": "ys = xs\nys.append(1)",
    "pair": "self.xs, self.ys = xs, other",
    "chain": "self.xs = ys = xs",
    "captured": "return lambda: xs",
    "captured by a function": "def inner():\n    xs.append(1)\ninner()",
    "captured by a comprehension's lambda": "return [lambda: xs for _ in other]",
    "all variables": "return locals()",
    "eval": "return eval(other)",
    "yielded": "yield xs",
    "in a container": "self.all.append([xs])",
    "kept": "self.all.append(xs)",
    "dictionary": "return {1: xs}",
    "max": "max(xs, other).append(1)",
    "well-known name": "shuffle(xs)",
    "bound method": "handle(xs.append)",
    "attribute": "return xs.append",
    "called": "xs()",
    "in a container of its own": "box = []\nbox.hold(xs)",
    "own container's attribute": "box = other()\nbox.xs = xs",
    "thread": "import threading\nthreading.Thread(target=other, args=xs).start()",
    "only if it isn't empty": "if xs:\n    self.xs = xs",
    "only if it is empty": "if not xs:\n    handle(xs)",
    "conditional": "handle(xs if other else None)",
    "only if it isn't empty, together": "handle(other and xs)",
    "in a loop over it": "for x in xs:\n    handle(x, xs)",
    "length": "if len(xs) > 2:\n    handle(xs)",
    "never": "if False:\n    handle(xs)\nreturn 1",
    "behind a return": "return 1\nhandle(xs)",
    "behind both": "if other:\n    return 1\nelse:\n    raise ValueError\nhandle(xs)",
    "endless loop": "while True:\n    pass\nhandle(xs)",
    "handler": "try:\n    other()\nexcept ValueError:\n    handle(xs)",
    "message": "assert other, handle(xs)",
    "cause": "raise ValueError from handle(xs)",
    "condition in a function": "decide(xs)",
    "rebound in a function": "again(xs)",
    "given back": "give(xs).append(1)",
    "recursion": "loop(xs)",
    "decorated": "wrapped(xs)",
    "overridden": "self.overridden(xs)",
    "super that's overridden": "super().overridden(xs)",
    "stored in an argument": "made = []\nself.keep_in(made, xs)",
    "class of the file": "return Base(xs)",
    "property": "self.size(xs)",
    "own class": "self.__class__.read(self, xs)",
    "two on a line": "self.first(xs), self.second(xs)",
    "two values of a parameter": "pass_on(xs, things=other)",
    "in an f-string": "return f'{handle(xs)}'",
    "annotation": "size: list[xs] = other",
    "annotated attribute": "handle(xs).size: int",
    "names of variables": "return dir(other)",
    "super of another object": "other.super().keep(xs)",
    "several lines": "self.first(\n    other\n).second(xs)",
    "renamed import": "peek(xs)",
}
DEFAULTS = ("[]", "[1, 'a', (2, -3)]", "{}", "{'a': 1}", "{1, 2}", "list()", "dict()", "set()", "NAMES")
"""Defaults that hold nothing mutable."""


def settled(text: str, options: Options = OPTIONS) -> list[tuple[str, int, int, str, str]]:
    possible = candidates(text, ast.parse(text), options)
    return [tuple(found) for findings in possible.settled.values() for found in findings]


def analysed(text: str, options: Options = OPTIONS) -> list[tuple[str, int, int, str, str]]:
    tree = ast.parse(text)
    found = analyse(SourceModule(text, tree, "x.py"), candidates(text, tree, options), options)
    return [(each.code, each.line, each.column, each.message, each.fingerprint) for each in found]


def reported(text: str, options: Options = OPTIONS) -> list[tuple[str, int, int, str, str]]:
    tree = ast.parse(text)
    found = report(text, tree, "x.py", candidates(text, tree, options), options)
    return [(each.code, each.line, each.column, each.message, each.fingerprint) for each in found]


@pytest.mark.parametrize(("body", "fate"), CERTAIN.values(), ids=CERTAIN)
def test_certain(body: str, fate: str) -> None:
    """The fate is in the words of the message, behind what all messages begin with."""
    (found,) = settled(module(body))
    code, _, what = fate.partition(" ")
    joint = " and " if code == "PIT201" else "; "
    assert found[0] == code
    assert found[3] == f"default [] of 'xs' is shared by all calls{joint}{what}"
    assert [found] == analysed(module(body)) == reported(module(body))


@pytest.mark.parametrize("body", UNSURE.values(), ids=UNSURE)
def test_unsure(body: str) -> None:
    assert settled(module(body)) == []
    assert reported(module(body)) == analysed(module(body))


@pytest.mark.parametrize("default", DEFAULTS)
def test_all_kinds_of_defaults(default: str) -> None:
    """Where something is certain, the whole analysis says the same, whatever the default."""
    count = 0
    for body, _ in CERTAIN.values():
        text = module(body, default)
        found = settled(text)
        count += len(found)
        assert set(found) <= set(analysed(text)), body
    assert count > len(CERTAIN) // 2


@pytest.mark.parametrize("default", ["[[]]", "[NAMES]", "[x for x in NAMES]", "Base()", "{'a': []}", "other", "BOTH"])
def test_other_defaults_are_left_to_the_analysis(default: str) -> None:
    text = module("return len(xs)", default) + "\nBOTH = []\nBOTH = NAMES\n"
    assert settled(text) == []
    assert reported(text) == analysed(text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    def g(y=[]):\n        return y[0]\n    return g\n",
        "from pydantic import validate_call\n\n@validate_call\ndef f(x=[]):\n    return x[0]\n",
        "list = tuple\ndef f(x=list()):\n    return x[0]\n",
        "NAMES = []\nfor NAMES in range(3):\n    pass\ndef f(x=NAMES):\n    return x[0]\n",
        "NAMES = []\ndef g():\n    global NAMES\n    NAMES = ()\ndef f(x=NAMES):\n    return x[0]\n",
        "NAMES = []\nclass A:\n    NAMES = ()\n    def f(self, x=NAMES):\n        return x[0]\n",
        "if x:\n    def f(x=[]):\n        return x[0]\n",
        "def f(x=[]): return [[]] * x[0]\n",
        "def f(x=[], y=lambda: 0): return x[0], y\n",
        "@tools.wrap(x)\ndef f(x=[]):\n    pass",
        "def f(x=[], y=handle(x)):\n    return y",
        "def f(x=[], y=1) -> handle(x):\n    return y",
        "from __future__ import annotations\ndef f(x=[]):\n    y: list[x] = 1",
        "class A:\n    def keep(self, x):\n        self.x = x\n"
        "class B(A):\n    def f(self, super, x=[]):\n        super().keep(x)",
        "from typing import TYPE_CHECKING as CHECKED\ndef f(x=[]):\n    if CHECKED:\n        handle(x)",
        "from builtins import sorted\ndef f(x=[]):\n    sorted(x)",
        "import builtins\ndef f(x=[]):\n    builtins.sorted(x)",
        "def g():\n    from six.moves import zip\ndef f(x=[]):\n    zip(x)",
        "for len in ():\n    pass\ndef f(x=[]):\n    len(x)",
        "with a as len:\n    pass\ndef f(x=[]):\n    len(x)",
        "try:\n    pass\nexcept ValueError as len:\n    pass\ndef f(x=[]):\n    len(x)",
        "match a:\n    case [*len]:\n        pass\ndef f(x=[]):\n    len(x)",
        "match a:\n    case {**len}:\n        pass\ndef f(x=[]):\n    len(x)",
        "for list in ():\n    pass\ndef f(x=list()):\n    return x[0]",
        "def keep(x):\n    tools.go(x)\ndef f(x=[]):\n    keep(x)\ndel keep",
        "class A:\n    def keep(self, x):\n        self.x = x\nclass B(A):\n    for keep in ():\n        pass\n"
        "    def f(self, x=[]):\n        self.keep(x)",
        "class A:\n    def keep(self, /, other, x):\n        other.x = x\n"
        "    def f(self, x=[]):\n        made = []\n        self.keep(made, x)",
        "class A:\n    def keep(self, /, other, x):\n        other.x = x\n"
        "class B:\n    def f(self, x=[]):\n        made = []\n        A.keep(self, made, x)",
        "import argparse\np = argparse.ArgumentParser()\nclass P:\n    def add_argument(self, *a, **k): pass\n"
        "p.add_argument('-x', default=[])\n",
    ],
)
def test_other_places_are_left_to_the_analysis(text: str) -> None:
    assert reported(text) == analysed(text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(\N{LATIN SMALL LIGATURE FI}=[]):\n    handle(fi)",
        "def f(e\u0301=[]):\n    handle(e\u0301)\n",
        "def f(e\u0301=[]):\n    handle(\u00e9)\n",
        "def e\u0301(x=[]):\n    handle(x)\n",
        "\u00e9 = []\ndef f(x=e\u0301):\n    handle(x)\n",
        "class A:\n    def keep_e\u0301(self, x):\n        self.x = x\n"
        "    def f(self, x=[]):\n        self.keep_\u00e9(x)\n",
    ],
    ids=ascii,
)
def test_names_in_other_forms_are_left_to_the_analysis(text: str) -> None:
    """What Python normalises: a ligature, and letters with marks behind them (PEP 3131)."""
    assert settled(text) == []
    assert reported(text) == analysed(text)


@pytest.mark.parametrize("comment", ["m\u00b2", "so\u2026", "\ufb01", "e\u0301", "\u2116"], ids=ascii)
def test_other_text_may_have_any_form(comment: str) -> None:
    text = f"def f(x=[]):  # {comment}\n    '{comment} ...'\n    handle('...', x)\n"
    assert settled(text) == analysed(text) == reported(text) != []


def test_options_of_parsers() -> None:
    text = "import argparse\np = argparse.ArgumentParser()\np.add_argument('-x', default=[1,\n    2])\n"
    assert settled(text) == analysed(text) == reported(text) == []
    text += "p.parse_args().x.append(3)\n"
    assert settled(text) == analysed(text) == reported(text)
    assert [found[3] for found in settled(text)] == ["one [1, 2] is shared by all namespaces of the parser"]
    text = f"def f():\n{indent(text, '    ')}"
    assert settled(text) == analysed(text) == reported(text) == []


def test_columns_are_counted_in_characters() -> None:
    text = "def f(größe='ü', x=['ä',\n   'ö']):\n    return x[0]\n"
    assert settled(text) == analysed(text)
    assert settled(text)[0][1:3] == (1, 19)


@pytest.mark.parametrize(
    "call", ["go(\n  1,\n  x)", "o.go(\n\n x)", "go(1,\n  (x))", "go(1, (\n  x))", "go(\n  # (\n  x)", "go(k=(\n x))"]
)
def test_the_line_is_that_of_the_argument(call: str) -> None:
    text = f"def f(o, x=[]):\n    {call}\n"
    assert analysed(text) == reported(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_ends_of_lines(end: str) -> None:
    text = "def f(x=[1,  # one\n   2]):\n\n    return x\n".replace("\n", end)
    assert settled(text) == analysed(text)
    assert settled(text)[0][3] == "default [1, 2] of 'x' is shared by all calls and returned on line 4"


def test_stable_messages() -> None:
    options = OPTIONS._replace(stable_messages=True)
    text = module("self.xs = xs")
    assert settled(text, options) == analysed(text, options)
    assert settled(text, options)[0][3].endswith("stored in 'self.xs'")


def test_extended_calls_are_left_to_the_analysis() -> None:
    options = OPTIONS._replace(extend_immutable_calls=frozenset({"builtins.list"}))
    text = module("return xs[0]", "list()")
    assert settled(text, options) == []
    assert reported(text, options) == analysed(text, options) == []


def test_stubs_have_no_findings() -> None:
    text = "def f(x=[]): ...\n"
    tree = ast.parse(text)
    assert report(text, tree, "x.pyi", candidates(text, tree, OPTIONS), OPTIONS) == []

"""Tests of what isn't run again because it would do the same: nobody can tell but by the time that it takes."""

from __future__ import annotations

import ast
import sys
import sysconfig
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.screen import candidates
from flake8_pitfalls.semantics import in_file
from flake8_pitfalls.semantics.module import SourceModule
from flake8_pitfalls.semantics.runs import Runs

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())

PROGRAMS = {
    "a free variable is bound again": """\
def f(x=[]):
    kept = None
    def change():
        kept.append(1)
    change()
    kept = x
    change()
""",
    "a free variable is bound by the function": """\
def f(x=[]):
    kept = None
    def keep():
        nonlocal kept
        kept = x
    def change():
        kept.append(1)
    change()
    keep()
    change()
    kept = None
    change()
    keep()
    change()
""",
    "a variable that only an inner call reads": """\
def f(x=[]):
    kept = None
    def change():
        kept.append(1)
    def call():
        change()
    call()
    kept = x
    call()
""",
    "other arguments": """\
def f(x=[]):
    def change(y):
        y.append(1)
    change([])
    change([])
    change(x)
""",
    "an attribute holds something else": """\
class Holder:
    def __init__(self, held):
        self.held = held

def use(holder):
    holder.held.append(1)

def f(x=[]):
    first = Holder([])
    use(first)
    second = Holder(x)
    use(second)
""",
    "an attribute is assigned": """\
def use(box):
    box.held.append(1)

def f(x=[]):
    box = [x]
    use(box)
    box.held = x
    use(box)
""",
    "all variables are looked at": """\
def f(x=[]):
    kept = None
    def change():
        for value in locals().values():
            value.append(1)
    def change_here(kept):
        locals()["kept"].append(1)
        exec("kept.append(1)")
    change()
    change_here([])
    change_here(x)
""",
    "more functions run": """\
def f(x=[]):
    def one(y): return two(y)
    def two(y): return three(y)
    def three(y): return four(y)
    def four(y): return five(y)
    def five(y): return six(y)
    def six(y): y.append(1)
    one(x)
    three(x)
""",
    "fewer functions run": """\
def f(x=[]):
    def one(y): return two(y)
    def two(y): return three(y)
    def three(y): return four(y)
    def four(y): return five(y)
    def five(y): return six(y)
    def six(y): y.append(1)
    three(x)
    one(x)
""",
    "the function runs already": """\
def f(x=[]):
    def ping(y, more):
        if more:
            return pong(y, more)
        return y
    def pong(y, more):
        return ping(y, more - 1)
    pong(x, 1)
    ping(x, 1)
    return ping(x, 0)
""",
    "the function that it calls no longer runs": """\
def f(x=[1]):
    def ping(y, z):
        pong(y, z)
    def pong(y, z):
        if z:
            ping(z, None)
        y.append(1)
    pong([], x)
    ping(x, None)
""",
    "two functions hand on their defaults": """\
def keep(where, what):
    where.append(what)
    what.append(where)

def f(x=[]):
    keep([], x)

def g(a, x=[]):
    keep(a, x)

def h(x={}):
    keep([], x)
    return x
""",
    "closures handed on": """\
def call(function):
    return function()

def f(x=[], y={}):
    call(lambda: x)
    call(lambda: y.update(a=1))
    return call(lambda: 1)
""",
    "overriding methods": """\
class Base:
    def run(self, what):
        self.use(what)
    def use(self, what):
        pass
    def start(self, what=[]):
        self.run(what)

class Middle(Base):
    pass

class Sub(Middle):
    def use(self, what):
        what.append(1)

class Other(Base):
    def start(self, what=[]):
        self.run(what)
        self.use(what)
""",
}

LOOPS = """\
def f(x=[[1]]):
    def one(y):
        while more():
            two(y)
            two(y)
    def two(y):
        while more():
            three(y)
            three(y)
    def three(y):
        while more():
            four(y)
            four(y)
    def four(y):
        return len(y)
    while more():
        one(x)
        one(x)
"""


def found(text: str) -> list[Finding]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text)
    return analyse(SourceModule(text, tree, "a.py"), candidates(text, tree, OPTIONS), OPTIONS)


@pytest.fixture
def forgetting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every function run each time."""
    return lambda: monkeypatch.setattr(Runs, "add", lambda *_: None)


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_a_run_is_repeated_only_if_it_would_be_the_same(text: str, forgetting: Callable[[], None]) -> None:
    findings = found(text)
    assert findings
    forgetting()
    assert found(text) == findings


LIBRARY = Path(sysconfig.get_path("stdlib"))


@pytest.mark.parametrize("name", ["traceback.py", "xmlrpc/server.py", "smtplib.py"])
def test_the_standard_library(name: str, forgetting: Callable[[], None]) -> None:
    text = (LIBRARY / name).read_text(encoding="utf-8")
    findings = found(text)
    forgetting()
    assert found(text) == findings


def test_functions_called_in_nested_loops_run_a_few_times(forgetting: Callable[[], None]) -> None:
    few = frames_run(LOOPS)
    forgetting()
    assert few * 5 < frames_run(LOOPS)


def frames_run(text: str) -> int:
    """How often the body of a function is run."""
    count = 0
    code = in_file.InFileCalls._run_frame.__code__

    def count_bodies(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        caller = frame.f_back
        count += event == "call" and frame.f_code.co_name == "run_body" and caller is not None and caller.f_code is code

    sys.setprofile(count_bodies)
    try:
        found(text)
    finally:
        sys.setprofile(None)
    return count

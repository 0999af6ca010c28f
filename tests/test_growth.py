"""Work grows no faster than the file: calls are counted, not seconds, for files of one, two and four times a size."""

from __future__ import annotations

import ast
import functools
import gc
import sys
import time
from collections.abc import Callable
from types import FrameType

import pytest

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.fixes import apply
from flake8_pitfalls.rules import report
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.rules.pickling import hoist_place
from flake8_pitfalls.screen import candidates
from flake8_pitfalls.semantics import module
from flake8_pitfalls.semantics.module import SourceModule
from tests.benchmarks.growth import GOAL, SHAPES
from tests.benchmarks.stages import LINTER, OPTIONS, fix, warm_up

REPORTED = {
    "small functions": 400,
    "functions with candidates": 40,
    "one function": 100,
    "one class": 100,
    "closures in loops": 100,
    "deep expressions": 8,
    "variables of one loop": 40,
    "as many findings": 16,
    "inherited attributes": 72,
    "attributes of one class": 50,
    "one name pickled again": 120,
    "lambdas pickled in one function": 24,
    "instances pickled by their methods": 120,
    "functions in one function": 400,
    "classes of one name": 120,
}
"""The smallest size of each shape that is reported."""
SCREENED = {
    "inherited attributes": 600,
    "attributes of one class": 300,
    "functions called in one loop": 90,
    "one parameter pickled again": 60,
}
"""The same for those whose candidates are looked for, which would take no time beside the report."""
FIXED = {
    "functions with candidates": 40,
    "closures in loops": 100,
    "variables of one loop": 40,
    "pickled local functions": 40,
    "as many findings": 16,
    "overrides of one method": 20,
    "lambdas pickled in one function": 12,
    "parameters of one function": 100,
    "metaclasses of one class": 40,
    "metaclasses of the module": 40,
}


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    warm_up()


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, those of Python itself included."""
    counted = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal counted
        counted += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def found(text: str) -> list[Finding]:
    tree = ast.parse(text)
    possible = candidates(text, tree, OPTIONS)
    return report(text, tree, "-", possible, OPTIONS) if possible else []


def growth(work: Callable[[str], object], shape: str, size: int) -> float:
    """By what the work for the second half of a file exceeds that for the second quarter; 2 is linear."""
    texts = [SHAPES[shape](times * size) for times in (1, 2, 4)]
    small, middle, large = (calls(lambda text=text: work(text)) for text in texts)  # type: ignore[misc]
    return (large - middle) / (middle - small)


@pytest.mark.parametrize(("shape", "size"), SCREENED.items())
def test_looking_for_candidates_grows_with_the_file(shape: str, size: int) -> None:
    assert growth(lambda text: candidates(text, ast.parse(text), OPTIONS), shape, size) <= GOAL


@pytest.mark.parametrize(("shape", "size"), REPORTED.items())
def test_reporting_grows_with_the_file(shape: str, size: int) -> None:
    assert growth(found, shape, size) <= GOAL


@pytest.mark.parametrize(("shape", "size"), FIXED.items())
def test_fixing_grows_with_the_file(shape: str, size: int) -> None:
    assert growth(lambda text: fix(text, found(text), "-"), shape, size) <= GOAL


def test_what_a_name_means_is_asked_once_for_all_fixes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the rest of a fix it takes too little for the tests above, until there are thousands."""
    asked: list[object] = []
    look = hoist_place._global_uses
    monkeypatch.setattr(hoist_place, "_global_uses", lambda statement: asked.append(statement) or look(statement))
    text = SHAPES["pickled local functions"](200)
    fix(text, found(text), "-")
    assert 0 < len(asked) <= 4 * text.count("def work")


def test_work_is_counted() -> None:
    assert calls(lambda: [len(()) for _ in range(1_000)]) >= 1_000


def test_a_file_that_takes_too_much_work_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SHAPES["variables of one loop"](40)
    assert found(text)
    monkeypatch.setattr(module, "MOST_WORK", 1_000)
    with pytest.raises(CannotAnalyse, match="too many pitfalls or ways through them"):
        found(text)


@pytest.mark.parametrize(
    "user",
    [
        "class C({base}):\n    def put(self, x=[]):\n        self.draw(x)\n        self.x = [x]\n",
        "def f(x={base}()):\n    x.y = 1\n    return x\n",
        "class C({base}):\n    x: list = []\n    def put(self):\n        self.x.append(1)\n",
        "import dataclasses\n@dataclasses.dataclass\nclass C:\n    x: {base} = {base}()\n",
    ],
)
def test_classes_that_share_their_bases_are_looked_at_once(user: str) -> None:
    texts = [_ladder(size) + user.format(base=f"A{size}") for size in (8, 16)]
    small, large = (calls(functools.partial(found, text)) for text in texts)
    assert large < 3 * small


def _ladder(size: int) -> str:
    """Classes with so many ways up to the last base that nobody can go them all."""
    steps = (f"class {name}{n + 1}(A{n}, B{n}): pass\n" for n in range(size) for name in "AB")
    return "".join(["class A0: pass\nclass B0: pass\n", *steps])


def test_variables_that_are_made_of_each_other_are_looked_at_once() -> None:
    small, large = (calls(functools.partial(found, _made_of_each_other(times))) for times in (4, 8))
    assert large < 3 * small


def _made_of_each_other(times: int) -> str:
    """A loop that binds six variables again and again, each time to a sum of the two after it."""
    names = "abcdef" + "ab"
    steps = [f"        {names[n]} = {names[n + 1]} + {names[n + 2]}\n" for n in range(6)]
    return "".join(["def f(rows, out):\n    for row in rows:\n", *steps * times, "        out.append(lambda: a)\n"])


def test_brackets_that_take_the_parser_too_long_are_given_up() -> None:
    nest = "[" * 90 + "]" * 90
    text = f"def f(x=[{', '.join([nest] * 1_200)}]):\n    x.append(1)\n"
    with pytest.raises(CannotAnalyse, match="too many pitfalls or ways through them"):
        found(text)


def test_what_takes_too_much_memory_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"def f(x=[{', '.join('1' * 500)}]):\n    x.append(1)\n    print(x)\n    return g(x)\n"
    tree = ast.parse(text)
    assert SourceModule(text, tree).statements[0].tree
    monkeypatch.setattr(module, "MOST_NODES", 900)
    with pytest.raises(CannotAnalyse, match="too large for the memory"):
        assert SourceModule(text, tree).statements[0].tree


@pytest.mark.parametrize(
    "line", ["some lambda in a text", "# type", "# partial of a default"], ids=["text", "call", "keyword"]
)
def test_searching_in_texts_and_comments_grows_with_the_file(line: str) -> None:
    """What a regular expression does isn't counted: it would take minutes, not a tenth of a second."""
    lines = f"{line}\n" * 20_000
    quotes = "" if line.startswith("#") else "'''\n"
    text = f"import functools, attr\n{quotes}{lines}{quotes}"
    start = time.process_time()
    candidates(text, ast.parse(text), OPTIONS)
    assert time.process_time() - start < 5


def test_the_garbage_collector_does_not_look_through_the_trees_while_fixing() -> None:
    text = SHAPES["as many findings"](64)
    findings = found(text)
    rounds: list[str] = []

    def note(phase: str, _: dict[str, int]) -> None:
        rounds.append(phase)

    gc.callbacks.append(note)
    try:
        assert fix(text, findings, "-") == len(findings)
    finally:
        gc.callbacks.remove(note)
    assert rounds.count("start") <= 1  # It goes on when everything is done.
    assert gc.isenabled()


def test_fixes_that_fail_together_are_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SHAPES["as many findings"](64)
    findings = found(text)
    tried = 0

    def analyse(fixed: str) -> list[Finding]:
        nonlocal tried
        tried += 1
        return LINTER.findings(text, ast.parse(text), "-")  # As if no fix changed anything.

    wanted = {(finding.code, finding.line, finding.column) for finding in findings}
    monkeypatch.setattr(apply, "MOST_EFFORT", 300_000)
    outcome = apply.fix_text(text, wanted, analyse, unsafe=True)
    assert tried < 15
    assert outcome.fixed == 0
    assert any("too many to try each" in left.reason for left in outcome.left)

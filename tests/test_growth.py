"""Work grows no faster than the file: calls are counted, not seconds, for files of one, two and four times a size."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from types import FrameType

import pytest

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.rules import report
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.screen import candidates
from flake8_pitfalls.semantics import module
from tests.benchmarks.growth import GOAL, SHAPES
from tests.benchmarks.stages import OPTIONS, fix, warm_up

REPORTED = {
    "small functions": 400,
    "functions with candidates": 40,
    "one function": 100,
    "one class": 100,
    "closures in loops": 100,
    "deep expressions": 8,
    "variables of one loop": 40,
    "as many findings": 16,
}
"""The smallest size of each shape that is reported."""
FIXED = {
    "functions with candidates": 40,
    "closures in loops": 100,
    "variables of one loop": 40,
    "pickled local functions": 40,
    "as many findings": 16,
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


@pytest.mark.parametrize(("shape", "size"), REPORTED.items())
def test_reporting_grows_with_the_file(shape: str, size: int) -> None:
    assert growth(found, shape, size) <= GOAL


@pytest.mark.parametrize(("shape", "size"), FIXED.items())
def test_fixing_grows_with_the_file(shape: str, size: int) -> None:
    assert growth(lambda text: fix(text, found(text), "-"), shape, size) <= GOAL


def test_work_is_counted() -> None:
    assert calls(lambda: [len(()) for _ in range(1_000)]) >= 1_000


def test_a_file_that_takes_too_much_work_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    text = SHAPES["variables of one loop"](40)
    assert found(text)
    monkeypatch.setattr(module, "MOST_WORK", 1_000)
    with pytest.raises(CannotAnalyse, match="too many pitfalls or ways through them"):
        found(text)


def test_brackets_that_take_the_parser_too_long_are_given_up() -> None:
    nest = "[" * 90 + "]" * 90
    text = f"def f(x=[{', '.join([nest] * 1_200)}]):\n    x.append(1)\n"
    with pytest.raises(CannotAnalyse, match="too many pitfalls or ways through them"):
        found(text)

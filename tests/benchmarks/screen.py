"""Whether the screen and the left-out methods change what is found, over all files of the packages.

Three ways lead to the findings of a file, and all have to be the same: with the screen (``analyse``), without it, and
with the screen and without the methods that hold no candidate (``report``, which is what flake8 runs).
"""

from __future__ import annotations

import ast
import sys
import tokenize
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec

from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import OPTIONAL_CODES, Linter, is_ours
from flake8_pitfalls.rules import analyse, report
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics.module import SourceModule

P = ParamSpec("P")

ALL_CODES = Options(target_version=(3, 10))
DEFAULT_CODES = Options(target_version=(3, 10), optional_codes=frozenset())

Result = list[Finding] | str
"""The findings of a file, or why it can't be analysed."""


@dataclass
class Tally:
    """What was compared."""

    files: int = 0
    unreadable: int = 0
    findings: int = 0
    different: int = 0


def compare(paths: list[Path]) -> Tally:
    """Compare the findings in some files, and print what differs."""
    tally = Tally()
    for number, path in enumerate(paths, 1):
        parsed = _parsed(path)
        if parsed is None:
            tally.unreadable += 1
            continue
        tally.files += 1
        found, differences = _compare(*parsed, str(path))
        tally.findings += found
        tally.different += bool(differences)
        for difference in differences:
            print(f"{path}: {difference}", flush=True)
        if number % 100 == 0:
            print(f"{number} of {len(paths)} files", file=sys.stderr, flush=True)
    return tally


def _parsed(path: Path) -> tuple[str, ast.Module] | None:
    try:
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = file.read()
            return text, ast.parse(text)
    except (SyntaxError, UnicodeDecodeError, ValueError, RecursionError):
        return None


def _compare(text: str, tree: ast.Module, name: str) -> tuple[int, list[str]]:
    """How much is found without the screen, and what differs."""
    whole = SourceModule(text, tree, name)
    count = 0
    differences: list[str] = []
    for title, options in (("all codes", ALL_CODES), ("default codes", DEFAULT_CODES)):
        possible = candidates(text, tree, options)
        unscreened = _result(options, analyse, whole, Candidates.everything(tree), options)
        screened = _result(options, analyse, SourceModule(text, tree, name), possible, options)
        reported = _result(options, report, text, tree, name, possible, options)
        # Without the screen, statements are looked at which LibCST can't parse, and which hold nothing.
        if not isinstance(unscreened, str):
            count = max(count, len(unscreened))
            differences += _differences(f"{title}, the screen", unscreened, screened)
        differences += _differences(f"{title}, report()", screened, reported)
    return count, differences


def _result(options: Options, find: Callable[P, list[Finding]], *args: P.args, **kwargs: P.kwargs) -> Result:
    """What flake8 gets to see: codes that are off by default may be found, but aren't reported."""
    linter = Linter(options, OPTIONAL_CODES if options.optional_codes is None else options.optional_codes)
    try:
        return [finding for finding in find(*args, **kwargs) if linter.emits(finding.code)]
    except BaseException as error:
        if not is_ours(error):
            raise
        return explain_failure(error)


def _differences(title: str, expected: Result, found: Result) -> list[str]:
    if expected == found:
        return []
    if isinstance(expected, str) or isinstance(found, str):
        return [f"{title}: {_said(expected)}, but {_said(found)}"]
    missed = [f"misses {_place(finding)}" for finding in expected if finding not in found]
    added = [f"adds {_place(finding)}" for finding in found if finding not in expected]
    return [f"{title} {what}" for what in (missed + added or ["changes the order"])]


def _said(result: Result) -> str:
    return result if isinstance(result, str) else f"{len(result)} findings"


def _place(finding: Finding) -> str:
    return f"{finding.line}:{finding.column + 1}: {finding.code} {finding.message}"

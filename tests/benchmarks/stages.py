"""Where the time goes: each stage of a run, in microseconds of CPU time for each line."""

from __future__ import annotations

import ast
import gc
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import libcst as cst

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.fixes.apply import fix_text
from flake8_pitfalls.fixes.source import UnusableSource, read_source
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.rules import report
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.screen import candidates
from tests.benchmarks.growth import many_findings
from tests.benchmarks.tables import number, table

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())
LINTER = Linter(OPTIONS)

READ, PARSE, SCREEN, REPORT, FIX, WHOLE = (
    *("read + decode", "ast.parse", "screen", "report", "fix"),
    "LibCST, all lines",
)
"""The last one isn't a stage: it's what parsing with LibCST alone would take without the screen."""

Result = TypeVar("Result")


class Profile:
    """The CPU time of each stage, and how many files and findings get there."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.files: Counter[str] = Counter()
        self.lines = 0
        self.findings = 0

    def measure(self, stage: str, work: Callable[[], Result]) -> Result:
        """Do a stage's work for one file."""
        self.files[stage] += 1
        start = time.process_time()
        try:
            return work()
        finally:
            self.seconds[stage] += time.process_time() - start


def profile(paths: Sequence[Path], *, whole: bool = False) -> Profile:
    """Take files through all stages; ``whole`` parses them with LibCST too."""
    found = Profile()
    gc.collect()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in paths:
            try:
                _profile_file(path, found, whole)
            except (SyntaxError, ValueError, UnusableSource, CannotAnalyse, cst.ParserSyntaxError):
                continue
    return found


def _profile_file(path: Path, found: Profile, whole: bool) -> None:
    source = found.measure(READ, lambda: read_source(str(path)))
    text = "".join(source.lines())
    tree = found.measure(PARSE, lambda: ast.parse(text))
    found.lines += text.count("\n")
    possible = found.measure(SCREEN, lambda: candidates(text, tree, OPTIONS))
    if possible:
        findings = found.measure(REPORT, lambda: report(text, tree, str(path), possible, OPTIONS))
        if findings:
            found.findings += len(findings)
            found.measure(FIX, lambda: fix(text, findings, str(path)))
    if whole:
        found.measure(WHOLE, lambda: cst.parse_module(text))


def warm_up() -> None:
    """Let everything be imported that is imported on first use, which a run of flake8 does once for all files."""
    text = many_findings(8)
    tree = ast.parse(text)
    fix(text, report(text, tree, "-", candidates(text, tree, OPTIONS), OPTIONS), "-")


def fix(text: str, findings: Sequence[Finding], name: str) -> int:
    """Fix what was found, as the command does with ``--fix --unsafe-fixes``; how many findings are gone."""

    def analyse(text: str) -> list[Finding]:
        return LINTER.findings(text, ast.parse(text), name)

    wanted = {(finding.code, finding.line, finding.column) for finding in findings}
    return fix_text(text, wanted, analyse, unsafe=True).fixed


def show(files: dict[str, list[Path]], rounds: int) -> str:
    """A table of the stages for each package: of several rounds, the one with the least time in a stage counts."""
    warm_up()
    columns: dict[str, Profile] = {}
    for package, paths in files.items():
        best = profile(paths, whole=True)
        for _ in range(rounds - 1):
            best = _least(best, profile(paths))
        columns[package] = best
    rows = [
        [stage, *(number(_microseconds(found, stage)) for found in columns.values())]
        for stage in (READ, PARSE, SCREEN, REPORT, FIX, WHOLE)
    ]
    ratios = [(found.seconds[SCREEN] + found.seconds[REPORT]) / found.seconds[PARSE] for found in columns.values()]
    rows.append(["(screen + report) / ast.parse", *(f"{ratio:.2f}" for ratio in ratios)])
    shares = [found.files[REPORT] / max(1, found.files[SCREEN]) for found in columns.values()]
    rows.append(["files that get to LibCST", *(f"{share:.0%}" for share in shares)])
    rows.append(["findings", *(str(found.findings) for found in columns.values())])
    return table(["Microseconds a line", *columns], rows)


def _least(one: Profile, other: Profile) -> Profile:
    for stage, seconds in other.seconds.items():
        one.seconds[stage] = min(one.seconds[stage], seconds)
    return one


def _microseconds(found: Profile, stage: str) -> float:
    return found.seconds[stage] / max(1, found.lines) * 1e6

"""Tests of the screen: leaving out what it finds harmless changes no result."""

from __future__ import annotations

import ast
import re
import sysconfig
import tokenize
import warnings
from pathlib import Path

import pytest

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse, report
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics.module import SourceModule
from tests.fixtures import detect_programs, fix_programs

OPTIONS = Options(target_version=(3, 10))
PARTS = 6
PROGRAMS = [
    program
    for rule in ("late_binding", "metaclass", "mutable_default", "pickling")
    for program in dict.fromkeys([*detect_programs(rule), *fix_programs(rule)])
]

_LIKELY = [
    re.compile(rb"def \w+\([^)]*=\s*(?:\[|\{|set\(|list\(|dict\()|fromkeys|lru_cache|\] \* |partial\("),
    re.compile(rb"for [^\n]*:\n(?:[^\n]+\n){0,3}?(?:[^\n]*lambda| +def )"),
    re.compile(rb"lambda[^\n]* for "),
    re.compile(rb"__metaclass__|metaclass=type"),
]


def library_files() -> list[Path]:
    """Some two hundred files: those that look as if they had something to report, and a sample of the others."""
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in root.rglob("*.py") if "site-packages" not in path.parts)
    small = [path for path in files if path.stat().st_size < 18_000]
    likely = [path for path in small if any(pattern.search(path.read_bytes()) for pattern in _LIKELY)]
    return sorted({*likely, *small[::9]})


def findings(path: Path, *, screened: bool) -> list[Finding] | None:
    """What is found in a file, without the screen or in the way of flake8; ``None`` if it can't be analysed."""
    try:
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            text = file.read()
            tree = ast.parse(text)
        if screened:
            return report(text, tree, str(path), candidates(text, tree, OPTIONS), OPTIONS)
        return analyse(SourceModule(text, tree, str(path)), Candidates.everything(tree), OPTIONS)
    except (SyntaxError, UnicodeDecodeError, CannotAnalyse):
        return None


def missed(paths: list[Path]) -> dict[str, list[str]]:
    """What is found in each file only without the screen, and with all methods."""
    differences: dict[str, list[str]] = {}
    for path in paths:
        found, expected = findings(path, screened=True), findings(path, screened=False)
        if expected is not None and found != expected:
            differences[str(path)] = [
                f"{finding.line}: {finding.code}" for finding in expected if finding not in (found or [])
            ]
    return differences


@pytest.mark.parametrize("part", range(PARTS))
def test_screen_misses_nothing_in_the_standard_library(part: int) -> None:
    files = library_files()
    assert len(files) > 200
    assert missed(files[part::PARTS]) == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_screen_misses_nothing_in_the_fixtures(part: int) -> None:
    assert missed(PROGRAMS[part::PARTS]) == {}


def test_the_comparison_would_notice() -> None:
    """Most fixtures have findings, and without candidates none of them is found."""
    with_findings = [path for path in PROGRAMS[::5] if findings(path, screened=False)]
    assert len(with_findings) > 50
    text = with_findings[0].read_text()
    tree = ast.parse(text)
    assert analyse(SourceModule(text, tree), Candidates({}), OPTIONS) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "def f(x=None, y=(), z=1, *args, **kwargs):\n    return [x, y, z]\n",
        "import os\n\nclass C:\n    x = 1\n\n    def f(self):\n        return {}\n",
    ],
)
def test_files_without_defaults_have_no_candidates(text: str) -> None:
    assert not candidates(text, ast.parse(text), OPTIONS)


def test_candidates_are_places_in_the_file() -> None:
    text = "x = 1\n\n\ndef f(x=[]):\n    return x\n\n\ny = 1\nz = dict.fromkeys(y, [])\n"
    assert candidates(text, ast.parse(text), OPTIONS).lines == {4, 9}


KEPT = "def keep(values):\n    kept = []\n    for x in values:\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{KEPT}        def\\\n f(): return x\n        kept.append(f)\n    return kept\n",
        f"def  any(x):\n    return x\n\n\n{KEPT}        kept.append(any(x + y for y in [1]))\n    return kept\n",
        f"def\tany(x):\n    return x\n\n\n{KEPT}        kept.append(any(x + y for y in [1]))\n    return kept\n",
        "def f(a,\n      b=lambda x=[]: x.append(a)): return b\n",
        "match x:\n    case [\n        a] if (lambda x=[]: x.append(a)): pass\n",
        "class C:\n    match x:\n        case __metaclass__: pass\n",
        "import shelve\n\ns = shelve.open('s')\n(s['a']) = lambda: 1\n",
        "import multiprocessing as m\n\nn = m.Manager().Namespace()\n(n.a) = lambda: 1\n",
    ],
)
def test_odd_spacing_and_parentheses_hide_nothing(text: str) -> None:
    tree = ast.parse(text)
    found = analyse(SourceModule(text, tree), Candidates.everything(tree), OPTIONS)
    assert found
    assert report(text, tree, "-", candidates(text, tree, OPTIONS), OPTIONS) == found

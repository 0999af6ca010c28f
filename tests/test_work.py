"""How much work files take, counted, not timed: a change that makes it grow fails here.

The limits are some 15 % above what is counted over modules that the standard libraries of Python 3.11 to 3.13 have in
common; their texts differ a little. Whoever makes the work less should lower them.
"""

from __future__ import annotations

import ast
import functools
import sys
import sysconfig
import tokenize
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import libcst as cst
import pytest

import flake8_pitfalls
from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import report
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics import syntax
from flake8_pitfalls.semantics.bare_statements import Statements
from tests.support import PITFALL, python, write

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())
PACKAGE = str(Path(flake8_pitfalls.__file__).parent)
CORPUS = (
    *("configparser.py", "dataclasses.py", "enum.py", "inspect.py", "plistlib.py", "shutil.py", "threading.py"),
    *("asyncio", "collections", "concurrent", "ctypes", "html", "http", "json", "logging", "multiprocessing"),
    *("sqlite3", "unittest", "urllib", "wsgiref"),
)
"""Modules and packages of the standard library."""

# The limits, and what was counted on 3.11 and 3.12; 3.13 is within them.
FILES_WITH_CANDIDATES = 103  # of a thousand: 88.7, 88
FILES_FOR_LIBCST = 38  # of a thousand: 32.3, 32
TEXTS_PARSED = 17  # for a thousand files: none
NODES_MADE = 0.026  # for each line: 0.022
NODES_VISITED = 0.117  # for each line: 0.099, 0.101, and 0.105 on 3.13
LINES_EXECUTED = 15.2  # for each line: 13.2, 13.1


class File(NamedTuple):
    """A file of the corpus."""

    path: Path
    text: str
    tree: ast.Module


@functools.cache
def corpus() -> tuple[File, ...]:
    root = Path(sysconfig.get_path("stdlib"))
    paths = [path for name in CORPUS for path in ((root / name).rglob("*.py") if "." not in name else [root / name])]
    return tuple(parsed(path) for path in sorted(paths) if not {"test", "tests"}.intersection(path.parts))


def parsed(path: Path) -> File:
    with tokenize.open(path) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = file.read()
        return File(path, text, ast.parse(text))


def lines() -> int:
    return sum(file.text.count("\n") for file in corpus())


def screen() -> list[tuple[File, Candidates]]:
    return [(file, candidates(file.text, file.tree, OPTIONS)) for file in corpus()]


screened = functools.cache(screen)


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that LibCST gets to parse."""
    found: list[str] = []
    parse = cst.parse_module

    def noted(text: str, *arguments: Any) -> cst.Module:
        found.append(text)
        return parse(text, *arguments)

    monkeypatch.setattr(cst, "parse_module", noted)
    return found


@pytest.fixture
def makers(monkeypatch: pytest.MonkeyPatch) -> list[Statements]:
    """What makes nodes without LibCST's parser, which knows those that it made."""
    found: list[Statements] = []
    initialise = Statements.__init__

    def noted(maker: Statements, *arguments: Any) -> None:
        found.append(maker)
        initialise(maker, *arguments)

    monkeypatch.setattr(Statements, "__init__", noted)
    return found


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many nodes of ``ast`` are walked over, in the only item."""
    count = [0]

    def counted(walk: Callable[[ast.AST], Iterator[ast.AST]]) -> Callable[[ast.AST], Iterator[ast.AST]]:
        def wrapper(root: ast.AST) -> Iterator[ast.AST]:
            for node in walk(root):
                count[0] += 1
                yield node

        return wrapper

    for walk in (ast.walk, ast.iter_child_nodes, syntax.walk, syntax.own_nodes):
        replace_everywhere(monkeypatch, walk, counted(walk))
    return count


def replace_everywhere(monkeypatch: pytest.MonkeyPatch, old: object, new: object) -> None:
    """Replace a function wherever the package has imported it, and in ``ast``."""
    ours = [module for name, module in sys.modules.items() if name.startswith("flake8_pitfalls.")]
    for module in (*ours, ast):
        for name, value in list(vars(module).items()):
            if value is old:
                monkeypatch.setattr(module, name, new)


def executed(work: Callable[[], object]) -> int:
    """How many lines of the package some work executes."""
    count = 0

    def trace_line(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace_line

    def trace_call(frame: FrameType, event: str, argument: object) -> Any:
        return trace_line if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(trace_call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def test_corpus() -> None:
    assert len(corpus()) > 100
    assert lines() > 50_000


def test_few_files_have_candidates() -> None:
    count = sum(bool(possible) for _, possible in screened())
    assert count / len(corpus()) * 1000 < FILES_WITH_CANDIDATES


def test_fewer_files_need_libcst() -> None:
    count = sum(bool(possible.unsettled()) for _, possible in screened())
    assert count / len(corpus()) * 1000 < FILES_FOR_LIBCST


def test_little_is_made_for_reports(texts: list[str], makers: list[Statements]) -> None:
    """Only where a report needs the layout of the code, which is rare, does LibCST parse it."""
    for file, possible in screened():
        if possible:
            report(file.text, file.tree, str(file.path), possible, OPTIONS)
    assert makers
    assert len(texts) / len(corpus()) * 1000 < TEXTS_PARSED
    assert sum(len(maker.counterparts) for maker in makers) / lines() < NODES_MADE


def test_the_screen_visits_few_nodes(visited: list[int]) -> None:
    corpus()
    screen()
    assert visited[0] / lines() < NODES_VISITED


def test_the_screen_executes_little() -> None:
    """Loops of its own, which the test above doesn't see, count here."""
    corpus()
    assert executed(screen) / lines() < LINES_EXECUTED


def imports_libcst(paths: list[Path], cwd: Path) -> bool:
    """Whether the plugin imports LibCST for some files."""
    script = (
        "import ast, sys, tokenize\n"
        "from flake8_pitfalls.options import Options\n"
        "from flake8_pitfalls.plugin import Linter, PitfallsPlugin\n"
        "PitfallsPlugin.linter = Linter(Options(optional_codes=frozenset()))\n"
        "for path in sys.argv[1:]:\n"
        "    with tokenize.open(path) as file: lines = list(file)\n"
        "    list(PitfallsPlugin(ast.parse(''.join(lines)), path, lines).run())\n"
        "print('libcst' in sys.modules)"
    )
    return python(script, *map(str, paths), cwd=cwd).text.strip() == "True"


def test_clean_files_need_no_libcst(tmp_path: Path) -> None:
    clean = [file for file, possible in screened() if not possible]
    some = [file.path for file in sorted(clean, key=lambda file: len(file.text))[:60]]
    assert not imports_libcst(some, tmp_path)
    assert imports_libcst([write(tmp_path / "pitfall.py", PITFALL)], tmp_path)

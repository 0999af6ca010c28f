"""What other tools say of the programs in ``docs/examples``, found out by running them.

``python -m tests.comparison`` writes the tables that ``docs/comparison.rst`` includes. It installs the tools, each in a
virtual environment of its own below a temporary folder, or below ``--folder``, where they are found again.

The programs in ``docs/examples/compared`` print ``True`` if they do what they are meant to do. So a fix can be judged
as well: it's carried out, and the program runs again.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flake8_pitfalls.plugin import OPTIONAL_CODES
from tests.benchmarks.peers import PEERS, Peer, command
from tests.support import run

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
PROGRAMS = EXAMPLES / "compared"
TABLES = EXAMPLES.parent / "tables"

FAMILIES = {
    "closures": ("closure", "lazy"),
    "defaults": ("default", "shared"),
    "metaclasses": ("metaclass",),
    "pickling": ("pickle",),
}
"""The tables, and what the names of the programs in them begin with."""

OURS = "flake8-pitfalls"
NOTHING = "–"  # noqa: RUF001 -- it's what a cell shows
_MARK = re.compile(r"(?:^|  )# PIT\d{3}(?:, not fixed)?$")
_OPTIONAL = ",".join(sorted(OPTIONAL_CODES))
_BUGBEAR = "B006,B008,B023,B039,B046"
_RUFF = "B006,B008,B023,B039,RUF008,RUF009,RUF012,RUF024,UP001,UP050"
_UNRELATED = "NoInheritFromObject|NoRedundantLambda"
"""What fixit, which runs with all of its own rules, says about something else."""
_PYLINT = "dangerous-default-value,cell-var-from-loop"


@dataclass(frozen=True)
class Tool:
    """A tool, and how it is run."""

    name: str
    report: tuple[str, ...]
    """The command that reports; the file names are added."""
    line: str
    """A regular expression for a report, with the groups ``file``, ``line`` and ``code``."""
    fix: tuple[str, ...] = ()
    """The command that fixes, if there is one."""

    def reports(self, folder: Path, environments: Path | None) -> dict[str, list[tuple[int, str]]]:
        """Lines and codes for each file of a folder."""
        found: dict[str, list[tuple[int, str]]] = {}
        result = self._run(self.report, folder, environments)
        for match in re.finditer(self.line, result, re.MULTILINE):
            found.setdefault(Path(match["file"]).name, []).append((int(match["line"]), match["code"]))
        return found

    def carry_out(self, folder: Path, environments: Path | None) -> None:
        """Fix the files of a folder."""
        if self.fix:
            self._run(self.fix, folder, environments)

    def _run(self, arguments: tuple[str, ...], folder: Path, environments: Path | None) -> str:
        names = sorted(path.name for path in folder.glob("*.py"))
        if self.name == OURS:
            parts = [sys.executable, "-m", "flake8_pitfalls", *arguments]
        else:
            assert environments is not None
            parts = command(replace(PEERS[self.name], command=arguments), environments)
        return run(*parts, *names, cwd=folder).text


_FLAKE8_LINE = r"^(?P<file>[^:\n]+):(?P<line>\d+):\d+:? (?P<code>[A-Z]+\d+)\b"
_OUR_OPTIONS = ("--isolated", f"--extend-select={_OPTIONAL}")
_RUFF_OPTIONS = ("ruff", "check", "--isolated", "--no-cache", "--preview", f"--select={_RUFF}")
TOOLS = (
    Tool(OURS, _OUR_OPTIONS, _FLAKE8_LINE, ("--fix", "--unsafe-fixes", *_OUR_OPTIONS)),
    Tool("flake8-bugbear", ("python", "-m", "flake8", "--isolated", "-j1", f"--select={_BUGBEAR}"), _FLAKE8_LINE),
    Tool(
        "ruff",
        (*_RUFF_OPTIONS, "--output-format=json-lines"),
        r'"code":"(?P<code>\w+)",.*"filename":"(?P<file>[^"]+)",.*"location":\{"column":\d+,"row":(?P<line>\d+)\}',
        (*_RUFF_OPTIONS, "--fix", "--unsafe-fixes"),
    ),
    Tool(
        "pylint",
        (
            *("python", "-m", "pylint", "--rcfile=/dev/null", "--persistent=n", "--score=n", "--disable=all"),
            f"--enable={_PYLINT}",
        ),
        r"^(?P<file>[^:\n]+):(?P<line>\d+):\d+: (?P<code>[A-Z]\d+):",
    ),
    Tool(
        "fixit", ("fixit", "--quiet", "lint"), rf"^(?P<file>[^@\n]+)@(?P<line>\d+):\d+ (?!{_UNRELATED})(?P<code>\w+):"
    ),
)


def title_of(path: Path) -> str:
    """What a program says of itself in its docstring."""
    title = ast.get_docstring(ast.parse(path.read_text()))
    assert title is not None
    return title


def is_right(path: Path) -> bool:
    """Whether a program does what it's meant to do."""
    parts = [sys.executable, "-W", "ignore", path.name]
    return subprocess.run(parts, cwd=path.parent, capture_output=True, check=False, timeout=100).stdout == b"True\n"


def cells(tool: Tool, environments: Path | None) -> dict[str, str]:
    """What a tool says of each program, and what its fix makes of it."""
    reports = tool.reports(PROGRAMS, environments)
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(shutil.copytree(PROGRAMS, Path(temporary) / "programs", ignore=shutil.ignore_patterns("__*")))
        tool.carry_out(copy, environments)
        for path in sorted(PROGRAMS.glob("*.py")):
            codes = list(dict.fromkeys(code for _, code in reports.get(path.name, [])))
            parts = [", ".join(codes) or NOTHING]
            if (copy / path.name).read_text() != path.read_text():
                parts.append(_judged(path, copy / path.name))
            found[path.name] = "; ".join(parts)
    return found


def _judged(old: Path, new: Path) -> str:
    if is_right(new):
        return "fixed"
    return "the fix breaks it" if is_right(old) else "the fix doesn't help"


def header(tools: Sequence[Tool]) -> list[str]:
    """The names of the tools with their versions."""
    return [tool.name if tool.name == OURS else " ".join(_requirement(PEERS[tool.name])) for tool in tools]


def _requirement(peer: Peer) -> list[str]:
    (found,) = (text.split("==") for text in peer.requirements if text.startswith(f"{peer.name}=="))
    return found


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table in reStructuredText, with a header."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if number == 0 else ' '} - {cell}" for number, cell in enumerate(row)]
    return "\n".join(lines) + "\n"


def program_table(family: str, columns: dict[str, dict[str, str]]) -> str:
    """The table of a family."""
    paths = [path for path in sorted(PROGRAMS.glob("*.py")) if path.name.startswith(FAMILIES[family])]
    paths.sort(key=lambda path: title_of(path).startswith("Correct"))
    rows = [["Program", *columns]]
    for path in paths:
        link = f":download:`{title_of(path)} <examples/compared/{path.name}>`"
        rows.append([link, *(column[path.name] for column in columns.values())])
    return table(rows)


def recorded(name: str) -> dict[str, dict[str, str]]:
    """The columns of a table as they were written."""
    text = (TABLES / f"{name}.rst").read_text()
    names, *rows = [
        [cell.removeprefix("- ") for cell in re.split(r"\n {5}(?=- )", row)]
        for row in text.strip().split("\n   * ")[1:]
    ]
    files = [re.sub(r".*[/`](\w+\.py).*", r"\1", row[0]) for row in rows]
    return {
        name: {file: row[place] for file, row in zip(files, rows, strict=True)}
        for place, name in enumerate(names)
        if place
    }


def example_cells(tool: Tool, environments: Path | None) -> dict[str, str]:
    """How many of the marked lines of each example a tool reports, and how many others."""
    reports = tool.reports(EXAMPLES, environments)
    found = {}
    for path in sorted(EXAMPLES.glob("*.py")):
        marked = marked_lines(path)
        lines = {line for line, _ in reports.get(path.name, [])}
        others = len(lines - marked)
        parts = [f"{len(lines & marked)} of {len(marked)}"] if marked else []
        parts += [f"{others} other{'s' if others > 1 else ''}"] if others else []
        found[path.name] = ", ".join(parts) or NOTHING
    return found


def marked_lines(path: Path) -> set[int]:
    """The lines of an example that are marked with a code."""
    return {number for number, line in enumerate(path.read_text().splitlines(), 1) if _MARK.search(line)}


def example_table(columns: dict[str, dict[str, str]]) -> str:
    """The table of the examples."""
    rows = [["Program", *columns]]
    rows += [[f"``{name}``", *(column[name] for column in columns.values())] for name in next(iter(columns.values()))]
    return table(rows)


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.comparison", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where the tools are installed, or are already")
    with tempfile.TemporaryDirectory() as temporary:
        environments = (parser.parse_args().folder or Path(temporary)).resolve()
        names = header(TOOLS)
        columns = {name: cells(tool, environments) for name, tool in zip(names, TOOLS, strict=True)}
        examples = {name: example_cells(tool, environments) for name, tool in zip(names, TOOLS, strict=True)}
    TABLES.mkdir(exist_ok=True)
    for family in FAMILIES:
        (TABLES / f"{family}.rst").write_text(program_table(family, columns))
    (TABLES / "examples.rst").write_text(example_table(examples))


if __name__ == "__main__":
    main()

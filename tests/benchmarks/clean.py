"""A clean tree, where nothing is found: what flake8 with the plugin costs, and the command, which may fix, alone."""

from __future__ import annotations

import ast
import statistics
import sys
import warnings
from pathlib import Path

from tests.benchmarks import corpus, peers
from tests.benchmarks.measure import Cost, Trouble, run
from tests.benchmarks.sidebyside import say
from tests.benchmarks.tables import number, table

_PARSE = """\
import ast, io, sys, tokenize, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        data = file.read()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    ast.parse(data.decode(encoding))
"""
"""Reading, decoding and parsing, which nobody who looks at syntax trees can do without."""
ALONE, FIXING, PARSING, STARTING = "flake8-pitfalls alone", "flake8-pitfalls --fix", "ast.parse", "an empty file"


def show(files: dict[str, list[Path]], commands: dict[str, list[str]], folder: Path, rounds: int) -> str:
    """Run flake8, flake8 with the plugin, and the command over the files in which nothing is found."""
    for name in (peers.BARE, peers.OURS):
        if name not in commands:
            raise Trouble(f"the clean tree needs {name}")
    paths = [path for found in files.values() for path in found if is_clean(path)]
    (folder / "empty.py").write_text("")
    before = [path.read_bytes() for path in paths]
    costs = _measure(paths, _programs(commands), folder, rounds)
    if before != [path.read_bytes() for path in paths]:
        raise Trouble("a file in which nothing was found has changed")
    size = f"{len(paths)} files, {corpus.count_lines(paths)} lines, in which nothing is found"
    return f"{size}\n\n{_table(costs)}\n\n{_beyond(costs)}"


def is_clean(path: Path) -> bool:
    """Whether a file is valid and the plugin has nothing to say about it."""
    from flake8_pitfalls.plugin import Linter

    try:
        text = path.read_text(encoding="utf-8")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return not Linter().reports(text, tree, str(path))


def _programs(commands: dict[str, list[str]]) -> dict[str, list[str]]:
    bare, ours = commands[peers.BARE], commands[peers.OURS]
    alone = [str(Path(ours[0]).with_name("flake8-pitfalls")), "--isolated", "-j1"]
    return {
        peers.BARE: bare,
        peers.OURS: ours,
        ALONE: alone,
        FIXING: [*alone, "--fix"],
        PARSING: [sys.executable, "-c", _PARSE],
    }


def _measure(paths: list[Path], programs: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, list[Cost]]:
    costs: dict[str, list[Cost]] = {name: [] for name in (*programs, STARTING)}
    for turn in range(1, rounds + 1):
        for name, program in programs.items():
            cost = run([*program, *map(str, paths)], folder)
            if cost.code not in {0, 1} or (name == FIXING and cost.code):
                raise Trouble(f"{name} ended with code {cost.code}")
            say(f"round {turn}: {name} over the clean tree: {cost.cpu:.1f} s")
            costs[name].append(cost)
        costs[STARTING].append(run([*programs[ALONE], "empty.py"], folder))
    return costs


def _median(costs: list[Cost]) -> float:
    return statistics.median(cost.cpu for cost in costs)


def _table(costs: dict[str, list[Cost]]) -> str:
    rows = []
    for name, found in costs.items():
        ratio = statistics.median(mine.cpu / bare.cpu for mine, bare in zip(found, costs[peers.BARE], strict=True))
        rows.append([name, number(_median(found)), f"{ratio:.2f}", f"{max(cost.memory for cost in found):.0f}"])
    return table(["Clean tree", "CPU seconds", f"/ {peers.BARE}", "peak MB"], rows)


def _beyond(costs: dict[str, list[Cost]]) -> str:
    parse, start = _median(costs[PARSING]), _median(costs[STARTING])
    more = _median(costs[ALONE]) - start - parse
    faster = _median(costs[peers.BARE]) / _median(costs[ALONE])
    return (
        f"The command is {faster:.1f} times as fast as flake8. Beyond its start and what {PARSING} takes, "
        f"it needs {more / parse:.0%} of what {PARSING} takes."
    )

"""The tools side by side: CPU time and memory for the same files, several rounds, one tool after the other."""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import corpus, peers
from tests.benchmarks.measure import Cost, Trouble, run
from tests.benchmarks.tables import number, table

Runs = dict[tuple[str, str], list[Cost]]
"""The runs for each tool and package."""


def installed(names: Sequence[str], folder: Path) -> dict[str, list[str]]:
    """The commands of the tools that can be installed; says which of the others can't."""
    found: dict[str, list[str]] = {}
    for name in names:
        say(f"installing {name}")
        try:
            found[name] = peers.command(peers.PEERS[name], folder)
        except Trouble as trouble:
            say(f"{name} is left out: {trouble}")
    return found


def measure(commands: dict[str, list[str]], files: dict[str, list[Path]], folder: Path, rounds: int) -> Runs:
    """Run all tools over all packages, round after round, so that a slow minute hits all of them."""
    runs: Runs = defaultdict(list)
    left = dict(commands)
    for turn in range(1, rounds + 1):
        for package, paths in files.items():
            for name, command in list(left.items()):
                cost = run([*command, *map(str, paths)], folder)
                complaint = peers.complaint(peers.PEERS[name], cost)
                say(f"round {turn}: {name} over {package}: {cost.cpu:.1f} s")
                if complaint is not None:
                    say(f"{name} is left out: {complaint}")
                    del left[name]
                    continue
                runs[name, package].append(cost)
    if not left:
        raise Trouble("no tool did its work")
    return {key: found for key, found in runs.items() if key[0] in left}


def show(runs: Runs, files: dict[str, list[Path]]) -> str:
    """Three tables: the packages, CPU time and memory, and the ratios."""
    sizes = {package: (len(paths), corpus.count_lines(paths)) for package, paths in files.items()}
    names = list(dict.fromkeys(name for name, _ in runs))
    parts = [_sizes(sizes), _seconds(runs, names, list(files))]
    if peers.BARE in names:
        parts.append(_ratios(runs, names, list(files)))
    return "\n\n".join(parts)


def _sizes(sizes: dict[str, tuple[int, int]]) -> str:
    rows = [[package, str(count), str(lines)] for package, (count, lines) in sizes.items()]
    rows.append(["together", *(str(sum(column)) for column in zip(*sizes.values(), strict=True))])
    return table(["Package", "Files", "Lines"], rows)


def _seconds(runs: Runs, names: list[str], packages: list[str]) -> str:
    rows = []
    for name in names:
        seconds = [statistics.median(cost.cpu for cost in runs[name, package]) for package in packages]
        memory = max(cost.memory for package in packages for cost in runs[name, package])
        rows.append([name, *map(number, [*seconds, sum(seconds)]), f"{memory:.0f}"])
    return table(["CPU seconds", *packages, "together", "peak MB"], rows)


def _ratios(runs: Runs, names: list[str], packages: list[str]) -> str:
    """The median of the rounds' ratios, since what slows a round down slows both tools down."""
    rows = []
    for name in names:
        ratios = [_ratio(runs, name, [package]) for package in packages]
        rows.append([name, *(f"{ratio:.2f}" for ratio in [*ratios, _ratio(runs, name, packages)])])
    return table([f"CPU time / {peers.BARE}", *packages, "together"], rows)


def _ratio(runs: Runs, name: str, packages: list[str]) -> float:
    def rounds(tool: str) -> list[float]:
        costs = zip(*(runs[tool, package] for package in packages), strict=True)
        return [sum(cost.cpu for cost in turn) for turn in costs]

    return statistics.median(mine / bare for mine, bare in zip(rounds(name), rounds(peers.BARE), strict=True))


def say(message: str) -> None:
    """Tell the user what is going on; standard output is for the tables."""
    print(message, file=sys.stderr, flush=True)

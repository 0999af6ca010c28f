"""What the plugin adds to a run of flake8 over one small file that is clean."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.measure import Cost, Trouble, run
from tests.benchmarks.tables import table

GOAL = 10
"""Milliseconds."""

CLEAN = '"""A module."""\n\nimport os\n\n\ndef size(path: str = ".") -> int:\n    return os.stat(path).st_size\n'


def measure(commands: dict[str, list[str]], folder: Path, runs: int) -> str:
    """Run flake8 with and without the plugin, in turns; a table of the medians."""
    path = folder / "clean.py"
    path.write_text(CLEAN)
    tools = [peers.BARE, peers.OURS]
    for name in tools:
        if name not in commands:
            raise Trouble(f"the start needs {name}")
    costs: dict[str, list[Cost]] = {name: [] for name in tools}
    for _ in range(runs + 1):
        for name in tools:
            costs[name].append(run([*commands[name], str(path)], folder))
    # The first run of each may have to read its files from the disk.
    medians = {name: _medians(found[1:]) for name, found in costs.items()}
    rows = [[name, *(f"{value:.1f}" for value in found)] for name, found in medians.items()]
    more = [ours - bare for bare, ours in zip(*medians.values(), strict=True)]
    rows.append(["more", *(f"{value:.1f}" for value in more)])
    return table(["Milliseconds", "CPU", "elapsed"], rows) + f"\n\n(goal: at most {GOAL} ms more)"


def _medians(costs: list[Cost]) -> list[float]:
    return [statistics.median(cost.cpu for cost in costs) * 1000, statistics.median(cost.wall for cost in costs) * 1000]

"""Two tools at the same time, each on a processor of its own, which they swap: what is slow then is slow for both.

Where other programs share a machine, a run may well take a fifth more than the same run a minute before. The ratio of
two runs that go on at the same time differs by a few percent only; how much is told by flake8 against itself.
"""

from __future__ import annotations

import os
import statistics
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from tests.benchmarks import peers
from tests.benchmarks.measure import Trouble, run_together
from tests.benchmarks.sidebyside import say
from tests.benchmarks.tables import table

_WITH_PLUGINS = (peers.BARE, peers.OURS, "flake8-bugbear")
"""flake8, and what is measured against it: itself too."""


def chosen(names: Collection[str]) -> list[str]:
    """The tools among some that are measured against flake8."""
    return [name for name in _WITH_PLUGINS if name in names]


def show(
    files: Mapping[str, list[Path]],
    commands: Mapping[str, list[str]],
    names: Collection[str],
    folder: Path,
    rounds: int,
) -> str:
    """A table of the ratios of CPU time to that of bare flake8: the median, the lowest and the highest."""
    processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(processors) < 2:
        raise Trouble("two processors are needed to run two tools at the same time")
    ratios: dict[tuple[str, str], list[float]] = defaultdict(list)
    for turn in range(rounds):
        first, second = processors[:2] if turn % 2 else processors[1::-1]
        for package, paths in files.items():
            for name in chosen(names):
                if name in commands:
                    pair = ([*commands[tool], *map(str, paths)] for tool in (peers.BARE, name))
                    bare, other = run_together(list(pair), folder, [first, second])
                    complaint = peers.complaint(peers.PEERS[name], other)
                    if complaint is not None:
                        raise Trouble(f"{name}: {complaint}")
                    ratios[name, package].append(other.cpu / bare.cpu)
                    say(f"round {turn + 1}: {name} over {package}: {other.cpu / bare.cpu:.3f}")
    measured = dict.fromkeys(name for name, _ in ratios)
    rows = [[name, *(_cell(ratios[name, package]) for package in files)] for name in measured]
    return table(["CPU time / flake8", *files], rows)


def _cell(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"

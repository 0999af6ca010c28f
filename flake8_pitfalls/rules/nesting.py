"""Parts of a module that stand in one another, found by their lines. This must not import LibCST."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence


class Nesting:
    """The first and last lines of some parts, in the order of the first ones."""

    def __init__(self, starts: Sequence[int], ends: Sequence[int]) -> None:
        self._starts, self._ends = starts, ends
        self._outer: list[int] = []
        """For each part the last one before it that holds its first line; -1 if there's none."""
        around = [-1]
        for place, first in enumerate(starts):
            while len(around) > 1 and ends[around[-1]] < first:
                around.pop()
            self._outer.append(around[-1])
            around.append(place)

    def around(self, line: int) -> Iterator[int]:
        """The numbers of the parts that hold a line, the last one first."""
        place = bisect_right(self._starts, line) - 1
        while place >= 0:
            if self._ends[place] >= line:
                yield place
            place = self._outer[place]

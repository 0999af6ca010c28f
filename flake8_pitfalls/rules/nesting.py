"""Parts of a module that stand in one another, found by their lines. This must not import LibCST."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator


class Nesting:
    """The first and last lines of some parts, in the order of the first ones."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._outer: list[int] = []
        """For each part the last one before it that holds its first line; -1 if there's none."""
        open_parts: list[int] = []
        for place, (first, last) in enumerate(spans):
            while open_parts and self._ends[open_parts[-1]] < first:
                open_parts.pop()
            self._outer.append(open_parts[-1] if open_parts else -1)
            self._starts.append(first)
            self._ends.append(last)
            open_parts.append(place)

    def around(self, line: int) -> Iterator[int]:
        """The numbers of the parts that hold a line, the last one first."""
        place = bisect_right(self._starts, line) - 1
        while place >= 0:
            if self._ends[place] >= line:
                yield place
            place = self._outer[place]

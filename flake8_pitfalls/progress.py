"""A line that says how far a long run is, for somebody who watches it in a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

PATIENCE = 2.0
"""Seconds before the line appears."""
INTERVAL = 0.1
"""Seconds between two changes of it."""

T = TypeVar("T")


def is_watched() -> bool:
    """Tell whether standard error is a terminal that a person may look at."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI")


class Progress:
    """Counts what is done, and shows it on one line of standard error that is erased before anything else is printed.

    An object that isn't ``watched`` counts and never prints.
    """

    def __init__(self, watched: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._watched = watched
        self._clock = clock
        self._next = clock() + PATIENCE
        self._shown = 0

    def follow(self, items: Iterable[T], total: int) -> Iterator[T]:
        """Hand on what stands for a file each, and say how many were handed on."""
        for done, item in enumerate(items, start=1):
            self.show(f"checking files, {done} of {total}")
            yield item

    def show(self, text: str) -> None:
        """Show a text if the run takes long, and not too often."""
        if not self._watched or self._clock() < self._next:
            return
        self._next = self._clock() + INTERVAL
        line = f"flake8-pitfalls: {text}"
        self._print(f"\r{line.ljust(self._shown)}")
        self._shown = len(line)

    def erase(self) -> None:
        """Leave no trace of the line."""
        if self._shown:
            self._print(f"\r{' ' * self._shown}\r")
            self._shown = 0

    def _print(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # the terminal is gone
            self._watched = False

"""What running a function of the file did, so that it needn't run again where it would do the same.

Closures in nested loops are called in each pass of each loop, and many functions hand a default to the same function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

    from flake8_pitfalls.semantics.events import Event, Fate
    from flake8_pitfalls.semantics.store import Store, Variable
    from flake8_pitfalls.semantics.values import Value

    Fields = dict[str, Value]
    Known = dict[Variable, Value | None]
    """What some variables may be; ``None`` for those that nothing has been said of."""

MOST_CALLS = 6
"""How many calls of functions of the same file are followed into one another."""
_MOST_RUNS = 8
"""How many runs of a function are remembered."""


class Trace:
    """What running some code looks at and does; what it calls is part of it."""

    __slots__ = ("called", "deepest", "events", "stopped", "touched", "touches_all")

    def __init__(self) -> None:
        self.touched: set[Variable] = set()
        """The variables that are read or bound: all others stay as they are, and make no difference."""
        self.touches_all = False
        """Whether it looks at whatever variables there are, as ``locals()`` does."""
        self.events: dict[tuple[Fate, cst.CSTNode], Event] = {}
        self.called: set[cst.CSTNode] = set()
        """The functions that are called, also those that don't run because they're running already."""
        self.deepest = 0
        """The largest number of functions that were running when one was called."""
        self.stopped = False
        """Whether a function didn't run because so many were running."""

    def may_run(self, node: cst.CSTNode, running: list[cst.CSTNode]) -> bool:
        """Whether a call is followed: not if the function is running, or too many are."""
        depth = len(running)
        self.called.add(node)
        self.deepest = max(self.deepest, depth)
        self.stopped = self.stopped or depth >= MOST_CALLS
        return depth < MOST_CALLS and node not in running

    def absorb(self, inner: Trace, deeper: int = 0) -> None:
        """Add what a call did, which may have been noted when fewer functions were running."""
        self.touched |= inner.touched
        self.touches_all = self.touches_all or inner.touches_all
        for key, event in inner.events.items():
            self.events.setdefault(key, event)
        self.called |= inner.called
        self.deepest = max(self.deepest, inner.deepest + deeper)
        self.stopped = self.stopped or inner.stopped


class Run(NamedTuple):
    """One run of a function: what it depended on, and what it did."""

    trace: Trace
    depth: int
    """How many functions were running."""
    active: set[cst.CSTNode]
    """Which of those that it calls were running."""
    before: Known
    fields_before: Fields
    after: Known
    fields_after: Fields
    returned: Value

    def is_repeated(self, running: list[cst.CSTNode], store: Store, fields: Fields) -> bool:
        """Whether the function would do the same from here."""
        trace, deeper = self.trace, len(running) - self.depth
        if deeper and (trace.stopped or trace.deepest + deeper >= MOST_CALLS):
            return False
        if fields != self.fields_before or trace.called.intersection(running) != self.active:
            return False
        return all(store.known(variable) == value for variable, value in self.before.items())


class Runs:
    """The runs of functions in which the same is followed."""

    def __init__(self) -> None:
        self._known: dict[tuple[cst.CSTNode, str], list[Run]] = {}

    def of(self, node: cst.CSTNode, callee: str) -> Iterator[Run]:
        """The runs of a function under a name in the messages, the latest ones first."""
        return reversed(self._known.get((node, callee), ()))

    def add(self, node: cst.CSTNode, callee: str, run: Run) -> None:
        """Remember a run, and forget the oldest one if there are many."""
        known = self._known.setdefault((node, callee), [])
        if len(known) == _MOST_RUNS:
            del known[0]
        known.append(run)

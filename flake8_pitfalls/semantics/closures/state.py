"""The state in which code runs: where the followed closure is held, and whether it's out of date."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from flake8_pitfalls.semantics.closures.values import NOTHING, Value

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.closures.values import Variable
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Level(enum.IntEnum):
    """How certain it is that a closure which was handed out is going to be run."""

    UNKNOWN = 1
    """A callee that can't be resolved has it."""
    PENDING = 2
    """It runs at some time until it's joined, awaited or its context ends."""
    RETAINED = 3
    """It's stored where others can reach it."""


@dataclass(frozen=True)
class Way:
    """How a closure got out of its iteration."""

    how: str
    """``append()``, ``'self.handlers'``, ``yield``."""
    statement: TopLevelStatement = field(repr=False)
    node: cst.CSTNode = field(repr=False)

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.statement.line(self.node)


@dataclass(frozen=True)
class Escape:
    """A closure that was handed out."""

    level: Level
    way: Way
    lazy: bool = False
    owner: Variable | None = None
    """While pending: the variable of the context manager at whose end it has run."""


@dataclass
class State:
    """One possible situation; the code that runs changes it."""

    rebound: bool = False
    """Whether the variable was bound again since the closure was made."""
    passed: bool = False
    """Whether the pass of the loop in which the closure was made is over."""
    escape: Escape | None = None
    store: dict[Variable, Value] = field(default_factory=dict)
    way: Way | None = None
    """Where the closure was stored first."""
    facts: dict[str, bool] = field(default_factory=dict)
    """Conditions whose outcome is known, by their text."""

    @property
    def stale(self) -> bool:
        """Whether a run of the body reads another value than it's meant to.

        In the pass in which it was made, a closure that reads a variable bound after it is meant to.
        """
        return self.rebound and self.passed

    def key(self, *, with_holders: bool) -> tuple[object, ...]:
        """What keeps states apart; states of the same key are joined.

        ``with_holders`` keeps those apart that hold the closure in different variables: under which conditions it got
        there isn't lost then.
        """
        holders = frozenset(self.store) if with_holders else None
        if self.escape is None:
            return (self.rebound, self.passed, 0, None, holders)
        return (self.rebound, self.passed, self.escape.level, self.escape.owner, holders)

    @property
    def is_live(self) -> bool:
        """Whether the closure can still be reached."""
        return bool(self.store) or self.escape is not None

    def copy(self) -> State:
        """A state to change."""
        return replace(self, store=dict(self.store), facts=dict(self.facts))

    def put(self, variable: Variable, value: Value) -> None:
        """Let a variable hold exactly a value."""
        if value:
            self.store[variable] = value
        else:
            self.store.pop(variable, None)

    def add(self, variable: Variable, value: Value) -> None:
        """Let a variable hold a value besides what it holds."""
        self.put(variable, self.store.get(variable, NOTHING) | value)

    def absorb(self, other: State) -> bool:
        """Join a state of the same key into this one; whether that changed anything."""
        changed = False
        for variable, value in other.store.items():
            known = self.store.get(variable, NOTHING)
            if not value <= known:
                self.store[variable] = known | value
                changed = True
        for text, outcome in list(self.facts.items()):
            if other.facts.get(text) is not outcome:
                del self.facts[text]
                changed = True
        return changed


def most_advanced(states: list[State]) -> State | None:
    """One state for several: as stale and as far out as any of them."""
    if not states:
        return None
    result = states[0].copy()
    for state in states[1:]:
        result.absorb(state)
        result.rebound = result.rebound or state.rebound
        result.passed = result.passed or state.passed
        if state.escape is not None and (result.escape is None or state.escape.level > result.escape.level):
            result.escape = state.escape
    return result

"""What each variable may be, on one path: copied at every branch, and joined where paths meet.

A function of 10 000 lines has thousands of variables and thousands of branches. Copies share the parts that neither of
them changed, and only the other parts are joined.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from flake8_pitfalls.semantics.values import OTHER, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flake8_pitfalls.semantics.scopes import Scope

Variable = tuple["Scope | None", str]
"""A variable: the scope that owns it (``None``: the module) and its name."""

_LARGEST_PART = 48
_MOST_PARTS = 2_048


class Store:
    """A mapping of variables to values, spread over parts by hash; a part may belong to several stores."""

    __slots__ = ("_own", "_parts")

    def __init__(self) -> None:
        self._parts: list[dict[Variable, Value]] = [{}]
        self._own = {0}

    def get(self, variable: Variable, default: Value = OTHER) -> Value:
        """The value of a variable."""
        parts = self._parts
        return parts[hash(variable) & (len(parts) - 1)].get(variable, default)

    def known(self, variable: Variable) -> Value | None:
        """The value of a variable; ``None`` if nothing has been said of it."""
        parts = self._parts
        return parts[hash(variable) & (len(parts) - 1)].get(variable)

    def __setitem__(self, variable: Variable, value: Value) -> None:
        parts = self._parts
        place = hash(variable) & (len(parts) - 1)
        part = parts[place]
        if place not in self._own:
            part = parts[place] = dict(part)
            self._own.add(place)
        part[variable] = value
        if len(part) > _LARGEST_PART and len(parts) < _MOST_PARTS:
            self._spread(4 * len(parts))

    def items(self) -> Iterator[tuple[Variable, Value]]:
        """The variables with their values, in no particular order."""
        return chain.from_iterable(part.items() for part in self._parts)

    def copy(self) -> Store:
        """A store with the same contents."""
        made = Store.__new__(Store)
        made._parts = self._parts[:]
        made._own = set()
        self._own = set()
        return made

    def updated(self, variable: Variable, value: Value) -> Store:
        """A store that differs in one variable."""
        made = self.copy()
        made[variable] = value
        return made

    def __bool__(self) -> bool:
        return any(self._parts)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Store):
            return NotImplemented
        if len(self._parts) == len(other._parts):
            return all(one is two or one == two for one, two in zip(self._parts, other._parts, strict=True))
        return dict(self.items()) == dict(other.items())

    __hash__ = None  # type: ignore[assignment]

    def _spread(self, count: int) -> None:
        parts: list[dict[Variable, Value]] = [{} for _ in range(count)]
        for variable, value in self.items():
            parts[hash(variable) & (count - 1)][variable] = value
        self._parts = parts
        self._own = set(range(count))

    def _join(self, other: Store) -> None:
        count = max(len(self._parts), len(other._parts))
        for store in (self, other):
            if len(store._parts) < count:
                store._spread(count)
        for place, (mine, part) in enumerate(zip(self._parts, other._parts, strict=True)):
            if mine is not part:
                added = _added(mine, part)
                if added:  # Most paths leave what was there before.
                    self._parts[place] = mine | added
                    self._own.add(place)


def _added(mine: dict[Variable, Value], part: dict[Variable, Value]) -> dict[Variable, Value]:
    """What the variables in which another part has more may be together."""
    found: dict[Variable, Value] = {}
    for variable, value in part.items():
        known = mine.get(variable)
        if known is None:
            found[variable] = value
        elif known is not value and not value <= known:
            found[variable] = known | value
    return found


def joined(first: Store | None, second: Store | None) -> Store | None:
    """The store after two paths meet; ``None`` stands for a path that's never taken."""
    if first is None or second is None:
        return first if second is None else second
    if first is second:
        return first
    result = first.copy()
    result._join(second)
    return result

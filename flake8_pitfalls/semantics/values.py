"""Abstract values: what a variable may hold, as far as one followed object is concerned.

The analysis follows one object at a time: a default, or an element that several places share. A value is a set of
tags that says where this object, or a mutable object inside it, may be.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement


class Level(NamedTuple):
    """What is known of the followed object, or of the mutable objects one level further inside it."""

    kind: str
    """The dotted name of its type, such as ``builtins.list``; ``iterator`` for iterators; ``""`` if unknown."""
    length: int | None = None
    """How many elements it has at first, if that's known."""


class Shared(NamedTuple):
    """The followed object (level 0) or something mutable inside it, within ``wraps`` fresh containers."""

    level: int = 0
    wraps: int = 0


class Closure(NamedTuple):
    """A function or lambda made inside the analysed code, within ``wraps`` fresh containers."""

    statement: TopLevelStatement
    node: cst.FunctionDef | cst.Lambda
    wraps: int = 0


class Method(NamedTuple):
    """A bound method of the followed object that changes it."""

    level: int
    name: str
    wraps: int = 0


class Part(NamedTuple):
    """An attribute of a followed instance: changing it changes the instance, handing it out doesn't leak it."""

    level: int


class Plain(enum.Enum):
    """Objects that aren't followed."""

    OTHER = "anything else"
    FRESH = "a container made by the analysed code"


Tag = Shared | Closure | Method | Part | Plain
Value = frozenset[Tag]

OTHER: Value = frozenset({Plain.OTHER})
FRESH: Value = frozenset({Plain.FRESH})
FOLLOWED: Value = frozenset({Shared()})


@dataclass(frozen=True)
class Followed:
    """The object that's followed: what is known of it and of what's inside, outermost first."""

    levels: tuple[Level, ...]
    class_node: cst.ClassDef | None = None
    """For an instance of a class of the same file: that class."""
    class_statement: TopLevelStatement | None = None

    def level(self, number: int) -> Level:
        """What's known at one level."""
        return self.levels[number]

    def element(self, value: Value) -> Value:
        """What iterating or subscripting yields."""
        return self._map(value, unwrap=True, extra=0)

    def copy(self, value: Value) -> Value:
        """A shallow copy: a fresh container of the same elements."""
        return FRESH | self._map(value, unwrap=False, extra=1)

    def _map(self, value: Value, *, unwrap: bool, extra: int) -> Value:
        tags: set[Tag] = set()
        for tag in value:
            if isinstance(tag, (Shared, Closure, Method)) and tag.wraps > 0:
                tags.add(tag._replace(wraps=tag.wraps - 1) if unwrap else tag)
            elif isinstance(tag, Shared) and tag.level + 1 < len(self.levels):
                tags.add(Shared(tag.level + 1, extra))
            elif isinstance(tag, Part) and unwrap:
                tags.add(tag)
            else:
                tags.add(Plain.OTHER)
        return frozenset(tags)


def wrapped(value: Value) -> Value:
    """A fresh container that holds ``value``."""
    tags: set[Tag] = {Plain.FRESH}
    for tag in value:
        if isinstance(tag, (Shared, Closure, Method)):
            tags.add(tag._replace(wraps=min(tag.wraps + 1, 4)))
    return frozenset(tags)


def union(values: Iterable[Value]) -> Value:
    """What may be any of several values."""
    return frozenset().union(*values) or OTHER


def is_followed(value: Value) -> bool:
    """Whether the followed object, a part of it or a closure over it may be in this value."""
    return any(not isinstance(tag, Plain) for tag in value)

"""What happens to the followed object."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement


class Fate(enum.Enum):
    """What is done to the followed object at one place."""

    CHANGED = "changed"
    LEAKED = "leaked"
    HANDED_ON = "handed on"


@dataclass(frozen=True)
class Event:
    """One place where something happens to the object."""

    fate: Fate
    statement: TopLevelStatement
    node: cst.CSTNode
    how: str
    """How it got out, or to whom it's handed: ``returned``, ``stored in 'self.items'``, ``print()``."""
    callee: str = ""
    """The function of the same file in which it happens, if that isn't the function under analysis."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.statement.line(self.node)

"""What a place pickles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.kinds import Start

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.lookup import Class
    from flake8_pitfalls.rules.pickling.model import Role
    from flake8_pitfalls.rules.pickling.via import Via


@dataclass(frozen=True, eq=False)
class Use:
    """One object that a place pickles."""

    call: cst.Call
    value: cst.BaseExpression
    role: Role
    api: str
    via: Via
    argument: cst.Arg | None = None
    start: Start | None = None
    """How the process is started that this depends on; ``None`` if it's pickled in any case."""
    elements: bool = False
    """Whether the elements are pickled, one by one, and not the iterable."""
    mapping: bool = False
    """Whether a plain dictionary that is made of it is pickled."""
    instance: Class | None = None
    """The Process subclass that is made and pickled as a whole."""
    returns: bool = False
    """Whether the result of the function comes back pickled."""
    assignment: cst.Assign | None = None
    """``shelf["key"] = value``, which pickles without a call: ``call`` is what made the shelf then."""
    workers_start: Start = Start.DEFAULT
    """How the workers were started that run already."""

    @property
    def place(self) -> cst.Call | cst.Assign:
        """Where it's pickled."""
        return self.assignment or self.call

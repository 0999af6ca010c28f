"""What the family talks about: an object that can't be pickled, and the place where something pickles it."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement


class Why(enum.Enum):
    """Why an object can't be pickled."""

    LAMBDA = "a lambda has no name to be found by"
    NESTED_FUNCTION = "a nested function can't be found by its name"
    LOCAL_CLASS = "a local class can't be found by its name"
    REPLACED = "the module's name stands for something else"
    """A decorator without ``wraps``, ``g = deco(f)``, a name that doesn't match, the undecorated original."""
    PRIVATE_METHOD = "a private method is looked up by its unmangled name"
    STATE = "an attribute of the object can't be pickled"
    GENERATOR = "generators and coroutines can't be pickled"
    RESOURCE = "locks, files, connections and the like can't be pickled"
    GUARDED = "the name only exists in the main process"


class Role(enum.Enum):
    """In what place of a call the object arrives."""

    TASK = "task"
    """The function that a worker runs: ``pool.map(f, ...)``, ``executor.submit(f)``."""
    TARGET = "target"
    """``Process(target=f)``."""
    INITIALIZER = "initializer"
    DATA = "data"
    """An argument of a task or process, an item of a queue, what ``pickle.dumps`` gets."""
    RESULT = "result"
    """What a worker returns (PIT404)."""


@dataclass(frozen=True, eq=False)
class Culprit:
    """The object that can't be pickled."""

    statement: TopLevelStatement
    node: cst.CSTNode
    """Its ``Lambda``, ``FunctionDef``, ``ClassDef``, or the ``Call`` or other expression that makes it."""
    why: Why


@dataclass(frozen=True, eq=False)
class Sink:
    """The place where it's pickled."""

    statement: TopLevelStatement
    call: cst.Call
    """The call that pickles; for a Process subclass or another indirect form, the call that makes the object."""
    argument: cst.Arg | None
    """The argument by which the object arrives, if there is one."""
    role: Role
    api: str
    """How the message names it: ``Pool.map``, ``Process``, ``ProcessPoolExecutor.submit``, ``pickle.dumps``."""
    assignment: cst.Assign | None = None
    """``shelf["key"] = value``, which pickles without a call: ``call`` is what made the shelf then."""


@dataclass(frozen=True, eq=False)
class Pickled:
    """One report: an object that can't be pickled reaches a place that pickles it."""

    code: str
    culprit: Culprit
    sink: Sink

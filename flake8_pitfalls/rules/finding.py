"""What a rule yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.fixes.model import Fix, Refusal
    from flake8_pitfalls.semantics.module import TopLevelStatement


@dataclass(frozen=True)
class Finding:
    """One reported place.

    ``line`` counts from 1 and ``column`` from 0, in characters, as flake8 plugins report them. ``fingerprint`` names
    the finding without line numbers (code, qualified name, parameter), so that it's recognised after other fixes moved
    it. The fix is made on demand, since most runs only report.
    """

    code: str
    line: int
    column: int
    message: str
    fingerprint: str
    make_fix: Callable[[], Fix | Refusal] = field(repr=False, compare=False)

    @cached_property
    def fix(self) -> Fix | Refusal:
        """The fix, or the reason why there is none."""
        return self.make_fix()


def factory_name(name: str) -> str:
    """What a fix calls the function that makes another one: ``make_handler``."""
    base = name.strip("_")
    prefix = "_" if name.startswith("_") and base else ""
    return f"{prefix}make_{base}" if base else "make_function"


def is_factory_of(name: str, factory: str) -> bool:
    """Whether a function is one that a fix has put around another: ``make_handler`` or ``make_handler_2``."""
    wanted = factory_name(name)
    return factory == wanted or (factory.startswith(f"{wanted}_") and factory[len(wanted) + 1 :].isdigit())


def qualified_name(statement: TopLevelStatement, node: cst.CSTNode | None) -> str:
    """The names of the functions and classes around a node, itself included.

    Functions that a fix has put around others are left out, so that fingerprints survive it.
    """
    import libcst as cst

    names: list[str] = []
    while node is not None:
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            name = node.name.value
            if not names or not is_factory_of(names[-1], name):
                names.append(name)
        node = statement.parents.get(node)
    return ".".join(reversed(names))

"""Methods without candidates, which nobody looks into until somebody does: nothing but time depends on that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from flake8_pitfalls.semantics.bindings import Scope


class LeftOutBlock(cst.IndentedBlock):
    """The body of a method that was left out, until somebody looks at it."""

    source: str
    """The lines of its statements."""
    make: Callable[[], tuple[cst.BaseStatement, ...]]
    """Makes the statements."""
    inside: tuple[cst.BaseStatement, ...] | None
    """The statements, once somebody has looked at them."""
    notify: Callable[[LeftOutBlock], None]
    """Gets the block when its statements are there for the first time."""

    @property
    def body(self) -> tuple[cst.BaseStatement, ...]:  # type: ignore[override]
        """The statements."""
        if self.inside is None:
            object.__setattr__(self, "inside", self.make())
            self.notify(self)
        assert self.inside is not None
        return self.inside


class LeftOutScope(Scope):
    """The scope of a method that was left out: what it binds and reads is known once somebody asks."""

    __slots__ = ()

    def _found(self, name: str) -> Any:
        assert isinstance(self.node, cst.FunctionDef)
        self.node.body.body  # noqa: B018 - Looking at it has the scope found.
        return getattr(self, name)

    @property
    def reads(self) -> Any:  # type: ignore[override]
        """The names that the method reads."""
        return self._found("reads")

    @property
    def annotation_reads(self) -> Any:  # type: ignore[override]
        """The names in unevaluated annotations."""
        return self._found("annotation_reads")

    @property
    def bindings(self) -> Any:  # type: ignore[override]
        """The bindings of its variables."""
        return self._found("bindings")

    @property
    def children(self) -> Any:  # type: ignore[override]
        """The scopes in it."""
        return self._found("children")

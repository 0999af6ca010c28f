"""What all places that share one object, other than defaults of parameters, have in common: PIT203."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.rules.mutable_default import messages
from flake8_pitfalls.rules.mutable_default.shown import shown_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from flake8_pitfalls.fixes.model import Fix, Refusal
    from flake8_pitfalls.semantics.module import TopLevelStatement

    MakeFix = Callable[[], Fix | Refusal]


@dataclass(frozen=True, eq=False)
class Cousin:
    """One shared object: the expression that makes it, who shares it, and how that can be mended."""

    statement: TopLevelStatement
    node: cst.BaseExpression
    shared_by: str
    make_fix: MakeFix

    def finding(self) -> Finding:
        """The report."""
        line, column = self.statement.module.position(self.statement.start_of(self.node))
        shown = shown_source(self.statement, self.node)
        message = messages.shared(shown, self.shared_by)
        return Finding("PIT203", line, column, message, f"PIT203:{shown}", self.make_fix)


def refused(reason: str) -> MakeFix:
    """A fix that is never offered."""

    def make_fix() -> Refusal:
        from flake8_pitfalls.fixes.model import Refusal

        return Refusal(reason)

    return make_fix

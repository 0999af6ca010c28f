"""The rule families; each yields findings for the top-level statements that the screen picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.finding import Finding
    from flake8_pitfalls.screen import Candidates
    from flake8_pitfalls.semantics.module import SourceModule


def analyse(module: SourceModule, candidates: Candidates, options: Options) -> list[Finding]:
    """All findings in a module, in source order.

    Raises :class:`~flake8_pitfalls.errors.CannotAnalyse` if LibCST can't handle a statement that holds a candidate.
    """
    from flake8_pitfalls.rules.late_binding import rule as late_binding
    from flake8_pitfalls.rules.metaclass import rule as metaclass
    from flake8_pitfalls.rules.mutable_default import rule as mutable_default
    from flake8_pitfalls.rules.pickling import rule as pickling

    if module.is_stub or not module.tree.body:
        return []
    found: list[Finding] = []
    statements = {module.statement_at(line): None for line in sorted(candidates.lines)}
    for statement in statements:
        found.extend(late_binding.findings(statement, options))
        found.extend(mutable_default.findings(statement, options))
        found.extend(metaclass.findings(statement, options))
    found.extend(pickling.findings(module, statements, options))
    return sorted(found, key=lambda finding: (finding.line, finding.column, finding.code))

"""The rule families; each yields findings for the top-level statements that the screen picked."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, NoReturn

from flake8_pitfalls.collecting import spare_what_stays, without_collecting

if TYPE_CHECKING:
    import ast

    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.finding import Finding
    from flake8_pitfalls.rules.mutable_default.settled import Settled
    from flake8_pitfalls.screen import Candidates
    from flake8_pitfalls.semantics.module import SourceModule


def analyse(module: SourceModule, candidates: Candidates, options: Options) -> list[Finding]:
    """All findings in a module, in source order.

    Raises :class:`~flake8_pitfalls.errors.CannotAnalyse` if LibCST can't handle a statement that holds a candidate.
    """
    if module.is_stub or not module.tree.body:
        return []
    return _findings(module, candidates, options)


def report(text: str, tree: ast.Module, filename: str, candidates: Candidates, options: Options) -> list[Finding]:
    """The same findings in less time; they have no fixes.

    Methods without candidates are left out at first. If that's not enough, everything is looked at.
    """
    if filename.endswith(".pyi"):
        return []
    settled = [_finding(found) for findings in candidates.settled.values() for found in findings]
    unsettled = candidates.unsettled()
    if not unsettled:
        return sorted(settled, key=_place)
    reported = _analysed(text, tree, filename, unsettled, options)
    known = {_place(finding) for finding in reported}
    return sorted([*reported, *(finding for finding in settled if _place(finding) not in known)], key=_place)


def _analysed(text: str, tree: ast.Module, filename: str, candidates: Candidates, options: Options) -> list[Finding]:
    """The findings, without fixes, of those candidates for which LibCST is needed."""
    with without_collecting():
        import libcst  # noqa: F401

    spare_what_stays("LibCST")  # There is twice as much as before.
    from dataclasses import replace

    from flake8_pitfalls.semantics.bare import LayoutNeeded
    from flake8_pitfalls.semantics.module import SourceModule

    with without_collecting():
        # The rules for metaclasses look at the layout.
        needed = None if candidates.families.get("metaclass") else candidates.needed
        module = SourceModule(text, tree, filename, needed, candidates.attributes)
        try:
            found = analyse(module, candidates, options)
        except (LayoutNeeded, AttributeError):  # Bare nodes have no attributes for their layout.
            module = SourceModule(text, tree, filename)
            found = analyse(module, candidates, options)
        found = [replace(finding, make_fix=_no_fix) for finding in found]
        module.forget()
    return found


def _no_fix() -> NoReturn:
    raise NotImplementedError("a finding that was only to be reported has no fix")


def _findings(module: SourceModule, candidates: Candidates, options: Options) -> list[Finding]:
    found: list[Finding] = []
    for family, lines in candidates.families.items():
        if lines:
            rule = importlib.import_module(f"flake8_pitfalls.rules.{family}.rule")
            statements = {module.statement_at(line): None for line in sorted(lines)}
            found.extend(rule.findings(module, statements, options))
    return sorted(found, key=_place)


def _finding(settled: Settled) -> Finding:
    from flake8_pitfalls.rules.finding import Finding

    return Finding(*settled, make_fix=_no_fix)


def _place(finding: Finding) -> tuple[int, int, str]:
    return finding.line, finding.column, finding.code

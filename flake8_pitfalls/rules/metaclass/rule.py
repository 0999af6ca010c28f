"""PIT3xx: Python 2 ``__metaclass__`` attributes, which Python 3 ignores, and what came with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.metaclass.class_bodies import class_findings
from flake8_pitfalls.rules.metaclass.modern import helper_findings
from flake8_pitfalls.rules.metaclass.module_level import module_findings
from flake8_pitfalls.rules.metaclass.uses import use_findings

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.finding import Finding
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


def findings(module: SourceModule, statements: Iterable[TopLevelStatement], options: Options) -> Iterator[Finding]:
    """All findings of the family in some top-level statements of a module."""
    if "metaclass" in module.text:
        for statement in statements:
            yield from _findings_in(statement, options)


def _findings_in(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    yield from class_findings(statement, options)
    yield from module_findings(statement)
    yield from use_findings(statement)
    yield from helper_findings(statement, options)

"""The name by which a module of the standard library is known at a place, imported if need be."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.imports import add_import
from flake8_pitfalls.rules.pickling.hoist_place import fresh_name
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.fixes.model import Edit
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Imports:
    """The imports that a fix relies on; those that it adds are in ``edits``."""

    def __init__(self, statement: TopLevelStatement) -> None:
        self.statement = statement
        self.edits: list[Edit] = []

    def name_for(self, module: str, attribute: str, place: cst.CSTNode) -> str:
        """How ``module.attribute`` is written at a place: ``functools.partial``, or ``partial`` if that's imported."""
        whole = f"{module}.{attribute}"
        for name in self._imported_names():
            dotted = self.statement.module.facts.origin(name)
            if dotted == whole and self._is_global(name, place):
                return name
        for name in self._imported_names():
            if self.statement.module.facts.origin(name) == module and self._is_global(name, place):
                return f"{name}.{attribute}"
        facts = self.statement.module.facts
        if module in facts.bindings or module in facts.rebound_by_functions or not self._is_global(module, place):
            name = fresh_name(self.statement, f"_{module}")
            self._add(f"import {module} as {name}")
            return f"{name}.{attribute}"
        self._add(f"import {module}")
        return whole

    def _add(self, line: str) -> None:
        source = self.statement.module
        edit = add_import(source.text, source.tree, source.line_starts, line)
        if edit not in self.edits:
            self.edits.append(edit)

    def _imported_names(self) -> list[str]:
        """What the imports at the top level bind, as a rule before anything else runs."""
        found: list[str] = []
        facts = self.statement.module.facts
        for node in self.statement.module.tree.body:
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno < self.statement.nodes[0].lineno:
                names = [alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*"]
                found.extend(name for name in names if facts.single_binding(name) is not None)
        return found

    def _is_global(self, name: str, place: cst.CSTNode) -> bool:
        owner = self.statement.scopes.scope_of(place).lookup(name)
        return owner is None or owner.kind is ScopeKind.MODULE

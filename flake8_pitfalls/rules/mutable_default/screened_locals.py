"""Which variables of functions hold something that nobody can tell. This must not import LibCST.

The analysis of LibCST's trees looks up what a variable was bound to only where nothing else binds it.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, root
from flake8_pitfalls.semantics.syntax import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_functions import Flow, Flows

_LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Locals:
    """The variables of the functions of a module."""

    def __init__(self, names: Names, flows: Flows) -> None:
        self._names = names
        self._flows = flows

    def are_unknown(self, node: ast.Name) -> bool:
        """Whether a name is a parameter, or a variable that is bound several times or in a loop."""
        flow = self._flow_of(node)
        if flow is None or flow.is_declared_elsewhere(node.id):
            return False
        if node.id in flow.parameters:
            return True
        bindings = [other for other in flow.variables(node.id) if _is_plain_binding(flow, other)]
        return len(bindings) > 1 or any(_is_in_loop(flow, binding) for binding in bindings)

    def is_imported(self, node: ast.expr) -> bool:
        """Whether an expression is surely the name of something of another module, with attributes or without."""
        name, names = root(node), self._names
        if name not in names.imports or name in names.assigned or name in names.classes or name in names.functions:
            return False
        page = names.page
        imports = [made for made in page.of(ast.Import, ast.ImportFrom) if not made.col_offset]
        if not any(_first_name(alias) == name for made in imports for alias in made.names):  # type: ignore[attr-defined]
            return False
        around = [*walk(page.tree.body[page.place_of(node.lineno)])]
        return node in around and not any(_binds(part, name) for part in around)

    def _flow_of(self, node: ast.Name) -> Flow | None:
        """The function that runs an expression itself."""
        for function in self._names.page.around(node.lineno, *FUNCTIONS):
            assert isinstance(function, FUNCTIONS)
            flow = self._flows.of(function)
            if flow.holds(node) and flow.is_in_body(node):
                return flow
        return None


def _is_plain_binding(flow: Flow, node: ast.Name) -> bool:
    """Whether a statement of the function itself, no comprehension, binds a variable anew at a mention."""
    if not isinstance(node.ctx, ast.Store) or not flow.is_outermost(node):
        return False
    parent = flow.parent(node)
    if isinstance(parent, ast.AugAssign) or (isinstance(parent, ast.AnnAssign) and parent.value is None):
        return False
    while not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.comprehension):
            return False
        parent = flow.parent(parent)
    return True


def _is_in_loop(flow: Flow, node: ast.AST) -> bool:
    while node is not flow.function:
        node = flow.parent(node)
        if isinstance(node, _LOOPS):
            return True
    return False


def _first_name(alias: ast.alias) -> str:
    """The name that an import binds."""
    return alias.asname or alias.name.partition(".")[0]


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.alias):
        return _first_name(node) == name
    if isinstance(node, ast.keyword):
        return False
    return any(getattr(node, field, None) == name for field in ("arg", "name", "rest"))

"""Which variables of functions hold something that nobody can tell. This must not import LibCST.

The analysis of LibCST's trees looks up what a variable was bound to only where nothing else binds it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
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
        self._unknown: dict[tuple[Flow, str], bool] = {}
        self._around: dict[int, tuple[frozenset[ast.AST], frozenset[str]]] = {}
        """The nodes of a top-level statement, by its number, and the names that they bind."""

    def are_unknown(self, node: ast.Name) -> bool:
        """Whether a name is a parameter, or a variable that is bound several times or in a loop."""
        flow = self._flow_of(node)
        if flow is None or flow.is_declared_elsewhere(node.id):
            return False
        key = flow, node.id
        if key not in self._unknown:
            bindings = [other for other in flow.variables(node.id) if _is_plain_binding(flow, other)]
            in_loop = any(_is_in_loop(flow, binding) for binding in bindings)
            self._unknown[key] = node.id in flow.parameters or len(bindings) > 1 or in_loop
        return self._unknown[key]

    def is_imported(self, node: ast.expr) -> bool:
        """Whether an expression is surely the name of something of another module, with attributes or without."""
        name, names = root(node), self._names
        if name not in names.imports or name in names.assigned or name in names.classes or name in names.functions:
            return False
        page = names.page
        imports = [made for made in page.of(ast.Import, ast.ImportFrom) if not made.col_offset]
        if not any(_first_name(alias) == name for made in imports for alias in made.names):  # type: ignore[attr-defined]
            return False
        place = page.place_of(node.lineno)
        if place not in self._around:
            nodes = frozenset(walk(page.tree.body[place]))
            self._around[place] = nodes, frozenset(bound for part in nodes for bound in _bound_by(part))
        nodes, bound = self._around[place]
        return node in nodes and name not in bound

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


def _bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a node binds."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.alias):
        yield _first_name(node)
    elif not isinstance(node, ast.keyword):
        for field in ("arg", "name", "rest"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield name

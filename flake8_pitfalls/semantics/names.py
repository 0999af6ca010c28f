"""What names stand for: dotted origins through imports, aliases and shadowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


_NAMES = frozenset({cst.Name, cst.Attribute})


def owner(scope: Scope, name: str) -> Scope | None:
    """The function, class or comprehension scope that owns a variable; ``None`` for the module and builtins."""
    found = scope.lookup(name)
    return None if found is None or found.kind is ScopeKind.MODULE else found


def is_constant_text(node: cst.CSTNode) -> bool:
    """Whether an expression is a string without anything to fill in; one in several parts may have f-strings."""
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) and node.evaluated_value is not None


def origin(statement: TopLevelStatement, expression: cst.CSTNode) -> str | None:
    """The dotted name that an expression stands for where it's written.

    ``collections.deque`` for ``dq`` after ``from collections import deque as dq``, ``builtins.list`` for a ``list``
    that nothing shadows; ``None`` for anything whose meaning this file doesn't tell.
    """
    if type(expression) not in _NAMES:
        return None
    found = statement.origins.get(expression, "")
    if found == "":
        found = statement.origins[expression] = _origin(statement, expression)
    return found


def _origin(statement: TopLevelStatement, expression: cst.CSTNode) -> str | None:
    attributes: list[str] = []
    # LibCST's classes are abstract base classes, for which isinstance() is slow.
    while type(expression) is cst.Attribute:
        attributes.append(expression.attr.value)
        expression = expression.value
    if type(expression) is not cst.Name:
        return None
    base = _name_origin(statement, expression)
    return ".".join([base, *reversed(attributes)]) if base else None


def _name_origin(statement: TopLevelStatement, name: cst.Name) -> str | None:
    scope = owner(statement.scopes.scope_of(name), name.value)
    if scope is None:
        return statement.module.facts.origin(name.value)
    origins = {_import_origin(statement, binding) for binding in scope.bindings.get(scope.stored_name(name.value), [])}
    return origins.pop() if len(origins) == 1 else None


def _import_origin(statement: TopLevelStatement, binding: Binding) -> str | None:
    if binding.kind is not BindingKind.IMPORT or not isinstance(binding.node, cst.ImportAlias):
        return None
    imported = dotted_text(binding.node.name)
    parent = statement.parents.get(binding.node)
    if isinstance(parent, cst.ImportFrom):
        module = dotted_text(parent.module) if parent.module else ""
        return f"{'.' * len(parent.relative)}{module}.{imported}"
    return imported if binding.node.asname else imported.partition(".")[0]


def plain_text(node: cst.CSTNode) -> str | None:
    """The text of a name with attributes, without its parentheses; ``None`` if there is more than names and dots."""
    attributes: list[str] = []
    while type(node) is cst.Attribute:
        attributes.append(node.attr.value)
        if not (node.dot.whitespace_before.empty and node.dot.whitespace_after.empty) or node.value.lpar:
            return None
        node = node.value
    return ".".join([node.value, *reversed(attributes)]) if type(node) is cst.Name else None


def dotted_text(node: cst.CSTNode) -> str:
    """The text of a plain dotted name."""
    if isinstance(node, cst.Attribute):
        return f"{dotted_text(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""

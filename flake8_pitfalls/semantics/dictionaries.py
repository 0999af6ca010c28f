"""What surely is a dictionary: many other objects have a method ``update`` too."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_NAMESPACES = frozenset({"builtins.vars", "builtins.globals", "builtins.locals"})
_MAKERS = frozenset({"dict", "defaultdict", "OrderedDict"})


def is_dictionary(statement: TopLevelStatement, node: cst.BaseExpression) -> bool:
    """Whether an expression is a namespace, or a variable or attribute that the module binds to a new dictionary."""
    if isinstance(node, cst.Call):
        return origin(statement, node.func) in _NAMESPACES
    if isinstance(node, cst.Attribute):
        return node.attr.value == "__dict__" or node.attr.value in _bound(statement.module)
    return isinstance(node, cst.Name) and node.value in _bound(statement.module)


def _bound(module: SourceModule) -> frozenset[str]:
    """The last part of what is bound to a new dictionary somewhere in the module."""
    if "dictionaries" not in module.memo:
        module.memo["dictionaries"] = frozenset(
            target.attr if isinstance(target, ast.Attribute) else target.id
            for node in module.walk_ast()
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and _makes_dictionary(node.value)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, (ast.Attribute, ast.Name))
        )
    known: frozenset[str] = module.memo["dictionaries"]
    return known


def _makes_dictionary(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Call):
        function = node.func
        return (function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")) in _MAKERS
    return isinstance(node, (ast.Dict, ast.DictComp))

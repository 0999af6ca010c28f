"""Objects that only stand for "no argument": ``_missing = []`` in ``def get(key, default=_missing)``.

Nobody looks into them; what counts is whether an argument *is* the sentinel. This module must not import LibCST.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from flake8_pitfalls.semantics.syntax import walk

_MAKERS = frozenset({"list", "dict", "set"})


def sentinels(tree: ast.Module, text: str) -> frozenset[str]:
    """The variables of a module whose empty list, dict or set is asked for by identity, and never looked into."""
    bound = {name for node in tree.body for name in _bound_to_nothing(node)}
    found = {name for name in bound if re.search(rf"\bis\s+(?:not\s+)?{name}\b|\b{name}\s+is\b", text)}
    if not found:
        return frozenset()
    asked: set[str] = set()
    for node in walk(tree):
        if isinstance(node, ast.Compare) and any(isinstance(operator, (ast.Is, ast.IsNot)) for operator in node.ops):
            asked.update(part.id for part in (node.left, *node.comparators) if isinstance(part, ast.Name))
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.value, ast.Name):
            found.discard(node.value.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.discard(node.target.id)
    return frozenset(found & asked)


def _bound_to_nothing(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets, value = [node.target], node.value
    else:
        return
    if _is_empty(value):
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _is_empty(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _MAKERS and not (node.args or node.keywords)
    if isinstance(node, ast.Dict):
        return not node.keys
    return isinstance(node, ast.List) and not node.elts

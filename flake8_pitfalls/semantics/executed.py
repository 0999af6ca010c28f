"""What code in a constant string does, for ``exec``."""

from __future__ import annotations

import ast

from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD


def names_changed_by(code: str) -> frozenset[str]:
    """The names whose objects the code changes in place; none if it doesn't parse."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return frozenset()
    changed: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            changes = node.attr in ANY_CHANGING_METHOD or not isinstance(node.ctx, ast.Load)
        elif isinstance(node, ast.Subscript):
            changes = not isinstance(node.ctx, ast.Load)
        else:
            continue
        if changes and isinstance(node.value, ast.Name):
            changed.add(node.value.id)
    return frozenset(changed)

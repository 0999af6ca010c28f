"""``if __name__ == "__main__"``: what stands under it doesn't exist in a spawned process."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule


def is_guard(node: ast.AST) -> bool:
    """Whether a statement is ``if __name__ == "__main__"``, with other conditions or without."""
    if not isinstance(node, ast.If):
        return False
    for part in ast.walk(node.test):
        if isinstance(part, ast.Compare) and isinstance(part.ops[0], ast.Eq):
            sides = (part.left, part.comparators[0])
            names = [side for side in sides if isinstance(side, ast.Name) and side.id == "__name__"]
            texts = [side for side in sides if isinstance(side, ast.Constant) and side.value == "__main__"]
            if names and texts:
                return True
    return False


def is_bound_under_guard(module: SourceModule, name: str) -> bool:
    """Whether a global name is bound under the guard and nowhere else."""
    bindings = module.facts.bindings.get(name)
    if not bindings or name in module.facts.rebound_by_functions:
        return False
    if "under guards" not in module.memo:
        module.memo["under guards"] = frozenset(
            part
            for top in module.tree.body
            if isinstance(top, ast.If) and is_guard(top)
            for line in top.body
            for part in ast.walk(line)
        )
    guarded: frozenset[ast.AST] = module.memo["under guards"]
    return all(binding.node in guarded for binding in bindings)

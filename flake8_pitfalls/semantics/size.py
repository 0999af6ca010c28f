"""How much LibCST will have to do for some code."""

from __future__ import annotations

import ast
import re

from flake8_pitfalls.semantics.syntax import FIELDS

MICROSECONDS_A_LEVEL = 7
"""What LibCST's parser takes for each pair of brackets, for each pair around it."""
_DISPLAYS = frozenset({ast.List, ast.Tuple, ast.Set, ast.Dict})
"""What puts commas between its parts, which LibCST has nodes for too."""
_BRACKET = re.compile(r"[()\[\]{}]")


def levels_of_brackets(text: str) -> int:
    """For each bracket in a text, in how many it stands; those in strings and comments are taken for brackets too."""
    total = depth = 0
    for bracket in _BRACKET.findall(text):
        if bracket in "([{":
            depth += 1
            total += depth
        else:
            depth = max(0, depth - 1)
    return total


def depth_and_size(nodes: list[ast.stmt]) -> tuple[int, int]:
    """How deep LibCST's tree of these statements gets, and how many nodes of ``ast`` it stands for, with commas.

    LibCST nests ``a and b and c``, which ``ast`` keeps flat.
    """
    depth = count = 0
    level: list[ast.AST | None] = [*nodes]
    deeper: dict[int, list[ast.AST | None]] = {}
    while level or deeper:
        depth += 1
        level += deeper.pop(depth, ())
        below: list[ast.AST | None] = []
        push, extend = below.append, below.extend
        for node in level:
            if node is None:  # The key of `**mapping`.
                continue
            count += 1
            kind = node.__class__
            if isinstance(node, ast.BoolOp):
                deeper.setdefault(depth + len(node.values) + 1, []).extend(node.values)
                continue
            for name in FIELDS[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    if kind in _DISPLAYS:
                        count += len(value)
                    extend(value)
                elif value is not None:
                    push(value)
        level = below
    return depth, count

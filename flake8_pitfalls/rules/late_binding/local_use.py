"""Which functions and iterators that a loop keeps in variables are used only in the pass that made them.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.free_names import FUNCTIONS
from flake8_pitfalls.semantics.syntax import BLOCKS, FIELDS, walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page

Around = tuple[ast.AST, "Around | None"]
"""A node around another one, and what is around that."""
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def name_given(closure: ast.AST, around: Around) -> tuple[str, ast.stmt, Around | None] | None:
    """The variable that holds a closure and nothing else does, the statement that binds it, and what's around that."""
    if isinstance(closure, ast.FunctionDef):
        plain = not closure.decorator_list and not _yields(closure)
        return (closure.name, closure, around) if plain else None
    parent = around[0]
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1 or parent.value is not closure:
        return None
    target = parent.targets[0]
    if not isinstance(target, ast.Name) or (isinstance(closure, ast.Lambda) and _yields(closure)):
        return None
    return target.id, parent, around[1]


def is_used_here(
    page: Page, name: str, statement: ast.stmt, around: Around | None, is_harmless: Callable[[ast.Name, Around], bool]
) -> bool:
    """Whether all uses of a variable are harmless, and come behind the statement that binds it, in the same block."""
    if around is None or not _is_of_function(around):
        return False
    block = _block_of(statement, around[0])
    scope = _scope_around(page, statement)
    if block is None or isinstance(scope, ast.ClassDef):
        return False
    behind = block[next(place for place, each in enumerate(block) if each is statement) + 1 :]
    allowed = 0
    for each in behind:
        for node, parents in with_parents(each):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                if not is_harmless(node, parents):
                    return False
                allowed += 1
    return allowed == _reads_of(name, scope)


def _is_of_function(around: Around | None) -> bool:
    """Whether no class is between a statement and the function around it."""
    while around is not None:
        if isinstance(around[0], ast.ClassDef):
            return False
        around = around[1]
    return True


def _block_of(statement: ast.stmt, parent: ast.AST) -> list[ast.stmt] | None:
    for field in BLOCKS.get(parent.__class__, ()):
        block: list[ast.stmt] = getattr(parent, field)
        if any(each is statement for each in block):
            return block
    return None


def _scope_around(page: Page, statement: ast.stmt) -> ast.AST:
    """The innermost function or class around a statement, or the module."""
    found: ast.AST = page.tree
    for node in page.of(*_DEFINITIONS):
        if node.lineno > statement.lineno:
            break
        if node is not statement and (node.end_lineno or 0) >= (statement.end_lineno or 0):
            found = node
    return found


def _reads_of(name: str, scope: ast.AST) -> int:
    """How often code reads a variable; -1 if the variable may be that of other code."""
    count = 0
    for node in walk(scope):
        if isinstance(node, ast.Name):
            count += node.id == name and isinstance(node.ctx, ast.Load)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            if name in node.names:
                return -1
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            count += node.target.id == name
    return count


def with_parents(root: ast.AST) -> Iterator[tuple[ast.AST, Around]]:
    """The nodes in some code, that of functions in it left out, with what is around them."""
    stack: list[tuple[ast.AST, Around]] = [(root, (root, None))]
    while stack:
        node, around = stack.pop()
        yield node, around
        here = (node, around)
        skipped = ("body",) if isinstance(node, FUNCTIONS) else ()
        for field in FIELDS[node.__class__]:
            if field in skipped:
                continue
            value = getattr(node, field)
            if value.__class__ is list:
                stack += [(child, here) for child in value if child is not None]
            elif value is not None:
                stack.append((value, here))


def _yields(function: ast.FunctionDef | ast.Lambda) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in walk(function))

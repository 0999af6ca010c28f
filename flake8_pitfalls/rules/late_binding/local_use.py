"""Which functions and iterators that a loop keeps in variables are used only in the pass that made them.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

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


class LocalUses:
    """Where the code of a module reads its variables."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._blocks: dict[ast.AST, list[_Block]] = {}
        self._scopes: dict[ast.AST, Counter[str]] = {}

    def are_harmless(
        self, name: str, statement: ast.stmt, around: Around | None, is_harmless: Callable[[ast.Name, Around], bool]
    ) -> bool:
        """Whether all uses of a variable are, and come behind the statement that binds it, in the same block."""
        if around is None or not _is_of_function(around):
            return False
        block = next((each for each in self._blocks_of(around[0]) if statement in each.places), None)
        scope = self._scope_around(statement)
        if block is None or isinstance(scope, ast.ClassDef):
            return False
        if scope not in self._scopes:
            self._scopes[scope] = _reads_in(scope)
        behind = block.reads_behind(statement, name, self._scopes[scope][name])
        return behind is not None and all(is_harmless(node, parents) for _, node, parents in behind)

    def _blocks_of(self, parent: ast.AST) -> list[_Block]:
        if parent not in self._blocks:
            fields = BLOCKS.get(parent.__class__, ())
            self._blocks[parent] = [_Block(getattr(parent, field)) for field in fields]
        return self._blocks[parent]

    def _scope_around(self, statement: ast.stmt) -> ast.AST:
        """The innermost function or class around a statement, or the module."""
        for node in self._page.around(statement.lineno, *_DEFINITIONS):
            if node is not statement and (node.end_lineno or 0) >= (statement.end_lineno or 0):
                return node
        return self._page.tree


class _Block:
    """Statements that run one behind the other."""

    def __init__(self, statements: list[ast.stmt]) -> None:
        self._statements = statements
        self.places = {statement: place for place, statement in enumerate(statements)}

    @cached_property
    def _reads(self) -> dict[str, list[tuple[int, ast.Name, Around]]]:
        """For each name where it's read, with the place of the statement.

        What definitions of functions in the block read is left out. A lambda that reads the variable of a loop is
        looked at for itself.
        """
        found: dict[str, list[tuple[int, ast.Name, Around]]] = {}
        for place, statement in enumerate(self._statements):
            for node, parents in with_parents(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    found.setdefault(node.id, []).append((place, node, parents))
        return found

    def reads_behind(self, statement: ast.stmt, name: str, count: int) -> list[tuple[int, ast.Name, Around]] | None:
        """Where a name is read behind one of the statements, until it's bound again, if all reads are behind it."""
        reads = self._reads.get(name, [])
        first = self.places[statement]
        start = bisect_right(reads, first, key=_place)
        if len(reads) - start != count:
            return None
        last = next((place for place in self._bound_at.get(name, ()) if place > first), len(self._statements))
        return reads[start : bisect_right(reads, last, key=_place)]

    @cached_property
    def _bound_at(self) -> dict[str, list[int]]:
        """For each name the places of the statements that surely give it another value when they've run."""
        found: dict[str, list[int]] = {}
        for place, statement in enumerate(self._statements):
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, []).append(place)
        return found


def _place(read: tuple[int, ast.Name, Around]) -> int:
    return read[0]


def _is_of_function(around: Around | None) -> bool:
    """Whether no class is between a statement and the function around it."""
    while around is not None:
        if isinstance(around[0], ast.ClassDef):
            return False
        around = around[1]
    return True


def _reads_in(scope: ast.AST) -> Counter[str]:
    """How often code reads each variable; -1 if the variable may be that of other code."""
    found: Counter[str] = Counter()
    others: list[str] = []
    for node in walk(scope):
        if isinstance(node, ast.Name):
            found[node.id] += isinstance(node.ctx, ast.Load)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            others += node.names
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] += 1
    for name in others:
        found[name] = -1
    return found


def with_parents(root: ast.AST) -> Iterator[tuple[ast.AST, Around]]:
    """The nodes in some code, that of definitions of functions in it left out, with what is around them."""
    stack: list[tuple[ast.AST, Around]] = [(root, (root, None))]
    while stack:
        node, around = stack.pop()
        yield node, around
        here = (node, around)
        skipped = ("body",) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) else ()
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

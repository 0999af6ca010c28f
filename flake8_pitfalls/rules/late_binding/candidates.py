"""What of a module may hold a PIT1xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.semantics.syntax import FIELDS, own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_FUNCTIONS = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)
_CLOSURES = (*_FUNCTIONS, ast.GeneratorExp)
_DRAINS = frozenset(
    {
        *("any", "all", "sum", "sorted", "list", "tuple", "set", "frozenset", "dict", "max", "min", "join"),
        *("bytes", "bytearray"),
    }
)
"""Callees that use up a generator expression at once, unless the module gives their names another meaning."""

_MAKES_CLOSURE = ("lambda", r"def\s")
_FOR = (r"for\b",)


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    del options
    text = page.text
    if "for" not in text and "while" not in text:
        return
    closures, fors = page.lines(_MAKES_CLOSURE), page.lines(_FOR)
    if not closures and len(fors) < (1 if "while" in text else 2):
        return
    drains = _Drains(text)
    covered = 0
    heads: set[int] = set()
    for loop in page.of(*_LOOPS):
        heads.add(loop.lineno)
        end = loop.end_lineno or loop.lineno
        if loop.lineno <= covered or not _has_room(loop, closures, fors):
            continue
        covered = end
        assert isinstance(loop, _LOOPS)
        if _loop_holds_capture(loop, drains):
            yield loop.lineno
    # What is left are the clauses of comprehensions, and words in strings and comments.
    clauses = [line for line in fors if line not in heads or _count(fors, line, line) > 1]
    for statement in page.innermost(clauses):
        if not isinstance(statement, _LOOPS) and _may_nest(statement, closures, clauses):
            yield from _comprehension_lines(statement, drains)


def _has_room(loop: ast.stmt, closures: list[int], fors: list[int]) -> bool:
    """Whether the lines of a loop have room for a closure."""
    end = loop.end_lineno or loop.lineno
    needed = 0 if isinstance(loop, ast.While) else 1
    return _count(closures, loop.lineno, end) > 0 or _count(fors, loop.lineno, end) > needed


def _may_nest(statement: ast.stmt, closures: list[int], clauses: list[int]) -> bool:
    """Whether the lines of a statement have room for a closure in a comprehension."""
    start, end = _first_line(statement), statement.end_lineno or statement.lineno
    loops = _count(clauses, start, end)
    return loops > 1 or (loops > 0 and _count(closures, start, end) > 0)


class _Drains:
    """The callees that use up a generator expression, unless the module may bind their names."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, bool] = {"join": True}

    def __contains__(self, name: str) -> bool:
        if name not in _DRAINS:
            return False
        if name not in self._known:
            # The name without a call, or a definition.
            other = rf"(?<![.\w]){name}\b(?!\s*\()|\b(?:def|class)\s+{name}\b"
            self._known[name] = re.search(other, self._text) is None
        return self._known[name]


def _first_line(node: ast.stmt) -> int:
    """Where a statement starts, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _count(lines: list[int], first: int, last: int) -> int:
    return bisect_right(lines, last) - bisect_left(lines, first)


def _loop_holds_capture(loop: ast.For | ast.AsyncFor | ast.While, drains: _Drains) -> bool:
    """Whether a closure in a loop reads a name that the loop binds."""
    bound: set[str] | None = None
    for part, parent in _walk(loop):
        if not isinstance(part, _CLOSURES) or _is_drained(part, parent, drains):
            continue
        if bound is None:
            bound = _bound_in(loop)
        if bound and not bound.isdisjoint(_read_in(part)):
            return True
    return False


def _comprehension_lines(statement: ast.stmt, drains: _Drains) -> Iterator[int]:
    """Comprehensions in a statement's own expressions that make closures which read names that they bind."""
    for part in own_nodes(statement):
        if isinstance(part, _COMPREHENSIONS):
            bound: set[str] | None = None
            for inner, parent in _walk(part):
                if isinstance(inner, _CLOSURES) and inner is not part and not _is_drained(inner, parent, drains):
                    bound = _bound_in(part) if bound is None else bound
                    if not bound.isdisjoint(_read_in(inner)):
                        yield statement.lineno
                        break


def _walk(root: ast.AST) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """All nodes with their parents."""
    fields = FIELDS
    stack: list[tuple[ast.AST, ast.AST | None]] = [(root, None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        for name in fields[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                stack.extend([(child, node) for child in value if child is not None])
            elif value is not None:
                stack.append((value, node))


def _is_drained(node: ast.AST, parent: ast.AST | None, drains: _Drains) -> bool:
    """Whether a generator expression without closures in it is used up by the call whose only argument it is."""
    if not isinstance(node, ast.GeneratorExp) or not isinstance(parent, ast.Call) or node not in parent.args[:1]:
        return False
    function = parent.func
    name = function.id if isinstance(function, ast.Name) else ""
    if isinstance(function, ast.Attribute):
        name = function.attr if function.attr == "join" else ""
    return name in drains and not any(isinstance(part, _CLOSURES) and part is not node for part in walk(node))


def _bound_in(node: ast.AST) -> set[str]:
    """The names that code binds in any way."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Name):
            if not isinstance(part.ctx, ast.Load):
                found.add(part.id)
        elif isinstance(part, ast.alias):
            found.add(part.asname or part.name.partition(".")[0])
        elif isinstance(part, ast.MatchMapping):
            found.add(part.rest or "")
        elif isinstance(name := getattr(part, "name", None), str):
            found.add(name)
    return found


def _read_in(node: ast.AST) -> set[str]:
    """The names that a closure reads; ``x += 1`` reads too."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            found.add(part.target.id)
    return found

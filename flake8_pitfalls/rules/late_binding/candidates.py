"""What of a module may hold a PIT1xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.text_search import matching_lines

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

_MAKES_CLOSURE = (re.compile("lambda"), re.compile(r"def\s"))
_FOR = (re.compile(r"for\b"),)


def candidate_lines(
    text: str, tree: ast.Module, statements: Sequence[ast.stmt], options: Options | None
) -> Iterator[int]:
    """The lines of what may be a pitfall; ``statements`` are those of the module at any depth."""
    del tree, options
    closures, fors = matching_lines(_MAKES_CLOSURE, text), matching_lines(_FOR, text)
    if not closures and len(fors) < (1 if "while" in text else 2):
        return
    drains = _Drains(text)
    covered = 0
    for node in sorted(statements, key=_line):
        end = node.end_lineno or node.lineno
        if node.lineno <= covered or not _worth_a_look(node, _first_line(node), end, closures, fors):
            continue
        if isinstance(node, _LOOPS):
            covered = end
            if _loop_holds_capture(node, drains):
                yield node.lineno
        else:
            yield from _comprehension_lines(node, drains)


def _line(node: ast.stmt) -> int:
    return node.lineno


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


def _worth_a_look(node: ast.stmt, start: int, end: int, closures: list[int], fors: list[int]) -> bool:
    """Whether the lines of a statement have room for a closure in a loop."""
    makes_closures = _count(closures, start, end) > 0
    loops = _count(fors, start, end)
    if isinstance(node, _LOOPS):
        return makes_closures or loops > (0 if isinstance(node, ast.While) else 1)
    return loops > 1 or (loops > 0 and makes_closures)


def _count(lines: list[int], first: int, last: int) -> int:
    return bisect_right(lines, last) - bisect_left(lines, first)


def _own_parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement without the statements in it."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt))


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
    for part in _own_parts(statement):
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
    stack: list[tuple[ast.AST, ast.AST | None]] = [(root, None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack.extend((child, node) for child in ast.iter_child_nodes(node))


def _is_drained(node: ast.AST, parent: ast.AST | None, drains: _Drains) -> bool:
    """Whether a generator expression without closures in it is used up by the call whose only argument it is."""
    if not isinstance(node, ast.GeneratorExp) or not isinstance(parent, ast.Call) or node not in parent.args[:1]:
        return False
    function = parent.func
    name = function.id if isinstance(function, ast.Name) else ""
    if isinstance(function, ast.Attribute):
        name = function.attr if function.attr == "join" else ""
    return name in drains and not any(isinstance(part, _CLOSURES) and part is not node for part in ast.walk(node))


def _bound_in(node: ast.AST) -> set[str]:
    """The names that code binds in any way."""
    found: set[str] = set()
    for part in ast.walk(node):
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
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
            found.add(part.id)
        elif isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            found.add(part.target.id)
    return found

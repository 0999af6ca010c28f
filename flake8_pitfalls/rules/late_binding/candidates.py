"""What of a module may hold a PIT1xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.semantics.callbacks import COPYING_METHODS, RUNNING_NAMES
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
    text = page.text
    if "for" not in text and "while" not in text:
        return
    closures, fors = page.lines(_MAKES_CLOSURE), page.lines(_FOR)
    if not closures and len(fors) < (1 if "while" in text else 2):
        return
    drains = _Drains(page, options)
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
    """The callees that run a closure, or use up a generator expression, before they return."""

    def __init__(self, page: Page, options: Options | None) -> None:
        self._page = page
        self._retaining = options.retaining_callees if options is not None else frozenset()
        self._known: dict[str, bool] = {}

    def take(self, node: ast.AST, parent: ast.AST | None) -> bool:
        """Whether a closure without closures in it is an argument of such a callee."""
        if not isinstance(parent, ast.Call) or node is parent.func or not self._takes(node, parent):
            return False
        return not any(isinstance(part, _CLOSURES) and part is not node for part in walk(node))

    def key_of(self, call: ast.Call) -> ast.Lambda | None:
        """The lambda by which ``sorted``, ``min`` and ``max`` compare, if there are no closures in it."""
        function = call.func
        key = next((keyword.value for keyword in call.keywords if keyword.arg == "key"), None)
        if not isinstance(key, ast.Lambda) or any(isinstance(part, _CLOSURES) for part in walk(key.body)):
            return None
        if isinstance(function, ast.Attribute):
            known = function.attr == "sort" and not self._is_bound("sort")
        else:
            known = isinstance(function, ast.Name) and function.id in _SORTERS and self._is_builtin(function)
        return key if known else None

    def _takes(self, node: ast.AST, call: ast.Call) -> bool:
        function = call.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if name in self._retaining:
            return False
        if name in RUNNING_NAMES:
            return not self._is_bound(name)
        if not isinstance(node, ast.GeneratorExp) or node not in call.args:
            return False
        if isinstance(function, ast.Name):
            return name in _DRAINS and node in call.args[:1] and self._is_builtin(function)
        return name == "join" or (name in COPYING_METHODS and not self._is_bound(name))

    def _is_builtin(self, name: ast.Name) -> bool:
        return name.id not in self._retaining and not self._is_bound(name.id)

    def _is_bound(self, name: str) -> bool:
        """Whether the module binds a name, in whatever scope, but for an import of one that is known anyway."""
        if name not in self._known:
            lines = self._page.lines(
                [rf"{name}\b(?!\s*\()", rf"{name}\b(?<=def {name})", rf"{name}\b(?<=class {name})"]
            )
            self._known[name] = any(
                _binds(part, name) for statement in self._page.innermost(lines) for part in own_nodes(statement)
            )
        return self._known[name]


_SORTERS = frozenset({"sorted", "min", "max"})


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.alias):
        return (node.asname or node.name) == name and name not in RUNNING_NAMES
    return getattr(node, "name", None) == name or getattr(node, "rest", None) == name


def _first_line(node: ast.stmt) -> int:
    """Where a statement starts, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


def _count(lines: list[int], first: int, last: int) -> int:
    return bisect_right(lines, last) - bisect_left(lines, first)


def _loop_holds_capture(loop: ast.For | ast.AsyncFor | ast.While, drains: _Drains) -> bool:
    """Whether a closure in a loop reads a name that the loop binds."""
    bound: set[str] | None = None
    keys: set[ast.AST] = set()
    for part, parent in _walk(loop):
        if isinstance(part, ast.Call) and part.keywords:
            key = drains.key_of(part)
            keys |= {key} if key is not None else set()
        if not isinstance(part, _CLOSURES) or part in keys or drains.take(part, parent):
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
                if isinstance(inner, _CLOSURES) and inner is not part and not drains.take(inner, parent):
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

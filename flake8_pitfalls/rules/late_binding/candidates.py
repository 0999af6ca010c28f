"""What of a module may hold a PIT1xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.consumed import Consumers
from flake8_pitfalls.rules.late_binding.free_names import (
    COMPREHENSIONS,
    FUNCTIONS,
    LOOPS,
    Closure,
    Comprehension,
    Loop,
    free_names,
)
from flake8_pitfalls.rules.late_binding.local_use import Around
from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.semantics.syntax import FIELDS, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_LAMBDA = ("lambda",)
_FOR = (r"for\b",)

_LEAVES = frozenset({ast.Name, ast.Constant, type(None)})
_Loops = tuple[Loop, ...]
_Part = tuple[ast.AST, Around | None, _Loops]


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    text = page.text
    fors = page.lines(_FOR)
    if not fors and "while" not in text:
        return
    loops = page.of(*LOOPS)
    clauses = _clauses(fors, {loop.lineno for loop in loops if loop.__class__ is not ast.While})
    parts = sorted([*page.lines(_LAMBDA), *clauses])
    functions = [node.lineno for node in page.of(ast.FunctionDef, ast.AsyncFunctionDef)] if loops else []
    judge = _Judge(page, options, sorted([*parts, *functions]))
    outside: list[int] = []
    covered = checked = 0
    for loop in loops:
        if loop.lineno > covered:
            outside += parts[checked : bisect_left(parts, loop.lineno)]
            covered = loop.end_lineno or loop.lineno
            checked = bisect_right(parts, covered)
            if judge.has_room(loop) and judge.may_capture(loop, with_blocks=True):
                yield loop.lineno
    outside += parts[checked:]
    for statement in page.innermost(page.neighbours(outside)):
        if judge.may_capture(statement, with_blocks=False):
            yield statement.lineno


def _clauses(fors: list[int], heads: set[int]) -> list[int]:
    """The lines of the clauses of comprehensions, and of words in strings and comments."""
    found: list[int] = []
    last = 0
    for line in fors:
        if line not in heads or line == last:
            found.append(line)
        last = line
    return found


def _first_line(node: ast.stmt) -> int:
    """Where a statement starts, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    return decorators[0].lineno if decorators else node.lineno


class _Judge:
    """Judges the closures of a module; ``lines`` are those on which closures and comprehensions may be."""

    def __init__(self, page: Page, options: Options | None, lines: list[int]) -> None:
        self._consumers = Consumers(page, options)
        self._lines = lines

    def has_room(self, statement: ast.stmt) -> bool:
        """Whether the lines of a statement have room for a closure."""
        place = bisect_left(self._lines, _first_line(statement))
        return place < len(self._lines) and self._lines[place] <= (statement.end_lineno or statement.lineno)

    def may_capture(self, statement: ast.stmt, *, with_blocks: bool) -> bool:
        """Whether a statement has a closure that may run after a loop in the statement has rebound what it reads."""
        for closure, around, loops in self._closures(statement, with_blocks=with_blocks):
            if _reads_rebound(closure, loops) and not self._consumers.use_up(closure, around):
                return True
        return False

    def _closures(self, root: ast.stmt, *, with_blocks: bool) -> Iterator[tuple[Closure, Around | None, _Loops]]:
        """The closures in loops in a statement, what is around them, and the loops in the same function."""
        stack: list[_Part] = [(root, None, ())]
        pop, push, leaves = stack.pop, stack.append, _LEAVES
        while stack:
            node, around, loops = pop()
            kind = node.__class__
            if isinstance(node, ast.stmt):
                if node is not root and not (with_blocks and self.has_room(node)):
                    continue
                if loops and kind in _LAST and _is_last(node, around):
                    loops = ()
            if kind in _CLOSURES and loops:
                yield node, around, loops  # type: ignore[misc]
            here = (node, around)
            if kind in _DIVIDED:
                stack += _DIVIDED[kind](node, here, loops)
                continue
            for name in FIELDS[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    stack += [(child, here, loops) for child in value if child.__class__ not in leaves]
                elif value.__class__ not in leaves:
                    push((value, here, loops))


def _is_last(node: ast.stmt, around: Around | None) -> bool:
    """Whether a ``return`` or ``raise`` ends the function, and binds nothing itself."""
    going_on = _CLEANING if isinstance(node, ast.Return) else _CATCHING
    while around is not None:
        if around[0].__class__ in going_on:
            return False
        around = around[1]
    return not any(isinstance(part, ast.NamedExpr) for part in walk(node))


def _reads_rebound(closure: Closure, loops: _Loops) -> bool:
    """Whether a closure reads a name that a loop around it binds."""
    names = free_names(closure)
    return bool(names) and any(not names.isdisjoint(loop.names) for loop in loops)


_LAST = frozenset({ast.Return, ast.Raise})
_CATCHING = frozenset({ast.Try, getattr(ast, "TryStar", ast.Try), ast.With, ast.AsyncWith})
_CLEANING = frozenset({ast.Try, getattr(ast, "TryStar", ast.Try)})


def _parts_of_function(
    node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef, here: Around, loops: _Loops
) -> Iterator[_Part]:
    yield node.args, here, loops
    if isinstance(node, ast.Lambda):
        yield node.body, None, ()
        return
    around = [*node.decorator_list, *getattr(node, "type_params", ())]
    for part in around if node.returns is None else [*around, node.returns]:
        yield part, here, loops
    for statement in node.body:
        yield statement, None, ()


def _parts_of_loop(node: ast.For | ast.AsyncFor | ast.While, here: Around, loops: _Loops) -> Iterator[_Part]:
    repeated = (*loops, Loop(node))
    if isinstance(node, ast.While):
        yield node.test, here, repeated
    else:
        yield node.iter, here, loops
        yield node.target, here, repeated
    for statement in node.body:
        yield statement, here, repeated
    for statement in node.orelse:
        yield statement, here, loops


def _parts_of_comprehension(node: Comprehension, here: Around, loops: _Loops) -> Iterator[_Part]:
    # A statement around may run all clauses again, the one that binds a name behind the closure that reads it too.
    own = tuple([Loop(clause, node) for clause in node.generators])
    inside = loops
    for clause in node.generators:
        around = (clause, here)
        yield clause.iter, around, inside
        inside = loops + own
        for part in (clause.target, *clause.ifs):
            yield part, around, inside
    # The element of a generator expression runs when it's asked for: the loops around may have ended.
    if isinstance(node, ast.GeneratorExp):
        inside = own
    parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
    for part in parts:
        yield part, here, inside


_DIVIDED: dict[type, Callable[..., Iterator[_Part]]] = {
    **dict.fromkeys(FUNCTIONS, _parts_of_function),
    **dict.fromkeys(LOOPS, _parts_of_loop),
    **dict.fromkeys(COMPREHENSIONS, _parts_of_comprehension),
}
"""The kinds of nodes not all of whose parts run in the same function and the same loops."""
_CLOSURES = frozenset({*FUNCTIONS, ast.GeneratorExp})

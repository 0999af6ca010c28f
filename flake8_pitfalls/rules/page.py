"""What the screens of the rule families look at: the text of a module and its ``ast``. This must not import LibCST.

The screens run on every file, so they search the text first, which is the cheapest of all, and then look at the
statements that hold what was found. Nothing here walks a whole tree.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

_BLOCKS: dict[type, tuple[str, ...]] = {
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), ("body",)),
    **dict.fromkeys((ast.With, ast.AsyncWith, ast.ExceptHandler, ast.match_case), ("body",)),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.While, ast.If), ("orelse", "body")),
    **dict.fromkeys((ast.Try, getattr(ast, "TryStar", ast.Try)), ("finalbody", "orelse", "handlers", "body")),
    ast.Match: ("cases",),
}
"""The fields that hold statements, last one first."""
_NOT_NODES = frozenset(
    {
        *("ctx", "op", "ops", "id", "attr", "asname", "level", "module", "type_comment", "kind", "is_async", "simple"),
        *("conversion", "rest", "kwd_attrs", "tag"),
    }
)


class _Fields(dict[type, tuple[str, ...]]):
    """The fields of each kind of node that may hold nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        plain = set(_NOT_NODES)
        if kind.__name__ != "TypeAlias":
            plain.add("name")
        if kind in {ast.arg, ast.keyword}:
            plain.add("arg")
        elif kind in {ast.Global, ast.Nonlocal}:
            plain.add("names")
        elif kind in {ast.Constant, ast.MatchSingleton}:
            plain.add("value")
        fields = tuple(name for name in kind._fields if name not in plain)
        self[kind] = fields
        return fields


FIELDS = _Fields()


def walk(root: ast.AST | None) -> Iterator[ast.AST]:
    """All nodes but operators and contexts, in no particular order; twice as fast as ``ast.walk``."""
    fields = FIELDS
    stack: list[ast.AST | None] = [root]
    pop, push, extend = stack.pop, stack.append, stack.extend
    while stack:
        node = pop()
        if node is None:  # The key of `**mapping`.
            continue
        yield node
        for name in fields[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                extend(value)
            elif value is not None:
                push(value)


def own_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """A statement and its expressions, without the statements in it."""
    yield statement
    blocks = _BLOCKS.get(statement.__class__, ())
    for name in FIELDS[statement.__class__]:
        value = getattr(statement, name)
        if value.__class__ is list:
            for part in value:
                if part.__class__ in _HEADED:
                    yield from own_nodes(part)
                elif part is not None and name not in blocks:
                    yield from walk(part)
        elif value is not None:
            yield from walk(value)


_HEADED = (ast.ExceptHandler, ast.match_case)


class Page:
    """A module as the screens see it."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.tree = tree
        self.text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        """The text with the line ends that ``ast`` counts."""

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """All statements, at any depth, in source order."""
        found: list[ast.stmt] = []
        stack: list[ast.AST] = self.tree.body[::-1]  # type: ignore[assignment]
        pop, extend, append, blocks = stack.pop, stack.extend, found.append, _BLOCKS
        while stack:
            node = pop()
            kind = node.__class__
            if kind not in _HEADED:
                append(node)  # type: ignore[arg-type]
            if kind in blocks:
                for name in blocks[kind]:
                    extend(getattr(node, name)[::-1])
        return found

    def of(self, *kinds: type[ast.stmt]) -> list[ast.stmt]:
        """The statements of some kinds."""
        return [node for node in self.statements if node.__class__ in kinds]

    @cached_property
    def _first_lines(self) -> list[int]:
        found = []
        for node in self.tree.body:
            decorators = getattr(node, "decorator_list", None)
            found.append(decorators[0].lineno if decorators else node.lineno)
        return found

    def place_of(self, line: int) -> int:
        """The number of the top-level statement that holds a line."""
        return bisect_right(self._first_lines, line) - 1

    def is_definition(self, place: int) -> bool:
        """Whether the names that a top-level statement assigns aren't global variables."""
        return isinstance(self.tree.body[place], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))

    @cached_property
    def _starts(self) -> list[int]:
        return [node.lineno for node in self.statements]

    def lines(self, patterns: Iterable[re.Pattern[str]]) -> list[int]:
        """The lines on which one of some patterns matches, in order, counted from 1.

        Patterns that start with plain text are searched for many times faster than one pattern of alternatives.
        """
        text = self.text
        places = sorted([match.start() for pattern in patterns for match in pattern.finditer(text)])
        lines: list[int] = []
        line, counted = 1, 0
        for place in places:
            line += text.count("\n", counted, place)
            counted = place
            lines.append(line)
        return lines

    def innermost(self, lines: Iterable[int]) -> Iterator[ast.stmt]:
        """The statements whose own lines, those of the statements in them left out, include some lines; in order.

        The lines have to be in order too.
        """
        last = 0
        seen: set[int] = set()
        for line in lines:
            if line != last:
                last = line
                for place in self._around(line):
                    if place not in seen:
                        seen.add(place)
                        yield self.statements[place]

    def _around(self, line: int) -> Iterator[int]:
        statements, starts = self.statements, self._starts
        behind = bisect_right(starts, line)
        if behind < len(statements):
            decorators = getattr(statements[behind], "decorator_list", None)
            if decorators and decorators[0].lineno <= line:
                yield behind
                return
        place = behind - 1
        while place >= 0:
            node = statements[place]
            if (node.end_lineno or node.lineno) >= line:
                # All that start on the same line, and what a semicolon ends there.
                first = bisect_left(starts, node.lineno)
                before = statements[first - 1] if first else node
                if before.__class__ not in _BLOCKS and (before.end_lineno or 0) >= line:
                    yield first - 1
                yield from range(first, place + 1)
                return
            place -= 1

"""What the screens of the rule families look at: the text of a module and its ``ast``. This must not import LibCST.

The screens run on every file, so they search the text first, which is the cheapest of all, and then look at the
statements that hold what was found. Nothing here walks a whole tree.
"""

from __future__ import annotations

import ast
import functools
import itertools
import operator
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.nesting import Nesting
from flake8_pitfalls.semantics.syntax import BLOCKS, HEADED

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.settled import Settled

GAP = r"[\s\\]*(?:#[^\n]*\n[\s\\]*){0,99}"
"""What may stand between two parts of an expression; in a long comment, the search for the second one has to end."""
_NEAR = 100
"""So many statements in front of a line are looked at one by one for the one that holds it."""
CALL = r"[\s\\)]*(?:#[^\n]*\n[\s\\)]*){0,99}\("
"""The parenthesis behind the name of what is called, which may stand in parentheses of its own."""


_WITH_HEADED = (*{ast.Try, getattr(ast, "TryStar", ast.Try)}, ast.Match)


class Page:
    """A module as the screens see it."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.tree = tree
        self.text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
        """The text with the line ends that ``ast`` counts."""
        self.attributes: set[str] = set()
        """The class attributes that may be a pitfall."""
        self.context: set[int] = set()
        """The lines that decide whether they are: methods that hold one of them have to be looked at."""
        self.settled: dict[int, list[Settled]] = {}
        """The lines about which no more has to be found out, with what there is to say about them."""

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """All statements, at any depth, in source order."""
        found: list[ast.stmt] = []
        stack: list[ast.AST] = self.tree.body[::-1]  # type: ignore[assignment]
        pop, extend, append, blocks = stack.pop, stack.extend, found.append, BLOCKS
        while stack:
            node = pop()
            kind = node.__class__
            if kind not in HEADED:
                append(node)  # type: ignore[arg-type]
            if kind in blocks:
                for name in blocks[kind]:
                    extend(getattr(node, name)[::-1])
        return found

    @cached_property
    def _by_kind(self) -> dict[type, list[ast.stmt]]:
        found: dict[type, list[ast.stmt]] = defaultdict(list)
        for node in self.statements:
            found[node.__class__].append(node)
        return found

    def of(self, *kinds: type[ast.stmt]) -> list[ast.stmt]:
        """The statements of some kinds, in source order."""
        groups = [self._by_kind[kind] for kind in kinds if kind in self._by_kind]
        if len(groups) < 2:
            return groups[0] if groups else []
        return sorted((node for group in groups for node in group), key=_line)

    @cached_property
    def has_other_names(self) -> bool:
        """Whether the text has identifiers in other forms than ``ast``, so that searching for them is of no use."""
        if self.text.isascii():
            return False
        from flake8_pitfalls.semantics.identifiers import some_are_written_otherwise

        return some_are_written_otherwise(self.tree.body, self.text)

    @cached_property
    def imported(self) -> str:
        """The names of all modules that the file imports, and of what it imports from them, separated by spaces."""
        return " ".join(imported_names(self.of(ast.Import, ast.ImportFrom)))

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

    def _is_in_statement(self, line: int) -> bool:
        place = self.place_of(line)
        return place >= 0 and (self.tree.body[place].end_lineno or line) >= line

    def is_definition(self, place: int) -> bool:
        """Whether the names that a top-level statement assigns aren't global variables."""
        return isinstance(self.tree.body[place], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))

    def _place_at(self, line: int) -> int:
        """The number of the first statement that starts on a line or behind it."""
        return bisect_left(self.statements, line, key=_line)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The line of an expression or statement, counted from 1, and its column, counted from 0 in characters."""
        return node.lineno, self._column(node.lineno, node.col_offset)

    def source(self, node: ast.expr) -> str:
        """The text of an expression, without its parentheses."""
        first, last = node.lineno, node.end_lineno or node.lineno
        lines = self._lines[first - 1 : last]
        lines[-1] = lines[-1][: self._column(last, node.end_col_offset or 0)]
        lines[0] = lines[0][self._column(first, node.col_offset) :]
        return "\n".join(lines)

    def _column(self, line: int, offset: int) -> int:
        """``ast`` counts the bytes of UTF-8."""
        text = self._lines[line - 1]
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    def around(self, line: int, *kinds: type[ast.stmt]) -> Iterator[ast.stmt]:
        """The statements of some kinds that hold a line, the innermost first."""
        if kinds not in self._nestings:
            nodes = self.of(*kinds)
            self._nestings[kinds] = nodes, _nesting_of(nodes)
        nodes, nesting = self._nestings[kinds]
        return map(nodes.__getitem__, nesting.around(line))

    @cached_property
    def _nestings(self) -> dict[tuple[type[ast.stmt], ...], tuple[list[ast.stmt], Nesting]]:
        return {}

    @cached_property
    def _nesting(self) -> Nesting:
        return _nesting_of(self.statements)

    def lines(self, patterns: Iterable[str], offsets: Iterable[int] = ()) -> list[int]:
        """The lines on which one of some patterns matches, or one of some offsets is, in order, counted from 1.

        Patterns that start with plain text are searched for many times faster than one pattern of alternatives, and
        don't even have to be compiled where the text doesn't occur.
        """
        text = self.text
        found = [compiled(pattern) for pattern in patterns if start_of(pattern) in text]
        places = sorted([*offsets, *(match.start() for pattern in found for match in pattern.finditer(text))])
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

    def neighbours(self, lines: list[int]) -> Iterator[int]:
        """Those of some lines, in order, that may be in the same expression as another of them, or the same line."""
        last = 0
        for before, line in itertools.pairwise(lines):
            if line != last and (before == line or self._place_at(before + 1) == self._place_at(line)):
                last = line
                yield line

    def _around(self, line: int) -> Iterator[int]:
        statements = self.statements
        behind = self._place_at(line + 1)
        if behind < len(statements):
            decorators = getattr(statements[behind], "decorator_list", None)
            if decorators and decorators[0].lineno <= line:
                yield behind
                return
        place = behind - 1
        nearest = max(-1, place - _NEAR)
        while place > nearest and (statements[place].end_lineno or 0) < line:
            place -= 1
        if place == nearest:
            place = next(self._nesting.around(line), -1) if place >= 0 and self._is_in_statement(line) else -1
        if place < 0:
            return
        node = statements[place]
        # All that start on the same line, and what a semicolon ends there.
        first = self._place_at(node.lineno)
        before = statements[first - 1]
        if first and before.__class__ not in BLOCKS and (before.end_lineno or 0) >= line:
            yield first - 1
        if node.lineno == line and self._is_behind_header(first):
            yield from itertools.islice(
                (each for each in self._nesting.around(line) if statements[each].lineno < line), 1
            )
        yield from range(first, place + 1)

    def _is_behind_header(self, place: int) -> bool:
        """Whether a statement starts on the last line of the header of its block, which started on another line."""
        node, before = self.statements[place], self.statements[place - 1] if place else None
        if node.lineno not in self._headed:
            if before is None or before.__class__ not in BLOCKS or before.lineno == node.lineno:
                return False
            if (before.end_lineno or 0) < node.lineno:
                return False
        line, column = self.place(node)
        return bool(self._lines[line - 1][:column].strip())

    @cached_property
    def _headed(self) -> frozenset[int]:
        """The lines of the first statements of handlers and cases."""
        parts = [
            part for node in self.of(*_WITH_HEADED) for part in getattr(node, "handlers", getattr(node, "cases", []))
        ]
        return frozenset(part.body[0].lineno for part in parts)


def imported_names(statements: Iterable[ast.AST]) -> list[str]:
    """The names of the modules, and of what is in them, that the imports among some statements mention."""
    found: list[str] = []
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found += [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom) and node.module:
                found.append(node.module)
    return found


_line: Callable[[ast.stmt], int] = operator.attrgetter("lineno")


def _nesting_of(nodes: list[ast.stmt]) -> Nesting:
    return Nesting([*map(_line, nodes)], [*map(_last_line, nodes)])


_last_line: Callable[[ast.stmt], int] = operator.attrgetter("end_lineno")


compiled = functools.cache(re.compile)
"""Compiles a regular expression when it's used first: what is compiled at import slows the start of every run."""


@functools.cache
def start_of(pattern: str) -> str:
    """The plain text that a pattern starts with, if it does."""
    position = 0
    plain: list[str] = []
    while position < len(pattern):
        character = pattern[position]
        if character == "\\" and pattern[position + 1 : position + 2] in {"]", ")", "(", "*", ".", "["}:
            position += 1
            character = pattern[position]
        elif not (character.isalnum() or character in "_:="):
            break
        position += 1
        if pattern[position : position + 1] in {"*", "?", "{"}:
            break
        plain.append(character)
    return "".join(plain)

"""Taking a statement out of a class body or a module, with nothing left of it and nothing lost around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.lines import end_of_line, indent_of, newline_of
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.fixes.verify import without_pragmas
from flake8_pitfalls.rules.metaclass.declares import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flake8_pitfalls.rules.metaclass.bodies import Assignment
    from flake8_pitfalls.semantics.module import TopLevelStatement

_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True)
class Removal:
    """The edit that takes a statement away."""

    edit: Edit
    comment: str = ""
    """Its comment, if that has to find another place: ``# text``, without what only tools read."""
    in_place: Edit | None = None
    """The edit that leaves the comment on a line of its own, where the statement was."""

    @property
    def keeping_comment(self) -> Edit:
        """The edit that leaves the comment where it is, if there is one."""
        return self.in_place if self.comment and self.in_place is not None else self.edit


class Leaving:
    """Statements that are taken away together; what they leave of a body is found once."""

    def __init__(self, statements: Iterable[cst.CSTNode] = ()) -> None:
        self._statements = frozenset(statements)
        self._bodies: dict[cst.CSTNode, _Body] = {}

    def around(self, line: cst.SimpleStatementLine, block: cst.CSTNode | None) -> _Body:
        """What is left of the block that a line stands in."""
        owner = block if isinstance(block, (cst.IndentedBlock, cst.Module)) else line
        if owner not in self._bodies:
            lines = [*block.body] if isinstance(block, (cst.IndentedBlock, cst.Module)) else [line]
            self._bodies[owner] = _Body(lines, [self._takes(other) for other in lines])
        return self._bodies[owner]

    def _takes(self, line: cst.CSTNode) -> bool:
        return isinstance(line, cst.SimpleStatementLine) and all(
            part in self._statements and not (isinstance(part, cst.Assign) and is_shared(part)) for part in line.body
        )


class _Body:
    def __init__(self, lines: Sequence[cst.CSTNode], going: Sequence[bool]) -> None:
        self._lines = lines
        self._places = {line: place for place, line in enumerate(lines)}
        self._first_staying = list(islice((place for place, goes in enumerate(going) if not goes), 2))
        self._last_going = max((place for place, goes in enumerate(going) if goes), default=0)

    def left_with(self, line: cst.CSTNode) -> list[cst.CSTNode]:
        """The first two lines that are left if one that may go stays."""
        places = sorted({*self._first_staying, self._places[line]})
        return [self._lines[place] for place in places[:2]]

    def is_last_to_go(self, line: cst.CSTNode) -> bool:
        """Whether no line behind this one goes."""
        return self._last_going <= self._places[line]


def remove_binding(
    statement: TopLevelStatement, assignment: Assignment, target: cst.CSTNode, together_with: Leaving | None = None
) -> Removal:
    """Remove ``__metaclass__ = M``, or its target only where a chain assigns M to other names as well."""
    if isinstance(assignment, cst.Assign) and is_shared(assignment):
        position = next(place for place, part in enumerate(assignment.targets) if part.target is target)
        following = assignment.targets[position + 1 :]
        behind = following[0].target if following else assignment.value
        return Removal(Edit(_outer_start(statement, target), _outer_start(statement, behind), ""))
    return remove_statement(statement, assignment, together_with)


def is_shared(assignment: cst.Assign) -> bool:
    """Whether a chain assigns the value to other targets as well."""
    return any(not isinstance(part.target, cst.Name) or part.target.value != NAME for part in assignment.targets)


def _outer_start(statement: TopLevelStatement, node: cst.CSTNode) -> int:
    opening = getattr(node, "lpar", ())
    return statement.span(opening[0] if opening else node)[0]


def remove_statement(
    statement: TopLevelStatement, node: cst.BaseSmallStatement, together_with: Leaving | None = None
) -> Removal:
    """Remove a simple statement, and maybe others; the body that this empties gets ``pass``."""
    line = statement.parents[node]
    assert isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite))
    if len(line.body) > 1:
        return Removal(_out_of_line(statement, line, node))
    start, end = statement.span(node)
    if isinstance(line, cst.SimpleStatementSuite):
        return Removal(Edit(start, _behind_semicolon(statement, end), "pass"))
    block = statement.parents.get(line)
    body = (together_with or Leaving()).around(line, block)
    left, needs_pass = body.left_with(line), body.is_last_to_go(line)
    text = statement.module.text
    comment = line.trailing_whitespace.comment
    shown = without_pragmas(comment.value) if comment is not None else ""
    first = left[0] is line and _is_first(statement, block)
    stop = end_of_line(text, end)
    empties = isinstance(block, cst.IndentedBlock) and len(left) == 1
    if needs_pass and (empties or (first and _precedes_string(statement, left, block))):
        newline, indent = newline_of(text), indent_of(text, start)
        return Removal(Edit(start, stop, "pass"), shown, Edit(start, stop, f"{shown}{newline}{indent}pass"))
    return Removal(_whole_lines(statement, start, end, first=first), shown, Edit(start, stop, shown))


def _is_first(statement: TopLevelStatement, block: cst.CSTNode | None) -> bool:
    return not isinstance(block, cst.Module) or statement is statement.module.statements[0]


def _precedes_string(statement: TopLevelStatement, body: Sequence[cst.CSTNode], block: cst.CSTNode | None) -> bool:
    """Whether the next statement is a bare string that would become the docstring."""
    if isinstance(block, cst.Module):
        statements = statement.module.statements
        if len(body) == 1:
            following = statements[1] if len(statements) > 1 else None
            return following is not None and _starts_with_string(following)
    elif isinstance(statement.parents.get(block) if block is not None else None, (cst.If, cst.Try, cst.For, cst.With)):
        return False
    second = body[1] if len(body) > 1 else None
    return isinstance(second, cst.SimpleStatementLine) and _is_string(second.body[0])


def _starts_with_string(statement: TopLevelStatement) -> bool:
    first = statement.tree.body[0] if statement.tree.body else None
    return isinstance(first, cst.SimpleStatementLine) and _is_string(first.body[0])


def _is_string(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Expr):
        return False
    value = node.value
    if isinstance(value, cst.ConcatenatedString):
        return isinstance(value.evaluated_value, str)
    return isinstance(value, cst.SimpleString) and "b" not in value.prefix


def _out_of_line(
    statement: TopLevelStatement, line: cst.SimpleStatementLine | cst.SimpleStatementSuite, node: cst.CSTNode
) -> Edit:
    """Delete a statement with exactly one neighbouring semicolon."""
    known: dict[cst.CSTNode, dict[cst.CSTNode, int]] = statement.memo.setdefault("places in lines", {})
    if line not in known:
        known[line] = {other: place for place, other in enumerate(line.body)}
    position = known[line][node]
    start, end = statement.span(node)
    if position + 1 < len(line.body):
        following = line.body[position + 1]
        if position == 0 and _is_string(following):
            return Edit(start, end, "pass")
        return Edit(start, statement.span(following)[0], "")
    return Edit(statement.span(line.body[position - 1])[1], end, "")


def _behind_semicolon(statement: TopLevelStatement, end: int) -> int:
    found = re.compile(r"[ \t]*;").match(statement.module.text, end)
    return found.end() if found else end


def _whole_lines(statement: TopLevelStatement, start: int, end: int, *, first: bool) -> Edit:
    """The lines of a statement, and the blank lines that would be too many."""
    module = statement.module
    text, starts = module.text, module.line_starts
    first_line, last_line = module.position(start)[0], module.position(max(start, end - 1))[0]
    after = last_line
    while _is_blank(text, starts, after + 1):
        after += 1
    before = first_line
    while _is_blank(text, starts, before - 1):
        before -= 1
    blanks_before, blanks_after = first_line - before, after - last_line
    stop = last_line + (blanks_after if first else min(blanks_before, blanks_after))
    if stop >= len(starts) or not _VISIBLE.search(text, starts[stop]):
        first_line, stop = before, len(starts)  # The file ends here.
    return Edit(starts[first_line - 1], starts[stop] if stop < len(starts) else len(text), "")


def _is_blank(text: str, starts: list[int], number: int) -> bool:
    if not 1 <= number <= len(starts):
        return False
    end = starts[number] if number < len(starts) else len(text)
    piece = text[starts[number - 1] : end]
    return bool(piece) and not piece.strip()

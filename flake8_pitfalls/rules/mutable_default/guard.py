"""The guard: ``if x is None: x = []`` as the first thing that the function does."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.indentation import lines_of_strings, source_lines
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flake8_pitfalls.semantics.module import TopLevelStatement

_OPENING = "([{"
_CLOSING = ")]}"


def guard_edit(statement: TopLevelStatement, function: cst.FunctionDef, name: str, default: Default) -> Edit:
    """Insert the guard of one parameter behind the docstring, the declarations and the guards of those before it."""
    earlier = _parameters_before(function, name)
    if isinstance(function.body, cst.SimpleStatementSuite):
        return _inline(statement, _after_declarations(function.body.body, earlier, name), name, default)
    assert isinstance(function.body, cst.IndentedBlock)
    lines = function.body.body
    start = _end(statement, function.body.header)
    indent = _indent(statement, lines[0])
    for position, line in enumerate(lines):
        smalls = line.body if isinstance(line, cst.SimpleStatementLine) else ()
        docstring = position == 0 and bool(smalls) and is_docstring(smalls[0])
        skipped = 1 if docstring else 0
        while skipped < len(smalls) and _goes_first(smalls[skipped], earlier, name):
            skipped += 1
        if smalls and 0 < skipped < len(smalls):
            return _inline(statement, smalls[skipped], name, default)
        if isinstance(line, cst.If) and _goes_first(line, earlier, name):
            start = _behind_its_comments(statement, _next_line(statement, _end(statement, line)), indent)
            continue
        if not smalls or skipped == 0:
            if "\\" in statement.module.text[start : _start(statement, line)] and _follows_backslash(statement, line):
                return _inline(statement, line, name, default)
            return _block(statement, function, start, indent, name, default)
        assert isinstance(line, cst.SimpleStatementLine)
        start = _end(statement, line.trailing_whitespace)
        if docstring:
            start = _behind_blank_lines(statement.module.text, start)
    return _block(statement, function, start, indent, name, default)


class Default:
    """The text of a default, and how it's written elsewhere."""

    def __init__(self, statement: TopLevelStatement, node: cst.BaseExpression, literal: str = "") -> None:
        start, end = outer_span(statement, node)
        self._text = literal or statement.module.text[start:end]
        self._line = statement.module.text[_line_start(statement, start) : start]
        self._needs_parentheses = _breaks_outside_brackets(self._text)
        self._is_loose = isinstance(node, (cst.IfExp, cst.Lambda)) and not node.lpar

    def text(self, indent: str | None = None) -> str:
        """The text for a statement that is indented by ``indent``, or for one that stands in another line."""
        text = self._text if indent is None else _reindented(self._text, self._line, indent)
        return f"({text})" if self._needs_parentheses or (indent is None and self._is_loose) else text


def outer_span(statement: TopLevelStatement, node: cst.BaseExpression) -> tuple[int, int]:
    """Start and end of an expression together with its parentheses."""
    start, end = statement.span(node)
    if node.lpar:
        start, end = statement.span(node.lpar[0])[0], statement.span(node.rpar[-1])[1]
    return start, end


def is_docstring(node: cst.BaseSmallStatement) -> bool:
    """Whether a statement is a string constant: bytes and f-strings are no docstrings."""
    if not isinstance(node, cst.Expr) or not isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString)):
        return False
    return isinstance(node.value.evaluated_value, str)


def _parameters_before(function: cst.FunctionDef, name: str) -> set[str]:
    parameters = function.params
    names = [p.name.value for p in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)]
    return set(names[: names.index(name)])


def _goes_first(node: cst.CSTNode, earlier: set[str], name: str) -> bool:
    """Whether a statement belongs in front of a guard: a declaration, or the guard of an earlier parameter."""
    if isinstance(node, (cst.Global, cst.Nonlocal)):
        return True
    if any(isinstance(part, cst.Name) and part.value == name for part in walk(node)):
        return False
    if isinstance(node, cst.If):
        body = node.body.body
        small = body[0].body[0] if isinstance(body[0], cst.SimpleStatementLine) else body[0]
        return node.orelse is None and len(body) == 1 and _assigned(small) in earlier & {_tested(node.test)}
    value = node.value if isinstance(node, cst.Assign) else None
    return isinstance(value, cst.IfExp) and _assigned(node) in earlier & {_tested(value.test)}


def _assigned(node: cst.CSTNode) -> str | None:
    target = node.targets[0].target if isinstance(node, cst.Assign) else None
    return target.value if isinstance(target, cst.Name) else None


def _tested(test: cst.BaseExpression) -> str | None:
    """``x`` of ``x is None``."""
    if not isinstance(test, cst.Comparison) or not isinstance(test.comparisons[0].operator, cst.Is):
        return None
    none = test.comparisons[0].comparator
    is_none = isinstance(none, cst.Name) and none.value == "None"
    return test.left.value if is_none and isinstance(test.left, cst.Name) else None


def _after_declarations(
    smalls: Sequence[cst.BaseSmallStatement], earlier: set[str], name: str
) -> cst.BaseSmallStatement:
    rest = list(smalls)
    if len(rest) > 1 and is_docstring(rest[0]):
        rest.pop(0)
    while len(rest) > 1 and _goes_first(rest[0], earlier, name):
        rest.pop(0)
    return rest[0]


def _inline(statement: TopLevelStatement, before: cst.CSTNode, name: str, default: Default) -> Edit:
    """``x = [] if x is None else x; `` in front of a statement that shares its line."""
    place = _start(statement, before)
    return Edit(place, place, f"{name} = {default.text()} if {name} is None else {name}; ")


def _block(
    statement: TopLevelStatement, function: cst.FunctionDef, place: int, indent: str, name: str, default: Default
) -> Edit:
    text = statement.module.text
    newline = "\r\n" if text[:place].endswith("\r\n") else text[place - 1] if place else "\n"
    outer = _indent(statement, function)
    unit = indent[len(outer) :] if indent.startswith(outer) else indent
    if unit == " " * 8:
        unit = " " * 4
    body = f"{indent}{unit}{name} = {default.text(indent + unit)}"
    return Edit(place, place, f"{indent}if {name} is None:{newline}{body}{newline}")


def _start(statement: TopLevelStatement, node: cst.CSTNode) -> int:
    """Where a statement starts: at its first decorator, if it has any."""
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.decorators:
        return statement.span(node.decorators[0])[0]
    if isinstance(node, cst.SimpleStatementLine):
        return _start(statement, node.body[0])
    if isinstance(node, cst.Expr):
        return outer_span(statement, node.value)[0]
    if isinstance(node, cst.Assign):
        target = node.targets[0].target
        return outer_span(statement, target)[0]
    return statement.span(node)[0]


def _end(statement: TopLevelStatement, node: cst.CSTNode) -> int:
    return statement.span(node)[1]


def _indent(statement: TopLevelStatement, node: cst.CSTNode) -> str:
    """The white space in front of a statement; a form feed starts the line anew."""
    start = _start(statement, node)
    before = statement.module.text[_line_start(statement, start) : start]
    return re.match(r"[ \t]*", before.rpartition("\x0c")[2]).group()  # type: ignore[union-attr]


def _line_start(statement: TopLevelStatement, offset: int) -> int:
    line, _ = statement.module.position(offset)
    return statement.module.line_starts[line - 1]


def _next_line(statement: TopLevelStatement, offset: int) -> int:
    """The start of the line behind the one of an offset."""
    starts = statement.module.line_starts
    line, _ = statement.module.position(offset)
    return starts[line] if line < len(starts) else len(statement.module.text)


def _behind_its_comments(statement: TopLevelStatement, offset: int, indent: str) -> int:
    """Behind the comments that belong to a block, being indented deeper than ``indent``."""
    text, end = statement.module.text, offset
    for match in re.compile(r"([ \t]*)(#[^\r\n]*)?(?:\r\n?|\n)").finditer(text, offset):
        if match.start() != offset or (match[2] and len(match[1]) <= len(indent)):
            break
        offset = match.end()
        end = offset if match[2] else end
    return end


def _follows_backslash(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    start = _line_start(statement, _start(statement, node))
    return bool(re.search(r"\\(?:\r\n?|\n)$", statement.module.text[max(0, start - len("\\\r\n\n")) : start]))


def _behind_blank_lines(text: str, offset: int) -> int:
    match = re.compile(r"(?:[ \t\x0c]*(?:\r\n?|\n))*").match(text, offset)
    return match.end() if match else offset


def _breaks_outside_brackets(text: str) -> bool:
    """Whether an expression has a line break that only the signature's parentheses allowed."""
    depth = 0
    last_line = 1
    for token in _tokens(text):
        if token.start[0] > last_line and depth == 0:
            return True
        if token.type == tokenize.OP:
            depth += (token.string in _OPENING) - (token.string in _CLOSING)
        last_line = token.end[0]
    return False


def _reindented(text: str, line_before: str, indent: str) -> str:
    """Move the continuation lines of an expression as far as its first line moves, but for the inside of strings."""
    lines = source_lines(text)
    old = re.match(r"[ \t]*", line_before.rpartition("\x0c")[2]).group()  # type: ignore[union-attr]
    if len(lines) == 1 or set(old + indent) == {" ", "\t"}:
        return text
    fixed = lines_of_strings(_tokens(text))
    for number in range(1, len(lines)):
        if number + 1 in fixed or not lines[number].strip():
            continue
        if len(indent) >= len(old):
            lines[number] = indent[len(old) :] + lines[number]
        else:
            surplus = len(old) - len(indent)
            present = len(lines[number]) - len(lines[number].lstrip(" \t"))
            lines[number] = lines[number][min(surplus, present) :]
    return "".join(lines)


def _tokens(text: str) -> list[tokenize.TokenInfo]:
    """The tokens of an expression, as if it stood in parentheses: positions of the first line are one column off."""
    skipped = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT}
    tokens = list(tokenize.generate_tokens(io.StringIO(f"({text}\n)", newline="").readline))
    inner = [token for token in tokens if token.type not in skipped]
    return inner[1:-1]

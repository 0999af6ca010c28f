"""Writing ``metaclass=`` into the header of a class, in the layout that the header has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.lines import end_of_line, indent_of, newline_of, start_of_line
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from flake8_pitfalls.semantics.module import TopLevelStatement

_CONTINUATION = re.compile(r"[ \t]*\\(?:\r\n?|\n)[ \t]*")
_OPENING = re.compile(r"(?:[ \t\f]|\\\r?\n)*\(")


def header_edit(statement: TopLevelStatement, node: cst.ClassDef, value: str) -> Edit:
    """The edit that adds ``metaclass=value`` behind the bases and keywords of a class."""
    text = statement.module.text
    arguments = [*node.bases, *node.keywords]
    added = f"metaclass={value}"
    if not arguments:
        return _into_empty(statement, node, added)
    end = argument_span(statement, arguments[-1])[1]
    close = _closing_parenthesis(text, end)
    between = text[end:close]
    if "\n" not in between and "\r" not in between:
        start = argument_span(statement, arguments[-1])[0]
        margin = text[start_of_line(text, start) : start]
        if not margin.strip() and "," not in between:
            return Edit(end, end, f",{newline_of(text)}{margin}{added}")
        blanks = len(between) - len(between.rstrip(" \t")) if "," not in between else 0
        return Edit(end, close - blanks, f", {added}")  # A trailing comma goes.
    start = argument_span(statement, arguments[-1])[0]
    newline, indent = newline_of(between), indent_of(text, start)
    starts_line = not text[start_of_line(text, start) : start].strip()
    comma = _comma(text, end, close)
    if not starts_line:
        return Edit(end, end if comma is None else comma + 1, f", {added}" + ("" if comma is None else ","))
    if comma is not None:
        line = start_of_line(text, close)
        if text[line:close].strip():
            return Edit(close, close, f"{added},")
        return Edit(line, line, f"{indent}{added},{newline}")
    # The comma comes before the comment of the last argument.
    stop = end_of_line(text, end)
    return Edit(end, stop, f",{text[end:stop]}{newline}{indent}{added}")


def _into_empty(statement: TopLevelStatement, node: cst.ClassDef, added: str) -> Edit:
    text = statement.module.text
    start = end_of_name(statement, node)
    opening = _OPENING.match(text, start)
    if opening is None:
        return Edit(start, start, f"({added})")
    close = _closing_parenthesis(text, opening.end())
    if "#" in text[opening.end() : close]:
        line = start_of_line(text, close)
        if text[line:close].strip():
            return Edit(close, close, added)
        above = len(text[:line].rstrip())
        place = close if start_of_line(text, above) <= start else above
        return Edit(line, line, f"{indent_of(text, place)}{added}{newline_of(text)}")
    return Edit(opening.end(), close, added)


def end_of_name(statement: TopLevelStatement, node: cst.ClassDef) -> int:
    """Where the name of a class and its type parameters end."""
    return statement.span(node.type_parameters or node.name)[1]


def argument_span(statement: TopLevelStatement, argument: cst.Arg) -> tuple[int, int]:
    """Where an argument starts and ends: with star, keyword and parentheses, without its comma."""
    value = argument.value
    opening, closing = getattr(value, "lpar", ()), getattr(value, "rpar", ())
    start = statement.span(opening[0])[0] if opening else statement.span(value)[0]
    if argument.keyword is not None:
        start = statement.span(argument.keyword)[0]
    elif argument.star:
        start = statement.module.text.rindex(argument.star, 0, start)
    return start, statement.span(closing[-1])[1] if closing else statement.span(value)[1]


def source_of(statement: TopLevelStatement, value: cst.BaseExpression) -> str:
    """The text of an expression with its parentheses; lines that a backslash continues are joined."""
    opening, closing = getattr(value, "lpar", ()), getattr(value, "rpar", ())
    start = statement.span(opening[0])[0] if opening else statement.span(value)[0]
    end = statement.span(closing[-1])[1] if closing else statement.span(value)[1]
    strings = [
        statement.span(part) for part in walk(value) if isinstance(part, (cst.SimpleString, cst.FormattedString))
    ]
    text = statement.module.text

    def joined(match: re.Match[str]) -> str:
        return match.group() if any(first <= match.start() < last for first, last in strings) else " "

    return _join(text, start, end, joined)


def _join(text: str, start: int, end: int, joined: Callable[[re.Match[str]], str]) -> str:
    parts, position = [], start
    for match in _CONTINUATION.finditer(text, start, end):
        parts += [text[position : match.start()], joined(match)]
        position = match.end()
    return "".join([*parts, text[position:end]])


def colon_of(statement: TopLevelStatement, node: cst.ClassDef) -> int:
    """Where the colon stands that ends the header of a class."""
    text = statement.module.text
    arguments = [*node.bases, *node.keywords]
    if arguments:
        end = _closing_parenthesis(text, argument_span(statement, arguments[-1])[1]) + 1
    else:
        end = end_of_name(statement, node)
        opening = _OPENING.match(text, end)
        if opening is not None:
            end = _closing_parenthesis(text, opening.end()) + 1
    return text.index(":", end)


def _closing_parenthesis(text: str, start: int) -> int:
    """The parenthesis that closes the arguments of a class, of which the last ends before ``start``."""
    position = start
    while text[position] != ")":
        position = end_of_line(text, position) if text[position] == "#" else position + 1
    return position


def _comma(text: str, start: int, close: int) -> int | None:
    """Where the comma behind the last argument stands, if there is one."""
    position = start
    while position < close:
        if text[position] == ",":
            return position
        position = end_of_line(text, position) if text[position] == "#" else position + 1
    return None

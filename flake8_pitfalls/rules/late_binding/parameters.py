"""Adding keyword-only parameters with defaults to a function, in the layout that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.indentation import line_end, source_lines
from flake8_pitfalls.fixes.model import Edit

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def keyword_edits(statement: TopLevelStatement, closure: cst.Lambda | cst.FunctionDef, names: list[str]) -> list[Edit]:
    """The edits that bind ``names`` by defaults: ``*, x=x``, or ``x=x`` where a star is there already."""
    parameters = closure.params
    added = [f"{name}={name}" for name in names]
    if not isinstance(parameters.star_arg, (cst.Param, cst.ParamStar)):
        added.insert(0, "*")
    last = _end_of_last(statement, parameters)
    if last is None:
        return [_first(statement, closure, ", ".join(added))]
    if isinstance(closure, cst.FunctionDef):
        start = _start_of_own_line(statement, closure, last)
        if start is not None:
            indent = _indent_of_line(statement, _start_of_last(statement, parameters))
            newline = line_end(statement.module.text) or "\n"
            return [Edit(start, start, "".join(f"{indent}{part},{newline}" for part in added))]
        if _stands_alone(statement, parameters):
            indent = _indent_of_line(statement, _start_of_last(statement, parameters))
            newline = line_end(statement.module.text) or "\n"
            return [Edit(last, last, "".join(f",{newline}{indent}{part}" for part in added))]
    return [Edit(last, last, "".join(f", {part}" for part in added))]


def _every(parameters: cst.Parameters) -> list[cst.CSTNode]:
    """Parameters and markers in source order."""
    found: list[cst.CSTNode] = [*parameters.posonly_params]
    if isinstance(parameters.posonly_ind, cst.ParamSlash):
        found.append(parameters.posonly_ind)
    found.extend(parameters.params)
    if isinstance(parameters.star_arg, (cst.Param, cst.ParamStar)):
        found.append(parameters.star_arg)
    return [*found, *parameters.kwonly_params]


def _end_of_last(statement: TopLevelStatement, parameters: cst.Parameters) -> int | None:
    every = _every(parameters)
    if not every:
        return None
    last = every[-1]
    if isinstance(last, cst.Param):
        part: cst.CSTNode = last.name
        if last.default is not None:
            part = last.default
        elif last.annotation is not None:
            part = last.annotation.annotation
        return end_with_parentheses(statement, part)
    start = statement.span(last)[0]
    sign = "/" if isinstance(last, cst.ParamSlash) else "*"
    return statement.module.text.index(sign, start) + 1


def _start_of_last(statement: TopLevelStatement, parameters: cst.Parameters) -> int:
    return statement.span(_every(parameters)[-1])[0]


def end_with_parentheses(statement: TopLevelStatement, node: cst.CSTNode) -> int:
    """The end of an expression, behind its parentheses."""
    parentheses = getattr(node, "rpar", ())
    return statement.span(parentheses[-1])[1] if parentheses else statement.span(node)[1]


def _first(statement: TopLevelStatement, closure: cst.Lambda | cst.FunctionDef, added: str) -> Edit:
    """Where the first parameter goes."""
    text = statement.module.text
    if isinstance(closure, cst.Lambda):
        start = statement.span(closure)[0] + len("lambda")
        return Edit(start, start, f" {added}")
    before = closure.type_parameters or closure.name
    start = text.index("(", statement.span(before)[1]) + 1
    return Edit(start, start, added)


def _start_of_own_line(statement: TopLevelStatement, closure: cst.FunctionDef, last: int) -> int | None:
    """The start of the line of the closing parenthesis, if that stands alone behind a trailing comma."""
    text = statement.module.text
    stop = statement.span(closure.returns)[0] if closure.returns is not None else statement.span(closure.body)[0]
    between = text[last:stop]
    comma, _, rest = between.partition(",")
    if comma.strip() or ")" not in rest:
        return None
    line, column = statement.module.position(last + len(comma) + 1 + _closing(rest))
    start = statement.module.line_starts[line - 1]
    own = text[start : start + column]
    first = statement.module.position(_start_of_last(statement, closure.params))[0]
    if first == statement.module.position(statement.span(closure.name)[0])[0]:
        return None  # The parameters stand on the line of the function's name.
    return start if own.strip() == "" and start > last else None


def _closing(rest: str) -> int:
    """The offset of the first closing parenthesis that isn't in a comment."""
    offset = 0
    for line in source_lines(rest):
        code = line.partition("#")[0]
        if ")" in code:
            return offset + code.index(")")
        offset += len(line)
    return 0


def _indent_of_line(statement: TopLevelStatement, offset: int) -> str:
    line, _ = statement.module.position(offset)
    start = statement.module.line_starts[line - 1]
    text = statement.module.text
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def _stands_alone(statement: TopLevelStatement, parameters: cst.Parameters) -> bool:
    """Whether the last parameter stands on a line of its own, without a comma behind it."""
    text, start = statement.module.text, _start_of_last(statement, parameters)
    line, column = statement.module.position(start)
    return text[statement.module.line_starts[line - 1] : start].strip() == "" and column > 0

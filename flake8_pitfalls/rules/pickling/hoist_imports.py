"""Local imports that a moved function or class needs: they're copied into the bodies that use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused, Variable, import_lines
from flake8_pitfalls.rules.pickling.hoist_refusals import is_below
from flake8_pitfalls.rules.pickling.hoist_text import line_text, newline_of

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def import_edits(
    statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef, imported: list[Variable]
) -> list[Edit]:
    """Copy imports into a function, or into the methods of a class that need them.

    Raises Refused.
    """
    if not imported:
        return []
    if isinstance(node, cst.FunctionDef):
        return [
            _at_start(statement, node, [line for variable in imported for line in import_lines(statement, variable)])
        ]
    methods = [line for line in node.body.body if isinstance(line, cst.FunctionDef)]
    edits = []
    needed = {read for variable in imported for read in variable.reads}
    for method in methods:
        lines = []
        for variable in imported:
            inside = {read for read in variable.reads if is_below(statement, read, method.body)}
            if inside:
                lines += import_lines(statement, variable)
                needed -= inside
        if lines:
            edits.append(_at_start(statement, method, lines))
    if needed:
        raise Refused(f"the class needs '{imported[0].name}' while it's made: import it at the top of the module")
    return edits


def _at_start(statement: TopLevelStatement, node: cst.FunctionDef, lines: list[str]) -> Edit:
    body = node.body
    if isinstance(body, cst.SimpleStatementSuite):
        place = statement.span(body.body[0])[0]
        return Edit(place, place, "".join(f"{line}; " for line in lines))
    first = body.body[0]
    if len(body.body) > 1 and isinstance(first, cst.SimpleStatementLine) and _is_docstring(first):
        first = body.body[1]
    start = statement.span(first.decorators[0] if isinstance(first, cst.FunctionDef) and first.decorators else first)[0]
    module = statement.module
    number, column = module.position(start)
    indent = module.text[start - column : start]
    while number - 1 in module.comments and line_text(module, number - 1).strip().startswith("#"):
        number -= 1
    place = module.line_starts[number - 1]
    return Edit(place, place, "".join(f"{indent}{line}{newline_of(module)}" for line in lines))


def _is_docstring(line: cst.SimpleStatementLine) -> bool:
    value = line.body[0].value if isinstance(line.body[0], cst.Expr) else None
    return isinstance(value, (cst.SimpleString, cst.ConcatenatedString)) and len(line.body) == 1

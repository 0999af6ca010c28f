"""Lambdas that are assigned to names, in the module or in a class: functions of these names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, assigned_target, parameters_of
from flake8_pitfalls.rules.pickling.guards import is_guard
from flake8_pitfalls.rules.pickling.hoist_place import insertions
from flake8_pitfalls.rules.pickling.hoist_refusals import check_code, check_made
from flake8_pitfalls.rules.pickling.hoist_text import (
    Extent,
    blank_lines_around,
    comments_around,
    extent_of,
    newline_of,
    removals,
)
from flake8_pitfalls.rules.pickling.lambda_text import function_text
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def named_lambda(statement: TopLevelStatement, node: cst.Lambda) -> Fix | None:
    """``name = lambda ...`` at the level of the module or of a class in it: ``def name``."""
    target = assigned_target(statement, node)
    if target is None:
        return None
    scope = statement.scopes.scope_of(target)
    if scope.kind not in {ScopeKind.MODULE, ScopeKind.CLASS}:
        return None
    outer = scope
    while outer.kind is ScopeKind.CLASS and outer.parent is not None:
        outer = outer.parent
    if outer.kind is not ScopeKind.MODULE:
        return None
    line = statement.parents.get(statement.parents[node])
    if not isinstance(line, cst.SimpleStatementLine):
        raise Refused(f"'{target.value}' shares a line with something else: write a function of that name")
    if isinstance(statement.parents[node], cst.AnnAssign) and scope.kind is ScopeKind.MODULE:
        return None
    _check(statement, node, target, scope)
    extent = extent_of(statement, line)
    if extent is None:
        raise Refused(f"'{target.value}' shares a line with something else: write a function of that name")
    blank = 1 if scope.kind is ScopeKind.CLASS else 2
    around = blank_lines_around(statement, extent, blank)
    if len(line.body) > 1:
        return _out_of_line(statement, node, line, extent, target.value, blank, around)
    if any(is_guard(top) for top in statement.nodes) and scope.kind is ScopeKind.MODULE:
        return _out_of_guard(statement, node, line, extent, target.value)
    return Fix(Applicability.SAFE, (*around, *_as_definition(statement, node, line, target.value, extent.indent)))


def _check(statement: TopLevelStatement, node: cst.Lambda, target: cst.Name, scope: Scope) -> None:
    if isinstance(statement.parents[node], cst.AnnAssign):
        raise Refused(f"'{target.value}' is annotated: write a function with these types")
    bindings = scope.bindings if scope.kind is ScopeKind.CLASS else statement.module.facts.bindings
    if len(bindings.get(target.value, ())) != 1:
        raise Refused(f"'{target.value}' is bound in several ways: write functions of different names")
    if scope.kind is ScopeKind.CLASS and target.value.startswith("__") and not target.value.endswith("__"):
        raise Refused(f"'{target.value}' is a private name: give the method a name of its own")
    if any(parameter.name.value == target.value for parameter in parameters_of(node)):
        raise Refused(f"'{target.value}' is the name of a parameter too: write a function")


def _out_of_guard(statement: TopLevelStatement, node: cst.Lambda, line: cst.CSTNode, extent: Extent, name: str) -> Fix:
    """A function in front of the guard, which other processes have too."""
    check_code(statement, node)
    check_made(statement, node, ())
    code = comments_around(statement, node, extent, "") + function_text(statement, node, name, [], [], [])
    return Fix(Applicability.SAFE, (*insertions(statement, [code]), *removals(statement, [line], [extent])))


def _out_of_line(
    statement: TopLevelStatement,
    node: cst.Lambda,
    line: cst.SimpleStatementLine,
    extent: Extent,
    name: str,
    blank: int,
    around: list[Edit],
) -> Fix:
    """``a = 1; f = lambda: 2``: the function gets lines of its own."""
    assign = statement.parents[node]
    assert isinstance(assign, cst.Assign)
    if any(is_guard(top) for top in statement.nodes):
        raise Refused(f"'{name}' shares a line with something else: write a function of that name")
    position = line.body.index(assign)
    newline = newline_of(statement.module)
    start, end = statement.span(assign)[0], _end(statement, node)
    before, behind = newline * (blank + 1), ""
    if position:
        start = _end_of_small(statement, line.body[position - 1])
        around = [edit for edit in around if edit.start != extent.start]
        before += extent.indent
    else:
        before = ""
    if position + 1 < len(line.body):
        end = statement.span(line.body[position + 1])[0]
        around = [edit for edit in around if edit.start != extent.end]
        behind = newline * (blank + 1) + extent.indent
    if "#" in statement.module.text[statement.span(assign)[0] : statement.span(node)[0]]:
        raise Refused(f"'{name}' shares a line with something else: write a function of that name")
    code = function_text(statement, node, name, [], [], [], extent.indent)
    code = code.removeprefix(extent.indent).rstrip("\r\n")
    return Fix(Applicability.SAFE, (*around, Edit(start, end, f"{before}{code}{behind}")))


def _end_of_small(statement: TopLevelStatement, small: cst.BaseSmallStatement) -> int:
    """The end of a statement, without the semicolon behind it."""
    semicolon = small.semicolon
    assert isinstance(semicolon, cst.Semicolon)
    end = statement.span(semicolon)[0]
    text = statement.module.text
    end = text.rindex(";", statement.span(small)[0], max(statement.span(semicolon)[1], end + 1))
    return len(text[:end].rstrip())


def _end(statement: TopLevelStatement, node: cst.Lambda) -> int:
    return statement.span(node.rpar[-1])[1] if node.rpar else statement.span(node)[1]


def _as_definition(
    statement: TopLevelStatement, node: cst.Lambda, line: cst.SimpleStatementLine, name: str, indent: str
) -> tuple[Edit, ...]:
    start = statement.span(line)[0]
    end = _end(statement, node)
    code = function_text(statement, node, name, [], [], [], indent)
    return (Edit(start, end, code.removeprefix(indent).rstrip("\r\n")),)

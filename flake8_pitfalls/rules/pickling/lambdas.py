"""Lambdas: what they call is handed over itself where that does, else they become functions with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, assigned_target, parameters_of, variables_of
from flake8_pitfalls.rules.pickling.guards import is_guard
from flake8_pitfalls.rules.pickling.hoist import Hoist
from flake8_pitfalls.rules.pickling.hoist_place import insertions
from flake8_pitfalls.rules.pickling.hoist_refusals import check_code, check_made
from flake8_pitfalls.rules.pickling.hoist_text import Extent, blank_lines_around, comments_around, extent_of, removals
from flake8_pitfalls.rules.pickling.lambda_calls import direct_call
from flake8_pitfalls.rules.pickling.lambda_methods import method_fix
from flake8_pitfalls.rules.pickling.lambda_operators import operator_text
from flake8_pitfalls.rules.pickling.lambda_text import function_text
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement


def lambda_fix(statement: TopLevelStatement, node: cst.Lambda, sink: Sink) -> Fix:
    """The fix of a lambda.

    Raises Refused.
    """
    if any(isinstance(part, cst.Yield) for part in walk(node.body)):
        raise Refused("it's a generator, whose result can't be pickled: return a list")
    named = _named(statement, node)
    if named is not None:
        return named
    method = method_fix(statement, node)
    if method is not None:
        return method
    called = direct_call(statement, node, sink)
    if called is not None:
        return called
    operator = operator_text(statement, node, sink)
    if operator is not None:
        text, imports = operator
        return Fix(Applicability.SAFE, (*imports, Edit(*statement.span(node), text)))
    return Hoist(statement, sink).fix(node)


def _named(statement: TopLevelStatement, node: cst.Lambda) -> Fix | None:
    """``name = lambda ...`` at the level of the module or of a class in it: ``def name``."""
    target = assigned_target(statement, node)
    if target is None:
        return None
    scope = statement.scopes.scope_of(target)
    if scope.kind not in {ScopeKind.MODULE, ScopeKind.CLASS} or variables_of(statement, node):
        return None
    outer = scope
    while outer.kind is ScopeKind.CLASS and outer.parent is not None:
        outer = outer.parent
    if outer.kind is not ScopeKind.MODULE:
        return None
    line = statement.parents.get(statement.parents[node])
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        raise Refused(f"'{target.value}' shares a line with something else: write a function of that name")
    if isinstance(statement.parents[node], cst.AnnAssign):
        raise Refused(f"'{target.value}' is annotated: write a function with these types")
    if len(scope.bindings.get(target.value, [])) != 1:
        raise Refused(f"'{target.value}' is bound in several ways: write functions of different names")
    if any(parameter.name.value == target.value for parameter in parameters_of(node)):
        raise Refused(f"'{target.value}' is the name of a parameter too: write a function")
    extent = extent_of(statement, line)
    if extent is None:
        raise Refused(f"'{target.value}' shares a line with something else: write a function of that name")
    if any(is_guard(top) for top in statement.nodes) and scope.kind is ScopeKind.MODULE:
        return _out_of_guard(statement, node, line, extent, target.value)
    blank = blank_lines_around(statement, extent, 1 if scope.kind is ScopeKind.CLASS else 2)
    return Fix(Applicability.SAFE, (*blank, *_as_definition(statement, node, line, target.value, extent.indent)))


def _out_of_guard(statement: TopLevelStatement, node: cst.Lambda, line: cst.CSTNode, extent: Extent, name: str) -> Fix:
    """A function in front of the guard, which other processes have too."""
    check_code(statement, node)
    check_made(statement, node, ())
    code = comments_around(statement, node, extent, "") + function_text(statement, node, name, [], [], [])
    return Fix(Applicability.SAFE, (*insertions(statement, [code]), *removals(statement, [line], [extent])))


def _as_definition(
    statement: TopLevelStatement, node: cst.Lambda, line: cst.SimpleStatementLine, name: str, indent: str
) -> tuple[Edit, ...]:
    start = statement.span(line)[0]
    end = statement.span(node)[1]
    if node.rpar:
        end = statement.span(node.rpar[-1])[1]
    code = function_text(statement, node, name, [], [], [], indent)
    return (Edit(start, end, code.removeprefix(indent).rstrip("\r\n")),)

"""Parameters whose defaults read variables of the function around: a partial passes these values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused, parameters_of, reads_of
from flake8_pitfalls.rules.pickling.fix_timing import Timing
from flake8_pitfalls.rules.pickling.hoist_refusals import is_attribute_or_keyword
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_captures import Movable
    from flake8_pitfalls.rules.pickling.hoist_members import Member
    from flake8_pitfalls.semantics.module import TopLevelStatement


def bound_defaults(statement: TopLevelStatement, node: Movable) -> dict[str, str]:
    """The parameters whose defaults read variables, and the text of the defaults.

    Raises Refused.
    """
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        return {}
    found: dict[str, str] = {}
    for parameter in parameters_of(node):
        if parameter.default is not None and _reads_variable(statement, parameter.default):
            start, end = _span(statement, parameter.default)
            found[parameter.name.value] = statement.module.text[start:end]
    if found and isinstance(node, cst.FunctionDef) and node.decorators:
        raise Refused("it's decorated, and a default reads a variable: move it to module level yourself")
    if {parameter.name.value for parameter in node.params.posonly_params} & set(found):
        raise Refused("the default of a positional-only parameter reads a variable: pass the value yourself")
    return found


def _reads_variable(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    for part in walk(node):
        if isinstance(part, cst.Name) and not is_attribute_or_keyword(statement, part):
            owner = statement.scopes.scope_of(part).lookup(part.value)
            if owner is not None and owner.kind is not ScopeKind.MODULE:
                return True
    return False


def _span(statement: TopLevelStatement, node: cst.BaseExpression) -> tuple[int, int]:
    if node.lpar:
        return statement.span(node.lpar[0])[0], statement.span(node.rpar[-1])[1]
    return statement.span(node)


def default_edits(statement: TopLevelStatement, member: Member) -> list[Edit]:
    """Take away the defaults that the partial gives; where another parameter keeps its default, None stands there."""
    if not member.bound:
        return []
    assert isinstance(member.node, (cst.FunctionDef, cst.Lambda))
    given = member.node.params
    optional = any(parameter.default is not None for parameter in (*given.posonly_params, *given.params))
    keeps_other = any(
        parameter.default is not None and parameter.name.value not in member.bound
        for parameter in (*given.posonly_params, *given.params)
    )
    edits = []
    for parameter in parameters_of(member.node):
        if parameter.name.value in member.bound:
            keep = optional and keeps_other and parameter in given.params
            edits.append(_default_edit(statement, parameter, keep=keep))
    return edits


def _default_edit(statement: TopLevelStatement, parameter: cst.Param, *, keep: bool) -> Edit:
    assert parameter.default is not None
    start, end = _span(statement, parameter.default)
    if keep:
        return Edit(start, end, "None")
    before = statement.module.text[:start].rstrip()
    if not before.endswith("="):
        raise Refused("a comment stands in front of a default: pass the value yourself")
    return Edit(len(before[:-1].rstrip()), end, "")


def check_bound(statement: TopLevelStatement, member: Member, members: list[Member]) -> None:
    """Raise Refused when a partial at the place of the definition wouldn't do."""
    from flake8_pitfalls.rules.pickling.hoist_refusals import is_below

    assert member.variable is not None
    assert isinstance(member.node, (cst.FunctionDef, cst.Lambda))
    for capture in member.captures:
        if not Timing(statement, capture.variable).is_settled(member.node):
            raise Refused(f"'{capture.argument}' may change after the function is made: pass it yourself")
    names = [parameter.name.value for parameter in parameters_of(member.node)]
    first = min(names.index(name) for name in member.bound)
    for read, _ in reads_of(member.variable.owner, member.variable.name):
        if any(is_below(statement, read, other.code()) for other in members):
            raise Refused("it calls itself or is called by what moves with it: pass the value of its default yourself")
        parent = statement.parents.get(read)
        if isinstance(parent, cst.Call) and parent.func is read:
            positional = [argument for argument in parent.args if argument.keyword is None]
            if len(positional) > first or any(argument.star for argument in positional):
                raise Refused("a call overrides a default that reads a variable: pass the value yourself")

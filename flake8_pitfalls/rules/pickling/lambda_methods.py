"""Lambdas that are attributes: of instances, where a method does the same, and of classes."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, parameters_of, scopes_below, variables_of
from flake8_pitfalls.rules.pickling.hoist_text import ast_definition, comments_around, extent_of, newline_of, removals
from flake8_pitfalls.rules.pickling.lambda_text import function_text
from flake8_pitfalls.semantics.classes import enclosing_class

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


_BY_NAME = re.compile(r"\b__slots__\b|\b__dict__\b|\bvars\(")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def method_fix(statement: TopLevelStatement, node: cst.Lambda) -> Fix | None:
    """``self.act = lambda v: v * self.k`` in ``__init__``: a method; ``None`` for anything else."""
    assign = statement.parents.get(node)
    if not isinstance(assign, cst.Assign) or assign.value is not node or len(assign.targets) != 1:
        return None
    target = assign.targets[0].target
    if not isinstance(target, cst.Attribute) or not isinstance(target.value, cst.Name):
        return None
    line = statement.parents.get(assign)
    block = statement.parents.get(line) if line is not None else None
    method = statement.parents.get(block) if block is not None else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if not isinstance(method, cst.FunctionDef) or method.name.value != "__init__":
        return None
    owner = enclosing_class(statement, method)
    parameters = parameters_of(method)
    if owner is None or not parameters or parameters[0].name.value != target.value.value:
        return None
    own, name = target.value.value, target.attr.value
    if name in _defined(statement.module):
        raise Refused(f"something else is called '{name}' too, and may be meant: give the attribute a name of its own")
    captured = set(variables_of(statement, node)) - {own}
    if captured or not _is_only_assignment(statement, name):
        return None
    _check_lambda(statement, node, own, name)
    return _as_method(statement, node, line, method, own, name)


def _is_only_assignment(statement: TopLevelStatement, name: str) -> bool:
    """Whether nothing else in the module binds an attribute or method of that name."""
    stores, constants = _attributes_set(statement.module)
    return stores[name] == 1 and name not in constants and statement.module.search(_BY_NAME) is None


def _attributes_set(module: SourceModule) -> tuple[Counter[str], set[str]]:
    """How often each attribute is assigned or deleted in a module, and all strings of it."""
    if "attributes set" not in module.memo:
        stores: Counter[str] = Counter()
        constants: set[str] = set()
        for node in module.walk_ast():
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                stores[node.attr] += 1
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
        module.memo["attributes set"] = stores, constants
    known: tuple[Counter[str], set[str]] = module.memo["attributes set"]
    return known


def _defined(module: SourceModule) -> set[str]:
    """The names of all functions and classes of a module."""
    if "defined names" not in module.memo:
        module.memo["defined names"] = {part.name for part in module.walk_ast() if isinstance(part, _DEFINITIONS)}
    known: set[str] = module.memo["defined names"]
    return known


def _check_lambda(statement: TopLevelStatement, node: cst.Lambda, own: str, name: str) -> None:
    if name.startswith("__") and not name.endswith("__"):
        raise Refused(f"'{name}' is a private name: give the method a name of its own")
    if any(parameter.name.value == own for parameter in parameters_of(node)):
        raise Refused(f"a parameter of the lambda is called '{own}': write a method")
    for default in (parameter.default for parameter in parameters_of(node)):
        if default is not None and not isinstance(default, (cst.Integer, cst.Float, cst.SimpleString, cst.Name)):
            raise Refused("a default of the lambda is evaluated when the object is made: write a method")
    scope = statement.scopes.scope_for(node)
    if any(own in inner.local_names for inner in scopes_below(scope)):
        raise Refused(f"'{own}' means something else in the lambda: write a method")


def _as_method(
    statement: TopLevelStatement,
    node: cst.Lambda,
    line: cst.SimpleStatementLine,
    method: cst.FunctionDef,
    own: str,
    name: str,
) -> Fix:
    extent = extent_of(statement, line)
    around = extent_of(statement, method)
    definition = ast_definition(statement, method)
    if extent is None or around is None or definition is None:
        raise Refused("it shares a line with something else: put it on a line of its own")
    module = statement.module
    newline = newline_of(module)
    code = function_text(statement, node, name, [own], [], [], around.indent)
    comments = comments_around(statement, node, extent, around.indent)
    place = around.end
    before = newline if not module.text.endswith(("\n", "\r"), 0, place) else ""
    if _is_first_of_lambdas(statement, method, line):
        # The fixes of all of them may be made together, and then nothing would be left.
        edits = [Edit(extent.start, extent.end, f"{extent.indent}pass{newline}")]
    else:
        edits = removals(statement, [line], [extent])
    if edits and edits[0].end >= place:
        # The lambda is the last statement of __init__.
        only = Edit(
            edits[0].start, max(edits[0].end, place), f"{edits[0].replacement}{before}{newline}{comments}{code}"
        )
        return Fix(Applicability.SAFE, (only,))
    return Fix(Applicability.SAFE, (*edits, Edit(place, place, f"{before}{newline}{comments}{code}")))


def _is_first_of_lambdas(statement: TopLevelStatement, method: cst.FunctionDef, line: cst.SimpleStatementLine) -> bool:
    """Whether a method does nothing but assign lambdas that may become methods, and a line is the first of them."""
    lines = method.body.body
    if len(lines) < 2 or lines[0] is not line:
        return False
    own = parameters_of(method)[0].name.value
    return all(_assigns_lambda(statement, each, own) for each in lines)


def _assigns_lambda(statement: TopLevelStatement, line: cst.CSTNode, own: str) -> bool:
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return False
    assign = line.body[0]
    if not isinstance(assign, cst.Assign) or not isinstance(assign.value, cst.Lambda) or len(assign.targets) != 1:
        return False
    target = assign.targets[0].target
    if not isinstance(target, cst.Attribute) or not isinstance(target.value, cst.Name) or target.value.value != own:
        return False
    return not set(variables_of(statement, assign.value)) - {own} and _is_only_assignment(statement, target.attr.value)

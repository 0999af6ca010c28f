"""Names for what moves to module level.

Fixes of the same pass don't know each other. So the names are dealt out by the place in the module: of all functions
called ``work`` the first one gets the first free name, the second one the next.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Movable, Variable
from flake8_pitfalls.rules.pickling.fix_factories import has_factory
from flake8_pitfalls.rules.pickling.hoist_place import fresh_names, is_taken
from flake8_pitfalls.rules.pickling.lambda_operators import has_operator
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_TASKS = frozenset(
    {
        *("map", "imap", "imap_unordered", "starmap", "apply", "map_async", "starmap_async", "apply_async", "submit"),
        *("run_in_executor", "process_map", "delayed"),
    }
)


def definition_name(statement: TopLevelStatement, node: Movable, variable: Variable, *, keep: bool) -> str:
    """The name of a function or class at module level: its own one, if ``keep`` allows it and nothing else has it."""
    name = variable.name
    rank = _rank(statement, node, name)
    parent = variable.owner.parent
    outer = parent.lookup(name) if parent is not None else None
    is_hidden = outer is not None and outer.kind is not ScopeKind.MODULE
    candidates = [] if not keep or is_hidden or is_taken(statement, name) else [name]
    private = name if name.startswith("_") else f"_{name}"
    candidates += fresh_names(statement, private, rank + 1)
    return candidates[rank]


def _rank(statement: TopLevelStatement, node: Movable, name: str) -> int:
    """How many functions, classes and assignments of that name that aren't at module level stand before a node."""
    line = statement.line(node.name if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else node)
    tops = set(statement.module.tree.body)
    count = 0
    for other in statement.module.walk_ast():
        if isinstance(other, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found = other.name
        elif isinstance(other, ast.Assign) and isinstance(other.targets[0], ast.Name):
            found = other.targets[0].id if isinstance(other.value, (ast.Lambda, ast.Call)) else ""
        else:
            continue
        count += found == name and other.lineno < line and other not in tops
    return count


def lambda_name(statement: TopLevelStatement, node: cst.Lambda) -> str:
    """A name for a lambda that has none, from where it stands."""
    wanted = _wanted(statement, node)
    rank = 0
    for other in statement.module.statements:
        if other.start > statement.start:
            break
        if not re.search(r"\blambda\b", other.text):
            continue
        for part in walk(other.tree):
            if part is node:
                return fresh_names(statement, wanted, rank + 1)[rank]
            if isinstance(part, cst.Lambda) and _wanted(other, part) == wanted and not _needs_no_name(other, part):
                rank += 1
    return fresh_names(statement, wanted, rank + 1)[rank]


def _wanted(statement: TopLevelStatement, node: cst.Lambda) -> str:
    parent = statement.parents.get(node)
    if isinstance(parent, cst.Arg):
        if parent.keyword is not None:
            return f"_{parent.keyword.value.strip('_')}"
        call = statement.parents.get(parent)
        return _by_callee(call.func) if isinstance(call, cst.Call) else "_function"
    if isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
        target = parent.targets[0].target if isinstance(parent, cst.Assign) else parent.target
        if isinstance(target, cst.Attribute):
            return f"_{target.attr.value.strip('_')}"
        if isinstance(target, cst.Name):
            return f"_{target.value.strip('_')}"
    if isinstance(parent, cst.DictElement) and isinstance(parent.key, cst.SimpleString):
        text = parent.key.raw_value
        if text.isidentifier():
            return f"_{text.strip('_')}"
    return "_function"


def _needs_no_name(statement: TopLevelStatement, node: cst.Lambda) -> bool:
    """Whether a lambda is replaced by something that exists, if it is at all."""
    argument = statement.parents.get(node)
    call = statement.parents.get(argument) if argument is not None else None
    if not isinstance(call, cst.Call) or not call.args or call.args[0] is not argument:
        return False
    if _by_callee(call.func) == "_task":
        return has_operator(statement, node)
    return has_factory(statement, node)


def _by_callee(callee: cst.BaseExpression) -> str:
    name = callee.attr.value if isinstance(callee, cst.Attribute) else getattr(callee, "value", "")
    if name in _TASKS:
        return "_task"
    if name == "Process":
        return "_target"
    return "_default" if name == "defaultdict" else "_function"

"""Names for what moves to module level.

Fixes of the same pass don't know each other. So the names are dealt out by the place in the module: of all functions
called ``work`` the first one keeps its name, one in another function ``g`` becomes ``_g_work``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Movable, Variable
from flake8_pitfalls.rules.pickling.fix_factories import has_factory
from flake8_pitfalls.rules.pickling.hoist_place import fresh_names, is_taken
from flake8_pitfalls.rules.pickling.lambda_operators import has_operator
from flake8_pitfalls.rules.pickling.started import is_called_by_position
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
    parent = variable.owner.parent
    outer = parent.lookup(name) if parent is not None else None
    is_hidden = outer is not None and outer.kind is not ScopeKind.MODULE
    line = statement.line(node.name if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else node)
    twins = [
        around for around, found, place in _local_definitions(statement.module.tree) if found == name and place < line
    ]
    everywhere = [around for around, found, _ in _local_definitions(statement.module.tree) if found == name]
    here = _outer(statement, node)
    own = None if is_taken(statement, name) else name
    found = _dealt(statement, [*twins, here], own, name)
    return found if found != name or (keep and not is_hidden) else _dealt(statement, [*everywhere, here], own, name)


def _local_definitions(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """The functions, classes and assigned values in functions: what is around them, their names and lines."""
    stack: list[tuple[ast.AST, str]] = [(node, "") for node in reversed(tree.body)]
    while stack:
        node, around = stack.pop()
        inner = around
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if around:
                yield around, node.name, node.lineno
            inner = _shown(node.name, around)
        elif around and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield around, node.targets[0].id, node.lineno
        stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))


def _shown(name: str, around: str) -> str:
    """How a function or class appears in the names of what was in it; a constructor appears as its class."""
    return around if name == "__init__" and around else name.strip("_") or "function"


def _outer(statement: TopLevelStatement, node: cst.CSTNode) -> str:
    names: list[str] = []
    current = statement.parents.get(node)
    while current is not None:
        if isinstance(current, (cst.FunctionDef, cst.ClassDef)):
            names.append(current.name.value)
        current = statement.parents.get(current)
    around = ""
    for name in reversed(names):
        around = _shown(name, around)
    return around


def _dealt(statement: TopLevelStatement, twins: list[str], own: str | None, name: str) -> str:
    """The name of the last of some things that want the same one, given what is around each."""
    here = twins[-1]
    rank = twins.count(here) - 1
    base = name.strip("_") or "function"
    if here == twins[0]:
        candidates = [own] if own is not None else []
        candidates += fresh_names(statement, f"_{base}", rank + 1)
        return candidates[rank]
    return fresh_names(statement, f"_{here or 'module'}_{base}", rank + 1)[rank]


def lambda_name(statement: TopLevelStatement, node: cst.Lambda) -> str:
    """A name for a lambda that has none, from where it stands."""
    wanted = _wanted(statement, node)
    twins: list[str] = []
    for other in statement.module.statements:
        if other.start > statement.start:
            break
        if not re.search(r"\blambda\b", other.text):
            continue
        for part in walk(other.tree):
            if part is node:
                break
            if isinstance(part, cst.Lambda) and _wanted(other, part) == wanted and not _needs_no_name(other, part):
                twins.append(_outer(other, part))
    return _dealt(statement, [*twins, _outer(statement, node)], None, wanted)


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
        return has_operator(statement, node) and is_called_by_position(call)
    return has_factory(statement, node)


def _by_callee(callee: cst.BaseExpression) -> str:
    name = callee.attr.value if isinstance(callee, cst.Attribute) else getattr(callee, "value", "")
    if name in _TASKS:
        return "_task"
    if name == "Process":
        return "_target"
    return "_default" if name == "defaultdict" else "_function"

"""Whether code changes an object that it reads, which in another process only changes a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused, reads_of, scopes_below
from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD, ELEMENT_METHODS, VIEW_METHODS
from flake8_pitfalls.semantics.classes import Function, in_file_function
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flake8_pitfalls.semantics.module import TopLevelStatement

_DEEPEST = 3
CHANGING_METHODS = (ANY_CHANGING_METHOD - {"get"}) | {
    "put",
    "put_nowait",
    "write",
    "writelines",
    "set",
    "release",
    "acquire",
    "__setitem__",
}
_CHANGING_FUNCTIONS = frozenset(
    {
        *("builtins.next", "builtins.setattr", "builtins.delattr", "heapq.heappush", "heapq.heappop", "heapq.heapify"),
        *("heapq.heapreplace", "heapq.heappushpop", "bisect.insort", "bisect.insort_left", "bisect.insort_right"),
        *("random.shuffle", "operator.setitem", "operator.delitem", "operator.iadd", "operator.iconcat"),
        *("builtins.list.append", "builtins.list.extend", "builtins.dict.update", "builtins.set.add"),
    }
)


def check_unchanged(
    statement: TopLevelStatement, name: str, reads: Iterable[cst.CSTNode], inside: set[Scope], depth: int = 0
) -> None:
    """Raise Refused when code changes the object that it reads: the process has a copy of it."""
    for read in reads:
        if _changes(statement, read, inside, depth):
            raise Refused(f"'{name}' is changed, which would only change the copy of the process: return the result")


def changes_itself(statement: TopLevelStatement, method: cst.FunctionDef) -> bool:
    """Whether a method changes the object whose method it is."""
    first = [*method.params.posonly_params, *method.params.params][:1]
    if not first:
        return False
    scope = statement.scopes.scope_for(method)
    reads = [read for read, _ in reads_of(scope, first[0].name.value)]
    return any(_changes(statement, read, set(scopes_below(scope)), 1) for read in reads)


def _changes(statement: TopLevelStatement, read: cst.CSTNode, inside: set[Scope], depth: int) -> bool:
    node, parent = read, statement.parents.get(read)
    while isinstance(parent, (cst.Attribute, cst.Subscript)) and parent.value is node:
        if isinstance(parent, cst.Attribute) and is_called(statement, parent):
            if parent.attr.value not in ELEMENT_METHODS | VIEW_METHODS or parent.attr.value in CHANGING_METHODS:
                return parent.attr.value in CHANGING_METHODS
            call = statement.parents[parent]
            node, parent = call, statement.parents.get(call)
            continue
        node, parent = parent, statement.parents.get(parent)
        if _is_target(node, parent):
            return True
    if isinstance(parent, cst.AugAssign) and parent.target is node:
        return True
    if isinstance(parent, cst.Arg):
        return _is_changed_by_callee(statement, parent, depth)
    return depth < 2 and _alias_is_changed(statement, node, parent, inside, depth)


def is_called(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """Whether an expression is what a call calls."""
    parent = statement.parents.get(node)
    return isinstance(parent, cst.Call) and parent.func is node


def _is_target(node: cst.CSTNode, parent: cst.CSTNode | None) -> bool:
    if isinstance(parent, (cst.AugAssign, cst.AnnAssign, cst.Del, cst.For)):
        return parent.target is node
    return isinstance(parent, cst.AssignTarget)


def _is_changed_by_callee(statement: TopLevelStatement, argument: cst.Arg, depth: int) -> bool:
    """Whether a function of this file changes what it's given."""
    call = statement.parents.get(argument)
    if not isinstance(call, cst.Call) or depth > _DEEPEST:
        return False
    if origin(statement, call.func) in _CHANGING_FUNCTIONS:
        return call.args[0] is argument
    found = _function_named(statement, call.func)
    if found is None:
        return False
    where, function = found
    parameters = [*function.params.posonly_params, *function.params.params]
    if argument.keyword is not None:
        names = [p.name.value for p in [*parameters, *function.params.kwonly_params]]
        if argument.keyword.value not in names:
            return False
        name = argument.keyword.value
    else:
        position = call.args.index(argument)
        if position >= len(parameters):
            return False
        name = parameters[position].name.value
    scope = where.scopes.scope_for(function)
    reads = [read for read, _ in reads_of(scope, name)]
    return any(_changes(where, read, set(scopes_below(scope)), depth + 1) for read in reads)


def _function_named(statement: TopLevelStatement, function: cst.BaseExpression) -> Function | None:
    """The function of this file, nested or not, that a name always means."""
    if not isinstance(function, cst.Name):
        return None
    scope = statement.scopes.scope_of(function).lookup(function.value)
    if scope is None or scope.kind is ScopeKind.MODULE:
        return in_file_function(statement.module, function.value)
    bindings = scope.bindings.get(function.value, [])
    node = bindings[0].node if len(bindings) == 1 else None
    return (statement, node) if isinstance(node, cst.FunctionDef) else None


def _alias_is_changed(
    statement: TopLevelStatement, node: cst.CSTNode, parent: cst.CSTNode | None, inside: set[Scope], depth: int
) -> bool:
    """``rows = results; rows.append(x)``."""
    target: cst.CSTNode | None = None
    if isinstance(parent, cst.Assign) and parent.value is node and len(parent.targets) == 1:
        target = parent.targets[0].target
    elif isinstance(parent, cst.For) and parent.iter is node:
        target = parent.target
    if not isinstance(target, cst.Name):
        return False
    scope = statement.scopes.scope_of(target).lookup(target.value)
    if scope is None or scope not in inside:
        return False
    return any(_changes(statement, read, inside, depth + 1) for read, _ in reads_of(scope, target.value))

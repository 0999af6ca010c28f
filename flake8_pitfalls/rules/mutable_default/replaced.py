"""Containers whose elements only hold a place: ``rows = [[]] * n`` before ``for i in range(n): rows[i] = ...``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_LOOPS = (cst.For, cst.While)
_INNER = (cst.FunctionDef, cst.Lambda, cst.ClassDef)


def is_filled_anew(
    statement: TopLevelStatement, node: cst.BaseExpression, *, count: cst.CSTNode | None = None, keys: object = None
) -> bool:
    """Whether the variable that a new container is assigned to is used first in a loop that replaces each element.

    ``count`` is how many elements a sequence has, ``keys`` what the keys of a dictionary are taken from.
    """
    assign = statement.parents.get(node)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1 or assign.value is not node:
        return False
    name = assign.targets[0].target
    if not isinstance(name, cst.Name):
        return False
    loop = next((line for line in _behind(statement, assign) if _mentions(line, name.value)), None)
    if not isinstance(loop, cst.For) or loop.asynchronous is not None:
        return False
    index = _index(statement, loop, name.value, count)
    if isinstance(keys, cst.CSTNode) and _is_same(statement, loop.iter, keys):
        index = loop.target
    return isinstance(index, cst.Name) and _stores_each(loop, name.value, index.value)


def _behind(statement: TopLevelStatement, assign: cst.Assign) -> Sequence[cst.CSTNode]:
    """The statements behind an assignment in its block; none if others stand on its line."""
    line = statement.parents.get(assign)
    block = statement.parents.get(line) if line is not None else None
    if not isinstance(line, cst.SimpleStatementLine) or not isinstance(block, (cst.IndentedBlock, cst.Module)):
        return ()
    if line.body[-1] is not assign:
        return ()
    lines = list(block.body)
    return lines[lines.index(line) + 1 :]


def _mentions(node: cst.CSTNode, name: str) -> bool:
    return any(isinstance(part, cst.Name) and part.value == name for part in walk(node))


def _is_same(statement: TopLevelStatement, one: cst.CSTNode, other: cst.CSTNode) -> bool:
    return statement.source(one).split() == statement.source(other).split()


def _index(
    statement: TopLevelStatement, loop: cst.For, name: str, count: cst.CSTNode | None
) -> cst.BaseExpression | None:
    """The variable of a loop that counts all elements."""
    call = loop.iter
    if count is None or not isinstance(call, cst.Call) or len(call.args) != 1:
        return None
    function = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    over = call.args[0].value
    called = function.value if isinstance(function, cst.Name) else ""
    if called in {"range", "prange"} and (_is_same(statement, over, count) or _is_length_of(over, name)):
        return loop.target
    target = loop.target
    if called == "enumerate" and isinstance(target, cst.Tuple) and len(target.elements) == 2:
        length = count.args[0].value if isinstance(count, cst.Call) and len(count.args) == 1 else None
        if length is not None and _is_length(count) and _is_same(statement, over, length):
            return target.elements[0].value
    return None


def _is_length(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "len"


def _is_length_of(node: cst.CSTNode, name: str) -> bool:
    return _is_length(node) and _mentions(node, name)


def _stores_each(loop: cst.For, name: str, index: str) -> bool:
    """Whether each round of a loop replaces one element before it does anything else with the container."""
    for line in loop.body.body:
        for part in line.body if isinstance(line, cst.SimpleStatementLine) else (line,):
            if _mentions(part, name):
                return isinstance(part, cst.Assign) and _stores(part, name, index)
            if _may_leave(part) or _binds(part, index):
                return False
    return False


def _stores(assign: cst.Assign, name: str, index: str) -> bool:
    target = assign.targets[0].target
    if len(assign.targets) != 1 or not isinstance(target, cst.Subscript) or _mentions(assign.value, name):
        return False
    key = target.slice[0].slice if len(target.slice) == 1 else None
    return (
        isinstance(target.value, cst.Name)
        and target.value.value == name
        and isinstance(key, cst.Index)
        and isinstance(key.value, cst.Name)
        and key.value.value == index
    )


def _binds(node: cst.CSTNode, name: str) -> bool:
    """Whether a statement binds a variable."""
    stack: list[cst.CSTNode] = []
    for part in walk(node):
        if isinstance(part, (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.Del)):
            stack.append(part.target)
        elif isinstance(part, cst.AsName):
            stack.append(part.name)
    while stack:
        target = stack.pop()
        if isinstance(target, (cst.Tuple, cst.List)):
            stack += (element.value for element in target.elements)
        elif isinstance(target, cst.Name) and target.value == name:
            return True
    return False


def _may_leave(node: cst.CSTNode) -> bool:
    """Whether a statement in a loop may end the round or the loop, other than by an exception."""
    stack: list[tuple[cst.CSTNode, bool]] = [(node, False)]
    while stack:
        part, in_loop = stack.pop()
        if isinstance(part, cst.Return) or (isinstance(part, (cst.Break, cst.Continue)) and not in_loop):
            return True
        if not isinstance(part, _INNER):
            stack += ((child, in_loop or isinstance(part, _LOOPS)) for child in children(part))
    return False

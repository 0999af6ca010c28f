"""Functions that call themselves without passing a parameter on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.classes import enclosing_class
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flake8_pitfalls.rules.mutable_default.defaults import Default
    from flake8_pitfalls.semantics.module import TopLevelStatement


def recurses_without_passing(default: Default) -> bool:
    """Whether the function calls itself and leaves the default to be used again."""
    function = default.function
    if not isinstance(function, cst.FunctionDef):
        return False
    is_method = enclosing_class(default.statement, function) is not None
    known: dict[cst.CSTNode, list[cst.Arg | cst.Call]] = default.statement.memo.setdefault("recursion", {})
    if function not in known:
        known[function] = list(_recursion(function, method=is_method))
    position = position_of(default.statement, function, default.name) if known[function] else None
    for node in known[function]:
        if isinstance(node, cst.Arg):
            return True  # `map(walk, children)` calls it too.
        bound = 1 if isinstance(node.func, cst.Attribute) and is_method else 0
        positional = [argument for argument in node.args if argument.keyword is None]
        passed = position is not None and len(positional) > position - bound
        if not passed and not any(_passes(argument, default.name) for argument in node.args):
            return True
    return False


def _recursion(function: cst.FunctionDef, *, method: bool) -> Iterator[cst.Arg | cst.Call]:
    """Where a function may call itself, or hands itself to another one."""
    name = function.name.value
    for node in walk(function.body):
        if isinstance(node, cst.Arg):
            if not method and isinstance(node.value, cst.Name) and node.value.value == name:
                yield node
        elif isinstance(node, cst.Call) and _calls_itself(node.func, name, method=method):
            yield node


def _calls_itself(function: cst.BaseExpression, name: str, *, method: bool) -> bool:
    """Whether a call may be one of the function itself; ``child.walk()`` may be, ``super().walk()`` isn't."""
    if not method:
        return isinstance(function, cst.Name) and function.value == name
    if not isinstance(function, cst.Attribute) or function.attr.value != name:
        return False
    receiver = function.value.func if isinstance(function.value, cst.Call) else None
    return not (isinstance(receiver, cst.Name) and receiver.value == "super")


def _passes(argument: cst.Arg, name: str) -> bool:
    return bool(argument.star) or (argument.keyword is not None and argument.keyword.value == name)


def position_of(statement: TopLevelStatement, function: cst.FunctionDef, name: str) -> int | None:
    """The position of a parameter, counted from 0; ``None`` for keyword-only ones."""
    known: dict[cst.CSTNode, dict[str, int]] = statement.memo.setdefault("positions", {})
    if function not in known:
        parameters = (*function.params.posonly_params, *function.params.params)
        known[function] = {parameter.name.value: place for place, parameter in enumerate(parameters)}
    return known[function].get(name)

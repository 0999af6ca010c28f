"""Lambdas for which the ``operator`` module has a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import parameters_of
from flake8_pitfalls.rules.pickling.fix_factories import is_constant
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.rules.pickling.started import is_called_by_position

if TYPE_CHECKING:
    from flake8_pitfalls.fixes.model import Edit
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement

_BINARY: dict[type[cst.CSTNode], str] = {
    cst.Add: "add",
    cst.Subtract: "sub",
    cst.Multiply: "mul",
    cst.Divide: "truediv",
    cst.FloorDivide: "floordiv",
    cst.Modulo: "mod",
    cst.Power: "pow",
    cst.MatrixMultiply: "matmul",
    cst.BitAnd: "and_",
    cst.BitOr: "or_",
    cst.BitXor: "xor",
}
_PARTS = 2


def operator_text(statement: TopLevelStatement, node: cst.Lambda, sink: Sink) -> tuple[str, list[Edit]] | None:
    """The function of ``operator`` that does what a lambda does, and the imports it needs."""
    if sink.role is not Role.TASK or sink.argument is None or sink.argument.value is not node:
        return None
    found = _function(statement, node)
    if found is None or not is_called_by_position(sink.call):
        return None
    function, argument = found
    imports = Imports(statement)
    text = imports.name_for("operator", function, node)
    return (f"{text}({argument})" if argument else text), imports.edits


def has_operator(statement: TopLevelStatement, node: cst.Lambda) -> bool:
    """Whether there is such a function."""
    return _function(statement, node) is not None


def _function(statement: TopLevelStatement, node: cst.Lambda) -> tuple[str, str] | None:
    """The function's name and what it's called with to make what stands for the lambda."""
    names = _plain_parameters(node)
    if not names:
        return None
    return _one(statement, node.body, names[0]) if len(names) == 1 else _two(node.body, names)


def _plain_parameters(node: cst.Lambda) -> list[str] | None:
    given = node.params
    plain = parameters_of(node)
    if given.posonly_params or given.kwonly_params or given.star_kwarg is not None or len(plain) != len(given.params):
        return None
    return None if any(parameter.default is not None for parameter in plain) else [p.name.value for p in plain]


def _one(statement: TopLevelStatement, body: cst.BaseExpression, name: str) -> tuple[str, str] | None:
    if isinstance(body, cst.Subscript):
        index = body.slice[0].slice if len(body.slice) == 1 else None
        if not _is_name(body.value, name) or not isinstance(index, cst.Index) or index.star is not None:
            return None
        plain = is_constant(index.value) and not isinstance(index.value, cst.Tuple)
        return ("itemgetter", statement.source(index.value)) if plain else None
    if isinstance(body, cst.Attribute):
        dotted = _dotted(body, name)
        return None if dotted is None or _is_private(dotted) else ("attrgetter", f'"{dotted}"')
    if isinstance(body, cst.Call) and isinstance(body.func, cst.Attribute) and _is_name(body.func.value, name):
        method = body.func.attr.value
        if _is_private(method) or any(argument.star or not is_constant(argument.value) for argument in body.args):
            return None
        arguments = [statement.source(argument).rstrip(", ") for argument in body.args]
        return "methodcaller", ", ".join([f'"{method}"', *arguments])
    if isinstance(body, cst.UnaryOperation) and _is_name(body.expression, name):
        found = {cst.Minus: "neg", cst.Not: "not_", cst.BitInvert: "invert"}.get(type(body.operator))
        return (found, "") if found is not None else None
    return None


def _two(body: cst.BaseExpression, names: list[str]) -> tuple[str, str] | None:
    if not isinstance(body, cst.BinaryOperation) or len(names) != _PARTS or names[0] == names[1]:
        return None
    function = _BINARY.get(type(body.operator))
    if function is None or not _is_name(body.left, names[0]) or not _is_name(body.right, names[1]):
        return None
    return function, ""


def _is_name(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _dotted(node: cst.BaseExpression, name: str) -> str | None:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join(reversed(parts)) if _is_name(node, name) else None


def _is_private(dotted: str) -> bool:
    return any(part.startswith("__") and not part.endswith("__") for part in dotted.split("."))

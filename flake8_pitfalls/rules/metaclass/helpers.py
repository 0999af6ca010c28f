"""``with_metaclass`` and ``add_metaclass`` of six, future and their copies."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_ORIGINALS = ("six", "future.utils", "past.utils")
_COPIES = re.compile(r"(?:^|[._])(?:six|py3k|py23|py2to3|python2_3|\w*compat\w*)(?:\.|$)")
"""Modules in which projects keep their copies of six's helpers."""


DROPPING = frozenset({f"{module}.with_metaclass" for module in ("six", "future.utils", "django.utils.six")})
"""Helpers that are known to drop the bases next to them; an old copy may not."""


class Provider(enum.Enum):
    """Whose helper it is."""

    ORIGINAL = "six or future"
    COPY = "a copy, which may be an old one that leaves a class of its own among the bases"


def provider(statement: TopLevelStatement, function: cst.BaseExpression, name: str) -> Provider | None:
    """Whose helper ``name`` an expression means; ``None`` if it isn't one that is known."""
    dotted = origin(statement, function)
    if dotted is None:
        return Provider.COPY if isinstance(function, cst.Name) and _is_defined_here(statement, function, name) else None
    module, _, last = dotted.rpartition(".")
    if last != name:
        return None
    if any(module == known or module.endswith(f".{known}") for known in _ORIGINALS):
        return Provider.ORIGINAL
    return Provider.COPY if _COPIES.search(module) else None


def is_helper(statement: TopLevelStatement, function: cst.BaseExpression, name: str) -> bool:
    """Whether an expression means the helper ``name`` of six or future, or a copy of it."""
    return provider(statement, function, name) is not None


def _is_defined_here(statement: TopLevelStatement, function: cst.Name, name: str) -> bool:
    """Whether this file defines the helper as six does, or did: ``return meta("NewBase", bases, {})``."""
    definition = statement.module.definition(function.value)
    if function.value != name or definition is None or not isinstance(definition[1], cst.FunctionDef):
        return False
    parameters = [*definition[1].params.posonly_params, *definition[1].params.params]
    if not parameters:
        return False
    meta = parameters[0].name.value
    return any(
        (isinstance(node, cst.Call) and len(node.args) == 3 and _is_name(node.func, meta))
        or (isinstance(node, cst.ClassDef) and any(_is_name(base.value, meta) for base in node.bases))
        for node in walk(definition[1].body)
    )


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def with_metaclass_of(statement: TopLevelStatement, base: cst.BaseExpression) -> cst.BaseExpression | None:
    """``M`` of the base ``with_metaclass(M, ...)``."""
    if not isinstance(base, cst.Call) or not base.args or base.args[0].star or base.args[0].keyword is not None:
        return None
    return base.args[0].value if is_helper(statement, base.func, "with_metaclass") else None


def is_add_metaclass(statement: TopLevelStatement, decorator: cst.Decorator) -> bool:
    """Whether a decorator is ``@add_metaclass(...)``, whatever its arguments are."""
    called = decorator.decorator
    return isinstance(called, cst.Call) and is_helper(statement, called.func, "add_metaclass")


def add_metaclass_of(statement: TopLevelStatement, decorator: cst.Decorator) -> cst.BaseExpression | None:
    """``M`` of ``@add_metaclass(M)``."""
    called = decorator.decorator
    if not isinstance(called, cst.Call) or len(called.args) != 1 or not is_add_metaclass(statement, decorator):
        return None
    argument = called.args[0]
    if argument.star or (argument.keyword is not None and argument.keyword.value != "metaclass"):
        return None
    return argument.value

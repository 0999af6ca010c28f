"""Functions whose signatures have to agree: overloads, and a method and its overrides.

A fix that widens the annotation of one of them has to widen the others, else type checkers complain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.defaults import Default, all_parameters, mutable_defaults
from flake8_pitfalls.semantics.classes import Class, enclosing_class, family_of
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement

Function = tuple["TopLevelStatement", cst.FunctionDef]


class Group:
    """The same default in the overloads of a function, or in the methods of a name in related classes."""

    def __init__(self, defaults: Iterable[Default]) -> None:
        self.defaults = list(defaults)
        self.parameters = {default.parameter for default in self.defaults}
        self.by_class: dict[cst.CSTNode | None, list[Default]] = {}
        for default in self.defaults:
            owner = enclosing_class(default.statement, default.function)
            self.by_class.setdefault(owner, []).append(default)

    def in_order(self, first: Iterable[Class]) -> Iterator[Default]:
        """Those of some classes, which come first, and the others."""
        for _, node in first:
            yield from self.by_class.get(node, ())
        nearest = {node for _, node in first}
        for owner, defaults in self.by_class.items():
            if owner not in nearest:
                yield from defaults


def group_of(default: Default, options: Options) -> tuple[list[Class], Group] | None:
    """The group that a default belongs to, and the class of the default with its bases, if there's a group."""
    if default.parameter.annotation is None:
        return None
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    own = enclosing_class(default.statement, function)
    first, family = family_of(default.statement, own) if own is not None else ([], None)
    groups: dict[object, Group] = default.statement.module.memo.setdefault("groups of defaults", {})
    key = family, function.name.value, default.name
    if key not in groups:
        related = _overloads(default, function) if family is None else _methods(family.all, function.name.value)
        groups[key] = Group(_same(related, default.name, options))
    return first, groups[key]


def _same(functions: Iterable[Function], name: str, options: Options) -> Iterator[Default]:
    """The mutable default of an annotated parameter in each of some functions that have it."""
    for statement, function in functions:
        parameter = next((p for p in all_parameters(function.params) if p.name.value == name), None)
        if parameter is None or parameter.annotation is None or parameter.default is None:
            continue
        if "mutable defaults" not in statement.memo:
            statement.memo["mutable defaults"] = {d.parameter: d for d in mutable_defaults(statement, options)}
        known: dict[cst.Param, Default] = statement.memo["mutable defaults"]
        if parameter in known:
            yield known[parameter]


def _methods(classes: Iterable[Class], name: str) -> Iterator[Function]:
    for statement, node in classes:
        for member in node.body.body:
            if isinstance(member, cst.FunctionDef) and member.name.value == name:
                yield statement, member


def _overloads(default: Default, function: cst.FunctionDef) -> Iterator[Function]:
    """The definitions of a name at module level, if some of them are overloads."""
    name = function.name.value
    module = default.statement.module
    found: dict[Function, None] = {}
    for binding in module.facts.bindings.get(name, []):
        statement = module.statement_at(getattr(binding.node, "lineno", 1))
        for known in statement.scopes.root.bindings.get(name, []):
            if isinstance(known.node, cst.FunctionDef):
                found[statement, known.node] = None
    if any(_is_overload(*known) for known in found):
        yield from found


def _is_overload(statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
    return any(
        (origin(statement, decorator.decorator) or "").rpartition(".")[2] == "overload" for decorator in node.decorators
    )

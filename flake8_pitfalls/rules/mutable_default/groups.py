"""Functions whose signatures have to agree: overloads, and a method and its overrides.

A fix that widens the annotation of one of them has to widen the others, else type checkers complain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Refusal
from flake8_pitfalls.rules.mutable_default.defaults import Default, all_parameters, mutable_defaults
from flake8_pitfalls.semantics.classes import enclosing_class, family
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement


def partners(default: Default, options: Options) -> Iterator[Default | Refusal]:
    """The same default in the overloads of a function and in the other methods of the same name."""
    if default.parameter.annotation is None:
        return
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    for statement, other in _related(default):
        if other is function:
            continue
        parameter = next((p for p in all_parameters(other.params) if p.name.value == default.name), None)
        if parameter is None or parameter.annotation is None or parameter.default is None:
            continue
        found = next((d for d in mutable_defaults(statement, options) if d.parameter is parameter), None)
        if found is not None:
            yield found


def _related(default: Default) -> Iterator[tuple[TopLevelStatement, cst.FunctionDef]]:
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    own = enclosing_class(default.statement, function)
    if own is None:
        yield from _overloads(default, function)
        return
    for statement, node in family(default.statement, own):
        for member in node.body.body:
            if isinstance(member, cst.FunctionDef) and member.name.value == function.name.value:
                yield statement, member


def _overloads(default: Default, function: cst.FunctionDef) -> Iterator[tuple[TopLevelStatement, cst.FunctionDef]]:
    """The definitions of a name at module level, if some of them are overloads."""
    name = function.name.value
    facts = default.statement.module.facts
    found: list[tuple[TopLevelStatement, cst.FunctionDef]] = []
    for binding in facts.bindings.get(name, []):
        statement = default.statement.module.statement_at(getattr(binding.node, "lineno", 1))
        for known in statement.scopes.root.bindings.get(name, []):
            if isinstance(known.node, cst.FunctionDef) and (statement, known.node) not in found:
                found.append((statement, known.node))
    if any(_is_overload(*known) for known in found):
        yield from found


def _is_overload(statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
    return any(
        (origin(statement, decorator.decorator) or "").rpartition(".")[2] == "overload" for decorator in node.decorators
    )

"""Decorators of the same file that hand out the defaults: ``signature(f).bind(...)`` with ``apply_defaults()``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.events import Event
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.values import FRESH, Followed, Shared, Value
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_HOLDERS = frozenset({"arguments", "args", "kwargs"})


def events_in_wrappers(statement: TopLevelStatement, function: cst.FunctionDef, followed: Followed) -> Iterator[Event]:
    """What the wrappers of a decorated function do with a default that ``apply_defaults()`` gives them."""
    for decorator in function.decorators:
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        definition = statement.module.definition(called.value) if isinstance(called, cst.Name) else None
        if definition is None or not isinstance(definition[1], cst.FunctionDef):
            continue
        for wrapper in walk(definition[1].body):
            if isinstance(wrapper, cst.FunctionDef) and (sources := _bound_defaults(wrapper)):
                interpreter = Interpreter(followed, sources)
                interpreter.run_from(definition[0], wrapper)
                yield from interpreter.happened()


def _bound_defaults(wrapper: cst.FunctionDef) -> dict[cst.CSTNode, Value]:
    """``bound.arguments`` and the like, for each ``bound`` to which the wrapper applies the defaults."""
    names = {
        node.func.value.value
        for node in walk(wrapper.body)
        if isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "apply_defaults"
        and isinstance(node.func.value, cst.Name)
    }
    return {
        node: FRESH | {Shared(0, 1)}
        for node in walk(wrapper.body)
        if isinstance(node, cst.Attribute)
        and node.attr.value in _HOLDERS
        and isinstance(node.value, cst.Name)
        and node.value.value in names
    }

"""What decorators do to the functions and classes of a file, as far as pickling them is concerned."""

from __future__ import annotations

import ast
import enum
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.definitions import own_nodes, returned_values
from flake8_pitfalls.rules.pickling.lookup import Lookup

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_KEEPING = frozenset(
    {
        *(f"functools.{name}" for name in ("lru_cache", "cache", "singledispatch", "total_ordering")),
        *("dataclasses.dataclass", "enum.unique", "builtins.staticmethod", "builtins.classmethod"),
        *(f"contextlib.{name}" for name in ("contextmanager", "asynccontextmanager")),
        *(f"typing.{name}" for name in ("final", "override", "overload", "no_type_check", "runtime_checkable")),
        *("abc.abstractmethod", "atexit.register", "torch.no_grad", "torch.inference_mode", "warnings.deprecated"),
        *("attr.s", "attr.attrs", "attr.define", "attr.frozen", "attr.mutable", "attr.dataclass"),
        *("attrs.define", "attrs.frozen", "attrs.mutable", "dataclass_transform", "types.coroutine"),
    }
)
"""Decorators that give back what they got, or something that is pickled under the same name."""
_WRAPS = frozenset({"functools.wraps", "functools.update_wrapper"})


class Effect(enum.Enum):
    """What a decorator makes of a function or class."""

    KEEPS = "the same object, or one that is pickled under the same name"
    REPLACES = "an object that isn't found under that name"
    UNKNOWN = "nobody knows"


class Decorators:
    """Judges the decorators of one module."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def effect(
        self, statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef
    ) -> tuple[Effect, cst.CSTNode | None, TopLevelStatement]:
        """What all decorators of a definition together do, and what replaces it."""
        result: tuple[Effect, cst.CSTNode | None, TopLevelStatement] = (Effect.KEEPS, None, statement)
        for decorator in reversed(node.decorators):
            effect, by, where = self.of(statement, decorator.decorator)
            if effect is Effect.UNKNOWN:
                return effect, None, statement
            if effect is Effect.REPLACES:
                result = effect, by, where
        return result

    def of(
        self, statement: TopLevelStatement, decorator: cst.BaseExpression
    ) -> tuple[Effect, cst.CSTNode | None, TopLevelStatement]:
        """What one decorator does."""
        called = decorator.func if isinstance(decorator, cst.Call) else decorator
        if self._lookup.dotted(statement, called) in _KEEPING:
            return Effect.KEEPS, None, statement
        function = self._lookup.function_named(statement, called)
        if function is not None and not function[1].decorators:
            if isinstance(decorator, cst.Call):
                inner = self._only_returned(*function)
                if not isinstance(inner, cst.FunctionDef):
                    return Effect.UNKNOWN, None, statement
                function = function[0], inner
            return self._applied(*function)
        made = self._lookup.class_named(statement, called)
        if made is not None and not isinstance(decorator, cst.Call):
            return self._decorator_class(*made)
        return Effect.UNKNOWN, None, statement

    def _applied(
        self, statement: TopLevelStatement, node: cst.FunctionDef
    ) -> tuple[Effect, cst.CSTNode | None, TopLevelStatement]:
        """What a function of this file does as a decorator."""
        parameter = _first_parameter(node)
        values = returned_values(statement, node)
        if not values or parameter is None:
            return Effect.UNKNOWN, None, statement
        if all(isinstance(value.node, cst.Name) and value.node.value == parameter for value in values):
            return (Effect.UNKNOWN if _renames(node) else Effect.KEEPS), None, statement
        inner: cst.CSTNode | None = self._only_returned(statement, node)
        if len(values) == 1 and isinstance(values[0].node, cst.Lambda):
            inner = values[0].node
        if inner is None:
            return Effect.UNKNOWN, None, statement
        if isinstance(inner, cst.FunctionDef) and inner.decorators:
            names = {self._lookup.dotted(statement, _called(one.decorator)) for one in inner.decorators}
            return (Effect.KEEPS if names & _WRAPS else Effect.UNKNOWN), None, statement
        if self._updates_wrapper(statement, node):
            return Effect.KEEPS, None, statement
        return Effect.REPLACES, inner, statement

    def _only_returned(
        self, statement: TopLevelStatement, node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.ClassDef | None:
        """The nested function or class that a function returns by its name, alone."""
        values = returned_values(statement, node)
        if len(values) != 1:
            return None
        found = self._lookup.definition(statement, values[0].node) if isinstance(values[0].node, cst.Name) else None
        inner = found.binding.node if found is not None else None
        if isinstance(inner, (cst.FunctionDef, cst.ClassDef)):
            return inner if statement.scopes.scope_of(inner) is statement.scopes.scope_for(node) else None
        return None

    def _updates_wrapper(self, statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
        """Whether a decorator makes its wrapper look like the function in some other way."""
        for part in own_nodes(node):
            if isinstance(part, cst.Call) and self._lookup.dotted(statement, part.func) in _WRAPS:
                return True
            if isinstance(part, cst.Attribute) and part.attr.value in {"__qualname__", "__name__", "__dict__"}:
                return True
        return False

    def _decorator_class(
        self, statement: TopLevelStatement, node: cst.ClassDef
    ) -> tuple[Effect, cst.CSTNode | None, TopLevelStatement]:
        """A class whose instance takes the place of the function that it stores."""
        bindings = statement.scopes.scope_for(node).bindings
        custom = any(name.startswith(("__reduce", "__getstate", "__getnewargs", "__new")) for name in bindings)
        start = self._lookup.method(statement, node, "__init__")
        if custom or start is None or node.bases or "__call__" not in bindings:
            return Effect.UNKNOWN, None, statement
        parameters = [*start[1].params.posonly_params, *start[1].params.params]
        if len(parameters) != 2:
            return Effect.UNKNOWN, None, statement
        stored = any(
            isinstance(part, cst.Assign)
            and isinstance(part.value, cst.Name)
            and part.value.value == parameters[1].name.value
            and isinstance(part.targets[0].target, cst.Attribute)
            for part in own_nodes(start[1])
        )
        return (Effect.REPLACES if stored else Effect.UNKNOWN), (node if stored else None), statement

    # -- the function that a decorator gets ----------------------------------------------------------------------

    def gets_original(self, statement: TopLevelStatement, function: cst.FunctionDef, name: str) -> bool:
        """Whether a parameter is always a module-level function that the decorator takes the place of."""
        if _first_parameter(function) != name or self._applied(statement, function)[0] is Effect.UNKNOWN:
            return False
        values = returned_values(statement, function)
        if any(isinstance(value.node, cst.Name) and value.node.value == name for value in values):
            return False
        around = statement.scopes.scope_of(function).node
        outer, calls = (around, True) if isinstance(around, cst.FunctionDef) else (function, False)
        return self._decorates(outer.name.value, calls=calls)

    def _decorates(self, decorator: str, *, calls: bool) -> bool:
        """Whether a name is used as a decorator of functions of the module, and for nothing else."""
        return self._decorating.get((decorator, calls), False)

    @cached_property
    def _decorating(self) -> dict[tuple[str, bool], bool]:
        """For decorators of the module and whether they're called, whether the last use is on a function."""
        used: dict[tuple[str, bool], bool] = {}
        for node in self._lookup.module.tree.body:
            for one in getattr(node, "decorator_list", ()):
                called = one.func if isinstance(one, ast.Call) else one
                if isinstance(called, ast.Name):
                    is_function = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                    used[called.id, isinstance(one, ast.Call)] = is_function
        return used


def _renames(node: cst.FunctionDef) -> bool:
    """Whether a function gives something another name to be found by."""
    return any(isinstance(part, cst.Attribute) and part.attr.value == "__qualname__" for part in own_nodes(node))


def _first_parameter(node: cst.FunctionDef) -> str | None:
    first = [*node.params.posonly_params, *node.params.params][:1]
    return first[0].name.value if first else None


def _called(decorator: cst.BaseExpression) -> cst.BaseExpression:
    return decorator.func if isinstance(decorator, cst.Call) else decorator

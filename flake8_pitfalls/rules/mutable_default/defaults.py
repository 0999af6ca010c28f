"""The defaults of functions, and which of them are one mutable object for all calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.objects import MutableObject, Objects, in_loop
from flake8_pitfalls.rules.mutable_default.sentinels import sentinels
from flake8_pitfalls.rules.mutable_default.wrappers import events_in_wrappers
from flake8_pitfalls.semantics.events import Event
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement


@dataclass(frozen=True, eq=False)
class Default:
    """One parameter with a mutable default."""

    statement: TopLevelStatement
    function: cst.FunctionDef | cst.Lambda
    parameter: cst.Param
    node: cst.BaseExpression
    """The default expression."""
    made: MutableObject

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name.value

    @property
    def scope(self) -> Scope:
        """The function's scope."""
        return self.statement.scopes.scope_for(self.function)

    @cached_property
    def events(self) -> list[Event]:
        """What the function does with the default object, in source order."""
        interpreter = Interpreter(self.made.followed)
        interpreter.store[(self.scope, self.name)] = frozenset({self.made.tag})
        interpreter.run_from(self.statement, self.function)
        events = interpreter.happened()
        if isinstance(self.function, cst.FunctionDef) and self.function.decorators:
            events += events_in_wrappers(self.statement, self.function, self.made.followed)
        return events

    @cached_property
    def reads(self) -> list[tuple[Scope, cst.Name]]:
        """Where the parameter is read, and in which scope: its function's, or one inside."""
        name = self.scope.stored_name(self.name)
        return [
            (reader, node)
            for reader in self.scope.with_inner()
            if name in reader.reads and reader.lookup(self.name) is self.scope
            for node in reader.reads[name]
        ]

    @property
    def mentions(self) -> list[cst.Name]:
        """Where the parameter's name stands in the body, whatever it means there."""
        known: dict[cst.CSTNode, dict[str, list[cst.Name]]] = self.statement.memo.setdefault("names in functions", {})
        if self.function not in known:
            found = known[self.function] = {}
            for node in walk(self.function.body):
                if isinstance(node, cst.Name):
                    found.setdefault(node.value, []).append(node)
        return known[self.function].get(self.name, [])

    @property
    def is_rebound(self) -> bool:
        """Whether the parameter is bound again, by an assignment or any other statement."""
        return len(self.scope.bindings.get(self.scope.stored_name(self.name), [])) > 1

    @cached_property
    def is_used(self) -> bool:
        """Whether the body may use the parameter at all; ``locals()`` and ``eval`` use them all."""
        return bool(self.reads) or self.is_rebound or any(sees_all_variables(node) for node in walk(self.function.body))


def sees_all_variables(node: cst.CSTNode) -> bool:
    """Whether a call may read every variable of the function, whatever names it mentions."""
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in {"locals", "vars", "eval", "exec", "dir"}
    )


_FUNCTIONS = frozenset({cst.FunctionDef, cst.Lambda})


def mutable_defaults(statement: TopLevelStatement, options: Options) -> Iterator[Default]:
    """The mutable defaults of all functions and lambdas in a top-level statement, in source order."""
    objects = Objects(statement, options)
    for function in statement.known_nodes():
        # LibCST's classes are abstract base classes, for which isinstance() is slow.
        if type(function) not in _FUNCTIONS:
            continue
        if not isinstance(function, (cst.FunctionDef, cst.Lambda)) or _defaults_are_copied(statement, function):
            continue
        for parameter in all_parameters(function.params):
            if parameter.default is None:
                continue
            made = objects.mutable(parameter.default)
            if made is None or _is_sentinel(statement, parameter.default, made):
                continue
            if not _called_once(statement, function):
                yield Default(statement, function, parameter, parameter.default, made)


def is_captured(default: Default, scope: Scope) -> bool:
    """Whether a scope belongs to a function inside that of the default, which may run at any time."""
    inner: Scope | None = scope
    while inner is not None and inner is not default.scope:
        if inner.kind is not ScopeKind.COMPREHENSION:
            return True
        inner = inner.parent
    return False


def _defaults_are_copied(statement: TopLevelStatement, function: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether a decorator hands the function a copy of its defaults at each call, as pydantic's does."""
    for decorator in function.decorators if isinstance(function, cst.FunctionDef) else ():
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if origin(statement, called) in {"pydantic.validate_call", "pydantic.validate_arguments"}:
            return True
    return False


def all_parameters(parameters: cst.Parameters) -> list[cst.Param]:
    """Positional-only, ordinary and keyword-only parameters, in order."""
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]


def _is_sentinel(statement: TopLevelStatement, node: cst.BaseExpression, made: MutableObject) -> bool:
    """Whether a default names an object that only stands for "no argument"."""
    if not made.named or not isinstance(node, cst.Name):
        return False
    memo = statement.module.memo
    if "sentinels" not in memo:
        memo["sentinels"] = sentinels(statement.module.tree, statement.module.text)
    return node.value in memo["sentinels"]


def _called_once(statement: TopLevelStatement, function: cst.FunctionDef | cst.Lambda) -> bool:
    """Whether each call of the enclosing function makes the default anew and uses it at most once."""
    if isinstance(function, cst.Lambda):
        parent = statement.parents.get(function)
        return isinstance(parent, cst.Call) and parent.func is function
    scope = statement.scopes.scope_for(function).parent
    while scope is not None and scope.kind is ScopeKind.TYPE:
        scope = scope.parent
    if scope is None or scope.kind not in {ScopeKind.FUNCTION, ScopeKind.LAMBDA} or function.decorators:
        return False
    name = scope.stored_name(function.name.value)
    if len(scope.bindings.get(name, [])) != 1:
        return False
    reads = [
        (reader, read)
        for reader in _readers(statement, scope).get(name, ())
        if reader.lookup(name) is scope
        for read in reader.reads[name]
    ]
    if len(reads) > 1:
        return False
    return all(_is_single_call(statement, scope, reader, read) for reader, read in reads)


def _readers(statement: TopLevelStatement, scope: Scope) -> dict[str, list[Scope]]:
    """The scopes, of a function and of those in it, that read each name: asked for each function in it."""
    known: dict[Scope, dict[str, list[Scope]]] = statement.memo.setdefault("readers of names", {})
    if scope not in known:
        found = known[scope] = {}
        for reader in scope.with_inner():
            for name in reader.reads:
                found.setdefault(name, []).append(reader)
    return known[scope]


def _is_single_call(statement: TopLevelStatement, scope: Scope, reader: Scope, read: cst.Name) -> bool:
    parent = statement.parents.get(read)
    return reader is scope and isinstance(parent, cst.Call) and parent.func is read and not in_loop(statement, read)

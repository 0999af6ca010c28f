"""Runs functions of the analysed code that the followed closure is passed to, or that reach it."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.classes import (
    assigned_value,
    class_named,
    find_method,
    has_fields,
)
from flake8_pitfalls.semantics.closures.lookup import Lookup, Target
from flake8_pitfalls.semantics.closures.machine import Frame
from flake8_pitfalls.semantics.closures.receivers import Maker
from flake8_pitfalls.semantics.closures.values import (
    NOTHING,
    Code,
    Form,
    Held,
    Value,
    Variable,
    form_of,
    wrapped,
)
from flake8_pitfalls.semantics.scopes import Scope

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_DEEPEST_CALL = 6
"""How many calls of functions of the same file are followed into one another."""


class Passed(NamedTuple):
    """One argument of a call, evaluated."""

    value: Value
    node: cst.BaseExpression | None = None
    keyword: str | None = None
    star: str = ""
    alias: Variable | None = None
    """The object of the caller that the parameter is."""


class Running(Lookup):
    """Finds and runs what this file defines."""

    evaluated_receiver: tuple[cst.CSTNode | None, Value] = (None, NOTHING)
    """The receiver of the method call that's being run: it's evaluated only once."""

    @abstractmethod
    def run_graph(self, code: Code) -> None:
        """Run the body of a function in the current state and frame."""

    def call_value(self, node: cst.CSTNode, value: Value, arguments: Iterable[Value]) -> Value:
        """Call what a value may be, with plain positional arguments."""
        return self.call_tags(node, value, [Passed(argument) for argument in arguments])

    def call_tags(self, node: cst.CSTNode, value: Value, arguments: Sequence[Passed]) -> Value:
        """Call what a value may be; returns what the call may return."""
        result: Value = NOTHING
        for tag in value:
            if tag.depth:
                continue
            if isinstance(tag, Code):
                result |= self.run_code(tag, arguments)
            elif tag.form is Form.GENERATOR_FUNCTION:
                result |= {Held(Form.ITERATOR, 0, tag.lazy)}
            elif tag.form is Form.COROUTINE_FUNCTION:
                result |= {Held(Form.COROUTINE, 0, tag.lazy)}
            elif tag.form is Form.CLASS:
                result |= self._make_instance(node, tag)
            elif tag.form is Form.CALLABLE:
                result |= self._run_followed(node, tag)
            elif tag.form is Form.OBJECT:
                self.run_held(node, frozenset({tag}))
        return result

    def _make_instance(self, node: cst.CSTNode, tag: Held) -> Value:
        """Making an instance runs ``__init__``; the other methods run when the instance is used."""
        closure = self.followed.node
        if isinstance(closure, cst.FunctionDef) and closure.name.value in {"__init__", "__new__", "__post_init__"}:
            self.run_held(node, frozenset({tag}))
            return NOTHING
        return frozenset({Held(Form.OBJECT, 0, tag.lazy)})

    def _run_followed(self, node: cst.CSTNode, tag: Held) -> Value:
        followed = self.followed
        if followed.reads_itself:
            self.run_held(node, frozenset({tag}))
        if followed.nested and isinstance(followed.node, (cst.FunctionDef, cst.Lambda)):
            return self.run_code(Code(followed.statement, followed.node), [])
        return NOTHING

    def run_target(self, target: Target, arguments: Sequence[Passed]) -> Value:
        """Run a function or method of this file."""
        if target.receiver is not None and not _is_static(target.code.node) and target.is_bound:
            arguments = [self._receiver(target.receiver), *arguments]
        elif (target.is_bound and not _is_static(target.code.node)) or _has_decorator(target.code.node, "classmethod"):
            arguments = [Passed(NOTHING, alias=target.instance), *arguments]
        return self.run_code(target.code, arguments)

    def _receiver(self, node: cst.BaseExpression) -> Passed:
        """The object whose method is called, which may be one that the expression makes."""
        value = self.evaluated_receiver[1] if self.evaluated_receiver[0] is node else self.evaluate(node)
        if not isinstance(node, cst.Call):
            return Passed(value, node)
        instance: Variable = (node, "instance")
        self.state.put(instance, value)
        return Passed(value, alias=instance)

    def run_code(self, code: Code, arguments: Sequence[Passed]) -> Value:
        """Run a function of the analysed code; returns what it may return."""
        node = code.node
        if len(self.frames) >= _DEEPEST_CALL or any(frame.node is node for frame in self.frames):
            return NOTHING
        aliases = dict(self.aliases)
        if not isinstance(node, cst.GeneratorExp):
            self._bind_parameters(code.statement, node, arguments)
        self.frames.append(Frame(code.statement, node))
        try:
            if isinstance(node, cst.GeneratorExp):
                return self._collected(node)
            self.run_graph(code)
            result = self.frame.returned
        finally:
            self.frames.pop()
            self.aliases = aliases
        self._forget_locals(code, result)
        return self._as_returned(node, result, any(self.reach(argument.value) for argument in arguments))

    def _forget_locals(self, code: Code, result: Value) -> None:
        """The variables of a function end with it, unless functions made in it go on using them."""
        scope = code.statement.scopes.scope_for(code.node)
        own = [variable for variable in self.state.store if variable[0] is scope]
        if not own:
            return
        others = [value for variable, value in self.state.store.items() if variable[0] is not scope]
        if any(_is_made_in(tag, code) for value in (result, *others) for tag in value):
            return
        for variable in own:
            del self.state.store[variable]

    def _as_returned(self, node: cst.FunctionDef | cst.Lambda, result: Value, held: bool) -> Value:
        """Calling a generator function or coroutine function gives an object that runs the body later."""
        form = form_of(node)
        if form is Form.GENERATOR_FUNCTION and held:
            return result or frozenset({Held(Form.ITERATOR)})
        if form is Form.COROUTINE_FUNCTION and (held or result):
            return frozenset({Held(Form.COROUTINE)})
        return result

    def _bind_parameters(
        self, statement: TopLevelStatement, node: cst.FunctionDef | cst.Lambda, arguments: Sequence[Passed]
    ) -> None:
        scope = statement.scopes.scope_for(node)
        parameters = node.params
        positional = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
        named = {*positional, *(parameter.name.value for parameter in parameters.kwonly_params)}
        bound: dict[str, Passed] = {}
        rest: Value = NOTHING
        keywords: Value = NOTHING
        spread: Value = NOTHING
        for argument in arguments:
            if argument.star:
                spread |= argument.value
            elif argument.keyword is not None and argument.keyword in named:
                bound[argument.keyword] = argument
            elif argument.keyword is not None:
                keywords |= wrapped(argument.value)
            elif positional:
                bound[positional.pop(0)] = argument
            else:
                rest |= wrapped(argument.value)
        for name in named:
            self._bind_parameter((scope, name), bound.get(name) or Passed(spread))
        if isinstance(parameters.star_arg, cst.Param):
            self.state.put((scope, parameters.star_arg.name.value), rest | wrapped(spread))
        if parameters.star_kwarg is not None:
            self.state.put((scope, parameters.star_kwarg.name.value), keywords | wrapped(spread))

    def _bind_parameter(self, variable: Variable, argument: Passed) -> None:
        """A parameter is the caller's object itself, under another name, if that's an object worth knowing."""
        alias = argument.alias
        if alias is None and isinstance(argument.node, cst.Name) and self._is_known_object(argument.node):
            alias = self.variable(argument.node)
        if alias is not None and alias != variable:
            self.aliases[variable] = alias
            self.state.put(variable, NOTHING)
        elif self.state.store.get(variable) and any(
            isinstance(tag, Code) for value in self.state.store.values() for tag in value
        ):
            # A function that an earlier call made goes on using the parameter of that call.
            self.state.add(variable, argument.value)
        else:
            self.state.put(variable, argument.value)

    def _is_known_object(self, name: cst.Name) -> bool:
        variable = self.variable(name)
        if self.locals.maker(self.statement, variable) is not Maker.FOREIGN:
            return True
        prefix = (f"{variable[1]}.", f"{variable[1]}[")
        return any(scope is variable[0] and text.startswith(prefix) for scope, text in self.state.store)

    def _record(self, node: cst.Call, arguments: Sequence[Passed]) -> Value | None:
        """``Pair(a, b)`` after ``Pair = namedtuple("Pair", "a b")``."""
        if not isinstance(node.func, cst.Name):
            return None
        scope, name = self.variable(node.func)
        if scope is None:
            single = self.statement.module.facts.single_binding(name)
            value = single.value if single is not None else None
            made = self.statement.module.facts.dotted(value.func) if isinstance(value, ast.Call) else None
        else:
            bindings = scope.bindings.get(name, []) if isinstance(scope, Scope) else []
            assigned = assigned_value(self.statement, bindings[0]) if len(bindings) == 1 else None
            made = self.origin(assigned.func) if isinstance(assigned, cst.Call) else None
        if made not in _RECORDS:
            return None
        return frozenset().union(*(wrapped(argument.value) for argument in arguments))

    def construct(self, node: cst.Call, arguments: Sequence[Passed]) -> Value | None:
        """An instance of a class of this file: it holds what its ``__init__`` stores in it."""
        definition = class_named(self.statement, node.func) if isinstance(node.func, cst.Name) else None
        if definition is None:
            return self._record(node, arguments)
        found = find_method(*definition, "__init__")
        if found is None:
            if not has_fields(definition[1]) and not definition[1].bases:
                return None
            if has_fields(definition[1]):
                return frozenset().union(*(wrapped(argument.value) for argument in arguments))
            # A base of another file may be a container, which uses up iterators.
            for argument in arguments:
                self.iterate(node, frozenset(tag for tag in argument.value if _is_iterator(tag)))
            return frozenset().union(
                *(wrapped(frozenset(tag for tag in argument.value if not _is_iterator(tag))) for argument in arguments)
            )
        instance: Variable = (node, "instance")
        self.run_code(Code(*found), [Passed(NOTHING, alias=instance), *arguments])
        return self.state.store.pop(instance, NOTHING)


_RECORDS = frozenset({"collections.namedtuple", "typing.NamedTuple", "dataclasses.make_dataclass"})
"""Callables that make classes whose instances hold their arguments."""


def _is_made_in(tag: Held | Code, code: Code) -> bool:
    """Whether a function is one that another one makes."""
    if not isinstance(tag, Code) or tag.statement is not code.statement:
        return False
    node: cst.CSTNode | None = code.statement.parents.get(tag.node)
    while node is not None and node is not code.node:
        node = code.statement.parents.get(node)
    return node is not None


def _is_iterator(tag: Held | Code) -> bool:
    return isinstance(tag, Held) and tag.form is Form.ITERATOR and not tag.depth


def _is_static(node: cst.CSTNode) -> bool:
    return _has_decorator(node, "staticmethod")


def _has_decorator(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.FunctionDef) and any(
        isinstance(decorator.decorator, cst.Name) and decorator.decorator.value == name for decorator in node.decorators
    )

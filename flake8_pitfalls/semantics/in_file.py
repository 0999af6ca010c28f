"""Functions and classes of the same file that are called with the followed object: which they are, and running them."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.classes import (
    assigned_value,
    class_named,
    enclosing_class,
    field_names,
    find_method,
    has_fields,
    in_file_function,
    overrides,
)
from flake8_pitfalls.semantics.escape import Expressions
from flake8_pitfalls.semantics.flow import Frame
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.runs import Run, Runs, Trace
from flake8_pitfalls.semantics.values import FRESH, OTHER, Closure, Value, union, wrapped

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Argument(NamedTuple):
    """One argument of a call, evaluated."""

    node: cst.Arg
    value: Value

    @property
    def keyword(self) -> str | None:
        """The keyword it's passed by."""
        return self.node.keyword.value if self.node.keyword is not None else None


class Target(NamedTuple):
    """A function of the same file that is called, and whether its first parameter is bound already."""

    statement: TopLevelStatement
    node: cst.FunctionDef
    receiver: Value | None


class InFileCalls(Expressions):
    """Finds and runs what this file defines."""

    @abstractmethod
    def run_body(self, node: cst.FunctionDef) -> None:
        """Run the body of a function in the current frame."""

    def in_file(self, node: cst.Call) -> Target | None:
        """The function of this file that is called, if that's certain."""
        function = node.func
        if isinstance(function, cst.Name):
            return self._in_file_name(function)
        if not isinstance(function, cst.Attribute):
            return None
        return self._in_file_method(function)

    def _in_file_name(self, function: cst.Name) -> Target | None:
        """A function of the module, or a variable bound once to one or to a method of one's own."""
        scope = owner(self.statement.scopes.scope_of(function), function.value)
        if scope is None:
            single = self.statement.module.facts.single_binding(function.value)
            alias = single.value.id if single is not None and isinstance(single.value, ast.Name) else function.value
            found = in_file_function(self.statement.module, alias)
            return Target(*found, receiver=None) if found else None
        bindings = scope.bindings.get(scope.stored_name(function.value), [])
        value = assigned_value(self.statement, bindings[0]) if len(bindings) == 1 else None
        if isinstance(value, cst.Attribute):
            return self._in_file_method(value)
        if isinstance(value, cst.Name) and value.value != function.value:
            found = in_file_function(self.statement.module, value.value)
            return Target(*found, receiver=None) if found else None
        return None

    def _in_file_method(self, function: cst.Attribute) -> Target | None:
        receiver, name = function.value, function.attr.value
        own = enclosing_class(self.statement, self.frame.node)
        if own is not None and self._is_own_class(receiver):
            found = find_method(self.statement, own, name)
            return Target(*found, receiver=None) if found else None
        made = self._instance_of(receiver)
        if made is not None:
            found = find_method(*made, name)
            return Target(*found, receiver=self.evaluate(receiver)) if found else None
        if isinstance(receiver, cst.Name):
            if own is not None and receiver.value == self._first_parameter():
                found = find_method(self.statement, own, name)
                return Target(*found, receiver=OTHER) if found else None
            return self._class_attribute(receiver, name)
        if (
            own is not None
            and isinstance(receiver, cst.Call)
            and not receiver.args
            and self.origin(receiver.func) == "builtins.super"
        ):
            found = find_method(self.statement, own, name, skip_own=True)
            return Target(*found, receiver=OTHER) if found else None
        return None

    def _is_own_class(self, receiver: cst.BaseExpression) -> bool:
        """``self.__class__`` and ``type(self)``."""
        own = self._first_parameter()
        if isinstance(receiver, cst.Attribute) and receiver.attr.value == "__class__":
            named: cst.BaseExpression = receiver.value
        elif (
            isinstance(receiver, cst.Call) and len(receiver.args) == 1 and self.origin(receiver.func) == "builtins.type"
        ):
            named = receiver.args[0].value
        else:
            return False
        return isinstance(named, cst.Name) and named.value == own

    def _instance_of(self, receiver: cst.BaseExpression) -> tuple[TopLevelStatement, cst.ClassDef] | None:
        """The class of this file whose instance a receiver is: ``Bag()``, or a name bound once to such a call."""
        if isinstance(receiver, cst.Name):
            scope = owner(self.statement.scopes.scope_of(receiver), receiver.value)
            statement = self.statement
            if scope is None:
                single = statement.module.facts.single_binding(receiver.value)
                if single is None or single.value is None:
                    return None
                statement = statement.module.statement_at(single.value.lineno)
                scope = statement.scopes.root
            bindings = scope.bindings.get(scope.stored_name(receiver.value), [])
            value = assigned_value(statement, bindings[0]) if len(bindings) == 1 else None
            if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
                return class_named(statement, value.func)
            return None
        if isinstance(receiver, cst.Call) and isinstance(receiver.func, cst.Name):
            return class_named(self.statement, receiver.func)
        return None

    def _class_attribute(self, receiver: cst.Name, name: str) -> Target | None:
        """``Base.method(self, ...)``."""
        if owner(self.statement.scopes.scope_of(receiver), receiver.value) is not None:
            return None
        definition = self.statement.module.definition(receiver.value)
        if definition is None or not isinstance(definition[1], cst.ClassDef):
            return None
        found = find_method(definition[0], definition[1], name)
        return Target(*found, receiver=None) if found else None

    def _first_parameter(self) -> str | None:
        node = self.frame.node
        if not isinstance(node, cst.FunctionDef):
            return None
        first = [*node.params.posonly_params, *node.params.params][:1]
        return first[0].name.value if first else None

    def construct(self, node: cst.Call, arguments: list[Argument]) -> Value | None:
        """An instance of a class of this file: it holds what its ``__init__`` stores in it."""
        definition = self._called_class(node.func)
        if definition is None:
            made = isinstance(node.func, cst.Name) and self._is_named_tuple(node.func)
            return FRESH | union(wrapped(argument.value) for argument in arguments) if made else None
        found = find_method(*definition, "__init__")
        if found is None:
            # A dataclass, a NamedTuple or the like: its fields are its arguments.
            if not has_fields(definition[1]):
                return None
            for argument, name in zip(arguments, field_names(definition[1]), strict=False):
                self.set_field(argument.keyword or name, argument.value)
            return FRESH | union(wrapped(argument.value) for argument in arguments)
        target = Target(*found, receiver=FRESH)
        self.run_target(target, arguments)
        parameters = [*target.node.params.posonly_params, *target.node.params.params]
        if not parameters:
            return FRESH
        own = (target.statement.scopes.scope_for(target.node), parameters[0].name.value)
        return FRESH | (self.store.get(own, FRESH) - OTHER)

    def callables(self, argument: Argument) -> list[Closure | Target]:
        """The functions that an argument is, as far as they're defined in this file."""
        found: list[Closure | Target] = [tag for tag in argument.value if isinstance(tag, Closure) and tag.wraps == 0]
        if isinstance(argument.node.value, cst.Name) and not found:
            target = self._in_file_name(argument.node.value)
            found += [target] if target is not None else []
        return found

    def run_callable(self, function: Closure | Target, arguments: Sequence[Argument | Value]) -> Value:
        """Run a function that was handed to somebody who calls it."""
        if isinstance(function, Closure):
            return self.run_closure(function, arguments)
        return self.run_target(function, arguments)

    def module_lambda(self, function: cst.CSTNode) -> Closure | None:
        """``push`` after ``push = lambda ...`` at the top of the module."""
        if not isinstance(function, cst.Name) or owner(self.statement.scopes.scope_of(function), function.value):
            return None
        single = self.statement.module.facts.single_binding(function.value)
        if single is None or not isinstance(single.value, ast.Lambda):
            return None
        statement = self.statement.module.statement_at(single.value.lineno)
        bindings = statement.scopes.root.bindings.get(function.value, [])
        value = assigned_value(statement, bindings[0]) if len(bindings) == 1 else None
        return Closure(statement, value) if isinstance(value, cst.Lambda) else None

    def _is_named_tuple(self, function: cst.Name) -> bool:
        """``Pair`` after ``Pair = namedtuple("Pair", "key values")``."""
        single = self.statement.module.facts.single_binding(function.value)
        if single is None or not isinstance(single.value, ast.Call):
            return False
        makers = {"collections.namedtuple", "typing.NamedTuple", "dataclasses.make_dataclass"}
        return self.statement.module.facts.dotted(single.value.func) in makers

    def _called_class(self, function: cst.BaseExpression) -> tuple[TopLevelStatement, cst.ClassDef] | None:
        if not isinstance(function, cst.Name):
            return None
        own = enclosing_class(self.statement, self.frame.node)
        if own is not None and function.value == self._first_parameter() == "cls":
            return self.statement, own
        return class_named(self.statement, function)

    def run_target(self, target: Target, arguments: Sequence[Argument | Value]) -> Value:
        """Run a function of this file and return what it returns."""
        if not self.trace.may_run(target.node, self._running()):
            return OTHER
        name = target.node.name.value
        frame = Frame(target.statement, target.node, callee=f"{name}()")
        self._bind_arguments(target.statement, target.node, target.receiver, arguments)
        self._run_frame(frame, target.node)
        return frame.returned or OTHER

    def _bind_arguments(
        self,
        statement: TopLevelStatement,
        node: cst.FunctionDef | cst.Lambda,
        receiver: Value | None,
        arguments: Sequence[Argument | Value],
        *,
        keep_defaults: bool = False,
    ) -> None:
        """Bind the parameters of a function; ``receiver`` is what its first one is bound to already."""
        scope = statement.scopes.scope_for(node)
        parameters = node.params
        positional = [parameter.name.value for parameter in (*parameters.posonly_params, *parameters.params)]
        named = [*positional, *(parameter.name.value for parameter in parameters.kwonly_params)]
        bound: dict[str, Value] = {}
        if receiver is not None and positional and not _is_static(node):
            bound[positional.pop(0)] = receiver
        rest: list[Value] = []
        keywords: list[Value] = []
        spread: list[Value] = []
        for argument in arguments:
            value, keyword, star = _passed(argument)
            if star:
                spread.append(value)
                (rest if star == "*" else keywords).append(value)
            elif keyword is not None and keyword in named:
                bound[keyword] = value
            elif keyword is not None:
                keywords.append(value)
            elif positional:
                bound[positional.pop(0)] = value
            else:
                rest.append(value)
        for parameter in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params):
            name = parameter.name.value
            if name in bound or spread or parameter.default is None or not keep_defaults:
                self.store[(scope, name)] = bound.get(name) or union(spread)
        if isinstance(parameters.star_arg, cst.Param):
            named.append(parameters.star_arg.name.value)
            self.store[(scope, parameters.star_arg.name.value)] = wrapped(union(rest))
        if parameters.star_kwarg is not None:
            named.append(parameters.star_kwarg.name.value)
            self.store[(scope, parameters.star_kwarg.name.value)] = wrapped(union(keywords))
        self.trace.touched.update((scope, name) for name in named)

    def run_closure(self, closure: Closure, arguments: Sequence[Argument | Value]) -> Value:
        """Run a local function or lambda in the current store, which is what it sees of its surroundings."""
        node = closure.node
        if not self.trace.may_run(node, self._running()):
            return OTHER
        for parameter in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
            if parameter.default is not None:
                variable = (closure.statement.scopes.scope_for(node), parameter.name.value)
                self.trace.touched.add(variable)
                # Names in it are those of the statement that it's written in.
                self.frames.append(Frame(closure.statement, node, callee=self.frame.callee))
                self.store[variable] = self.evaluate(parameter.default)
                self.frames.pop()
        self._bind_arguments(closure.statement, node, None, arguments, keep_defaults=True)
        frame = Frame(closure.statement, node, callee=self.frame.callee)
        if isinstance(node, cst.Lambda):
            self.frames.append(frame)
            try:
                return self.evaluate(node.body)
            finally:
                self.frames.pop()
        self._run_frame(frame, node)
        return frame.returned or OTHER

    def _run_frame(self, frame: Frame, node: cst.FunctionDef) -> None:
        """Run a function whose parameters are bound, or do what it did before if it would do the same."""
        running, runs = self._running(), self._runs()
        for run in runs.of(node, frame.callee):
            if run.is_repeated(running, self.store, self.fields):
                self._repeat(run, frame, len(running) - run.depth)
                return
        store, fields = self.store.copy(), self.fields.copy()
        outer, self.trace = self.trace, Trace()
        handlers, self.handlers = self.handlers, []
        self.frames.append(frame)
        try:
            self.run_body(node)
        finally:
            self.frames.pop()
            self.handlers = handlers
            trace, self.trace = self.trace, outer
        outer.absorb(trace)
        if not trace.touches_all:
            active = trace.called.intersection(running)
            before = {variable: store.known(variable) for variable in trace.touched}
            after = {variable: self.store.known(variable) for variable in trace.touched}
            run = Run(trace, len(running), active, before, fields, after, self.fields.copy(), frame.returned)
            runs.add(node, frame.callee, run)

    def _running(self) -> list[cst.CSTNode]:
        return [frame.node for frame in self.frames]

    def _runs(self) -> Runs:
        """What may be repeated: where expressions stand for what is followed, only what has run since then."""
        known: dict[object, Runs] = self.own_runs if self.sources else self.statement.module.memo.setdefault("runs", {})
        if self.followed not in known:
            known[self.followed] = Runs()
        return known[self.followed]

    def _repeat(self, run: Run, frame: Frame, deeper: int) -> None:
        self.trace.absorb(run.trace, deeper)
        for key, event in run.trace.events.items():
            self.events.setdefault(key, event)
        for variable, value in run.after.items():
            if value is not None and self.store.known(variable) != value:
                self.store[variable] = value
        self.fields = run.fields_after.copy()
        frame.returned = run.returned

    def run_overrides(self, target: Target, arguments: list[Argument]) -> list[Value]:
        """``self.check(x)`` may mean the method of a subclass."""
        own = enclosing_class(target.statement, target.node)
        if own is None or target.receiver is not OTHER:
            return []
        found = overrides(target.statement, own, target.node.name.value)
        return [self.run_target(Target(*other, receiver=OTHER), arguments) for other in found]


def _passed(argument: Argument | Value) -> tuple[Value, str | None, str]:
    """The value of an argument, its keyword, and the stars in front of it."""
    if isinstance(argument, Argument):
        return argument.value, argument.keyword, argument.node.star
    return argument, None, ""


def _is_static(node: cst.FunctionDef | cst.Lambda) -> bool:
    return isinstance(node, cst.FunctionDef) and any(
        isinstance(decorator.decorator, cst.Name) and decorator.decorator.value == "staticmethod"
        for decorator in node.decorators
    )

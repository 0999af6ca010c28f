"""What calls do with the followed closure: well-known callables, functions of the same file, anything else."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from flake8_pitfalls.semantics import callbacks
from flake8_pitfalls.semantics.callbacks import Role
from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.closures.lookup import Target
from flake8_pitfalls.semantics.closures.receivers import Maker, made_by, root_of
from flake8_pitfalls.semantics.closures.roles import Roles
from flake8_pitfalls.semantics.closures.running import Passed
from flake8_pitfalls.semantics.closures.state import Level
from flake8_pitfalls.semantics.closures.values import (
    NOTHING,
    Code,
    Form,
    Held,
    Value,
    Variable,
    element,
    in_form,
    wrapped,
)
from flake8_pitfalls.semantics.scopes import BindingKind, Scope


class Calls(Roles):
    """Evaluates calls."""

    def call(self, node: cst.Call) -> Value:
        """Run a call: its parts, then what it does with the followed closure, if that's among them."""
        if isinstance(node.func, cst.Attribute):
            receiver = self.evaluate(node.func.value)
            self.evaluated_receiver = (node.func.value, receiver)
            function = self._attribute(node.func) if self._is_place(node.func) else NOTHING
        else:
            receiver, function = NOTHING, self.evaluate(node.func)
        arguments = [self._argument(argument) for argument in node.args]
        if function:
            return self.call_tags(node, function, arguments)
        passes = any(self.reach(argument.value) or _is_code(argument.value) for argument in arguments)
        if not passes and not receiver and not self._may_use_place(node):
            target = self._user_of_globals(node)
            return self.run_target(target, arguments) if target is not None else self._join_all(node)
        return self._dispatch(node, receiver, arguments, passes=passes)

    def _user_of_globals(self, node: cst.Call) -> Target | None:
        """A function of the module that reads variables of the module which hold the closure."""
        if not isinstance(node.func, cst.Name) or all(scope is not None for scope, _ in self.state.store):
            return None
        target = self.target_of(node.func)
        if target is None or not self.uses_held(target.code.statement, target.code.node):
            return None
        return target

    def _is_place(self, function: cst.Attribute) -> bool:
        place = self.place(function)
        return place is not None and place in self.state.store

    def _argument(self, argument: cst.Arg) -> Passed:
        value = self.evaluate(argument.value)
        if argument.star == "*":
            value = self.iterate(argument, value)
        elif argument.star:
            value = element(value)
        keyword = argument.keyword.value if argument.keyword is not None else None
        return Passed(value, argument.value, keyword, argument.star)

    def _may_use_place(self, node: cst.Call) -> bool:
        """Whether a call involves an object that holds the closure in one of its attributes."""
        if all("." not in name and "[" not in name for _, name in self.state.store):
            return False
        roots = [node.func.value] if isinstance(node.func, cst.Attribute) else []
        roots += [argument.value for argument in node.args]
        return any(self._holds_in_place(root) for root in roots)

    def _holds_in_place(self, node: cst.CSTNode) -> bool:
        root = root_of(node)
        return root is not None and bool(self._in_places(root))

    def _in_places(self, root: cst.Name) -> Value:
        variable = self.variable(root)
        prefixes = (f"{variable[1]}.", f"{variable[1]}[")
        held: Value = NOTHING
        for (scope, name), value in self.state.store.items():
            if scope is variable[0] and name.startswith(prefixes):
                held |= value
        return held

    def _join_all(self, node: cst.Call) -> Value:
        """``queue.join()``, ``pool.join()``: work that was started without keeping hold of it is done."""
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in {"join", "shutdown"}:
            root = root_of(node.func)
            if root is not None:
                self.leave_context(self.variable(root))
        return NOTHING

    # -- what is called ------------------------------------------------------------------------------------------

    def _dispatch(self, node: cst.Call, receiver: Value, arguments: Sequence[Passed], *, passes: bool) -> Value:
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        dotted = self.origin(node.func)
        configured = self._configured(dotted, name)
        if configured is not None:
            return self.with_role(node, configured, dotted or name, arguments)
        target = self.target_of(node.func)
        if target is not None:
            return self.run_target(target, arguments)
        made = self.construct(node, arguments)
        if made is not None:
            return made
        role = callbacks.role_of(dotted) if dotted is not None else None
        if dotted == "builtins.type" and len(arguments) > 1:
            return in_form(self.reach(frozenset().union(*(argument.value for argument in arguments))), Form.CLASS)
        if role is not None and dotted is not None:
            return self.with_role(node, role, dotted, arguments)
        if dotted in {"builtins.setattr", "builtins.object.__setattr__"} and len(arguments) >= 3:
            return self._setattr(node, arguments)
        if isinstance(node.func, cst.Attribute):
            return self._method_call(node, node.func, receiver, arguments)
        method = self._bound_method(node.func)
        if method is not None:
            return self._method_call(node, method, self.evaluate(method.value), arguments)
        return self._unresolved(node, arguments) if passes else NOTHING

    def _bound_method(self, function: cst.BaseExpression) -> cst.Attribute | None:
        """``checks.append`` for ``add`` after ``add = checks.append``."""
        if not isinstance(function, cst.Name):
            return None
        scope, name = self.variable(function)
        bindings = scope.bindings.get(name, []) if isinstance(scope, Scope) else []
        value = assigned_value(self.statement, bindings[0]) if len(bindings) == 1 else None
        return value if isinstance(value, cst.Attribute) else None

    def _configured(self, dotted: str | None, name: str) -> Role | None:
        """What the user's options say about a callee."""
        names = {dotted, name}
        if names & self.consuming:
            return Role.RUNS
        return Role.KEEPS if names & self.retaining else None

    def _setattr(self, node: cst.Call, arguments: Sequence[Passed]) -> Value:
        target = arguments[0].node
        value = arguments[2].value
        if target is not None and self.reach(value):
            self.keep(node, target, value, "setattr()", overwrites=True)
        return NOTHING

    # -- methods -------------------------------------------------------------------------------------------------

    def _method_call(
        self, node: cst.Call, function: cst.Attribute, receiver: Value, arguments: Sequence[Passed]
    ) -> Value:
        name = function.attr.value
        result: Value = NOTHING
        if receiver:
            # `function.__get__(other)` is the function as a method.
            result = receiver if name == "__get__" else self._on_held(node, function, receiver, arguments)
        held_by = root_of(function)
        if held_by is not None and name not in callbacks.IGNORING_METHODS:
            # `self.run()` while `self.callback` is the closure of an earlier iteration.
            self.run_held(node, self._in_places(held_by))
        if any(self.reach(argument.value) or _is_code(argument.value) for argument in arguments):
            result |= self._with_closure(node, function, arguments)
        return result

    def _on_held(self, node: cst.Call, function: cst.Attribute, receiver: Value, arguments: Sequence[Passed]) -> Value:
        """A method of the followed closure, of work it's part of, or of an object that holds it."""
        name = function.attr.value
        result: Value = NOTHING
        for tag in receiver:
            if isinstance(tag, Code):
                continue
            only = frozenset({tag})
            if name == "start" and (tag.form is Form.WORK or tag.depth):
                # A thread, or an instance of a subclass that holds what it runs.
                result |= self.started(node, only, "start()", None)
            elif name in callbacks.JOINING_METHODS - callbacks.ELEMENT_METHODS and self._is_pending():
                self.finish()
            elif name == "clear" and tag.depth and (root := root_of(function)) is not None:
                self.put(self.variable(root), NOTHING)
            elif tag.form is Form.WORK and name in callbacks.JOINING_METHODS:
                self.finish()
            elif tag.form is Form.WORK and name in {"add_done_callback", "done", "is_alive", "cancel", "setDaemon"}:
                continue
            elif tag.depth and name in callbacks.ELEMENT_METHODS:
                result |= element(only)
            elif tag.depth and name in callbacks.VIEW_METHODS:
                result |= wrapped(only) if name == "items" else only
            elif (tag.form is Form.FACTORY and not tag.depth) or (
                tag.form in {Form.ITERATOR, Form.COROUTINE} and not tag.depth and name in {"close", "aclose"}
            ):
                continue
            elif not tag.depth or not self._is_container(function.value):
                # A method of an object that holds the closure may run it.
                self.run_held(node, only)
        del arguments
        return result

    def _is_pending(self) -> bool:
        escape = self.state.escape
        return escape is not None and escape.level is Level.PENDING

    def _is_container(self, receiver: cst.BaseExpression) -> bool:
        root = root_of(receiver)
        if root is None:
            return made_by(self.statement, receiver) is Maker.CONTAINER
        return self.locals.maker(self.statement, self.variable(root)) is Maker.CONTAINER

    def _with_closure(self, node: cst.Call, function: cst.Attribute, arguments: Sequence[Passed]) -> Value:
        """A method of any object gets the closure."""
        name = function.attr.value
        if name in callbacks.IGNORING_METHODS:
            return NOTHING
        held = frozenset().union(*(argument.value for argument in arguments))
        if name in callbacks.RUNNING_NAMES:
            return self.run_all(node, arguments)
        if name in callbacks.RELEASING_METHODS:
            if self.state.escape is not None and any(isinstance(tag, Held) for tag in held):
                self.state.escape = None
            return NOTHING
        root = root_of(function)
        variable = self.variable(root) if root is not None else None
        for attempt in (self._as_starter, self._as_container, self._as_runner):
            result = attempt(node, function, held, variable, arguments)
            if result is not None:
                return result
        if name in callbacks.KEEPING_METHODS:
            return self._kept(node, root, held, f"{name}()")
        return self._unresolved(node, arguments)

    def _as_starter(
        self,
        node: cst.Call,
        function: cst.Attribute,
        held: Value,
        variable: Variable | None,
        _: Sequence[Passed],
    ) -> Value | None:
        """Methods of executors, task groups and exit stacks."""
        name = function.attr.value
        if name == "map" and self._is_executor(function.value):
            return self.started(node, held, "map()", variable)
        if name in callbacks.CONTEXT_METHODS and (name != "push" or self._is_exit_stack(function.value)):
            self.escape(node, held, Level.PENDING, f"{name}()", owner=variable)
            return held
        return self.started(node, held, f"{name}()", variable) if name in callbacks.STARTING_METHODS else None

    def _as_container(
        self,
        node: cst.Call,
        function: cst.Attribute,
        held: Value,
        _: Variable | None,
        arguments: Sequence[Passed],
    ) -> Value | None:
        """Methods that put things into a container or take them out."""
        name = function.attr.value
        by_keyword = any(argument.keyword is not None and self.reach(argument.value) for argument in arguments)
        if name in callbacks.STORING_METHODS and not by_keyword:
            self.keep(node, function.value, held, f"{name}()")
            return held if name == "setdefault" else NOTHING
        if name in callbacks.COPYING_METHODS:
            value = self.copied(node, arguments)
            if self.reach(value):
                self.keep(node, function.value, element(value), f"{name}()")
            return NOTHING
        if name in callbacks.ELEMENT_METHODS:
            return frozenset().union(*(argument.value for argument in arguments[1:]))
        return None

    def _as_runner(
        self,
        node: cst.Call,
        function: cst.Attribute,
        held: Value,
        _: Variable | None,
        arguments: Sequence[Passed],
    ) -> Value | None:
        """Methods that run what they're given, or give something to await."""
        name = function.attr.value
        if name in callbacks.RUNNING_METHODS:
            return self.run_all(node, arguments)
        return self.in_work(held, Form.COROUTINE) if name in callbacks.AWAITING_METHODS else None

    def _kept(self, node: cst.Call, root: cst.Name | None, held: Value, how: str) -> Value:
        """A method that registers a callback; that of an object which dies with the iteration does no harm."""
        if root is not None and self.locals.is_private(self.statement, root):
            self.add_to_object(node, self.variable(root), held, how)
            return NOTHING
        if root is not None and self._ends_with_block(root):
            self.escape(node, held, Level.PENDING, how, owner=self.variable(root))
            return NOTHING
        self.escape(node, held, Level.RETAINED, how)
        maker = self.locals.maker(self.statement, self.variable(root)) if root is not None else Maker.FOREIGN
        return in_form(self.reach(held), Form.OBJECT) if maker is Maker.CONTAINER else NOTHING

    def _ends_with_block(self, name: cst.Name) -> bool:
        """Whether a variable is bound by ``with`` in the loop alone: what its object keeps goes with the block."""
        scope, own = self.variable(name)
        bindings = scope.bindings.get(own, []) if isinstance(scope, Scope) else []
        return (
            bool(bindings)
            and all(binding.kind is BindingKind.WITH for binding in bindings)
            and self.is_bound_in_loop((scope, own))
        )

    def _is_executor(self, receiver: cst.BaseExpression) -> bool:
        """Whether a variable is bound to an executor of ``concurrent.futures``, whose ``map`` doesn't wait."""
        if isinstance(receiver, cst.Attribute):
            return receiver.attr.value in self.statement.module.attributes_made_by(callbacks.EXECUTORS)
        return self._made_from(receiver) in callbacks.EXECUTORS

    def _is_exit_stack(self, receiver: cst.BaseExpression) -> bool:
        return (self._made_from(receiver) or "").startswith("contextlib.")

    def _made_from(self, receiver: cst.BaseExpression) -> str | None:
        """The dotted name of the class that a variable is made with."""
        if isinstance(receiver, cst.Call):
            return self.origin(receiver.func)
        if not isinstance(receiver, cst.Name):
            return None
        scope, name = self.variable(receiver)
        for binding in getattr(scope, "bindings", {}).get(name, ()):
            parent = self.statement.parents.get(self.statement.parents.get(binding.node, receiver))
            value = getattr(parent, "item", None) or getattr(parent, "value", None)
            if isinstance(value, cst.Call):
                return self.origin(value.func)
        return None

    # -- unknown callees -----------------------------------------------------------------------------------------

    def _unresolved(self, node: cst.Call, arguments: Sequence[Passed]) -> Value:
        """A callee that isn't known: it may keep what it's given, and so may what it returns."""
        name = _callee_name(node.func)
        result: Value = NOTHING
        makes_object = made_by(self.statement, node) is Maker.OBJECT
        for argument in arguments:
            value = argument.value
            if argument.keyword is not None and callbacks.is_callback_keyword(argument.keyword):
                self.escape(node, value, Level.RETAINED, f"{argument.keyword}=")
                continue
            held = self.reach(value)
            if makes_object:
                result |= wrapped(
                    frozenset(
                        tag for tag in held if isinstance(tag, Held) and tag.form not in {Form.ITERATOR, Form.WORK}
                    )
                )
            self.escape(node, value, Level.UNKNOWN, name)
        return result


def _is_code(value: Value) -> bool:
    return any(isinstance(tag, Code) for tag in value)


def _callee_name(function: cst.BaseExpression) -> str:
    if isinstance(function, cst.Attribute):
        return f"{function.attr.value}()"
    return f"{function.value}()" if isinstance(function, cst.Name) else "a call"

"""What calls do with the followed object: well-known callables, functions of the same file, anything else."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from flake8_pitfalls.semantics.callees import (
    CALLEES,
    CHANGING_METHODS,
    READING_METHODS,
    TASK_CLASSES,
    TASK_METHODS,
    Callee,
)
from flake8_pitfalls.semantics.events import Fate
from flake8_pitfalls.semantics.executed import names_changed_by
from flake8_pitfalls.semantics.in_file import Argument
from flake8_pitfalls.semantics.methods import MethodCalls
from flake8_pitfalls.semantics.values import FRESH, OTHER, Closure, Method, Shared, Value, is_followed, union, wrapped

_NAMESPACES = {"builtins.type": slice(2, 3), "builtins.exec": slice(1, 3), "builtins.eval": slice(1, 3)}
"""Callables whose arguments at some places are namespaces."""
_NOTHING = slice(0)


class Calls(MethodCalls):
    """Evaluates calls."""

    def call(self, node: cst.Call) -> Value:
        """Run a call: its parts, then what it does with the followed object, if that's among them."""
        if self._is_namespace(node):
            return self._namespace()
        named = self._named_attribute(node)
        if named is not None:
            return named
        # The object of a method is evaluated once: twice for each call of a long chain would take forever.
        receiver = self.evaluate(node.func.value) if isinstance(node.func, cst.Attribute) else OTHER
        function = OTHER if isinstance(node.func, cst.Attribute) else self.evaluate(node.func)
        arguments = [Argument(argument, self._argument(argument)) for argument in node.args]
        results: list[Value] = []
        for tag in function:
            if isinstance(tag, Closure):
                results.append(self.run_closure(tag, arguments))
            elif isinstance(tag, Method):
                self.record(Fate.CHANGED, node)
        made_once = self.module_lambda(node.func)
        if made_once is not None:
            results.append(self.run_closure(made_once, arguments))
        followed = any(is_followed(argument.value) for argument in arguments)
        if not results and (followed or self._makes_container(node) or self._is_exec(node)):
            results.append(self._resolve(node, arguments))
        if isinstance(node.func, cst.Attribute):
            results.append(self.method(node, node.func, receiver, arguments))
        return union(results)

    def _named_attribute(self, node: cst.Call) -> Value | None:
        """``getattr(x, "append")`` and ``vars(x)`` read an attribute as ``x.append`` and ``x.__dict__`` do."""
        called = self.origin(node.func)
        if called == "builtins.vars" and len(node.args) == 1:
            name: object = "__dict__"
        elif called == "builtins.getattr" and len(node.args) == 2 and isinstance(node.args[1].value, cst.SimpleString):
            name = node.args[1].value.evaluated_value
        else:
            return None
        value = self.evaluate(node.args[0].value)
        return union(self._attribute_of(tag, str(name)) for tag in value)

    def _argument(self, argument: cst.Arg) -> Value:
        value = self.evaluate(argument.value)
        if argument.star:
            self.iterate(argument, value)
            return self.followed.element(value)
        return value

    # -- what is called ------------------------------------------------------------------------------------------

    def _resolve(self, node: cst.Call, arguments: list[Argument]) -> Value:
        if (target := self.in_file(node)) is not None:
            return union([self.run_target(target, arguments), *self.run_overrides(target, arguments)])
        if (made := self.construct(node, arguments)) is not None:
            return made
        dotted = self.origin(node.func)
        self._run_task(node, dotted, arguments)
        for namespace in arguments[_NAMESPACES.get(dotted or "", _NOTHING)]:
            # The class, or the code, takes over what is in it.
            how = f"stored by {(dotted or '').removeprefix('builtins.')}()"
            self.leak(namespace.node, self.followed.element(namespace.value), how)
        if dotted is not None and (callee := CALLEES.get(dotted)) is not None:
            return self._well_known(node, dotted, callee, arguments)
        if isinstance(node.func, cst.Attribute):
            if dotted is not None and dotted.rpartition(".")[0] in CHANGING_METHODS and arguments:
                return self.unbound(node, node.func.attr.value, dotted.rpartition(".")[0], arguments)
            if dotted is None or dotted.startswith("builtins."):
                return OTHER  # `_method` knows more.
            if node.func.attr.value in READING_METHODS:
                return OTHER
        return self.unresolved(node, arguments)

    def _well_known(self, node: cst.Call, dotted: str, callee: Callee, arguments: list[Argument]) -> Value:
        if dotted in {"builtins.exec", "builtins.eval"} and len(arguments) == 1:
            self._executed(node, arguments[0].node.value)
            return OTHER
        results: list[Value] = []
        for position, argument in enumerate(arguments):
            value = argument.value
            if (argument.keyword or position) in callee.changes:
                self.change(node, value)
                if callee.stores_into_first and isinstance(argument.node.value, (cst.Name, cst.Attribute)):
                    others = union(other.value for other in arguments[1:])
                    self.keep(node, argument.node.value, value, others)
            if position in callee.keeps:
                self.leak(argument.node, value, f"kept by {dotted.removeprefix('builtins.')}()")
            if callee.consumes:
                self.iterate(argument.node, value)
            if callee.gives != "first argument" or position == 0:
                results.append(self._given(callee.gives.removeprefix("first "), argument))
        self._run_callbacks(node, dotted, arguments)
        return union(results)

    def _executed(self, node: cst.Call, code: cst.BaseExpression) -> None:
        """``exec`` of a constant, in the namespace of the running function."""
        if isinstance(code, (cst.SimpleString, cst.ConcatenatedString)) and isinstance(code.evaluated_value, str):
            here = self.frame.statement.scopes.scope_for(self.frame.node)
            self.trace.touches_all = True
            changed = names_changed_by(code.evaluated_value)
            for (scope, name), value in list(self.store.items()):
                if scope is here and name in changed:
                    self.change(node, value)

    def _run_callbacks(self, node: cst.Call, dotted: str, arguments: list[Argument]) -> None:
        """Functions among the arguments of a well-known callable are called with the elements of the others."""
        elements = union(self.iterated(argument.value) for argument in arguments)
        passed: Sequence[Argument | Value] = [elements, elements]
        if dotted == "functools.reduce":
            passed = [elements | union(argument.value for argument in arguments[2:]), elements]
        elif dotted == "functools.partial":
            passed = arguments[1:]
            arguments = arguments[:1]
        for argument in arguments:
            for tag in argument.value:
                if isinstance(tag, Method):
                    self.record(Fate.CHANGED, node)
            for function in self.callables(argument):
                self.run_callable(function, passed)

    def _run_task(self, node: cst.Call, dotted: str | None, arguments: list[Argument]) -> None:
        """A function of this file that a thread or executor is to run, with the arguments it gets there."""
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else (dotted or "").rpartition(".")[2]
        if name in TASK_CLASSES:
            targets = [argument for argument in arguments if argument.keyword == "target"]
            given = [argument for argument in arguments if argument.keyword == "args"]
            display = given[0].node.value if given else None
            elements = display.elements if isinstance(display, (cst.Tuple, cst.List)) else ()
            passed: Sequence[Argument | Value] = [self.evaluate(element.value) for element in elements]
        elif name in TASK_METHODS and arguments:
            targets, passed = arguments[:1], arguments[1:]
        else:
            return
        for target in targets:
            for function in self.callables(target):
                self.run_callable(function, passed)

    def _given(self, gives: str, argument: Argument) -> Value:
        value = argument.value
        if argument.keyword is not None:
            if gives == "wrap" and is_followed(value):
                self.set_field(argument.keyword, value)
            return wrapped(value) if gives in {"wrap", "copy"} else OTHER
        match gives:
            case "argument":
                return value
            case "element":
                return self.iterated(value)
            case "argument or element":
                return value | self.iterated(value)
            case "copy":
                return self.followed.copy(value) - OTHER  # A new container, whatever was copied.
            case "wrap":
                return wrapped(value)
            case "lazy":
                # zip() and enumerate() yield tuples of the elements; an iterator stays the same object.
                same = frozenset(tag for tag in value if self._is_iterator(tag))
                held = wrapped(wrapped(self.iterated(value - same)))
                return same | held | wrapped(self.iterated(value - same))
        return OTHER

    def _is_iterator(self, tag: object) -> bool:
        return isinstance(tag, Shared) and tag.wraps == 0 and self.followed.level(tag.level).kind == "iterator"

    def _is_namespace(self, node: cst.Call) -> bool:
        return not node.args and self.origin(node.func) in {"builtins.locals", "builtins.vars"}

    def _namespace(self) -> Value:
        """``locals()``: a dictionary that holds every variable of the running function."""
        here = self.frame.statement.scopes.scope_for(self.frame.node)
        self.trace.touches_all = True
        return FRESH | union(wrapped(value) for (scope, _), value in self.store.items() if scope is here)

    def _makes_container(self, node: cst.Call) -> bool:
        """Whether an empty container is made, which may be filled later."""
        callee = CALLEES.get(self.origin(node.func) or "")
        return callee is not None and callee.gives in {"copy", "wrap"}

    def _is_exec(self, node: cst.Call) -> bool:
        return isinstance(node.func, cst.Name) and node.func.value in {"exec", "eval"}

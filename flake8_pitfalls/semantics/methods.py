"""What methods do with the followed object: their receiver, or one of their arguments."""

from __future__ import annotations

import libcst as cst

from flake8_pitfalls.semantics.callees import (
    ABSORBING_METHODS,
    CALLEES,
    CHANGING_METHODS,
    CHANGING_THEIR_ARGUMENT,
    ELEMENT_METHODS,
    KEEPING_METHODS,
    KEEPING_ONE,
    READING_METHODS,
    VIEW_METHODS,
)
from flake8_pitfalls.semantics.classes import find_method
from flake8_pitfalls.semantics.dictionaries import is_dictionary
from flake8_pitfalls.semantics.events import Fate
from flake8_pitfalls.semantics.in_file import Argument, InFileCalls, Target
from flake8_pitfalls.semantics.values import FRESH, OTHER, Part, Plain, Shared, Tag, Value, is_followed, union, wrapped
from flake8_pitfalls.semantics.wording import callee, quoted


class MethodCalls(InFileCalls):
    """Evaluates the calls of methods."""

    def method(self, node: cst.Call, function: cst.Attribute, receiver: Value, arguments: list[Argument]) -> Value:
        """Run ``receiver.name(...)``."""
        name = function.attr.value
        if self.origin(function) in CALLEES:
            return OTHER
        return union(self._method_of(tag, node, function, name, arguments) for tag in receiver)

    def _method_of(
        self, tag: Tag, node: cst.Call, function: cst.Attribute, name: str, arguments: list[Argument]
    ) -> Value:
        if isinstance(tag, Shared) and tag.wraps == 0:
            if self.is_instance(tag.level):
                return self._instance_method(tag, name, arguments)
            if name in self.changing_methods(tag.level):
                self.record(Fate.CHANGED, node)
            elif tag.level == 0 and self.followed.class_node is not None:
                return self._instance_method(tag, name, arguments)
        elif isinstance(tag, Part):
            if name in ELEMENT_METHODS - {"pop", "popleft", "popitem", "setdefault"}:
                return frozenset({tag})
            self.change(node, self._attribute_of(tag, name) - {tag})
            return OTHER
        elif tag is Plain.OTHER:
            return self._foreign_method(node, function, name, arguments)
        return self._container_method(tag, function, name, arguments)

    def _container_method(self, tag: Tag, function: cst.Attribute, name: str, arguments: list[Argument]) -> Value:
        """A method of a container that holds the followed object, or that may be made to."""
        receiver: Value = frozenset({tag})
        for argument in arguments:
            if name in KEEPING_METHODS or (name == "update" and argument.keyword is not None):
                self.add_to(function.value, wrapped(argument.value) - FRESH)
            elif name in ABSORBING_METHODS:
                self.add_to(function.value, self.followed.copy(argument.value) - FRESH - OTHER)
                self.iterate(argument.node, argument.value)
        fallback = union(argument.value for argument in arguments[1:]) if name in ELEMENT_METHODS else OTHER
        if name in ELEMENT_METHODS:
            return self.followed.element(receiver) | fallback
        if name in VIEW_METHODS:
            return self.followed.copy(receiver)
        if name == "items":
            return wrapped(self.followed.copy(receiver))
        return OTHER

    def _instance_method(self, tag: Shared, name: str, arguments: list[Argument]) -> Value:
        followed = self.followed
        if followed.class_node is None or followed.class_statement is None:
            return OTHER
        found = find_method(followed.class_statement, followed.class_node, name)
        if found is None:
            return OTHER
        target = Target(*found, receiver=frozenset({tag}))
        return self.run_target(target, arguments)

    def _foreign_method(self, node: cst.Call, function: cst.Attribute, name: str, arguments: list[Argument]) -> Value:
        """A method of an object that isn't followed."""
        if not any(is_followed(argument.value) for argument in arguments) or self.in_file(node) is not None:
            return OTHER
        dotted = self.origin(function)
        if dotted is not None and (not dotted.startswith("builtins.") or dotted.rpartition(".")[0] in CHANGING_METHODS):
            return OTHER  # `_resolve` has seen it.
        if not _keeps(name, arguments):
            name = f"{name}()" if name in KEEPING_METHODS else name
        for argument in arguments:
            self._pass_to_foreign(node, function, name, argument)
        if name in {"get", "pop", "setdefault"}:
            return union(argument.value for argument in arguments[1:])
        if name not in KEEPING_METHODS | ABSORBING_METHODS | READING_METHODS:
            self.unresolved(node, arguments)
        return OTHER

    def _pass_to_foreign(self, node: cst.Call, function: cst.Attribute, name: str, argument: Argument) -> None:
        """Hand one argument to a method of an object that isn't followed."""
        is_entry = name == "update" and argument.keyword is not None
        if name in KEEPING_METHODS or (is_entry and is_dictionary(self.statement, function.value)):
            self.leak(argument.node, argument.value, self._stored_in(function))
        elif is_entry:
            self.unresolved(node, [argument])
        elif name in CHANGING_THEIR_ARGUMENT:
            self.change(argument.node, argument.value)
        elif name in ABSORBING_METHODS:
            self.leak(argument.node, self.followed.element(argument.value), self._stored_in(function))
            self.iterate(argument.node, argument.value)
        elif name == "join":
            self.iterate(argument.node, argument.value)

    def _stored_in(self, function: cst.Attribute) -> str:
        return f"stored in {quoted(self.statement.source(function.value))}"

    def unbound(self, node: cst.Call, name: str, kind: str, arguments: list[Argument]) -> Value:
        """``list.append(xs, x)``."""
        first = arguments[0]
        if name in CHANGING_METHODS[kind]:
            self.change(node, first.value)
        if name in KEEPING_METHODS:
            self.keep(node, first.node.value, first.value, union(argument.value for argument in arguments[1:]))
        if name in ELEMENT_METHODS:
            return self.followed.element(first.value)
        return self.followed.copy(first.value) if name in VIEW_METHODS else OTHER

    def unresolved(self, node: cst.Call, arguments: list[Argument]) -> Value:
        """Run a call of which nothing is known: the arguments are handed on."""
        shown = callee(self.statement.source(node.func))
        if _makes_class(node) and len(arguments) == 4:
            # The class takes over what is in the namespace.
            self.leak(arguments[3].node, self.followed.element(arguments[3].value), f"stored by {shown}")
        for argument in arguments:
            self.hand_on(argument.node, argument.value, shown)
        return OTHER


def _makes_class(node: cst.Call) -> bool:
    """``super().__new__(mcs, name, bases, namespace)``."""
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == "__new__" and len(node.args) == 4


def _keeps(name: str, arguments: list[Argument]) -> bool:
    """Whether a method of this name is the one that containers and queues have, by the arguments it gets."""
    positional = [argument for argument in arguments if argument.keyword is None and not argument.node.star]
    if name in KEEPING_ONE:
        return len(arguments) == len(positional) == 1
    if name == "put":
        return len(positional) == 1 and all(a.keyword in {None, "block", "timeout"} for a in arguments)
    if name == "insert":
        index = positional[0].node.value if positional else None
        return len(positional) == 2 and not isinstance(index, cst.BaseString)
    return True

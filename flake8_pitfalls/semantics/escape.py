"""Where the followed object goes in expressions: aliases, containers, elements, attributes, subscripts."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD, CHANGING_METHODS, WITHOUT_ATTRIBUTES
from flake8_pitfalls.semantics.events import Fate
from flake8_pitfalls.semantics.flow import Frame, State, operands
from flake8_pitfalls.semantics.store import Store, joined
from flake8_pitfalls.semantics.values import (
    FRESH,
    OTHER,
    Closure,
    Method,
    Part,
    Plain,
    Shared,
    Value,
    is_followed,
    union,
    wrapped,
)
from flake8_pitfalls.semantics.walk import children
from flake8_pitfalls.semantics.wording import quoted

_MAPPINGS = frozenset(
    {"builtins.dict", *(f"collections.{name}" for name in ("defaultdict", "OrderedDict", "Counter", "ChainMap"))}
)
_USED_UP = frozenset({"iterator", "io.StringIO", "io.BytesIO"})
"""Kinds of object that iterating changes."""
_Comprehension = cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp


class Expressions(State):
    """Evaluates expressions; calls and the bodies of functions are left to the subclasses."""

    @abstractmethod
    def call(self, node: cst.Call) -> Value:
        """Run a call."""

    @abstractmethod
    def run_closure(self, closure: Closure, arguments: Sequence[Any]) -> Value:
        """Run a local function or lambda and return what it returns."""

    def evaluate(self, node: cst.CSTNode) -> Value:
        """Run an expression in the current store and return what it may be."""
        evaluator = _EVALUATORS.get(type(node))
        if evaluator is not None:
            value = evaluator(self, node)
        else:
            for child in children(node):
                self.evaluate(child)
            value = OTHER
        source = self.sources.get(node) if self.sources else None
        return value if source is None else source

    # -- names, attributes, subscripts ---------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Value:
        return self.store.get(self.variable(node), OTHER)

    def _attribute(self, node: cst.Attribute) -> Value:
        receiver = self.evaluate(node.value)
        if self.sources.get(node) is not None:
            return OTHER
        return union(self._attribute_of(tag, node.attr.value) for tag in receiver)

    def _attribute_of(self, tag: object, name: str) -> Value:
        if isinstance(tag, Shared) and tag.wraps > 0:
            return self.fields.get(name, OTHER)
        if isinstance(tag, Shared) and tag.wraps == 0:
            if name in self.changing_methods(tag.level):
                return frozenset({Method(tag.level, name)})
            return frozenset({Part(tag.level)}) if self.is_instance(tag.level) else OTHER
        if isinstance(tag, Part):
            return frozenset({Method(tag.level, name)}) if name in ANY_CHANGING_METHOD else frozenset({tag})
        return OTHER

    def changing_methods(self, level: int) -> frozenset[str]:
        """The methods that change the object at a level."""
        kind = self.followed.level(level).kind
        if self.is_instance(level):
            return frozenset()
        return CHANGING_METHODS.get(kind, ANY_CHANGING_METHOD)

    def is_instance(self, level: int) -> bool:
        """Whether the object is known by its attributes: an instance of a class of the file, or a namespace."""
        kind = self.followed.level(level).kind
        return kind == "types.SimpleNamespace" or (level == 0 and kind == "instance")

    def _subscript(self, node: cst.Subscript) -> Value:
        receiver = self.evaluate(node.value)
        sliced = False
        for element in node.slice:
            self.evaluate(element)
            sliced = sliced or isinstance(element.slice, cst.Slice)
        for tag in receiver:
            if isinstance(tag, Shared) and tag.wraps == 0 and "__getitem__" in self.changing_methods(tag.level):
                self.record(Fate.CHANGED, node)
        return self.followed.copy(receiver) if sliced else self.followed.element(receiver)

    # -- displays ------------------------------------------------------------------------------------------------

    def _display(self, node: cst.List | cst.Tuple | cst.Set | cst.Dict) -> Value:
        value = FRESH
        for element in node.elements:
            if isinstance(element, (cst.StarredElement, cst.StarredDictElement)):
                held = self.evaluate(element.value)
                self.iterate(element, held)
                value |= self.followed.copy(held) - OTHER
            else:
                if isinstance(element, cst.DictElement):
                    self.evaluate(element.key)
                value |= wrapped(self.evaluate(element.value))
        return value

    def _comprehension(self, node: _Comprehension) -> Value:
        value = self._comprehension_part(node, node.for_in)
        return FRESH if value is None else wrapped(value)

    def _comprehension_part(self, node: _Comprehension, part: cst.CompFor) -> Value | None:
        """What the elements may be; ``None`` if there can't be any."""
        iterated = self.evaluate(part.iter)
        self.iterate(part.iter, iterated)
        if self.is_exactly(iterated, length=0):
            return None
        before = self.store
        self.store = before.copy()
        self.assign(part.target, self.iterated(iterated))
        for condition in part.ifs:
            self.evaluate(condition.test)
            refined = self.refined(condition.test, self.store, True)
            if refined is None:
                self.store = before
                return None
            self.store = refined
        if part.inner_for_in is not None:
            value = self._comprehension_part(node, part.inner_for_in)
        elif isinstance(node, cst.DictComp):
            self.evaluate(node.key)
            value = self.evaluate(node.value)
        else:
            value = self.evaluate(node.elt)
        self.store = joined(before, self.store) or before
        return value

    def iterate(self, node: cst.CSTNode, value: Value) -> None:
        """Note that iterating changes an iterator: it's used up."""
        for tag in value:
            if isinstance(tag, Shared) and tag.wraps == 0 and self.followed.level(tag.level).kind in _USED_UP:
                self.record(Fate.CHANGED, node, "used up")

    def iterated(self, value: Value) -> Value:
        """What iterating a value yields; a mapping yields its keys, which can't be mutable."""
        held = frozenset(
            tag
            for tag in value
            if not (isinstance(tag, Shared) and tag.wraps == 0 and self.followed.level(tag.level).kind in _MAPPINGS)
        )
        return self.followed.element(held) or OTHER

    # -- operators -----------------------------------------------------------------------------------------------

    def _boolean(self, node: cst.BooleanOperation) -> Value:
        """``a or b or c`` ends with the first operand that decides: the others are only evaluated on the way there."""
        goes_on = isinstance(node.operator, cst.And)
        *first, last = operands(node)
        result: Value = frozenset()
        after: Store | None = None
        for operand in first:
            value = self.evaluate(operand)
            result |= self._kept_by_truth(value, not goes_on)
            after = joined(after, self.store)
            path = self.refined(operand, self.store, goes_on)
            if path is None or not self._kept_by_truth(value, goes_on):
                break
            self.store = path.copy()
        else:
            result |= self.evaluate(last)
        self.store = joined(after, self.store) or self.store
        return result or OTHER

    def _kept_by_truth(self, value: Value, outcome: bool) -> Value:
        """The part of a value that can be true, or false."""
        length = self.followed.levels[0].length
        if length is None or (length > 0) is outcome:
            return value
        return value - {Shared()}

    def _conditional(self, node: cst.IfExp) -> Value:
        self.evaluate(node.test)
        values: list[Value] = []
        after: Store | None = None
        before = self.store
        for outcome, branch in ((True, node.body), (False, node.orelse)):
            path = self.refined(node.test, before, outcome)
            if path is not None:
                self.store = path.copy()
                values.append(self.evaluate(branch))
                after = joined(after, self.store)
        self.store = before if after is None else after
        return union(values)

    def _binary(self, node: cst.BinaryOperation) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(node.operator, cst.Modulo):
            return OTHER
        # `xs + ys`, `xs * 2`, `a | b`: a new container of the same elements.
        held = self.followed.copy(left) | self.followed.copy(right)
        return held if is_followed(held) else OTHER

    def _comparison(self, node: cst.Comparison) -> Value:
        self.evaluate(node.left)
        for comparison in node.comparisons:
            value = self.evaluate(comparison.comparator)
            if isinstance(comparison.operator, (cst.In, cst.NotIn)):
                self.iterate(comparison.comparator, value)
        return OTHER

    def _walrus(self, node: cst.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.assign(node.target, value)
        return value

    def _starred(self, node: cst.StarredElement) -> Value:
        value = self.evaluate(node.value)
        self.iterate(node, value)
        return self.iterated(value)

    def _await(self, node: cst.Await) -> Value:
        return self.evaluate(node.expression)

    def _yield(self, node: cst.Yield) -> Value:
        if node.value is None:
            return OTHER
        if isinstance(node.value, cst.From):
            iterated = self.evaluate(node.value.item)
            self.iterate(node, iterated)
            value = self.iterated(iterated)
        else:
            value = self.evaluate(node.value)
        if self.frame.outermost:
            self.leak(node, value, "yielded")
        else:
            self.frame.returned |= wrapped(value)
        return OTHER

    def _lambda(self, node: cst.Lambda) -> Value:
        for parameter in _defaults(node.params):
            self.evaluate(parameter)
        return frozenset({Closure(self.statement, node)})

    # -- where values go -----------------------------------------------------------------------------------------

    def leak(self, node: cst.CSTNode, value: Value, how: str) -> None:
        """Note that a value gets out of the function for certain."""
        for tag in sorted(value, key=_is_closure):
            if isinstance(tag, Shared):
                self.record(Fate.LEAKED, node, how)
            elif isinstance(tag, Method):
                self.record(Fate.CHANGED, node)
            elif isinstance(tag, Closure):
                returned = self.run_closure(tag, [])
                # The closure may stand in another statement, and what it returns may be the closure itself.
                self.frames.append(Frame(tag.statement, tag.node, callee=self.frame.callee))
                self.leak(tag.node, returned, "returned by a closure that is " + how)
                self.frames.pop()

    def hand_on(self, node: cst.CSTNode, value: Value, callee: str) -> None:
        """Note that a value is passed to a callable that can't be resolved."""
        for tag in value:
            if isinstance(tag, Shared):
                self.record(Fate.HANDED_ON, node, callee)
            elif isinstance(tag, Method):
                self.record(Fate.CHANGED, node)
            elif isinstance(tag, Closure):
                returned = self.run_closure(tag, [])
                self.frames.append(Frame(self.statement, tag.node, callee=self.frame.callee))
                self.hand_on(node, returned, callee)
                self.frames.pop()

    def change(self, node: cst.CSTNode, value: Value) -> None:
        """Note that a value is changed in place."""
        for tag in value:
            if (isinstance(tag, Shared) and tag.wraps == 0) or isinstance(tag, (Part, Method)):
                self.record(Fate.CHANGED, node)

    def with_attributes(self, value: Value) -> Value:
        """What of a value may have attributes that can be set."""
        if self.followed.class_node is not None:
            return value
        return frozenset(
            tag
            for tag in value
            if not isinstance(tag, Shared) or self.followed.level(tag.level).kind not in WITHOUT_ATTRIBUTES
        )

    # -- assignment ----------------------------------------------------------------------------------------------

    def assign(self, target: cst.CSTNode, value: Value) -> None:
        """Bind a target to a value; the nodes of ``target`` may be a name, attribute, subscript or a tuple of them."""
        if isinstance(target, cst.Name):
            self.bind(target, value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            self.iterate(target, value)
            for element in target.elements:
                part = self.iterated(value)
                # The starred target of an unpacking gets a new list.
                self.assign(element.value, wrapped(part) if isinstance(element, cst.StarredElement) else part)
        elif isinstance(target, cst.Attribute):
            receiver = self.evaluate(target.value)
            self.change(target, self.with_attributes(receiver))
            self.keep(target, target.value, receiver, value)
            if is_followed(value):
                self.set_field(target.attr.value, value)
        elif isinstance(target, cst.Subscript):
            receiver = self.evaluate(target.value)
            for index in target.slice:
                self.evaluate(index)
            self.change(target, receiver)
            self.keep(target, target.value, receiver, value)

    def set_field(self, name: str, value: Value) -> None:
        """Remember what an attribute of some object made here may be."""
        self.fields[name] = self.fields.get(name, frozenset()) | value

    def bind(self, name: cst.Name, value: Value) -> None:
        """Bind a variable; a variable of the module is visible to everybody."""
        variable = self.variable(name)
        if variable[0] is None and not isinstance(self.frame.node, cst.Module):
            self.leak(name, value, f"stored in the global '{name.value}'")
        self.store[variable] = value

    def keep(self, node: cst.CSTNode, receiver_node: cst.CSTNode, receiver: Value, value: Value) -> None:
        """Note that a value is stored in an object: in a container of this function, or where others see it."""
        if not is_followed(value):
            return
        if any(tag is Plain.FRESH or (isinstance(tag, Shared) and tag.wraps > 0) for tag in receiver):
            self.add_to(receiver_node, wrapped(value))
        if Plain.OTHER in receiver or any(isinstance(tag, Part) for tag in receiver):
            self.leak(node, value, f"stored in {quoted(self.statement.source(node))}")

    def add_to(self, container: cst.CSTNode, value: Value) -> None:
        """Widen what the variable at the root of an expression may hold."""
        while isinstance(container, (cst.Attribute, cst.Subscript)):
            container = container.value
        if isinstance(container, cst.Name):
            variable = self.variable(container)
            self.store[variable] = self.store.get(variable, OTHER) | value


def _is_closure(tag: object) -> bool:
    return isinstance(tag, Closure)


def _defaults(parameters: cst.Parameters) -> list[cst.BaseExpression]:
    every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
    return [parameter.default for parameter in every if parameter.default is not None]


_EVALUATORS: dict[type[cst.CSTNode], Callable[[Any, Any], Value]] = {
    cst.Name: Expressions._name,
    cst.Attribute: Expressions._attribute,
    cst.Subscript: Expressions._subscript,
    cst.List: Expressions._display,
    cst.Tuple: Expressions._display,
    cst.Set: Expressions._display,
    cst.Dict: Expressions._display,
    cst.ListComp: Expressions._comprehension,
    cst.SetComp: Expressions._comprehension,
    cst.DictComp: Expressions._comprehension,
    cst.GeneratorExp: Expressions._comprehension,
    cst.BooleanOperation: Expressions._boolean,
    cst.IfExp: Expressions._conditional,
    cst.BinaryOperation: Expressions._binary,
    cst.Comparison: Expressions._comparison,
    cst.NamedExpr: Expressions._walrus,
    cst.StarredElement: Expressions._starred,
    cst.Await: Expressions._await,
    cst.Yield: Expressions._yield,
    cst.Lambda: Expressions._lambda,
    cst.Call: lambda self, node: self.call(node),
}

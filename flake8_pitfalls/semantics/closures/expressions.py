"""Where the followed closure goes in expressions: names, containers, comprehensions, closures around it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from flake8_pitfalls.semantics.closures.machine import Machine, variables_used
from flake8_pitfalls.semantics.closures.receivers import Maker, root_of
from flake8_pitfalls.semantics.closures.state import Level
from flake8_pitfalls.semantics.closures.values import (
    NOTHING,
    Code,
    Form,
    Held,
    Value,
    element,
    form_of,
    in_form,
    streams,
    wrapped,
)
from flake8_pitfalls.semantics.flow import operands
from flake8_pitfalls.semantics.graph import passes_of
from flake8_pitfalls.semantics.scopes import BindingKind
from flake8_pitfalls.semantics.walk import children
from flake8_pitfalls.semantics.wording import quoted

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_EXTENDING = frozenset({"extend", "extendleft"})
_Comprehension = cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp
_Function = cst.FunctionDef | cst.Lambda

_MICROSECONDS_A_CLOSURE = 5


class Expressions(Machine):
    """Evaluates expressions; calls are left to the subclasses."""

    _last_iterated: Value = NOTHING
    """What the comprehension that's being run iterates over."""

    @abstractmethod
    def call(self, node: cst.Call) -> Value:
        """Run a call."""

    def evaluate(self, node: cst.CSTNode) -> Value:
        """Run an expression in the current state and return what it may be."""
        evaluator = _EVALUATORS.get(type(node))
        if evaluator is not None:
            return evaluator(self, node)
        for child in children(node):
            self.evaluate(child)
        return NOTHING

    # -- making closures -----------------------------------------------------------------------------------------

    def make_closure(self, node: _Function | cst.GeneratorExp) -> Value:
        """The value of a lambda, function or generator expression, with what its defaults hold."""
        self.statement.module.spend(_MICROSECONDS_A_CLOSURE)
        held: Value = NOTHING
        if not isinstance(node, cst.GeneratorExp):
            for default in defaults_of(node.params):
                held |= in_form(self.reach(self.evaluate(default)), Form.OBJECT)
        if node is self.followed.node and self.creating:
            self.creating = False
            self.state.rebound = self.state.passed = False
            return held | {Held(self.followed.form, lazy=isinstance(node, cst.GeneratorExp))}
        if node in self.followed.nested and self.is_inside_followed():
            return held | {Held(form_of(node))}
        if self.uses_held(self.statement, node):
            held |= {Code(self.statement, node)}
        return held

    def uses_held(self, statement: TopLevelStatement, node: cst.CSTNode) -> bool:
        """Whether a function uses variables that hold the followed closure."""
        used = variables_used(statement, node)
        return any((scope, name.partition(".")[0].partition("[")[0]) in used for scope, name in self.state.store)

    def is_inside_followed(self) -> bool:
        """Whether the running code is that of the followed closure or of one made in it."""
        return any(frame.node is self.followed.node for frame in self.frames)

    def _lambda(self, node: cst.Lambda) -> Value:
        return self.make_closure(node)

    # -- names, attributes, subscripts ---------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Value:
        variable = self.variable(node)
        if variable == self.followed.variable and self.is_inside_followed():
            self.run_held(node, frozenset({Held(Form.CALLABLE)}))
        value = self.state.store.get(variable)
        return value if value is not None else self._function_named(node)

    def _function_named(self, node: cst.Name) -> Value:
        """A nested function, or a variable bound once to a lambda: code that may reach the followed closure."""
        scope = self.variable(node)[0]
        bindings = getattr(scope, "bindings", {}).get(node.value, ())
        if len(bindings) != 1 or bindings[0].kind not in {BindingKind.DEF, BindingKind.ASSIGNMENT}:
            return NOTHING
        made: cst.CSTNode | None = bindings[0].node
        if bindings[0].kind is BindingKind.ASSIGNMENT:
            assignment = self.statement.parents.get(self.statement.parents.get(bindings[0].node, node))
            made = assignment.value if isinstance(assignment, cst.Assign) else None
        if not isinstance(made, (cst.FunctionDef, cst.Lambda)) or made is self.followed.node:
            return NOTHING
        return frozenset({Code(self.statement, made)})

    def _attribute(self, node: cst.Attribute) -> Value:
        place = self.place(node)
        if place is not None and place in self.state.store:
            return self.state.store[place]
        value = self.evaluate(node.value)
        if node.attr.value == "__call__":
            return value
        if node.attr.value.startswith("__"):
            value = frozenset(tag for tag in value if tag.depth)
        objects = frozenset(
            tag for tag in value if isinstance(tag, Held) and tag.form in {Form.OBJECT, Form.CLASS} and not tag.depth
        )
        return element(value) | objects

    def _subscript(self, node: cst.Subscript) -> Value:
        place = self.place(node)
        if place is not None and place in self.state.store:
            return self.state.store[place]
        value = self.evaluate(node.value)
        sliced = False
        for index in node.slice:
            self.evaluate(index)
            sliced = sliced or isinstance(index.slice, cst.Slice)
        if sliced:
            return value
        self._use_parts(node, value)
        return element(value)

    def _use_parts(self, node: cst.CSTNode, value: Value) -> None:
        """Subscripting or iterating an object that isn't known may run what it holds; a defaultdict does."""
        self.run_held(
            node,
            frozenset(
                tag
                for tag in value
                if isinstance(tag, Held) and not tag.depth and tag.form in {Form.OBJECT, Form.FACTORY}
            ),
        )

    # -- displays ------------------------------------------------------------------------------------------------

    def _display(self, node: cst.List | cst.Tuple | cst.Set | cst.Dict) -> Value:
        value: Value = NOTHING
        for part in node.elements:
            if isinstance(part, (cst.StarredElement, cst.StarredDictElement)):
                value |= wrapped(self.iterate(part, self.evaluate(part.value)))
                continue
            if isinstance(part, cst.DictElement):
                value |= wrapped(self.evaluate(part.key))
            value |= wrapped(self.evaluate(part.value))
        return value

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.DictComp) -> Value:
        return self._collected(node)

    def _generator(self, node: cst.GeneratorExp) -> Value:
        """A generator expression that isn't followed is run where it stands: nearly all are used up at once."""
        first = self.evaluate(node.for_in.iter)
        if node is self.followed.node or node in self.followed.nested:
            return self.make_closure(node) | in_form(
                frozenset(tag for tag in first if isinstance(tag, Held) and tag.form is Form.ITERATOR),
                Form.ITERATOR,
                lazy=True,
            )
        lazy = in_form(
            frozenset(tag for tag in first if isinstance(tag, Held) and tag.form is Form.ITERATOR and not tag.depth),
            Form.ITERATOR,
            lazy=True,
        )
        if lazy:
            return lazy
        return self._collected(node, first)

    def _collected(self, node: _Comprehension, first: Value | None = None) -> Value:
        value = wrapped(self._clause(node, node.for_in, first))
        if value and self.state.way is None and self.reach(value):
            self.stored(node, "the comprehension's result")
        if self._binds_captured(node) and (self.reach(value) or self.state.escape is not None):
            if isinstance(node, cst.GeneratorExp) and value:
                return frozenset(tag._replace(stream=True) if isinstance(tag, Held) else tag for tag in value)
            # The closures made in all passes but the last one see the next value.
            self.make_stale()
        elif self._iterates_stream(node, value):
            self.make_stale()
        return value

    def _iterates_stream(self, node: _Comprehension, value: Value) -> bool:
        """Whether a comprehension collects what a generator made, all of it before anything is used."""
        if isinstance(node, cst.GeneratorExp) or not self.reach(value):
            return False
        return streams(self._last_iterated)

    def _binds_captured(self, node: _Comprehension) -> bool:
        """Whether the comprehension is the loop in which the closure was made and its variable is bound."""
        clause: cst.CompFor | None = node.for_in
        while clause is not None:
            if clause is self.followed.loop:
                return passes_of(clause.iter) is None
            clause = clause.inner_for_in
        return False

    def _clause(self, node: _Comprehension, clause: cst.CompFor, iterated: Value | None = None) -> Value:
        """Run a ``for`` clause and what's in it; returns what the elements may be."""
        columns = self.columns(clause.iter) if iterated is None else None
        if columns is not None and len(columns) == len(targets_of(clause.target)):
            for target, column in zip(targets_of(clause.target), columns, strict=True):
                self.assign(target, self.iterate(clause.iter, column))
        else:
            if iterated is None:
                iterated = self.evaluate(clause.iter)
            self._last_iterated = iterated
            self.assign(clause.target, self.iterate(clause.iter, iterated))
        for condition in clause.ifs:
            self.evaluate(condition.test)
        if clause.inner_for_in is not None:
            return self._clause(node, clause.inner_for_in)
        if isinstance(node, cst.DictComp):
            return self.evaluate(node.key) | self.evaluate(node.value)
        return self.evaluate(node.elt)

    def columns(self, node: cst.BaseExpression) -> list[Value] | None:
        """For ``zip(a, b)``, ``enumerate(a)`` and ``a.items()`` what each part of the elements is taken from."""
        if not isinstance(node, cst.Call) or any(argument.star or argument.keyword for argument in node.args):
            return None
        dotted = self.origin(node.func)
        if dotted == "builtins.zip":
            values = [self.evaluate(argument.value) for argument in node.args]
            return None if any(map(streams, values)) else values
        if dotted == "builtins.enumerate" and node.args:
            return [NOTHING, self.evaluate(node.args[0].value)]
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "items" and not node.args:
            return [NOTHING, self.evaluate(node.func.value)]
        return None

    def iterate(self, node: cst.CSTNode, value: Value) -> Value:
        """Use up an iterator, or go through a container; returns what the elements may be."""
        elements = element(value)
        for tag in value:
            if isinstance(tag, Held) and not tag.depth and tag.form in {Form.ITERATOR, Form.OBJECT}:
                self.run_held(node, frozenset({tag}))
                if any(not isinstance(inner, cst.GeneratorExp) for inner in self.followed.nested):
                    elements |= {Held(Form.CALLABLE)}
                elif self._yields_generators(self.followed.node):
                    elements |= {Held(Form.ITERATOR, lazy=True)}
            elif isinstance(tag, Held) and not tag.depth and tag.form is Form.WORK:
                self.finish()
            elif isinstance(tag, Code) and not tag.depth and isinstance(tag.node, cst.GeneratorExp):
                elements |= self.call_value(node, frozenset({tag}), [])
        return elements

    def _yields_generators(self, node: cst.CSTNode) -> bool:
        """Whether ``rows.extend(...)`` keeps generator expressions that the elements of another are, or hold."""
        passed = self.statement.parents.get(node)
        call = self.statement.parents.get(passed) if isinstance(passed, cst.Arg) else None
        if not isinstance(node, cst.GeneratorExp) or not isinstance(call, cst.Call):
            return False
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _EXTENDING:
            return False
        stack = [node.elt]
        while stack:
            part = stack.pop()
            if part in self.followed.nested:
                return True
            if isinstance(part, (cst.Tuple, cst.List)):
                stack += (element.value for element in part.elements)
            elif isinstance(part, cst.IfExp):
                stack += (part.body, part.orelse)
        return False

    # -- operators -----------------------------------------------------------------------------------------------

    def _boolean(self, node: cst.BooleanOperation) -> Value:
        value: Value = NOTHING
        for operand in operands(node):
            value |= self.evaluate(operand)
        return value

    def _conditional(self, node: cst.IfExp) -> Value:
        self.evaluate(node.test)
        return self.evaluate(node.body) | self.evaluate(node.orelse)

    def _binary(self, node: cst.BinaryOperation) -> Value:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(node.operator, cst.Modulo):
            return NOTHING
        return left | right

    def _comparison(self, node: cst.Comparison) -> Value:
        self.evaluate(node.left)
        for comparison in node.comparisons:
            value = self.evaluate(comparison.comparator)
            if isinstance(comparison.operator, (cst.In, cst.NotIn)):
                self.iterate(comparison.comparator, value)
        return NOTHING

    def _walrus(self, node: cst.NamedExpr) -> Value:
        value = self.evaluate(node.value)
        self.assign(node.target, value)
        return value

    def _starred(self, node: cst.StarredElement) -> Value:
        return self.iterate(node, self.evaluate(node.value))

    def _await(self, node: cst.Await) -> Value:
        value = self.evaluate(node.expression)
        held = [tag for tag in value if isinstance(tag, Held) and not tag.depth]
        self.run_held(node, frozenset(tag for tag in held if tag.form is not Form.WORK))
        if any(tag.form is Form.WORK for tag in held):
            self.finish()
        return NOTHING

    def _yield(self, node: cst.Yield) -> Value:
        if node.value is None:
            return NOTHING
        if isinstance(node.value, cst.From):
            value = self.iterate(node, self.evaluate(node.value.item))
        else:
            value = self.evaluate(node.value)
        if self.frame.outermost:
            self.escape(node, value, Level.RETAINED, "yield")
        else:
            self.frame.returned |= wrapped(value)
        return NOTHING

    # -- assignment ----------------------------------------------------------------------------------------------

    def assign(self, target: cst.CSTNode, value: Value) -> None:
        """Bind a target to a value: a name, attribute, subscript or a tuple of them."""
        if isinstance(target, cst.Name):
            self.bind(target, self.variable(target), value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            part = self.iterate(target, value)
            for item in target.elements:
                self.assign(item.value, wrapped(part) if isinstance(item, cst.StarredElement) else part)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, value)
        elif isinstance(target, (cst.Attribute, cst.Subscript)):
            self.store_into(target, value)

    def store_into(self, target: cst.Attribute | cst.Subscript, value: Value) -> None:
        """``object.attribute = value`` and ``container[key] = value``."""
        receiver = self.evaluate(target.value)
        if isinstance(target, cst.Subscript):
            for index in target.slice:
                self.evaluate(index)
        place = self.place(target)
        if not self.reach(value):
            if place is not None:
                self.state.put(place, NOTHING)
            return
        how = quoted(self.statement.source(target))
        if any(isinstance(tag, Held) and not tag.depth for tag in receiver) and isinstance(target, cst.Attribute):
            return  # An attribute of the followed closure itself.
        self.keep(target, target.value, value, how, place, overwrites=isinstance(target, cst.Attribute))

    def keep(
        self,
        node: cst.CSTNode,
        receiver: cst.CSTNode,
        value: Value,
        how: str,
        place: tuple[Any, str] | None = None,
        *,
        overwrites: bool = False,
    ) -> None:
        """A value is stored in an object: one of the running code, or one that others know."""
        root = root_of(receiver)
        if root is not None:
            variable = self.variable(root)
            maker = self.locals.maker(self.statement, variable)
            if maker in {Maker.CONTAINER, Maker.OBJECT} or (maker is Maker.RESULT and overwrites):
                self.add_to_object(node, variable, value, how)
                return
            if place is not None and self.is_stable(receiver):
                self.stored(node, how)
                self.state.put(place, value)
                return
        self.escape(node, value, Level.RETAINED, how)


def targets_of(target: cst.CSTNode) -> list[cst.BaseExpression]:
    """The parts of a tuple that is assigned to, if none of them is starred."""
    if not isinstance(target, (cst.Tuple, cst.List)):
        return []
    if any(isinstance(part, cst.StarredElement) for part in target.elements):
        return []
    return [part.value for part in target.elements]


def defaults_of(parameters: cst.Parameters) -> list[cst.BaseExpression]:
    """The default expressions of a function, which run when it's made."""
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
    cst.GeneratorExp: Expressions._generator,
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

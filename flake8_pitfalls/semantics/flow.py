"""The state of an analysis and the conditions that control it: which values are possible on which path."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.events import Event, Fate
from flake8_pitfalls.semantics.names import origin, owner
from flake8_pitfalls.semantics.runs import Runs, Trace
from flake8_pitfalls.semantics.store import Store, Variable, joined
from flake8_pitfalls.semantics.values import OTHER, Followed, Shared, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flake8_pitfalls.semantics.module import TopLevelStatement


@dataclass
class Frame:
    """One function that's being run."""

    statement: TopLevelStatement
    node: cst.CSTNode
    outermost: bool = False
    """Whether this is the function under analysis: what it returns or yields gets out."""
    callee: str = ""
    """The function of the same file that was called to get here."""
    returned: Value = frozenset()
    breaks: list[Store] = field(default_factory=list)
    continues: list[Store] = field(default_factory=list)


class State(ABC):
    """Variables, events and conditions; expressions and statements are run by the subclasses."""

    def __init__(self, followed: Followed, sources: Mapping[cst.CSTNode, Value] | None = None) -> None:
        self.followed = followed
        self.sources = sources or {}
        """Expressions that yield the followed object, such as the display that is multiplied."""
        self.store = Store()
        self.frames: list[Frame] = []
        self.events: dict[tuple[Fate, cst.CSTNode], Event] = {}
        self.handlers: list[Store | None] = []
        self.own_runs: dict[object, Runs] = {}
        self.trace = Trace()
        """What the function that's being run has done so far."""
        self.fields: dict[str, Value] = {}
        """What is stored in attributes, by their names: good enough for the objects that the analysed code makes."""

    @abstractmethod
    def evaluate(self, node: cst.CSTNode) -> Value:
        """Run an expression in the current store and return what it may be."""

    @property
    def frame(self) -> Frame:
        """The function that's being run."""
        return self.frames[-1]

    @property
    def statement(self) -> TopLevelStatement:
        """The top-level statement that holds the running code."""
        return self.frame.statement

    def origin(self, node: cst.CSTNode) -> str | None:
        """The dotted origin of an expression in the running code."""
        return origin(self.statement, node)

    def variable(self, name: cst.Name) -> Variable:
        """The variable that a name means."""
        statement = self.statement
        variable = statement.variables.get(name)
        if variable is None:
            variable = statement.variables[name] = owner(statement.scopes.scope_of(name), name.value), name.value
        self.trace.touched.add(variable)
        return variable

    def record(self, fate: Fate, node: cst.CSTNode, how: str = "") -> None:
        """Write down what happens at a node."""
        event = Event(fate, self.statement, node, how, self.frame.callee)
        self.events.setdefault((fate, node), event)
        self.trace.events.setdefault((fate, node), event)

    # -- conditions ----------------------------------------------------------------------------------------------

    def refined(self, test: cst.BaseExpression, store: Store | None, outcome: bool) -> Store | None:
        """The store on the path where ``test`` came out as ``outcome``; ``None`` if that can't happen.

        The followed object is never ``None``, and its truth is known while nothing has been put into it. A change
        makes the verdict by itself, so that paths opened by it needn't be followed.
        """
        if store is None:
            return None
        # LibCST's classes are abstract base classes, for which isinstance() is slow.
        if type(test) is cst.UnaryOperation and isinstance(test.operator, cst.Not):
            return self.refined(test.expression, store, not outcome)
        if type(test) is cst.BooleanOperation:
            return self._refined_boolean(test, store, outcome)
        constant = _constant_truth(test)
        if constant is None and self.origin(test) == "typing.TYPE_CHECKING":
            constant = False
        if constant is not None:
            return store if constant is outcome else None
        return self._refined_condition(test, store, outcome)

    def _refined_boolean(self, test: cst.BooleanOperation, store: Store, outcome: bool) -> Store | None:
        every = isinstance(test.operator, cst.And)
        path: Store | None = store
        if every is outcome:
            for operand in operands(test):
                path = self.refined(operand, path, outcome)
            return path
        ended: Store | None = None
        for operand in operands(test):
            ended = joined(ended, self.refined(operand, path, outcome))
            path = self.refined(operand, path, not outcome)
        return ended

    def _refined_condition(self, test: cst.BaseExpression, store: Store, outcome: bool) -> Store | None:
        subject, truth = self._truth_of_followed(test)
        if subject is None or truth is None or truth is outcome:
            return store
        variable = self.variable(subject)
        rest = store.get(variable, OTHER) - {Shared()}
        return store.updated(variable, rest) if rest else None

    def _truth_of_followed(self, test: cst.BaseExpression) -> tuple[cst.Name | None, bool | None]:
        """The variable that a condition tests, and how it comes out if that variable holds the followed object."""
        length = self.followed.levels[0].length
        if (name := _tested_name(test)) is not None:
            return name, None if length is None else length > 0
        if isinstance(test, cst.Call) and len(test.args) >= 1 and (name := _tested_name(test.args[0].value)):
            called = self.origin(test.func)
            if called in {"builtins.len", "builtins.bool"}:
                return name, None if length is None else length > 0
            if called == "builtins.isinstance" and len(test.args) == 2:
                return name, self._is_instance(test.args[1].value)
        if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
            return self._compared(test.left, test.comparisons[0])
        return None, None

    def _compared(self, left: cst.BaseExpression, target: cst.ComparisonTarget) -> tuple[cst.Name | None, bool | None]:
        operator, right = target.operator, target.comparator
        negated = isinstance(operator, (cst.IsNot, cst.NotEqual, cst.NotIn))
        length = self.followed.levels[0].length
        if type(operator) in _MEMBERSHIP:
            name = _tested_name(right)
            return name, (negated if length == 0 else None)
        for one, other in ((left, right), (right, left)):
            name = _tested_name(one)
            if name is not None and type(operator) in _SAMENESS:
                if isinstance(other, cst.Name) and other.value == "None":
                    return name, negated
                size = _display_length(other)
                if size is not None and isinstance(operator, (cst.Equal, cst.NotEqual)) and length is not None:
                    if size == length == 0:
                        return name, not negated
                    return name, negated if size != length else None
        if type(left) is cst.Call and len(left.args) == 1:
            name = _tested_name(left.args[0].value)
            called = self.origin(left.func)
            if called == "builtins.len":
                return name, _compare_length(length, operator, right)
            if called == "builtins.type" and isinstance(operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)):
                same = self._is_instance(right)
                return name, None if same is None else same is not negated
        return None, None

    def _is_instance(self, classes: cst.BaseExpression) -> bool | None:
        kind = self.followed.levels[0].kind
        if isinstance(classes, cst.Tuple):
            answers = [self._is_instance(element.value) for element in classes.elements]
        elif isinstance(classes, cst.BinaryOperation):
            answers = [self._is_instance(classes.left), self._is_instance(classes.right)]
        else:
            tested = self.origin(classes)
            if kind not in _UNRELATED or tested is None:
                return None
            return True if tested == kind else False if tested in _UNRELATED else None
        return True if True in answers else None if None in answers else False

    def is_exactly(self, value: Value, *, length: int) -> bool:
        """Whether a value is the followed object and nothing else, with a known length."""
        return value == frozenset({Shared()}) and self.followed.levels[0].length == length


_MEMBERSHIP = frozenset({cst.In, cst.NotIn})
_SAMENESS = frozenset({cst.Is, cst.IsNot, cst.Equal, cst.NotEqual})
_UNRELATED = frozenset(
    f"builtins.{name}"
    for name in (
        *("list", "dict", "set", "str", "bytes", "bytearray", "int", "float", "complex", "bool", "tuple"),
        "frozenset",
    )
)
"""Builtin types none of whose instances is an instance of another (but for ``bool`` and ``int``)."""


def operands(node: cst.BooleanOperation) -> list[cst.BaseExpression]:
    """``a``, ``b`` and ``c`` of ``a and b and c``, which LibCST nests to the left."""
    found: list[cst.BaseExpression] = []
    current: cst.BaseExpression = node
    while isinstance(current, cst.BooleanOperation) and isinstance(current.operator, type(node.operator)):
        found.append(current.right)
        current = current.left
    return [current, *reversed(found)]


def _tested_name(node: cst.CSTNode) -> cst.Name | None:
    if type(node) is cst.NamedExpr:
        node = node.target
    return node if type(node) is cst.Name and node.value not in {"True", "False", "None"} else None


def _constant_truth(node: cst.BaseExpression) -> bool | None:
    if type(node) is cst.Name:
        return node.value == "True" if node.value in {"True", "False", "None"} else None
    if type(node) is cst.Integer:
        return node.evaluated_value != 0
    return None


def _display_length(node: cst.BaseExpression) -> int | None:
    if isinstance(node, (cst.List, cst.Dict, cst.Set)):
        plain = all(isinstance(element, (cst.Element, cst.DictElement)) for element in node.elements)
        return len(node.elements) if plain else None
    return None


def _compare_length(length: int | None, operator: cst.BaseCompOp, right: cst.BaseExpression) -> bool | None:
    if length is None or not isinstance(right, cst.Integer):
        return None
    number = right.evaluated_value
    outcomes: dict[type[cst.BaseCompOp], bool] = {
        cst.GreaterThan: length > number,
        cst.GreaterThanEqual: length >= number,
        cst.LessThan: length < number,
        cst.LessThanEqual: length <= number,
        cst.Equal: length == number,
        cst.NotEqual: length != number,
    }
    return outcomes.get(type(operator))

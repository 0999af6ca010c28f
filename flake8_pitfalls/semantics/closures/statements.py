"""Runs the pieces of code that a control-flow graph is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from flake8_pitfalls.semantics.closures.decorators import Decorators
from flake8_pitfalls.semantics.closures.expressions import targets_of
from flake8_pitfalls.semantics.closures.state import Level
from flake8_pitfalls.semantics.closures.values import (
    NOTHING,
    Form,
    Held,
    Value,
    Variable,
    element,
    in_form,
    streams,
    wrapped,
)
from flake8_pitfalls.semantics.graph import Kind, Node
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.walk import walk


class Statements(Decorators):
    """Runs statements, conditions and the heads of compound statements."""

    def run_piece(self, node: Node) -> None:
        """Run one piece of code in the current state."""
        runner = _RUNNERS.get(node.kind)
        if runner is not None:
            runner(self, node.node)

    def _statement(self, node: cst.CSTNode) -> None:
        runner = _STATEMENTS.get(type(node))
        if runner is None:
            self.evaluate(node)
        else:
            runner(self, node)

    def _result(self, node: cst.CSTNode) -> None:
        value = self.evaluate(node)
        if self.frame.outermost:
            self.escape(node, value, Level.RETAINED, "the result")
        else:
            self.frame.returned |= value

    def _test(self, node: cst.CSTNode) -> None:
        self.evaluate(node)

    def _iterable(self, node: cst.For) -> None:
        columns = self.columns(node.iter)
        for number, column in enumerate(columns or ()):
            self.put((node, f"column {number}"), column)
        iterated = frozenset().union(*map(wrapped, columns)) if columns else self.evaluate(node.iter)
        self.put((node, "iterator"), iterated)
        if any(isinstance(tag, Held) and tag.depth for tag in iterated):
            self.state.facts[loop_fact(node)] = True

    def _target(self, node: cst.For) -> None:
        iterated = self.state.store.get((node, "iterator"), NOTHING)
        self.state.facts.pop(loop_fact(node), None)
        if (node, "pulled") in self.state.store:
            # The generator that made the closure goes on.
            self.make_stale()
        if streams(iterated):
            self.put((node, "iterator"), frozenset(tag for tag in iterated if not streams(frozenset({tag}))))
            self.put((node, "pulled"), iterated)
        columns = [self.state.store.get((node, f"column {n}"), NOTHING) for n in range(len(targets_of(node.target)))]
        if any(columns):
            for target, column in zip(targets_of(node.target), columns, strict=True):
                self.assign(target, self.iterate(node.iter, column))
        else:
            self.assign(node.target, self.iterate(node.iter, iterated))

    def _enter_context(self, item: cst.WithItem) -> None:
        owner: Variable = (item, "context")
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            owner = self.variable(item.asname.name)
        self.scoped = owner
        value = self.evaluate(item.item)
        self.scoped = None
        self.run_held(item, frozenset(tag for tag in value if not tag.depth))
        if item.asname is None:
            self.state.put((item, "context"), value)
        else:
            self.assign(item.asname.name, value)

    def _leave_context(self, item: cst.WithItem) -> None:
        self.run_held(item, self.state.store.get((item, "context"), NOTHING))
        self.state.put((item, "context"), NOTHING)
        self.leave_context((item, "context"))
        if item.asname is not None and isinstance(item.asname.name, cst.Name):
            variable = self.variable(item.asname.name)
            # Leaving the block may run what its object holds.
            self.run_held(item, self.state.store.pop(variable, NOTHING))
            self.leave_context(variable)
        elif isinstance(item.item, cst.Name):
            self.leave_context(self.variable(item.item))

    def _subject(self, node: cst.Match) -> None:
        self.put((node, "subject"), self.evaluate(node.subject))

    def _case(self, node: cst.MatchCase) -> None:
        match = self.statement.parents.get(node)
        subject = self.state.store.get((match, "subject"), NOTHING) if match is not None else NOTHING
        held = subject | element(subject)
        for part in walk(node.pattern):
            name = getattr(part, "name", None) or getattr(part, "rest", None)
            if isinstance(part, (cst.MatchAs, cst.MatchStar, cst.MatchMapping)) and isinstance(name, cst.Name):
                self.assign(name, held)

    def _caught(self, node: cst.ExceptHandler) -> None:
        raised = self.state.store.pop(_RAISED, NOTHING)
        if node.type is not None:
            self.evaluate(node.type)
        if node.name is not None:
            self.assign(node.name.name, raised)

    def _raise(self, node: cst.Raise) -> None:
        if node.exc is not None:
            self.put(_RAISED, self.evaluate(node.exc))

    def _unbind(self, node: cst.ExceptHandler) -> None:
        if node.name is not None:
            self.assign(node.name.name, NOTHING)

    def _define(self, node: cst.FunctionDef) -> None:
        value = self.make_closure(node)
        for decorator in reversed(node.decorators):
            value = self.decorated(decorator, value)
        self.bind(node, self._variable_of(node, node.name), value)

    def _variable_of(self, node: cst.CSTNode, name: cst.Name) -> Variable:
        """The variable that a definition or import binds."""
        scope = self.statement.scopes.scope_of(node)
        return owner(scope, name.value), scope.stored_name(name.value)

    def _class(self, node: cst.ClassDef) -> None:
        for argument in (*node.bases, *node.keywords):
            self.evaluate(argument.value)

    def _class_end(self, node: cst.ClassDef) -> None:
        scope = self.statement.scopes.scope_for(node)
        held: Value = NOTHING
        for variable in [variable for variable in self.state.store if variable[0] is scope]:
            held |= self.state.store.pop(variable)
        value = in_form(self.reach(held), Form.CLASS)
        for decorator in reversed(node.decorators):
            value = self.decorated(decorator, value)
        self.bind(node, self._variable_of(node, node.name), value)

    # -- simple statements ---------------------------------------------------------------------------------------

    def _assign(self, node: cst.Assign) -> None:
        if isinstance(node.value, cst.Tuple) and all(
            isinstance(target.target, cst.Tuple) and _pairs(target.target, node.value) for target in node.targets
        ):
            values = [self.evaluate(part.value) for part in node.value.elements]
            for target in node.targets:
                assert isinstance(target.target, cst.Tuple)
                for part, value in zip(target.target.elements, values, strict=True):
                    self.assign(part.value, value)
            return
        value = self.evaluate(node.value)
        for target in node.targets:
            self.assign(target.target, value)

    def _annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))

    def _augmented(self, node: cst.AugAssign) -> None:
        value = self.evaluate(node.value)
        drained = self.iterate(node, value) if isinstance(node.operator, cst.AddAssign) else element(value)
        if self.reach(drained):
            self.keep(node, node.target, drained, "+=")
        if isinstance(node.target, cst.Name):
            self.bind(
                node.target, self.variable(node.target), self.state.store.get(self.variable(node.target), NOTHING)
            )

    def _return(self, node: cst.Return) -> None:
        if node.value is None:
            return
        value = self.evaluate(node.value)
        if self.frame.outermost:
            self.escape(node, value, Level.RETAINED, "return")
        else:
            self.frame.returned |= value

    def _delete(self, node: cst.Del) -> None:
        parts = [part.value for part in node.target.elements] if isinstance(node.target, cst.Tuple) else [node.target]
        for part in parts:
            self.assign(part, NOTHING)
            if isinstance(part, cst.Subscript) and isinstance(part.value, cst.Name) and _is_whole(part):
                self.put(self.variable(part.value), NOTHING)

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name: cst.BaseExpression = alias.asname.name if alias.asname is not None else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            if isinstance(name, cst.Name):
                self.bind(alias, self._variable_of(alias, name), NOTHING)


_RAISED: Variable = (None, "\0raised")
"""Where an exception that is on its way holds the closure."""


def _is_whole(node: cst.Subscript) -> bool:
    """``x[:]``."""
    index = node.slice[0].slice
    return len(node.slice) == 1 and isinstance(index, cst.Slice) and index.lower is None and index.upper is None


def loop_fact(node: cst.CSTNode) -> str:
    """The name of the fact that a loop hasn't yet come to the followed closure."""
    return f"\0loop {id(node)}"


def _pairs(target: cst.Tuple, value: cst.Tuple) -> bool:
    plain = all(isinstance(part, cst.Element) for part in (*target.elements, *value.elements))
    return plain and len(target.elements) == len(value.elements)


_RUNNERS: dict[Kind, Callable[[Any, Any], None]] = {
    Kind.STATEMENT: Statements._statement,
    Kind.RESULT: Statements._result,
    Kind.ITERABLE: Statements._iterable,
    Kind.TARGET: Statements._target,
    Kind.TEST: Statements._test,
    Kind.ENTER: Statements._enter_context,
    Kind.LEAVE: Statements._leave_context,
    Kind.SUBJECT: Statements._subject,
    Kind.CASE: Statements._case,
    Kind.CAUGHT: Statements._caught,
    Kind.UNBIND: Statements._unbind,
    Kind.DEFINE: Statements._define,
    Kind.CLASS: Statements._class,
    Kind.CLASS_END: Statements._class_end,
}
_STATEMENTS: dict[type[cst.CSTNode], Callable[[Any, Any], None]] = {
    cst.Assign: Statements._assign,
    cst.AnnAssign: Statements._annotated,
    cst.AugAssign: Statements._augmented,
    cst.Return: Statements._return,
    cst.Raise: Statements._raise,
    cst.Del: Statements._delete,
    cst.Import: Statements._import,
    cst.ImportFrom: Statements._import,
}

"""Runs simple statements: assignments, returns, deletions and the like."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import libcst as cst

from flake8_pitfalls.semantics.calls import Calls
from flake8_pitfalls.semantics.store import joined
from flake8_pitfalls.semantics.values import OTHER, Plain, Shared, Value, is_followed

Body = Sequence[cst.BaseStatement] | Sequence[cst.BaseSmallStatement]


class SimpleStatements(Calls):
    """Runs what fits on one line."""

    @abstractmethod
    def run_block(self, body: Body) -> bool:
        """Run statements in order; whether control reaches the end."""

    def note_exception(self) -> None:
        """Anything may raise: the handlers of the innermost ``try`` see the store as it is here."""
        if self.handlers:
            self.handlers[-1] = joined(self.handlers[-1], self.store.copy())

    def _line(self, node: cst.SimpleStatementLine | cst.SimpleStatementSuite) -> bool:
        return self.run_block(node.body)

    def _expression(self, node: cst.Expr) -> None:
        self.evaluate(node.value)

    def _assign(self, node: cst.Assign) -> None:
        value = self.evaluate(node.value)
        for target in node.targets:
            if isinstance(target.target, cst.Tuple) and isinstance(node.value, cst.Tuple):
                self._assign_pairwise(target.target, node.value, value)
            else:
                self.assign(target.target, value)

    def _assign_pairwise(self, target: cst.Tuple, source: cst.Tuple, value: Value) -> None:
        """``a, b = x, y`` without mixing up which is which."""
        plain = all(isinstance(element, cst.Element) for element in (*target.elements, *source.elements))
        if not plain or len(target.elements) != len(source.elements):
            self.assign(target, value)
            return
        values = [self.evaluate(element.value) for element in source.elements]
        for element, part in zip(target.elements, values, strict=True):
            self.assign(element.value, part)

    def _annotated(self, node: cst.AnnAssign) -> None:
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))

    def _augmented(self, node: cst.AugAssign) -> None:
        target = node.target
        before = self.evaluate(target)
        value = self.evaluate(node.value)
        mutable = frozenset(tag for tag in before if isinstance(tag, Shared) and tag.wraps == 0)
        self.change(node, mutable)
        self.iterate(node, value)
        if isinstance(target, (cst.Attribute, cst.Subscript)):
            self._change_part(node, target)
        held = self.followed.copy(value) - {Plain.FRESH, Plain.OTHER}
        if held and is_followed(held):
            self.keep(node, target, before, self.followed.element(held))
            if isinstance(target, (cst.Attribute, cst.Subscript)):
                self.leak(node, held, "added to something else")

    def _return(self, node: cst.Return) -> bool:
        if node.value is not None:
            value = self.evaluate(node.value)
            if self.frame.outermost:
                self.leak(node, value, "returned")
            else:
                self.frame.returned |= value
        return False

    def _raise(self, node: cst.Raise) -> bool:
        if node.exc is not None:
            value = self.evaluate(node.exc)
            if self.frame.outermost:
                self.leak(node, value, "raised with an exception")
        self.note_exception()
        return False

    def _assert(self, node: cst.Assert) -> bool:
        self.evaluate(node.test)
        path = self.refined(node.test, self.store, True)
        if path is None:
            return False
        self.store = path.copy()
        return True

    def _delete(self, node: cst.Del) -> None:
        deleted: list[cst.BaseExpression] = [node.target]
        if isinstance(node.target, cst.Tuple):
            deleted = [element.value for element in node.target.elements]
        for part in deleted:
            if isinstance(part, cst.Name):
                self.store[self.variable(part)] = OTHER
            elif isinstance(part, (cst.Subscript, cst.Attribute)):
                self._change_part(node, part)

    def _change_part(self, node: cst.CSTNode, target: cst.Attribute | cst.Subscript) -> None:
        receiver = self.evaluate(target.value)
        self.change(node, self.with_attributes(receiver) if isinstance(target, cst.Attribute) else receiver)

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name: cst.BaseExpression = alias.asname.name if alias.asname is not None else alias.name
            while isinstance(name, cst.Attribute):
                name = name.value
            if isinstance(name, cst.Name):
                self.store[self.variable(name)] = OTHER

    def _break(self, _: cst.Break) -> bool:
        self.frame.breaks.append(self.store.copy())
        return False

    def _continue(self, _: cst.Continue) -> bool:
        self.frame.continues.append(self.store.copy())
        return False

"""Conditions whose outcome is known: on every way to a piece of code, and on the way that is being followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.closures.knowledge import Condition
from flake8_pitfalls.semantics.closures.receivers import Maker, made_by
from flake8_pitfalls.semantics.closures.statements import Statements, loop_fact
from flake8_pitfalls.semantics.graph import Graph, Kind, Node, constant_truth
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.closures.knowledge import Knowledge


class Facts(Statements):
    """Knows conditions by their text, as long as nothing binds the variables in it."""

    knowledge: Knowledge

    def facts_at_start(self, made: Node) -> dict[str, bool]:
        """The conditions under which the closure is made."""
        facts = dict(self._known_facts().get(made, {}))
        parents = self.statement.parents
        child: cst.CSTNode = self.followed.node
        node = parents.get(child)
        while node is not None and node is not self.frame.node and not isinstance(node, cst.FunctionDef):
            if isinstance(node, cst.If) and child is not node.test:
                fact = self._fact_of(node.test)
                if fact is not None and not any(
                    self.is_bound_in_loop(self.variable(name)) for name in walk(node.test) if isinstance(name, cst.Name)
                ):
                    facts[fact[0]] = fact[1] is (child is node.body)
            child, node = node, parents.get(node)
        return facts

    def _known_facts(self) -> dict[Node, dict[str, bool]]:
        """For each piece of code, the conditions that hold on every way to it."""
        graph = self.graph_of(self.statement, self.frame.node)
        known = self.knowledge.facts.get(graph)
        if known is None:
            known = self.knowledge.facts[graph] = self._find_facts(graph)
        return known

    def _find_facts(self, graph: Graph) -> dict[Node, dict[str, bool]]:
        bound = self._names_bound(graph)
        found: dict[Node, dict[str, bool]] = {graph.entry: {}}
        work = [graph.entry]
        while work:
            node = work.pop()
            facts = found[node]
            self.statement.module.spend(10 + len(facts))
            killed = bound.get(node, frozenset())
            if killed:
                facts = {text: truth for text, truth in facts.items() if killed.isdisjoint(text.split("\0")[1:])}
            facts = {**facts, **self._facts_made_by(node)}
            fact = self._fact_of(node.node) if node.kind is Kind.TEST else None
            for successor, outcome in (*node.successors, *((handler, None) for handler in node.raises_to)):
                given = facts
                if fact is not None and outcome is not None:
                    given = {**facts, fact[0]: outcome is fact[1]}
                earlier = found.get(successor)
                joined = given if earlier is None else {k: v for k, v in earlier.items() if given.get(k) is v}
                if earlier is None or len(joined) < len(earlier):
                    found[successor] = dict(joined)
                    work.append(successor)
        return found

    def _facts_made_by(self, node: Node) -> dict[str, bool]:
        """``session = Session()``: from now on ``session is None`` is false."""
        assignment = node.node
        if node.kind is not Kind.STATEMENT or not isinstance(assignment, (cst.Assign, cst.AnnAssign)):
            return {}
        truth = constant_truth(assignment.value) if assignment.value is not None else None
        if truth is not None and not isinstance(assignment, cst.AnnAssign):
            names = [target.target.value for target in assignment.targets if isinstance(target.target, cst.Name)]
            return {self._text_of(name, [name]): truth for name in names}
        if assignment.value is None or made_by(self.statement, assignment.value) not in {
            Maker.OBJECT,
            Maker.CONTAINER,
        }:
            return {}
        targets = (
            [target.target for target in assignment.targets]
            if isinstance(assignment, cst.Assign)
            else [assignment.target]
        )
        if isinstance(assignment.value, cst.Name):
            return {}
        names = [target.value for target in targets if isinstance(target, cst.Name)]
        return {self._text_of(f"{name} is None", sorted({name, "None"})): False for name in names}

    def _text_of(self, condition: str, names: list[str]) -> str:
        """What a condition is known by: the function that it stands in, and its text."""
        return "\0".join([f"{id(self.frame.node)} {condition}", *names])

    def _names_bound(self, graph: Graph) -> dict[Node, frozenset[str]]:
        """The names that each piece of code binds."""
        found: dict[Node, set[str]] = {}
        scopes = [self.statement.scopes.scope_for(self.frame.node)]
        for scope in scopes:
            scopes.extend(child for child in scope.children if child.kind in {ScopeKind.CLASS, ScopeKind.COMPREHENSION})
            for name in scope.assigned_names:
                for binding in (scope.lookup(name) or scope).bindings.get(name, ()):
                    if binding.scope is scope:
                        for node in graph.nodes_with(binding.node, self.statement.parents):
                            found.setdefault(node, set()).add(name)
        return {node: frozenset(names) for node, names in found.items()}

    def fact_after(self, node: Node) -> tuple[str, bool] | None:
        """The text of a condition that stays as it is while its variables do, and whether it isn't negated."""
        if node.kind is Kind.HEAD:
            # A loop over a container that holds the closure has a pass in which it gets it.
            text = loop_fact(node.node)
            return (text, True) if text in self.state.facts else None
        if node.kind is not Kind.TEST:
            return None
        return self._fact_of(node.node)

    def _fact_of(self, test: cst.CSTNode) -> tuple[str, bool] | None:
        if isinstance(test, cst.Assert):
            test = test.test
        sense = True
        while isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            test, sense = test.expression, not sense
        known = self.knowledge.conditions
        if test not in known:
            known[test] = self._plain_condition(test)
        condition = known[test]
        if condition is None:
            return None
        if not condition.tests_identity and any(map(self._may_change_in_place, condition.names)):
            return None
        return self._text_of(condition.code, sorted({name.value for name in condition.names})), sense

    def _plain_condition(self, test: cst.CSTNode) -> Condition | None:
        """What a condition consists of, if its outcome depends on variables alone."""
        parts = list(walk(test))
        names = [part for part in parts if isinstance(part, cst.Name)]
        if not names or not all(isinstance(part, _PLAIN) for part in parts):
            return None
        return Condition(" ".join(self.statement.source(test).split()), names, _tests_identity(test))

    def _may_change_in_place(self, name: cst.Name) -> bool:
        """Whether the object of a variable is used in a way that may change its truth."""
        scope, own = self.variable(name)
        known = self.knowledge.changing.get((scope, own))
        if known is None:
            known = self.knowledge.changing[(scope, own)] = self._is_changed_in_place(scope, own)
        return known

    def _is_changed_in_place(self, scope: object, own: str) -> bool:
        if isinstance(scope, Scope):
            reads = scope.reads.get(own, [])
        else:  # A variable of the module.
            scopes = self.statement.scopes.scope_for(self.frame.node).with_inner()
            reads = [read for one in scopes if own in one.reads and not owner(one, own) for read in one.reads[own]]
        parents = self.statement.parents
        return any(
            isinstance(parent := parents.get(read), (cst.Attribute, cst.Subscript, cst.Arg))
            and getattr(parent, "attr", None) is not read
            for read in reads
        )


def _tests_identity(test: cst.CSTNode) -> bool:
    """``x is None``: what's done to the object of ``x`` doesn't change that."""
    return isinstance(test, cst.Comparison) and all(
        isinstance(part.operator, (cst.Is, cst.IsNot)) for part in test.comparisons
    )


_PLAIN = (
    *(cst.Name, cst.Comparison, cst.ComparisonTarget, cst.Integer, cst.SimpleString, cst.BooleanOperation),
    *(cst.UnaryOperation, cst.BinaryOperation),
)
"""Of what a condition may consist for its outcome to depend on variables alone."""

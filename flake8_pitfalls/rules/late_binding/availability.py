"""Whether a variable has its final value of the iteration when a closure is made."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.late_binding.order import is_bound_in_front, may_be_bound_after
from flake8_pitfalls.semantics.graph import Graph, Kind, Node
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.late_binding.captures import Capture
    from flake8_pitfalls.semantics.module import TopLevelStatement

_NO_VALUE = frozenset({BindingKind.DELETE, BindingKind.ANNOTATION})


def is_bound_later(statement: TopLevelStatement, capture: Capture, graph: Graph) -> bool:
    """Whether the pass of the loop may bind the variable again after it has made the closure."""
    if not may_be_bound_after(statement, capture):
        return False
    made = graph.nodes_with(capture.closure, statement.parents)
    nodes = _binding_nodes(statement, capture, graph)
    if _is_bound_after_in_expression(statement, capture, made, nodes):
        return True
    seen: set[Node] = set()
    stack = [successor for node in made for successor in node.following()]
    while stack:
        node = stack.pop()
        if node in seen or _ends_pass(statement, capture, node):
            continue
        seen.add(node)
        if node in nodes:
            return True
        stack.extend(node.following())
    return False


def _binding_nodes(statement: TopLevelStatement, capture: Capture, graph: Graph) -> dict[Node, list[Binding]]:
    """The pieces of code that give the variable a value, and the bindings in them."""
    found: dict[Node, list[Binding]] = {}
    for binding in capture.scope.bindings.get(capture.name, []):
        if binding.kind in _NO_VALUE or binding.kind is BindingKind.PARAMETER:
            continue
        for node in graph.nodes_with(_code_that_binds(statement, binding), statement.parents):
            if node.kind not in {Kind.NOTHING, Kind.LEAVE}:
                found.setdefault(node, []).append(binding)
    return found


def _code_that_binds(statement: TopLevelStatement, binding: Binding) -> cst.CSTNode:
    """For ``except E as x`` the handler: its name stands for the unbinding at the end."""
    node = binding.node
    while binding.kind is BindingKind.EXCEPT and not isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
        node = statement.parents[node]
    return node


def _is_bound_after_in_expression(
    statement: TopLevelStatement, capture: Capture, made: list[Node], nodes: dict[Node, list[Binding]]
) -> bool:
    """``x = f(lambda: x)``: the statement that makes the closure binds the variable afterwards."""
    start = statement.span(capture.closure)[0]
    for node in made:
        for binding in nodes.get(node, ()):
            if binding.node is capture.closure:
                continue
            if binding.kind is BindingKind.FOR or _is_in_clause(statement, binding.node, capture.closure):
                continue
            if binding.kind is not BindingKind.WALRUS or statement.span(binding.node)[0] > start:
                return True
    return False


def _is_in_clause(statement: TopLevelStatement, node: cst.CSTNode, closure: cst.CSTNode) -> bool:
    """Whether a clause of the comprehension around a closure binds a name: it runs before the element."""
    around: list[cst.CSTNode] = []
    current: cst.CSTNode | None = node
    while current is not None:
        if isinstance(current, cst.CompFor):
            around.append(current)
        current = statement.parents.get(current)
    if not around:
        return False
    comprehension: cst.CSTNode | None = around[-1]
    while isinstance(comprehension, cst.CompFor):
        comprehension = statement.parents.get(comprehension)
    child: cst.CSTNode = closure
    current = statement.parents.get(closure)
    while current is not None and current is not comprehension:
        child, current = current, statement.parents.get(current)
    return current is not None and not isinstance(child, cst.CompFor)


def _ends_pass(statement: TopLevelStatement, capture: Capture, node: Node) -> bool:
    known: dict[tuple[cst.CSTNode, Node], bool] = statement.memo.setdefault("ends of passes", {})
    key = capture.innermost.node, node
    if key not in known:
        known[key] = _is_outside_pass(statement, *key)
    return known[key]


def _is_outside_pass(statement: TopLevelStatement, loop: cst.CSTNode, node: Node) -> bool:
    if node.node is loop or (isinstance(loop, cst.While) and node.node is loop.test):
        return True
    current: cst.CSTNode | None = node.node
    while current is not None and current is not loop:
        current = statement.parents.get(current)
    return current is None


def is_surely_bound(statement: TopLevelStatement, capture: Capture, graph: Graph) -> bool:
    """Whether the variable has a value on every way to the closure."""
    if capture.scope.kind is ScopeKind.COMPREHENSION or is_bound_in_front(statement, capture):
        return True
    bindings = capture.scope.bindings.get(capture.name, [])
    given = any(binding.kind is BindingKind.PARAMETER for binding in bindings) or _is_bound_outside(statement, capture)
    nodes = _binding_nodes(statement, capture, graph)
    certain = {
        node
        for node, found in nodes.items()
        if any(_surely_runs(statement, binding, capture.closure) for binding in found)
    }
    made = graph.nodes_with(capture.closure, statement.parents)
    start = statement.span(capture.closure)[0]
    unbound = _unbound(statement, capture, graph, certain, given=given)
    for node in made:
        before = any(
            binding.kind is BindingKind.WALRUS
            and _surely_runs(statement, binding, capture.closure)
            and (statement.span(binding.node)[0] < start or _is_in_clause(statement, binding.node, capture.closure))
            for binding in nodes.get(node, ())
        )
        if node in unbound and not before:
            return False
    return True


def _unbound(
    statement: TopLevelStatement, capture: Capture, graph: Graph, certain: set[Node], *, given: bool
) -> set[Node]:
    """The nodes that a way leads to on which the variable has no value."""
    known: dict[tuple[object, ...], set[Node]] = statement.memo.setdefault("unbound", {})
    key = graph, capture.scope, capture.name, given, frozenset(certain)
    if key not in known:
        unbound = known[key] = set()
        stack = [*(() if given else (graph.entry,)), *_unbinding_successors(statement, capture, graph)]
        while stack:
            node = stack.pop()
            if node not in unbound:
                unbound.add(node)
                stack.extend(node.raises_to if node in certain else node.following())
    return known[key]


def _surely_runs(statement: TopLevelStatement, binding: Binding, closure: cst.CSTNode) -> bool:
    """Whether ``x := ...`` runs whenever its statement does, or whenever the closure in the same expression is made."""
    if binding.kind is not BindingKind.WALRUS:
        return True
    around_closure: set[cst.CSTNode] = set()
    node: cst.CSTNode | None = closure
    while node is not None:
        around_closure.add(node)
        node = statement.parents.get(node)
    child: cst.CSTNode = binding.node
    node = statement.parents.get(child)
    while node is not None and not isinstance(node, cst.BaseStatement):
        if isinstance(node, cst.CompFor) and _is_in_clause(statement, binding.node, closure):
            return True
        if node in around_closure and not _is_optional(node, child):
            return True
        if isinstance(node, cst.BooleanOperation) and node in around_closure and isinstance(node.operator, cst.And):
            return True
        if _is_optional(node, child):
            return False
        child, node = node, statement.parents.get(node)
    return True


def _is_optional(node: cst.CSTNode, child: cst.CSTNode) -> bool:
    """Whether an expression may be evaluated without one of its parts."""
    if isinstance(node, cst.BooleanOperation):
        return child is node.right
    if isinstance(node, cst.IfExp):
        return child is not node.test
    if isinstance(node, cst.Comparison):
        return child in node.comparisons[1:]
    if isinstance(node, cst.CompFor):
        return child is not node.iter
    return isinstance(node, (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Lambda)) and (
        child is not getattr(node, "for_in", None)
    )


def _is_bound_outside(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether a variable of the module, or of a function around this one, got its value elsewhere before."""
    if capture.scope.kind is ScopeKind.MODULE:
        earlier = statement.module.facts.bindings.get(capture.name, [])
        first = min(node.lineno for node in statement.nodes)
        before = [binding.node for binding in earlier if getattr(binding.node, "lineno", first) < first]
        return any(node in statement.module.tree.body for node in before) and not any(
            isinstance(node, ast.Delete) for node in before
        )
    if capture.scope is statement.scopes.scope_for(capture.frame):
        return False
    start = statement.span(capture.frame)[0]
    own = [binding for binding in capture.scope.bindings.get(capture.name, []) if binding.scope is capture.scope]
    return any(
        binding.kind is BindingKind.PARAMETER or statement.span(binding.node)[0] < start for binding in own
    ) and not any(binding.kind is BindingKind.DELETE for binding in own)


def _unbinding_successors(statement: TopLevelStatement, capture: Capture, graph: Graph) -> list[Node]:
    """What comes after ``del x`` and after the end of ``except ... as x``."""
    found: list[Node] = []
    for binding in capture.scope.bindings.get(capture.name, []):
        if binding.kind in {BindingKind.DELETE, BindingKind.EXCEPT}:
            for node in graph.nodes_with(binding.node, statement.parents):
                found.extend(node.following())
    return found

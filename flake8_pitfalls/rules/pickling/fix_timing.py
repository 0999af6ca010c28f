"""When captured variables get their values: before the functions that read them are used, and only once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.hoist_refusals import is_below
from flake8_pitfalls.semantics.graph import Graph, Kind, Node
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_captures import Variable
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Timing:
    """Whether a captured variable has its value, and only one, when functions that read it are handed over."""

    def __init__(self, statement: TopLevelStatement, variable: Variable) -> None:
        self.statement = statement
        self.variable = variable
        self._bindings = [
            binding for binding in variable.bindings if binding.kind not in {BindingKind.ANNOTATION, BindingKind.DELETE}
        ]

    def is_settled(self, place: cst.CSTNode) -> bool:
        """Whether its only binding comes before a place, whenever the place is reached."""
        if len(self.variable.bindings) != 1:
            return False
        binding = self._bindings[0] if self._bindings else None
        if binding is None or binding.scope is not self.variable.owner:
            return False
        if binding.kind is BindingKind.PARAMETER:
            return True
        block, looping = self._block(binding.node)
        order = self.statement.order
        return not looping and order[binding.node] < order[place] and is_below(self.statement, place, block)

    def _block(self, node: cst.CSTNode) -> tuple[cst.CSTNode, bool]:
        """The block whose running means that a statement in it runs, and whether a loop is around."""
        looping = False
        block: cst.CSTNode | None = None
        parents = self.statement.parents
        parent = parents.get(node)
        while parent is not None and parent is not self.variable.owner.node:
            if isinstance(parent, (cst.For, cst.While, cst.CompFor)):
                looping = True
            if block is None and isinstance(parent, (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler)):
                block = parent
            if block is None and isinstance(parent, (cst.Try, cst.MatchCase, cst.With, cst.IfExp)):
                block = parent if not isinstance(parent, cst.With) else None
            parent = parents.get(parent)
        return block or self.variable.owner.node, looping

    def is_unbound(self, place: cst.CSTNode) -> bool:
        """Whether a place may be reached before the variable is bound: there would be no value to hand over."""
        if any(binding.kind is BindingKind.PARAMETER for binding in self._bindings):
            return False
        if self.variable.owner.kind is ScopeKind.COMPREHENSION:
            return False
        owner = self.variable.owner.node
        if not isinstance(owner, (cst.FunctionDef, cst.Lambda)) or not self._is_same_code(place):
            return False
        return self._reaches_unbound(Graph(owner, lambda _: False), place)

    def _reaches_unbound(self, graph: Graph, place: cst.CSTNode) -> bool:
        """Whether a way leads to a place that binds the variable nowhere, or unbinds it."""
        parents = self.statement.parents
        binding: set[Node] = set()
        stack = [graph.entry]
        for found in self.variable.bindings:
            nodes = graph.nodes_with(self._code_that_binds(found), parents)
            if found.kind is BindingKind.DELETE:
                stack.extend(node for start in nodes for node, _ in start.successors)
            elif found.kind is not BindingKind.ANNOTATION:
                binding.update(node for node in nodes if node.kind not in {Kind.NOTHING, Kind.LEAVE})
            if found.kind is BindingKind.EXCEPT:
                stack.extend(node for node in graph.nodes_with(found.node, parents) if node.kind is Kind.UNBIND)
        places = {node for node in graph.nodes_with(place, parents) if node.kind is not Kind.LEAVE}
        seen: set[Node] = set()
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if node in places:
                return True
            if node not in binding:
                stack.extend(successor for successor, _ in node.successors)
            stack.extend(node.raises_to)
        return False

    def _code_that_binds(self, binding: Binding) -> cst.CSTNode:
        """For ``except E as x`` the handler: its name stands for the unbinding at the end."""
        node = binding.node
        while binding.kind is BindingKind.EXCEPT and not isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
            node = self.statement.parents[node]
        return node

    def _is_same_code(self, place: cst.CSTNode) -> bool:
        return not any(
            isinstance(node, (cst.FunctionDef, cst.Lambda))
            and node is not self.variable.owner.node
            and is_below(self.statement, node, self.variable.owner.node)
            for node in self._ancestors(place)
        )

    def _ancestors(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        found = []
        current = self.statement.parents.get(node)
        while current is not None:
            found.append(current)
            current = self.statement.parents.get(current)
        return found

"""Which bindings a name may mean at one place: the last ones on the ways that lead there."""

from __future__ import annotations

import ast
from bisect import bisect_left
from functools import cached_property
from itertools import groupby, islice, takewhile
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.graph import Graph, Kind, Node
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.With, ast.AsyncWith, ast.Match)


class Expression(NamedTuple):
    """An expression, and the top-level statement that it stands in."""

    statement: TopLevelStatement
    node: cst.BaseExpression


class Bound(NamedTuple):
    """A binding, and the top-level statement that it stands in."""

    statement: TopLevelStatement
    binding: Binding

    @property
    def value(self) -> Expression | None:
        """What an assignment to the bare name assigns."""
        found = assigned_value(self.statement, self.binding)
        return None if found is None else Expression(self.statement, found)

    def is_none(self) -> bool:
        """Whether it only says that there is no value yet."""
        value = self.value
        return value is not None and isinstance(value.node, cst.Name) and value.node.value == "None"


class Variables:
    """The bindings of the names of one module."""

    def __init__(self, module: SourceModule) -> None:
        self.module = module
        self._flows: dict[cst.CSTNode, _Flow] = {}
        self._reaching: dict[cst.Name, list[Bound]] = {}
        self._made_elsewhere: dict[tuple[Scope | None, str, Scope | None], bool] = {}
        self._in_statement: dict[tuple[TopLevelStatement, Scope | None, str], list[Binding]] = {}
        self._all: dict[tuple[Scope | None, str], list[Bound]] = {}

    def all_of(self, statement: TopLevelStatement, name: cst.Name) -> list[Bound]:
        """Every binding of the variable that a name means, but for bare annotations."""
        scope = owner(statement.scopes.scope_of(name), name.value)
        key = (scope, name.value)
        known = self._all.get(key)
        if known is None:
            if scope is None:
                known = self.of_module(name.value)
            else:
                known = [Bound(statement, binding) for binding in _bindings(scope, name.value)]
            self._all[key] = known
        return known

    def of_module(self, name: str) -> list[Bound]:
        """Every binding of a variable of the module, those in functions that declare it ``global`` included."""
        lines = {_line_of(binding.node) for binding in self.module.facts.bindings.get(name, ())}
        lines |= {line for line, names in self._globals if name in names}
        statements = {self.module.statement_at(line): None for line in sorted(lines)}
        return [Bound(where, binding) for where in statements for binding in _bindings(where.scopes.root, name)]

    @cached_property
    def _globals(self) -> list[tuple[int, list[str]]]:
        if not self.module.facts.rebound_by_functions:
            return []
        return [(node.lineno, node.names) for node in self.module.walk_ast() if isinstance(node, ast.Global)]

    def reaching(self, statement: TopLevelStatement, name: cst.Name) -> list[Bound]:
        """The bindings whose value a name may have where it's read; all of them where the order isn't known."""
        known = self._reaching.get(name)
        if known is None:
            known = self._reaching[name] = self._find(statement, name)
        return known

    def _find(self, statement: TopLevelStatement, name: cst.Name) -> list[Bound]:
        reading = statement.scopes.scope_of(name)
        scope = owner(reading, name.value)
        bindings = self.all_of(statement, name)
        frame = frame_of(reading)
        if len(bindings) < 2 or (scope is not None and scope.kind is ScopeKind.COMPREHENSION):
            return bindings
        at_home = frame.kind is ScopeKind.MODULE if scope is None else frame is frame_of(scope)
        # The answer is the same for all code of the module itself, each statement of which has a scope of its own.
        key = (scope, name.value, None if scope is None and at_home else frame)
        made_elsewhere = self._made_elsewhere.get(key)
        if made_elsewhere is None:
            made_elsewhere = self._made_elsewhere[key] = any(
                frame_of(bound.binding.scope) is not frame and (scope is not None or not _is_module(bound))
                for bound in bindings
            )
        if not at_home or made_elsewhere or frame.kind is ScopeKind.CLASS:
            return bindings
        found, from_before = self._flow(statement, frame).reaching(
            name, self._bindings_in(statement, scope, name.value, bindings)
        )
        reached = [Bound(statement, binding) for binding in found]
        return [*self._from_before(statement, bindings), *reached] if from_before and scope is None else reached

    def _bindings_in(
        self, statement: TopLevelStatement, scope: Scope | None, name: str, bindings: list[Bound]
    ) -> list[Binding]:
        """The bindings of a variable that stand in a statement."""
        key = (statement, scope, name)
        if key not in self._in_statement:
            first = bisect_left(bindings, statement.start, key=lambda bound: bound.statement.start)
            here = takewhile(lambda bound: bound.statement is statement, islice(bindings, first, None))
            self._in_statement[key] = [bound.binding for bound in here]
        return self._in_statement[key]

    def _from_before(self, statement: TopLevelStatement, bindings: list[Bound]) -> list[Bound]:
        """The bindings of a module's variable that a top-level statement starts with."""
        later: list[Bound] = []
        count = bisect_left(bindings, statement.start, key=lambda bound: bound.statement.start)
        backwards = map(bindings.__getitem__, range(count - 1, -1, -1))
        for where, group in groupby(backwards, key=lambda bound: bound.statement):
            here = list(group)
            if not any(isinstance(node, _COMPOUND) for node in where.nodes):
                return [here[0], *reversed(later)]
            later.extend(here)
        return later[::-1]

    def _flow(self, statement: TopLevelStatement, frame: Scope) -> _Flow:
        known = self._flows.get(frame.node)
        if known is None:
            known = self._flows[frame.node] = _Flow(statement, frame.node)
        return known


def _line_of(node: ast.AST) -> int:
    """The line of a node that binds something; items of ``with`` have none of their own."""
    placed = node.context_expr if isinstance(node, ast.withitem) else node
    line: int = placed.lineno  # type: ignore[attr-defined]
    return line


def frame_of(scope: Scope) -> Scope:
    """The function, class or module whose code runs a piece of code."""
    while scope.kind in {ScopeKind.COMPREHENSION, ScopeKind.TYPE} and scope.parent is not None:
        scope = scope.parent
    return scope


def _is_module(bound: Bound) -> bool:
    return frame_of(bound.binding.scope).kind is ScopeKind.MODULE


def _bindings(scope: Scope, name: str) -> list[Binding]:
    bindings = scope.bindings.get(scope.stored_name(name), [])
    return [binding for binding in bindings if binding.kind is not BindingKind.ANNOTATION]


class _Made(NamedTuple):
    """Where the bindings of one variable are made."""

    nodes: dict[Node, list[Binding]]
    parameters: list[Binding]
    order: dict[Binding, int]


class _Flow:
    """The ways through one function or top-level statement, backwards."""

    def __init__(self, statement: TopLevelStatement, node: cst.CSTNode) -> None:
        assert isinstance(node, (cst.Module, cst.FunctionDef, cst.Lambda))
        self._statement = statement
        self._graph = Graph(node, lambda _: False)
        self._before: dict[Node, list[tuple[Node, bool]]] = {}
        self._made: dict[Binding, _Made] = {}
        seen = {self._graph.entry}
        stack = [self._graph.entry]
        while stack:
            current = stack.pop()
            ways = [(successor, False) for successor, _ in current.successors]
            for successor, raised in (*ways, *((handler, True) for handler in current.raises_to)):
                self._before.setdefault(successor, []).append((current, raised))
                if successor not in seen:
                    seen.add(successor)
                    stack.append(successor)

    def reaching(self, name: cst.Name, bindings: list[Binding]) -> tuple[list[Binding], bool]:
        """The bindings that a read of a name may see, and whether it may see what was there at the start."""
        parents = self._statement.parents
        made, parameters, order = self._made_by(bindings)
        found: dict[Binding, None] = {}
        start = [node for node in self._graph.nodes_with(name, parents) if node.kind is not Kind.LEAVE]
        from_before = self._graph.entry in start
        stack = [way for node in start for way in self._before.get(node, ())]
        seen: set[tuple[Node, bool]] = set()
        while stack:
            node, raised = way = stack.pop()
            if way in seen:
                continue
            seen.add(way)
            # What raises hasn't bound anything.
            if node in made and not raised:
                found[made[node][-1]] = None
                continue
            from_before = from_before or node is self._graph.entry
            stack.extend(self._before.get(node, ()))
        self._statement.module.spend(len(seen))
        ordered = sorted(found, key=order.__getitem__)
        return [*(parameters if from_before else ()), *ordered], from_before

    def _made_by(self, bindings: list[Binding]) -> _Made:
        """What each node of the graph binds, the parameters, and the order of all bindings."""
        known = self._made.get(bindings[0]) if bindings else None
        if known is None or len(known.order) != len(bindings):
            made: dict[Node, list[Binding]] = {}
            parameters = [binding for binding in bindings if binding.kind is BindingKind.PARAMETER]
            for binding in bindings:
                if binding.kind is not BindingKind.PARAMETER:
                    for node in self._graph.nodes_with(binding.node, self._statement.parents):
                        made.setdefault(node, []).append(binding)
            known = _Made(made, parameters, {binding: place for place, binding in enumerate(bindings)})
            if bindings:
                self._made[bindings[0]] = known
        return known

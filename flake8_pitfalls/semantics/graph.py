"""The control-flow graph of one function, lambda or top-level statement: which piece of code may run after which.

It is built from its end to its start, so that a piece always knows what comes after it. A ``finally`` block, the end
of a ``with`` and the end of an ``except ... as`` stand in the graph once for every way through them (Language
Reference, 8.4.4, "finally clause").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from flake8_pitfalls.semantics.cycles import cycles
from flake8_pitfalls.semantics.pieces import Chain, Kind, Node
from flake8_pitfalls.semantics.walk import children

__all__ = ["Chain", "Graph", "Kind", "Node", "constant_truth", "passes_of"]


_FEW = 4
"""The questions up to which finding the cycles isn't worth it."""


@dataclass
class _Loop:
    leave: Node
    go_on: Node


class _Cleanup:
    """Code that runs on every way out of a block: one copy for each place where the way goes on."""

    def __init__(self, builder: _Builder, make: Callable[[Node], Node]) -> None:
        self._builder = builder
        self._make = make
        self._contexts = list(builder.contexts)
        self._handlers = builder.handlers
        self._copies: dict[int, tuple[Node, Node]] = {}

    def before(self, after: Node) -> Node:
        """The entry of the copy that goes on to ``after``."""
        known = self._copies.get(id(after))
        if known is None:
            builder = self._builder
            saved = builder.contexts, builder.handlers
            builder.contexts, builder.handlers = list(self._contexts), self._handlers
            known = self._copies[id(after)] = (self._make(after), after)
            builder.contexts, builder.handlers = saved
        return known[0]


class Graph:
    """The graph of the body of ``owner``: a module (of one top-level statement), a function or a lambda."""

    def __init__(
        self, owner: cst.Module | cst.FunctionDef | cst.Lambda, never_returns: Callable[[cst.Call], bool]
    ) -> None:
        self.owner = owner
        builder = _Builder(owner, never_returns)
        self.exit = builder.exit
        if isinstance(owner, cst.Lambda):
            self.entry = builder.new(Kind.RESULT, owner.body, self.exit)
        else:
            body = owner.body if isinstance(owner, cst.Module) else owner.body.body
            self.entry = builder.block(body, self.exit)
        self._anchors = builder.anchors
        self._asked = 0
        self._known_before: dict[frozenset[Node | int], frozenset[Node]] = {}

    def nodes_before(self, places: frozenset[Node]) -> frozenset[Node]:
        """The nodes from which a way leads to one of some places, and the places themselves."""
        self._asked += 1
        if self._asked <= _FEW:
            return self._nodes_before(places)
        # What leads to one node of a cycle leads to all.
        key = frozenset(self._cycles.get(place, place) for place in places)
        if key not in self._known_before:
            self._known_before[key] = self._nodes_before(places)
        return self._known_before[key]

    def _nodes_before(self, places: frozenset[Node]) -> frozenset[Node]:
        found = set(places)
        stack = list(places)
        while stack:
            for node in self._before.get(stack.pop(), ()):
                if node not in found:
                    found.add(node)
                    stack.append(node)
        return frozenset(found)

    @cached_property
    def _cycles(self) -> dict[Node, int]:
        return cycles(self.entry, self._before)

    @cached_property
    def _before(self) -> dict[Node, list[Node]]:
        """The nodes in front of each node that can be reached."""
        before: dict[Node, list[Node]] = {}
        seen = {self.entry}
        stack = [self.entry]
        while stack:
            node = stack.pop()
            for successor in node.following():
                before.setdefault(successor, []).append(node)
                if successor not in seen:
                    seen.add(successor)
                    stack.append(successor)
        return before

    def nodes_with(self, node: cst.CSTNode, parents: dict[cst.CSTNode, cst.CSTNode]) -> list[Node]:
        """The nodes of the graph that evaluate an expression or make a function; none if it can't be reached."""
        current: cst.CSTNode | None = node
        while current is not None and current is not self.owner:
            if current in self._anchors:
                return self._anchors[current]
            current = parents.get(current)
        return self._anchors.get(self.owner, [])


class _Builder:
    def __init__(self, owner: cst.CSTNode, never_returns: Callable[[cst.Call], bool]) -> None:
        self.never_returns = never_returns
        self.anchors: dict[cst.CSTNode, list[Node]] = {}
        self.contexts: list[_Loop | _Cleanup] = []
        self.handlers: tuple[Node, ...] = ()
        self.exit = Node(Kind.EXIT, owner)

    def new(self, kind: Kind, node: cst.CSTNode, *successors: Node, anchor: cst.CSTNode | None = None) -> Node:
        """A node with its successors; ``anchor`` is the syntax by which it's found."""
        handlers = self.handlers if self.handlers and _can_raise(kind, node) else ()
        made = Node(kind, node, [(successor, None) for successor in successors], handlers)
        self.anchors.setdefault(anchor or node, []).append(made)
        return made

    def block(self, body: Sequence[cst.CSTNode], after: Node) -> Node:
        """Statements in order; the entry is returned."""
        for statement in reversed(body):
            after = self._statement(statement, after)
        return after

    def _statement(self, node: cst.CSTNode, after: Node) -> Node:
        build = _BUILDERS.get(type(node))
        return self.new(Kind.STATEMENT, node, after) if build is None else build(self, node, after)

    # -- simple statements ---------------------------------------------------------------------------------------

    def _line(self, node: cst.SimpleStatementLine | cst.SimpleStatementSuite, after: Node) -> Node:
        return self.block(node.body, after)

    def _expression(self, node: cst.Expr, after: Node) -> Node:
        if isinstance(node.value, cst.Call) and self.never_returns(node.value):
            return self._raise(node, after)
        return self.new(Kind.STATEMENT, node, after)

    def _return(self, node: cst.Return, _: Node) -> Node:
        return self.new(Kind.STATEMENT, node, self._way_out(self.exit, None))

    def _raise(self, node: cst.CSTNode, _: Node) -> Node:
        return self.new(Kind.STATEMENT, node, *self.handlers)

    def _assert(self, node: cst.Assert, after: Node) -> Node:
        made = self.new(Kind.TEST, node.test, anchor=node)
        made.successors.append((after, True))
        return made

    def _break(self, node: cst.Break, after: Node) -> Node:
        loop = self._innermost_loop()
        return after if loop is None else self.new(Kind.NOTHING, node, self._way_out(loop.leave, loop))

    def _continue(self, node: cst.Continue, after: Node) -> Node:
        loop = self._innermost_loop()
        return after if loop is None else self.new(Kind.NOTHING, node, self._way_out(loop.go_on, loop))

    def _innermost_loop(self) -> _Loop | None:
        return next((context for context in reversed(self.contexts) if isinstance(context, _Loop)), None)

    def _way_out(self, target: Node, until: _Loop | None) -> Node:
        """The entry of all the cleanups between here and a context."""
        inside: list[_Cleanup] = []
        for context in reversed(self.contexts):
            if context is until:
                break
            if isinstance(context, _Cleanup):
                inside.append(context)
        for cleanup in reversed(inside):
            target = cleanup.before(target)
        return target

    # -- branches ------------------------------------------------------------------------------------------------

    def _if(self, node: cst.If, after: Node) -> Node:
        """An ``elif`` chain is built in a loop: it may be thousands of branches long."""
        chain: list[cst.If] = [node]
        while isinstance(chain[-1].orelse, cst.If):
            chain.append(chain[-1].orelse)
        last = chain[-1].orelse
        otherwise = self.block(last.body.body, after) if isinstance(last, cst.Else) else after
        for branch in reversed(chain):
            body = self.block(branch.body.body, after)
            otherwise = self._test(branch.test, body, otherwise)
        return otherwise

    def _test(self, test: cst.BaseExpression, if_true: Node, if_false: Node) -> Node:
        made = self.new(Kind.TEST, test)
        truth = constant_truth(test)
        made.successors = [
            (target, outcome) for target, outcome in ((if_true, True), (if_false, False)) if truth in (None, outcome)
        ]
        return made

    def _match(self, node: cst.Match, after: Node) -> Node:
        otherwise = after
        for case in reversed(node.cases):
            body = self.block(case.body.body, after)
            if case.guard is not None:
                body = self._test(case.guard, body, otherwise)
            matched = self.new(Kind.CASE, case, body, anchor=case)
            if case.guard is None and _matches_all(case.pattern):
                otherwise = matched
            else:
                otherwise = self.new(Kind.NOTHING, case, matched, otherwise)
        return self.new(Kind.SUBJECT, node, otherwise, anchor=node.subject)

    # -- loops ---------------------------------------------------------------------------------------------------

    def _for(self, node: cst.For, after: Node) -> Node:
        exhausted = self.block(node.orelse.body.body, after) if node.orelse is not None else after
        head = self.new(Kind.HEAD, node)
        head.successors.append((exhausted, False))
        passes = passes_of(node.iter)
        if passes is None or passes > 0:
            again = exhausted if passes == 1 else head
            self.contexts.append(_Loop(after, again))
            target = self.new(Kind.TARGET, node, self.block(node.body.body, again), anchor=node.target)
            self.contexts.pop()
            head.successors.append((target, True))
            if passes == 1:
                del head.successors[0]
        return self.new(Kind.ITERABLE, node, head, anchor=node.iter)

    def _while(self, node: cst.While, after: Node) -> Node:
        exhausted = self.block(node.orelse.body.body, after) if node.orelse is not None else after
        # The test is built first, since the body leads back to it.
        test = self._test(node.test, self.exit, exhausted)
        self.contexts.append(_Loop(after, test))
        body = self.block(node.body.body, test)
        self.contexts.pop()
        test.successors = [(body if outcome else target, outcome) for target, outcome in test.successors]
        return test

    # -- blocks with an end --------------------------------------------------------------------------------------

    def _with(self, node: cst.With, after: Node) -> Node:
        return self._items(node, list(node.items), after)

    def _items(self, node: cst.With, items: list[cst.WithItem], after: Node) -> Node:
        if not items:
            return self.block(node.body.body, after)
        item, *rest = items

        def leave(target: Node) -> Node:
            # That leaving the block fails isn't followed: it would make a way from each return back into the loop.
            saved, self.handlers = self.handlers, ()
            made = self.new(Kind.LEAVE, item, target)
            self.handlers = saved
            return made

        swallows = _swallows(item.item)
        entered = self._protected(lambda after: self._items(node, rest, after), leave, after, swallows=swallows)
        return self.new(Kind.ENTER, item, entered, anchor=item)

    def _protected(
        self, build: Callable[[Node], Node], clean: Callable[[Node], Node], after: Node, *, swallows: bool = False
    ) -> Node:
        """A block with a cleanup that runs on every way out of it."""
        cleanup = _Cleanup(self, clean)
        outer = self.handlers
        # Without handlers around it, an exception leaves the code behind the cleanup.
        targets = [Node(Kind.NOTHING, self.exit.node, [(target, None)]) for target in outer] or [
            Node(Kind.NOTHING, self.exit.node)
        ]
        self.handlers = tuple(cleanup.before(target) for target in targets)
        if swallows:
            self.handlers += (cleanup.before(after),)
        self.contexts.append(cleanup)
        entry = build(cleanup.before(after))
        self.contexts.pop()
        self.handlers = outer
        return entry

    def _try(self, node: cst.Try | cst.TryStar, after: Node) -> Node:
        if node.finalbody is None:
            return self._handled(node, after)
        final = node.finalbody
        return self._protected(
            lambda after: self._handled(node, after), lambda target: self.block(final.body.body, target), after
        )

    def _handled(self, node: cst.Try | cst.TryStar, after: Node) -> Node:
        outer = self.handlers
        handlers = [self._handler(handler, after) for handler in node.handlers]
        completed = self.block(node.orelse.body.body, after) if node.orelse is not None else after
        catches_all = any(_catches_all(handler) for handler in node.handlers)
        self.handlers = (*handlers, *(() if catches_all else outer))
        entry = self.block(node.body.body, completed)
        self.handlers = outer
        return entry

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler, after: Node) -> Node:
        if node.name is None:
            body = self.block(node.body.body, after)
        else:
            body = self._protected(
                lambda after: self.block(node.body.body, after),
                lambda target: self.new(Kind.UNBIND, node, target, anchor=node.name),
                after,
            )
        return self.new(Kind.CAUGHT, node, body)

    # -- definitions ---------------------------------------------------------------------------------------------

    def _function(self, node: cst.FunctionDef, after: Node) -> Node:
        return self.new(Kind.DEFINE, node, after)

    def _class(self, node: cst.ClassDef, after: Node) -> Node:
        end = self.new(Kind.CLASS_END, node, after, anchor=node.name)
        for decorator in node.decorators:
            self.anchors.setdefault(decorator, []).append(end)
        return self.new(Kind.CLASS, node, self.block(node.body.body, end))


_BUILDERS: dict[type[cst.CSTNode], Callable[..., Node]] = {
    cst.SimpleStatementLine: _Builder._line,
    cst.SimpleStatementSuite: _Builder._line,
    cst.Expr: _Builder._expression,
    cst.Return: _Builder._return,
    cst.Raise: _Builder._raise,
    cst.Assert: _Builder._assert,
    cst.Break: _Builder._break,
    cst.Continue: _Builder._continue,
    cst.If: _Builder._if,
    cst.Match: _Builder._match,
    cst.For: _Builder._for,
    cst.While: _Builder._while,
    cst.With: _Builder._with,
    cst.Try: _Builder._try,
    cst.TryStar: _Builder._try,
    cst.FunctionDef: _Builder._function,
    cst.ClassDef: _Builder._class,
}


_RAISING = (cst.Call, cst.Subscript, cst.Await, cst.Yield, cst.Raise, cst.BinaryOperation, cst.Import, cst.ImportFrom)
_NEVER_RAISING = frozenset({Kind.NOTHING, Kind.UNBIND, Kind.CAUGHT, Kind.CASE, Kind.CLASS_END, Kind.HEAD})


def _can_raise(kind: Kind, node: cst.CSTNode) -> bool:
    """Whether running a piece of code is likely to raise an exception."""
    if kind in _NEVER_RAISING:
        return False
    if kind is not Kind.STATEMENT or isinstance(node, cst.Assert):
        return True
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, _RAISING):
            return True
        if not isinstance(current, cst.Lambda):
            stack.extend(children(current))
    return False


def constant_truth(node: cst.BaseExpression) -> bool | None:
    """How a condition comes out if that's written down: ``while True``, ``if 0``."""
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        truth = constant_truth(node.expression)
        return None if truth is None else not truth
    if isinstance(node, cst.Name) and node.value in {"True", "False", "None"}:
        return node.value == "True"
    if isinstance(node, cst.Integer):
        return node.evaluated_value != 0
    return None


def passes_of(iterable: cst.BaseExpression) -> int | None:
    """How often a loop over an expression runs: 0, 1, or ``None`` for any other or unknown number."""
    if isinstance(iterable, (cst.List, cst.Tuple, cst.Set)):
        if any(isinstance(element, cst.StarredElement) for element in iterable.elements):
            return None
        count = len(iterable.elements)
    elif isinstance(iterable, cst.SimpleString) and isinstance(iterable.evaluated_value, str):
        count = len(iterable.evaluated_value)
    elif (
        isinstance(iterable, cst.Call)
        and isinstance(iterable.func, cst.Name)
        and iterable.func.value == "range"
        and len(iterable.args) == 1
        and isinstance(iterable.args[0].value, cst.Integer)
    ):
        count = iterable.args[0].value.evaluated_value
    else:
        return None
    return count if count <= 1 else None


def _matches_all(pattern: cst.MatchPattern) -> bool:
    """``case _``, ``case name``, and alternatives that end in one."""
    if isinstance(pattern, cst.MatchAs):
        return pattern.pattern is None or _matches_all(pattern.pattern)
    return isinstance(pattern, cst.MatchOr) and _matches_all(pattern.patterns[-1].pattern)


def _catches_all(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    return handler.type is None or (
        isinstance(handler.type, cst.Name) and handler.type.value in {"Exception", "BaseException"}
    )


def _swallows(item: cst.BaseExpression) -> bool:
    """Whether a context manager ends the exceptions of its block."""
    if not isinstance(item, cst.Call):
        return False
    function = item.func
    name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
    return name in {"suppress", "raises", "assertRaises", "assertRaisesRegex", "ExitStack", "AsyncExitStack"}

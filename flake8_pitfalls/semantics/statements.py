"""Runs statements path by path: branches, loops, try, with, match, nested functions and classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from flake8_pitfalls.semantics.branches import Branches
from flake8_pitfalls.semantics.flow import Frame
from flake8_pitfalls.semantics.simple import Body
from flake8_pitfalls.semantics.store import Store, joined
from flake8_pitfalls.semantics.values import (
    FRESH,
    Closure,
    Shared,
    Tag,
    Value,
    union,
    wrapped,
)

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.events import Event
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MOST_PASSES = 8
_MICROSECONDS_A_STATEMENT = 15
"""How often a loop is run until its variables are stable; each pass can only add what few tags there are."""

_TRANSPARENT_DECORATORS = frozenset(
    {
        *("functools.wraps", "functools.lru_cache", "functools.cache", "builtins.staticmethod", "builtins.classmethod"),
        *("contextlib.contextmanager", "contextlib.asynccontextmanager", "builtins.property"),
    }
)


class Interpreter(Branches):
    """Follows one object through a function: the last part of the analysis, and the one to make."""

    def run_function(self, statement: TopLevelStatement, node: cst.FunctionDef | cst.Lambda, parameter: str) -> None:
        """Run a function whose ``parameter`` is the followed object."""
        scope = statement.scopes.scope_for(node)
        self.store[(scope, parameter)] = frozenset({Shared()})
        self.run_from(statement, node)

    def run_from(self, statement: TopLevelStatement, node: cst.FunctionDef | cst.Lambda) -> None:
        """Run a function in the current store."""
        if node.params.star_kwarg is not None:
            # Each call makes a dictionary of its own, also of one that's passed by `**`.
            self.store[(statement.scopes.scope_for(node), node.params.star_kwarg.name.value)] = FRESH
        self.frames.append(Frame(statement, node, outermost=True))
        if isinstance(node, cst.Lambda):
            self.leak(node.body, self.evaluate(node.body), "returned")
        else:
            self.run_body(node)
        self.frames.pop()

    def happened(self) -> list[Event]:
        """What happened to the object, in the order of the source."""
        return sorted(self.events.values(), key=lambda event: event.line)

    def run_body(self, node: cst.FunctionDef) -> None:
        """Run the body of a function in the current frame."""
        self.run_block(node.body.body)

    def run_block(self, body: Body) -> bool:
        """Run statements in order; whether control reaches the end."""
        return all(self.run(statement) for statement in body)

    def run(self, node: cst.CSTNode) -> bool:
        """Run one statement; whether control goes on behind it."""
        runner = _RUNNERS.get(type(node))
        if runner is None:
            return True
        self.statement.module.spend(_MICROSECONDS_A_STATEMENT)
        self.note_exception()
        goes_on = runner(self, node)
        self.note_exception()
        return goes_on is not False

    def _for(self, node: cst.For) -> bool:
        iterated = self.evaluate(node.iter)
        self.iterate(node, iterated)
        length = self.followed.levels[0].length
        exact = iterated == frozenset({Shared()}) and length is not None
        empty = exact and length == 0
        element = self.iterated(iterated)

        columns = self._columns(node)

        def one_pass() -> bool:
            if columns is None:
                self.assign(node.target, element)
            else:
                for target, value in columns:
                    self.assign(target, value)
            return self.run_block(node.body.body)

        self._loop(None if empty else one_pass, at_least_once=exact)
        return self._after_loop(node, self.store)

    def _columns(self, node: cst.For) -> list[tuple[cst.BaseExpression, Value]] | None:
        """``for a, b in [(1, x), (2, y)]``: what each variable takes, without mixing up which is which."""
        if not isinstance(node.target, cst.Tuple) or not isinstance(node.iter, (cst.List, cst.Tuple)):
            return None
        targets = [element.value for element in node.target.elements if isinstance(element, cst.Element)]
        rows = [element.value for element in node.iter.elements if isinstance(element, cst.Element)]
        if len(targets) != len(node.target.elements) or len(rows) != len(node.iter.elements):
            return None
        values: list[list[Value]] = [[] for _ in targets]
        for row in rows:
            if not isinstance(row, cst.Tuple) or len(row.elements) != len(targets):
                return None
            for column, element in zip(values, row.elements, strict=True):
                if isinstance(element, cst.StarredElement):
                    return None
                column.append(self.evaluate(element.value))
        return [(target, union(column)) for target, column in zip(targets, values, strict=True)]

    def _while(self, node: cst.While) -> bool:
        leaves: list[Store] = []

        def one_pass() -> bool:
            self.evaluate(node.test)
            leaving = self.refined(node.test, self.store, False)
            if leaving is not None:
                leaves.append(leaving.copy())
            path = self.refined(node.test, self.store, True)
            if path is None:
                return False
            self.store = path.copy()
            return self.run_block(node.body.body)

        self._loop(one_pass)
        left: Store | None = None
        for store in leaves:
            left = joined(left, store)
        return self._after_loop(node, left)

    def _loop(self, one_pass: Callable[[], bool] | None, *, at_least_once: bool = False) -> None:
        """Run a body until the variables are stable; ``breaks`` of the frame are left for :meth:`_after_loop`."""
        frame = self.frame
        saved = (frame.breaks, frame.continues)
        frame.breaks, frame.continues = [], []
        entry = self.store
        left: Store | None = None
        if one_pass is not None:
            for _ in range(_MOST_PASSES):
                self.store = entry.copy()
                reaches_end = one_pass()
                end = self.store if reaches_end else None
                for store in frame.continues:
                    end = joined(end, store)
                frame.continues.clear()
                left = end
                widened = joined(entry, end) or entry
                if widened == entry:
                    break
                entry = widened
        self.store = (left if at_least_once and left is not None else entry).copy()
        self._broken = frame.breaks
        frame.breaks, frame.continues = saved

    def _after_loop(self, node: cst.For | cst.While, left: Store | None) -> bool:
        """The ``else`` of a loop, then what comes behind it; ``left`` is the store when the loop ran out."""
        broken = self._broken
        after: Store | None = None
        otherwise = self.store
        if left is not None:
            self.store = left.copy()
            if node.orelse is None or self.run_block(node.orelse.body.body):
                after = self.store
        for store in broken:
            after = joined(after, store)
        return self.continue_with(after, otherwise)

    # -- definitions ---------------------------------------------------------------------------------------------

    def _function(self, node: cst.FunctionDef) -> None:
        for parameter in (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params):
            if parameter.default is not None:
                self.evaluate(parameter.default)
        value: Value = frozenset({Closure(self.statement, node)})
        for decorator in reversed(node.decorators):
            called = decorator.decorator
            self.evaluate(called)
            dotted = self.origin(called.func if isinstance(called, cst.Call) else called)
            if dotted not in _TRANSPARENT_DECORATORS:
                # A registry, most likely: from here on the function may run at any time.
                self.hand_on(decorator, value, f"{self.statement.source(called)}")
        self.store[self.variable(node.name)] = value

    def _class(self, node: cst.ClassDef) -> None:
        for argument in (*node.bases, *node.keywords):
            self.evaluate(argument.value)
        self.run_block(node.body.body)
        scope = self.statement.scopes.scope_for(node)
        held: set[Tag] = set()
        self.trace.touches_all = True
        for (where, _), value in self.store.items():
            if where is scope:
                held |= wrapped(value)
        self.store[self.variable(node.name)] = frozenset(held) or FRESH


_RUNNERS: dict[type[cst.CSTNode], Callable[[Any, Any], bool | None]] = {
    cst.SimpleStatementLine: Interpreter._line,
    cst.SimpleStatementSuite: Interpreter._line,
    cst.Expr: Interpreter._expression,
    cst.Assign: Interpreter._assign,
    cst.AnnAssign: Interpreter._annotated,
    cst.AugAssign: Interpreter._augmented,
    cst.Return: Interpreter._return,
    cst.Raise: Interpreter._raise,
    cst.Assert: Interpreter._assert,
    cst.Del: Interpreter._delete,
    cst.Import: Interpreter._import,
    cst.ImportFrom: Interpreter._import,
    cst.Break: Interpreter._break,
    cst.Continue: Interpreter._continue,
    cst.If: Interpreter._if,
    cst.Match: Interpreter._match,
    cst.Try: Interpreter._try,
    cst.TryStar: Interpreter._try,
    cst.With: Interpreter._with,
    cst.For: Interpreter._for,
    cst.While: Interpreter._while,
    cst.FunctionDef: Interpreter._function,
    cst.ClassDef: Interpreter._class,
}

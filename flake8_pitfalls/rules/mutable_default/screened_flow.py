"""Where an object may go in a function, told from ``ast``: does it surely stay as it is? This must not import LibCST.

An object is followed from each expression that yields it to what's around that: containers made on the spot, variables,
calls. What isn't known for sure counts as a change. The analysis of LibCST's trees (``semantics.statements``) has the
last word; it takes a hundred times as long.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flake8_pitfalls.rules.mutable_default.screened_functions import Flow, Function
from flake8_pitfalls.semantics.callees import (
    ABSORBING_METHODS,
    ANY_CHANGING_METHOD,
    CALLEES,
    CHANGING_THEIR_ARGUMENT,
    ELEMENT_METHODS,
    KEEPING_METHODS,
    VIEW_METHODS,
    Callee,
)

_SLICED = (ast.Slice, ast.Tuple)
_RUNS_CALLABLES = frozenset(
    {
        *("Thread", "Timer", "Process", "submit", "to_thread", "call_soon", "call_soon_threadsafe", "apply_async"),
        "run_sync",
    }
)
_TYPES = frozenset({"list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter"})
_CHANGING_METHODS = ANY_CHANGING_METHOD - {"get"}
"""The methods that change a plain container; ``get`` changes a queue only."""
_MOST_WRAPS = 4
_DEEPEST_CALL = 3
"""How many calls of functions of the same file are followed into one another."""


@functools.cache
def _callees() -> Mapping[str, list[Callee]]:
    """The well-known callables by the last parts of their names."""
    found: dict[str, list[Callee]] = {}
    for name, callee in CALLEES.items():
        found.setdefault(name.rpartition(".")[2], []).append(callee)
    return MappingProxyType(found)


class Object(NamedTuple):
    """What is known of the followed object, and what is asked."""

    deep: bool
    """Whether it may hold other mutable objects, which are followed with it."""
    instance: bool = False
    """Whether it's an instance of a class: its attributes are part of it."""
    leaks: bool = False
    """Whether it counts as well if the object gets out of the function."""
    harmless: frozenset[Function] = frozenset()
    """Methods of an instance that leave it as it is, and don't hand it out."""


class Follower:
    """Follows one object through a function.

    ``wraps`` says in how many containers, made on the spot, it is: 1 in ``[self.items]``.
    """

    def __init__(self, flow: Flow, what: Object, depth: int = 0) -> None:
        self._flow = flow
        self._what = what
        self._depth = depth
        self._seen: set[tuple[str, int]] = set()
        self._returned: set[int] = set()

    def attribute_may_change(self, name: str) -> bool:
        """Whether what an attribute of the first parameter holds may be changed; true if that's too long to follow."""
        return any(self.expression_may_change(node, 0) for node in self._flow.attributes_of_own(name))

    def expression_may_change(self, node: ast.expr, wraps: int) -> bool:
        """The same for what an expression makes, in so many containers."""
        try:
            return self.changes(node, wraps)
        except RecursionError:
            return True

    def parameter_may_change(self, name: str) -> bool:
        """The same for what a parameter holds at first."""
        try:
            return self.variable(name, 0)
        except RecursionError:
            return True

    def changes(self, node: ast.AST, wraps: int) -> bool:
        """Whether what an expression yields may be changed by what is around it."""
        if wraps > _MOST_WRAPS:
            return True
        parent = self._flow.parent(node)
        follow = _FOLLOWERS.get(parent.__class__)
        return True if follow is None else follow(self, parent, node, wraps)

    def variable(self, name: str, wraps: int) -> bool:
        """Whether what a variable holds may be changed."""
        if self._seen or self._depth:
            return self._variable(name, wraps)
        known, key = self._flow.remembered, (self._what, name, wraps)
        if key not in known:
            known[key] = self._variable(name, wraps)
        return known[key]

    def _variable(self, name: str, wraps: int) -> bool:
        if (name, wraps) in self._seen:
            return False
        self._seen.add((name, wraps))
        if wraps > _MOST_WRAPS or self._flow.sees_variables:
            return True
        if self._what.leaks and name in self._flow.globals:
            return True
        for node in self._flow.variables(name):
            if isinstance(node.ctx, ast.Load):
                if self.changes(node, wraps):
                    return True
            elif not wraps and isinstance(self._flow.parent(node), ast.AugAssign):
                return True
        return False

    def _element(self, node: ast.AST, wraps: int) -> bool:
        """Whether an element of the object, which an expression yields, may be changed by what is around it."""
        if wraps:
            return self.changes(node, wraps - 1)
        return self._what.deep and self.changes(node, 0)

    def _copied(self, node: ast.AST, wraps: int) -> bool:
        """The same for a container of the same elements."""
        if wraps:
            return self.changes(node, wraps)
        return self._what.deep and self.changes(node, 1)

    # -- what is around an expression ----------------------------------------------------------------------------

    def _reads(self, _parent: ast.AST, _node: ast.AST, _wraps: int) -> bool:
        return False

    def _yields(self, parent: ast.AST, _node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps)

    def _wraps(self, parent: ast.AST, _node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps + 1)

    def _ends(self, parent: ast.AST, _node: ast.AST, wraps: int) -> bool:
        """``return`` and the like: only the caller gets hold of it, or whoever calls an inner function."""
        if not self._flow.is_outermost(parent):
            return True
        self._returned.add(wraps if isinstance(parent, ast.Return) else wraps + 1)
        return self._what.leaks

    def _dict(self, parent: ast.Dict, node: ast.AST, wraps: int) -> bool:
        for key, value in zip(parent.keys, parent.values, strict=True):
            if value is node:
                return self._copied(parent, wraps) if key is None else self.changes(parent, wraps + 1)
        return False

    def _dict_comprehension(self, parent: ast.DictComp, node: ast.AST, wraps: int) -> bool:
        return node is parent.value and self.changes(parent, wraps + 1)

    def _starred(self, parent: ast.Starred, _node: ast.AST, wraps: int) -> bool:
        around = self._flow.parent(parent)
        if isinstance(around, ast.Call):
            return (wraps > 0 or self._what.deep) and self._argument(around, parent, max(wraps - 1, 0))
        if wraps:
            return self.changes(around, wraps)
        return self._what.deep and self.changes(around, 1)

    def _iterated(self, parent: ast.For | ast.comprehension, node: ast.AST, wraps: int) -> bool:
        if node is not parent.iter or not (wraps or self._what.deep):
            return False
        return self._bound(parent.target, max(wraps - 1, 0))

    def _conditional(self, parent: ast.IfExp, node: ast.AST, wraps: int) -> bool:
        return node is not parent.test and self.changes(parent, wraps)

    def _operation(self, parent: ast.BinOp, _node: ast.AST, wraps: int) -> bool:
        return not isinstance(parent.op, ast.Mod) and self._copied(parent, wraps)

    def _subscript(self, parent: ast.Subscript, node: ast.AST, wraps: int) -> bool:
        if node is not parent.value:
            return False
        if not isinstance(parent.ctx, ast.Load):
            return not wraps or isinstance(self._flow.parent(parent), ast.AugAssign)
        if isinstance(parent.slice, _SLICED):
            return self._copied(parent, wraps) or self._element(parent, wraps)
        return self._element(parent, wraps)

    def _attribute(self, parent: ast.Attribute, _node: ast.AST, wraps: int) -> bool:
        name = parent.attr
        around = self._flow.parent(parent)
        called = isinstance(around, ast.Call) and around.func is parent
        if wraps:
            return not called or self._method(around, name, wraps)
        if not isinstance(parent.ctx, ast.Load) or name in _CHANGING_METHODS:
            return True
        if self._what.instance:
            if not called:
                return self.changes(parent, 0)
            if not self._what.harmless.issuperset(self._flow.methods(name)):
                return True
            return name in ELEMENT_METHODS and self.changes(around, 0)
        return called and self._method(around, name, wraps)

    def _method(self, call: ast.AST, name: str, wraps: int) -> bool:
        """Whether what a method of a container yields may be changed."""
        if name in ELEMENT_METHODS:
            return self._element(call, wraps)
        if name == "items":
            return (wraps > 0 or self._what.deep) and self.changes(call, max(wraps, 1) + 1)
        return name in VIEW_METHODS and self._copied(call, wraps)

    # -- bindings ------------------------------------------------------------------------------------------------

    def _assign(self, parent: ast.Assign, _node: ast.AST, wraps: int) -> bool:
        return any(self._bound(target, wraps) for target in parent.targets)

    def _annotated(self, parent: ast.AnnAssign, node: ast.AST, wraps: int) -> bool:
        return node is parent.value and self._bound(parent.target, wraps)

    def _named(self, parent: ast.NamedExpr, _node: ast.AST, wraps: int) -> bool:
        return self._bound(parent.target, wraps) or self.changes(parent, wraps)

    def _item(self, parent: ast.withitem, _node: ast.AST, wraps: int) -> bool:
        return parent.optional_vars is not None and self._bound(parent.optional_vars, wraps)

    def _augmented(self, parent: ast.AugAssign, node: ast.AST, wraps: int) -> bool:
        return node is parent.target or wraps > 0 or self._what.deep

    def _bound(self, target: ast.expr, wraps: int) -> bool:
        """Whether an object may be changed after it was bound to a target."""
        if isinstance(target, ast.Name):
            return self._flow.is_in_class(target) or self.variable(target.id, wraps)
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            return self._kept(target.value, wraps)
        if isinstance(target, (ast.Tuple, ast.List)):
            if not wraps and not self._what.deep:
                return False
            inside = max(wraps - 1, 0)
            return any(
                self._bound(part.value, inside + 1) if isinstance(part, ast.Starred) else self._bound(part, inside)
                for part in target.elts
            )
        return True

    def _kept(self, container: ast.expr, wraps: int) -> bool:
        """Whether an object may be changed after it was put into a container."""
        if self._what.leaks and not (isinstance(container, ast.Name) and self._flow.is_made_here(container.id)):
            return True
        while isinstance(container, (ast.Attribute, ast.Subscript)):
            container = container.value
        if not isinstance(container, ast.Name):
            return True
        return container.id != self._flow.own and self.variable(container.id, wraps + 1)

    # -- calls ---------------------------------------------------------------------------------------------------

    def _keyword(self, parent: ast.keyword, _node: ast.AST, wraps: int) -> bool:
        around = self._flow.parent(parent)
        return not isinstance(around, ast.Call) or self._argument(around, parent, wraps)

    def _call(self, parent: ast.Call, node: ast.AST, wraps: int) -> bool:
        return node is not parent.func and self._argument(parent, node, wraps)

    def _argument(self, call: ast.Call, argument: ast.AST, wraps: int) -> bool:
        """Whether a call may change one of its arguments, or yield it to somebody who does."""
        function = call.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        if not name or name in _RUNS_CALLABLES or name in CHANGING_THEIR_ARGUMENT:
            return True
        place = next((place for place, given in enumerate(call.args) if given is argument), None)
        called = self._flow.called(call)
        if called is None or (called and self._is_changed_in(called, call, argument, wraps)):
            return True
        if isinstance(function, ast.Attribute):
            if isinstance(function.value, ast.Name) and function.value.id in _TYPES:
                return True
            if name in KEEPING_METHODS:
                return self._kept(function.value, wraps)
            if name in ABSORBING_METHODS:
                return (wraps > 0 or self._what.deep or place is None) and self._kept(function.value, wraps)
            if name in ELEMENT_METHODS and place != 0:
                return self.changes(call, wraps)
        return any(self._is_changed_by(callee, call, argument, place, wraps) for callee in _callees().get(name, ()))

    def _is_changed_in(self, called: list[tuple[Function, int]], call: ast.Call, argument: ast.AST, wraps: int) -> bool:
        """Whether one of the functions that a call may mean changes an argument, or returns it to be changed."""
        if wraps or self._depth == _DEEPEST_CALL or any(isinstance(given, ast.Starred) for given in call.args):
            return True
        keyword = argument.arg if isinstance(argument, ast.keyword) else None
        if isinstance(argument, ast.keyword) and keyword is None:
            return True
        returned: set[int] = set()
        for function, shift in called:
            arguments = function.args
            parameters = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
            if keyword is not None:
                known = keyword in {*parameters, *(parameter.arg for parameter in arguments.kwonlyargs)}
                parameter, rest = keyword if known else None, arguments.kwarg
            else:
                place = call.args.index(argument) + shift  # type: ignore[arg-type]
                parameter, rest = parameters[place] if place < len(parameters) else None, arguments.vararg
            if parameter is None:
                if rest is not None:
                    return True
                continue
            follower = Follower(self._flow.flows.of(function), self._what, self._depth + 1)
            if follower.variable(parameter, 0):
                return True
            returned |= follower._returned
            if function.name == "__init__":
                returned.add(1)  # The instance may hold it.
        return any(self.changes(call, inside) for inside in returned)

    def _is_changed_by(self, callee: Callee, call: ast.Call, argument: ast.AST, place: int | None, wraps: int) -> bool:
        keyword = argument.arg if isinstance(argument, ast.keyword) else None
        if self._what.leaks and callee.keeps:
            return True
        if place in callee.changes or (keyword in callee.changes if keyword else place is None):
            return True
        if callee.changes and any(isinstance(given, ast.Starred) for given in call.args):
            return True
        if wraps or self._what.deep:
            # Functions among the arguments may be called with the elements.
            others = [*call.args, *(given.value for given in call.keywords)]
            if any(self._flow.is_callable(other) for other in others if other is not argument):
                return True
        return self._is_given(callee.gives.removeprefix("first "), call, keyword, wraps)

    def _is_given(self, gives: str, call: ast.Call, keyword: str | None, wraps: int) -> bool:
        """Whether what a well-known callable makes of an argument may be changed."""
        if not gives:
            return False
        if keyword is not None or gives == "wrap":
            return True
        if gives == "copy":
            return self._copied(call, wraps)
        if gives == "lazy":
            inside = max(wraps - 1, 0)
            followed = wraps > 0 or self._what.deep
            return followed and (self.changes(call, inside + 1) or self.changes(call, inside + 2))
        return ("argument" in gives and self.changes(call, wraps)) or (
            "element" in gives and self._element(call, wraps)
        )


_FOLLOWERS: dict[type, Callable[[Follower, Any, ast.AST, int], bool]] = {
    **dict.fromkeys((ast.Expr, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Compare, ast.Delete), Follower._reads),
    **dict.fromkeys((ast.FormattedValue, ast.JoinedStr, ast.Slice), Follower._reads),
    **dict.fromkeys((ast.BoolOp, ast.Await), Follower._yields),
    **dict.fromkeys((ast.List, ast.Tuple, ast.Set), Follower._wraps),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), Follower._wraps),
    **dict.fromkeys((ast.Return, ast.Yield, ast.YieldFrom, ast.Raise), Follower._ends),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), Follower._iterated),
    ast.Dict: Follower._dict,
    ast.DictComp: Follower._dict_comprehension,
    ast.Starred: Follower._starred,
    ast.IfExp: Follower._conditional,
    ast.BinOp: Follower._operation,
    ast.Subscript: Follower._subscript,
    ast.Attribute: Follower._attribute,
    ast.Assign: Follower._assign,
    ast.AnnAssign: Follower._annotated,
    ast.NamedExpr: Follower._named,
    ast.withitem: Follower._item,
    ast.AugAssign: Follower._augmented,
    ast.keyword: Follower._keyword,
    ast.Call: Follower._call,
}

"""Where an object may go in a function, told from ``ast``: does it surely stay as it is? This must not import LibCST.

An object is followed from each expression that yields it to what's around that: containers made on the spot, variables,
calls. What isn't known for sure counts as a change. The analysis of LibCST's trees (``semantics.statements``) has the
last word; it takes a hundred times as long.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

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
from flake8_pitfalls.semantics.syntax import FIELDS

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_names import Names

_SLICED = (ast.Slice, ast.Tuple)
_SEES_VARIABLES = frozenset({"locals", "vars", "exec", "eval"})
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


@functools.cache
def _callees() -> dict[str, list[Callee]]:
    """The well-known callables by the last parts of their names."""
    found: dict[str, list[Callee]] = {}
    for name, callee in CALLEES.items():
        found.setdefault(name.rpartition(".")[2], []).append(callee)
    return found


class Object(NamedTuple):
    """What is known of the followed object."""

    deep: bool
    """Whether it may hold other mutable objects, which are followed with it."""
    instance: bool = False
    """Whether it's an instance of a class: its attributes are part of it."""


class Flow:
    """One function, or method."""

    def __init__(self, function: ast.FunctionDef | ast.AsyncFunctionDef, names: Names) -> None:
        self._function = function
        self._names = names

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        found: dict[ast.AST, ast.AST] = {}
        fields = FIELDS
        stack: list[ast.AST] = [self._function]
        while stack:
            node = stack.pop()
            for name in fields[node.__class__]:
                value = getattr(node, name)
                for child in value if value.__class__ is list else (value,):
                    if child is not None:
                        found[child] = node
                        stack.append(child)
        return found

    @cached_property
    def _attributes(self) -> dict[str, list[ast.Attribute]]:
        """The attributes of a variable, by the name of the attribute."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in self._parents:
            if node.__class__ is ast.Attribute and node.value.__class__ is ast.Name:  # type: ignore[attr-defined]
                found.setdefault(node.attr, []).append(node)  # type: ignore[attr-defined,arg-type]
        return found

    @cached_property
    def _variables(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self._parents:
            if node.__class__ is ast.Name:
                found.setdefault(node.id, []).append(node)  # type: ignore[attr-defined,arg-type]
        return found

    @cached_property
    def _local_functions(self) -> frozenset[str]:
        """The names that are bound in the function, which may mean functions that it makes."""
        bound = {name for name, nodes in self._variables.items() if any(isinstance(n.ctx, ast.Store) for n in nodes)}
        inner = (n.name for n in self._parents if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)))
        return frozenset(bound.union(inner))

    @property
    def own(self) -> str:
        """The first parameter."""
        parameters = [*self._function.args.posonlyargs, *self._function.args.args]
        return parameters[0].arg if parameters else ""

    def attribute_may_change(self, attribute: str, what: Object) -> bool:
        """Whether what an attribute of the first parameter holds may be changed."""
        own = self.own
        mentions = [node for node in self._attributes.get(attribute, ()) if node.value.id == own]  # type: ignore[attr-defined]
        follower = _Follower(self, what)
        try:
            return any(follower.changes(node, 0) for node in mentions)
        except RecursionError:
            return True

    def variable_may_change(self, name: str, what: Object) -> bool:
        """Whether what a parameter holds at first may be changed."""
        try:
            return _Follower(self, what).variable(name, 0)
        except RecursionError:
            return True

    # -- for the follower ----------------------------------------------------------------------------------------

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around another one."""
        return self._parents.get(node, self._function)

    def variables(self, name: str) -> list[ast.Name]:
        """All mentions of a variable, in inner functions too."""
        return self._variables.get(name, [])

    @cached_property
    def sees_variables(self) -> bool:
        """Whether some call may see all variables, whatever names it mentions."""
        return not _SEES_VARIABLES.isdisjoint(self._variables)

    def is_own(self, name: str) -> bool:
        """Whether a name may mean something that this file defines, or gives a name of its own."""
        return name in self._names.own or name in self._local_functions or name == self.own

    def is_method(self, name: str) -> bool:
        """Whether this file defines a method, or function, of a name."""
        return name in self._names.functions

    def is_outermost(self, node: ast.AST) -> bool:
        """Whether a node belongs to the function itself, not to one in it."""
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            node = self.parent(node)
        return node is self._function


class _Follower:
    """Follows one object through a function.

    ``wraps`` says in how many containers, made on the spot, it is: 1 in ``[self.items]``.
    """

    def __init__(self, flow: Flow, what: Object) -> None:
        self._flow = flow
        self._what = what
        self._seen: set[tuple[str, int]] = set()

    def changes(self, node: ast.AST, wraps: int) -> bool:
        """Whether what an expression yields may be changed by what is around it."""
        if wraps > _MOST_WRAPS:
            return True
        parent = self._flow.parent(node)
        follow = _FOLLOWERS.get(parent.__class__)
        return True if follow is None else follow(self, parent, node, wraps)

    def variable(self, name: str, wraps: int) -> bool:
        """Whether what a variable holds may be changed."""
        if (name, wraps) in self._seen:
            return False
        self._seen.add((name, wraps))
        if wraps > _MOST_WRAPS or self._flow.sees_variables:
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

    def _reads(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return False

    def _yields(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps)

    def _wraps(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps + 1)

    def _ends(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        """``return`` and the like: nobody in the function gets hold of it, but for those that call inner functions."""
        return not self._flow.is_outermost(parent)

    def _dict(self, parent: ast.Dict, node: ast.AST, wraps: int) -> bool:
        for key, value in zip(parent.keys, parent.values, strict=True):
            if value is node:
                return self._copied(parent, wraps) if key is None else self.changes(parent, wraps + 1)
        return False

    def _dict_comprehension(self, parent: ast.DictComp, node: ast.AST, wraps: int) -> bool:
        return node is parent.value and self.changes(parent, wraps + 1)

    def _starred(self, parent: ast.Starred, node: ast.AST, wraps: int) -> bool:
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

    def _operation(self, parent: ast.BinOp, node: ast.AST, wraps: int) -> bool:
        return not isinstance(parent.op, ast.Mod) and self._copied(parent, wraps)

    def _subscript(self, parent: ast.Subscript, node: ast.AST, wraps: int) -> bool:
        if node is not parent.value:
            return False
        if not isinstance(parent.ctx, ast.Load):
            return not wraps or isinstance(self._flow.parent(parent), ast.AugAssign)
        if isinstance(parent.slice, _SLICED):
            return self._copied(parent, wraps) or self._element(parent, wraps)
        return self._element(parent, wraps)

    def _attribute(self, parent: ast.Attribute, node: ast.AST, wraps: int) -> bool:
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
            return self._flow.is_method(name) or (name in ELEMENT_METHODS and self.changes(around, 0))
        return called and self._method(around, name, wraps)

    def _method(self, call: ast.AST, name: str, wraps: int) -> bool:
        """Whether what a method of a container yields may be changed."""
        if name in ELEMENT_METHODS:
            return self._element(call, wraps)
        if name == "items":
            return (wraps > 0 or self._what.deep) and self.changes(call, max(wraps, 1) + 1)
        return name in VIEW_METHODS and self._copied(call, wraps)

    # -- bindings ------------------------------------------------------------------------------------------------

    def _assign(self, parent: ast.Assign, node: ast.AST, wraps: int) -> bool:
        return any(self._bound(target, wraps) for target in parent.targets)

    def _annotated(self, parent: ast.AnnAssign, node: ast.AST, wraps: int) -> bool:
        return node is parent.value and self._bound(parent.target, wraps)

    def _named(self, parent: ast.NamedExpr, node: ast.AST, wraps: int) -> bool:
        return self._bound(parent.target, wraps) or self.changes(parent, wraps)

    def _item(self, parent: ast.withitem, node: ast.AST, wraps: int) -> bool:
        return parent.optional_vars is not None and self._bound(parent.optional_vars, wraps)

    def _augmented(self, parent: ast.AugAssign, node: ast.AST, wraps: int) -> bool:
        return node is parent.target or wraps > 0 or self._what.deep

    def _bound(self, target: ast.expr, wraps: int) -> bool:
        """Whether an object may be changed after it was bound to a target."""
        if isinstance(target, ast.Name):
            return self.variable(target.id, wraps)
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
        while isinstance(container, (ast.Attribute, ast.Subscript)):
            container = container.value
        if not isinstance(container, ast.Name):
            return True
        # What is known of other objects than containers made here is too little to tell.
        return container.id != self._flow.own and self.variable(container.id, wraps + 1)

    # -- calls ---------------------------------------------------------------------------------------------------

    def _keyword(self, parent: ast.keyword, node: ast.AST, wraps: int) -> bool:
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
        if self._flow.is_own(name) if isinstance(function, ast.Name) else self._flow.is_method(name):
            return True
        place = next((place for place, given in enumerate(call.args) if given is argument), None)
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

    def _is_changed_by(
        self, callee: Callee, call: ast.Call, argument: ast.AST, place: int | None, wraps: int
    ) -> bool:
        keyword = argument.arg if isinstance(argument, ast.keyword) else None
        if place in callee.changes or (keyword in callee.changes if keyword else place is None):
            return True
        if callee.changes and any(isinstance(given, ast.Starred) for given in call.args):
            return True
        gives = callee.gives
        if wraps or self._what.deep:
            # Functions among the arguments may be called with the elements.
            return bool(gives) or len(call.args) + len(call.keywords) > 1
        return gives not in {"", "copy", "lazy", "element"}


_FOLLOWERS: dict[type, Callable[[_Follower, Any, ast.AST, int], bool]] = {
    **dict.fromkeys((ast.Expr, ast.If, ast.While, ast.Assert, ast.UnaryOp, ast.Compare, ast.Delete), _Follower._reads),
    **dict.fromkeys((ast.FormattedValue, ast.JoinedStr, ast.Slice), _Follower._reads),
    **dict.fromkeys((ast.BoolOp, ast.Await), _Follower._yields),
    **dict.fromkeys((ast.List, ast.Tuple, ast.Set), _Follower._wraps),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.GeneratorExp), _Follower._wraps),
    **dict.fromkeys((ast.Return, ast.Yield, ast.YieldFrom, ast.Raise), _Follower._ends),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), _Follower._iterated),
    ast.Dict: _Follower._dict,
    ast.DictComp: _Follower._dict_comprehension,
    ast.Starred: _Follower._starred,
    ast.IfExp: _Follower._conditional,
    ast.BinOp: _Follower._operation,
    ast.Subscript: _Follower._subscript,
    ast.Attribute: _Follower._attribute,
    ast.Assign: _Follower._assign,
    ast.AnnAssign: _Follower._annotated,
    ast.NamedExpr: _Follower._named,
    ast.withitem: _Follower._item,
    ast.AugAssign: _Follower._augmented,
    ast.keyword: _Follower._keyword,
    ast.Call: _Follower._call,
}

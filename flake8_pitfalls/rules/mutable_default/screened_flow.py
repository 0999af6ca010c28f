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
from typing import Any, NamedTuple

from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, terminal
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
_DEEPEST_CALL = 3
"""How many calls of functions of the same file are followed into one another."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def _callees() -> dict[str, list[Callee]]:
    """The well-known callables by the last parts of their names."""
    found: dict[str, list[Callee]] = {}
    for name, callee in CALLEES.items():
        found.setdefault(name.rpartition(".")[2], []).append(callee)
    return found


class Object(NamedTuple):
    """What is known of the followed object, and what is asked."""

    deep: bool
    """Whether it may hold other mutable objects, which are followed with it."""
    instance: bool = False
    """Whether it's an instance of a class: its attributes are part of it."""
    leaks: bool = False
    """Whether it counts as well if the object gets out of the function."""


class Flows:
    """The functions of a module."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[Function, Flow] = {}

    def of(self, function: Function) -> Flow:
        """One of the functions."""
        flow = self._known.get(function)
        if flow is None:
            flow = self._known[function] = Flow(function, self)
        return flow


class Flow:
    """One function, or method."""

    def __init__(self, function: Function, flows: Flows) -> None:
        self.function = function
        self.flows = flows
        self._names = flows.names

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        found: dict[ast.AST, ast.AST] = {}
        fields = FIELDS
        stack: list[ast.AST] = [self.function]
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
        parameters = [*self.function.args.posonlyargs, *self.function.args.args]
        return parameters[0].arg if parameters else ""

    def attribute_may_change(self, attribute: str, what: Object) -> bool:
        """Whether what an attribute of the first parameter holds may be changed."""
        own = self.own
        follower = Follower(self, what)
        mentions = [node for node in self._attributes.get(attribute, ()) if node.value.id == own]  # type: ignore[attr-defined]
        return any(follower.may_change(node, 0) for node in mentions)

    def variable_may_change(self, name: str, what: Object) -> bool:
        """Whether what a parameter holds at first may be changed."""
        return Follower(self, what).variable_may_change(name)

    def expression_may_change(self, node: ast.expr, wraps: int, what: Object) -> bool:
        """Whether what is in so many containers, which an expression makes, may be changed."""
        return Follower(self, what).may_change(node, wraps)

    @cached_property
    def globals(self) -> frozenset[str]:
        """The names that the function, or one in it, declares to be the module's."""
        return frozenset(name for node in self._parents if isinstance(node, ast.Global) for name in node.names)

    # -- for the follower ----------------------------------------------------------------------------------------

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around another one."""
        return self._parents.get(node, self.function)

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

    def is_callable(self, node: ast.AST) -> bool:
        """Whether an argument may be a function of this file."""
        if isinstance(node, ast.Name):
            return self.is_own(node.id) and node.id not in self._names.classes
        return not isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare, ast.BinOp))

    def is_imported(self, node: ast.expr) -> bool:
        """Whether an expression is the name of something that another file defines."""
        return isinstance(node, ast.Name) and node.id in self._names.imports and not self.is_own(node.id)

    def is_method(self, name: str) -> bool:
        """Whether this file defines a method, or function, of a name."""
        return name in self._names.functions

    def called(self, call: ast.Call) -> list[tuple[Function, int]] | None:
        """The functions of this file that a call may mean, and how many parameters stand before its arguments.

        ``None`` if the call may mean something else that this file makes.
        """
        function, names = call.func, self._names
        if isinstance(function, ast.Attribute):
            if self.is_imported(function.value):
                return []
            methods = names.functions.get(function.attr, [])
            return [(method, shift) for method in methods for shift in (0, 1)]
        assert isinstance(function, ast.Name)
        if not self.is_own(function.id):
            return []
        found = [(made, 0) for made in names.functions.get(function.id, ())]
        if function.id in names.assigned | names.imports or self._is_bound(function.id):
            return None
        if function.id not in names.classes:
            return found or None
        return None if found else [(method, 1) for method in self._constructors(function.id, set())] or None

    def _constructors(self, name: str, seen: set[str]) -> list[Function]:
        """The ``__init__`` of a class and of its bases, as far as this file tells."""
        found: list[Function] = []
        for node in self._names.classes.get(name, ()) if name not in seen else ():
            seen.add(name)
            found += (m for m in node.body if isinstance(m, FUNCTIONS) and m.name == "__init__")
            for base in node.bases:
                found += self._constructors(terminal(base), seen)
        return found

    def _is_bound(self, name: str) -> bool:
        return any(isinstance(node.ctx, ast.Store) for node in self.variables(name))

    def is_outermost(self, node: ast.AST) -> bool:
        """Whether a node belongs to the function itself, not to one in it."""
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            node = self.parent(node)
        return node is self.function


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

    def may_change(self, node: ast.expr, wraps: int) -> bool:
        """Whether what an expression yields may be changed; true if that's too long to follow."""
        try:
            return self.changes(node, wraps)
        except RecursionError:
            return True

    def variable_may_change(self, name: str) -> bool:
        """Whether what a parameter holds at first may be changed; true if that's too long to follow."""
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

    def _reads(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return False

    def _yields(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps)

    def _wraps(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
        return self.changes(parent, wraps + 1)

    def _ends(self, parent: ast.AST, node: ast.AST, wraps: int) -> bool:
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
        return self._what.leaks or (container.id != self._flow.own and self.variable(container.id, wraps + 1))

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

    def _is_changed_in(
        self, called: list[tuple[Function, int]], call: ast.Call, argument: ast.AST, wraps: int
    ) -> bool:
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

    def _is_changed_by(
        self, callee: Callee, call: ast.Call, argument: ast.AST, place: int | None, wraps: int
    ) -> bool:
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

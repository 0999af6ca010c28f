"""What is put into a container, or stored in an attribute, after the object was made."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.rules.pickling.methods import METHODS
from flake8_pitfalls.rules.pickling.model import Culprit
from flake8_pitfalls.rules.pickling.syntax import constant_text
from flake8_pitfalls.rules.pickling.via import Via
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.variables import Bound, Expression, frame_of
from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.unpicklable import Objects
    from flake8_pitfalls.semantics.module import TopLevelStatement

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "extend": 0, "update": 0, "insert": 1, "setdefault": 1}
_REMOVING = frozenset({"clear", "pop", "remove", "discard", "popleft", "popitem"})
_SHARED_BLOCKS = (cst.For, cst.With, cst.Try, cst.BaseSuite, cst.SimpleStatementLine, cst.Expr, cst.Assign)
_CONTAINERS = frozenset(
    f"{module}.{name}"
    for module, name in (
        *(("builtins", name) for name in ("list", "dict", "set")),
        *(("collections", name) for name in ("deque", "OrderedDict", "defaultdict", "Counter")),
        *(("types", "SimpleNamespace"), ("argparse", "Namespace")),
    )
)


_DEFAULTDICT = "collections.defaultdict"
_PARTS = (cst.Expr, cst.Assign, cst.AugAssign, cst.AnnAssign, cst.Del)
_HARMLESS_MODULES = frozenset(
    {
        *("builtins", "collections", "copy", "functools", "itertools", "json", "logging", "operator", "os", "pprint"),
        *("sys", "threading", "time", "typing", "warnings", "pickle", "cPickle", "shelve", "joblib", "multiprocessing"),
        *("billiard", "concurrent", "asyncio", "queue", "torch", "numpy", "pytest", "unittest", "tqdm", "sklearn"),
    }
)
_EMPTYING = frozenset({"builtins.setattr", "builtins.delattr", "builtins.vars"})
_HARMLESS_METHODS = METHODS | {
    *("add", "debug", "info", "warning", "error", "exception", "log", "critical", "write", "join", "format", "index"),
    *("assertEqual", "assertTrue", "assertIsNotNone", "dumps", "start", "run_in_executor", "count", "isdisjoint"),
}
"""Methods that take nothing out of their arguments, whatever they are methods of."""


class _Change(NamedTuple):
    """A statement that changes an object."""

    statement: TopLevelStatement
    part: cst.CSTNode
    culprit: Culprit | None


class Mutations:
    """Follows what happens to an object that has a name, within one function or the module."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lookup = objects.lookup
        self._known: dict[tuple[cst.CSTNode, cst.CSTNode | None, Via], tuple[list[_Change], list[_Change]]] = {}
        self._removals: dict[tuple[cst.CSTNode, cst.CSTNode], list[tuple[TopLevelStatement, cst.Name]]] = {}
        self._names: dict[TopLevelStatement, dict[str, list[tuple[cst.CSTNode | None, cst.Name]]]] = {}
        self._mentions: dict[str, list[TopLevelStatement]] = {}
        self._touching: dict[tuple[TopLevelStatement, str], list[cst.Name]] = {}
        self._emptying: dict[tuple[cst.FunctionDef, str], bool] = {}

    def of_name(self, statement: TopLevelStatement, name: cst.Name, bound: Bound, via: Via) -> Culprit | None:
        """What was put into the object between its making and a read of its name."""
        value = bound.value
        if value is None or not self._takes_anything(value):
            return None
        added, removed = self._changes(statement, name, bound, via)
        if any(self._is_between(change, statement, name, bound) for change in removed):
            return None
        for change in reversed(added):
            if change.culprit is not None and self._is_between(change, statement, name, bound):
                return change.culprit
        return None

    def _changes(
        self, statement: TopLevelStatement, name: cst.Name, bound: Bound, via: Via
    ) -> tuple[list[_Change], list[_Change]]:
        """What the statements of a function, or of the module, put into an object and take out of it."""
        frame = frame_of(statement.scopes.scope_of(name))
        home = frame_of(bound.binding.scope)
        if home is not frame and not (frame.parent is None and home.parent is None):
            return [], []
        key = (bound.binding.node, frame.node if frame.parent is not None else None, via)
        known = self._known.get(key)
        if known is None:
            # What depends on itself isn't known.
            known = self._known[key] = ([], [])
            for where in self._statements(name.value) if frame.parent is None else [statement]:
                for part, read in self._reads(where).get(name.value, ()):
                    home = frame if frame.parent is not None else where.scopes.root
                    if part is None or frame_of(where.scopes.scope_of(part)) is not home:
                        continue
                    change = self._change(where, read)
                    if isinstance(change, Expression):
                        culprit = self._objects.find(*change, via)
                        if culprit is not None:
                            known[0].append(_Change(where, part, culprit))
                    elif change is not None:
                        known[1].append(_Change(where, part, None))
        return known

    def _is_between(self, change: _Change, statement: TopLevelStatement, name: cst.Name, bound: Bound) -> bool:
        """Whether a statement runs on every way from a binding to a read."""
        where, part = change.statement, change.part
        if self._is_outside(where, part, statement, name, bound):
            return False
        return self._runs_before(where, part, name if where is statement else None)

    def _is_outside(
        self, where: TopLevelStatement, part: cst.CSTNode, statement: TopLevelStatement, name: cst.Name, bound: Bound
    ) -> bool:
        """Whether a node comes before a binding or after a read."""
        if where is statement and where.order[part] > where.order[name]:
            return True
        if where is bound.statement and where.order[part] <= where.order[bound.binding.node]:
            return True
        places = self._places
        return not places[bound.statement] <= places[where] <= places[statement]

    @cached_property
    def _places(self) -> dict[TopLevelStatement, int]:
        return {statement: place for place, statement in enumerate(self._lookup.module.statements)}

    def _statements(self, name: str) -> list[TopLevelStatement]:
        """The top-level statements that mention a name."""
        known = self._mentions.get(name)
        if known is None:
            statements = self._lookup.module.statements
            known = self._mentions[name] = [one for one in statements if name in one.text]
        return known

    def _reads(self, statement: TopLevelStatement) -> dict[str, list[tuple[cst.CSTNode | None, cst.Name]]]:
        """The places of names, by their text, each with the simple statement around it."""
        known = self._names.get(statement)
        if known is None:
            known = self._names[statement] = {}
            stack: list[tuple[cst.CSTNode, cst.CSTNode | None]] = [(statement.tree, None)]
            while stack:
                node, part = stack.pop()
                if isinstance(node, cst.Name):
                    known.setdefault(node.value, []).append((part, node))
                around = node if isinstance(node, _PARTS) else part
                stack.extend((child, around) for child in reversed(children(node)))
        return known

    # -- what is taken out -------------------------------------------------------------------------------------

    def undone(self, statement: TopLevelStatement, name: cst.Name, bound: Bound, culprit: Culprit) -> bool:
        """Whether something may have been taken out of the object again, or replaced in it."""
        value = bound.value
        if value is None or culprit.node is value.node:
            return False
        frame = frame_of(statement.scopes.scope_of(name))
        for where, read in self._undoing(statement, name, bound, value, culprit):
            inner = frame_of(where.scopes.scope_of(read))
            together = inner is frame or (inner.parent is None and frame.parent is None)
            if not together or not self._is_outside(where, read, statement, name, bound):
                return True
        return False

    def _undoing(
        self, statement: TopLevelStatement, name: cst.Name, bound: Bound, value: Expression, culprit: Culprit
    ) -> list[tuple[TopLevelStatement, cst.Name]]:
        """The places that may take something out of an object, in all functions that know its name."""
        key = (bound.binding.node, culprit.node)
        known = self._removals.get(key)
        if known is None:
            of_module = frame_of(bound.binding.scope).parent is None
            variable = owner(statement.scopes.scope_of(name), name.value)
            known = self._removals[key] = [
                (where, read)
                for where in (self._statements(name.value) if of_module else [statement])
                for read in self._touched(where, name.value)
                if self._undoes(where, value, read)
                and owner(where.scopes.scope_of(read), read.value) is (variable if not of_module else None)
            ]
        return known

    def _touched(self, statement: TopLevelStatement, name: str) -> list[cst.Name]:
        """The places that may take something out of the object that a name stands for."""
        key = (statement, name)
        known = self._touching.get(key)
        if known is None:
            known = self._touching[key] = []
            for _, read in self._reads(statement).get(name, ()):
                parent = statement.parents.get(read)
                holder = statement.parents.get(parent) if parent is not None else None
                if isinstance(parent, cst.Arg):
                    touches = isinstance(holder, cst.Call) and self._may_empty(statement, holder, parent)
                else:
                    touches = isinstance(parent, (cst.Subscript, cst.Attribute))
                if touches:
                    known.append(read)
        return known

    def _undoes(self, statement: TopLevelStatement, value: Expression, read: cst.Name) -> bool:
        parent = statement.parents.get(read)
        holder = statement.parents.get(parent) if parent is not None else None
        if isinstance(parent, cst.Arg):
            return (
                isinstance(holder, cst.Call)
                and self._is_container(value)
                and self._may_empty(statement, holder, parent)
            )
        if isinstance(parent, cst.Subscript):
            # Another key of a defaultdict doesn't matter, another value in a display may.
            if not isinstance(holder, (cst.AssignTarget, cst.Del)) or isinstance(value.node, cst.Call):
                return False
            index = parent.slice[0].slice
            return not isinstance(index, cst.Index) or self._may_replace(value, [index.value])
        if not isinstance(parent, cst.Attribute):
            return False
        if isinstance(holder, (cst.AssignTarget, cst.Del)):
            known = isinstance(value.node, cst.Call) and self._lookup.dotted(value.statement, value.node.func)
            return parent.attr.value == "default_factory" or (known in _CONTAINERS and known != _DEFAULTDICT)
        if not isinstance(holder, cst.Call) or holder.func is not parent:
            return False
        return parent.attr.value in _REMOVING or (parent.attr.value == "update" and self._updates(value, holder))

    def _updates(self, value: Expression, call: cst.Call) -> bool:
        """Whether ``d.update(...)`` may replace one of the values in a display."""
        for passed in call.args:
            if passed.keyword is not None:
                if self._may_replace(value, [cst.SimpleString(f"'{passed.keyword.value}'")]):
                    return True
            elif isinstance(passed.value, cst.Dict):
                keys = [one.key for one in passed.value.elements if isinstance(one, cst.DictElement)]
                if len(keys) < len(passed.value.elements) or self._may_replace(value, keys):
                    return True
            else:
                return isinstance(value.node, cst.Dict)
        return False

    def _may_replace(self, value: Expression, keys: list[cst.BaseExpression]) -> bool:
        """Whether something in a display is replaced when other values are stored under some keys."""
        if not isinstance(value.node, cst.Dict):
            return not isinstance(value.node, cst.Call)
        own = [constant_text(one.key) if isinstance(one, cst.DictElement) else None for one in value.node.elements]
        return any(constant_text(key) is None or None in own or constant_text(key) in own for key in keys)

    def _is_container(self, value: Expression) -> bool:
        """Whether an object is a list or the like, and no instance of a class of the file."""
        if isinstance(value.node, cst.Call):
            return self._lookup.dotted(value.statement, value.node.func) in _CONTAINERS
        return self._takes_anything(value)

    def _may_empty(self, statement: TopLevelStatement, call: cst.Call, passed: cst.Arg) -> bool:
        """Whether a function may take something out of a container that it's given."""
        dotted = self._lookup.dotted(statement, call.func)
        if dotted is not None:
            return dotted in _EMPTYING or dotted.partition(".")[0] not in _HARMLESS_MODULES
        function = self._lookup.function_called(statement, call.func)
        if function is not None:
            return self._function_may_empty(*function, call, passed)
        if isinstance(call.func, cst.Attribute):
            return call.func.attr.value not in _HARMLESS_METHODS
        return self._lookup.class_named(statement, call.func) is None

    def _function_may_empty(
        self, statement: TopLevelStatement, function: cst.FunctionDef, call: cst.Call, passed: cst.Arg
    ) -> bool:
        """Whether a function of this file may take something out of what it gets for a parameter."""
        positional = [*function.params.posonly_params, *function.params.params]
        if isinstance(call.func, cst.Attribute) and self._lookup.enclosing_class(statement, function) is not None:
            positional = positional[1:]
        if passed.star or any(one.star for one in call.args):
            return True
        place = call.args.index(passed)
        if passed.keyword is not None:
            name = passed.keyword.value
        elif place < len(positional):
            name = positional[place].name.value
        else:
            return True
        key = (function, name)
        if key not in self._emptying:
            self._emptying[key] = False
            self._emptying[key] = any(
                self._empties(statement, node)
                for node in walk(function.body)
                if isinstance(node, cst.Name) and node.value == name
            )
        return self._emptying[key]

    def _empties(self, statement: TopLevelStatement, read: cst.Name) -> bool:
        """Whether something may be taken out of the container that a parameter is."""
        parent = statement.parents.get(read)
        holder = statement.parents.get(parent) if parent is not None else None
        if isinstance(parent, cst.Arg):
            return isinstance(holder, cst.Call) and self._may_empty(statement, holder, parent)
        if isinstance(parent, (cst.Subscript, cst.Attribute)) and isinstance(holder, (cst.AssignTarget, cst.Del)):
            return True
        if isinstance(parent, cst.Attribute) and isinstance(holder, cst.Call) and holder.func is parent:
            return parent.attr.value in _REMOVING | {"update"}
        return isinstance(parent, cst.AssignTarget) or (isinstance(parent, cst.Assign) and parent.value is read)

    def _takes_anything(self, value: Expression) -> bool:
        statement, node = value
        if isinstance(node, (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp)):
            return True
        if not isinstance(node, cst.Call):
            return False
        if self._lookup.dotted(statement, node.func) in _CONTAINERS:
            return True
        made = self._lookup.class_named(statement, node.func)
        return made is not None and self._objects.state.is_plain(*made)

    def _runs_before(self, statement: TopLevelStatement, part: cst.CSTNode, name: cst.Name | None) -> bool:
        around: set[cst.CSTNode] = set()
        current: cst.CSTNode | None = name
        while current is not None:
            around.add(current)
            current = statement.parents.get(current)
        current = statement.parents.get(part)
        while current is not None and current not in around and not isinstance(current, cst.Module):
            if not isinstance(current, _SHARED_BLOCKS):
                return False
            current = statement.parents.get(current)
        return part not in around

    def _change(self, statement: TopLevelStatement, read: cst.Name) -> Expression | bool | None:
        """What a statement adds; ``False`` if it may take something away, ``None`` if it changes nothing."""
        parent = statement.parents.get(read)
        holder = statement.parents.get(parent) if parent is not None else None
        if isinstance(parent, (cst.Subscript, cst.Attribute)) and isinstance(holder, cst.AssignTarget):
            assignment = statement.parents.get(holder)
            return Expression(statement, assignment.value) if isinstance(assignment, cst.Assign) else False
        if isinstance(holder, cst.Del) or isinstance(parent, cst.Del):
            return False
        if isinstance(parent, cst.Attribute) and isinstance(holder, cst.Call) and holder.func is parent:
            method = parent.attr.value
            if method in _REMOVING:
                return False
            place = _ADDING.get(method)
            if place is not None and len(holder.args) > place and not holder.args[place].star:
                added = holder.args[place].value
                iterated = method in {"extend", "update"} and isinstance(added, cst.GeneratorExp)
                return None if iterated else Expression(statement, added)
        return None

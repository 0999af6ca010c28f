"""What is put into a container, or stored in an attribute, after the object was made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.model import Culprit
from flake8_pitfalls.rules.pickling.via import Via
from flake8_pitfalls.semantics.variables import Bound, Expression, frame_of
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.unpicklable import Objects
    from flake8_pitfalls.semantics.module import TopLevelStatement

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "extend": 0, "update": 0, "insert": 1, "setdefault": 1}
_REMOVING = frozenset({"clear", "pop", "remove", "discard", "popleft", "popitem"})
_SHARED_BLOCKS = (cst.For, cst.With, cst.Try, cst.IndentedBlock, cst.SimpleStatementLine, cst.Expr, cst.Assign)
_CONTAINERS = frozenset(
    f"{module}.{name}"
    for module, name in (
        *(("builtins", name) for name in ("list", "dict", "set")),
        *(("collections", name) for name in ("deque", "OrderedDict", "defaultdict", "Counter")),
        *(("types", "SimpleNamespace"), ("argparse", "Namespace")),
    )
)


_DEFAULTDICT = "collections.defaultdict"


class Mutations:
    """Follows what happens to an object that has a name, within one function or the module."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lookup = objects.lookup

    def of_name(self, statement: TopLevelStatement, name: cst.Name, bound: Bound, via: Via) -> Culprit | None:
        """What was put into the object between its making and a read of its name."""
        value = bound.value
        if value is None or not self._takes_anything(value):
            return None
        found: Culprit | None = None
        for where, part in self._parts_between(statement, name, bound):
            for read in self._reads(part, name.value):
                change = self._change(where, read)
                if change is None:
                    continue
                if not isinstance(change, Expression):
                    return None
                found = self._objects.find(*change, via) or found
        return found

    def undone(self, statement: TopLevelStatement, name: cst.Name, bound: Bound, culprit: Culprit) -> bool:
        """Whether something was taken out of the object again, or replaced in it."""
        value = bound.value
        if value is None or culprit.node is value.node:
            return False
        parts = self._parts_between(statement, name, bound)
        return any(self._undoes(where, value, read) for where, part in parts for read in self._reads(part, name.value))

    def _undoes(self, statement: TopLevelStatement, value: Expression, read: cst.Name) -> bool:
        parent = statement.parents.get(read)
        holder = statement.parents.get(parent) if parent is not None else None
        if isinstance(parent, cst.Subscript):
            # Another key of a defaultdict doesn't matter, another value in a display may.
            return isinstance(holder, (cst.AssignTarget, cst.Del)) and not isinstance(value.node, cst.Call)
        if not isinstance(parent, cst.Attribute):
            return False
        if isinstance(holder, (cst.AssignTarget, cst.Del)):
            known = isinstance(value.node, cst.Call) and self._lookup.dotted(value.statement, value.node.func)
            return parent.attr.value == "default_factory" or (known in _CONTAINERS and known != _DEFAULTDICT)
        return isinstance(holder, cst.Call) and holder.func is parent and parent.attr.value in _REMOVING

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

    def _parts_between(
        self, statement: TopLevelStatement, name: cst.Name, bound: Bound
    ) -> Iterator[tuple[TopLevelStatement, cst.CSTNode]]:
        """The statements of the same function between a binding and a read that run on every way."""
        frame = frame_of(statement.scopes.scope_of(name))
        if frame_of(bound.binding.scope) is not frame and not (
            frame.parent is None and frame_of(bound.binding.scope).parent is None
        ):
            return
        statements = self._lookup.module.statements
        first, last = statements.index(bound.statement), statements.index(statement)
        for where in statements[first : last + 1]:
            if where is not statement and name.value not in where.text:
                continue
            for part in walk(where.tree):
                if not isinstance(part, (cst.Expr, cst.Assign, cst.AugAssign, cst.AnnAssign, cst.Del)):
                    continue
                if frame_of(where.scopes.scope_of(part)).node is not (
                    frame.node if where is statement else where.scopes.root.node
                ):
                    continue
                if where is statement and where.order[part] > where.order[name]:
                    continue
                if where is bound.statement and where.order[part] <= where.order[bound.binding.node]:
                    continue
                if self._runs_before(where, part, name if where is statement else None):
                    yield where, part

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

    def _reads(self, part: cst.CSTNode, name: str) -> Iterator[cst.Name]:
        for node in walk(part):
            if isinstance(node, cst.Name) and node.value == name:
                yield node

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

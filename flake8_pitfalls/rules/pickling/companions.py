"""What else can't be pickled in the same object: all of it has to be fixed at once, or the object stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Movable, Variable, function_around, movable_value
from flake8_pitfalls.rules.pickling.fix_factories import outermost_factory
from flake8_pitfalls.semantics.classes import assigned_value, enclosing_class
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Culprit, Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement

_DISPLAYS = (cst.List, cst.Tuple, cst.Set, cst.Dict, cst.Element, cst.DictElement, cst.IfExp)
_HOLDERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("list", "tuple", "set", "dict", "frozenset")),
        *("collections.OrderedDict", "collections.deque", "collections.defaultdict", "functools.partial"),
        *("types.SimpleNamespace", "argparse.Namespace"),
    }
)


def companions(culprit: Culprit, sink: Sink) -> list[Movable]:
    """The other lambdas, functions and classes in the object in which a culprit is found, in source order."""
    statement, node = culprit.statement, culprit.node
    wholes = [_whole(statement, node), *_attributes_with(statement, _whole(statement, node))]
    if sink.argument is not None and sink.statement is statement:
        wholes += _values(statement, sink.argument.value)
    found = dict.fromkeys(part for whole in wholes for part in _parts(statement, whole))
    found.pop(node, None)  # type: ignore[call-overload]
    return [part for part in found if not _is_same_factory(statement, part, node)]


def _whole(statement: TopLevelStatement, node: cst.CSTNode) -> cst.CSTNode:
    """The outermost display, or call that makes a container, around an expression."""
    current, whole = node, node
    parent = statement.parents.get(current)
    while parent is not None:
        if isinstance(parent, _DISPLAYS) or _is_holder(statement, parent):
            whole = parent
        elif not isinstance(parent, cst.Arg) or not _is_holder(statement, statement.parents.get(parent)):
            break
        current, parent = parent, statement.parents.get(parent)
    return whole


def _is_holder(statement: TopLevelStatement, node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.Call) and origin(statement, node.func) in _HOLDERS


def _values(statement: TopLevelStatement, node: cst.BaseExpression) -> list[cst.CSTNode]:
    """What a name may stand for."""
    if not isinstance(node, cst.Name):
        return [node]
    scope = statement.scopes.scope_of(node).lookup(node.value)
    bindings = scope.bindings.get(node.value, []) if scope is not None else []
    return [value for binding in bindings if (value := assigned_value(statement, binding)) is not None] or [node]


def _attributes_with(statement: TopLevelStatement, value: cst.CSTNode) -> list[cst.CSTNode]:
    """What else a constructor assigns to attributes, if it assigns this value to one."""
    assign = statement.parents.get(value)
    method = function_around(statement, value)
    if not isinstance(assign, cst.Assign) or method is None or method.name.value != "__init__":
        return []
    if enclosing_class(statement, method) is None or not isinstance(assign.targets[0].target, cst.Attribute):
        return []
    return [
        part.value
        for part in walk(method.body)
        if isinstance(part, cst.Assign) and isinstance(part.targets[0].target, cst.Attribute)
    ]


def _parts(statement: TopLevelStatement, whole: cst.CSTNode) -> Iterator[Movable]:
    """The lambdas, and the local functions and classes by name, that an object holds."""
    stack = [whole]
    seen: set[cst.CSTNode] = set()
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, cst.Lambda):
            yield node
        elif isinstance(node, cst.Name):
            found = _local_definition(statement, node)
            if found is not None:
                yield found
            else:
                stack.extend(_contents(statement, node))
        elif _is_of_local_class(statement, node):
            assert isinstance(node, (cst.Call, cst.Attribute))
            stack.append(node.func if isinstance(node, cst.Call) else node.value)
        elif isinstance(node, _DISPLAYS) or _is_holder(statement, node):
            stack.extend(reversed([child for child in children(node) if child is not getattr(node, "func", None)]))
        elif isinstance(node, cst.Arg):
            stack.append(node.value)


def _contents(statement: TopLevelStatement, name: cst.Name) -> list[cst.CSTNode]:
    """The containers and objects that a local name stands for."""
    scope = statement.scopes.scope_of(name).lookup(name.value)
    if scope is None or scope.kind is not ScopeKind.FUNCTION:
        return []
    return [
        value
        for value in _values(statement, name)
        if isinstance(value, _DISPLAYS) or _is_holder(statement, value) or _is_of_local_class(statement, value)
    ]


def _is_of_local_class(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """``Box(1)`` and ``Level.HIGH`` of local classes."""
    if not isinstance(node, (cst.Call, cst.Attribute)):
        return False
    made_by = node.func if isinstance(node, cst.Call) else node.value
    return isinstance(made_by, cst.Name) and isinstance(_local_definition(statement, made_by), cst.ClassDef)


def _local_definition(statement: TopLevelStatement, name: cst.Name) -> Movable | None:
    scope = statement.scopes.scope_of(name).lookup(name.value)
    if scope is None or scope.kind is not ScopeKind.FUNCTION:
        return None
    found = movable_value(statement, Variable(name.value, scope))
    return None if isinstance(found, cst.Call) else found


def _is_same_factory(statement: TopLevelStatement, part: Movable, node: cst.CSTNode) -> bool:
    """Whether two lambdas are nested factories of one ``defaultdict``, which are fixed together anyway."""
    if not isinstance(part, cst.Lambda) or not isinstance(node, cst.Lambda):
        return False
    one, other = outermost_factory(statement, part), outermost_factory(statement, node)
    return one is not None and one is other

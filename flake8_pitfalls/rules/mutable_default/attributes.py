"""Class attributes that a method changes through an instance: all instances see the change.

Methods that don't mention the attribute may have been left out; nobody has to look into them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.cousin import Cousin, refused
from flake8_pitfalls.rules.mutable_default.declares import belongs_to_the_class
from flake8_pitfalls.rules.mutable_default.idioms import KeyAccesses
from flake8_pitfalls.rules.mutable_default.objects import MutableObject, Objects
from flake8_pitfalls.semantics.classes import assigned_value, bases_in_file, family
from flake8_pitfalls.semantics.events import Event, Fate
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import BindingKind
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.values import FOLLOWED, Value
from flake8_pitfalls.semantics.walk import walk_known

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

Class = tuple["TopLevelStatement", cst.ClassDef]


def class_attributes(
    statement: TopLevelStatement, node: cst.ClassDef, objects: Objects, *, shown_line: bool = True
) -> Iterator[Cousin]:
    """The attributes of a class that some method changes through ``self``, and none assigns."""
    candidates = list(_candidates(statement, node, objects))
    if not candidates:
        return
    members = family(statement, node)
    if any(origin(where, base.value) in _METACLASSES for where, member in members for base in member.bases):
        return  # The instances are classes: what a metaclass collects about them belongs together.
    for name, value, made in candidates:
        if _is_assigned(members, name) or _is_memo(members, name):
            continue
        event = next((event for event in _changes(members, name, made)), None)
        if event is not None:
            where = f" on line {event.line}" if shown_line else ""
            reason = "assign it in __init__, or annotate it as ClassVar if all instances are meant to share it"
            yield Cousin(statement, value, f"all instances and changed through one{where}", refused(reason))


def _candidates(
    statement: TopLevelStatement, node: cst.ClassDef, objects: Objects
) -> Iterator[tuple[str, cst.BaseExpression, MutableObject]]:
    scope = statement.scopes.scope_for(node)
    for name, bindings in scope.bindings.items():
        if len(bindings) != 1 or bindings[0].kind is not BindingKind.ASSIGNMENT or belongs_to_the_class(name):
            continue
        if statement.module.attributes is not None and name not in statement.module.attributes:
            continue
        value = assigned_value(statement, bindings[0])
        parent = statement.parents.get(bindings[0].node)
        if value is None or (isinstance(parent, cst.AnnAssign) and _means_something_else(statement, node, parent)):
            continue
        made = objects.mutable(value)
        if made is not None and not made.named and not made.by_use and not made.is_iterator:
            yield name, value, made


def _means_something_else(statement: TopLevelStatement, node: cst.ClassDef, assignment: cst.AnnAssign) -> bool:
    """Whether an annotated attribute is a ClassVar, or a field that a decorator or base class copies."""
    annotation = assignment.annotation.annotation
    named = annotation.value if isinstance(annotation, cst.Subscript) else annotation
    if (origin(statement, named) or "").endswith((".ClassVar", ".Final")):
        return True
    if isinstance(annotation, cst.SimpleString) and "ClassVar" in annotation.value:
        return True
    return bool(node.decorators) or _has_foreign_base(statement, node, frozenset())


def _has_foreign_base(statement: TopLevelStatement, node: cst.ClassDef, seen: frozenset[cst.CSTNode]) -> bool:
    """Whether a base class of another file may make the attributes fields, as pydantic's does."""
    if node in seen:
        return False
    bases = bases_in_file(statement, node)
    plain = sum(origin(statement, base.value) == "builtins.object" for base in node.bases)
    return len(bases) + plain < len(node.bases) or any(_has_foreign_base(*base, seen | {node}) for base in bases)


_BINDING = (cst.AssignTarget, cst.AnnAssign, cst.For, cst.CompFor, cst.NamedExpr)
_ASSIGNING = frozenset({*_BINDING, cst.AsName, cst.Call})


def _is_assigned(members: list[Class], name: str) -> bool:
    """Whether some method gives the instance an object of its own, under whatever name it knows the instance."""
    for _, node in members:
        for part in walk_known(node.body):
            if type(part) not in _ASSIGNING:
                continue
            target = part.target if isinstance(part, _BINDING) else None
            if isinstance(part, cst.AsName):
                target = part.name
            if target is not None and any(_is_attribute(inner, name) for inner in _parts(target)):
                return True
            if isinstance(part, cst.Call) and _sets_attribute(part, name):
                return True
    return False


def _parts(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What a target assigns to: the elements of a tuple or list, which may be nested."""
    stack = [target]
    while stack:
        part = stack.pop()
        if isinstance(part, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in part.elements)
        else:
            yield part


def _is_attribute(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == name and isinstance(node.value, cst.Name)


def _sets_attribute(call: cst.Call, name: str) -> bool:
    """``setattr(self, name, ...)`` and ``self.__dict__.update(...)`` may set any attribute."""
    if isinstance(call.func, cst.Name) and call.func.value == "setattr" and len(call.args) == 3:
        key = call.args[1].value
        return not isinstance(key, cst.SimpleString) or key.evaluated_value == name
    function = call.func
    return (
        isinstance(function, cst.Attribute)
        and function.attr.value == "update"
        and isinstance(function.value, cst.Attribute)
        and function.value.attr.value == "__dict__"
    )


def _changes(members: list[Class], name: str, made: MutableObject) -> Iterator[Event]:
    for statement, node in members:
        for member in node.body.body:
            if not isinstance(member, cst.FunctionDef) or not _has_instance(statement, member):
                continue
            own = [*member.params.posonly_params, *member.params.params][0].name.value
            sources: dict[cst.CSTNode, Value] = {
                part: FOLLOWED
                for part in walk_known(member.body)
                if isinstance(part, cst.Attribute)
                and part.attr.value == name
                and isinstance(part.value, cst.Name)
                and part.value.value == own
            }
            if sources:
                interpreter = Interpreter(made.followed, sources)
                interpreter.run_from(statement, member)
                yield from (event for event in interpreter.happened() if event.fate is Fate.CHANGED)


def _is_memo(members: list[Class], name: str) -> bool:
    """Whether the attribute is only looked up and stored by key, some key both: a memo of the class."""
    remembered = False
    for statement, node in members:
        for member in node.body.body:
            mentions = [part for part in walk_known(member) if _is_attribute(part, name)]
            accesses = KeyAccesses(statement, mentions)
            if not accesses.by_key_only:
                return False
            remembered = remembered or accesses.both() is not None
    return remembered


def _has_instance(statement: TopLevelStatement, member: cst.FunctionDef) -> bool:
    if not (member.params.posonly_params or member.params.params) or member.name.value in _CLASS_METHODS:
        return False
    decorators = {origin(statement, decorator.decorator) for decorator in member.decorators}
    return not decorators & {"builtins.classmethod", "builtins.staticmethod"}


_METACLASSES = frozenset({"builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"})
_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})

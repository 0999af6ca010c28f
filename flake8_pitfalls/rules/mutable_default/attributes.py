"""Class attributes that a method changes through an instance: all instances see the change.

Methods that don't mention the attribute may have been left out; nobody has to look into them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.cousin import Cousin, refused
from flake8_pitfalls.rules.mutable_default.declares import belongs_to_the_class, is_made_to_be_shared
from flake8_pitfalls.rules.mutable_default.objects import MutableObject, Objects
from flake8_pitfalls.rules.mutable_default.relatives import relatives_of
from flake8_pitfalls.semantics.classes import assigned_value, bases_in_file, with_bases
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import BindingKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def class_attributes(
    statement: TopLevelStatement, node: cst.ClassDef, objects: Objects, *, shown_line: bool = True
) -> Iterator[Cousin]:
    """The attributes of a class that some method changes through ``self``, and none assigns."""
    candidates = list(_candidates(statement, node, objects))
    if not candidates:
        return
    first, relatives = relatives_of(statement, node)
    if relatives.are_metaclasses:
        return
    for name, value, made in candidates:
        if relatives.assign(name) or relatives.remember(name):
            continue
        event = relatives.first_change(first, name, made.followed)
        if event is not None and not relatives.share(node, name):
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
        if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and is_made_to_be_shared(value.func.value):
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
    return bool(node.decorators) or any(_has_foreign_base(*each) for each in with_bases(statement, node))


def _has_foreign_base(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether a base class of another file may make the attributes fields, as pydantic's does."""
    bases = bases_in_file(statement, node)
    plain = sum(origin(statement, base.value) == "builtins.object" for base in node.bases)
    return len(bases) + plain < len(node.bases)

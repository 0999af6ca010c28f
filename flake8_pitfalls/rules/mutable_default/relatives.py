"""What the classes of a family do with their attributes: found out once, asked for each attribute of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.rules.mutable_default.class_owned import (
    CLASS_METHODS,
    decorators_of,
    keeping_instances,
    used_through_class,
)
from flake8_pitfalls.rules.mutable_default.idioms import KeyAccesses
from flake8_pitfalls.semantics.classes import Class, Family, family_of, with_bases
from flake8_pitfalls.semantics.events import Event, Fate
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.values import FOLLOWED, Followed
from flake8_pitfalls.semantics.walk import children, walk_known

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_METACLASSES = frozenset({"builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"})
_BINDING = (cst.AssignTarget, cst.AnnAssign, cst.For, cst.CompFor, cst.NamedExpr)
_ASSIGNING = frozenset({*_BINDING, cst.AsName, cst.Call})


def _is_metaclass(statement: TopLevelStatement, base: cst.BaseExpression) -> bool:
    """``type``, ``abc.ABCMeta``, ``Base.__class__``, ``type(Base)``."""
    if isinstance(base, cst.Call):
        of_type = len(base.args) == 1 and origin(statement, base.func) == "builtins.type"
        return of_type and _is_named_like_class(base.args[0].value)
    if isinstance(base, cst.Attribute) and base.attr.value == "__class__":
        return _is_named_like_class(base.value)
    return origin(statement, base) in _METACLASSES


def _is_named_like_class(node: cst.BaseExpression) -> bool:
    """``Base`` and ``base.Base``; the class of an instance is no metaclass."""
    name = node.attr if isinstance(node, cst.Attribute) else node
    return isinstance(name, cst.Name) and name.value.lstrip("_")[:1].isupper()


class Mention(NamedTuple):
    """Where a statement of a class body, as a rule a method, mentions an attribute."""

    member: cst.CSTNode
    everywhere: list[cst.CSTNode]
    in_body: list[cst.CSTNode]
    """Without those in decorators and defaults."""


class Relatives:
    """The classes of a family."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._first_changes: dict[tuple[str, Followed], Event | None] = {}
        self._changes: dict[tuple[cst.CSTNode, str, Followed], Event | None] = {}
        self._memos: dict[str, bool] = {}

    @cached_property
    def are_metaclasses(self) -> bool:
        """Whether the instances are classes: what a metaclass collects about them belongs together."""
        return any(_is_metaclass(where, base.value) for where, node in self._family.all for base in node.bases)

    # -- assignments ---------------------------------------------------------------------------------------------

    def assign(self, name: str) -> bool:
        """Whether some method gives the instance an object of its own, under whatever name it knows the instance."""
        return name in self._assigned or None in self._assigned

    @cached_property
    def _assigned(self) -> set[str | None]:
        """The names of the attributes that are assigned, ``None`` if that may be any."""
        found: set[str | None] = set()
        for known in self._family.all:
            for part in walk_known(known[1].body):
                if type(part) in _ASSIGNING:
                    target = part.target if isinstance(part, _BINDING) else None
                    if isinstance(part, cst.AsName):
                        target = part.name
                    names = (_attribute(inner) for inner in _parts(target))
                    found.update(_stored_name(known, name) for name in names if name is not None)
                    if isinstance(part, cst.Call):
                        found.update(_set_by(part))
        return found

    # -- mentions ------------------------------------------------------------------------------------------------

    @cached_property
    def _mentions(self) -> dict[str, dict[Class, list[Mention]]]:
        """The mentions of each attribute, by class."""
        found: dict[str, dict[Class, list[Mention]]] = {}
        for known in self._family.all:
            for member in known[1].body.body:
                for name, mention in _mentions_in(member).items():
                    found.setdefault(_stored_name(known, name), {}).setdefault(known, []).append(mention)
        return found

    def remember(self, name: str) -> bool:
        """Whether the attribute is only looked up and stored by key, some key both: a memo of the class."""
        if name not in self._memos:
            self._memos[name] = self._is_memo(name)
        return self._memos[name]

    def _is_memo(self, name: str) -> bool:
        remembered = False
        for (statement, _), mentions in self._mentions.get(name, {}).items():
            for mention in mentions:
                accesses = KeyAccesses(statement, mention.everywhere)
                if not accesses.by_key_only:
                    return False
                remembered = remembered or accesses.both() is not None
        return remembered

    def share(self, node: cst.ClassDef, name: str) -> bool:
        """Whether methods tell that the object of a class is meant to be shared.

        They use it through the class, or keep the instances in it.
        """
        return (node, name) in self._shared

    @cached_property
    def _shared(self) -> set[tuple[cst.ClassDef | None, str]]:
        """The attributes, with the classes that have them."""
        by_name = {node.name.value: (where, node) for where, node in self._family.all}
        found: set[tuple[cst.ClassDef | None, str]] = set()
        for known in self._family.all:
            for member in known[1].body.body:
                if isinstance(member, cst.FunctionDef):
                    through = list(used_through_class(known[0], member, {*by_name}))
                    through += ((None, name) for name in keeping_instances(member))
                    for class_name, written in through:
                        name = _stored_name(known, written)
                        found.add((_owner(known if class_name is None else by_name[class_name], name), name))
        return found

    def first_change(self, first: list[Class], name: str, followed: Followed) -> Event | None:
        """What changes an attribute through an instance, in some classes if it's there, or else in another one."""
        for known in first:
            event = self._change_in(known, name, followed)
            if event is not None:
                return event
        key = name, followed
        if key not in self._first_changes:
            events = (self._change_in(known, name, followed) for known in self._family.subclasses)
            self._first_changes[key] = next((event for event in events if event is not None), None)
        return self._first_changes[key]

    def _change_in(self, known: Class, name: str, followed: Followed) -> Event | None:
        for mention in self._mentions.get(name, {}).get(known, ()):
            key = mention.member, name, followed
            if key not in self._changes:
                self._changes[key] = next(_changes_by(known[0], mention, followed), None)
            event = self._changes[key]
            if event is not None:
                return event
        return None


def relatives_of(statement: TopLevelStatement, node: cst.ClassDef) -> tuple[list[Class], Relatives]:
    """A class with its bases, and the family that they belong to."""
    first, family = family_of(statement, node)
    known: dict[Family, Relatives] = statement.module.memo.setdefault("relatives", {})
    if family not in known:
        known[family] = Relatives(family)
    return first, known[family]


def _owner(known: Class, name: str) -> cst.ClassDef | None:
    """The class, of a class and its bases in the file, whose body gives it an attribute."""
    for where, node in with_bases(*known):
        if name in where.scopes.scope_for(node).bindings:
            return node
    return None


def _stored_name(known: Class, name: str) -> str:
    """``_Box__items`` for ``self.__items`` in a method of ``Box``."""
    return known[0].scopes.scope_for(known[1]).stored_name(name) if name.startswith("__") else name


def _mentions_in(member: cst.CSTNode) -> dict[str, Mention]:
    found: dict[str, Mention] = {}
    for part in children(member):
        in_body = isinstance(member, cst.FunctionDef) and part is member.body
        for node in walk_known(part):
            name = _attribute(node)
            if name is not None:
                mention = found.setdefault(name, Mention(member, [], []))
                mention.everywhere.append(node)
                if in_body:
                    mention.in_body.append(node)
    return found


def _changes_by(statement: TopLevelStatement, mention: Mention, followed: Followed) -> Iterator[Event]:
    member = mention.member
    if not isinstance(member, cst.FunctionDef) or not _has_instance(statement, member):
        return
    own = [*member.params.posonly_params, *member.params.params][0].name.value
    sources = {node: FOLLOWED for node in mention.in_body if node.value.value == own}  # type: ignore[attr-defined]
    if sources:
        interpreter = Interpreter(followed, sources)
        interpreter.run_from(statement, member)
        yield from (event for event in interpreter.happened() if event.fate is Fate.CHANGED)


def _has_instance(statement: TopLevelStatement, member: cst.FunctionDef) -> bool:
    if not (member.params.posonly_params or member.params.params) or member.name.value in CLASS_METHODS:
        return False
    return not decorators_of(statement, member) & {"builtins.classmethod", "builtins.staticmethod"}


def _parts(target: cst.CSTNode | None) -> Iterator[cst.CSTNode]:
    """What a target assigns to: the elements of a tuple or list, which may be nested."""
    stack = [target] if target is not None else []
    while stack:
        part = stack.pop()
        if isinstance(part, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in part.elements)
        else:
            yield part


def _attribute(node: cst.CSTNode) -> str | None:
    """The name of an attribute of some variable."""
    # LibCST's classes are abstract base classes, for which isinstance() is slow.
    return node.attr.value if type(node) is cst.Attribute and type(node.value) is cst.Name else None


def _set_by(call: cst.Call) -> set[str | None]:
    """What ``setattr(self, name, ...)`` sets; ``None`` for any, as by ``self.__dict__.update(...)``."""
    function = call.func
    if isinstance(function, cst.Name) and function.value == "setattr" and len(call.args) == 3:
        key = call.args[1].value
        if not isinstance(key, cst.SimpleString):
            return {None}
        value = key.evaluated_value
        return {value} if isinstance(value, str) else set()
    updates = (
        isinstance(function, cst.Attribute)
        and function.attr.value == "update"
        and isinstance(function.value, cst.Attribute)
        and function.value.attr.value == "__dict__"
    )
    return {None} if updates else set()

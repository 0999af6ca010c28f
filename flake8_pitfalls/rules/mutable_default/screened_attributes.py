"""Class attributes that a method may change through an instance, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.declares import belongs_to_the_class
from flake8_pitfalls.rules.mutable_default.screened_functions import Flows, Function
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, assigned, assignments, terminal
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_objects import ScreenedObjects
    from flake8_pitfalls.rules.page import Page

_NOT_MADE_HERE = frozenset({ast.Constant, ast.Name, ast.Attribute, ast.JoinedStr, ast.Lambda, ast.Compare})
"""Values that make no mutable object; what a name stands for has another owner."""
_OF_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_OTHER_DECORATORS = frozenset({"classmethod", "staticmethod"})
_FARTHEST = 300
"""How many characters in front of a name are looked through for a dot; a comment may be longer."""


class ScreenedAttributes:
    """The classes of a module, and what their methods do with the attributes."""

    def __init__(self, page: Page, names: Names, objects: ScreenedObjects, flows: Flows) -> None:
        self._page = page
        self._names = names
        self._objects = objects
        self._flows = flows

    def candidates(self) -> Iterator[int]:
        """The lines of the classes, and of the methods that have to be looked at; notes the names."""
        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            for written, value, annotated in _made_in(node):
                name = _stored_name(node, written)
                if self._page.text.count(written) < 2 or name not in self._page.text:
                    continue
                if self._may_be_changed(node, name, value, annotated=annotated):
                    self._page.attributes.add(name)
                    yield node.lineno
                    self._page.context.update(self._mentioning(node, name))

    def _may_be_changed(self, node: ast.ClassDef, name: str, value: ast.expr, *, annotated: bool) -> bool:
        if belongs_to_the_class(name):
            return False
        if annotated and (node.decorator_list or self._has_foreign_base(node)):
            return False
        objects = self._objects
        if not objects.may_be_mutable(value) or objects.is_instance(value) or objects.is_iterator(value):
            return False
        methods = self._methods_mentioning(node, name)
        if not methods or self._is_assigned(node, name):
            return False
        parts = objects.mutable_parts(value)
        if not all(objects.is_plain(part) for part in (value, *parts)):
            return True
        from flake8_pitfalls.rules.mutable_default.screened_flow import Follower, Object

        what = Object(deep=bool(parts))
        return any(Follower(self._flows.of(method), what).attribute_may_change(name) for method in methods)

    def _has_foreign_base(self, node: ast.ClassDef) -> bool:
        """Whether a base class of another file may make the attributes fields."""
        names = self._names
        return any(
            terminal(base) != "object" and base.id not in names.classes and base.id not in names.assigned
            if isinstance(base, ast.Name)
            else not isinstance(base, ast.Attribute) or base.attr != "object"
            for base in node.bases
        )

    # -- where an attribute is mentioned -------------------------------------------------------------------------

    def _lines(self, name: str) -> list[int]:
        """The lines on which something of a name is read from an object, as far as the text tells."""
        text = self._page.text
        lines: list[int] = []
        line, counted = 1, 0
        position = text.find(name)
        while position >= 0:
            end = position + len(name)
            if _follows_dot(text, position) and not _continues(text, end):
                line += text.count("\n", counted, position)
                counted = position
                lines.append(line)
            position = text.find(name, end)
        return lines

    def _methods_mentioning(self, node: ast.ClassDef, name: str) -> list[Function]:
        """The methods of a class and of its relatives that may mention an attribute of their first parameter."""
        lines = self._lines(name)
        family = self._families[node]
        found: list[Function] = []
        for method, owner in self._methods if lines else ():
            if self._families[owner] is family:
                first = bisect_left(lines, method.body[0].lineno)
                if first < len(lines) and lines[first] <= (method.end_lineno or 0):
                    found.append(method)
        return found

    @cached_property
    def _methods(self) -> list[tuple[Function, ast.ClassDef]]:
        """The methods that get an instance, with their classes."""
        others = _OTHER_DECORATORS - self._names.own - self._names.assigned
        found: list[tuple[Function, ast.ClassDef]] = []
        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            found += [
                (member, node)
                for member in node.body
                if isinstance(member, FUNCTIONS)
                and (member.args.args or member.args.posonlyargs)
                and member.name not in _OF_CLASSES
                and not any(isinstance(part, ast.Name) and part.id in others for part in member.decorator_list)
            ]
        return found

    @cached_property
    def _families(self) -> dict[ast.stmt, ast.stmt]:
        """For each class one that may be a relative of it, the same for all relatives."""
        found = {node: node for node in self._page.of(ast.ClassDef)}

        def first(node: ast.stmt) -> ast.stmt:
            while found[node] is not node:
                node = found[node]
            return node

        for node in self._page.of(ast.ClassDef):
            for base in node.bases:  # type: ignore[attr-defined]
                for other in self._names.classes.get(base.id, ()) if isinstance(base, ast.Name) else ():
                    found[first(other)] = first(node)
        return {node: first(node) for node in found}

    def _is_assigned(self, node: ast.ClassDef, name: str) -> bool:
        """Whether the code of a class gives instances an object of their own, or may do so."""
        lines = sorted([*self._lines(name), *self._page.lines([r"setattr\b", r"__dict__\b"])])
        own = [line for line in lines if node.lineno <= line <= (node.end_lineno or 0)]
        return any(_assigns(statement, name) for statement in self._page.innermost(own))

    def _mentioning(self, node: ast.ClassDef, name: str) -> Iterator[int]:
        """The lines that decide about an attribute: those on which it may be read, changed or assigned."""
        page = self._page
        relatives = [
            range(other.lineno, (other.end_lineno or 0) + 1)
            for other, family in self._families.items()
            if family is self._families[node]
        ]
        lines = self._lines(name)
        for statement in page.innermost(page.lines([r"setattr\b", r"__dict__\b"])):
            if _assigns(statement, name):
                lines.append(statement.lineno)
        yield from (line for line in lines if any(line in relative for relative in relatives))


def _made_in(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr, bool]]:
    """What a class body assigns once to a name, and whether that's annotated."""
    found: dict[str, tuple[ast.expr | None, bool]] = {}
    for statement in assignments(node.body):
        for name, value in assigned(statement):
            made = value if value is not None and value.__class__ not in _NOT_MADE_HERE else None
            found[name] = (None if name in found else made), statement.__class__ is ast.AnnAssign
    for name, (made, annotated) in found.items():
        if made is not None:
            yield name, made, annotated


def _stored_name(node: ast.ClassDef, name: str) -> str:
    """``_Box__items`` for ``__items`` in the body of ``Box``."""
    owner = node.name.lstrip("_")
    is_private = name.startswith("__") and not name.endswith("__") and owner
    return f"_{owner}{name}" if is_private else name


def _assigns(statement: ast.stmt, name: str) -> bool:
    """Whether a statement gives the attribute of some variable another value, or may do so."""
    augmented: ast.expr | None = None  # `self.items += [1]` changes the list before it assigns it.
    for part in own_nodes(statement):
        if isinstance(part, ast.AugAssign):
            augmented = part.target
        elif isinstance(part, ast.Attribute):
            stored = part.attr == name and isinstance(part.ctx, ast.Store) and isinstance(part.value, ast.Name)
            if stored and part is not augmented:
                return True
        elif isinstance(part, ast.Call) and _sets_attribute(part, name):
            return True
    return False


def _sets_attribute(node: ast.Call, name: str) -> bool:
    """``setattr(self, name, ...)`` and ``self.__dict__.update(...)``."""
    function = node.func
    if isinstance(function, ast.Name) and function.id == "setattr" and len(node.args) == 3 and not node.keywords:
        key = node.args[1]
        return not isinstance(key, ast.Constant) or key.value == name
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "update"
        and terminal(function.value) == "__dict__"
        and isinstance(function.value, ast.Attribute)
    )


def _follows_dot(text: str, position: int) -> bool:
    """Whether a dot stands in front of a name, with nothing but space between them, or perhaps a comment."""
    before = text[position - 1 : position]
    if not before.isspace():
        return before == "."
    rest = text[max(0, position - _FARTHEST) : position].rstrip(" \t\n\f\\")
    line = rest[rest.rfind("\n") + 1 :]
    return not rest or rest[-1] == "." or "#" in line or (len(line) == len(rest) and position > _FARTHEST)


def _continues(text: str, position: int) -> bool:
    """Whether a name goes on behind what was found of it."""
    after = text[position : position + 1]
    return after.isalnum() or after == "_"

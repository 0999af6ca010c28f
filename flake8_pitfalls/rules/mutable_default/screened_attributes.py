"""Class attributes that a method may change through an instance, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.declares import belongs_to_the_class
from flake8_pitfalls.rules.mutable_default.screened_functions import Flows
from flake8_pitfalls.rules.mutable_default.screened_mentions import Mentions
from flake8_pitfalls.rules.mutable_default.screened_names import Names, assigned, assignments, terminal

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_objects import ScreenedObjects
    from flake8_pitfalls.rules.page import Page

_NOT_MADE_HERE = frozenset({ast.Constant, ast.Name, ast.Attribute, ast.JoinedStr, ast.Lambda, ast.Compare})
"""Values that make no mutable object; what a name stands for has another owner."""


class ScreenedAttributes:
    """The classes of a module, and what their methods do with the attributes."""

    def __init__(self, page: Page, names: Names, objects: ScreenedObjects, flows: Flows) -> None:
        self._page = page
        self._names = names
        self._objects = objects
        self._flows = flows
        self._changed: dict[tuple[ast.stmt, str, bool], bool] = {}
        self._noted: set[tuple[ast.stmt, str]] = set()

    def candidates(self) -> Iterator[int]:
        """The lines of the classes, and of the methods that have to be looked at; notes the names."""
        made = [
            (node, written, value, annotated)
            for node in self._page.of(ast.ClassDef)
            if isinstance(node, ast.ClassDef)
            for written, value, annotated in _made_in(node)
        ]
        if not made:
            return
        if self._page.has_other_names:
            for node, written, _, _ in made:
                self._page.attributes.add(_stored_name(node, written))
                self._page.context.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
                yield node.lineno
            return
        mentions = Mentions(
            self._page, self._names, {_stored_name(node, written): written for node, written, _, _ in made}
        )
        read: dict[str, bool] = {}
        for node, written, value, annotated in made:
            name = _stored_name(node, written)
            if name not in read:
                read[name] = mentions.may_be_read(name)
            if read[name] and self._may_be_changed(mentions, node, name, value, annotated=annotated):
                self._page.attributes.add(name)
                yield node.lineno
                family = mentions.families[node]
                if (family, name) not in self._noted:
                    self._noted.add((family, name))
                    self._page.context.update(mentions.deciding_lines(family, name))

    def _may_be_changed(
        self, mentions: Mentions, node: ast.ClassDef, name: str, value: ast.expr, *, annotated: bool
    ) -> bool:
        if belongs_to_the_class(name):
            return False
        if annotated and (node.decorator_list or self._has_foreign_base(node)):
            return False
        objects = self._objects
        if not objects.may_be_mutable(value) or objects.is_instance(value) or objects.is_iterator(value):
            return False
        methods = mentions.methods(mentions.families[node], name)
        if not methods or mentions.is_assigned(node, name):
            return False
        parts = objects.mutable_parts(value)
        if not all(objects.is_plain(part) for part in (value, *parts)):
            return True
        key = mentions.families[node], name, bool(parts)
        if key not in self._changed:
            from flake8_pitfalls.rules.mutable_default.screened_flow import Follower, Object

            what = Object(deep=bool(parts))
            self._changed[key] = any(
                Follower(self._flows.of(method), what).attribute_may_change(form)
                for method in methods
                for form in mentions.forms(name)
            )
        return self._changed[key]

    def _has_foreign_base(self, node: ast.ClassDef) -> bool:
        """Whether a base class of another file may make the attributes fields."""
        names = self._names
        return any(
            terminal(base) != "object" and base.id not in names.classes and base.id not in names.assigned
            if isinstance(base, ast.Name)
            else not isinstance(base, ast.Attribute) or base.attr != "object"
            for base in node.bases
        )


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

"""Class attributes that a method may change through an instance, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.declares import SHARED_BY_NAME
from flake8_pitfalls.rules.mutable_default.screened_flow import Flow, Object
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, assigned, assignments, terminal
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_objects import ScreenedObjects
    from flake8_pitfalls.rules.page import Page

_NOT_MADE_HERE = frozenset({ast.Constant, ast.Name, ast.Attribute, ast.JoinedStr, ast.Lambda, ast.Compare})
"""Values that make no mutable object; what a name stands for has another owner."""
_OF_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_OTHER_DECORATORS = frozenset({"classmethod", "staticmethod"})
_Method = ast.FunctionDef | ast.AsyncFunctionDef


class ScreenedAttributes:
    """The classes of a module, and what their methods do with the attributes."""

    def __init__(self, page: Page, names: Names, objects: ScreenedObjects) -> None:
        self._page = page
        self._names = names
        self._objects = objects
        self._flows: dict[_Method, Flow] = {}

    def candidates(self) -> Iterator[int]:
        """The lines of the classes, and of the methods that have to be looked at; notes the names."""
        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            for name, value, annotated in _made_in(node):
                if self._may_be_changed(node, name, value, annotated=annotated):
                    self._page.attributes.add(name)
                    yield node.lineno
                    self._page.context.update(self._mentioning(node, name))

    def _may_be_changed(self, node: ast.ClassDef, name: str, value: ast.expr, *, annotated: bool) -> bool:
        if SHARED_BY_NAME.search(name) or self._page.text.count(name) < 2:
            return False
        if annotated and (node.decorator_list or self._has_foreign_base(node)):
            return False
        if not self._objects.may_be_mutable(value) or self._objects.is_instance(value):
            return False
        methods = self._methods_mentioning(node, name)
        if not methods or self._is_assigned(node, name):
            return False
        parts = self._objects.mutable_parts(value)
        if not all(self._objects.is_plain(part) for part in (value, *parts)):
            return True
        what = Object(deep=bool(parts))
        return any(self._flow(method).attribute_may_change(name, what) for method in methods)

    def _flow(self, method: _Method) -> Flow:
        flow = self._flows.get(method)
        if flow is None:
            flow = self._flows[method] = Flow(method, self._names)
        return flow

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

    def _methods_mentioning(self, node: ast.ClassDef, name: str) -> list[_Method]:
        """The methods of a class and of its relatives that may mention an attribute of their first parameter."""
        lines = self._lines(name)
        family = self._families[self._page.place_of(node.lineno)]
        found: list[_Method] = []
        for method, place in self._methods:
            if self._families[place] == family:
                first = bisect_left(lines, method.body[0].lineno)
                if first < len(lines) and lines[first] <= (method.end_lineno or 0):
                    found.append(method)
        return found

    @cached_property
    def _methods(self) -> list[tuple[_Method, int]]:
        """The methods that get an instance, with the number of the top-level statement that holds them."""
        others = _OTHER_DECORATORS - self._names.own - self._names.assigned
        found: list[tuple[_Method, int]] = []
        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            place = self._page.place_of(node.lineno)
            for member in node.body:
                if (
                    isinstance(member, FUNCTIONS)
                    and (member.args.args or member.args.posonlyargs)
                    and member.name not in _OF_CLASSES
                    and not any(isinstance(part, ast.Name) and part.id in others for part in member.decorator_list)
                ):
                    found.append((member, place))
        return found

    @cached_property
    def _families(self) -> list[int]:
        """For each top-level statement the number of one whose classes may be relatives of its own."""
        numbers = list(range(len(self._page.tree.body)))

        def first(place: int) -> int:
            while numbers[place] != place:
                place = numbers[place]
            return place

        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            place = first(self._page.place_of(node.lineno))
            for base in node.bases:
                for other in self._names.classes.get(base.id, ()) if isinstance(base, ast.Name) else ():
                    numbers[first(self._page.place_of(other.lineno))] = place
        return [first(place) for place in range(len(numbers))]

    def _is_assigned(self, node: ast.ClassDef, name: str) -> bool:
        """Whether the code of a class gives instances an object of their own, or may do so."""
        lines = sorted([*self._lines(name), *self._page.lines([r"setattr\b", r"__dict__\b"])])
        own = [line for line in lines if node.lineno <= line <= (node.end_lineno or 0)]
        return any(_assigns(statement, name) for statement in self._page.innermost(own))

    def _mentioning(self, node: ast.ClassDef, name: str) -> Iterator[int]:
        """The lines that decide about an attribute: those on which it may be read, changed or assigned."""
        page = self._page
        family = self._families[page.place_of(node.lineno)]
        yield from (line for line in self._lines(name) if self._families[page.place_of(line)] == family)
        for statement in page.innermost(page.lines([r"setattr\b", r"__dict__\b"])):
            if self._families[page.place_of(statement.lineno)] == family and _assigns(statement, name):
                yield statement.lineno


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
    rest = text[max(0, position - 300) : position].rstrip(" \t\n\f\\")
    return not rest or rest[-1] == "." or "#" in rest[rest.rfind("\n") + 1 :]


def _continues(text: str, position: int) -> bool:
    """Whether a name goes on behind what was found of it."""
    after = text[position : position + 1]
    return after.isalnum() or after == "_"

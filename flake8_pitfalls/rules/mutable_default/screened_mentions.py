"""Where the attributes of classes are mentioned and assigned, told from ``ast`` and the text. No LibCST here.

All is asked for each attribute of each class of a file, which may be thousands: each question costs no more than what
it's about.
"""

from __future__ import annotations

import ast
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, terminal
from flake8_pitfalls.rules.nesting import Nesting
from flake8_pitfalls.rules.page import compiled
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_functions import Function
    from flake8_pitfalls.rules.page import Page

_OF_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
_OTHER_DECORATORS = frozenset({"classmethod", "staticmethod"})
_SETTING = (r"setattr\b", r"__dict__\b")
"""What stands on the lines that may assign an attribute whose name they don't mention."""
_FARTHEST = 300
"""How many characters in front of a name are looked through for a dot; a comment may be longer."""
_FEW_NAMES = 30
"""So many names are searched for one by one; for more, all words of the text are looked at."""


class Assigned(NamedTuple):
    """Which attributes of variables some code assigns."""

    names: frozenset[str] = frozenset()
    anything: bool = False
    """Whether it may assign others too."""

    def has(self, name: str) -> bool:
        """Whether it may assign an attribute."""
        return self.anything or name in self.names


class Mentions:
    """The classes of a module, and where some of their attributes are mentioned."""

    def __init__(self, page: Page, names: Names, attributes: Mapping[str, str]) -> None:
        """Take the names of the attributes, and how they're written in the bodies of their classes."""
        self._page = page
        self._names = names
        self._attributes = attributes
        self._lines: dict[str, list[int]] = {}
        self._methods: dict[str, dict[ast.stmt, list[Function]]] = {}
        self._in_families: dict[str, dict[ast.stmt, list[int]]] = {}
        self._on_line: dict[int, Assigned] = {}
        self._by_statement: dict[ast.stmt, Assigned] = {}
        self._set_in: dict[ast.ClassDef, Assigned] = {}

    def forms(self, name: str) -> set[str]:
        """How an attribute may be written: ``__items`` and ``_Box__items`` are one."""
        return {name, self._attributes.get(name, name)}

    def may_be_read(self, name: str) -> bool:
        """Whether an attribute may be mentioned outside of its assignment."""
        if len(self._attributes) > _FEW_NAMES:
            return bool(self._lines_of(name))
        return self._page.text.count(self._attributes[name]) > 1

    # -- lines ---------------------------------------------------------------------------------------------------

    def _lines_of(self, name: str) -> list[int]:
        """The lines on which something of a name is read from an object, as far as the text tells."""
        if name not in self._lines:
            text = self._page.text
            offsets = (offset for form in self.forms(name) for offset in self._offsets_of(form))
            self._lines[name] = sorted(self._line_at(offset) for offset in offsets if _follows_dot(text, offset))
        return self._lines[name]

    def _offsets_of(self, form: str) -> Iterable[int]:
        return self._offsets.get(form, ()) if self._is_listed(form) else _words(self._page.text, form)

    def _is_listed(self, name: str) -> bool:
        """Whether the offsets of a name are known; other names than these may hold what the pattern takes for ends."""
        return len(self._attributes) > _FEW_NAMES and name.isascii()

    @cached_property
    def _offsets(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {form: [] for name in self._attributes for form in self.forms(name)}
        for match in compiled(r"[A-Za-z_]\w*").finditer(self._page.text):
            offsets = found.get(match.group())
            if offsets is not None:
                offsets.append(match.start())
        return found

    def _line_at(self, offset: int) -> int:
        return bisect_right(self._line_starts, offset)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [*accumulate(map(len, io.StringIO(self._page.text)), initial=0)]

    # -- relatives -----------------------------------------------------------------------------------------------

    @cached_property
    def families(self) -> dict[ast.stmt, ast.stmt]:
        """For each class one that may be a relative of it, the same for all relatives."""
        found = {node: node for node in self._page.of(ast.ClassDef)}

        def first(node: ast.stmt) -> ast.stmt:
            while found[node] is not node:
                found[node] = found[found[node]]
                node = found[node]
            return node

        united: set[str] = set()
        for node in self._page.of(ast.ClassDef):
            for base in node.bases:  # type: ignore[attr-defined]
                if isinstance(base, ast.Name):
                    named = self._names.classes.get(base.id, [])
                    for other in named[:1] if base.id in united else named:
                        found[first(other)] = first(node)
                    united.add(base.id)
        return {node: first(node) for node in found}

    def _families_around(self, line: int) -> set[ast.stmt]:
        return {self.families[node] for node in self._page.around(line, ast.ClassDef)}

    def methods(self, family: ast.stmt, name: str) -> list[Function]:
        """The methods of related classes that may mention an attribute of their first parameter."""
        if name not in self._methods:
            found: dict[ast.stmt, dict[Function, None]] = {}
            methods, nesting = self._bodies
            for line in self._lines_of(name):
                for place in nesting.around(line):
                    method, owner = methods[place]
                    found.setdefault(self.families[owner], {})[method] = None
            self._methods[name] = {each: list(known) for each, known in found.items()}
        return self._methods[name].get(family, [])

    @cached_property
    def _bodies(self) -> tuple[list[tuple[Function, ast.ClassDef]], Nesting]:
        """The methods that get an instance, with their classes, and the lines of their bodies."""
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
        found.sort(key=_first_line)
        return found, Nesting([*map(_first_line, found)], [method.end_lineno or 0 for method, _ in found])

    # -- assignments ---------------------------------------------------------------------------------------------

    def is_assigned(self, node: ast.ClassDef, name: str) -> bool:
        """Whether the code of a class gives instances an object of their own, or may do so."""
        if node not in self._set_in:
            lines = [line for line, _ in self._setting]
            start, end = bisect_left(lines, node.lineno), bisect_right(lines, node.end_lineno or 0)
            self._set_in[node] = _together(assigned for _, assigned in self._setting[start:end])
        lines = self._lines_of(name)
        start, end = bisect_left(lines, node.lineno), bisect_right(lines, node.end_lineno or 0)
        assigned = [self._set_in[node], *map(self._assigned_on, lines[start:end])]
        return any(each.has(form) for each in assigned for form in self.forms(name))

    def _assigned_on(self, line: int) -> Assigned:
        """What the statements on a line assign."""
        if line not in self._on_line:
            self._on_line[line] = _together(map(self._assigned_by, self._page.innermost([line])))
        return self._on_line[line]

    def _assigned_by(self, statement: ast.stmt) -> Assigned:
        """What a statement assigns, which may go over many lines."""
        if statement not in self._by_statement:
            self._by_statement[statement] = _assigned_by(statement)
        return self._by_statement[statement]

    @cached_property
    def _setting(self) -> list[tuple[int, Assigned]]:
        """The lines on which attributes may be assigned whose names aren't mentioned there."""
        lines = dict.fromkeys(self._page.lines(_SETTING))
        return [(line, self._assigned_on(line)) for line in lines]

    def deciding_lines(self, family: ast.stmt, name: str) -> Iterator[int]:
        """The lines that decide about an attribute: those on which it may be read, changed or assigned."""
        if name not in self._in_families:
            found: dict[ast.stmt, list[int]] = {}
            set_on = (line for form in self.forms(name) for line in self._set_by_name.get(form, ()))
            for line in (*self._lines_of(name), *set_on):
                for each in self._families_around(line):
                    found.setdefault(each, []).append(line)
            self._in_families[name] = found
        yield from self._in_families[name].get(family, ())
        yield from self._set_in_families.pop(family, ())

    @cached_property
    def _set_statements(self) -> list[tuple[int, Assigned]]:
        lines = dict.fromkeys(self._page.lines(_SETTING))
        return [(statement.lineno, self._assigned_by(statement)) for statement in self._page.innermost(lines)]

    @cached_property
    def _set_by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for line, assigned in self._set_statements:
            for name in assigned.names:
                found.setdefault(name, []).append(line)
        return found

    @cached_property
    def _set_in_families(self) -> dict[ast.stmt, list[int]]:
        """For each family the lines that may assign any attribute; one who asked for them needn't be told again."""
        found: dict[ast.stmt, list[int]] = {}
        for line, assigned in self._set_statements:
            for family in self._families_around(line) if assigned.anything else ():
                found.setdefault(family, []).append(line)
        return found


def _first_line(method: tuple[Function, ast.ClassDef]) -> int:
    return method[0].body[0].lineno


def _together(parts: Iterable[Assigned]) -> Assigned:
    every = list(parts)
    return Assigned(frozenset().union(*(part.names for part in every)), any(part.anything for part in every))


def _assigned_by(statement: ast.stmt) -> Assigned:
    """Which attributes of some variable a statement gives another value, or may do so."""
    augmented: ast.expr | None = None  # `self.items += [1]` changes the list before it assigns it.
    found: set[str] = set()
    anything = False
    for part in own_nodes(statement):
        if isinstance(part, ast.AugAssign):
            augmented = part.target
        elif isinstance(part, ast.Attribute):
            stored = isinstance(part.ctx, ast.Store) and isinstance(part.value, ast.Name)
            if stored and part is not augmented:
                found.add(part.attr)
        elif isinstance(part, ast.Call):
            name = _set_by(part)
            anything = anything or name == ""
            if name:
                found.add(name)
    return Assigned(frozenset(found), anything)


def _set_by(node: ast.Call) -> str | None:
    """The name in ``setattr(self, "name", ...)``; nothing if it may be any, as for ``self.__dict__.update(...)``."""
    function = node.func
    if isinstance(function, ast.Name) and function.id == "setattr" and len(node.args) == 3 and not node.keywords:
        key = node.args[1]
        if not isinstance(key, ast.Constant):
            return ""
        return key.value if isinstance(key.value, str) and key.value else None
    updates = (
        isinstance(function, ast.Attribute)
        and function.attr == "update"
        and terminal(function.value) == "__dict__"
        and isinstance(function.value, ast.Attribute)
    )
    return "" if updates else None


def _words(text: str, name: str) -> Iterator[int]:
    """The offsets at which a name stands and doesn't go on."""
    position = text.find(name)
    while position >= 0:
        end = position + len(name)
        if not _continues(text, end):
            yield position
        position = text.find(name, end)


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

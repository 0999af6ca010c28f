"""The functions and classes of a module, as far as the screen of PIT4xx has to know.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.pickling.guards import is_guard
from flake8_pitfalls.rules.pickling.screened_syntax import (
    FUNCTIONS,
    Function,
    first_parameter,
    parameters_of,
    start_of_body,
    statements_of,
)

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page

OUTSIDE = -1
"""The place of what is in no function."""
_METHODS = OUTSIDE - 1
"""The place of methods: only the code of class bodies can read them by their bare names."""


class Definitions:
    """The functions and classes of a module, and the places that they make."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._parameters: dict[int, frozenset[str]] = {}
        self._methods: dict[str, list[Function]] = {}
        self._methods_of: dict[ast.ClassDef, dict[str, list[Function]]] = {}

    @cached_property
    def _outermost(self) -> list[Function]:
        found: list[Function] = []
        end = 0
        for node in self.page.of(*FUNCTIONS):
            if node.lineno > end:
                found.append(node)  # type: ignore[arg-type]
                end = node.end_lineno or node.lineno
        return found

    @cached_property
    def _starts(self) -> list[tuple[int, int]]:
        return [start_of_body(node) for node in self._outermost]

    def place_of(self, node: ast.stmt | ast.expr) -> int:
        """The number of the outermost function in whose body a node stands."""
        number = bisect_right(self._starts, (node.lineno, node.col_offset)) - 1
        return number if number >= 0 and (self._outermost[number].end_lineno or 0) >= node.lineno else OUTSIDE

    def place_in(self, function: Function) -> int:
        """The place of a function's body."""
        return self.place_of(function.body[-1])

    def function_at(self, place: int) -> Function | None:
        """The outermost function with a number."""
        return self._outermost[place] if place != OUTSIDE else None

    def is_local(self, definition: Function | ast.ClassDef) -> bool:
        """Whether a function or class is defined in a function."""
        return self.place_of(definition) != OUTSIDE

    @cached_property
    def functions(self) -> dict[str, list[Function]]:
        """The functions and methods of the module, nested ones too, by name."""
        found: dict[str, list[Function]] = defaultdict(list)
        for kind in FUNCTIONS:
            for node in self.page.of(kind):
                found[node.name].append(node)  # type: ignore[attr-defined, arg-type]
        return found

    @cached_property
    def classes(self) -> dict[str, list[ast.ClassDef]]:
        """The classes of the module, nested ones too, by name."""
        found: dict[str, list[ast.ClassDef]] = defaultdict(list)
        for node in self.page.of(ast.ClassDef):
            found[node.name].append(node)  # type: ignore[attr-defined, arg-type]
        return found

    @cached_property
    def owners(self) -> dict[ast.AST, ast.ClassDef]:
        """For each statement of a class's body the class."""
        found: dict[ast.AST, ast.ClassDef] = {}
        for node in self.page.of(ast.ClassDef):
            found.update(dict.fromkeys(statements_of(node.body), node))  # type: ignore[attr-defined, arg-type]
        return found

    def class_of_first_parameter(self, name: str, place: int) -> ast.ClassDef | None:
        """The class whose method a place is, if the name is that of the method's first parameter."""
        function = self.function_at(place)
        if function is None or first_parameter(function) != name:
            return None
        return self.owners.get(function)

    def is_parameter(self, name: str, place: int) -> bool:
        """Whether a name is a parameter of the outermost function around, and no other function means another one."""
        return name in self._parameters_at(place) and name not in self._globals

    def _parameters_at(self, place: int) -> frozenset[str]:
        known = self._parameters.get(place)
        if known is None:
            function = self.function_at(place)
            known = self._parameters[place] = frozenset(parameters_of(function) if function is not None else ())
        return known

    def is_guarded(self, definition: Function | ast.ClassDef) -> bool:
        """Whether a definition stands under ``if __name__ == "__main__"``."""
        return any(first <= definition.lineno <= last for first, last in self._guarded)

    @cached_property
    def _guarded(self) -> list[tuple[int, int]]:
        if "__main__" not in self.page.text:
            return []
        return [(node.lineno, node.end_lineno or 0) for node in self.page.tree.body if is_guard(node)]

    @cached_property
    def decorators(self) -> frozenset[str]:
        """The names by which functions and classes of the module are decorated at its top level."""
        return frozenset(
            called.id
            for node in self.page.tree.body
            for decorator in getattr(node, "decorator_list", ())
            if isinstance(called := decorator.func if isinstance(decorator, ast.Call) else decorator, ast.Name)
        )

    def is_odd(self, definition: Function | ast.ClassDef) -> bool:
        """Whether a function or class may not be found by its name."""
        return self.is_local(definition) or self.is_guarded(definition) or self.is_replaced(definition)

    def is_replaced(self, definition: Function | ast.ClassDef) -> bool:
        """Whether something that this module defines decorates a function or class."""
        used = [one.func if isinstance(one, ast.Call) else one for one in definition.decorator_list]
        names = {one.id for one in used if isinstance(one, ast.Name)}
        return any(name in self.functions or name in self.classes for name in names)

    @cached_property
    def has_odd_class(self) -> bool:
        """Whether some class may not be found by its name."""
        return any(self.is_odd(node) for group in self.classes.values() for node in group)

    @cached_property
    def local_instances(self) -> frozenset[tuple[int, str]]:
        """The first parameters of the methods of classes in functions."""
        return frozenset(
            (self.place_in(node), first_parameter(node))
            for node, owner in self.owners.items()
            if isinstance(node, FUNCTIONS) and self.is_local(owner)
        )

    @cached_property
    def originals(self) -> frozenset[tuple[int, str]]:
        """The parameters by which decorators of the module may get what they take the place of."""
        found: set[tuple[int, str]] = set()
        for group in self.functions.values() if self.decorators else ():
            for node in group:
                place = self.place_in(node)
                outermost = self.function_at(place)
                if outermost is not None and outermost.name in self.decorators:
                    found.add((place, first_parameter(node)))
        return frozenset(found)

    def visible(self, name: str, place: int) -> list[Function | ast.ClassDef]:
        """The functions and classes that a name may mean in some place."""
        known = self._definitions.get(name, {})
        if self.is_declared_global(name):
            return [node for group in known.values() for node in group]
        places = (OUTSIDE, _METHODS) if place == OUTSIDE else (place, OUTSIDE)
        return [node for each in places for node in known.get(each, ())]

    @cached_property
    def _definitions(self) -> dict[str, dict[int, list[Function | ast.ClassDef]]]:
        """The functions and classes of each name, by their places."""
        found: dict[str, dict[int, list[Function | ast.ClassDef]]] = {}
        for groups in (self.functions, self.classes):
            for name, group in groups.items():
                for node in group:
                    place = self.place_of(node)
                    if place == OUTSIDE and node in self.owners and isinstance(node, FUNCTIONS):
                        place = _METHODS
                    found.setdefault(name, {}).setdefault(place, []).append(node)
        return found

    def methods_of(self, node: ast.ClassDef) -> dict[str, list[Function]]:
        """The methods in the body of a class, by name."""
        known = self._methods_of.get(node)
        if known is None:
            known = self._methods_of[node] = {}
            for part in statements_of(node.body):
                if isinstance(part, FUNCTIONS):
                    known.setdefault(part.name, []).append(part)
        return known

    def methods(self, name: str) -> list[Function]:
        """The methods of a name, of all classes."""
        known = self._methods.get(name)
        if known is None:
            group = self.functions.get(name, ())
            known = self._methods[name] = [node for node in group if node in self.owners]
        return known

    # -- what functions give back ------------------------------------------------------------------------------

    def returned(self, function: Function) -> list[ast.expr]:
        """What a function returns, and those in it."""
        returns = self.page.of(ast.Return)
        first = bisect_left(self._return_lines, function.lineno)
        last = bisect_right(self._return_lines, function.end_lineno or function.lineno)
        return [node.value for node in returns[first:last] if node.value is not None]  # type: ignore[attr-defined]

    @cached_property
    def _return_lines(self) -> list[int]:
        return [node.lineno for node in self.page.of(ast.Return)]

    def is_iterator(self, function: Function) -> bool:
        """Whether calling a function may make a generator or a coroutine."""
        if isinstance(function, ast.AsyncFunctionDef):
            return True
        place = bisect_left(self._yield_lines, function.lineno)
        return place < len(self._yield_lines) and self._yield_lines[place] <= (function.end_lineno or 0)

    @cached_property
    def _yield_lines(self) -> list[int]:
        return self.page.lines([r"yield\b"])

    def raises_local_class(self, function: Function) -> bool:
        """Whether a function may raise an exception whose class is defined in a function."""
        place = bisect_left(self._raise_lines, function.lineno)
        raises = place < len(self._raise_lines) and self._raise_lines[place] <= (function.end_lineno or 0)
        return raises and self._has_local_class

    @cached_property
    def _raise_lines(self) -> list[int]:
        return [node.lineno for node in self.page.of(ast.Raise)]

    @cached_property
    def _has_local_class(self) -> bool:
        return any(self.is_local(node) for group in self.classes.values() for node in group)

    def is_declared_global(self, name: str) -> bool:
        """Whether some function may bind the module's variable of a name."""
        return name in self._globals

    @cached_property
    def _globals(self) -> frozenset[str]:
        return frozenset(name for node in self.page.of(ast.Global) for name in node.names)  # type: ignore[attr-defined]

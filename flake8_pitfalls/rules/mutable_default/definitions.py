"""Which function of this file a call surely runs, told from ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import NamedTuple

from flake8_pitfalls.rules.mutable_default.screened_functions import Function
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names
from flake8_pitfalls.semantics.syntax import walk


class Unsure(Exception):
    """Only the analysis of LibCST's trees can tell."""


class Target(NamedTuple):
    """A function that a call surely runs."""

    function: Function
    is_bound: bool
    """Whether the first parameter is bound already."""
    known: frozenset[str] = frozenset()
    """The parameters that surely don't hold a container which the caller made."""


class Definitions:
    """The functions of a module, and the methods of its classes; what is inside functions is left out."""

    def __init__(self, names: Names) -> None:
        self._names = names

    @cached_property
    def owners(self) -> dict[ast.stmt, ast.ClassDef | None]:
        """For each function or method its class."""
        tree = self._names.page.tree
        found: dict[ast.stmt, ast.ClassDef | None] = {node: None for node in tree.body if isinstance(node, FUNCTIONS)}
        for made in tree.body:
            if isinstance(made, ast.ClassDef):
                found.update((node, made) for node in made.body if isinstance(node, FUNCTIONS))
        return found

    @cached_property
    def _declared_global(self) -> frozenset[str]:
        return frozenset(name for node in self._names.page.of(ast.Global) for name in node.names)  # type: ignore[attr-defined]

    def is_bound(self, name: str) -> bool:
        """Whether the module, or a class, binds a name by anything but a definition."""
        names = self._names
        return name in names.assigned or name in names.imports or name in self._declared_global

    def constant(self, name: str) -> ast.expr:
        """What a variable of the module is always bound to, other than another variable.

        Raises Unsure.
        """
        names, page = self._names, self._names.page
        defined = name in names.imports or name in self._declared_global or name in names.classes
        if defined or name in names.functions or f" as {name}" in page.text or page.of(ast.Match):
            raise Unsure
        targets = [node.target for node in page.of(ast.For, ast.AsyncFor)]  # type: ignore[attr-defined]
        targets += [target for node in page.of(ast.Delete) for target in node.targets]  # type: ignore[attr-defined]
        if any(isinstance(part, ast.Name) and part.id == name for target in targets for part in walk(target)):
            raise Unsure
        value = names.only_value(name)
        if value is None or isinstance(value, ast.Name):
            raise Unsure
        return value

    def function(self, name: str) -> Target:
        """The function of the module that a name means.

        Raises Unsure.
        """
        found = self._names.functions.get(name, [])
        if len(found) != 1 or self.is_bound(name) or name in self._names.classes or found[0].decorator_list:
            raise Unsure
        if self.owners.get(found[0], found[0]) is not None:
            raise Unsure
        return Target(found[0], is_bound=False)

    def own_method(
        self, owner: ast.ClassDef, name: str, running: tuple[Function, ...], *, skip_own: bool = False
    ) -> Target | None:
        """The method that ``self.name`` means in a class, or ``super().name``; ``None`` if this file has none.

        Raises Unsure, also if a subclass may override it.
        """
        found = self._method(owner, name, frozenset(), skip_own=skip_own)
        if found is None:
            return None
        made_by = self.owners[found]
        for other in self._names.functions[name]:
            other_owner = self.owners.get(other)
            if other is not found and other not in running and other_owner and self._inherits(other_owner, made_by):
                raise Unsure
        return Target(found, is_bound=True, known=frozenset(parameter.arg for parameter in found.args.args[:1]))

    def method_of(self, class_name: str, name: str) -> Target | None:
        """The method that ``Base.name`` means; ``None`` if this file doesn't have it.

        Raises Unsure.
        """
        found = self._method(self._class(class_name), name, frozenset())
        return None if found is None else Target(found, is_bound=False)

    def _class(self, name: str) -> ast.ClassDef:
        made = self._names.classes[name]
        if len(made) != 1 or self.is_bound(name) or name in self._names.functions:
            raise Unsure
        if made[0] not in self._names.page.tree.body:
            raise Unsure
        return made[0]

    def _method(
        self, owner: ast.ClassDef, name: str, seen: frozenset[str], *, skip_own: bool = False
    ) -> Function | None:
        if self.is_bound(name) or name in self._names.classes or owner.name in seen:
            raise Unsure
        first, last = owner.lineno, owner.end_lineno or owner.lineno
        within = [made for made in self._names.functions.get(name, ()) if first <= made.lineno <= last]
        if within and not skip_own:
            if len(within) != 1 or self.owners.get(within[0]) is not owner or within[0].decorator_list:
                raise Unsure
            return within[0]
        for base in owner.bases:
            if isinstance(base, ast.Name) and base.id in self._names.classes:
                found = self._method(self._class(base.id), name, seen | {owner.name})
                if found is not None:
                    return found
        return None

    def _inherits(self, node: ast.ClassDef, base: ast.ClassDef | None, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a class may inherit from another one."""
        if base is None or node.name in seen:
            return False
        names = [part.id for part in node.bases if isinstance(part, ast.Name)]
        return base.name in names or any(
            self._inherits(other, base, seen | {node.name})
            for name in names
            for other in self._names.classes.get(name, ())
        )

"""Which function of this file a call surely runs, told from ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from flake8_pitfalls.rules.mutable_default.screened_functions import Function, first_parameter
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names
from flake8_pitfalls.rules.page import compiled
from flake8_pitfalls.semantics.syntax import BLOCKS, statements, walk

_MOST_BASES = 20
"""How many classes are looked through for a method."""
_MOST_CLASSES = 100
"""How many subclasses are looked through for methods that override one."""


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
        self._overrides: dict[tuple[str, str], frozenset[ast.AST]] = {}

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
    def _bound_otherwise(self) -> frozenset[str]:
        """The names that are bound, somewhere, by ``global``, ``for``, ``as`` or deleted."""
        page = self._names.page
        targets = [node.target for node in page.of(ast.For, ast.AsyncFor)]  # type: ignore[attr-defined]
        targets += [target for node in page.of(ast.Delete) for target in node.targets]  # type: ignore[attr-defined]
        found = {part.id for target in targets for part in walk(target) if isinstance(part, ast.Name)}
        return frozenset(found.union(self._declared_global, compiled(r"\bas\s+(\w+)").findall(page.text)))

    @cached_property
    def _bound_by_blocks(self) -> frozenset[str]:
        """The names that the module or a class binds by a statement other than an assignment, import or definition."""
        found: set[str] = set()
        stack: list[ast.AST] = list(self._names.page.tree.body)
        while stack:
            node = stack.pop()
            if not isinstance(node, FUNCTIONS):
                found.update(_bound_by(node))
                for field in BLOCKS.get(node.__class__, ()):
                    stack += getattr(node, field)
        return frozenset(found)

    @cached_property
    def _declared_global(self) -> frozenset[str]:
        return frozenset(name for node in self._names.page.of(ast.Global) for name in node.names)  # type: ignore[attr-defined]

    @cached_property
    def _members(self) -> dict[ast.ClassDef, dict[str, list[ast.AST]]]:
        """For each class at the top of the module all functions in it, at any depth, by name."""
        found: dict[ast.ClassDef, dict[str, list[ast.AST]]] = {}
        for node in self._names.page.tree.body:
            if isinstance(node, ast.ClassDef):
                members = found[node] = {}
                for part in statements(node):
                    if isinstance(part, FUNCTIONS):
                        members.setdefault(part.name, []).append(part)
        return found

    @cached_property
    def _subclasses(self) -> dict[str, list[ast.ClassDef]]:
        """The classes that name another one as their base, wherever they are."""
        found: dict[str, list[ast.ClassDef]] = {}
        for made in self._names.classes.values():
            for node in made:
                for base in node.bases:
                    if isinstance(base, ast.Name):
                        found.setdefault(base.id, []).append(node)
        return found

    def is_bound(self, name: str) -> bool:
        """Whether the module, or a class, binds a name by anything but a definition."""
        names = self._names
        return (
            name in names.assigned
            or name in names.imports
            or name in self._declared_global
            or name in self._bound_by_blocks
        )

    def constant(self, name: str) -> ast.expr:
        """What a variable of the module is always bound to, other than another variable.

        Raises Unsure.
        """
        names = self._names
        defined = name in names.imports or name in names.classes or name in names.functions
        if defined or name in self._bound_otherwise or names.page.of(ast.Match):
            raise Unsure
        value = names.only_values.get(name)
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
        found = self._method(owner, name, set(), skip_own=skip_own)
        if found is None:
            return None
        made_by = self.owners[found]
        assert made_by is not None
        if not self._overriding(made_by.name, name) <= {found, *running}:
            raise Unsure
        return Target(found, is_bound=True, known=first_parameter(found))

    def _overriding(self, class_name: str, name: str) -> frozenset[ast.AST]:
        """The methods of a name in the subclasses of a class."""
        known = self._overrides.get((class_name, name))
        if known is None:
            found: set[ast.AST] = set()
            stack, seen = [class_name], {class_name}
            while stack:
                for node in self._subclasses.get(stack.pop(), ()):
                    found.update(part for part in statements(node) if isinstance(part, FUNCTIONS) and part.name == name)
                    if len(seen) > _MOST_CLASSES:
                        found.add(node)  # It's no method, so that nobody will be sure.
                        stack.clear()
                        break
                    if node.name not in seen:
                        seen.add(node.name)
                        stack.append(node.name)
            known = self._overrides[class_name, name] = frozenset(found)
        return known

    def method_of(self, class_name: str, name: str) -> Target | None:
        """The method that ``Base.name`` means; ``None`` if this file doesn't have it.

        Raises Unsure.
        """
        found = self._method(self._class(class_name), name, set())
        return None if found is None else Target(found, is_bound=False)

    def _class(self, name: str) -> ast.ClassDef:
        made = self._names.classes[name]
        if len(made) != 1 or self.is_bound(name) or name in self._names.functions or made[0] not in self._members:
            raise Unsure
        return made[0]

    def _method(self, owner: ast.ClassDef, name: str, seen: set[str], *, skip_own: bool = False) -> Function | None:
        if self.is_bound(name) or name in self._names.classes or len(seen) > _MOST_BASES:
            raise Unsure
        seen.add(owner.name)
        found = None if skip_own else self._members[owner].get(name)
        if found:
            method = found[0]
            if len(found) != 1 or not isinstance(method, FUNCTIONS) or self.owners.get(method) is not owner:
                raise Unsure
            if method.decorator_list:
                raise Unsure
            return method
        for base in owner.bases:
            if isinstance(base, ast.Name) and base.id in self._names.classes and base.id not in seen:
                inherited = self._method(self._class(base.id), name, seen)
                if inherited is not None:
                    return inherited
        return None


def _bound_by(node: ast.AST) -> Iterator[str]:
    """The names that a statement, without those in it, binds otherwise than by an assignment, import or definition."""
    targets: list[ast.AST | None] = []
    if isinstance(node, (ast.For, ast.AsyncFor, ast.AugAssign)):
        targets = [node.target]
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        targets = [item.optional_vars for item in node.items]
    elif isinstance(node, ast.Delete):
        targets = [*node.targets]
    elif isinstance(node, ast.match_case):
        targets = [node.pattern]
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
    for target in targets:
        for part in walk(target):
            name = part.id if isinstance(part, ast.Name) else getattr(part, "name", None) or getattr(part, "rest", None)
            if name:
                yield name

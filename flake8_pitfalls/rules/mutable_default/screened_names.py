"""What the names of a module may stand for, as far as the screen of PIT2xx has to know. This must not import LibCST."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.changed_results import Changed, changed_in
from flake8_pitfalls.rules.mutable_default.sentinels import sentinels
from flake8_pitfalls.semantics.syntax import BLOCKS, own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page

_NAMED = frozenset({ast.Name, ast.Attribute, ast.Tuple})
"""What gives a name to something, or names to several things."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
Scope = int | None
"""The number of a class in the order of the source; negative for a walrus somewhere, ``None`` for the module."""


class Names:
    """The imports, definitions and assignments of a module."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._aliases: dict[frozenset[str], frozenset[str]] = {}
        self._local_values: dict[int, dict[str, list[ast.expr]]] = {}

    @cached_property
    def _imports(self) -> list[tuple[str, str, str]]:
        """For each imported name the top-level package, the last part of what's imported, and the name it gets."""
        found: list[tuple[str, str, str]] = []
        for node in self.page.of(ast.Import):
            for alias in node.names:  # type: ignore[attr-defined]
                root = alias.name.partition(".")[0]
                found.append((root, alias.name.rpartition(".")[2] if alias.asname else root, alias.asname or root))
        for node in self.page.of(ast.ImportFrom):
            root = (node.module or "").partition(".")[0]  # type: ignore[attr-defined]
            found += [(root, alias.name, alias.asname or alias.name) for alias in node.names]  # type: ignore[attr-defined]
        return found

    @cached_property
    def packages(self) -> frozenset[str]:
        """The top-level packages that the module imports something from."""
        return frozenset(root for root, _, _ in self._imports)

    @cached_property
    def imports(self) -> frozenset[str]:
        """The names that imports bind."""
        return frozenset(name for _, _, name in self._imports)

    @cached_property
    def imported(self) -> frozenset[str]:
        """The names that imports bind, and those that the module binds to other names."""
        return self.imports.union(*(names for _, names in self._assigned_names))

    @cached_property
    def changed(self) -> Changed:
        """What the module changes of the results of calls and of attributes."""
        return changed_in(self.page.tree)

    @cached_property
    def sentinels(self) -> frozenset[str]:
        """The variables that stand for "no argument"."""
        return sentinels(self.page.tree, self.page.text)

    def imports_from(self, *packages: str) -> bool:
        """Whether something is imported from one of some top-level packages."""
        return not self.packages.isdisjoint(packages)

    @cached_property
    def _assigned_names(self) -> list[tuple[str, set[str]]]:
        """The last part of each name that's assigned at module level, with the names it's assigned to."""
        found: list[tuple[str, set[str]]] = []
        for statement in assignments(self.page.tree.body):
            for name, value in assigned(statement) if statement.value.__class__ in _NAMED else ():
                if value is not None:
                    found.append((terminal(value), {name}))
        if ":=" in self.page.text:
            found += [(terminal(node.value), {node.target.id}) for node in self._walruses]
        return found

    @cached_property
    def _renamings(self) -> list[tuple[str, set[str]]]:
        renamed = [(last, {name}) for _, last, name in self._imports if last != name]
        return [*renamed, *self._assigned_names]

    def aliases(self, names: Collection[str]) -> frozenset[str]:
        """Other names that imports, and assignments at module level, give to what has one of some last names."""
        key = frozenset(names)
        if key not in self._aliases:
            found: set[str] = set()
            for name, others in self._renamings:
                if name in key or name in found:
                    found |= others
            self._aliases[key] = frozenset(found)
        return self._aliases[key]

    def aliases_of_fields(self) -> frozenset[str]:
        """Other names of what is called ``JSONField`` or the like."""
        return self.aliases({name for name, _ in self._renamings if name.endswith("Field")})

    @cached_property
    def classes(self) -> dict[str, list[ast.ClassDef]]:
        """The classes of the module, nested ones too, by name."""
        found: dict[str, list[ast.ClassDef]] = {}
        for node in self.page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            found.setdefault(node.name, []).append(node)
        return found

    @cached_property
    def functions(self) -> dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]]:
        """The functions and methods of the module, nested ones too, by name."""
        found: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        for kind in FUNCTIONS:
            for node in self.page.of(kind):
                assert isinstance(node, FUNCTIONS)
                found.setdefault(node.name, []).append(node)
        return found

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The names that the module or one of its classes assigns something."""
        return frozenset(name for _, name, _ in self._bindings)

    @cached_property
    def only_values(self) -> dict[str, ast.expr]:
        """What the names are assigned to which only one statement, at the top of the module, assigns something."""
        found: dict[str, list[ast.expr | None]] = {}
        for _, name, value in self._bindings:
            found.setdefault(name, []).append(value)
        body = self.page.tree.body
        at_top = {node.value for node in body if isinstance(node, (ast.Assign, ast.AnnAssign))}
        only = ((name, values[0]) for name, values in found.items() if len(values) == 1)
        return {name: value for name, value in only if value is not None and value in at_top}

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of what the module defines or assigns, and those that it gives to what it imports."""
        renamed = {name for _, last, name in self._imports if last != name}
        globals_ = {name for scope, name, _ in self._bindings if scope is None or scope < 0}
        return frozenset(renamed.union(globals_, self.classes, self.functions))

    # -- assignments ---------------------------------------------------------------------------------------------

    @cached_property
    def _bindings(self) -> list[tuple[Scope, str, ast.expr | None]]:
        """What the module and its classes, but no functions, assign to which names; ``None`` if that isn't told."""
        found: list[tuple[Scope, str, ast.expr | None]] = []
        scopes: list[tuple[Scope, list[ast.stmt]]] = [(None, self.page.tree.body)]
        scopes += [(number, node.body) for number, node in enumerate(self.page.of(ast.ClassDef))]  # type: ignore[attr-defined]
        for scope, body in scopes:
            for statement in assignments(body):
                found += [(scope, name, value) for name, value in assigned(statement)]
        if ":=" in self.page.text:
            found += [(~number, node.target.id, node.value) for number, node in enumerate(self._walruses)]
        return found

    @cached_property
    def _walruses(self) -> list[ast.NamedExpr]:
        statements = self.page.innermost(self.page.lines([":="]))
        return [part for statement in statements for part in own_nodes(statement) if isinstance(part, ast.NamedExpr)]

    @cached_property
    def _values_of_walruses(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in self._walruses if ":=" in self.page.text else ():
            found.setdefault(node.target.id, []).append(node.value)
        return found

    @cached_property
    def _values(self) -> dict[str, list[tuple[Scope, ast.expr]]]:
        """For each name what the only assignments to it in the module and in its classes assign."""
        found: dict[tuple[Scope, str], list[ast.expr | None]] = {}
        for scope, name, value in self._bindings:
            found.setdefault((scope, name), []).append(value)
        values: dict[str, list[tuple[Scope, ast.expr]]] = {}
        for (scope, name), assigned_here in found.items():
            value = assigned_here[0]
            if len(assigned_here) == 1 and value is not None and value.__class__ is not ast.Constant:
                values.setdefault(name, []).append((scope, value))
        return values

    def values_of(self, name: str) -> list[ast.expr]:
        """What a name of the module, or of one of its classes, may always stand for."""
        return [value for _, value in self._values.get(name, ())]

    def values_of_attribute(self, name: str) -> list[ast.expr]:
        """What an attribute of a class may always stand for."""
        return [value for scope, value in self._values.get(name, ()) if scope is not None]

    def local_values(self, name: str, line: int) -> Iterator[ast.expr]:
        """What a name is assigned somewhere in the top-level statement that holds a line."""
        place = self.page.place_of(line)
        if place not in self._local_values:
            self._local_values[place] = self._assigned_in(self.page.tree.body[place])
        yield from self._local_values[place].get(name, ())
        yield from self._values_of_walruses.get(name, ())

    def _assigned_in(self, body: ast.stmt) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for kind in (ast.Assign, ast.AnnAssign):
            nodes = self.page.of(kind)
            first = bisect_left(nodes, body.lineno, key=_line)
            last = bisect_right(nodes, body.end_lineno or body.lineno, key=_line)
            for statement in nodes[first:last]:
                for name, value in assigned(statement):
                    if value is not None:
                        found.setdefault(name, []).append(value)
        return found


def _line(node: ast.stmt) -> int:
    return node.lineno


def assignments(body: list[ast.stmt]) -> Iterator[ast.Assign | ast.AnnAssign]:
    """The assignments of a module or class body, also those under ``if`` and the like."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is ast.Assign or kind is ast.AnnAssign:
            yield node  # type: ignore[misc]
        elif kind in BLOCKS and kind not in _DEFINITIONS:
            for field in BLOCKS[kind]:
                stack += getattr(node, field)


def assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that an assignment binds, with what it assigns to each; ``None`` if that isn't told."""
    value: ast.expr | None = node.value  # type: ignore[attr-defined]
    if value is None:
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:  # type: ignore[attr-defined]
        if target.__class__ is ast.Name:
            yield target.id, value
        elif isinstance(target, (ast.Tuple, ast.List)):
            pairs: list[ast.expr | None] = [None] * len(target.elts)
            if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts) and not _has_star(target, value):
                pairs = [*value.elts]
            for element, part in zip(target.elts, pairs, strict=True):
                named = element.value if isinstance(element, ast.Starred) else element
                if isinstance(named, ast.Name):
                    yield named.id, part


def _has_star(*parts: ast.Tuple | ast.List) -> bool:
    return any(isinstance(element, ast.Starred) for part in parts for element in part.elts)


def terminal(node: ast.expr) -> str:
    """``deque`` of ``collections.deque``; nothing for other expressions."""
    while node.__class__ is ast.Subscript:
        node = node.value
    if node.__class__ is ast.Attribute:
        return node.attr
    return node.id if node.__class__ is ast.Name else ""


def root(node: ast.expr) -> str:
    """``collections`` of ``collections.deque``; nothing for other expressions."""
    while node.__class__ is ast.Attribute:
        node = node.value
    return node.id if node.__class__ is ast.Name else ""

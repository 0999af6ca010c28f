"""What the names and attributes of a module may stand for, as far as the screen of PIT4xx has to know.

Where something is bound matters only as far as this: a name that one outermost function binds isn't that of another
one. The order doesn't matter. This module must not import LibCST.
"""

from __future__ import annotations

import ast
import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.page import CALL
from flake8_pitfalls.rules.pickling.screened_definitions import OUTSIDE, Definitions
from flake8_pitfalls.rules.pickling.screened_syntax import FUNCTIONS, name_and_rest, pairs, parts, statements_of
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page

_BUILTINS = frozenset(dir(builtins))
_ADDING = ("append", "add", "appendleft", "extend", "update", "insert", "setdefault")
_LONGEST_DOTTED = 6
_STEPS_A_STATEMENT = 5
"""How far aliases are followed."""


class Value(NamedTuple):
    """What a name may get."""

    place: int
    """The number of the outermost function in which it does."""
    node: ast.expr
    of_elements: bool = False
    """Whether the name gets the elements of that, not the object itself."""
    is_inside: bool = False
    """Whether that is stored in an attribute or item of what the name stands for."""


class _Bound(NamedTuple):
    names: dict[str, dict[int, list[Value]]]
    attributes: dict[str, list[ast.expr]]
    stored: dict[int, list[tuple[str, ast.expr]]]


class Names(Definitions):
    """The imports, definitions and assignments of a module."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.is_confusing = False
        """Whether there is too much that names may stand for to follow all of it."""

    # -- imports -------------------------------------------------------------------------------------------------

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """The names that imports bind, and the dotted names that they stand for."""
        found: dict[str, set[str]] = defaultdict(set)
        for node in self.page.of(ast.Import):
            for alias in node.names:  # type: ignore[attr-defined]
                found[alias.asname or alias.name.partition(".")[0]].add(
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        for node in self.page.of(ast.ImportFrom):
            module = f"{'.' * node.level}{node.module or ''}"  # type: ignore[attr-defined]
            for alias in node.names:  # type: ignore[attr-defined]
                found[alias.asname or alias.name].add(f"{module}.{alias.name}")
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """The names that stand for modules."""
        return frozenset(
            alias.asname or alias.name.partition(".")[0]
            for node in self.page.of(ast.Import)
            for alias in node.names  # type: ignore[attr-defined]
        )

    def dotted(self, node: ast.expr) -> set[str]:
        """All dotted names that an expression may stand for, through imports and assignments."""
        name, rest = name_and_rest(node)
        found = self._origins.get(name, set())
        if name in _BUILTINS:
            found = found | {f"builtins.{name}"}
        return {known + rest for known in found} if rest else found

    @cached_property
    def _origins(self) -> dict[str, set[str]]:
        """For each name all dotted names that it may stand for, wherever it's bound."""
        found = {name: set(dotted) for name, dotted in self.imports.items()}
        aliases = self._aliases()
        for name in _BUILTINS.intersection(aliases):
            found.setdefault(name, set()).add(f"builtins.{name}")
        stack = [(name, dotted) for name, known in found.items() for dotted in known]
        steps_left = _STEPS_A_STATEMENT * len(self.page.statements)
        while stack and steps_left > 0:
            name, dotted = stack.pop()
            for other, rest in aliases.get(name, ()):
                known = found.setdefault(other, set())
                longer = dotted + rest
                steps_left -= 1
                if longer not in known and longer.count(".") < _LONGEST_DOTTED:
                    known.add(longer)
                    stack.append((other, longer))
        self.is_confusing = bool(stack)
        return found

    def _aliases(self) -> dict[str, list[tuple[str, str]]]:
        """The names that are assigned another name, or an attribute of another name: by that name, with the rest."""
        found: dict[str, list[tuple[str, str]]] = {}
        for name, places in self.assigned.items():
            for value in (value for values in places.values() for value in values):
                origin, rest = name_and_rest(value.node)
                if origin and not value.is_inside and not value.of_elements:
                    found.setdefault(origin, []).append((name, rest))
        return found

    def is_builtin(self, name: str, place: int) -> bool:
        """Whether a name certainly means what Python calls so."""
        if name not in _BUILTINS or name in self.imports or name in self.functions or name in self.classes:
            return False
        return not any(True for _ in self.values(name, place))

    # -- assignments ---------------------------------------------------------------------------------------------

    def values(self, name: str, place: int) -> Iterator[Value]:
        """What a name that is read in some place may have been given, and what may have been put into that."""
        bound = self.assigned.get(name)
        if bound is None:
            return
        for known in (bound, self._added.get(name, {})):
            if self.is_declared_global(name):
                places: Iterable[int] = list(known)
            else:
                places = {place} if self.is_parameter(name, place) else {place, OUTSIDE}
            for each in places:
                yield from known.get(each, ())

    @property
    def assigned(self) -> dict[str, dict[int, list[Value]]]:
        """What names are given in which place, and what is stored in attributes and items of what they name.

        Constants are left out.
        """
        return self._bound.names

    @property
    def attributes(self) -> dict[str, list[ast.expr]]:
        """What attributes are given, whatever they are attributes of."""
        return self._bound.attributes

    @property
    def stored(self) -> dict[int, list[tuple[str, ast.expr]]]:
        """What each outermost function stores in attributes, with the names whose attributes they are."""
        return self._bound.stored

    @cached_property
    def _bound(self) -> _Bound:
        found = _Bound(defaultdict(_by_place), defaultdict(list), defaultdict(list))
        for target, value in self._bindings():
            kind = target.__class__
            if kind is ast.Name:
                found.names[target.id][value.place].append(value)  # type: ignore[attr-defined]
                continue
            if kind is ast.Attribute:
                found.attributes[target.attr].append(value.node)  # type: ignore[attr-defined]
            holder: ast.expr = target.value  # type: ignore[attr-defined]
            if isinstance(holder, ast.Name):
                found.names[holder.id][value.place].append(value._replace(is_inside=True))
                if kind is ast.Attribute:
                    found.stored[value.place].append((holder.id, value.node))
        return found

    def _bindings(self) -> Iterator[tuple[ast.expr, Value]]:
        yield from self._assignments()
        for kind in (ast.For, ast.AsyncFor):
            for node in self.page.of(kind):
                for part in parts(node.target):  # type: ignore[attr-defined]
                    yield part, Value(self.place_of(node), node.iter, of_elements=True)  # type: ignore[attr-defined]
        for entering in (ast.With, ast.AsyncWith):
            for node in self.page.of(entering):
                for item in node.items:  # type: ignore[attr-defined]
                    for part in parts(item.optional_vars) if item.optional_vars is not None else ():
                        yield part, Value(self.place_of(node), item.context_expr)
        if ":=" in self.page.text:
            for statement in self.page.innermost(self.page.lines([":="])):
                for walrus in own_nodes(statement):
                    if isinstance(walrus, ast.NamedExpr):
                        yield walrus.target, Value(self.place_of(walrus), walrus.value)
        yield from self._defaults()

    def _assignments(self) -> Iterator[tuple[ast.expr, Value]]:
        for node in self.page.of(ast.Assign):
            value: ast.expr = node.value  # type: ignore[attr-defined]
            if value.__class__ is not ast.Constant:
                for target in node.targets:  # type: ignore[attr-defined]
                    for part, given in pairs(target, value):
                        yield part, Value(self.place_of(node), given)
        for kind in (ast.AnnAssign, ast.AugAssign):
            for node in self.page.of(kind):
                value = node.value  # type: ignore[attr-defined]
                if value is not None and value.__class__ is not ast.Constant:
                    yield node.target, Value(self.place_of(node), value)  # type: ignore[attr-defined]

    def _defaults(self) -> Iterator[tuple[ast.expr, Value]]:
        for kind in FUNCTIONS:
            for node in self.page.of(kind):
                every: ast.arguments = node.args  # type: ignore[attr-defined]
                if not every.defaults and not every.kw_defaults:
                    continue
                positional = [*every.posonlyargs, *every.args]
                pairs = zip(
                    [*positional[len(positional) - len(every.defaults) :], *every.kwonlyargs],
                    [*every.defaults, *every.kw_defaults],
                    strict=True,
                )
                for parameter, default in pairs:
                    if default is not None and default.__class__ is not ast.Constant:
                        yield ast.Name(parameter.arg), Value(self.place_in(node), default)  # type: ignore[arg-type]

    @cached_property
    def _added(self) -> dict[str, dict[int, list[Value]]]:
        """What is put into containers by their methods."""
        found: dict[str, dict[int, list[Value]]] = defaultdict(_by_place)
        patterns = (rf"{method}(?<!\w{method})\b{CALL}" for method in _ADDING)
        for statement in self.page.innermost(self.page.lines(patterns)):
            for call in own_nodes(statement):
                function = call.func if isinstance(call, ast.Call) else None
                if (
                    isinstance(call, ast.Call)
                    and isinstance(function, ast.Attribute)
                    and isinstance(function.value, ast.Name)
                    and function.attr in _ADDING
                ):
                    iterates = function.attr in {"extend", "update"}
                    place = self.place_of(call)
                    found[function.value.id][place] += [
                        Value(place, value, of_elements=iterates)
                        for value in (*call.args, *(keyword.value for keyword in call.keywords))
                        if value.__class__ is not ast.Constant
                    ]
        return found

    @cached_property
    def members(self) -> dict[str, list[ast.expr]]:
        """What names get in the bodies of classes."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        for node in self.owners:
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    for part, given in pairs(target, node.value):
                        if isinstance(part, ast.Name):
                            found[part.id].append(given)
        return found

    @cached_property
    def of_module(self) -> dict[ast.AST, str]:
        """For the values of plain assignments of the module the name that they get."""
        return {
            node.value: node.targets[0].id
            for node in statements_of(self.page.tree.body)
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        }


def _by_place() -> defaultdict[int, list[Value]]:
    return defaultdict(list)

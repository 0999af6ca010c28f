"""Which functions of a file use up the closures that they're given before they return.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.local_use import Around, with_parents
from flake8_pitfalls.semantics.syntax import BLOCKS, walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Harmless = Callable[[ast.Name, Around], bool]
"""Whether nothing is left of what a parameter holds when the expression around a mention has run."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_YIELDING = (ast.Yield, ast.YieldFrom, ast.Await)
_ASKING = (ast.If, ast.While, ast.IfExp, ast.Assert)
_SEES_VARIABLES = frozenset({"locals", "vars", "exec", "eval"})
_CONSTRUCTORS = {"__init__", "__new__"}
_MOST_FUNCTIONS = 8
"""So many functions of one name are looked at."""
_DEEPEST_CALL = 3
"""How many calls are followed into one another."""


class OwnFunctions:
    """The functions, methods and lambdas that a file has names for."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._single: dict[str, list[tuple[Function, int]]] = {}
        self._bodies: dict[Function, _Body] = {}
        self._answers: dict[tuple[Function, str, bool], bool] = {}
        self._depth = 0

    @cached_property
    def _by_name(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        for node in self._page.of(ast.FunctionDef, ast.AsyncFunctionDef):
            found.setdefault(node.name, []).append(node)  # type: ignore[attr-defined,arg-type]
        return found

    @cached_property
    def lambdas(self) -> dict[str, ast.Lambda]:
        """The lambdas that variables of the module are bound to."""
        return {
            target.id: statement.value
            for statement in self._page.tree.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }

    @cached_property
    def _top(self) -> frozenset[ast.AST]:
        return frozenset(self._page.tree.body)

    @cached_property
    def _classes(self) -> dict[str, list[ast.ClassDef]]:
        found: dict[str, list[ast.ClassDef]] = {}
        for node in self._page.of(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            found.setdefault(node.name, []).append(node)
        return found

    @cached_property
    def _methods(self) -> set[ast.AST]:
        """The functions in the bodies of classes."""
        found: set[ast.AST] = set()
        stack: list[ast.AST] = [part for made in self._classes.values() for node in made for part in node.body]
        while stack:
            node = stack.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.add(node)
            elif not isinstance(node, ast.ClassDef):
                stack += [part for field in BLOCKS.get(node.__class__, ()) for part in getattr(node, field)]
        return found

    def are_methods(self, name: str) -> bool:
        """Whether all definitions of a name are methods, which code in functions only reaches as attributes."""
        return name not in self._classes and self._methods.issuperset(self._by_name.get(name, ()))

    def is_in_function(self, node: ast.expr) -> bool:
        """Whether a function runs an expression, not the body of a class."""
        for around in self._page.around(node.lineno, *_DEFINITIONS):
            first = around.body[0]  # type: ignore[attr-defined]
            if (first.lineno, first.col_offset) <= (node.lineno, node.col_offset):
                return not isinstance(around, ast.ClassDef)
        return True

    def defines(self, name: str) -> bool:
        """Whether there is a function or class of a name."""
        return name in self._by_name or name in self._classes

    def use_up(
        self, call: ast.Call, argument: ast.AST, keyword: str | None, harmless: Harmless, *, is_function: bool
    ) -> bool:
        """Whether all functions that a call may run use up an argument; false if there's none.

        A plain name must have no other meaning in the module, or that has to be asked before.
        """
        place = next((place for place, given in enumerate(call.args) if given is argument), None)
        targets = self._targets(call.func)
        if not targets or any(isinstance(given, ast.Starred) for given in call.args):
            return False
        for function, shift in targets:
            parameter = _parameter(function, keyword, place, shift)
            if not parameter or not self._uses_up(function, parameter, harmless, is_function=is_function):
                return False
        return True

    def _targets(self, called: ast.expr) -> list[tuple[Function, int]]:
        """The functions that a callee may mean, and how many parameters stand before the arguments."""
        if isinstance(called, ast.Attribute):
            functions = self._by_name.get(called.attr, [])
            bound = not self._is_class(called.value)
            few = functions if len(functions) <= _MOST_FUNCTIONS else []
            return [(function, int(bound and function in self._methods)) for function in few]
        name = getattr(called, "id", "")
        if name in self.lambdas:
            return [(self.lambdas[name], 0)] if not self.defines(name) else []
        if name not in self._single:
            self._single[name] = self._single_definition(name)
        return self._single[name]

    def _single_definition(self, name: str) -> list[tuple[Function, int]]:
        """The only function of a name, if it's at the top of the module, or the constructor of the only class."""
        made: list[ast.AST] = [*self._by_name.get(name, ()), *self._classes.get(name, ())]
        if len(made) != 1 or made[0] not in self._top:
            return []
        node = made[0]
        if not isinstance(node, ast.ClassDef):
            return [(node, 0)]  # type: ignore[list-item]
        if node.keywords or node.decorator_list:
            return []
        found = [part for statement in node.body for part in walk(statement) if _names(part) & _CONSTRUCTORS]
        plain = len(found) == 1 and isinstance(found[0], ast.FunctionDef) and found[0] in node.body
        return [(found[0], 1)] if plain and _names(found[0]) == {"__init__"} else []  # type: ignore[list-item]

    def _is_class(self, node: ast.expr) -> bool:
        """Whether an expression is a class: methods that are called by it get their instance as an argument."""
        if isinstance(node, ast.Name):
            return node.id in self._classes or node.id == "cls"
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id == "type"
        return isinstance(node, ast.Attribute) and (node.attr == "__class__" or node.attr in self._classes)

    def _uses_up(self, function: Function, parameter: str, harmless: Harmless, *, is_function: bool) -> bool:
        key = function, parameter, is_function
        if key not in self._answers:
            if self._depth == _DEEPEST_CALL:
                return False
            self._answers[key] = False  # As long as this isn't known: a function that calls itself.
            self._depth += 1
            self._answers[key] = self._ask(function, parameter, harmless)
            self._depth -= 1
        return self._answers[key]

    def _ask(self, function: Function, parameter: str, harmless: Harmless) -> bool:
        if not isinstance(function, (ast.FunctionDef, ast.Lambda)) or getattr(function, "decorator_list", None):
            return False
        if function not in self._bodies:
            self._bodies[function] = _Body([function.body] if isinstance(function, ast.Lambda) else function.body)
        body = self._bodies[function]
        mentions = body.mentions.get(parameter, ())
        if body.is_unclear or len(mentions) != body.counted[parameter]:
            return False  # Others are in functions inside, which may run later.
        return all(_is_asked_about(node, around) or harmless(node, around) for node, around in mentions)


class _Body:
    """Where a function mentions which variables."""

    def __init__(self, parts: Sequence[ast.AST]) -> None:
        self.is_unclear = False
        """Whether it runs later, or sees its variables in other ways than by name."""
        self.counted: Counter[str] = Counter()
        """How often each variable is mentioned, in whatever way."""
        self.mentions: dict[str, list[tuple[ast.Name, Around]]] = {}
        """Where the function itself reads them."""
        for node in (node for part in parts for node in walk(part)):
            if isinstance(node, ast.Name):
                self.counted[node.id] += 1
                self.is_unclear |= node.id in _SEES_VARIABLES
            elif isinstance(node, (ast.Global, ast.Nonlocal)):
                self.counted.update(node.names)
            self.is_unclear |= isinstance(node, _YIELDING)
        for node, around in (pair for part in parts for pair in with_parents(part)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self.mentions.setdefault(node.id, []).append((node, around))


def _names(node: ast.AST) -> set[str]:
    """The name that a node gives to something."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return {node.id}
    return set()


def _parameter(function: Function, keyword: str | None, place: int | None, shift: int) -> str:
    """The parameter that gets an argument; nothing if that isn't a plain one."""
    arguments = function.args
    positional = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
    if keyword is not None:
        known = {*positional[len(arguments.posonlyargs) :], *(parameter.arg for parameter in arguments.kwonlyargs)}
        return keyword if keyword in known else ""
    if place is None or place + shift >= len(positional):
        return ""
    return positional[place + shift]


def _is_asked_about(node: ast.AST, around: Around) -> bool:
    """``if f``, ``f is None`` and the like."""
    parent = around[0]
    if isinstance(parent, ast.UnaryOp):
        return isinstance(parent.op, ast.Not)
    if isinstance(parent, ast.Compare):
        return all(isinstance(operator, (ast.Is, ast.IsNot)) for operator in parent.ops)
    return isinstance(parent, _ASKING) and node is parent.test

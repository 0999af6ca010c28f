"""Which closures have certainly run for the last time when the expression that makes them has been evaluated.

What is said here of callees is what :mod:`flake8_pitfalls.semantics.callbacks` says, and what the analysis makes of
it. This module must not import LibCST.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.free_names import FUNCTIONS
from flake8_pitfalls.semantics.callbacks import (
    COPYING_METHODS,
    IGNORING_METHODS,
    RUNNING_METHODS,
    RUNNING_NAMES,
    Role,
    role_of,
)
from flake8_pitfalls.semantics.syntax import own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.page import Page

_BUILTINS = frozenset(dir(builtins))
_RUNNING = (IGNORING_METHODS | RUNNING_METHODS | RUNNING_NAMES) - {"map", "starmap", "wait_for", "run_sync"}
"""Methods of objects that aren't known after which a closure isn't needed any more, but for ``map`` of executors."""


Around = tuple[ast.AST, "Around | None"]
"""A node around another one, and what is around that."""


class Consumers:
    """What runs a closure for the last time before its iteration is over."""

    def __init__(self, page: Page, options: Options | None) -> None:
        self._page = page
        self._retaining = options.retaining_callees if options is not None else frozenset()
        self._bound: dict[str, bool] = {}
        self._roles: dict[str, Role | None] = {}

    def use_up(self, node: ast.AST, around: Around | None) -> bool:
        """Whether the expression around a closure uses it up."""
        if around is None:
            return False
        if node.__class__ is ast.GeneratorExp:
            used = self._use_up_iterator(node, around)
        elif node.__class__ is ast.Lambda:
            used = self._use_up_function(node, around)
        else:
            return False
        return used and not _makes_functions(node)

    def _use_up_iterator(self, node: ast.AST, around: Around) -> bool:
        parent = around[0]
        if isinstance(parent, ast.Call):
            if node is parent.func:
                return False
            return self._call_uses_up(parent, around[1], is_function=False)
        if isinstance(parent, ast.Compare):
            return _is_searched(node, parent)
        if isinstance(parent, ast.comprehension):
            return node is parent.iter and around[1] is not None and self._is_iterated(parent, around[1])
        if isinstance(parent, (ast.For, ast.AsyncFor)):
            return node is parent.iter
        return isinstance(parent, (ast.Starred, ast.YieldFrom))

    def _is_iterated(self, clause: ast.comprehension, around: Around) -> bool:
        """Whether the comprehension of a clause that goes through an iterator has run."""
        comprehension = around[0]
        if not isinstance(comprehension, ast.GeneratorExp):
            return True
        if clause is not comprehension.generators[0] or around[1] is None:
            return False
        return self._use_up_iterator(comprehension, around[1])

    def _use_up_function(self, node: ast.AST, around: Around) -> bool:
        parent = around[0]
        if isinstance(parent, ast.keyword):
            if parent.arg != "key" or around[1] is None:
                return False
            call = around[1][0]
            assert isinstance(call, ast.Call)
            return self._call_uses_up(call, around[1][1], is_function=True, is_key=True)
        if not isinstance(parent, ast.Call):
            return False
        return node is not parent.func and self._call_uses_up(parent, around[1], is_function=True)

    def _call_uses_up(self, call: ast.Call, around: Around | None, *, is_function: bool, is_key: bool = False) -> bool:
        """Whether nothing of a closure is left when a call that gets it has returned, or its result is used up."""
        function = call.func
        if isinstance(function, ast.Name):
            role = self._role(function.id, "")
        elif isinstance(function, ast.Attribute):
            name = function.attr
            if self._is_retaining(name) or self._binds(name):
                return False
            dotted = _dotted(function)
            role = self._role(*dotted) if dotted is not None else None
            if role is None:
                return name in _RUNNING or (name in COPYING_METHODS and not is_function)
        else:
            return False
        if role is Role.LAZY:
            return around is not None and self._use_up_iterator(call, around)
        if role in {Role.COPIES, Role.PICKS}:
            return is_key if is_function else True
        return role in {Role.RUNS, Role.IGNORES}

    # -- what callees are ----------------------------------------------------------------------------------------

    def _is_retaining(self, name: str) -> bool:
        return bool(self._retaining) and any(name == each.rpartition(".")[2] for each in self._retaining)

    def _role(self, root: str, rest: str) -> Role | None:
        """The role of a dotted name, whatever it's imported as; ``None`` if the module may give it another meaning."""
        text = root + rest
        if text not in self._roles:
            self._roles[text] = self._find_role(root, rest)
        return self._roles[text]

    def _find_role(self, root: str, rest: str) -> Role | None:
        origins = self._imported.get(root) or ({f"builtins.{root}"} if root in _BUILTINS else set())
        full = [origin + rest for origin in origins]
        roles = {role_of(each) for each in full}
        if len(roles) != 1 or None in roles or self._binds(root):
            return None
        if any(self._is_retaining(each.rpartition(".")[2]) for each in (*full, root + rest)):
            return None
        return roles.pop()

    @cached_property
    def _imported(self) -> dict[str, set[str]]:
        """What each name is imported from, in whatever scope."""
        found: dict[str, set[str]] = {}
        for statement in self._page.of(ast.Import, ast.ImportFrom):
            assert isinstance(statement, (ast.Import, ast.ImportFrom))
            for name, origin in _names_imported(statement):
                found.setdefault(name, set()).add(origin)
        return found

    def _binds(self, name: str) -> bool:
        """Whether the module binds a name, in whatever scope, other than by an import."""
        if name not in self._bound:
            lines = self._page.lines(
                [rf"{name}\b(?!\s*[(.])", rf"{name}\b(?<=def {name})", rf"{name}\b(?<=class {name})"]
            )
            self._bound[name] = any(
                _binds(part, name) for statement in self._page.innermost(lines) for part in own_nodes(statement)
            )
        return self._bound[name]


def _makes_functions(node: ast.AST) -> bool:
    """Whether a closure may hand out closures made in it.

    A generator expression yields what it makes, which isn't used up with it; a function may return an iterator.
    """
    kinds = FUNCTIONS if node.__class__ is ast.GeneratorExp else (*FUNCTIONS, ast.GeneratorExp)
    return any(isinstance(part, kinds) and part is not node for part in walk(node))


def _is_searched(node: ast.AST, comparison: ast.Compare) -> bool:
    """``x in (...)``."""
    pairs = zip(comparison.ops, comparison.comparators, strict=True)
    return any(part is node and isinstance(operator, (ast.In, ast.NotIn)) for operator, part in pairs)


def _dotted(function: ast.Attribute) -> tuple[str, str] | None:
    """The root of a dotted name, and what comes behind it."""
    rest = ""
    node: ast.expr = function
    while isinstance(node, ast.Attribute):
        rest = f".{node.attr}{rest}"
        node = node.value
    return (node.id, rest) if isinstance(node, ast.Name) else None


def _names_imported(statement: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and the dotted names that they stand for."""
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            yield alias.asname or alias.name, f"{'.' * statement.level}{statement.module or ''}.{alias.name}"
        elif alias.asname:
            yield alias.asname, alias.name
        else:
            name = alias.name.partition(".")[0]
            yield name, name


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.arg):
        return node.arg == name
    if isinstance(node, ast.alias):
        return False
    return getattr(node, "name", None) == name or getattr(node, "rest", None) == name

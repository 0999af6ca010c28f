"""Which closures have certainly run for the last time when the expression that makes them has been evaluated.

What is said here of callees is what :mod:`flake8_pitfalls.semantics.callbacks` says, and what the analysis makes of
it. This module must not import LibCST.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.free_names import FUNCTIONS
from flake8_pitfalls.rules.late_binding.local_use import Around, LocalUses, name_given, with_parents
from flake8_pitfalls.rules.late_binding.own_functions import OwnFunctions
from flake8_pitfalls.semantics.callbacks import (
    AWAITING_METHODS,
    CALLEES,
    CONTEXT_METHODS,
    COPYING_METHODS,
    ELEMENT_METHODS,
    IGNORING_METHODS,
    KEEPING_METHODS,
    RUNNING_METHODS,
    RUNNING_NAMES,
    STARTING_METHODS,
    STORING_METHODS,
    Role,
    is_callback_keyword,
    role_of,
)
from flake8_pitfalls.semantics.syntax import own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.page import Page

_BUILTINS = frozenset(dir(builtins))
_PAIRING = frozenset({"builtins.zip", "builtins.enumerate"})
_LISTED = frozenset(dotted.rpartition(".")[2] for dotted in CALLEES) | {"setattr", "__setattr__"}
"""The last names of callees that may be known by another name than the module's imports tell."""
_LAZY = RUNNING_METHODS & {"from_iterable", "groupby", "count"}
_DONE = (IGNORING_METHODS | RUNNING_METHODS | RUNNING_NAMES) - _LAZY - {"map", "starmap", "wait_for", "run_sync"}
"""Methods of objects that aren't known after which a closure isn't needed any more, but for ``map`` of executors."""
_KEEPING = (
    KEEPING_METHODS | STORING_METHODS | COPYING_METHODS | ELEMENT_METHODS | CONTEXT_METHODS | STARTING_METHODS
) | AWAITING_METHODS
"""Methods that store closures, or return something that leads to them."""

_FEW_NAMES = 30
"""For so many names the text is searched for what binds them."""


class Consumers:
    """What runs a closure for the last time before its iteration is over."""

    def __init__(self, page: Page, options: Options | None) -> None:
        self._page = page
        self._retaining = options.retaining_callees if options is not None else frozenset()
        self._bound: dict[str, int] = {}
        self._uses = LocalUses(page)
        self._roles: dict[tuple[str, str], Role | None] = {}
        self._ignores_unknown = options is not None and not options.asks_for("PIT103")
        self._functions = OwnFunctions(page)

    def use_up(self, node: ast.AST, around: Around | None) -> bool:
        """Whether a closure that was made can't be run any more when its pass of the loop is over."""
        if around is None or not self._keeps_to_itself(node):
            return False
        if self._use_up_here(node, around):
            return True
        given = name_given(node, around)
        is_function = not isinstance(node, ast.GeneratorExp)
        return given is not None and self._uses.are_harmless(*given, self._use_up_name(is_function=is_function))

    def _use_up_here(self, node: ast.AST, around: Around | None) -> bool:
        if around is None:
            return False
        if isinstance(node, ast.GeneratorExp):
            return self._use_up_iterator(node, around)
        return isinstance(node, ast.Lambda) and self._use_up_argument(node, around, is_function=True)

    def _use_up_name(self, *, is_function: bool) -> Callable[[ast.Name, Around], bool]:
        """Tells whether nothing is left of a closure that a variable holds when an expression with it has run."""

        def use_up(name: ast.Name, around: Around) -> bool:
            if not is_function:
                return self._use_up_iterator(name, around)
            parent = around[0]
            if isinstance(parent, ast.Call) and parent.func is name:
                return True
            return self._use_up_argument(name, around, is_function=True)

        return use_up

    def _keeps_to_itself(self, node: ast.AST) -> bool:
        """Whether a closure runs when it's called, and hands out no closures that are made in it.

        What a generator expression makes isn't used up with it; and a function may return an iterator.
        """
        if isinstance(node, ast.GeneratorExp):
            if any(isinstance(part, FUNCTIONS) for part in walk(node)):
                return False
            parts: Sequence[ast.AST] = [node.elt]
        else:
            assert isinstance(node, FUNCTIONS)
            parts = [node.body] if isinstance(node, ast.Lambda) else node.body
        for each in parts:
            for part, around in with_parents(each):
                if isinstance(part, (*FUNCTIONS, ast.Yield, ast.YieldFrom)):
                    return False
                if isinstance(part, ast.GeneratorExp) and not self._use_up_iterator(part, around):
                    return False
        return True

    def _use_up_iterator(self, node: ast.AST, around: Around) -> bool:
        parent = around[0]
        if isinstance(parent, (ast.Call, ast.keyword)):
            return self._use_up_argument(node, around, is_function=False)
        if isinstance(parent, ast.Compare):
            return _is_searched(node, parent)
        if isinstance(parent, ast.comprehension):
            return node is parent.iter and around[1] is not None and self._is_iterated(parent, around[1])
        if isinstance(parent, (ast.For, ast.AsyncFor)):
            return node is parent.iter and self._takes_apart(parent)
        if isinstance(parent, ast.Assign):
            return all(isinstance(target, (ast.Tuple, ast.List)) for target in parent.targets)
        return isinstance(parent, (ast.Starred, ast.YieldFrom))

    def _is_iterated(self, clause: ast.comprehension, around: Around) -> bool:
        """Whether the comprehension of a clause that goes through an iterator has run."""
        comprehension = around[0]
        if not isinstance(comprehension, ast.GeneratorExp):
            return True
        if clause is not comprehension.generators[0] or around[1] is None:
            return False
        return self._use_up_iterator(comprehension, around[1])

    def _takes_apart(self, loop: ast.For | ast.AsyncFor) -> bool:
        """Whether a loop over ``zip(...)`` or ``enumerate(...)`` has a variable for each part of the elements.

        The analysis takes a variable for whole elements to hold the iterators that they come from.
        """
        call, target = loop.iter, loop.target
        if not isinstance(call, ast.Call) or not self._origins(call.func) & _PAIRING:
            return True
        if not isinstance(target, (ast.Tuple, ast.List)) or any(isinstance(part, ast.Starred) for part in target.elts):
            return False
        return len(target.elts) == (len(call.args) if _last_name(call.func) == "zip" else 2)

    def _use_up_argument(self, node: ast.AST, around: Around, *, is_function: bool) -> bool:
        keyword = None
        if isinstance(around[0], ast.keyword):
            keyword = around[0].arg
            if keyword is None or around[1] is None:
                return False
            around = around[1]
        call = around[0]
        if not isinstance(call, ast.Call) or node is call.func:
            return False
        return self._call_uses_up(call, around[1], node, keyword, is_function=is_function)

    def _call_uses_up(
        self, call: ast.Call, around: Around | None, node: ast.AST, keyword: str | None, *, is_function: bool
    ) -> bool:
        """Whether nothing of a closure is left when a call that gets it has returned, or its result is used up."""
        role = self._role_of(call.func)
        if role is None:
            name = _last_name(call.func)
            if any(map(self._is_retaining, {name, *(each.rpartition(".")[2] for each in self._origins(call.func))})):
                return False
            if not self._is_foreign(call.func):
                own = self._own_functions_use_up(call, node, keyword, is_function=is_function)
                if own is False or (own and isinstance(call.func, ast.Name) and name not in self._functions.lambdas):
                    return own
            if isinstance(call.func, ast.Attribute):
                if name in _DONE or (name in COPYING_METHODS and not is_function and keyword is None):
                    return True
                role = Role.LAZY if name in _LAZY else None
        if role is None:
            return self._ignores_unknown and _is_unknown(call, around, keyword, is_function=is_function)
        if role is Role.LAZY:
            if is_function and self._origins(call.func) & _PAIRING:
                return False  # They don't call it.
            return around is not None and self._use_up_iterator(call, around)
        if role in {Role.COPIES, Role.PICKS}:
            return keyword == "key" if is_function else keyword is None
        # With three arguments, `type` makes a class.
        return role is Role.RUNS or (role is Role.IGNORES and _last_name(call.func) != "type")

    def _own_functions_use_up(
        self, call: ast.Call, node: ast.AST, keyword: str | None, *, is_function: bool
    ) -> bool | None:
        """Whether the functions of this file that a call may run use up a closure; ``None`` if there are none."""
        name = _last_name(call.func)
        is_name = isinstance(call.func, ast.Name)
        is_lambda = is_name and name in self._functions.lambdas
        if self._bindings_of(name) != is_lambda or (
            is_name and name in self._imported and self._functions.defines(name)
        ):
            return False
        if not is_lambda and not self._functions.defines(name):
            return None
        harmless = self._use_up_name(is_function=is_function)
        return self._functions.use_up(
            call,
            node,
            keyword,
            lambda mention, parents: harmless(mention, parents) and self._run_at_once(parents),
            is_function=is_function,
        )

    def _run_at_once(self, around: Around | None) -> bool:
        """Whether the lambdas and generator expressions around some code have run when the statement has."""
        while around is not None and around[1] is not None:
            if isinstance(around[0], (ast.Lambda, ast.GeneratorExp)) and not self._use_up_here(*around):
                return False
            around = around[1]
        return True

    # -- what callees are ----------------------------------------------------------------------------------------

    def _is_retaining(self, name: str) -> bool:
        return bool(self._retaining) and any(name == each.rpartition(".")[2] for each in self._retaining)

    def _role_of(self, function: ast.expr) -> Role | None:
        """The role of a callee; ``None`` if it isn't known, ``Role.KEEPS`` too if it may be one of several."""
        dotted = _dotted(function)
        if dotted is None:
            return None if isinstance(function, ast.Attribute) else Role.KEEPS
        if dotted not in self._roles:
            self._roles[dotted] = self._find_role(function, *dotted)
        role = self._roles[dotted]
        if role is not None and self._functions.defines(dotted[0]) and not self._functions.is_in_function(function):
            return Role.KEEPS  # The body of a class sees the methods.
        return role

    def _is_foreign(self, function: ast.expr) -> bool:
        """Whether a callee is an attribute of something that's imported."""
        dotted = _dotted(function)
        if dotted is None or not dotted[1]:
            return False
        return dotted[0] in self._imported and not self._hides(dotted[0])

    def _origins(self, function: ast.expr) -> set[str]:
        """The dotted names that a callee may stand for if the module doesn't bind the name but by imports."""
        dotted = _dotted(function)
        if dotted is None:
            return set()
        root, rest = dotted
        origins = self._imported.get(root, set()) | ({f"builtins.{root}"} if root in _BUILTINS else set())
        return {origin + rest for origin in origins}

    def _find_role(self, function: ast.expr, root: str, rest: str) -> Role | None:
        origins = self._origins(function)
        roles = {role_of(origin) for origin in origins}
        if not roles - {None}:
            return None
        if len(roles) > 1 or self._hides(root) or (rest and self._binds(rest.rpartition(".")[2])):
            return Role.KEEPS
        if any(self._is_retaining(each.rpartition(".")[2]) for each in (*origins, root + rest)):
            return Role.KEEPS
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

    def _hides(self, name: str) -> bool:
        """Whether the module binds a name for code in functions, in whatever scope, other than by an import."""
        defined = self._functions.defines(name) and not self._functions.are_methods(name)
        return defined or self._bindings_of(name) > 0

    def _binds(self, name: str) -> bool:
        """Whether the module binds a name, in whatever scope, other than by an import."""
        return self._functions.defines(name) or self._bindings_of(name) > 0

    def _bindings_of(self, name: str) -> int:
        """How often the module binds a name, in whatever scope, other than by an import or a definition."""
        if self._page.has_other_names or (len(self._bound) == _FEW_NAMES and name not in self._bound):
            return self._bound_anywhere[name]
        if name not in self._bound:
            lines = self._page.lines([rf"{name}\b(?!\s*[(.])"])
            parts = (part for statement in self._page.innermost(lines) for part in own_nodes(statement))
            self._bound[name] = sum(_names_bound(part).count(name) for part in parts)
        return self._bound[name]

    @cached_property
    def _bound_anywhere(self) -> Counter[str]:
        """The same for all names; of one name the text tells in less time."""
        return Counter(name for part in walk(self._page.tree) for name in _names_bound(part))


def _is_unknown(call: ast.Call, around: Around | None, keyword: str | None, *, is_function: bool) -> bool:
    """Whether the analysis can't tell what a callee does that isn't of this module, and thus reports PIT103 at most."""
    name = _last_name(call.func)
    if name in _LISTED or (name in _KEEPING if isinstance(call.func, ast.Attribute) else name in _BUILTINS):
        return False
    if (keyword is not None and is_callback_keyword(keyword)) or (is_function and _is_class_like(name)):
        return False
    while around is not None:
        if isinstance(around[0], ast.withitem):
            return False
        around = around[1]
    return True


def _is_class_like(name: str) -> bool:
    """``Timer``, ``_Timer``: calling that makes an object, which may hold what it gets."""
    name = name.lstrip("_")
    return name[:1].isupper() and not name.isupper()


def _is_searched(node: ast.AST, comparison: ast.Compare) -> bool:
    """``x in (...)``."""
    pairs = zip(comparison.ops, comparison.comparators, strict=True)
    return any(part is node and isinstance(operator, (ast.In, ast.NotIn)) for operator, part in pairs)


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _dotted(function: ast.expr) -> tuple[str, str] | None:
    """The root of a dotted name, and what comes behind it."""
    rest = ""
    while isinstance(function, ast.Attribute):
        rest = f".{function.attr}{rest}"
        function = function.value
    return (function.id, rest) if isinstance(function, ast.Name) else None


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


def _names_bound(node: ast.AST) -> tuple[str, ...]:
    """The names that a node binds other than by an import or a definition."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, (ast.alias, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return ()
    return tuple(name for field in ("name", "rest") if isinstance(name := getattr(node, field, None), str))

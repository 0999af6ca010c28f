"""What a module changes in place of the results of calls, and of attributes, told from ``ast``.

A list that a cached function returns, or a parser hands out as an option's default, is a pitfall where somebody changes
it. This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_pitfalls.rules.mutable_default.parsed_once import MAKING_PARSERS, lines_of_options
from flake8_pitfalls.semantics.callees import (
    ANY_CHANGING_METHOD,
    CHANGING_THEIR_ARGUMENT,
    ELEMENT_METHODS,
    VIEW_METHODS,
)
from flake8_pitfalls.semantics.syntax import BLOCKS, FIELDS

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_CHANGING_FUNCTIONS = CHANGING_THEIR_ARGUMENT | {
    *("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort", "insort_left", "insort_right"),
    *("setitem", "delitem", "iconcat"),
}
_LEADING_ON = ELEMENT_METHODS | VIEW_METHODS | {"items"}
"""Methods whose result is, or holds, something that's in the container."""
_RUNNING = frozenset(
    {
        *("run", "run_until_complete", "wait_for", "gather", "to_thread", "iter", "reversed", "enumerate", "zip"),
        *("next", "vars", "getattr", "property", "cached_property", "partial"),
    }
)
"""Functions whose result is, or holds, what their arguments lead to."""
_CONSTRUCTORS = frozenset({"__init__", "__new__"})

_WITHOUT_PARTS = frozenset({type(None), str, ast.Name, ast.Constant, ast.Pass})
"""What may stand in a field of a node, and neither changes nor binds anything."""
_MOST_STEPS = 100_000
_MAKING = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call, ast.BinOp)


class Changed(NamedTuple):
    """What is changed, by name."""

    attributes: frozenset[str]
    """Attributes whose objects are changed: ``paths`` for ``options.paths.append(path)``."""
    results: frozenset[str]
    """Functions and methods whose results are changed: ``load`` for ``load(path)["key"] = 1``."""
    lines: frozenset[int]
    """The lines on which calls start whose results, or results of those, are changed; counted from 1."""
    parses_again: bool
    """Whether there's more than one call of ``parse_args``."""
    parsed_once: frozenset[int] = frozenset()
    """The lines on which calls start that give an option to a parser which is made for one run of it."""

    def has_result_of(self, name: str) -> bool:
        """Whether the result of a function is changed, which may be that of a property."""
        return name in self.results or name in self.attributes


class _Scope:
    """A function, or the module."""

    def __init__(self, node: ast.AST, outer: _Scope | None, name: str) -> None:
        self.outer = outer
        self.name = name
        arguments = getattr(node, "args", None)
        parts = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs] if arguments else []
        self.parameters = [part.arg for part in parts]
        self.values: dict[str, list[ast.expr]] = {}
        """What the variables are bound to."""
        self.of_others: list[tuple[str, bool]] = []
        """The names that are those of the module, or else of a function around."""

    def owner(self, name: str) -> _Scope | None:
        """The scope that binds a variable."""
        scope: _Scope | None = self
        while scope is not None and name not in scope.values and name not in scope.parameters:
            scope = scope.outer
        return scope


def changed_in(tree: ast.Module) -> Changed:
    """What a module changes."""
    return _Finder(tree).find()


class _Finder:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._changes: list[tuple[ast.expr, _Scope]] = []
        self._passed: dict[str, list[tuple[ast.Call, _Scope]]] = {}
        """The calls of each name, with whatever arguments."""
        self._keywords: dict[str, list[tuple[ast.expr, _Scope]]] = {}
        self._names: dict[ast.AST, str] = {}
        """By what names functions are called: lambdas by that of their variable, constructors by that of the class."""
        self._returned: dict[str, list[tuple[ast.expr, _Scope]]] = {}
        self._stored: dict[str, list[tuple[ast.expr, _Scope]]] = {}
        """What the attributes of a name are bound to."""

    def find(self) -> Changed:
        self._visit()
        attributes: set[str] = set()
        results: set[str] = set()
        lines: set[int] = set()
        seen: set[tuple[int, str]] = set()
        stack = list(self._changes)
        steps = 0
        while stack and steps < _MOST_STEPS:
            steps += 1
            node, scope = stack.pop()
            if isinstance(node, ast.Attribute):
                if node.attr not in attributes:
                    attributes.add(node.attr)
                    stack += self._stored.get(node.attr, ())
                    stack += self._keywords.get(node.attr, ())
                stack += [(node.value, scope)] if node.attr == "__dict__" else ()
            elif isinstance(node, ast.Call):
                name = _last_name(node.func)
                stack += self._returned.get(name, ()) if name and name not in results else ()
                results.add(name)
                lines.add(node.lineno)
                stack += ((part, scope) for part in _behind_call(node))
            elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                # `vars(options)["paths"]` is `options.paths`.
                attributes.add(str(node.slice.value))
                stack.append((node.value, scope))
            elif isinstance(node, ast.Name):
                owner = scope.owner(node.id)
                if owner is None:
                    results.add(node.id)
                elif (id(owner), node.id) not in seen:
                    seen.add((id(owner), node.id))
                    stack += ((value, owner) for value in owner.values.get(node.id, ()))
                    place = owner.parameters.index(node.id) if node.id in owner.parameters else -1
                    key = place, f"{owner.name}({node.id})"
                    if place >= 0 and key not in seen:
                        seen.add(key)
                        stack += self._arguments(owner, node.id, place)
            else:
                stack += ((part, scope) for part in _leading_to(node))
        again = len(self._passed.get("parse_args", ())) > 1
        once = frozenset(lines_of_options(self._tree) if MAKING_PARSERS & self._passed.keys() else ())
        return Changed(frozenset(attributes), frozenset(results), frozenset(lines), again, once)

    def _arguments(self, function: _Scope, parameter: str, place: int) -> Iterator[tuple[ast.expr, _Scope]]:
        """What calls pass for a parameter, whether a first one is bound already or not."""
        for call, scope in self._passed.get(function.name, ()):
            for number in {place, place - 1}:
                if 0 <= number < len(call.args):
                    yield call.args[number], scope
            for keyword in call.keywords:
                if keyword.arg == parameter:
                    yield keyword.value, scope
                elif keyword.arg is None:
                    yield ast.Attribute(keyword.value, parameter, ast.Load()), scope

    def _visit(self) -> None:
        top = _Scope(self._tree, None, "")
        declaring: list[_Scope] = []
        stack: list[tuple[ast.AST, _Scope]] = [(self._tree, top)]
        while stack:
            node, scope = stack.pop()
            self._note(node, scope)
            inner = scope
            if isinstance(node, _FUNCTIONS):
                inner = _Scope(node, scope, self._names.get(node, getattr(node, "name", "")))
                if isinstance(node, ast.Lambda):
                    self._returned.setdefault(inner.name, []).append((node.body, inner))
            elif isinstance(node, (ast.Global, ast.Nonlocal)):
                scope.of_others += ((name, isinstance(node, ast.Global)) for name in node.names)
                declaring.append(scope)
            for name in FIELDS[node.__class__]:
                value = getattr(node, name)
                if value.__class__ is list:
                    stack += [(part, inner) for part in value if part.__class__ not in _WITHOUT_PARTS]
                elif value.__class__ not in _WITHOUT_PARTS:
                    stack.append((value, inner))
        for scope in reversed(declaring):
            for name, is_global in scope.of_others:
                other = top if is_global else (scope.outer or top)
                other.values.setdefault(name, []).extend(scope.values.pop(name, ()))

    def _note_call(self, node: ast.Call, scope: _Scope) -> None:
        name = _last_name(node.func)
        self._passed.setdefault(name, []).append((node, scope))
        for keyword in node.keywords:
            if keyword.arg is not None:
                self._keywords.setdefault(keyword.arg, []).append((keyword.value, scope))
        if name in _CHANGING_FUNCTIONS and node.args:
            self._changes.append((node.args[0], scope))
        elif isinstance(node.func, ast.Attribute) and name in ANY_CHANGING_METHOD:
            self._changes.append((node.func.value, scope))

    def _note(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Call):
            self._note_call(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._names.update((part, node.name) for part in node.body if getattr(part, "name", "") in _CONSTRUCTORS)
            self._note_attributes(node, scope)
        elif isinstance(node, (ast.Return, ast.Yield)):
            if node.value is not None:
                self._returned.setdefault(scope.name, []).append((node.value, scope))
        elif isinstance(node, ast.AugAssign):
            target = node.target
            self._changes.append((target.value if isinstance(target, ast.Subscript) else target, scope))
        elif isinstance(node, ast.Delete):
            self._changes += ((part.value, scope) for part in node.targets if isinstance(part, ast.Subscript))
        else:
            self._note_binding(node, scope)

    def _note_attributes(self, node: ast.ClassDef, scope: _Scope) -> None:
        stack: list[ast.AST] = [*node.body]
        while stack:
            part = stack.pop()
            if isinstance(part, (ast.Assign, ast.AnnAssign)) and part.value is not None:
                for target in part.targets if isinstance(part, ast.Assign) else [part.target]:
                    if isinstance(target, ast.Name):
                        self._stored.setdefault(target.id, []).append((part.value, scope))
            elif not isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
                for name in BLOCKS.get(part.__class__, ()):
                    stack += getattr(part, name)

    def _note_binding(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._bind(target, node.value, scope)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            if node.value is not None:
                self._bind(node.target, node.value, scope)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            self._bind(node.target, node.iter, scope)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            self._bind(node.optional_vars, node.context_expr, scope)

    def _bind(self, target: ast.expr, value: ast.expr, scope: _Scope) -> None:
        if isinstance(target, ast.Name):
            scope.values.setdefault(target.id, []).append(value)
            if isinstance(value, ast.Lambda):
                self._names[value] = target.id
        elif isinstance(target, (ast.Tuple, ast.List)):
            for part in target.elts:
                self._bind(part, value, scope)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, value, scope)
        elif isinstance(target, ast.Attribute):
            self._stored.setdefault(target.attr, []).append((value, scope))
            self._changes.append((target.value, scope))
        elif isinstance(target, ast.Subscript):
            self._changes.append((target.value, scope))


def _behind_call(node: ast.Call) -> list[ast.expr]:
    """What the result of a call may be taken from."""
    name = _last_name(node.func)
    if isinstance(node.func, ast.Attribute) and name in _LEADING_ON:
        return [node.func.value, node.func]
    # The function may itself be the result of a call: `make = service()`.
    return [node.func, *(node.args if name in _RUNNING else ())]


def _leading_to(node: ast.expr) -> list[ast.expr]:
    """The expressions whose object is changed if a part of another one is."""
    if isinstance(node, (ast.Subscript, ast.Await, ast.Starred, ast.NamedExpr)):
        return [node.value]
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else []


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_option_changed(call: ast.Call, changed: Changed, line: int) -> bool:
    """Whether the value of an option of a parser is changed, given the call that adds it, and the line of that.

    ``argparse`` copies the default before it appends to it, ``optparse`` doesn't, which shows when it parses again.
    """
    if line in changed.parsed_once and all(is_new(given.value) for given in call.keywords if given.arg == "default"):
        return False
    if appends_to_default(call) and changed.parses_again:
        return True
    written = option_written(call)
    return bool(changed.attributes) if written is None else attribute_of(written) in changed.attributes


def is_new(value: ast.expr) -> bool:
    """Whether an expression makes an object, rather than naming one that there may be already."""
    return isinstance(value, _MAKING)


def appends_to_default(call: ast.Call) -> bool:
    """Whether an option of ``optparse`` appends to its default."""
    actions = [keyword.value for keyword in call.keywords if keyword.arg == "action"]
    appends = any(isinstance(action, ast.Constant) and "append" in str(action.value) for action in actions)
    return appends and _last_name(call.func) != "add_argument"


def option_written(call: ast.Call) -> str | None:
    """The text that names the attribute of an option, if that's known: ``--all-paths``."""
    names = [keyword.value for keyword in call.keywords if keyword.arg == "dest"] or call.args
    texts = [str(name.value) for name in names if isinstance(name, ast.Constant)]
    return next((text for text in texts if text.startswith("--")), texts[0] if texts else None)


def attribute_of(written: str) -> str:
    """The attribute for the name of an option: ``all_paths`` for ``--all-paths``."""
    return written.lstrip("-").replace("-", "_")

"""Which names closures read when they run, and which names loops bind, told from ``ast``.

Too many names may be given, never too few. This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from flake8_pitfalls.semantics.syntax import FIELDS, walk

Closure = ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | ast.GeneratorExp
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
FUNCTIONS = (ast.Lambda, ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOPS = (ast.For, ast.AsyncFor, ast.While)


class Loop:
    """A loop statement, or a clause of a comprehension, that may run several times while a closure lives."""

    __slots__ = ("_comprehension", "_names", "_node")

    def __init__(self, node: ast.stmt | ast.comprehension, comprehension: Comprehension | None = None) -> None:
        self._node = node
        self._comprehension = comprehension
        self._names: set[str] | None = None

    @property
    def names(self) -> set[str]:
        """The names that it binds in the code around closures."""
        if self._names is None:
            self._names = self._bound()
        return self._names

    def _bound(self) -> set[str]:
        node = self._node
        if isinstance(node, ast.comprehension):
            found = {part.target.id for part in walk(self._comprehension) if isinstance(part, ast.NamedExpr)}
            return found.union(targets_of(node))
        assert isinstance(node, LOOPS)
        return bound_in([node.test if isinstance(node, ast.While) else node.target, *node.body])


def bound_in(parts: Iterable[ast.AST]) -> set[str]:
    """The names that code binds in its own scope or in classes in it, not in functions and comprehensions."""
    found: set[str] = set()
    fields = FIELDS
    stack: list[ast.AST] = list(parts)
    pop, extend, push = stack.pop, stack.extend, stack.append
    while stack:
        node = pop()
        kind = node.__class__
        if kind is ast.Name:
            if node.ctx.__class__ is not ast.Load:  # type: ignore[attr-defined]
                found.add(node.id)  # type: ignore[attr-defined]
        elif kind in _BINDING:
            _add_bound(node, found)
            if isinstance(node, FUNCTIONS):
                extend(_around_function(node))
                continue
            if isinstance(node, COMPREHENSIONS):
                extend(_around_comprehension(node))
                continue
        for name in fields[kind]:
            value = getattr(node, name)
            if value.__class__ is list:
                extend([child for child in value if child is not None])
            elif value is not None:
                push(value)
    return found


_BINDING = frozenset(
    {
        *(*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef, ast.alias, ast.ExceptHandler),
        *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
    }
)
"""The kinds of nodes that bind names without having ``ast.Name`` for them, or that have scopes."""


def _add_bound(node: ast.AST, found: set[str]) -> None:
    if isinstance(node, ast.alias):
        found.add(node.asname or node.name.partition(".")[0])
    elif isinstance(node, ast.MatchMapping):
        if node.rest:
            found.add(node.rest)
    elif isinstance(name := getattr(node, "name", None), str):
        found.add(name)


def _around_function(node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    """The parts of a function that run where it's made, annotations left out: they bind nothing."""
    defaults: list[ast.AST] = [
        default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None
    ]
    return defaults if isinstance(node, ast.Lambda) else [*defaults, *node.decorator_list]


def _around_comprehension(node: Comprehension) -> list[ast.AST]:
    """The parts of a comprehension that may bind a name of the code around it: with ``:=``."""
    return [part.target for part in walk(node) if isinstance(part, ast.NamedExpr)]


def free_names(closure: Closure) -> set[str]:
    """The names of the code around a closure that it, or a closure in it, reads when it runs."""
    return _read_later(closure) if isinstance(closure, ast.GeneratorExp) else _free_in_function(closure)


def _free_in_function(node: ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    read = _read_in(body)
    if not read:
        return read
    arguments = node.args
    own = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    own.update(argument.arg for argument in (arguments.vararg, arguments.kwarg) if argument is not None)
    return read - own - _assigned_in(body)


def _assigned_in(body: list[ast.AST]) -> set[str]:
    """The names that are variables of a function because its code binds them."""
    declared: set[str] = set()
    found: set[str] = set()
    stack = body.copy()
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            declared.update(node.names)
        elif node.__class__ in _BINDING:
            _add_bound(node, found)
            if isinstance(node, _SCOPES):
                # What is global there isn't the variable of this function that has the same name.
                declared.update(name for part in walk(node) if isinstance(part, ast.Global) for name in part.names)
                continue
        stack.extend(_children(node))
    return found - declared


_SCOPES = (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)


def _read_later(node: Comprehension) -> set[str]:
    """The names that a comprehension reads besides those in its first iterable, which runs first of all."""
    first, *others = node.generators
    parts: list[ast.AST] = [*first.ifs, *others]
    parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    return _read_in(parts) - {name for generator in node.generators for name in targets_of(generator)}


def targets_of(generator: ast.comprehension) -> Iterator[str]:
    """The names that a clause binds."""
    for part in walk(generator.target):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id


def _read_in(parts: list[ast.AST]) -> set[str]:
    """The names that code reads, those left out that are variables of functions and comprehensions in it."""
    found: set[str] = set()
    stack = parts.copy()
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif isinstance(node, FUNCTIONS):
            found |= _free_in_function(node)
            stack.extend(_around_function(node))
            if not isinstance(node, ast.Lambda):
                stack.extend(_annotations_of(node))
        elif isinstance(node, COMPREHENSIONS):
            found |= _read_later(node)
            stack.append(node.generators[0].iter)
        else:
            if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            stack.extend(_children(node))
    return found


def _annotations_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.AST]:
    found: list[ast.AST] = [
        part.annotation for part in walk(node.args) if isinstance(part, ast.arg) and part.annotation
    ]
    return found if node.returns is None else [*found, node.returns]


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for name in FIELDS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is list:
            found += [child for child in value if child is not None]
        elif value is not None:
            found.append(value)
    return found

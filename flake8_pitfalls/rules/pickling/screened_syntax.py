"""Small questions about ``ast`` that the screen of PIT4xx asks. This module must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_pitfalls.semantics.syntax import BLOCKS

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = frozenset({*FUNCTIONS, ast.ClassDef})


def statements_of(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The statements of a body, also those under ``if`` and the like, but not those of functions and classes in it."""
    stack: list[ast.AST] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if node.__class__ in BLOCKS and node.__class__ not in _DEFINITIONS:
            for field in BLOCKS[node.__class__]:
                stack += getattr(node, field)


def first_parameter(node: Function) -> str:
    """The name of the first parameter; nothing if there is none."""
    first = [*node.args.posonlyargs, *node.args.args][:1]
    return first[0].arg if first else ""


def start_of_body(node: Function) -> tuple[int, int]:
    """The line and column where a function's body starts."""
    first = node.body[0]
    decorators = getattr(first, "decorator_list", None)
    return (decorators[0].lineno, 0) if decorators else (first.lineno, first.col_offset)


def parameters_of(node: Function) -> list[str]:
    """The names of all parameters."""
    every = node.args
    stars = [one for one in (every.vararg, every.kwarg) if one is not None]
    return [one.arg for one in (*every.posonlyargs, *every.args, *every.kwonlyargs, *stars)]


def parts(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets of an assignment."""
    stack = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Tuple, ast.List)):
            stack += node.elts
        else:
            yield node.value if isinstance(node, ast.Starred) else node


def pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Each single target of an assignment with what it gets, as far as that's written down."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value
    elif isinstance(value, (ast.Tuple, ast.List)):
        if len(value.elts) == len(target.elts) and not any(isinstance(part, ast.Starred) for part in target.elts):
            for part, given in zip(target.elts, value.elts, strict=True):
                yield from pairs(part, given)
        else:
            yield from ((part, value) for part in parts(target))


def terminal(node: ast.expr | None) -> str:
    """``Pool`` of ``multiprocessing.Pool``; nothing for other expressions."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def name_and_rest(node: ast.expr) -> tuple[str, str]:
    """``a`` and ``.b.c`` of ``a.b.c``; nothing for other expressions."""
    rest = ""
    while isinstance(node, ast.Attribute):
        rest = f".{node.attr}{rest}"
        node = node.value
    return (node.id, rest) if isinstance(node, ast.Name) else ("", "")

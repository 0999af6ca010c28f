"""Options of parsers that are made in a function and parse once there: each run has defaults of its own.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from flake8_pitfalls.semantics.syntax import FIELDS, walk

MAKING_PARSERS = frozenset({"ArgumentParser", "OptionParser"})
"""The last names of the classes."""

_GROUPING = frozenset(
    {"add_argument_group", "add_mutually_exclusive_group", "add_option_group", "add_subparsers", "add_parser"}
)
"""Methods of a parser, or of what they return, whose result gives its options to that parser."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_NESTED = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


_Around = tuple[ast.AST, "_Around | None"]
"""A node around another one, and what is around that."""


class _Mention(NamedTuple):
    """Where a function mentions a variable."""

    node: ast.Name
    around: _Around | None
    """What is around it in the function."""

    def parents(self) -> Iterator[ast.AST]:
        """What is around it, innermost first."""
        around = self.around
        while around is not None:
            yield around[0]
            around = around[1]

    @property
    def loops(self) -> list[ast.AST]:
        """The loops around it."""
        return [parent for parent in self.parents() if isinstance(parent, _LOOPS)]

    @property
    def called(self) -> tuple[str, ast.Call] | None:
        """The method of the variable that's called here, outside of nested functions."""
        parents = [*self.parents()]
        if len(parents) < 2 or any(isinstance(parent, _NESTED) for parent in parents):
            return None
        function, call = parents[:2]
        is_method = isinstance(call, ast.Call) and isinstance(function, ast.Attribute) and call.func is function
        return (function.attr, call) if is_method else None  # type: ignore[attr-defined,return-value]

    @property
    def value(self) -> ast.expr | None:
        """What a plain assignment binds the variable to here."""
        parent = next(self.parents(), None)
        return parent.value if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None


def lines_of_options(tree: ast.Module) -> Iterator[int]:
    """The lines on which calls start that give options to such a parser."""
    for function in walk(tree):
        if isinstance(function, _FUNCTIONS):
            yield from _lines_in(function)


def _lines_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    others = {name for node in walk(function) if isinstance(node, (ast.Global, ast.Nonlocal)) for name in node.names}
    mentions: dict[str, list[_Mention]] = {}
    for mention in _mentions(function):
        mentions.setdefault(mention.node.id, []).append(mention)
    for name, found in mentions.items():
        stores = [mention for mention in found if isinstance(mention.node.ctx, ast.Store)]
        made = stores[0].value if len(stores) == 1 and name not in others else None
        if isinstance(made, ast.Call) and _last_name(made.func) in MAKING_PARSERS:
            lines = _lines_of(name, mentions)
            if lines is not None:
                yield from lines


def _lines_of(parser: str, mentions: dict[str, list[_Mention]]) -> list[int] | None:
    """The lines of the calls of a parser's methods, if it parses once and nobody else gets it."""
    lines: list[int] = []
    parses: list[_Mention] = []
    names = [parser]
    for name in names:
        for mention in mentions[name]:
            if isinstance(mention.node.ctx, ast.Store):
                if name != parser and _grouped(mention.value) not in names:
                    return None
                continue
            called = mention.called
            if called is None:
                return None
            lines.append(called[1].lineno)
            if called[0].startswith("parse"):
                parses.append(mention)
            elif called[0] in _GROUPING:
                target = _target_of(called[1], mention)
                if target is not None and target not in names:
                    names.append(target)
    made = next(mention for mention in mentions[parser] if isinstance(mention.node.ctx, ast.Store))
    return lines if len(parses) == 1 and parses[0].loops == made.loops else None


def _grouped(value: ast.expr | None) -> str | None:
    """``parser`` in ``parser.add_argument_group("files")``."""
    function = value.func if isinstance(value, ast.Call) else None
    if not isinstance(function, ast.Attribute) or function.attr not in _GROUPING:
        return None
    return function.value.id if isinstance(function.value, ast.Name) else None


def _target_of(call: ast.Call, mention: _Mention) -> str | None:
    """The variable that a call's result is assigned to."""
    for parent in mention.parents():
        if isinstance(parent, ast.Assign) and parent.value is call and isinstance(parent.targets[0], ast.Name):
            return parent.targets[0].id
    return None


def _mentions(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[_Mention]:
    stack: list[tuple[ast.AST, _Around | None]] = [(node, None) for node in function.body]
    while stack:
        node, around = stack.pop()
        if isinstance(node, ast.Name):
            yield _Mention(node, around)
            continue
        here = (node, around)
        for field in FIELDS[node.__class__]:
            value = getattr(node, field)
            parts = value if value.__class__ is list else [value]
            stack += [(part, here) for part in parts if isinstance(part, ast.AST)]


def _last_name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")

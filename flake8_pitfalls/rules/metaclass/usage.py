"""What else a module does with the name ``__metaclass__``, read from flake8's ``ast``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.metaclass.declares import NAME

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule


@dataclass(frozen=True)
class Usage:
    """Why a binding of ``__metaclass__`` may be needed, though Python doesn't look at it."""

    read_on: int | None = None
    """The line that reads it as a name or an attribute, by a string, or in a namespace."""
    declared_on: int | None = None
    """The line that declares it global or nonlocal, or deletes it."""
    exported: bool = False
    """Whether ``__all__`` lists it."""


def usage(module: SourceModule) -> Usage:
    """What a module does with the name beside binding it."""
    if "metaclass usage" not in module.memo:
        module.memo["metaclass usage"] = _find(module)
    known: Usage = module.memo["metaclass usage"]
    return known


def _find(module: SourceModule) -> Usage:
    declared: int | None = None
    exported = False
    for node in module.walk_ast():
        if _declares(node):
            declared = getattr(node, "lineno", None)
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and _assigns_all(node):
            exported = exported or any(_is_string(part) for part in ast.walk(node))
    return Usage(next(_reads(module.walk_ast()), None), declared, exported)


def _declares(node: ast.AST) -> bool:
    if isinstance(node, ast.Delete):
        return any(_names_it(target) for target in node.targets)
    return isinstance(node, (ast.Global, ast.Nonlocal)) and NAME in node.names


def _reads(tree: Iterator[ast.AST]) -> Iterator[int]:
    """The lines that read the attribute, or name it in a string that somebody may look for."""
    strings: list[ast.AST] = []
    plain: set[ast.AST] = set()
    for node in tree:
        if isinstance(node, (ast.Name, ast.Attribute)):
            if isinstance(node.ctx, ast.Load) and _names_it(node):
                yield node.lineno
        elif _is_string(node) or _is_format(node):
            strings.append(node)
        elif isinstance(node, ast.Dict):
            plain.update(key for key in node.keys if key is not None)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            plain.add(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            plain.update(node.args)
        elif isinstance(node, ast.Expr):
            plain.add(node.value)
    yield from (getattr(node, "lineno", 0) for node in strings if node not in plain)


def _names_it(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id == NAME
    return isinstance(node, ast.Attribute) and node.attr == NAME


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == NAME


def _is_format(node: ast.AST) -> bool:
    """Whether a string may read the attribute: ``"{0.__metaclass__}"``."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and f".{NAME}" in node.value


def _assigns_all(node: ast.Assign | ast.AugAssign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)

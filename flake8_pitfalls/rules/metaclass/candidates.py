"""What of a module may hold a PIT3xx pitfall, told from its text. This module must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_WORDS = ("__metaclass__", "with_metaclass", "add_metaclass")
_NAMED_BY = ("id", "attr", "name", "asname", "arg", "rest", "names")
"""The fields of nodes that hold names."""


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    del options
    if "metaclass" not in page.text:
        return
    for statement in page.innermost(page.lines(_WORDS)):
        if _mentions(statement):
            yield statement.lineno
    # Helpers may be known by other names.
    aliases = {
        alias.asname
        for node in page.of(ast.Import, ast.ImportFrom)
        for alias in node.names  # type: ignore[attr-defined]
        if alias.asname and alias.name.endswith(_WORDS[1:])
    }
    for made in page.of(ast.Assign) if any(word in page.text for word in _WORDS[1:]) else ():
        assert isinstance(made, ast.Assign)
        if _terminal(made.value) in {*_WORDS[1:], *aliases}:
            aliases.update(target.id for target in made.targets if isinstance(target, ast.Name))
    yield from page.lines([rf"{alias}\b" for alias in sorted(aliases)])
    classes = (node for node in page.statements if isinstance(node, ast.ClassDef))
    named = [node for node in classes if any(map(_metaclass_name, node.keywords))]
    types = _names_of_type(page.statements) if named else set()
    for node in named:
        if any(_metaclass_name(keyword) in types for keyword in node.keywords):
            yield node.lineno


def _mentions(statement: ast.stmt) -> bool:
    """Whether the code of a statement, without the statements in it, has one of the words; texts don't count."""
    compared: set[ast.expr] = set()
    for node in own_nodes(statement):  # What is around a node comes first.
        if isinstance(node, ast.Compare):
            compared.update((node.left, *node.comparators))
        elif isinstance(node, ast.Constant):
            if node.value == "__metaclass__" and node not in compared:
                return True
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name == "__metaclass__":
                return True
        elif any(word in name for field in _NAMED_BY for name in _texts(node, field) for word in _WORDS):
            return True
    return False


def _texts(node: ast.AST, field: str) -> list[str]:
    if isinstance(node, ast.Global) and field == "names":
        return node.names
    value = getattr(node, field, None)
    return [value] if isinstance(value, str) else []


def _metaclass_name(keyword: ast.keyword) -> str:
    """The last part of the name in ``metaclass=...``."""
    return _terminal(keyword.value) if keyword.arg == "metaclass" else ""


def _terminal(node: ast.expr | None) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _names_of_type(statements: Sequence[ast.stmt]) -> set[str]:
    """The names under which a module may know ``type``."""
    found = {"type"}
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname for alias in node.names if alias.asname and alias.name in found)
        elif isinstance(node, ast.Assign) and _terminal(node.value) in found:
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return found

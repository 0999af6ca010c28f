"""Taking a name out of an import statement."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.lines import end_of_line, next_line, start_of_line
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.metaclass.removal import Removal, remove_statement
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import BindingKind, Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_UNUSED_ON_PURPOSE = re.compile(r"(?i)noqa(?!\s*:)|\bF401\b|unused-import|W0611")


def remove_alias(statement: TopLevelStatement, alias: cst.ImportAlias) -> Removal | None:
    """Remove one name from the import that binds it, or the import if there is no other.

    ``None`` if a comment would be lost.
    """
    imported = statement.parents[alias]
    assert isinstance(imported, (cst.Import, cst.ImportFrom))
    if isinstance(imported.names, cst.ImportStar) or len(imported.names) == 1:
        return None if "#" in statement.source(imported) else remove_statement(statement, imported)
    names = imported.names
    position = next(place for place, other in enumerate(names) if other is alias)
    text = statement.module.text
    start, end = _span(statement, alias)
    line = start_of_line(text, start)
    rest = text[end : end_of_line(text, end)]
    own_line = not text[line:start].strip() and isinstance(imported, cst.ImportFrom) and imported.lpar is not None
    if own_line and re.fullmatch(r"[ \t]*,?[ \t]*(#.*)?", rest):
        comment = rest.lstrip(" \t,")
        if comment:
            return Removal(Edit(start, end_of_line(text, end), comment))
        return Removal(Edit(line, next_line(text, end), ""))
    if position + 1 < len(names):
        edit = Edit(start, _span(statement, names[position + 1])[0], "")
    else:
        before = _span(statement, names[position - 1])[1]
        edit = Edit(start if "#" in text[before:start] else before, end, "")
    return None if "#" in text[edit.start : edit.end] else Removal(edit)


def _span(statement: TopLevelStatement, alias: cst.ImportAlias) -> tuple[int, int]:
    last = alias.asname.name if alias.asname is not None else alias.name
    return statement.span(alias.name)[0], statement.span(last)[1]


def edits_without_use(statement: TopLevelStatement, function: cst.BaseExpression) -> list[Edit]:
    """The edits that take away the import of a helper, if the use that is about to go is the last.

    Where only uses of the same kind remain, the last of them in the file waits for the others: it gets edits that
    change nothing, but can't be carried out in the same pass.
    """
    name = _root(function)
    if name is None:
        return []
    module = statement.module
    own = statement.line(name), module.position(statement.span(name)[0])[1]
    uses = _uses(module, name.value)
    if uses and uses[-1] > own:
        return []
    others = [place for place in uses if place != own]
    if others:
        if set(others) <= set(_uses_in_headers(module, name.value)):
            return _waiting(statement, name.value, others)
        return []
    found = _import_of(statement, name)
    if found is None or not _may_go(found[0], found[1], name.value):
        return []
    removal = remove_alias(*found)
    return [removal.keeping_comment] if removal is not None else []


def _root(function: cst.BaseExpression) -> cst.Name | None:
    while isinstance(function, cst.Attribute):
        function = function.value
    return function if isinstance(function, cst.Name) else None


Place = tuple[int, int]
"""A line, counted from 1, and a column, counted from 0 in characters."""


def _uses(module: SourceModule, name: str) -> list[Place]:
    """Where a module reads a name, in order."""
    known: dict[str, list[Place]] = module.memo.setdefault("uses of helpers", {})
    if name not in known:
        known[name] = sorted(_place(module, node) for node in module.names(name))
    return known[name]


def _uses_in_headers(module: SourceModule, name: str) -> list[Place]:
    """Where the headers and decorators of classes call a name or an attribute of it."""
    found = []
    for node in module.walk_ast():
        if isinstance(node, ast.ClassDef):
            for call in [*node.bases, *node.decorator_list]:
                function: ast.expr | None = call.func if isinstance(call, ast.Call) else None
                while isinstance(function, ast.Attribute):
                    function = function.value
                if isinstance(function, ast.Name) and function.id == name:
                    found.append(_place(module, function))
    return found


def _place(module: SourceModule, node: ast.Name) -> Place:
    start = module.line_starts[node.lineno - 1]
    line = module.text[start : end_of_line(module.text, start)]
    return node.lineno, len(line.encode()[: node.col_offset].decode(errors="ignore"))


def _waiting(statement: TopLevelStatement, name: str, others: Sequence[Place]) -> list[Edit]:
    starts = [statement.module.line_starts[line - 1] + column for line, column in others]
    return [Edit(start, start + len(name), name) for start in starts]


def _import_of(statement: TopLevelStatement, name: cst.Name) -> tuple[TopLevelStatement, cst.ImportAlias] | None:
    """The one import that binds a name, if it stands directly in the module or in a function."""
    where = statement
    scope: Scope | None = owner(statement.scopes.scope_of(name), name.value)
    if scope is None:
        binding = statement.module.facts.single_binding(name.value)
        if binding is None or not isinstance(binding.node, (ast.Import, ast.ImportFrom)):
            return None
        where = statement.module.statement_at(binding.node.lineno)
        scope = where.scopes.root
    bindings = scope.bindings.get(scope.stored_name(name.value), [])
    if len(bindings) != 1 or bindings[0].kind is not BindingKind.IMPORT:
        return None
    alias = bindings[0].node
    return (where, alias) if isinstance(alias, cst.ImportAlias) and _is_plain(where, alias) else None


def _is_plain(statement: TopLevelStatement, alias: cst.ImportAlias) -> bool:
    """Whether nothing depends on the import but the name: it isn't in a ``try`` or ``if``."""
    line = statement.parents.get(statement.parents[alias])
    block = statement.parents.get(line) if line is not None else None
    above = statement.parents.get(block) if block is not None else None
    return isinstance(block, cst.Module) or isinstance(above, cst.FunctionDef)


def _may_go(statement: TopLevelStatement, alias: cst.ImportAlias, name: str) -> bool:
    module = statement.module
    if module.filename.endswith("__init__.py"):
        return False
    if alias.asname is not None and statement.source(alias.asname.name) == statement.source(alias.name):
        return False
    first, last = statement.line(alias), module.position(statement.span(statement.parents[alias])[1])[0]
    comments = [module.comments.get(line, "") for line in range(statement.line(statement.parents[alias]), last + 1)]
    if any(_UNUSED_ON_PURPOSE.search(comment) for comment in [*comments, module.comments.get(first, "")]):
        return False
    # Names in __all__, in doctests, in quoted annotations and in type comments.
    word = re.compile(rf"\b{re.escape(name)}\b")
    if any("type:" in comment and word.search(comment) for comment in module.comments.values()):
        return False
    return not any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and word.search(node.value)
        for node in module.walk_ast()
    )

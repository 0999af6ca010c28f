"""Where a definition goes at module level: right before the top-level statement in which it stood."""

from __future__ import annotations

import builtins
import re
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.guards import is_guard
from flake8_pitfalls.rules.pickling.hoist_text import line_text, newline_of

if TYPE_CHECKING:
    import ast

    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


def place_before(statement: TopLevelStatement) -> int:
    """The offset in front of a top-level statement, its decorators and the comments right above it."""
    module = statement.module
    first = line = module.position(statement.start)[0]
    while line > 1 and line - 1 in module.comments and line_text(module, line - 1).startswith("#"):
        line -= 1
    if line == 1:
        line = first  # Comments at the top belong to the file.
    return module.line_starts[line - 1]


def insertions(statement: TopLevelStatement, codes: list[str]) -> list[Edit]:
    """Insert definitions, each of which ends with a line end, with two blank lines around each."""
    module = statement.module
    place = place_before(statement)
    newline = newline_of(module)
    edits = []
    missing = 2 - _blank_lines_before(module, place)
    if missing > 0:
        edits.append(Edit(place, place, newline * missing))
    return [*edits, *(Edit(place, place, f"{code}{newline * 2}") for code in codes)]


def _blank_lines_before(module: SourceModule, place: int) -> int:
    line = module.position(place)[0]
    count = 0
    while line - 1 - count >= 1 and not line_text(module, line - 1 - count).strip():
        count += 1
    return 2 if line - 1 - count < 1 else count


def is_available(statement: TopLevelStatement, name: str) -> bool:
    """Whether a global or builtin name surely has its value, for good, where a hoisted definition is evaluated."""
    module = statement.module
    bindings = module.facts.bindings.get(name)
    if not bindings:
        return hasattr(builtins, name)
    if name in module.facts.rebound_by_functions:
        return False
    place = module.position(place_before(statement))[0]
    if any(getattr(binding.node, "lineno", place) >= place for binding in bindings):
        return False
    return any(_surely_runs(module.tree, binding.node) for binding in bindings)


def _surely_runs(tree: ast.Module, node: ast.AST) -> bool:
    """Whether a binding stands at the top level or in a ``try`` there, as optional imports do."""
    import ast

    for top in tree.body:
        if top is node:
            return True
        if isinstance(top, (ast.Try, ast.If, ast.With)) and not is_guard(top):
            blocks = [*top.body, *getattr(top, "orelse", ())]
            blocks += [line for handler in getattr(top, "handlers", ()) for line in handler.body]
            if node in blocks:
                return True
    return False


def is_taken(statement: TopLevelStatement, name: str) -> bool:
    """Whether a name has a meaning at module level already, be it that of a builtin."""
    module = statement.module
    if hasattr(builtins, name) or name in module.facts.bindings or name in module.facts.rebound_by_functions:
        return True
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(_uses_global(other, name) for other in module.statements if word.search(other.text))


def _uses_global(statement: TopLevelStatement, name: str) -> bool:
    for scope in statement.scopes.all_scopes():
        if name in scope.global_names:
            return True
        if name in scope.reads or name in scope.annotation_reads:
            owner = scope.lookup(name)
            if owner is None or owner is statement.scopes.root:
                return True
    return False


def fresh_names(statement: TopLevelStatement, wanted: str, count: int) -> list[str]:
    """The first ``count`` of ``wanted``, ``wanted_2``, ... that occur nowhere in the module."""
    found: list[str] = []
    number = 1
    while len(found) < count:
        name = wanted if number == 1 else f"{wanted}_{number}"
        if not re.search(rf"\b{re.escape(name)}\b", statement.module.text) and not hasattr(builtins, name):
            found.append(name)
        number += 1
    return found

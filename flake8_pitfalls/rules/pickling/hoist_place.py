"""Where a definition goes at module level: right before the top-level statement in which it stood."""

from __future__ import annotations

import builtins
from itertools import count
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.guards import is_guard
from flake8_pitfalls.rules.pickling.hoist_text import line_text, newline_of

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

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
    return any(binding.node in _surely_run(module) for binding in bindings)


def _surely_run(module: SourceModule) -> set[ast.AST]:
    """What stands at the top level or in a ``try`` there, as optional imports do."""
    import ast

    if "surely run" not in module.memo:
        found: set[ast.AST] = set()
        for top in module.tree.body:
            found.add(top)
            if isinstance(top, (ast.Try, ast.If, ast.With)) and not is_guard(top):
                found.update(top.body, getattr(top, "orelse", ()))
                found.update(line for handler in getattr(top, "handlers", ()) for line in handler.body)
        module.memo["surely run"] = found
    known: set[ast.AST] = module.memo["surely run"]
    return known


def is_taken(statement: TopLevelStatement, name: str) -> bool:
    """Whether a name has a meaning at module level already, be it that of a builtin."""
    module = statement.module
    if hasattr(builtins, name) or name in module.facts.bindings or name in module.facts.rebound_by_functions:
        return True
    known: dict[str, bool] = module.memo.setdefault("used as global", {})
    if name not in known:
        known[name] = any(name in _global_uses(other) for other in module.statements_with(name))
    return known[name]


def _global_uses(statement: TopLevelStatement) -> set[str]:
    """The names that mean something global in a statement."""
    if "global uses" not in statement.memo:
        root = statement.scopes.root
        found: set[str] = set()
        for scope in statement.scopes.all_scopes():
            found.update(scope.global_names)
            found.update(
                name
                for reads in (scope.reads, scope.annotation_reads)
                for name in reads
                if scope.lookup(name) in {None, root}
            )
        statement.memo["global uses"] = found
    known: set[str] = statement.memo["global uses"]
    return known


def fresh_name(statement: TopLevelStatement, wanted: str, rank: int = 0) -> str:
    """One of ``wanted``, ``wanted_2``, ... that occur nowhere in the module; the ranks of them count from 0."""
    memo = statement.module.memo.setdefault("fresh names", {})
    if wanted not in memo:
        memo[wanted] = [], _free(statement.module, wanted)
    known: tuple[list[str], Iterator[str]] = memo[wanted]
    found, more = known
    while rank >= len(found):
        found.append(next(more))
    return found[rank]


def _free(module: SourceModule, wanted: str) -> Iterator[str]:
    for number in count(1):
        name = wanted if number == 1 else f"{wanted}_{number}"
        if name not in module.words and not hasattr(builtins, name):
            yield name

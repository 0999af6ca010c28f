"""What is only defined in the main process: under the ``__main__`` guard, or as a ``global`` of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.indentation import reindented
from flake8_pitfalls.fixes.model import Applicability, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, reads_of
from flake8_pitfalls.rules.pickling.hoist_place import insertions
from flake8_pitfalls.rules.pickling.hoist_refusals import check_code, check_made
from flake8_pitfalls.rules.pickling.hoist_text import extent_of, newline_of, removals
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Culprit, Sink


def fix_guarded(culprit: Culprit, _: Sink) -> Fix:
    """Move a function or class from under the guard to the place in front of it.

    Raises Refused.
    """
    statement, node = culprit.statement, culprit.node
    if not isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        raise Refused("it's only defined in the main process: define it at module level, outside the guard")
    scope = statement.scopes.scope_of(node)
    if scope.kind is not ScopeKind.MODULE:
        raise Refused("a spawned process doesn't run the function that defines it: define it at module level")
    name = node.name.value
    if len(statement.module.facts.bindings.get(name, [])) != 1 or name in statement.module.facts.rebound_by_functions:
        raise Refused(f"'{name}' is bound in several ways: define it once, outside the guard")
    check_code(statement, node)
    check_made(statement, node, ())
    for read, _scope in reads_of(scope, name):
        if statement.order[read] < statement.order[node] and _scope is scope:
            raise Refused(f"'{name}' is read before it's defined")
    extent = extent_of(statement, node)
    if extent is None:
        raise Refused("it shares a line with something else: put it on a line of its own")
    text = statement.module.text[extent.start : extent.end]
    code = reindented(text, extent.indent, "")
    if not code.endswith(("\n", "\r")):
        code += newline_of(statement.module)
    edits = [*insertions(statement, [code]), *removals(statement, [node], [extent])]
    return Fix(Applicability.SAFE, tuple(edits))

"""What the order of the source says about bindings and closures: enough for most of them, without following the flow.

Following the control flow from each closure takes time with the square of a function's length. Most variables are bound
by the loop around the closure or by a statement in front of it, which the places in the source show at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.scopes import Binding, BindingKind
from flake8_pitfalls.semantics.walk import walk_known

if TYPE_CHECKING:
    from flake8_pitfalls.rules.late_binding.captures import Capture
    from flake8_pitfalls.semantics.module import TopLevelStatement

_SIMPLE = frozenset({BindingKind.ASSIGNMENT, BindingKind.IMPORT, BindingKind.DEF, BindingKind.AUGMENTED})
"""What a statement binds that does nothing else; ``x += 1`` binds as surely as it needs a value."""
_UNBINDING = frozenset({BindingKind.DELETE, BindingKind.EXCEPT})


class _Places(NamedTuple):
    """Where a variable is bound."""

    done: list[float]
    """The places up to which code may run before the bindings are done, in order."""
    lines: dict[cst.CSTNode, float]
    """For blocks that hold a statement that surely binds it, the place of the first one."""
    loops: frozenset[cst.CSTNode]
    """The bodies of ``for`` loops over it."""
    stays: bool
    """Whether nothing takes its value away."""


def may_be_bound_after(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether a binding of the variable in its innermost loop is written, or comes to an end, behind the closure.

    No way within one pass of the loop leads backwards, but for those in loops inside, which don't bind the variable.
    """
    loop = capture.innermost.node
    if not isinstance(loop, (cst.For, cst.While)):
        return True
    places = _places(statement, capture)
    following = bisect_right(places.done, statement.order[capture.closure])
    return following < len(places.done) and places.done[following] <= _last_place(statement, loop)


def is_bound_in_front(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether a loop around the closure, or a statement in front of one around it, binds the variable, for good."""
    places = _places(statement, capture)
    if not places.stays:
        return False
    child: cst.CSTNode = capture.closure
    node = statement.parents.get(child)
    while node is not None and child is not capture.frame:
        if child in places.loops or (node in places.lines and places.lines[node] < statement.order[child]):
            return True
        child, node = node, statement.parents.get(node)
    return False


def _places(statement: TopLevelStatement, capture: Capture) -> _Places:
    known: dict[tuple[object, str], _Places] = statement.memo.setdefault("places of bindings", {})
    key = capture.scope, capture.name
    if key not in known:
        known[key] = _find_places(statement, capture.scope.bindings.get(capture.name, ()))
    return known[key]


def _find_places(statement: TopLevelStatement, bindings: Iterable[Binding]) -> _Places:
    done: list[float] = []
    lines: dict[cst.CSTNode, float] = {}
    loops: set[cst.CSTNode] = set()
    stays = True
    for binding in bindings:
        stays = stays and binding.kind not in _UNBINDING
        if binding.kind in {BindingKind.PARAMETER, BindingKind.ANNOTATION}:
            continue
        around = _statement_around(statement, binding.node)
        if isinstance(around, cst.For) and binding.kind is BindingKind.FOR:
            done.append(statement.order[around.body])
            loops.add(around.body)
            continue
        done.append(_last_place(statement, around) if around is not None else len(statement.order))
        block = statement.parents.get(around) if around is not None else None
        if around is not None and isinstance(block, (cst.IndentedBlock, cst.Module)) and binding.kind in _SIMPLE:
            lines[block] = min(statement.order[around], lines.get(block, len(statement.order)))
    return _Places(sorted(done), lines, frozenset(loops), stays)


def _statement_around(statement: TopLevelStatement, node: cst.CSTNode) -> cst.CSTNode | None:
    """The statement, a whole line or a compound one, that a node belongs to."""
    current: cst.CSTNode | None = node
    while current is not None and not isinstance(current, (cst.BaseStatement, cst.SimpleStatementSuite)):
        current = statement.parents.get(current)
    return current


def _last_place(statement: TopLevelStatement, node: cst.CSTNode) -> float:
    """The place of the last part of a node."""
    known: dict[cst.CSTNode, float] = statement.memo.setdefault("last places", {})
    if node not in known:
        *_, last = walk_known(node)
        known[node] = statement.order[last]
    return known[node]

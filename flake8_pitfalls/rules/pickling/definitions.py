"""What single definitions say by themselves: where they stand, and what they return, yield and assign."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.scopes import Scope, ScopeKind
from flake8_pitfalls.semantics.variables import Expression
from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_FUNCTION_SCOPES = frozenset({ScopeKind.FUNCTION, ScopeKind.LAMBDA, ScopeKind.COMPREHENSION})


def is_local(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """Whether a definition stands in a function, so that its qualified name holds ``<locals>``."""
    scope: Scope | None = statement.scopes.scope_of(node)
    while scope is not None:
        if scope.kind in _FUNCTION_SCOPES:
            return True
        scope = scope.parent
    return False


def own_parameter(node: cst.FunctionDef) -> str | None:
    """The name of the first parameter."""
    first = [*node.params.posonly_params, *node.params.params][:1]
    return first[0].name.value if first else None


def own_nodes(node: cst.FunctionDef | cst.Lambda) -> Iterator[cst.CSTNode]:
    """The nodes of a function's body without those of functions and classes in it."""
    stack: list[cst.CSTNode] = [node.body]
    while stack:
        current = stack.pop()
        yield current
        if not isinstance(current, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            stack.extend(reversed(children(current)))


def yields(node: cst.FunctionDef) -> bool:
    """Whether a function is a generator function."""
    return any(isinstance(part, cst.Yield) for part in own_nodes(node))


def returned_values(statement: TopLevelStatement, node: cst.FunctionDef) -> list[Expression]:
    """The expressions that a function returns."""
    known: dict[cst.FunctionDef, list[Expression]] = statement.memo.setdefault("returned values", {})
    if node not in known:
        known[node] = [
            Expression(statement, part.value)
            for part in own_nodes(node)
            if isinstance(part, cst.Return) and part.value is not None
        ]
    return known[node]


def assigned_to(statement: TopLevelStatement, method: cst.FunctionDef, own: str) -> Iterator[tuple[str, Expression]]:
    """What a method assigns to the attributes of its first parameter."""
    for part in own_nodes(method):
        targets: list[cst.BaseExpression] = []
        value: cst.BaseExpression | None = None
        match part:
            case cst.Assign():
                targets, value = [target.target for target in part.targets], part.value
            case cst.AnnAssign() if part.value is not None:
                targets, value = [part.target], part.value
            case cst.AugAssign() | cst.For() | cst.CompFor() | cst.Del():
                targets = [part.target]
            case cst.AsName() if isinstance(part.name, cst.BaseExpression):
                targets = [part.name]
                item = statement.parents.get(part)
                value = item.item if isinstance(item, cst.WithItem) else None
        for target in targets:
            for piece in walk(target):
                if isinstance(piece, cst.Attribute) and isinstance(piece.value, cst.Name) and piece.value.value == own:
                    known = value if piece is target else None
                    yield piece.attr.value, Expression(statement, piece if known is None else known)

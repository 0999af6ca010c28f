"""One object as every element: ``[[]] * n`` and ``dict.fromkeys(keys, [])``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.cousin import Cousin
from flake8_pitfalls.rules.mutable_default.declares import MAPPINGS_WITH_FROMKEYS
from flake8_pitfalls.rules.mutable_default.objects import MutableObject, Objects
from flake8_pitfalls.rules.mutable_default.replaced import is_filled_anew
from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.events import Fate
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.values import FRESH, Shared

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def multiplied(statement: TopLevelStatement, node: cst.BinaryOperation, objects: Objects) -> Iterator[Cousin]:
    """``[[]] * n``: n times the same list."""
    if not isinstance(node.operator, cst.Multiply):
        return
    for display, factor in ((node.left, node.right), (node.right, node.left)):
        if not isinstance(display, (cst.List, cst.Tuple)) or _is_at_most_one(factor) or _is_imported(statement, factor):
            continue
        for element in display.elements:
            made = objects.mutable(element.value) if isinstance(element, cst.Element) else None
            if made is None or made.by_use or made.is_iterator:
                continue
            if gets_changed(statement, node, made, handed_on=False) and not is_filled_anew(
                statement, node, count=factor
            ):
                from flake8_pitfalls.rules.mutable_default.element_fixes import multiplied_fix

                fix = multiplied_fix(statement, node, display, factor, objects)
                yield Cousin(statement, element.value, "all elements of the repetition", fix)


def _is_at_most_one(factor: cst.BaseExpression) -> bool:
    return isinstance(factor, cst.UnaryOperation) or (isinstance(factor, cst.Integer) and factor.evaluated_value <= 1)


def _is_imported(statement: TopLevelStatement, factor: cst.BaseExpression) -> bool:
    """``[[0, 1]] * u.m`` isn't a repetition: the factor is a unit, an array or the like of another module."""
    return isinstance(factor, (cst.Name, cst.Attribute)) and origin(statement, factor) is not None


def from_keys(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    """``dict.fromkeys(keys, [])``: one value for all keys."""
    if len(node.args) != 2 or any(argument.star for argument in node.args) or not _is_fromkeys(statement, node.func):
        return
    keys, value = node.args
    made = objects.mutable(value.value)
    if made is None or made.by_use or _has_one_element(keys.value):
        return
    if gets_changed(statement, node, made, handed_on=True) and not is_filled_anew(statement, node, keys=keys.value):
        from flake8_pitfalls.rules.mutable_default.element_fixes import from_keys_fix

        yield Cousin(statement, value.value, "all keys", from_keys_fix(statement, node, objects))


def _is_fromkeys(statement: TopLevelStatement, function: cst.BaseExpression) -> bool:
    if isinstance(function, cst.Attribute) and function.attr.value == "fromkeys":
        return isinstance(function.value, cst.Dict) or origin(statement, function.value) in MAPPINGS_WITH_FROMKEYS
    if not isinstance(function, cst.Name):
        return False
    made = _alias(statement, function)
    return made is not None and _is_fromkeys(statement, made)


def _alias(statement: TopLevelStatement, name: cst.Name) -> cst.Attribute | None:
    """``make`` after ``make = dict.fromkeys`` in the same function, or at the top of the module."""
    scope = statement.scopes.scope_of(name).lookup(name.value)
    bindings = scope.bindings.get(scope.stored_name(name.value), []) if scope is not None else []
    value = assigned_value(statement, bindings[0]) if len(bindings) == 1 else None
    return value if isinstance(value, cst.Attribute) else None


def _has_one_element(keys: cst.BaseExpression) -> bool:
    if isinstance(keys, cst.SimpleString):
        return isinstance(keys.evaluated_value, str) and len(keys.evaluated_value) <= 1
    if isinstance(keys, (cst.List, cst.Tuple, cst.Set)):
        return len(keys.elements) <= 1 and all(isinstance(element, cst.Element) for element in keys.elements)
    return False


def gets_changed(
    statement: TopLevelStatement, node: cst.BaseExpression, made: MutableObject, *, handed_on: bool
) -> bool:
    """Whether the elements of a container get changed or get out of the function that makes the container.

    At module and class level everybody can change them. ``handed_on`` says whether being passed to a callable that
    can't be resolved counts: a matrix written as ``[[0] * 3] * 3`` mostly goes to a library that copies it.
    """
    scope = statement.scopes.scope_of(node)
    while scope.parent is not None and scope.kind in {ScopeKind.COMPREHENSION, ScopeKind.TYPE}:
        scope = scope.parent
    if not isinstance(scope.node, (cst.FunctionDef, cst.Lambda)):
        return handed_on or _is_assigned(statement, node)
    interpreter = Interpreter(made.followed, {node: FRESH | {Shared(0, made.wraps + 1)}})
    interpreter.run_from(statement, scope.node)
    fates = {Fate.CHANGED, Fate.LEAKED} | ({Fate.HANDED_ON} if handed_on else set())
    return any(event.fate in fates for event in interpreter.happened())


def _is_assigned(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    parent = statement.parents.get(node)
    while isinstance(parent, (cst.Element, cst.DictElement, cst.List, cst.Dict, cst.Tuple, cst.IfExp)):
        parent = statement.parents.get(parent)
    return isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr))

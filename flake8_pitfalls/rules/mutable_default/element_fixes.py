"""Fixes of ``[[]] * n`` and ``dict.fromkeys(keys, [])``: a comprehension makes each element anew."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, count
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.mutable_default.closed import closed
from flake8_pitfalls.rules.mutable_default.guard import outer_span
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.rules.mutable_default.suppression import suppressed_at
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_NOTE = "the elements are now distinct objects, made one by one"


def multiplied_fix(
    statement: TopLevelStatement,
    node: cst.BinaryOperation,
    display: cst.List | cst.Tuple,
    factor: cst.BaseExpression,
    objects: Objects,
) -> Callable[[], Fix | Refusal]:
    """``[[] for _ in range(n)]``."""
    return lambda: _multiplied(statement, node, display, factor, objects)


def _multiplied(
    statement: TopLevelStatement,
    node: cst.BinaryOperation,
    display: cst.List | cst.Tuple,
    factor: cst.BaseExpression,
    objects: Objects,
) -> Fix | Refusal:
    if not isinstance(display, cst.List) or len(display.elements) != 1:
        return Refusal("only a list of one element can be turned into a comprehension: write one by hand")
    element = display.elements[0].value
    reason = _refusal(statement, node, element, [factor], objects, ("range", "_"))
    if reason is not None:
        return reason
    text = statement.module.text
    start, end = statement.span(node)
    value = slice(*outer_span(statement, element))
    count = slice(*statement.span(factor))
    if isinstance(factor, cst.Tuple):
        return Refusal("the factor is no number")
    return Fix(Applicability.UNSAFE, (Edit(start, end, f"[{text[value]} for _ in range({text[count]})]"),), _NOTE)


def from_keys_fix(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Callable[[], Fix | Refusal]:
    """``{key: [] for key in keys}``."""
    return lambda: _from_keys(statement, node, objects)


def _from_keys(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Fix | Refusal:
    keys, value = (argument.value for argument in node.args)
    function = node.func
    if not isinstance(function, cst.Attribute):
        return Refusal("the call is made through another name: write a comprehension by hand")
    if not isinstance(function.value, cst.Dict) and origin(statement, function.value) != "builtins.dict":
        return Refusal("a comprehension would make a plain dict: write the loop by hand")
    name = _fresh_name(statement)
    reason = _refusal(statement, node, value, [keys], objects, (name,))
    if reason is not None:
        return reason
    text = statement.module.text
    start, end = statement.span(node)
    iterated = text[slice(*outer_span(statement, keys))]
    if isinstance(keys, (cst.IfExp, cst.Lambda)) and not keys.lpar:
        iterated = f"({iterated})"
    made = text[slice(*outer_span(statement, value))]
    return Fix(Applicability.UNSAFE, (Edit(start, end, f"{{{name}: {made} for {name} in {iterated}}}"),), _NOTE)


def _refusal(
    statement: TopLevelStatement,
    node: cst.BaseExpression,
    element: cst.BaseExpression,
    others: list[cst.BaseExpression],
    objects: Objects,
    needed: tuple[str, ...],
) -> Refusal | None:
    suppressed = suppressed_at(statement, element, node)
    if suppressed is not None:
        return suppressed
    start, end = statement.span(node)
    if "#" in statement.module.text[start:end] and _holds_comment(statement, start, end):
        return Refusal("the expression holds a comment, which would be lost")
    if any(isinstance(part, (cst.NamedExpr, cst.Yield, cst.Await)) for other in others for part in walk(other)):
        return Refusal("an assignment, yield or await can't be moved into a comprehension")
    made = objects.mutable(element)
    if made is not None and made.named:
        return Refusal("the element is an existing object, which a comprehension would share just the same")
    scope = statement.scopes.scope_of(node)
    names = {part.value for part in walk(element) if isinstance(part, cst.Name)}
    if isinstance(scope.node, cst.ClassDef) and names & set(scope.bindings):
        return Refusal("a comprehension doesn't see the names of the class")
    if "range" in needed and statement.module.facts.origin("range") != "builtins.range":
        return Refusal("'range' means something else in this module")
    if names & set(needed):
        return Refusal(f"'{min(names & set(needed))}' is used in the element")
    movable = closed(statement, element, None, objects)
    return movable if isinstance(movable, Refusal) else None


def _holds_comment(statement: TopLevelStatement, start: int, end: int) -> bool:
    module = statement.module
    (first, _), (last, last_column) = module.position(start), module.position(end)
    for line in range(first, last + 1):
        comment = module.comments.get(line)
        if comment is not None and (
            line < last or last_column > _comment_column(module.text, module.line_starts, line)
        ):
            return True
    return False


def _comment_column(text: str, line_starts: list[int], line: int) -> int:
    end = line_starts[line] if line < len(line_starts) else len(text)
    return text[line_starts[line - 1] : end].rfind("#")


def _fresh_name(statement: TopLevelStatement) -> str:
    """A name for the key that the module doesn't use."""
    numbered = (f"key_{number}" for number in count())
    return next(name for name in chain(("key", "k"), numbered) if not statement.module.names(name))

"""Defaults that an immutable object can replace: ``()``, ``frozenset()`` and ``MappingProxyType({})``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.imports import add_import
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.mutable_default.annotations import can_import, read_only_kinds
from flake8_pitfalls.rules.mutable_default.defaults import Default, is_captured, sees_all_variables
from flake8_pitfalls.rules.mutable_default.guard import outer_span
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.values import Level
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_ITERATING = frozenset(
    {
        *("len", "bool", "sum", "min", "max", "any", "all", "sorted", "list", "tuple", "set", "frozenset"),
        *("enumerate", "zip"),
    }
)
_READERS = {"builtins.list": _ITERATING, "builtins.dict": frozenset({"dict"}), "builtins.set": _ITERATING}
_METHODS = {
    "builtins.list": frozenset({"count", "index"}),
    "builtins.dict": frozenset({"get", "keys", "values", "items", "copy"}),
    "builtins.set": frozenset[str](),
}
_IMMUTABLE_NOTE = "the default is now immutable: whoever inspects it sees another type"


def immutable_fix(default: Default, options: Options) -> Fix | None:
    """Replace the default itself, if every use of the parameter is one that an immutable object serves as well.

    Without an annotation the fix is unsafe, so that it's offered only where unsafe fixes are wanted.
    """
    kinds = read_only_kinds(default.statement, default.parameter)
    outer = default.made.followed.levels[0]
    if kinds is None and not options.unsafe_fixes:
        return None
    if kinds is not None and outer.kind not in kinds:
        return None
    if default.is_rebound or not default.reads or not _all_uses_allowed(default, outer):
        return None
    edits = _replacement(default, outer)
    if edits is None:
        return None
    if kinds is None:
        return Fix(Applicability.UNSAFE, edits, _IMMUTABLE_NOTE)
    return Fix(Applicability.SAFE, edits)


def _replacement(default: Default, outer: Level) -> tuple[Edit, ...] | None:
    statement, node = default.statement, default.node
    start, end = outer_span(statement, node)
    empty = outer.length == 0 and isinstance(node, (cst.List, cst.Dict, cst.Call))
    if outer.kind == "builtins.list" and isinstance(node, cst.List):
        return _tuple_edits(default, node)
    if outer.kind == "builtins.list" and empty:
        return (Edit(start, end, "()"),)
    if outer.kind == "builtins.set" and empty:
        hidden = not can_import(statement, default.function, "frozenset")
        return None if hidden else (Edit(start, end, "frozenset()"),)
    if outer.kind == "builtins.dict" and empty:
        return _mapping_edits(default, start, end)
    return None


def _tuple_edits(default: Default, node: cst.List) -> tuple[Edit, ...] | None:
    if len(default.made.followed.levels) > 1 or not all(_is_constant(element) for element in node.elements):
        return None
    statement = default.statement
    (left, right) = (statement.span(node.lbracket), statement.span(node.rbracket))
    if not node.elements:
        start, end = outer_span(statement, node)
        return (Edit(start, end, "()"),)
    # The brackets are given with the white space behind the one and before the other.
    edits = [Edit(left[0], left[0] + 1, "("), Edit(right[1] - 1, right[1], ")")]
    if len(node.elements) == 1 and not isinstance(node.elements[0].comma, cst.Comma):
        place = outer_span(statement, node.elements[0].value)[1]
        edits.insert(1, Edit(place, place, ","))
    return tuple(edits)


def _is_constant(element: cst.BaseElement) -> bool:
    literals = (cst.BaseNumber, cst.SimpleString, cst.ConcatenatedString, cst.UnaryOperation)
    value = element.value
    if isinstance(value, cst.Name):
        return value.value in {"True", "False", "None"}
    return isinstance(element, cst.Element) and isinstance(value, literals)


def _mapping_edits(default: Default, start: int, end: int) -> tuple[Edit, ...] | None:
    statement = default.statement
    module = statement.module
    name = next((name for name in module.facts.bindings if module.facts.origin(name) == "types.MappingProxyType"), None)
    if name is not None:
        return (Edit(start, end, f"{name}({{}})"),)
    if not can_import(statement, default.function, "MappingProxyType"):
        return None
    new = add_import(module.text, module.tree, module.line_starts, "from types import MappingProxyType")
    return (Edit(start, end, "MappingProxyType({})"), new)


def _all_uses_allowed(default: Default, outer: Level) -> bool:
    if any(sees_all_variables(node) for node in walk(default.function.body)):
        return False
    return all(
        not is_captured(default, scope) and _is_allowed(default, node, outer.kind) for scope, node in default.reads
    )


def _is_allowed(default: Default, node: cst.Name, kind: str) -> bool:
    parents = default.statement.parents
    parent = parents[node]
    if isinstance(parent, cst.ComparisonTarget):
        return _is_allowed_comparison(parents, parent, kind)
    if isinstance(parent, cst.Comparison):
        return kind == "builtins.set" and isinstance(parent.comparisons[0].operator, _SET_COMPARISONS)
    if _is_tested(parents, parent, node):
        return True
    if isinstance(parent, cst.Index) or (isinstance(parent, cst.Subscript) and parent.value is node):
        return kind != "builtins.set" and _is_read_by_index(parents, parent)
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is node and kind != "builtins.dict"
    if isinstance(parent, cst.StarredDictElement):
        return kind == "builtins.dict"
    if isinstance(parent, cst.StarredElement):
        return kind != "builtins.dict"
    if isinstance(parent, cst.Arg):
        return _is_allowed_argument(default, parent, kind)
    if isinstance(parent, cst.Attribute):
        call = parents[parent]
        called = isinstance(call, cst.Call) and call.func is parent
        return parent.value is node and called and parent.attr.value in _METHODS.get(kind, ())
    if isinstance(parent, cst.BinaryOperation):
        return _is_allowed_operand(parent, node, kind)
    return False


_SET_COMPARISONS = (*(cst.Equal, cst.NotEqual, cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual),)


def _is_allowed_comparison(parents: dict[cst.CSTNode, cst.CSTNode], target: cst.ComparisonTarget, kind: str) -> bool:
    comparison = parents[target]
    if isinstance(comparison, cst.Comparison) and len(comparison.comparisons) > 1:
        return False  # `1 in x == [1]`
    return isinstance(target.operator, (cst.In, cst.NotIn)) or kind == "builtins.set"


def _is_tested(parents: dict[cst.CSTNode, cst.CSTNode], parent: cst.CSTNode, node: cst.CSTNode) -> bool:
    """Whether only the truth of a value matters."""
    while isinstance(parent, cst.BooleanOperation):
        node, parent = parent, parents[parent]
    if isinstance(parent, (cst.If, cst.While, cst.IfExp, cst.Assert)):
        return parent.test is node
    return isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not)


def _is_read_by_index(parents: dict[cst.CSTNode, cst.CSTNode], parent: cst.CSTNode) -> bool:
    if not isinstance(parent, cst.Subscript):
        return False
    if any(isinstance(element.slice, cst.Slice) for element in parent.slice):
        return False
    node: cst.CSTNode = parent
    while isinstance(parents[node], (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
        node = parents[node]
    above = parents[node]
    if isinstance(above, (cst.For, cst.CompFor)):
        return above.iter is node
    return not isinstance(above, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del, cst.AsName))


def _is_allowed_argument(default: Default, argument: cst.Arg, kind: str) -> bool:
    call = default.statement.parents[argument]
    if argument.star:
        return argument.star == ("**" if kind == "builtins.dict" else "*")
    if not isinstance(call, cst.Call) or argument.keyword is not None:
        return False
    dotted = origin(default.statement, call.func) or ""
    if dotted.removeprefix("builtins.") in _READERS.get(kind, ()) and dotted.startswith("builtins."):
        if dotted == "builtins.sum":
            return call.args[0] is argument
        return len(call.args) == 1 or dotted not in {"builtins.max", "builtins.min"}
    if dotted == "builtins.map":
        return kind != "builtins.dict" and call.args[0] is not argument
    joins = isinstance(call.func, cst.Attribute) and call.func.attr.value == "join" and len(call.args) == 1
    return joins and kind != "builtins.dict" and isinstance(call.func, cst.Attribute) and _is_text(call.func.value)


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString))


def _is_allowed_operand(operation: cst.BinaryOperation, node: cst.Name, kind: str) -> bool:
    if kind == "builtins.dict":
        return isinstance(operation.operator, cst.BitOr)
    in_sets = isinstance(operation.operator, (cst.BitOr, cst.BitAnd, cst.Subtract, cst.BitXor))
    return kind == "builtins.set" and in_sets and operation.right is node

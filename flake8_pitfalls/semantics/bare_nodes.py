"""Functions that make LibCST's nodes without layout: see :mod:`flake8_pitfalls.semantics.bare`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import libcst as cst

_new = object.__new__


def maker(kind: type[cst.CSTNode], *names: str, **same: object) -> Callable[..., Any]:
    """A function that makes nodes of a kind from the fields of some names; other fields are the ``same`` in all."""
    setters = [getattr(kind, name).__set__ for name in names]
    always = [(getattr(kind, name).__set__, value) for name, value in same.items()]
    if len(setters) == 1 and not always:
        (only,) = setters

        def make_one(value: object) -> Any:
            made = _new(kind)
            only(made, value)
            return made

        return make_one
    if len(setters) == 2 and not always:
        first, second = setters

        def make_two(value: object, other: object) -> Any:
            made = _new(kind)
            first(made, value)
            second(made, other)
            return made

        return make_two

    def make(*values: object) -> Any:
        made = _new(kind)
        for setter, value in zip(setters, values, strict=True):
            setter(made, value)
        for setter, value in always:
            setter(made, value)
        return made

    return make


OPERATORS: dict[type[ast.AST], cst.CSTNode] = {
    ast.And: cst.And(),
    ast.Or: cst.Or(),
    ast.Not: cst.Not(),
    ast.UAdd: cst.Plus(),
    ast.USub: cst.Minus(),
    ast.Invert: cst.BitInvert(),
    ast.Add: cst.Add(),
    ast.Sub: cst.Subtract(),
    ast.Mult: cst.Multiply(),
    ast.MatMult: cst.MatrixMultiply(),
    ast.Div: cst.Divide(),
    ast.FloorDiv: cst.FloorDivide(),
    ast.Mod: cst.Modulo(),
    ast.Pow: cst.Power(),
    ast.LShift: cst.LeftShift(),
    ast.RShift: cst.RightShift(),
    ast.BitOr: cst.BitOr(),
    ast.BitAnd: cst.BitAnd(),
    ast.BitXor: cst.BitXor(),
    ast.Eq: cst.Equal(),
    ast.NotEq: cst.NotEqual(),
    ast.Lt: cst.LessThan(),
    ast.LtE: cst.LessThanEqual(),
    ast.Gt: cst.GreaterThan(),
    ast.GtE: cst.GreaterThanEqual(),
    ast.Is: cst.Is(),
    ast.IsNot: cst.IsNot(),
    ast.In: cst.In(),
    ast.NotIn: cst.NotIn(),
}
AUGMENTED: dict[type[ast.AST], cst.CSTNode] = {
    ast.Add: cst.AddAssign(),
    ast.Sub: cst.SubtractAssign(),
    ast.Mult: cst.MultiplyAssign(),
    ast.MatMult: cst.MatrixMultiplyAssign(),
    ast.Div: cst.DivideAssign(),
    ast.FloorDiv: cst.FloorDivideAssign(),
    ast.Mod: cst.ModuloAssign(),
    ast.Pow: cst.PowerAssign(),
    ast.LShift: cst.LeftShiftAssign(),
    ast.RShift: cst.RightShiftAssign(),
    ast.BitOr: cst.BitOrAssign(),
    ast.BitAnd: cst.BitAndAssign(),
    ast.BitXor: cst.BitXorAssign(),
}
"""The operators of ``+=`` and the like."""
NUMBERS: dict[type, type[cst.BaseNumber]] = {int: cst.Integer, float: cst.Float, complex: cst.Imaginary}

ASYNCHRONOUS = cst.Asynchronous()

make_name = maker(cst.Name, "value")
make_attribute = maker(cst.Attribute, "value", "attr")
make_element = maker(cst.Element, "value")
make_starred_element = maker(cst.StarredElement, "value")
make_tuple = maker(cst.Tuple, "elements")
make_list = maker(cst.List, "elements")
make_set = maker(cst.Set, "elements")
make_call = maker(cst.Call, "func", "args")
make_arg = maker(cst.Arg, "keyword", "value", "star")
make_subscript = maker(cst.Subscript, "value", "slice")
make_subscript_element = maker(cst.SubscriptElement, "slice")
make_index = maker(cst.Index, "value", "star")
make_slice = maker(cst.Slice, "lower", "upper", "step")
make_dict = maker(cst.Dict, "elements")
make_dict_element = maker(cst.DictElement, "key", "value")
make_starred_dict_element = maker(cst.StarredDictElement, "value")
make_unary = maker(cst.UnaryOperation, "operator", "expression")
make_binary = maker(cst.BinaryOperation, "left", "operator", "right")
make_boolean = maker(cst.BooleanOperation, "left", "operator", "right")
make_comparison = maker(cst.Comparison, "left", "comparisons")
make_comparison_target = maker(cst.ComparisonTarget, "operator", "comparator")
make_conditional = maker(cst.IfExp, "test", "body", "orelse")
make_lambda = maker(cst.Lambda, "params", "body")
make_walrus = maker(cst.NamedExpr, "target", "value")
make_await = maker(cst.Await, "expression")
make_yield = maker(cst.Yield, "value")
make_from = maker(cst.From, "item")
make_clause = maker(cst.CompFor, "target", "iter", "ifs", "inner_for_in", "asynchronous")
make_condition = maker(cst.CompIf, "test")
make_generator = maker(cst.GeneratorExp, "elt", "for_in")
make_list_comprehension = maker(cst.ListComp, "elt", "for_in")
make_set_comprehension = maker(cst.SetComp, "elt", "for_in")
make_dict_comprehension = maker(cst.DictComp, "key", "value", "for_in")
make_string = maker(cst.SimpleString, "value")
make_concatenated = maker(cst.ConcatenatedString, "left", "right")
make_formatted = maker(cst.FormattedString, "parts")
make_formatted_text = maker(cst.FormattedStringText, "value")
make_formatted_expression = maker(cst.FormattedStringExpression, "expression", "format_spec")
make_ellipsis = maker(cst.Ellipsis)
make_number = {kind: maker(kind, "value") for kind in NUMBERS.values()}
make_param = maker(cst.Param, "name", "annotation", "default", "star")
make_parameters = maker(
    cst.Parameters, "posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg", "posonly_ind"
)
make_annotation = maker(cst.Annotation, "annotation")
BARE_STAR = cst.ParamStar()
SLASH = cst.ParamSlash()
MISSING = cst.MaybeSentinel.DEFAULT

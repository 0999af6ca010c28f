"""Small questions about expressions."""

from __future__ import annotations

import libcst as cst


def is_none(node: cst.BaseExpression) -> bool:
    """Whether an expression is ``None``."""
    return isinstance(node, cst.Name) and node.value == "None"


def argument(node: cst.Call, place: int, keyword: str) -> cst.BaseExpression | None:
    """What a call passes for a parameter, by its place or its keyword."""
    passed = passed_argument(node, place, keyword)
    return passed.value if passed is not None else None


def passed_argument(node: cst.Call, place: int | None, keyword: str) -> cst.Arg | None:
    """The argument by which a call passes a parameter; ``None`` behind ``*arguments``."""
    after_star = False
    for index, passed in enumerate(node.args):
        if passed.star:
            after_star = True
        elif passed.keyword is None:
            if index == place and not after_star:
                return passed
        elif passed.keyword.value == keyword:
            return passed
    return None


def constant_text(node: cst.BaseExpression | None) -> str | None:
    """The text of a plain string."""
    if isinstance(node, cst.SimpleString):
        value = node.evaluated_value
        return value if isinstance(value, str) else None
    return None

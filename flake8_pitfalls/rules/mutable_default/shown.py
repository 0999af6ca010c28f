"""How messages show the object that is shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flake8_pitfalls.semantics.wording import quoted

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement


def shown_source(statement: TopLevelStatement, node: cst.BaseExpression) -> str:
    """The text of an expression for a message: a tuple or generator with its parentheses, on one line, not too long."""
    start, end = statement.span_in_ast(node)
    return quoted(statement.module.text[start:end])[1:-1]

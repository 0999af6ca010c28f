"""Where the nodes of a bare tree stand: where flake8's ``ast`` says that those they are made from do."""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING, Any

import libcst as cst

from flake8_pitfalls.semantics.bare import LayoutNeeded

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.bare_statements import Statements
    from flake8_pitfalls.semantics.module import SourceModule
    from flake8_pitfalls.semantics.positions import Span


class BarePlaces:
    """Places of nodes, which raise :class:`~flake8_pitfalls.semantics.bare.LayoutNeeded` where ``ast`` has none."""

    def __init__(self, module: SourceModule, maker: Statements) -> None:
        self._module = module
        self._counterparts = maker.counterparts
        self._without_parentheses = maker.without_parentheses

    def span(self, node: cst.CSTNode) -> Span:
        """Start and end offset in the text of the module, without parentheses."""
        found = self._counterpart(node)
        offset = self._module.offset
        start = offset(found.lineno, found.col_offset)
        if isinstance(found, (ast.arg, ast.keyword)):  # The annotation or value isn't part of the name.
            return start, start + len(found.arg or "")
        end = offset(found.end_lineno, found.end_col_offset)
        if self._module.text[end - 1] == ";":
            raise LayoutNeeded  # In ast, a block ends behind the semicolon of its last statement.
        if isinstance(found, (ast.Tuple, ast.GeneratorExp)) and _stands_in_parentheses(self._module.text[start:end]):
            return self._inside(start, end)
        return start, end

    def span_in_ast(self, node: cst.CSTNode) -> Span:
        """The same, but a tuple or generator has its parentheses."""
        found = self._counterpart(node)
        if isinstance(found, (ast.arg, ast.keyword)) or id(found) in self._without_parentheses:
            return self.span(node)
        offset = self._module.offset
        return offset(found.lineno, found.col_offset), offset(found.end_lineno, found.end_col_offset)

    def line(self, node: cst.CSTNode) -> int:
        """The line of a node, counted from 1."""
        found = self._counterpart(node)
        if isinstance(found, (ast.Tuple, ast.GeneratorExp)):
            return self._module.position(self.span(node)[0])[0]
        line: int = found.lineno
        return line

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node as it stands in the file, without its parentheses."""
        if type(node) is cst.Name:
            return node.value
        start, end = self.span(node)
        return self._module.text[start:end]

    def _counterpart(self, node: cst.CSTNode) -> Any:
        found = self._counterparts.get(id(node))
        if found is None:
            raise LayoutNeeded(type(node).__name__)
        return found

    def _inside(self, start: int, end: int) -> Span:
        text = self._module.text
        inside = text[start + 1 : end - 1]
        if "#" in inside or "\\" in inside or not inside.strip():
            raise LayoutNeeded  # A comment may follow the parenthesis.
        return start + 1 + len(inside) - len(inside.lstrip()), end - 1 - len(inside) + len(inside.rstrip())


def _stands_in_parentheses(text: str) -> bool:
    """Whether the parenthesis with which an expression starts is closed at its end: not in ``(1), (2)``."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    with contextlib.suppress(SyntaxError):
        ast.parse(f"[{text[1:-1]}\n]")
        return True
    return False

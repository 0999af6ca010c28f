"""Where the nodes of a tree that LibCST has parsed stand: where its text says that they do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.errors import CannotAnalyse
from flake8_pitfalls.semantics.names import plain_text
from flake8_pitfalls.semantics.places import Places
from flake8_pitfalls.semantics.positions import Spans, alignment

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.positions import Span


class ParsedPlaces:
    """Places of nodes, for which as little as possible is generated again."""

    def __init__(self, statement: TopLevelStatement) -> None:
        self._statement = statement
        self._module = statement.module

    def span(self, node: cst.CSTNode) -> Span:
        """Start and end offset in the text of the module, without parentheses and outer whitespace."""
        # Once all of the statement has been generated, its spans are there.
        found = self.span_nearby(node) if "_spans" not in self.__dict__ else None
        return found if found is not None else self.span_in_all(node)

    def span_nearby(self, node: cst.CSTNode) -> Span | None:
        """The span as far as ``ast`` and the innermost statement around the node tell it."""
        return self._nearby.find(node)

    def span_in_all(self, node: cst.CSTNode) -> Span:
        """The span, found by generating all of the top-level statement."""
        start, end = self._spans[node]
        return self._to_module(start), max(self._to_module(start), self._to_module(end, behind=False))

    def span_in_ast(self, node: cst.CSTNode) -> Span:
        """The same, but a tuple or generator has its parentheses."""
        parentheses = getattr(node, "lpar", ())
        if parentheses and isinstance(node, (cst.Tuple, cst.GeneratorExp)):
            return self.span(parentheses[-1])[0], self.span(node.rpar[0])[1]
        return self.span(node)

    def line(self, node: cst.CSTNode) -> int:
        """The line of a node, counted from 1."""
        found = self._nearby.line(node)
        return found if found is not None else self._module.position(self.span(node)[0])[0]

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node as it stands in the file, without its parentheses."""
        plain = plain_text(node)
        if plain is not None:
            return plain
        start, end = self.span(node)
        return self._module.text[start:end]

    @cached_property
    def _nearby(self) -> Places:
        return Places(self._statement)

    @cached_property
    def _spans(self) -> Spans:
        return Spans(self._statement.tree)

    @cached_property
    def _alignment(self) -> tuple[list[int], list[int]]:
        text = self._statement.text
        if self._spans.code == text:
            return [], [0]
        found = alignment(text, self._spans.code)
        if found is None:
            line = self._statement.nodes[0].lineno
            raise CannotAnalyse(f"LibCST doesn't reproduce the statement on line {line}")
        return found

    def _to_module(self, offset: int, *, behind: bool = True) -> int:
        """``behind`` says whether a place where LibCST left something out means the end of that or its start."""
        places, surplus = self._alignment
        count = bisect_right(places, offset) if behind else bisect_left(places, offset)
        return self._statement.start + offset + surplus[count]

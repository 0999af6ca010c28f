"""Where nodes stand in the text: LibCST's code generator run once, with the offsets written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import libcst as cst
from libcst._nodes.internal import CodegenState

from flake8_pitfalls.semantics.frames import enough_frames

if TYPE_CHECKING:
    Span = tuple[int, int]


class Spans:
    """Start and end offset of every node of a module, without parentheses and outer whitespace.

    The public ``ByteSpanPositionProvider`` gives the same numbers, in bytes and at ten times the cost.
    """

    def __init__(self, module: cst.Module) -> None:
        recorder = Recorder(default_indent=module.default_indent, default_newline=module.default_newline)
        with enough_frames():
            module._codegen(recorder)
        self._spans = recorder.spans
        self.code = "".join(recorder.tokens)
        """The generated text, which lacks some white space of the source: see :func:`alignment`."""

    def __getitem__(self, node: cst.CSTNode) -> Span:
        return self._spans[node]


def alignment(source: str, code: str) -> tuple[list[int], list[int]] | None:
    """How the text that LibCST generates lies in the source, from which it may lack form feeds and blanks.

    Returns the offsets in ``code`` in front of which the source has more, and how much more up to each; the second list
    starts with 0. ``None`` if it isn't the same text otherwise.
    """
    places: list[int] = []
    surplus = [0]
    position = 0
    for offset, character in enumerate(code):
        start = position
        while position < len(source) and source[position] != character and source[position] in " \t\x0c":
            position += 1
        if position == len(source) or (source[position] != character and (source[position], character) != ("\r", "\n")):
            # LibCST drops an empty line in front of blanks at the end of a file.
            return None if source[start:].strip() or code[offset:].strip() else (places, surplus)
        if position > start:
            places.append(offset)
            surplus.append(surplus[-1] + position - start)
        position += 1
    return None if source[position:].strip(" \t\x0c") else (places, surplus)


class Recorder(CodegenState):
    """Writes down where each node starts and ends while it is generated."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.offset = 0
        self.spans: dict[cst.CSTNode, Span] = {}
        self._starts: list[int] = []

    def add_indent_tokens(self) -> None:
        """Add the indent of a line."""
        super().add_indent_tokens()
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        """Add some text."""
        super().add_token(value)
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:  # noqa: ARG002 - LibCST's signature
        """A node starts."""
        self._starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        """A node ends, with its parentheses if it has no narrower span."""
        self.spans.setdefault(node, (self._starts.pop(), self.offset))

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        """Keep where a node starts and ends in the eyes of Python."""
        start = self.offset
        yield
        first = self.spans[start_node][0] if start_node is not None else start
        last = self.spans[end_node][1] if end_node is not None else self.offset
        self.spans[node] = (first, last)

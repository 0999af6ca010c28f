"""The lines of a definition: which they are, how they read at module level, and what is left where they stood."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.apply import splice
from flake8_pitfalls.fixes.indentation import behind_deeper_comments, line_end
from flake8_pitfalls.fixes.indentation import line_text as line_in
from flake8_pitfalls.fixes.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_VISIBLE = re.compile(r"\S")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Extent:
    """Whole lines of the module's text, and how far the first one is indented."""

    start: int
    end: int
    indent: str

    def holds(self, offset: int) -> bool:
        """Whether an offset lies in these lines."""
        return self.start <= offset < self.end


def extent_of(statement: TopLevelStatement, node: cst.CSTNode) -> Extent | None:
    """The lines of a definition or simple statement with its decorators and the comments right above and below it.

    ``None`` if it shares a line with something else.
    """
    module = statement.module
    start = _begin(statement, node)
    first, column = module.position(start)
    indent = module.text[start - column : start].rpartition("\x0c")[2]
    if indent.strip():
        return None
    last = _last_line(statement, node)
    if last is None:
        return None
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        last = behind_deeper_comments(module.text, module.line_starts, last, len(indent))
    while first > 1 and _is_comment(module, first - 1, indent):
        first -= 1
    end = module.line_starts[last] if last < len(module.line_starts) else len(module.text)
    return Extent(module.line_starts[first - 1], end, indent)


def _begin(statement: TopLevelStatement, node: cst.CSTNode) -> int:
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.decorators:
        return statement.span(node.decorators[0])[0]
    return statement.span(node)[0]


def _last_line(statement: TopLevelStatement, node: cst.CSTNode) -> int | None:
    """The last line of a node, known to ``ast`` for definitions."""
    if not isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return statement.module.position(max(statement.span(node)[1] - 1, 0))[0]
    definition = ast_definition(statement, node)
    return None if definition is None else definition.end_lineno


def ast_definition(
    statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef
) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    """The node of flake8's tree for a function or class."""
    if "definitions" not in statement.memo:
        index: dict[tuple[int, str], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = {}
        for top in statement.nodes:
            for found in ast.walk(top):
                if isinstance(found, _DEFINITIONS):
                    index.setdefault((found.lineno, found.name), found)
        statement.memo["definitions"] = index
    known: dict[tuple[int, str], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = statement.memo["definitions"]
    return known.get((statement.line(node.name), node.name.value))


def line_text(module: SourceModule, number: int) -> str:
    """A line, counted from 1, with its end."""
    return line_in(module.text, module.line_starts, number)


def _is_comment(module: SourceModule, number: int, indent: str) -> bool:
    """Whether a line holds nothing but a comment that is indented like this."""
    text = line_text(module, number)
    return number in module.comments and text.startswith(f"{indent}#")


def newline_of(module: SourceModule) -> str:
    """The line end of the first line."""
    return line_end(module.text) or "\n"


def edited(module: SourceModule, start: int, end: int, edits: Iterable[Edit]) -> str:
    """A part of the text with the edits that lie in it carried out."""
    inner = [Edit(edit.start - start, edit.end - start, edit.replacement) for edit in edits]
    return splice(module.text[start:end], inner)


def removals(statement: TopLevelStatement, nodes: Iterable[cst.CSTNode], extents: Iterable[Extent]) -> list[Edit]:
    """Take lines away, with the blank lines that would be too many; a block that would be empty gets a ``pass``."""
    gone = set(nodes)
    module = statement.module
    ranges = sorted(_with_blank_lines(module, extent) for extent in extents)
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    edits = [Edit(start, end, "") for start, end in merged]
    for block, indent in _emptied_blocks(statement, gone, extents):
        place = statement.span(block)[0]
        for number, edit in enumerate(edits):
            if edit.start <= place <= edit.end or place <= edit.start <= statement.span(block)[1]:
                edits[number] = Edit(edit.start, edit.end, f"{indent}pass{newline_of(module)}")
                break
    return edits


def _emptied_blocks(
    statement: TopLevelStatement, gone: set[cst.CSTNode], extents: Iterable[Extent]
) -> list[tuple[cst.CSTNode, str]]:
    found: dict[cst.CSTNode, str] = {}
    for node, extent in zip(gone, extents, strict=False):
        block = statement.parents.get(node)
        if isinstance(block, cst.IndentedBlock) and all(line in gone for line in block.body):
            found[block] = extent.indent
    return list(found.items())


def _with_blank_lines(module: SourceModule, extent: Extent) -> tuple[int, int]:
    """The lines together with the blank lines behind them; in front of them, where the block ends."""
    start, end = extent.start, extent.end
    behind = re.compile(r"(?:[ \t\x0c]*(?:\r\n?|\n))*").match(module.text, end)
    assert behind is not None
    rest = behind.end()
    if module.text.startswith(extent.indent, rest) and _VISIBLE.search(module.text, rest + len(extent.indent)):
        return start, rest
    line = module.position(start)[0]
    while line > 1 and not line_text(module, line - 1).strip():
        line -= 1
    return module.line_starts[line - 1], end


def comments_around(statement: TopLevelStatement, node: cst.CSTNode, extent: Extent, indent: str) -> str:
    """The comments on some lines but for those in a node, each on a line of its own."""
    module = statement.module
    first, last = module.position(extent.start)[0], module.position(max(extent.end - 1, 0))[0]
    start, end = statement.span(node)
    found = []
    for line in range(first, last + 1):
        comment = module.comments.get(line)
        if comment is not None:
            place = module.text.index(comment, module.line_starts[line - 1])
            if not start <= place < end:
                found.append(f"{indent}{comment}{newline_of(module)}")
    return "".join(found)


def blank_lines_around(statement: TopLevelStatement, extent: Extent, count: int) -> list[Edit]:
    """Insert the blank lines that a definition wants around it and that aren't there."""
    module = statement.module
    first, last = module.position(extent.start)[0], module.position(max(extent.end - 1, 0))[0]
    edits = []
    before = _blank_lines(module, range(first - 1, 0, -1))
    if before is not None and before[0] < count and not before[1].endswith(":"):
        edits.append(Edit(extent.start, extent.start, newline_of(module) * (count - before[0])))
    after = _blank_lines(module, range(last + 1, len(module.line_starts) + 1))
    if after is not None and after[0] < count and after[1]:
        edits.append(Edit(extent.end, extent.end, newline_of(module) * (count - after[0])))
    return edits


def _blank_lines(module: SourceModule, numbers: range) -> tuple[int, str] | None:
    """How many blank lines there are, and the line behind them; ``None`` at the end of the file."""
    for count, number in enumerate(numbers):
        text = line_text(module, number).strip()
        if text:
            return count, text
    return None

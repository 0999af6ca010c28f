"""Leaving out the methods of a class that hold no candidate: LibCST needs five times as long to parse as ``ast`` does.

Each of their bodies is one statement at first. Whoever looks into it makes it be parsed then, so that nothing but time
depends on what was left out.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import io
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import libcst as cst

from flake8_pitfalls.semantics.bindings import Scope

if TYPE_CHECKING:
    from libcst._nodes.internal import CodegenState

Node = TypeVar("Node", bound=cst.CSTNode)

_SHORT = 25
"""A class of fewer lines is parsed as it is."""


class LeftOut(Exception):
    """A method that was left out can't be parsed alone, so that everything has to be analysed as a whole."""


class LeftOutBlock(cst.IndentedBlock):
    """The body of a method that was left out, until somebody looks at it."""

    text: cst.IndentedBlock
    """What stands for it in the text."""
    source: str
    """The lines of its statements."""
    default_indent: str
    """How far the class is indented in the module that it's part of."""
    inside: tuple[cst.BaseStatement, ...] | None
    """The statements, once somebody has looked at them."""
    notify: Callable[[LeftOutBlock], None]
    """Gets the block when its statements are there for the first time."""

    @property
    def body(self) -> tuple[cst.BaseStatement, ...]:  # type: ignore[override]
        """The statements."""
        if self.inside is None:
            object.__setattr__(self, "inside", self._parse())
            self.notify(self)
        assert self.inside is not None
        return self.inside

    def _parse(self) -> tuple[cst.BaseStatement, ...]:
        """Parse the lines in two blocks, so that the outer one tells LibCST the indent by default."""
        try:
            module = cst.parse_module(f"if 1:\n{self.default_indent}if 1:\n{self.source}")
        except cst.ParserSyntaxError as error:
            raise LeftOut from error
        outer = module.body[0]
        assert isinstance(outer, cst.If)
        assert isinstance(outer.body, cst.IndentedBlock)
        inner = outer.body.body[0]
        block = inner.body if isinstance(inner, cst.If) else None
        if module.footer or outer.body.footer or not isinstance(block, cst.IndentedBlock) or block.footer:
            raise LeftOut
        object.__setattr__(block.body[0], "leading_lines", self.text.body[0].leading_lines)  # type: ignore[attr-defined]
        return tuple(block.body)

    def _codegen_impl(self, state: CodegenState) -> None:
        if self.inside is None:
            self.text._codegen_impl(state)
        else:
            super()._codegen_impl(state)


class _Lines(cst.SimpleStatementLine):
    """The statements of a method that was left out, as text."""

    text: str

    def _codegen_impl(self, state: CodegenState) -> None:
        for line in self.leading_lines:
            line._codegen(state)
        state.add_token(self.text)


class LeftOutScope(Scope):
    """The scope of a method that was left out: what it binds and reads is known once somebody asks."""

    __slots__ = ()

    def _found(self, name: str) -> Any:
        assert isinstance(self.node, cst.FunctionDef)
        self.node.body.body  # noqa: B018 - Looking at it has the scope found.
        return getattr(self, name)

    @property
    def reads(self) -> Any:  # type: ignore[override]
        """The names that the method reads."""
        return self._found("reads")

    @property
    def annotation_reads(self) -> Any:  # type: ignore[override]
        """The names in unevaluated annotations."""
        return self._found("annotation_reads")

    @property
    def bindings(self) -> Any:  # type: ignore[override]
        """The bindings of its variables."""
        return self._found("bindings")

    @property
    def children(self) -> Any:  # type: ignore[override]
        """The scopes in it."""
        return self._found("children")


@dataclass(frozen=True)
class Method:
    """A method to be left out: the lines of its statements, from 0, within the text of the class."""

    first: int
    end: int
    indent: str


def methods_to_leave_out(
    nodes: Sequence[ast.stmt], text: str, first_line: int, needed: Sequence[int]
) -> tuple[list[str], list[Method]]:
    """The lines of a class, and its methods without any of the ``needed`` lines, which count from 1, in order."""
    node = nodes[0]
    if len(nodes) != 1 or not isinstance(node, ast.ClassDef) or (node.end_lineno or 0) - node.lineno < _SHORT:
        return [], []
    # str.splitlines() would end lines at U+2028 and the like too, which strings and comments may hold.
    lines = list(io.StringIO(text)) if "\x0c" not in text and "\r" not in text else []
    found: list[Method] = []
    for member in _members(node, needed) if lines else ():
        method = _method(member, lines, first_line)
        if method is not None:
            found.append(method)
    return lines, found


def _members(node: ast.ClassDef, needed: Sequence[int]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The methods of a class and of the classes in it that can do without being looked at."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    for member in node.body:
        if isinstance(member, ast.ClassDef):
            found += _members(member, needed)
        elif isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            start = min([member.lineno, *(decorator.lineno for decorator in member.decorator_list)])
            place = bisect_left(needed, start)
            if place == len(needed) or needed[place] > (member.end_lineno or start):
                found.append(member)
    return found


def _method(member: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str], first_line: int) -> Method | None:
    inner = member.body[0]
    decorators = getattr(inner, "decorator_list", None)
    first = (decorators[0].lineno if decorators else inner.lineno) - first_line
    end = (member.end_lineno or member.lineno) - first_line + 1
    if end - first < 2:
        return None
    line = lines[first]
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    if decorators is None and inner.col_offset != len(indent):
        return None  # The body stands behind the colon.
    if lines[first - 1].endswith("\\\n"):
        return None  # It still does, in Python's eyes.
    body = lines[first:end]
    declares = any("global" in part or "nonlocal" in part for part in body)
    ends = lines[end - 1].strip() and lines[end - 1].endswith("\n")
    return None if declares or not ends else Method(first, end, indent)


_PLACEHOLDER = "flake8_pitfalls_left_out_"


def parse_without(lines: list[str], methods: list[Method], notify: Callable[[LeftOutBlock], None]) -> cst.Module:
    """Parse the lines of a class with one statement in place of those of some methods.

    Who looks at them later makes ``notify`` be called with the body of the method.
    """
    parts: list[str] = []
    position = 0
    for number, method in enumerate(methods):
        parts += [*lines[position : method.first], f"{method.indent}{_PLACEHOLDER}{number}\n"]
        position = method.end
    tree = cst.parse_module("".join([*parts, *lines[position:]]))
    texts = ["".join(lines[method.first : method.end]) for method in methods]
    common: dict[str, object] = {"default_indent": tree.default_indent, "inside": None, "notify": notify}
    for node in tree.body:
        if isinstance(node, cst.ClassDef):
            _put_back(node, texts, common)
    return tree


def _put_back(node: cst.ClassDef, texts: list[str], common: dict[str, object]) -> None:
    """Give the placeholders in a class the text that they stand for."""
    for member in node.body.body:
        if isinstance(member, cst.ClassDef):
            _put_back(member, texts, common)
        elif isinstance(member, cst.FunctionDef) and isinstance(member.body, cst.IndentedBlock):
            line = member.body.body[0]
            number = _number(line)
            if number is not None and isinstance(line, cst.SimpleStatementLine):
                lines = _with_fields(_Lines, line, text=texts[number])
                object.__setattr__(member.body, "body", (lines,))
                block = _with_fields(LeftOutBlock, member.body, text=member.body, source=texts[number], **common)
                object.__setattr__(member, "body", block)


def _with_fields(kind: type[Node], node: cst.CSTNode, **more: object) -> Node:
    """A node of a kind that has no constructor, with the fields of another one but for ``body``."""
    made = object.__new__(kind)
    for name in _fields_but_body(type(node)):
        object.__setattr__(made, name, getattr(node, name))
    for name, value in more.items():
        object.__setattr__(made, name, value)
    return made


@functools.cache
def _fields_but_body(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.name != "body")


def _number(line: cst.BaseStatement) -> int | None:
    if isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Expr):
        value = line.body[0].value
        if isinstance(value, cst.Name) and value.value.startswith(_PLACEHOLDER):
            return int(value.value.removeprefix(_PLACEHOLDER))
    return None

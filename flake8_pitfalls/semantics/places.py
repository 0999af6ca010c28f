"""Where single nodes stand in the text: found from flake8's ``ast``, which knows where each statement starts.

Only the statement around a node is generated again, up to the node, instead of everything from the first line of the
module on. What is generated has to be what the file says; else there is no answer, and :mod:`positions` has to find it.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from flake8_pitfalls.semantics.frames import enough_frames
from flake8_pitfalls.semantics.positions import Recorder

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.positions import Span

_Statement = cst.BaseSmallStatement | cst.BaseCompoundStatement


_WITH_PARENTHESES = frozenset({cst.Tuple, cst.GeneratorExp})

_TIMES = 2
"""How often the same statement is generated: once up to a node, and once up to its block or its end."""


class _Done(Exception):
    """Everything asked for has been generated."""


class Places:
    """Start and end offset, in the text of the module, of the nodes of one top-level statement that are asked for."""

    def __init__(self, statement: TopLevelStatement) -> None:
        self._statement = statement
        self._spans: dict[cst.CSTNode, Span] = {}
        self._ast_of: dict[cst.CSTNode, ast.stmt] = {}
        self._asked: dict[cst.CSTNode, int] = {}
        self._defaults: dict[ast.stmt, dict[str, ast.expr | None]] = {}
        if not self._pair(_statements_in(statement.tree.body), statement.nodes):
            self._ast_of.clear()

    def find(self, node: cst.CSTNode) -> Span | None:
        """Where a node stands, without its parentheses and outer whitespace; ``None`` if that has to be found out."""
        if node not in self._spans:
            default = self._default(node)
            if default is not None:
                self._spans[node] = default
                return default
            around = self._statement_around(node)
            times = self._asked.get(around, 0) if around is not None else _TIMES
            if around is None or times == _TIMES:
                return None
            self._asked[around] = times + 1
            self._generate(around, node if times == 0 else None)
        return self._spans.get(node)

    def line(self, node: cst.CSTNode) -> int | None:
        """The line of a loop, counted from 1, or of anything in a simple statement on one line."""
        around = self._statement_around(node)
        is_loop = around is node and isinstance(node, (cst.For, cst.While))
        if around is None or not (is_loop or isinstance(around, cst.BaseSmallStatement)):
            return None
        found = self._counterpart(around)
        return found.lineno if found is not None and (is_loop or found.lineno == found.end_lineno) else None

    def _default(self, node: cst.CSTNode) -> Span | None:
        """Where a default of a ``def`` stands, as ``ast`` says."""
        parents = self._statement.parents
        parameter = parents.get(node)
        # What ast says of these includes their parentheses.
        if not isinstance(parameter, cst.Param) or parameter.default is not node or type(node) in _WITH_PARENTHESES:
            return None
        parameters = parents.get(parameter)
        function = parents.get(parameters) if isinstance(parameters, cst.Parameters) else None
        found = self._counterpart(function) if isinstance(function, cst.FunctionDef) else None
        if not isinstance(found, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return None
        if found not in self._defaults:
            self._defaults[found] = _defaults_of(found.args)
        value = self._defaults[found].get(parameter.name.value)
        if value is None:
            return None
        offset = self._statement.module.offset
        return offset(value.lineno, value.col_offset), offset(value.end_lineno or 0, value.end_col_offset or 0)

    def _statement_around(self, node: cst.CSTNode) -> _Statement | None:
        parents = self._statement.parents
        current: cst.CSTNode | None = node
        while current is not None and not isinstance(current, _Statement):
            current = parents.get(current)
        return current

    # Which statement of LibCST's tree is which of ast's

    def _counterpart(self, statement: cst.CSTNode) -> ast.stmt | None:
        """The statement in flake8's tree; the blocks around it are gone through once."""
        parents = self._statement.parents
        way: list[cst.CSTNode] = []
        current: cst.CSTNode | None = statement
        while current is not None and current not in self._ast_of:
            if isinstance(current, _Statement):
                way.append(current)
            current = parents.get(current)
        while current is not None and way:
            owner, found = current, self._ast_of[current]
            for inner, outer in _blocks(owner, found):
                if not self._pair(inner, outer):
                    return None
            current = way.pop()
            if current not in self._ast_of:
                return None
        return self._ast_of.get(statement)

    def _pair(self, inner: Sequence[cst.CSTNode], outer: Sequence[ast.stmt]) -> bool:
        self._ast_of.update(zip(inner, outer, strict=False))
        return len(inner) == len(outer)

    # Generating

    def _generate(self, statement: _Statement, node: cst.CSTNode | None) -> None:
        """Generate a statement up to a node, or up to its block, and keep the spans if it's what the file says."""
        found = self._counterpart(statement)
        if found is None:
            return
        module = self._statement.module
        start = module.offset(found.lineno, found.col_offset)
        line = module.text[module.line_starts[found.lineno - 1] : start]
        recorder = _UpTo(self._statement.tree, statement, node)
        recorder.increase_indent(line[: len(line) - len(line.lstrip())])
        anchor = recorder.run(is_elif=isinstance(self._statement.parents.get(statement), cst.If))
        code = "".join(recorder.tokens)[anchor:] if anchor is not None else None
        if anchor is not None and code and module.text.startswith(code, start):
            move = start - anchor
            for part, (first, last) in recorder.spans.items():
                if first >= anchor:
                    self._spans.setdefault(part, (first + move, last + move))


class _UpTo(Recorder):
    """Generates one statement, up to a node or up to the block in it."""

    def __init__(self, module: cst.Module, statement: _Statement, node: cst.CSTNode | None) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self._statement = statement
        self._node = node
        self._anchor = 0 if isinstance(statement, cst.BaseSmallStatement) else None

    def run(self, *, is_elif: bool) -> int | None:
        """Where the statement itself starts, behind comments and decorators."""
        with enough_frames(), contextlib.suppress(_Done):
            self._statement._codegen(self, **({"is_elif": True} if is_elif else {}))
        return self._anchor

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._node is None and isinstance(node, cst.BaseSuite):
            raise _Done
        super().before_codegen(node)

    def after_codegen(self, node: cst.CSTNode) -> None:
        super().after_codegen(node)
        if node is self._node:
            raise _Done

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        if node is self._statement:
            self._anchor = self.offset
        with super().record_syntactic_position(node, start_node=start_node, end_node=end_node):
            yield


def _defaults_of(names: ast.arguments) -> dict[str, ast.expr | None]:
    """The defaults of a function by the names of its parameters."""
    positional = [*names.posonlyargs, *names.args]
    parameters = [*positional[len(positional) - len(names.defaults) :], *names.kwonlyargs]
    values = [*names.defaults, *names.kw_defaults]
    return {parameter.arg: value for parameter, value in zip(parameters, values, strict=True)}


def _statements_in(body: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """The statements of a block, those of a line one by one."""
    found: list[cst.CSTNode] = []
    for line in body:
        if isinstance(line, cst.SimpleStatementLine):
            found.extend(line.body)
        else:
            found.append(line)
    return found


def _blocks(node: cst.CSTNode, found: ast.stmt) -> Iterator[tuple[list[cst.CSTNode], list[ast.stmt]]]:
    """The blocks of a compound statement in both trees."""
    here, there = cast(Any, node), cast(Any, found)
    clauses = [(here, there)] if hasattr(here, "body") else []
    for name in ("cases", "handlers"):
        clauses += zip(getattr(here, name, ()), getattr(there, name, ()), strict=False)
    for clause, other in clauses:
        yield _statements_in(clause.body.body), other.body
    for name in ("orelse", "finalbody"):
        clause = getattr(here, name, None)
        if isinstance(clause, cst.If):
            yield [clause], getattr(there, name)
        elif clause is not None:
            yield _statements_in(clause.body.body), getattr(there, name)

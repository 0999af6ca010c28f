"""Whether there is a way through a function to one of its parts, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.screened_names import terminal

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_functions import Flow

_NOT_ALWAYS_RUN = (
    *(ast.BoolOp, ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda),
    *(ast.match_case, ast.ExceptHandler, ast.Delete, ast.FormattedValue),
)
"""What may hold an expression that isn't run; before Python 3.12, ``ast`` doesn't tell where those in f-strings are."""
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_LOOPS = (ast.While, ast.For, ast.AsyncFor)
_INTRICATE = (ast.With, ast.AsyncWith, ast.Try, getattr(ast, "TryStar", ast.Try), ast.Match)


def surely_runs(flow: Flow, node: ast.AST) -> bool:
    """Whether there surely is a way to an expression of a function; where that isn't plain, the answer is no."""
    while node is not flow.function:
        parent = flow.parent(node)
        if isinstance(parent, _NOT_ALWAYS_RUN) or not _runs_part(parent, node):
            return False
        node = parent
    return True


def _runs_part(parent: ast.AST, node: ast.AST) -> bool:
    if not isinstance(node, ast.stmt):
        if isinstance(parent, ast.AnnAssign) and parent.value is None:
            return False
        return not any(getattr(parent, name, None) is node for name in ("msg", "cause", "annotation"))
    if isinstance(parent, (ast.If, ast.While)) and not _is_open(parent.test):
        return False
    block = _block(parent, node)
    return block is not None and all(map(_goes_on, block[: block.index(node)]))


def _block(parent: ast.AST, node: ast.stmt) -> list[ast.stmt] | None:
    """The list of statements that holds one; no handlers, cases, ``finally`` and ``else``, but the one of ``if``."""
    if not isinstance(parent, ast.stmt):
        return None
    for name in ("body", "orelse") if isinstance(parent, ast.If) else ("body",):
        block: list[ast.stmt] = getattr(parent, name, [])
        if node in block:
            return block
    return None


def _goes_on(node: ast.stmt) -> bool:
    """Whether control surely goes on behind a statement, some time."""
    if isinstance(node, _JUMPS):
        return False
    if isinstance(node, ast.If):
        return _is_open(node.test) and (all(map(_goes_on, node.body)) or all(map(_goes_on, node.orelse)))
    if isinstance(node, _LOOPS):
        return not node.orelse and (not isinstance(node, ast.While) or _is_open(node.test))
    if isinstance(node, ast.Assert):
        return _is_open(node.test)
    return not isinstance(node, _INTRICATE) or not any(isinstance(part, _JUMPS) for part in ast.walk(node))


def _is_open(test: ast.expr) -> bool:
    """Whether a condition may come out either way, for all that's known."""
    if isinstance(test, ast.BoolOp):
        return all(map(_is_open, test.values))
    if isinstance(test, ast.UnaryOp):
        return _is_open(test.operand)
    return not isinstance(test, ast.Constant) and terminal(test) != "TYPE_CHECKING"

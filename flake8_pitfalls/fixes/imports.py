"""Where a new import goes."""

from __future__ import annotations

import ast
import re

from flake8_pitfalls.fixes.model import Edit


def add_import(text: str, tree: ast.Module, line_starts: list[int], statement: str) -> Edit:
    """Insert an import on a line of its own, behind the imports at the top of the module.

    Without imports it goes behind the module's docstring, or in front of the first statement, below a shebang, an
    encoding declaration and the comments at the top.
    """
    newline = _line_end(text)
    last: ast.stmt | None = None
    for node in tree.body:
        docstring = node is tree.body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not isinstance(node, (ast.Import, ast.ImportFrom)) and not docstring:
            break
        last = node
    if last is None:
        first = tree.body[0]
        decorators = [decorator.lineno for decorator in getattr(first, "decorator_list", ())]
        place = line_starts[min([first.lineno, *decorators]) - 1]
        return Edit(place, place, f"{statement}{newline}")
    end_line = last.end_lineno or last.lineno
    if end_line < len(line_starts):
        place = line_starts[end_line]
        return Edit(place, place, f"{statement}{newline}")
    return Edit(len(text), len(text), f"{newline}{statement}")


def _line_end(text: str) -> str:
    """The line end of the first line."""
    found = re.search(r"\r\n?|\n", text)
    return found.group() if found else "\n"

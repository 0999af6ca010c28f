"""Where a new import goes."""

from __future__ import annotations

import ast

from flake8_pitfalls.fixes.lines import newline_of
from flake8_pitfalls.fixes.model import Edit


def add_import(text: str, tree: ast.Module, line_starts: list[int], statement: str) -> Edit:
    """Insert an import on a line of its own, behind the imports at the top of the module.

    Without imports it goes in front of the first statement behind the module's docstring, and of the comments that
    belong to that statement, with the blank lines of PEP 8; a shebang, an encoding declaration and a licence stay on
    top.
    """
    newline = newline_of(text)
    last: ast.stmt | None = None
    for node in tree.body:
        docstring = node is tree.body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            last = node
        elif not docstring:
            break
    if last is None:
        return _in_front_of_code(text, tree, line_starts, statement)
    end_line = last.end_lineno or last.lineno
    if end_line < len(line_starts):
        place = line_starts[end_line]
        return Edit(place, place, f"{statement}{newline}")
    return Edit(len(text), len(text), f"{newline}{statement}")


def _in_front_of_code(text: str, tree: ast.Module, line_starts: list[int], statement: str) -> Edit:
    newline = newline_of(text)
    docstring = ast.get_docstring(tree, clean=False) is not None
    first = tree.body[1 if docstring and len(tree.body) > 1 else 0]
    decorators = [decorator.lineno for decorator in getattr(first, "decorator_list", ())]
    first_line = line = min([first.lineno, *decorators])
    if first is not tree.body[0] and first_line <= (tree.body[0].end_lineno or 1) < len(line_starts):
        place = line_starts[tree.body[0].end_lineno or 1]  # They share the docstring's line.
        return Edit(place, place, f"{statement}{newline}")
    while line > 1 and _text_of_line(text, line_starts, line - 1).startswith("#"):
        line -= 1
    if line == 1:
        line = first_line  # Those at the top belong to the file.
    definition = isinstance(first, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    place = line_starts[line - 1]
    return Edit(place, place, f"{statement}{newline * (3 if definition else 2)}")


def _text_of_line(text: str, line_starts: list[int], line: int) -> str:
    end = line_starts[line] if line < len(line_starts) else len(text)
    return text[line_starts[line - 1] : end]

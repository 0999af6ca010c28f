"""A lambda as a function: the text of its parameters and of its body."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.indentation import reindented, source_lines
from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.hoist_text import edited, newline_of
from flake8_pitfalls.rules.pickling.partials import in_front_of

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement


def function_text(
    statement: TopLevelStatement,
    node: cst.Lambda,
    name: str,
    extras: list[str],
    imports: list[str],
    edits: list[Edit],
    indent: str = "",
) -> str:
    """``def name(extras, parameters): return body``; ``edits`` are carried out in the parts that are used."""
    newline = newline_of(statement.module)
    parameters = parameters_text(statement, node, edits)
    extras = in_front_of(node.params, extras)
    listed = ", ".join([*extras, parameters] if parameters else extras)
    unit = f"{indent}{statement.tree.default_indent}"
    lines = [f"{indent}def {name}({listed}):", *(f"{unit}{line}" for line in imports)]
    lines += [f"{unit}{comment}" for comment in _comments_before_body(statement, node)]
    lines.append(f"{unit}return {body_text(statement, node, edits, unit)}")
    return newline.join(lines) + newline


def _comments_before_body(statement: TopLevelStatement, node: cst.Lambda) -> list[str]:
    """The comments behind the colon; those between parameters stay with these."""
    colon, end = _colon(statement, node), _body_start(statement, node)
    return [comment for place, comment in _comments(statement, colon, end)]


def _comments(statement: TopLevelStatement, start: int, end: int) -> list[tuple[int, str]]:
    """The comments in a part of the text, and where they are."""
    module = statement.module
    found = []
    for line in range(module.position(start)[0], module.position(end)[0] + 1):
        comment = module.comments.get(line)
        if comment is not None:
            text_end = module.line_starts[line] if line < len(module.line_starts) else len(module.text)
            place = module.text.rindex(comment, module.line_starts[line - 1], text_end)
            if start <= place < end:
                found.append((place, comment))
    return found


def _colon(statement: TopLevelStatement, node: cst.Lambda) -> int:
    """Where the colon stands: the last one in front of the body that isn't in a comment."""
    start, place = statement.span(node)[0], _body_start(statement, node)
    comments = _comments(statement, start, place)
    while True:
        place = statement.module.text.rindex(":", start, place)
        if not any(begin < place < begin + len(comment) for begin, comment in comments):
            return place


def parameters_text(statement: TopLevelStatement, node: cst.Lambda, edits: list[Edit]) -> str:
    """The parameters as they stand between ``lambda`` and the colon."""
    start = statement.span(node)[0] + len("lambda")
    return _edited(statement, start, _colon(statement, node), edits).strip()


def _body_start(statement: TopLevelStatement, node: cst.Lambda) -> int:
    return statement.span(node.body.lpar[0])[0] if node.body.lpar else statement.span(node.body)[0]


def body_text(statement: TopLevelStatement, node: cst.Lambda, edits: list[Edit], indent: str) -> str:
    """The expression of a lambda, in a line that is indented by ``indent``."""
    start = _body_start(statement, node)
    end = statement.span(node.body.rpar[-1])[1] if node.body.rpar else statement.span(node.body)[1]
    text = _edited(statement, start, end, edits)
    lines = source_lines(text)
    if len(lines) > 1:
        module = statement.module
        line, _ = module.position(start)
        first = module.text[module.line_starts[line - 1] : start]
        old = first[: len(first) - len(first.lstrip(" \t"))]
        text = lines[0] + _continued("".join(lines[1:]), text, old, indent)
        if not _is_expression(text):
            text = f"({text})"
    elif len(node.body.lpar) == 1 and not text.startswith(("((", "()")) and _is_expression(text[1:-1]):
        inner = text[1:-1].strip()
        import libcst

        if not isinstance(node.body, (libcst.Tuple, libcst.GeneratorExp, libcst.NamedExpr)):
            text = inner
    return text if _is_expression(text) else f"({text})"


def _continued(rest: str, whole: str, old: str, new: str) -> str:
    """The lines behind the first one; the whole expression tells which of them start inside a string."""
    shifted = reindented(f"({whole})", old, new)
    lines = source_lines(shifted)[1:]
    assert rest.count("\n") <= shifted.count("\n")
    return "".join(lines)[:-1]


def _is_expression(text: str) -> bool:
    try:
        ast.parse(f"return_ = {text}\n")
    except SyntaxError:
        return False
    return True


def _edited(statement: TopLevelStatement, start: int, end: int, edits: list[Edit]) -> str:
    return edited(statement.module, start, end, [edit for edit in edits if start <= edit.start and edit.end <= end])

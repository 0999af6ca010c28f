"""PIT305: what six, future and ``metaclass=type`` do can be said in the class header since Python 3."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.lines import end_of_line, indent_of, newline_of, next_line, start_of_line
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.fixes.verify import without_pragmas
from flake8_pitfalls.rules.finding import Finding, qualified_name
from flake8_pitfalls.rules.metaclass.class_bodies import PEERS, comment_at_header
from flake8_pitfalls.rules.metaclass.declares import NAME
from flake8_pitfalls.rules.metaclass.headers import (
    argument_span,
    colon_of,
    end_of_name,
    header_edit,
    source_of,
)
from flake8_pitfalls.rules.metaclass.helpers import (
    DROPPING,
    Provider,
    add_metaclass_of,
    is_add_metaclass,
    provider,
    with_metaclass_of,
)
from flake8_pitfalls.rules.metaclass.imports import edits_without_use
from flake8_pitfalls.rules.metaclass.metas import (
    actual_metaclass,
    ancestry,
    in_file_bases,
    meta_named,
    metaclass_keyword,
    statement_of,
    unknown_bases,
)
from flake8_pitfalls.rules.metaclass.refusals import is_pure
from flake8_pitfalls.semantics.classes import find_method
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement

_OBJECT, _TYPE = "builtins.object", "builtins.type"


def helper_findings(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    """The findings about metaclasses that are named in the way of Python 2, or needlessly."""
    for node in statement.known_nodes():
        if isinstance(node, cst.ClassDef):
            yield from _with_metaclass(statement, node, options)
            yield from _add_metaclass(statement, node, options)
            yield from _metaclass_type(statement, node)


def _finding(
    statement: TopLevelStatement, node: cst.ClassDef, offset: int, message: str, make_fix: Callable[[], Fix | Refusal]
) -> Finding:
    line, column = statement.module.position(offset)

    def fix() -> Fix | Refusal:
        return PEERS.suppression(statement, [line]) or make_fix()

    kind = message.partition(" ")[0]
    return Finding("PIT305", line, column, message, f"PIT305:{qualified_name(statement, node)}:{kind}", fix)


def _with_metaclass(statement: TopLevelStatement, node: cst.ClassDef, options: Options) -> Iterator[Finding]:
    for base in node.bases:
        call = base.value
        whose = provider(statement, call.func, "with_metaclass") if isinstance(call, cst.Call) else None
        if whose is None or not isinstance(call, cst.Call):
            continue
        others = [other for other in node.bases if other is not base and origin(statement, other.value) != _OBJECT]
        shown = statement.source(call.func)
        message = f"{shown}() is for Python 2; use 'metaclass=' in the header of class '{node.name.value}'"
        if others and origin(statement, call.func) in DROPPING:
            lost = ", ".join(" ".join(statement.source(other.value).split()) for other in others)
            message = f"{shown}() next to other bases makes Python drop them: class '{node.name.value}' lacks {lost}"
        yield _finding(
            statement,
            node,
            statement.span(call)[0],
            message,
            partial(_fix_base, statement, node, base, options, loses_bases=bool(others)),
        )


def _fix_base(
    statement: TopLevelStatement, node: cst.ClassDef, base: cst.Arg, options: Options, *, loses_bases: bool
) -> Fix | Refusal:
    call = base.value
    assert isinstance(call, cst.Call)
    meta = with_metaclass_of(statement, call)
    if loses_bases:
        return Refusal("with all the bases the class would have other ones than now; decide which it shall have")
    if (
        meta is None
        or base.star
        or any(argument.keyword is not None or argument.star == "**" for argument in call.args)
    ):
        return Refusal("which argument is the metaclass can't be told")
    if node.keywords:
        return Refusal("the class has keywords, which with_metaclass() doesn't take")
    bases = [argument for argument in call.args[1:] if len(call.args) > 2 or not _is_object(statement, argument)]
    bases += [other for other in node.bases if other is not base and not bases]
    start = argument_span(statement, node.bases[0])[0]
    end = argument_span(statement, node.bases[-1])[1]
    if _has_comment(statement, start, end):
        plain = len(node.bases) == 1 and origin(statement, meta) != _TYPE
        edits = _by_lines(statement, call) if plain else None
        if edits is None:
            return Refusal("comments inside the call would be lost")
    else:
        parts = [_argument(statement, argument) for argument in bases]
        if origin(statement, meta) != _TYPE:
            parts.append(f"metaclass={source_of(statement, meta)}")
        edits = [Edit(start, end, _joined(statement, start, end, parts or ["object"], options))]
    copied = provider(statement, call.func, "with_metaclass") is Provider.COPY
    note = "this is a copy of six's helper, which may leave a class of its own among the bases" if copied else ""
    applicability = Applicability.UNSAFE if note else Applicability.SAFE
    return Fix(applicability, (*edits, *edits_without_use(statement, call.func)), note)


def _joined(statement: TopLevelStatement, start: int, end: int, parts: list[str], options: Options) -> str:
    """The arguments on one line, or on lines of their own where they had more than one and one would be too long."""
    text = statement.module.text
    line = text[start_of_line(text, start) : start] + ", ".join(parts) + text[end : end_of_line(text, end)]
    if len(line) <= options.line_length or "\n" not in text[start:end]:
        return ", ".join(parts)
    margin = re.sub(r"[^\t]", " ", text[start_of_line(text, start) : start])
    return f",{newline_of(text)}{margin}".join(parts)


def _is_object(statement: TopLevelStatement, argument: cst.Arg) -> bool:
    return not argument.star and origin(statement, argument.value) == _OBJECT


def _argument(statement: TopLevelStatement, argument: cst.Arg) -> str:
    start, end = argument_span(statement, argument)
    return statement.module.text[start:end]


def _has_comment(statement: TopLevelStatement, start: int, end: int) -> bool:
    module = statement.module
    first, last = module.position(start)[0], module.position(end)[0]
    for number in range(first, last + 1):
        comment = module.comments.get(number)
        if comment is not None:
            offset = end_of_line(module.text, module.line_starts[number - 1]) - len(comment)
            if start <= offset < end:
                return True
    return False


def _by_lines(statement: TopLevelStatement, call: cst.Call) -> list[Edit] | None:
    """Take the call away around arguments that have lines, and so comments, of their own; the metaclass goes last."""
    text = statement.module.text
    start, end = statement.span(call)
    spans = [argument_span(statement, argument) for argument in call.args]
    opening = text.index("(", statement.span(call.func)[1]) + 1
    lines = [start_of_line(text, first) for first, _ in spans]
    closing = start_of_line(text, end)
    own_lines = all(not text[line:first].strip() for line, (first, _) in zip(lines, spans, strict=True))
    if not own_lines or len(set(lines)) < len(lines) or text[closing : end - 1].strip():
        return None
    behind = text[opening : end_of_line(text, opening)]
    rest = text[end : end_of_line(text, end)]
    arguments = _arguments_by_lines(text, spans, next_line(text, opening), closing)
    if not text[start_of_line(text, start) : start].strip():
        if behind.strip() or rest.strip() not in {"", ","}:
            return None
        surplus = len(indent_of(text, spans[0][0])) - len(indent_of(text, start))
        shorter = re.sub(rf"(?m)^[ \t]{{{max(0, surplus)}}}", "", arguments)
        return [Edit(start_of_line(text, start), next_line(text, end), shorter)]
    stop = end + 1 if rest.startswith(",") else end
    return [Edit(start, opening, ""), Edit(next_line(text, opening), closing, arguments), Edit(end - 1, stop, "")]


def _arguments_by_lines(text: str, spans: list[tuple[int, int]], start: int, stop: int) -> str:
    """The lines of the arguments, the first of which, the metaclass, comes last and gets its keyword."""
    first_start, first_end = start_of_line(text, spans[0][0]), next_line(text, spans[0][1])
    line_end = newline_of(text)
    comment = text[spans[0][1] : first_end].strip().lstrip(",").strip()
    moved = f"{text[first_start : spans[0][0]]}metaclass={text[spans[0][0] : spans[0][1]]},"
    moved += f"  {comment}{line_end}" if comment else line_end
    others = text[first_end:stop]
    if len(spans) > 1 and not text[spans[-1][1] : stop].lstrip().startswith(","):
        place = spans[-1][1] - first_end
        others = f"{others[:place]},{others[place:]}"
    return f"{text[start:first_start]}{others}{moved}"


def _add_metaclass(statement: TopLevelStatement, node: cst.ClassDef, options: Options) -> Iterator[Finding]:
    for decorator in node.decorators:
        if not is_add_metaclass(statement, decorator):
            continue
        call = decorator.decorator
        assert isinstance(call, cst.Call)
        message = (
            f"{statement.source(call.func)}() is for Python 2, and makes the class twice; "
            f"use 'metaclass=' in the header of class '{node.name.value}'"
        )
        yield _finding(
            statement,
            node,
            statement.span(call)[0],
            message,
            partial(_fix_decorator, statement, node, decorator, options),
        )


def _fix_decorator(
    statement: TopLevelStatement, node: cst.ClassDef, decorator: cst.Decorator, options: Options
) -> Fix | Refusal:
    meta = add_metaclass_of(statement, decorator)
    call = decorator.decorator
    assert isinstance(call, cst.Call)
    if meta is None:
        return Refusal("which argument is the metaclass can't be told")
    if sum(is_add_metaclass(statement, other) for other in node.decorators) > 1 or metaclass_keyword(node) is not None:
        return Refusal("the class gets more than one metaclass; decide which one it shall have")
    if node.keywords:
        return Refusal("the keywords of the class would go to the metaclass")
    if any(with_metaclass_of(statement, base.value) is not None for base in node.bases):
        return Refusal("the class has a metaclass through with_metaclass() already")
    place = next(number for number, other in enumerate(node.decorators) if other is decorator)
    below = node.decorators[place + 1 :]
    if not all(is_pure(statement, other) for other in below):
        return Refusal("the decorators below it would get a class that has the metaclass already")
    text = statement.module.text
    start, end = text.rindex("@", 0, statement.span(call)[0]), statement.span(call)[1]
    if _has_comment(statement, start, end):
        return Refusal("comments inside the call would be lost")
    header = None if origin(statement, meta) == _TYPE else header_edit(statement, node, source_of(statement, meta))
    comment = decorator.trailing_whitespace.comment
    shown = without_pragmas(comment.value) if comment is not None else ""
    at_header = comment_at_header(statement, node, header, [shown], options)
    gone = Edit(start_of_line(text, start), next_line(text, end), "")
    if at_header is None and shown:
        gone = Edit(start, end_of_line(text, end), shown)
    edits = [edit for edit in (gone, header, at_header) if edit is not None]
    note = _changes(statement, node, meta)
    applicability = Applicability.UNSAFE if note else Applicability.SAFE
    return Fix(applicability, (*edits, *edits_without_use(statement, call.func)), note)


def _changes(statement: TopLevelStatement, node: cst.ClassDef, meta: cst.BaseExpression) -> str:
    """What changes when the class is no longer made twice; nothing, as a rule."""
    if unknown_bases(statement, node) or any(
        find_method(*base, "__init_subclass__") is not None for base in in_file_bases(statement, node)
    ):
        return "__init_subclass__ and __set_name__ run once instead of twice"
    if statement.module.has_text("__set_name__"):
        return "__set_name__ runs once instead of twice"
    if actual_metaclass(statement, node) is not None and any(
        actual_metaclass(*base) is not None for base in in_file_bases(statement, node)
    ):
        return "the metaclass runs once instead of twice"
    if any(_needs_class_cell(statement, part) for part in walk(node.body)):
        return "super() without arguments starts to work"
    known = meta_named(statement, meta)
    if known == "abc.ABCMeta" or known == "builtins.type":
        return ""
    if not isinstance(known, cst.ClassDef):
        return "the metaclass may have __prepare__, which starts to be called"
    where = statement_of(statement, known)
    if find_method(where, known, "__prepare__") is not None or _may_inherit(where, known):
        return "the metaclass may have __prepare__, which starts to be called"
    return ""


def _needs_class_cell(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """Whether a node is ``super()`` or ``__class__``, which mean the class that was made first."""
    if isinstance(node, cst.Call):
        return not node.args and isinstance(node.func, cst.Name) and node.func.value == "super"
    if not isinstance(node, cst.Name) or node.value != "__class__":
        return False
    parent = statement.parents.get(node)
    return not (isinstance(parent, cst.Attribute) and parent.attr is node)


def _may_inherit(statement: TopLevelStatement, meta: cst.ClassDef) -> bool:
    """Whether a metaclass derives from something that isn't known."""
    for where, member in ancestry(statement, meta):
        for base in member.bases:
            known = meta_named(where, base.value)
            if not isinstance(known, cst.ClassDef) and known not in {"builtins.type", "abc.ABCMeta"}:
                return True
    return False


def _metaclass_type(statement: TopLevelStatement, node: cst.ClassDef) -> Iterator[Finding]:
    keyword = metaclass_keyword(node)
    if keyword is None or origin(statement, keyword.value) != _TYPE:
        return
    message = f"metaclass=type does nothing for class '{node.name.value}'; delete it"
    yield _finding(
        statement, node, argument_span(statement, keyword)[0], message, partial(_fix_type, statement, node, keyword)
    )


def _fix_type(statement: TopLevelStatement, node: cst.ClassDef, keyword: cst.Arg) -> Fix | Refusal:
    if NAME in statement.scopes.scope_for(node).bindings:
        return Refusal(f"the class body binds {NAME}; decide which metaclass the class shall have")
    arguments = sorted([*node.bases, *node.keywords], key=lambda argument: argument_span(statement, argument)[0])
    place = next(number for number, argument in enumerate(arguments) if argument is keyword)
    start, end = argument_span(statement, keyword)
    if len(arguments) == 1:
        edit = Edit(end_of_name(statement, node), colon_of(statement, node), "")
    elif place + 1 < len(arguments):
        edit = Edit(start, argument_span(statement, arguments[place + 1])[0], "")
    else:
        edit = Edit(argument_span(statement, arguments[place - 1])[1], end, "")
    if _has_comment(statement, edit.start, edit.end):
        return Refusal("a comment inside the header would be lost")
    return Fix(Applicability.SAFE, (edit,))

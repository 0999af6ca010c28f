"""PIT301 and PIT302: ``__metaclass__`` in a class body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.lines import end_of_line, start_of_line
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.finding import Finding, qualified_name
from flake8_pitfalls.rules.metaclass.bodies import Bound, BoundClass, bound_classes
from flake8_pitfalls.rules.metaclass.declares import NAME
from flake8_pitfalls.rules.metaclass.headers import colon_of, header_edit, source_of
from flake8_pitfalls.rules.metaclass.metas import (
    actual_metaclass,
    library_metas,
    meta_named,
    named_metaclass,
    same,
    unknown_bases,
)
from flake8_pitfalls.rules.metaclass.refusals import cannot_delete, cannot_evaluate_outside, cannot_move
from flake8_pitfalls.rules.metaclass.removal import Leaving, Removal, remove_binding
from flake8_pitfalls.rules.suppression import Peers
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement

_BY_KEYWORD = "; name it by 'metaclass=' in the header"
_LONGEST = 80
"""How long a suggestion in a message may be."""

PEERS = Peers(r"UP001|useless-metaclass-type|PIT3\d*", "metaclass-assignment|W1623", "the attribute")


def class_findings(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    """The findings about classes in a statement whose bodies bind ``__metaclass__``."""
    for bound in bound_classes(statement):
        if _is_for_decorator(bound):
            continue
        for binding in bound.effective:
            yield _finding(bound, binding, options)


def _is_for_decorator(bound: BoundClass) -> bool:
    """Whether a decorator of this file reads the attribute and does what Python 2 did."""
    module = bound.statement.module
    for decorator in bound.node.decorators:
        called = decorator.decorator
        function = called.func if isinstance(called, cst.Call) else called
        definition = module.definition(function.value) if isinstance(function, cst.Name) else None
        if definition is not None and NAME in definition[0].source(definition[1]):
            return True
    return False


def _finding(bound: BoundClass, binding: Bound, options: Options) -> Finding:
    statement = bound.statement
    place = binding.node
    if isinstance(place, (cst.ClassDef, cst.FunctionDef)):
        place = place.name
    line, column = statement.module.position(statement.span(place)[0])
    redundant = _redundant(bound, binding)
    code = "PIT302" if redundant else "PIT301"
    number = bound.effective.index(binding)
    return Finding(
        code=code,
        line=line,
        column=column,
        message=redundant or _message(bound, binding),
        fingerprint=f"PIT30x:{qualified_name(statement, bound.node)}:{number}",
        make_fix=lambda: _fix(bound, options, delete=bool(redundant)),
    )


def _redundant(bound: BoundClass, binding: Bound) -> str:
    """What is said of a left-over that can simply go."""
    value = binding.value
    statement, node = bound.statement, bound.node
    if value is None:
        return ""
    if origin(statement, value) == "builtins.type":
        return f"'{NAME} = {statement.source(value)}' does nothing in Python 3; delete it"
    name = node.name.value
    meta = meta_named(statement, value)
    text = f"'{NAME} = {_shown(statement, value)}' is a left-over: class '{name}' has that metaclass already"
    actual = actual_metaclass(statement, node)
    if actual is not None:
        return text if same(statement, value, *actual) else ""
    return text if meta != "builtins.type" and meta in library_metas(statement, node) else ""


def _message(bound: BoundClass, binding: Bound) -> str:
    statement, node = bound.statement, bound.node
    name = node.name.value
    shown = _shown(statement, binding.value) if binding.value is not None else ""
    text = f"Python 3 ignores '{NAME}" + (f" = {shown}'" if shown else "'")
    text += f": class '{name}' is created by {_creator(bound)}"
    if named_metaclass(statement, node) is not None:
        return f"{text}, which contradicts it"
    if binding.value is None or not binding.direct:
        if isinstance(binding.node, (cst.ClassDef, cst.FunctionDef)):
            return f"{text}; move it in front of the class and pass it as 'metaclass='"
        return text + _BY_KEYWORD
    text += f"; use '{header}'" if (header := _new_header(bound, binding.value)) else _BY_KEYWORD
    abstract = _abstract_methods(node) if meta_named(statement, binding.value) == "abc.ABCMeta" else []
    if abstract:
        text += f". Its abstract methods ({', '.join(abstract)}) are not enforced"
    return text


def _shown(statement: TopLevelStatement, value: cst.BaseExpression) -> str:
    text = " ".join(source_of(statement, value).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def _new_header(bound: BoundClass, value: cst.BaseExpression) -> str:
    """The header as it should be, if it's short."""
    if cannot_evaluate_outside(bound, value) is not None:
        return ""
    statement, node = bound.statement, bound.node
    edit = header_edit(statement, node, source_of(statement, value))
    text, start, colon = statement.module.text, statement.span(node.name)[0], colon_of(statement, node)
    header = f"class {text[start : edit.start]}{edit.replacement}{text[edit.end : colon]}"
    return header if len(header) < _LONGEST and "\n" not in header and "\r" not in header else ""


def _creator(bound: BoundClass) -> str:
    """What creates the class in Python 3."""
    statement, node = bound.statement, bound.node
    actual = actual_metaclass(statement, node)
    if actual is not None:
        return _shown(*actual)
    library = library_metas(statement, node) - {"builtins.type"}
    if library:
        return " and ".join(_named(meta) for meta in sorted(library))
    unknown = unknown_bases(statement, node)
    return f"the metaclass of {unknown[0]}" if unknown else "type"


def _named(meta: str) -> str:
    return f"a metaclass of {meta.partition('.')[0]}" if meta.endswith(".metaclass") else meta.rpartition(".")[2]


def _abstract_methods(node: cst.ClassDef) -> list[str]:
    found = []
    for member in node.body.body:
        if isinstance(member, cst.FunctionDef):
            for decorator in member.decorators:
                called = decorator.decorator
                name = called.attr if isinstance(called, cst.Attribute) else called
                if isinstance(name, cst.Name) and name.value.startswith("abstract"):
                    found.append(member.name.value)
    return list(dict.fromkeys(found))


def _fix(bound: BoundClass, options: Options, *, delete: bool) -> Fix | Refusal:
    statement, node = bound.statement, bound.node
    refusal = PEERS.suppression(statement, [statement.line(binding.node) for binding in bound.bindings])
    refusal = refusal or (cannot_delete(bound) if delete else cannot_move(bound))
    if refusal is not None:
        return refusal
    leaving = Leaving(binding.assignment for binding in bound.bindings if binding.assignment is not None)
    removals = [
        remove_binding(statement, binding.assignment, binding.node, leaving)
        for binding in bound.bindings
        if binding.assignment is not None
    ]
    if delete:
        note = _protocol_note(bound)
        edits = _placed(bound, None, removals, options)
        return Fix(Applicability.UNSAFE if note else Applicability.SAFE, edits, note)
    value = bound.bindings[-1].value
    assert value is not None
    header = header_edit(statement, node, source_of(statement, value))
    return Fix(Applicability.UNSAFE, _placed(bound, header, removals, options), _note(bound, value))


def _placed(bound: BoundClass, header: Edit | None, removals: list[Removal], options: Options) -> tuple[Edit, ...]:
    """The edits, with the comment of the removed statement at the end of the header, if it fits there."""
    comments = [removal.comment for removal in removals]
    comment_edit = comment_at_header(bound.statement, bound.node, header, comments, options)
    edits = [edit for edit in (header, comment_edit) if edit is not None]
    if comment_edit is None:
        return (*edits, *(removal.keeping_comment for removal in removals))
    return (*edits, *(removal.edit for removal in removals))


def comment_at_header(
    statement: TopLevelStatement, node: cst.ClassDef, header: Edit | None, comments: list[str], options: Options
) -> Edit | None:
    """The edit that puts a comment at the end of a class header; ``None`` if it doesn't fit, or if there is none."""
    comments = [comment for comment in comments if comment]
    if len(comments) != 1:
        return None
    text = statement.module.text
    colon = colon_of(statement, node)
    end = end_of_line(text, colon)
    if text[colon + 1 : end].strip():
        return None
    line = text[start_of_line(text, colon) : end]
    if header is not None and start_of_line(text, colon) <= header.start:
        line = text[start_of_line(text, header.start) : header.start] + header.replacement + text[header.end : end]
    shown = line.splitlines()[-1].rstrip()
    if len(f"{shown}  {comments[0]}") > options.line_length:
        return None
    return Edit(colon + 1, end, f"  {comments[0]}")


def _note(bound: BoundClass, value: cst.BaseExpression) -> str:
    statement = bound.statement
    shown = _shown(statement, value)
    text = f"{shown} starts to create class '{bound.node.name.value}' and its subclasses"
    unknown = unknown_bases(statement, bound.node)
    if unknown:
        text += f"; a metaclass conflict if {unknown[0]} has another metaclass"
    if bound.node.keywords:
        text += "; it gets the other keywords of the class"
    return text


def _protocol_note(bound: BoundClass) -> str:
    """A protocol that can be checked at run time counts the attribute as a member."""
    for decorator in bound.node.decorators:
        name = origin(bound.statement, decorator.decorator)
        if name is not None and name.endswith(".runtime_checkable"):
            return "isinstance() with this protocol asked for the attribute"
    return ""

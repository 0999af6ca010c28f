"""The fix of a mutable default: None and a guard, an immutable object, None alone, or a refusal with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.mutable_default.annotations import widened
from flake8_pitfalls.rules.mutable_default.closed import closed
from flake8_pitfalls.rules.mutable_default.defaults import Default
from flake8_pitfalls.rules.mutable_default.existing import existing_guard
from flake8_pitfalls.rules.mutable_default.groups import partners
from flake8_pitfalls.rules.mutable_default.guard import Default as DefaultText
from flake8_pitfalls.rules.mutable_default.guard import guard_edit, outer_span
from flake8_pitfalls.rules.mutable_default.immutables import immutable_fix
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.rules.mutable_default.refusals import called_with_none, refusal, suppressed, tests_none

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options


def fix_default(default: Default, options: Options) -> Fix | Refusal:
    """The fix of a default, together with those of the overloads and overrides whose signature has to agree."""
    own = _fix_one(default, options)
    if isinstance(own, Refusal):
        return own
    edits = list(own.edits)
    notes = [own.note] if own.note else []
    applicability = own.applicability
    for partner in partners(default, options):
        fix = partner if isinstance(partner, Refusal) else _fix_one(partner, options)
        if isinstance(fix, Refusal):
            return Refusal(f"a function with the same signature can't be fixed: {fix.reason}")
        edits += [edit for edit in fix.edits if edit not in edits]
        if fix.applicability is Applicability.UNSAFE:
            applicability = Applicability.UNSAFE
            notes += [fix.note] if fix.note and fix.note not in notes else []
    return Fix(applicability, tuple(sorted(edits)), "; ".join(notes))


def _fix_one(default: Default, options: Options) -> Fix | Refusal:
    function = default.function
    if not isinstance(function, cst.FunctionDef):
        reason = suppressed(default)
        return reason or Refusal("a lambda has no body to make the object in: use a def, or an immutable default")
    reason = refusal(default)
    if reason is not None:
        return reason
    statement = default.statement
    if default.made.named:
        return Refusal(
            f"the default is an existing object, {statement.source(default.node)}, which a guard would share"
        )
    objects = Objects(statement, options, of_functions=True)
    movable = closed(statement, default.node, default.scope, objects)
    if isinstance(movable, Refusal):
        return movable
    guard = existing_guard(default)
    if not guard:
        reason = tests_none(default, guard) or called_with_none(default)
    else:
        reason = tests_none(default, guard)
    if reason is not None:
        return reason
    default_only = bool(guard) or not default.is_used
    if not default_only:
        immutable = immutable_fix(default, options)
        if immutable is not None:
            return immutable
    return _none(default, options, list(movable.notes), movable.literal, default_only=default_only)


def _none(default: Default, options: Options, notes: list[str], literal: str, *, default_only: bool) -> Fix | Refusal:
    statement, function = default.statement, default.function
    assert isinstance(function, cst.FunctionDef)
    annotation = widened(statement, default.parameter, options)
    if isinstance(annotation, Refusal):
        return annotation
    if annotation.note:
        notes.append(annotation.note)
    if _is_called_by_python(function.name.value):
        notes.append(f"Python itself may pass None for '{default.name}'")
    if annotation.none_was_legal:
        notes.append(f"callers may have passed None for '{default.name}' already")
    start, end = outer_span(statement, default.node)
    if default_only:
        if "#" in statement.module.text[start:end]:
            return Refusal("the default holds a comment, which would be lost")
        notes = [note for note in notes if not note.endswith(" at each call")]
        edits = [Edit(start, end, "None"), *annotation.edits]
    else:
        text = DefaultText(statement, default.node, literal)
        edits = [Edit(start, end, "None"), *annotation.edits, guard_edit(statement, function, default.name, text)]
    applicability = Applicability.UNSAFE if notes else Applicability.SAFE
    return Fix(applicability, tuple(sorted(edits)), "; ".join(notes))


def _is_called_by_python(name: str) -> bool:
    """Whether operators and the like call a method: ``obj[None]`` is a call too."""
    return name.startswith("__") and name.endswith("__") and name not in {"__init__", "__new__", "__post_init__"}

"""The fix of a mutable default: None and a guard, an immutable object, None alone, or a refusal with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.mutable_default.annotations import widened
from flake8_pitfalls.rules.mutable_default.closed import closed
from flake8_pitfalls.rules.mutable_default.defaults import Default
from flake8_pitfalls.rules.mutable_default.existing import existing_guard
from flake8_pitfalls.rules.mutable_default.groups import Group, group_of
from flake8_pitfalls.rules.mutable_default.guard import Default as DefaultText
from flake8_pitfalls.rules.mutable_default.guard import guard_edit, outer_span
from flake8_pitfalls.rules.mutable_default.immutables import immutable_fix
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.rules.mutable_default.refusals import called_with_none, refusal, suppressed, tests_none

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_MICROSECONDS_A_PARTNER = 10


def fix_default(default: Default, options: Options) -> Fix | Refusal:
    """The fix of a default, together with those of the overloads and overrides whose signature has to agree."""
    own = _fix_once(default, options)
    found = None if isinstance(own, Refusal) else group_of(default, options)
    if isinstance(own, Refusal) or found is None:
        return own
    first, group = found
    shared: dict[Group, Fix | None] = default.statement.module.memo.setdefault("fixes of groups", {})
    if group not in shared:
        shared[group] = _fix_of_all(group, options)
    fix = shared[group]
    if fix is not None and default.parameter in group.parameters:
        return fix
    default.statement.module.spend(_MICROSECONDS_A_PARTNER * len(group.defaults))
    return _together(own, [_fix_once(each, options) for each in group.in_order(first)])


def _fix_of_all(group: Group, options: Options) -> Fix | None:
    """The fix that all defaults of a group have in common, unless it depends on which of them comes first."""
    fixes = [_fix_once(default, options) for default in group.defaults]
    together = _together(Fix(Applicability.SAFE, ()), fixes)
    return None if isinstance(together, Refusal) or ";" in together.note else together


def _together(own: Fix, others: list[Fix | Refusal]) -> Fix | Refusal:
    edits = dict.fromkeys(own.edits)
    notes = [own.note] if own.note else []
    applicability = own.applicability
    for fix in others:
        if isinstance(fix, Refusal):
            return Refusal(f"a function with the same signature can't be fixed: {fix.reason}")
        edits.update(dict.fromkeys(fix.edits))
        if fix.applicability is Applicability.UNSAFE:
            applicability = Applicability.UNSAFE
            notes += [fix.note] if fix.note and fix.note not in notes else []
    return Fix(applicability, tuple(sorted(edits)), "; ".join(notes))


def _fix_once(default: Default, options: Options) -> Fix | Refusal:
    fixes: dict[cst.Param, Fix | Refusal] = default.statement.memo.setdefault("fixes of defaults", {})
    if default.parameter not in fixes:
        fixes[default.parameter] = _fix_one(default, options)
    return fixes[default.parameter]


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

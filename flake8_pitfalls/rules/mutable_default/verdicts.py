"""PIT201 and PIT202: what becomes of a default decides the code and the message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.finding import Finding, is_factory_of
from flake8_pitfalls.rules.mutable_default import messages
from flake8_pitfalls.rules.mutable_default.defaults import Default, mutable_defaults
from flake8_pitfalls.rules.mutable_default.idioms import kept_on_purpose
from flake8_pitfalls.rules.mutable_default.instances import changes_itself
from flake8_pitfalls.rules.mutable_default.shown import shown_source
from flake8_pitfalls.semantics.events import Fate

if TYPE_CHECKING:
    from flake8_pitfalls.fixes.model import Fix, Refusal
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement


def defaults(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    """The findings about defaults of functions and lambdas in a top-level statement."""
    for default in mutable_defaults(statement, options):
        verdict = _verdict(default, options)
        if verdict is not None:
            yield _finding(default, *verdict, options)


def _verdict(default: Default, options: Options) -> tuple[str, str] | None:
    """The code and what the message says of the object's fate."""
    if default.made.named and default.made.by_use:
        return None  # An instance that the module has a name for is shared on purpose.
    events = default.events
    idiom = kept_on_purpose(default, events)
    if idiom is not None:
        return "PIT202", f"kept on purpose, it seems: {idiom}"
    for fate in (Fate.CHANGED, Fate.LEAKED):
        event = next((event for event in events if event.fate is fate), None)
        if event is None:
            continue
        if default.made.by_use and fate is Fate.LEAKED and not _may_change(default):
            return None
        return "PIT201", messages.changed_or_leaked(
            event.how or "changed", event.line, callee=event.callee, stable=options.stable_messages
        )
    if default.made.by_use:
        return None
    event = next((event for event in events if event.fate is Fate.HANDED_ON), None)
    if event is not None:
        return "PIT202", messages.handed_on(event.how, event.line, stable=options.stable_messages)
    return "PIT202", messages.read(used=default.is_used)


def _may_change(default: Default) -> bool:
    followed = default.made.followed
    if followed.class_node is None or followed.class_statement is None:
        return True
    return changes_itself(followed.class_statement, followed.class_node)


def _finding(default: Default, code: str, fate: str, options: Options) -> Finding:
    statement = default.statement
    line, column = statement.module.position(statement.start_of(default.node))
    message = messages.message(shown_source(statement, default.node), default.name, fate)

    def make_fix() -> Fix | Refusal:
        from flake8_pitfalls.rules.mutable_default.fix import fix_default

        return fix_default(default, options)

    return Finding(code, line, column, message, f"{code}:{qualified_name(default)}", make_fix)


def qualified_name(default: Default) -> str:
    """The parameter's name after those of the functions and classes around it.

    A lambda counts for itself: another fix may move it into a function.
    """
    names = [default.name]
    scope = default.scope
    while scope.parent is not None:
        name = getattr(scope.node, "name", None)
        if not isinstance(name, cst.Name):
            names.append("<lambda>")
            break
        if len(names) == 1 or not is_factory_of(names[-1], name.value):
            names.append(name.value)
        scope = scope.parent
    return ".".join(reversed(names))

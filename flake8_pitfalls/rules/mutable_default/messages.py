"""What the findings about defaults say, whoever made them. This module must not import LibCST."""

from __future__ import annotations


def message(shown: str, name: str, fate: str) -> str:
    """The message about the default of a parameter; ``shown`` is the default's text."""
    return f"default {shown} of '{name}' is {fate}"


def shared(shown: str, shared_by: str) -> str:
    """The message about any other object that many uses share."""
    return f"one {shown} is shared by {shared_by}"


def changed_or_leaked(what: str, line: int, *, callee: str = "", stable: bool) -> str:
    """The fate of a default that's changed or gets out; ``stable`` leaves out the number of the line."""
    by = f" by {callee}" if callee else ""
    return f"shared by all calls and {what}{by}{_where(line, stable=stable)}"


def handed_on(callee: str, line: int, *, stable: bool) -> str:
    """The fate of a default that a callee gets of which nothing is known."""
    return f"shared by all calls; it's handed on to {callee}{_where(line, stable=stable)}"


def read(*, used: bool) -> str:
    """The fate of a default that nothing changes."""
    what = "only read so far" if used else "never used"
    return f"shared by all calls; it's {what}"


def _where(line: int, *, stable: bool) -> str:
    return "" if stable else f" on line {line}"

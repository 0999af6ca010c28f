"""What is said about a code."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code's documentation."""

    summary: str
    """One line."""
    text: str
    """What it is about, why that's bad and what to do, in one paragraph."""
    bad: str = ""
    """Code that is reported."""
    good: str = ""
    """What a fix makes of it."""
    fix: tuple[str, ...] = ()
    """What is fixed and how safe that is, one paragraph each."""
    fixable: str = "no"
    """The same in a word or two, for a table."""
    details: tuple[str, ...] = ()
    """What exactly is reported and what isn't, one paragraph each."""
    options: tuple[str, ...] = ()
    """Options that change what is reported or fixed."""
    references: tuple[tuple[str, str], ...] = ()
    """Titles and addresses of further reading."""
    on_by_default: bool = True
    compared: tuple[str, ...] = ()
    """What other tools say of the same code, one paragraph each."""

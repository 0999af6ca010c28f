"""How source text is shown in messages. This module must not import LibCST."""

from __future__ import annotations

import re


def quoted(source: str) -> str:
    """Source text for a message: on one line, not too long, in quotes."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n")
    text = " ".join(re.sub(r"(?m)#.*$", "", lines).split()) if "\n" in lines else source
    return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"


def callee(source: str) -> str:
    """The text of what is called, for a message: on one line, or something shorter."""
    text = f"{' '.join(source.split())}()"
    return text if len(text) <= 40 else "a callable"

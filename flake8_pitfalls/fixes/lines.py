"""Lines of a text by offsets; they end where Python's tokenizer ends them."""

from __future__ import annotations

import re

_END = re.compile(r"\r\n?|\n")


def start_of_line(text: str, offset: int) -> int:
    """Where the line that holds an offset starts."""
    newline = text.rfind("\n", 0, offset)
    return max(newline, text.rfind("\r", newline + 1, offset)) + 1


def end_of_line(text: str, offset: int) -> int:
    """Where the line that holds an offset ends, in front of its line end."""
    found = _END.search(text, offset)
    return found.start() if found else len(text)


def next_line(text: str, offset: int) -> int:
    """Where the next line starts."""
    found = _END.search(text, offset)
    return found.end() if found else len(text)


def indent_of(text: str, offset: int) -> str:
    """The blanks at the start of the line that holds an offset."""
    start = end = start_of_line(text, offset)
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def newline_of(text: str) -> str:
    """The line end of the first line."""
    found = _END.search(text)
    return found.group() if found else "\n"

"""Lines of source code, and how far they are indented; what stands inside strings is left alone."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Sequence

from flake8_pitfalls.fixes.lines import end_of_line, next_line


def source_lines(code: str) -> list[str]:
    """The lines of source code, with their ends, as Python's tokenizer counts them."""
    return [part for part in re.split(r"(?<=\n)|(?<=\r)(?!\n)", code) if part]


def line_end(text: str) -> str:
    """The end of the first line of a text; empty if there's only one."""
    return text[end_of_line(text, 0) : next_line(text, 0)]


def line_text(text: str, line_starts: Sequence[int], number: int) -> str:
    """A line of a text, counted from 1, with its end."""
    end = line_starts[number] if number < len(line_starts) else len(text)
    return text[line_starts[number - 1] : end]


def behind_deeper_comments(text: str, line_starts: Sequence[int], line: int, column: int) -> int:
    """The last line of a definition in a column: comments below it that are indented deeper belong to it."""
    for number in range(line + 1, len(line_starts) + 1):
        found = line_text(text, line_starts, number)
        code = found.lstrip(" \t")
        if code.startswith("#") and len(found) - len(code) > column:
            line = number
        elif code.strip():
            break
    return line


def indented(code: str, unit: str) -> str:
    """Code one level deeper; the lines inside strings stay as they are, and so do empty lines."""
    inside = lines_in_strings(code)
    return "".join(
        line if number in inside or not line.strip() else unit + line
        for number, line in enumerate(source_lines(code), 1)
    )


def reindented(code: str, old: str, new: str) -> str:
    """Lines that start with ``old`` start with ``new`` instead; the lines inside strings stay as they are."""
    inside = lines_in_strings(code)
    lines = []
    for number, line in enumerate(source_lines(code), 1):
        if number in inside or not line.strip():
            lines.append(line)
        elif line.startswith(old):
            lines.append(new + line[len(old) :])
        else:
            lines.append(new + line.lstrip(" \t"))
    return "".join(lines)


def lines_in_strings(code: str) -> set[int]:
    """The lines of some statements that start inside a string, counted from 1; they may all be indented."""
    shift = 1 if code[:1] in " \t" else 0
    source = "if 1:\n" + code if shift else code
    found: list[tokenize.TokenInfo] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source, newline="").readline):
            found.append(token)  # noqa: PERF402 - what comes before an error counts
    except (tokenize.TokenError, SyntaxError):
        pass
    return {line - shift for line in lines_of_strings(found)}


def lines_of_strings(tokens: Iterable[tokenize.TokenInfo]) -> set[int]:
    """The lines that start inside the strings among some tokens."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in tokens:
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
        elif kind in {"FSTRING_START", "TSTRING_START"}:
            opened.append(token.start[0])
        elif kind in {"FSTRING_END", "TSTRING_END"} and opened:
            inside.update(range(opened.pop() + 1, token.end[0] + 1))
    return inside

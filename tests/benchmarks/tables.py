"""Tables as the documentation shows them."""

from __future__ import annotations

from collections.abc import Sequence


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A simple table of reStructuredText: the first column to the left, the others, which are numbers, to the right."""
    cells = [list(headers), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    rule = " ".join("=" * width for width in widths)
    lines = [_line(row, widths) for row in cells]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule])


def number(value: float) -> str:
    """A number with three digits that count: ``0.123``, ``1.23``, ``12.3``, ``123``."""
    for bound, digits in ((1, 3), (10, 2), (100, 1)):
        if abs(value) < bound:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = row
    parts = [first.ljust(widths[0])]
    parts += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
    return " ".join(parts).rstrip()

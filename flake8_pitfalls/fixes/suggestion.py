r"""A fix as the replacement of whole lines, which is what code review tools take.

They count lines by ``\n``. Line ends other than the last one of the replaced lines are part of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

from flake8_pitfalls.diff import common_prefix, common_suffix
from flake8_pitfalls.fixes.apply import splice
from flake8_pitfalls.fixes.lines import next_line, start_of_line
from flake8_pitfalls.fixes.model import Edit

FAR = 10
"""Changes with more unchanged lines between them are too far apart for one suggestion."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONE_RETURN = re.compile(r"\r(?!\n)")


class NoSuggestion(Exception):
    """A fix can't be shown as a suggestion; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Suggestion:
    """Replace the lines ``first`` to ``last``, counted from 1, up to the line end of the last one, by ``text``.

    ``end_column`` is where that line end is, in bytes of UTF-8 from 1. There is at least one line on both sides, so
    that tools that only know whole lines, and put ``text`` and a line end in their place, get the same result.
    """

    first: int
    last: int
    end_column: int
    text: str


def suggest(before: str, edits: Collection[Edit], *, prefix: str = "") -> Suggestion:
    """Return the suggestion that does to the text ``prefix + before`` what ``edits`` do to ``before``.

    Raises NoSuggestion.
    """
    if _LONE_RETURN.search(before):
        raise NoSuggestion("the file has lines that end with a carriage return only, which review tools don't count")
    if _are_far_apart(before, edits):
        raise NoSuggestion("the fix changes places that are far apart; the format pitfalls-diff shows it")
    old, new = _LINE.findall(prefix + before), _LINE.findall(prefix + splice(before, edits))
    start = common_prefix(old, new)
    tail = common_suffix(old[start:], new[start:])
    if start + tail in (len(old), len(new)):  # lines are only added, or only removed: take an unchanged one along
        if tail:
            tail -= 1
        else:
            start = max(0, start - 1)
    return _replacement(old[start : len(old) - tail], new[start : len(new) - tail], start)


def _replacement(old: list[str], new: list[str], start: int) -> Suggestion:
    kept = old[-1].rstrip("\r\n") if old else ""
    end = old[-1][len(kept) :] if old else ""
    if not old or not new or not new[-1].endswith(end):
        raise NoSuggestion("the fix removes the end of the file; the format pitfalls-diff shows it")
    text = "".join(new)
    return Suggestion(start + 1, start + len(old), len(kept.encode()) + 1, text[: len(text) - len(end)])


def _are_far_apart(text: str, edits: Collection[Edit]) -> bool:
    for one, other in pairwise(sorted(edits)):
        unchanged = one.end if one.end == start_of_line(text, one.end) else next_line(text, one.end)
        if text.count("\n", unchanged, other.start) > FAR:
            return True
    return False

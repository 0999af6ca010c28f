"""Reports in the Reviewdog Diagnostic Format.

The format counts lines and columns from 1, columns in bytes of UTF-8, and the end of a range isn't part of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flake8_pitfalls.fixes.apply import Left, Why
from flake8_pitfalls.fixes.model import Applicability, Fix
from flake8_pitfalls.fixes.suggestion import NoSuggestion, Suggestion, suggest
from flake8_pitfalls.formatters import COULD_NOT_RUN, may_have_fix

if TYPE_CHECKING:
    from flake8.violation import Violation

    from flake8_pitfalls.fixes.source import Source

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Advice:
    """What a diagnostic says about the fix: a suggestion, a remark at the end of the message, or both."""

    suggestion: Suggestion | None
    remark: str = ""


def none_because(reason: str) -> Advice:
    """Say why there is no suggestion."""
    return Advice(None, f"no suggestion: {reason}")


def advice_of(source: Source, fix: Fix | Left) -> Advice:
    """Turn a fix, or the reason why there is none, into what a diagnostic says."""
    if isinstance(fix, Left):
        return none_because(fix.reason + ("; enable with --pitfalls-unsafe-fixes" if fix.why is Why.HIDDEN else ""))
    try:
        suggestion = suggest(source.text, fix.edits, prefix=BYTE_ORDER_MARK if source.bom else "")
    except NoSuggestion as problem:
        return none_because(problem.reason)
    if suggestion.text.encode(source.encoding, "replace") != suggestion.text.encode():
        return none_because(f"the encoding of the file is {source.encoding}, that of suggestions is UTF-8")
    if fix.applicability is Applicability.SAFE:
        return Advice(suggestion)
    return Advice(suggestion, f"the suggestion is unsafe: {fix.note}" if fix.note else "the suggestion is unsafe")


class Describer:
    """Describes the reports of one file; without its source where that can't be read."""

    def __init__(self, source: Source | None) -> None:
        self._lines = source.lines() if source is not None else []
        self._mark = BYTE_ORDER_MARK if source is not None and source.bom else ""

    def diagnostic(self, report: Violation, advice: Advice | None) -> dict[str, Any]:
        """Return a report with what is said about its fix."""
        remark = f" [{advice.remark}]" if advice is not None and advice.remark else ""
        location: dict[str, Any] = {"path": os.fsencode(report.filename).decode("utf-8", "replace")}
        if report.line_number > 0:  # zero: the file as a whole
            location["range"] = {"start": self._start(report)}
        made: dict[str, Any] = {
            "message": report.text + remark,
            "location": location,
            "severity": "ERROR" if report.code in COULD_NOT_RUN else "WARNING",
            "code": {"value": report.code},
        }
        if advice is not None and advice.suggestion is not None:
            made["suggestions"] = [replacement(advice.suggestion)]
        return made

    def _start(self, report: Violation) -> dict[str, int]:
        """Return the position of a report, with a column where that is known.

        We count columns in characters. Other plugins count either characters or bytes, so that theirs are known in
        lines of ASCII only.
        """
        number: int = report.line_number
        line = self._lines[number - 1].rstrip("\n") if number <= len(self._lines) else None
        if line is None or not (line.isascii() or may_have_fix(report)):
            return {"line": number}
        in_front = line[: max(0, report.column_number - 1)]
        if number == 1:
            in_front = self._mark + in_front
        return {"line": number, "column": len(in_front.encode()) + 1}


def replacement(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as the format writes it."""
    start = {"line": suggestion.first, "column": 1}
    end = {"line": suggestion.last, "column": suggestion.end_column}
    return {"range": {"start": start, "end": end}, "text": suggestion.text}

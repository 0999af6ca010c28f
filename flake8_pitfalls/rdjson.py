"""The flake8 formatter ``pitfalls-rdjson``: reports with their fixes as suggestions for a code review.

It prints one object of the Reviewdog Diagnostic Format. What flake8 reports is in it, from all plugins; our reports
have suggestions. flake8 imports this module on every run, so what only the formatter needs is imported later.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from flake8.formatting.base import BaseFormatter

from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.formatters import COULD_NOT_RUN, analyser, is_stdin, key_of, may_have_fix, take_stdin
from flake8_pitfalls.plugin import Linter, is_ours

if TYPE_CHECKING:
    from flake8.violation import Violation

    from flake8_pitfalls.fixes.apply import Key, Left
    from flake8_pitfalls.fixes.model import Fix
    from flake8_pitfalls.fixes.source import Source
    from flake8_pitfalls.fixes.suggestion import Suggestion

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True)
class Advice:
    """What a diagnostic says about the fix: a remark at the end of the message, a suggestion, both, or nothing."""

    remark: str = ""
    suggestion: Suggestion | None = None


class RdjsonFormatter(BaseFormatter):  # type: ignore[misc]  # flake8 may be untyped
    """Collects all reports and prints them at the end."""

    def after_init(self) -> None:
        """Get ready; standard input is read here, as bytes, since flake8 would change its line endings."""
        self.linter = Linter.from_namespace(self.options)
        self.document = take_stdin() if "-" in self.options.filenames else None
        self._diagnostics: list[dict[str, Any]] = []
        self._reports: list[Violation] = []
        self._done: set[str] = set()
        self._handled = 0
        self._target: IO[bytes] | None = None

    def start(self) -> None:
        """Open the output file, if there is one; what it held goes, since it's to hold one object."""
        if self.filename:
            os.makedirs(os.path.dirname(os.path.abspath(self.filename)), exist_ok=True)
            self._target = open(self.filename, "wb")  # noqa: SIM115 -- closed by stop()

    def stop(self) -> None:
        """Print the object; the number that ``--count`` asks for would follow it, so that goes to standard error."""
        import json

        result = {"source": {"name": "flake8"}, "severity": "WARNING", "diagnostics": self._diagnostics}
        data = json.dumps(result).encode() + b"\n"
        if self._target is not None:
            self._target.write(data)
            self._target.close()
        if self._target is None or self.options.tee:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        if self.options.count:
            print(self._handled, file=sys.stderr)
            self.options.count = False

    def show_statistics(self, statistics: Any) -> None:
        """Print statistics where they don't disturb."""
        with contextlib.redirect_stdout(sys.stderr):
            super().show_statistics(statistics)

    def show_benchmarks(self, benchmarks: Any) -> None:
        """Print benchmarks where they don't disturb."""
        with contextlib.redirect_stdout(sys.stderr):
            super().show_benchmarks(benchmarks)

    def beginning(self, filename: str) -> None:  # noqa: ARG002 -- flake8 passes it
        """Start a file."""
        self._reports = []

    def handle(self, error: Violation) -> None:
        """Keep a report until its file is complete."""
        self._handled += 1
        self._reports.append(error)

    def finished(self, filename: str) -> None:
        """Turn the reports of a file into diagnostics, unless the same file was named before."""
        identity = os.path.abspath(filename)
        if identity in self._done or not self._reports:
            return
        self._done.add(identity)
        ours = [report for report in self._reports if may_have_fix(report)]
        source, trouble = self._read(filename)
        if source is None:
            advice = dict.fromkeys(map(key_of, ours), Advice(f"no suggestion: {trouble}"))
        else:
            advice = self._advice(source, filename, ours)
        lines = source.lines() if source is not None else []
        mark = len(BYTE_ORDER_MARK.encode()) if source is not None and source.bom else 0
        self._diagnostics += [diagnostic(report, lines, mark, advice.get(key_of(report))) for report in self._reports]

    def _read(self, filename: str) -> tuple[Source | None, str]:
        """Return the text of a file, or why there is none."""
        from flake8_pitfalls.fixes.source import UnusableSource, decode_source, read_source

        try:
            if is_stdin(filename, self.options):
                return decode_source(self.document or b""), ""
            return read_source(filename), ""
        except UnusableSource as problem:
            return None, problem.reason
        except OSError as error:
            return None, f"the file could not be read: {error.strerror or error}"

    def _advice(self, source: Source, filename: str, reports: list[Violation]) -> dict[Key, Advice]:
        from flake8_pitfalls.fixes.apply import sound_fixes

        keys = {key_of(report) for report in reports}
        if not keys:
            return {}
        unsafe = self.linter.options.unsafe_fixes
        try:
            found = sound_fixes(source.text, keys, analyser(self.linter, filename), unsafe=unsafe)
        except BaseException as error:
            if not is_ours(error):
                raise
            return dict.fromkeys(keys, Advice(f"no suggestion: {explain_failure(error)}"))
        lost = Advice("no suggestion: it was not found again, the file may have changed meanwhile")
        return {key: advice_of(source, found[key]) if key in found else lost for key in keys}


def advice_of(source: Source, fix: Fix | Left) -> Advice:
    """Turn a fix, or the reason why there is none, into what a diagnostic says."""
    from flake8_pitfalls.fixes.apply import Left, Why
    from flake8_pitfalls.fixes.model import Applicability
    from flake8_pitfalls.fixes.suggestion import NoSuggestion, suggest

    if isinstance(fix, Left):
        hint = "; enable with --pitfalls-unsafe-fixes" if fix.why is Why.HIDDEN else ""
        return Advice(f"no suggestion: {fix.reason}{hint}")
    try:
        suggestion = suggest(source.text, fix.edits, prefix=BYTE_ORDER_MARK if source.bom else "")
    except NoSuggestion as problem:
        return Advice(f"no suggestion: {problem.reason}")
    if suggestion.text.encode() != suggestion.text.encode(source.encoding, "replace"):
        return Advice(f"no suggestion: the file's encoding is {source.encoding}, and suggestions are written in UTF-8")
    if fix.applicability is Applicability.SAFE:
        return Advice(suggestion=suggestion)
    return Advice(f"the suggestion is unsafe: {fix.note}" if fix.note else "the suggestion is unsafe", suggestion)


def diagnostic(report: Violation, lines: list[str], mark: int, advice: Advice | None) -> dict[str, Any]:
    """Return a report in the Reviewdog Diagnostic Format; ``mark`` is the length of the byte order mark."""
    remark = f" [{advice.remark}]" if advice is not None and advice.remark else ""
    path = os.fsencode(report.filename).decode("utf-8", "replace")
    made: dict[str, Any] = {
        "message": report.text + remark,
        "location": {"path": path, **dict(range_of(report, lines, mark))},
        "severity": "ERROR" if report.code in COULD_NOT_RUN else "WARNING",
        "code": {"value": report.code},
    }
    if advice is not None and advice.suggestion is not None:
        made["suggestions"] = [replacement(advice.suggestion)]
    return made


def range_of(report: Violation, lines: list[str], mark: int) -> Iterator[tuple[str, Any]]:
    """Yield the range of a report as far as it's known.

    A report about a file as a whole has none. The format counts columns in bytes. We count them in characters, and
    other plugins in either, so that theirs are known in lines of ASCII only.
    """
    number = report.line_number
    if number < 1:
        return
    start = {"line": number}
    line = lines[number - 1] if number <= len(lines) else ""
    if line and (line.isascii() or may_have_fix(report)):
        before = line.rstrip("\n")[: max(0, report.column_number - 1)]
        start["column"] = len(before.encode()) + 1 + (mark if number == 1 else 0)
    yield "range", {"start": start}


def replacement(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion in the Reviewdog Diagnostic Format, where the end of a range is exclusive."""
    end = {"line": suggestion.last, "column": suggestion.end_column}
    return {"range": {"start": {"line": suggestion.first, "column": 1}, "end": end}, "text": suggestion.text}

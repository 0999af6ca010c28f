"""flake8 formatters that show or carry out the fixes of what was reported.

flake8 hands a formatter exactly the reports that survived ``select``, ``ignore``, ``per-file-ignores`` and ``# noqa``,
file by file, in the main process, after all checks. So what is reported is what is fixed. As flake8 imports this module
on every run, what only fixing needs is imported later.
"""

from __future__ import annotations

import argparse
import ast
import atexit
import contextlib
import enum
import io
import os
import sys
import warnings
from typing import IO, TYPE_CHECKING

from flake8.formatting.base import BaseFormatter
from flake8.formatting.default import Default

from flake8_pitfalls.collecting import without_collecting
from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.plugin import CANNOT_ANALYSE, Linter, is_ours
from flake8_pitfalls.streams import exclude_stdin, say, stop_writing, take_stdin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flake8.violation import Violation

    from flake8_pitfalls.fixes.apply import Key, Left, Outcome
    from flake8_pitfalls.fixes.source import Source
    from flake8_pitfalls.fixes.verify import Analyse, Fixable

COULD_NOT_RUN = frozenset({CANNOT_ANALYSE, "E999", "E902"})
"""Codes that say that a file wasn't looked at."""


class Mode(enum.Enum):
    """What is done with fixes."""

    DIFF = "diff"
    FIX = "fix"


class FixingFormatter(BaseFormatter):  # type: ignore[misc]  # flake8 may be untyped
    """Collects the reports of a file, fixes them, and prints those that are left."""

    mode: Mode
    unsafe_switch = "--pitfalls-unsafe-fixes"
    prefixes: tuple[str, ...] = ("",)
    """Only reports whose codes begin so are printed."""

    def after_init(self) -> None:
        """Get ready; standard input is read here, as bytes, since flake8 would change its line endings."""
        from flake8_pitfalls.tally import Tally

        self.tally = Tally()
        self.linter = Linter.from_namespace(self.options)
        self._reporter = make_reporter(self.options)
        self._reports: list[Violation] = []
        self._done: set[str] = set()
        self._target: IO[bytes] | None = None
        self._stdout = sys.stdout.buffer
        self.document = take_stdin() if "-" in self.options.filenames else None
        exclude_stdin(self.options)
        self.claim_output()

    def claim_output(self) -> None:
        """With ``-``, leave standard output to the document: flake8 also prints counts and failures there.

        The document is printed even if flake8 ends with an exception, since an editor replaces its buffer by it.
        """
        self._flake8_stdout = sys.stdout
        if self.document is not None:
            sys.stdout = sys.stderr
            atexit.register(self.emit_document)

    def release_output(self) -> None:
        """Undo it, for a formatter that won't be used."""
        sys.stdout = self._flake8_stdout
        atexit.unregister(self.emit_document)

    def start(self) -> None:
        """Open the output file, if there is one: for the diff, or else for the reports that are left."""
        if self.mode is Mode.FIX:
            self._reporter.start()
        elif self.filename:
            os.makedirs(os.path.dirname(os.path.abspath(self.filename)), exist_ok=True)
            self._target = open(self.filename, "ab")  # noqa: SIM115 -- closed by stop()

    def stop(self) -> None:
        """Print the summary, and the document of standard input in case it wasn't."""
        self._reporter.stop()
        if self._target is not None:
            self._target.close()
            self._target = None
        self.emit_document()
        if not self.options.quiet:
            for line in self.tally.summary("fixed" if self.mode is Mode.FIX else "would fix", self.unsafe_switch):
                say(line)
        self._write_out(b"")

    def emit_document(self, fixed: bytes | None = None) -> None:
        """Under ``pitfalls-fix`` with ``-``, print the document, once: an editor replaces its buffer by it."""
        if self.document is not None and self.mode is Mode.FIX:
            document, self.document = self.document if fixed is None else fixed, None
            self._write_out(document)

    def beginning(self, filename: str) -> None:  # noqa: ARG002 -- flake8 passes it
        """Start a file."""
        self._reports = []

    def handle(self, error: Violation) -> None:
        """Keep a report until its file is complete."""
        if error.code.startswith(self.prefixes):
            self._reports.append(error)

    def finished(self, filename: str) -> None:
        """Fix the file whose reports are complete, unless the same file was done under this or another name."""
        identity = os.path.realpath(filename)
        if identity in self._done:
            return
        self._done.add(identity)
        ours = [report for report in self._reports if may_have_fix(report)]
        self.tally.failed += sum(report.code in COULD_NOT_RUN for report in self._reports)
        remaining = self._fix(filename, ours) if ours else []
        others = [report for report in self._reports if not may_have_fix(report)]
        self._print(sorted([*remaining, *others], key=lambda report: (report.line_number, report.column_number)))

    def _fix(self, filename: str, reports: list[Violation]) -> list[Violation]:
        """Fix one file and return the reports that are left, where they are now."""
        from flake8_pitfalls.fixes.source import UnusableSource, decode_source, read_source

        from_stdin = is_stdin(filename, self.options)
        try:
            source = decode_source(self.document or b"") if from_stdin else read_source(filename)
            outcome = self._outcome(source, filename, reports)
            fixed = source.encode(outcome.text)
        except UnusableSource as problem:
            return self._all_left(reports, problem.reason)
        except OSError as error:
            self.tally.failed += 1
            return self._all_left(reports, f"the file could not be read: {error.strerror or error}")
        except BaseException as error:
            if not is_ours(error):
                raise
            return self._all_left(reports, explain_failure(error))
        if fixed != source.data:
            trouble = self._deliver(filename, source.data, fixed, from_stdin)
            if trouble is not None:
                return self._all_left(reports, trouble)
        return self._left(outcome, reports)

    def _outcome(self, source: Source, filename: str, reports: list[Violation]) -> Outcome:
        from flake8_pitfalls.fixes.apply import fix_text

        wanted = {key_of(report) for report in reports}
        options = self.linter.options
        analyse = analyser(self.linter, filename)
        return fix_text(source.text, wanted, analyse, unsafe=options.unsafe_fixes, may_fix=options.may_fix)

    def _deliver(self, filename: str, original: bytes, fixed: bytes, from_stdin: bool) -> str | None:
        """Write what was fixed to where it belongs; return why that failed, if it did."""
        from flake8_pitfalls.diff import unified_diff
        from flake8_pitfalls.fixes.write import WriteRefused, write_atomically

        if self.mode is Mode.DIFF:
            self._write_diff(unified_diff(original, fixed, filename, follow=not from_stdin))
        elif from_stdin:
            self.emit_document(fixed)
        else:
            try:
                write_atomically(filename, original, fixed)
            except WriteRefused as refusal:
                return f"not written: {refusal.reason}"
            except OSError as error:
                self.tally.failed += 1
                say(f"{filename}: could not be written: {error.strerror or error}")
                return f"the file could not be written: {error.strerror or error}"
        self.tally.files += 1
        return None

    def _write_diff(self, diff: bytes) -> None:
        if self._target is not None:
            self._target.write(diff)
        if self._target is None or self.options.tee:
            self._write_out(diff)

    def _write_out(self, data: bytes) -> None:
        try:
            self._stdout.write(data)
            self._stdout.flush()
        except OSError as error:
            stop_writing(error)

    def _left(self, outcome: Outcome, reports: list[Violation]) -> list[Violation]:
        self.tally.safe += outcome.safe
        self.tally.unsafe += outcome.unsafe
        lines = list(io.StringIO(outcome.text, newline=None))
        by_key = {key_of(report): report for report in reports}
        remaining = [self._moved(by_key[left.key], left, lines) for left in outcome.left]
        missing = [by_key[key] for key in outcome.missing]
        return remaining + self._all_left(missing, "it was not found again, the file may have changed meanwhile")

    def _moved(self, report: Violation, left: Left, lines: list[str]) -> Violation:
        """Return a report with its reason; when the file was rewritten, with the place where it is now."""
        from flake8_pitfalls.fixes.apply import Why

        reason = left.reason
        if left.why is Why.HIDDEN:
            self.tally.hidden += 1
            reason += f"; enable with {self.unsafe_switch}"
        else:
            from flake8_pitfalls.tally import in_short

            self.tally.reasons[in_short(reason)] += 1
            self.tally.refused += left.why is Why.REFUSED
            self.tally.other += left.why is not Why.REFUSED
        text = report.text
        if self.mode is Mode.FIX:
            finding = left.finding
            text = finding.message
            line = lines[finding.line - 1] if finding.line <= len(lines) else None
            report = report._replace(line_number=finding.line, column_number=finding.column + 1, physical_line=line)
        return report._replace(text=f"{text} [not fixed: {reason}]")

    def _all_left(self, reports: list[Violation], reason: str) -> list[Violation]:
        for _ in reports:
            self.tally.other += 1
            self.tally.reasons[reason] += 1
        return [report._replace(text=f"{report.text} [not fixed: {reason}]") for report in reports]

    def _print(self, reports: list[Violation]) -> None:
        """Print reports; standard output is left to a diff or a document."""
        to_stderr = self.mode is Mode.DIFF or "-" in self.options.filenames
        with contextlib.redirect_stdout(sys.stderr) if to_stderr else contextlib.nullcontext():
            for report in reports:
                self._reporter.handle(report)
            sys.stdout.flush()


class DiffFormatter(FixingFormatter):
    """Prints the fixes of what was reported as a unified diff; what has no fix is reported on standard error."""

    mode = Mode.DIFF


class FixFormatter(FixingFormatter):
    """Carries out the fixes of what was reported, and reports what is left."""

    mode = Mode.FIX


def make_reporter(options: argparse.Namespace) -> BaseFormatter:
    """Return the formatter that prints the reports which are left: flake8's default one."""
    return Default(argparse.Namespace(**{**vars(options), "format": "default"}))


def is_stdin(filename: str, options: argparse.Namespace) -> bool:
    """Tell whether flake8 shows standard input under this name."""
    return "-" in options.filenames and filename == (options.stdin_display_name or "stdin")


def may_have_fix(report: Violation) -> bool:
    """Tell reports of pitfalls from those of other plugins, and from PIT000."""
    code: str = report.code
    return code.startswith("PIT") and code != CANNOT_ANALYSE


def key_of(report: Violation) -> Key:
    """Return what a report and its finding have in common."""
    return report.code, report.line_number, report.column_number - 1


def analyser(linter: Linter, filename: str) -> Analyse:
    """Return the function that finds the findings of any text as if it were that of a file."""

    def analyse(text: str) -> Sequence[Fixable]:
        with warnings.catch_warnings(), without_collecting():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        return linter.findings(text, tree, filename)

    return analyse

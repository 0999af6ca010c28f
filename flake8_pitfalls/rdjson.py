"""The flake8 formatter ``pitfalls-rdjson``: reports with their fixes as suggestions for a code review.

It prints one object of the Reviewdog Diagnostic Format. What flake8 reports is in it, from all plugins; our reports
have suggestions. flake8 imports this module on every run, so what only the formatter needs is imported later.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import IO, TYPE_CHECKING, Any

from flake8.formatting.base import BaseFormatter

from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.formatters import analyser, is_stdin, key_of, may_have_fix
from flake8_pitfalls.plugin import Linter, is_ours
from flake8_pitfalls.streams import exclude_stdin, stop_writing, take_stdin

if TYPE_CHECKING:
    from flake8.violation import Violation

    from flake8_pitfalls.diagnostics import Advice
    from flake8_pitfalls.fixes.apply import Key
    from flake8_pitfalls.fixes.source import Source


class RdjsonFormatter(BaseFormatter):  # type: ignore[misc]  # flake8 may be untyped
    """Collects all reports and prints them at the end."""

    def after_init(self) -> None:
        """Get ready; standard input is read here, as bytes, since flake8 would change its line endings."""
        self.linter = Linter.from_namespace(self.options)
        self.document = take_stdin() if "-" in self.options.filenames else None
        exclude_stdin(self.options)
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
            try:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
            except OSError as error:
                stop_writing(error)
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
        from flake8_pitfalls.diagnostics import Describer, none_because

        ours = {key_of(report) for report in self._reports if may_have_fix(report)}
        source, trouble = self._read(filename)
        if source is None:
            advice = dict.fromkeys(ours, none_because(trouble))
        else:
            advice = self._advice(source, filename, ours)
        describe = Describer(source).diagnostic
        self._diagnostics += [describe(report, advice.get(key_of(report))) for report in self._reports]

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

    def _advice(self, source: Source, filename: str, keys: set[Key]) -> dict[Key, Advice]:
        """Say for each of our reports how it can be fixed."""
        from flake8_pitfalls.diagnostics import advice_of, none_because
        from flake8_pitfalls.fixes.apply import sound_fixes

        if not keys:
            return {}
        options = self.linter.options
        analyse = analyser(self.linter, filename)
        try:
            found = sound_fixes(source.text, keys, analyse, unsafe=options.unsafe_fixes, may_fix=options.may_fix)
        except BaseException as error:
            if not is_ours(error):
                raise
            return dict.fromkeys(keys, none_because(explain_failure(error)))
        lost = none_because("it was not found again, the file may have changed meanwhile")
        return {key: advice_of(source, found[key]) if key in found else lost for key in keys}

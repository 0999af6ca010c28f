"""flake8's application, as the command ``flake8-pitfalls`` runs it."""

from __future__ import annotations

import argparse
import contextlib
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from flake8 import exceptions
from flake8.formatting.base import BaseFormatter
from flake8.main.application import Application

from flake8_pitfalls.cli import CLEAN, FAILED, FOUND, Request
from flake8_pitfalls.errors import one_line
from flake8_pitfalls.flake8_internals import only_this_plugin, watch_files
from flake8_pitfalls.formatters import COULD_NOT_RUN, FixingFormatter, Mode
from flake8_pitfalls.progress import Progress, is_watched
from flake8_pitfalls.streams import exclude_stdin, say, take_stdin

if TYPE_CHECKING:
    from flake8.violation import Violation

SHOWN = ("PIT", *sorted(COULD_NOT_RUN - {"PIT000"}))
"""What the codes begin with that the command shows."""


class ReportFormatter(BaseFormatter):  # type: ignore[misc]  # flake8 may be untyped
    """Hands the reports on to the formatter that the user chose, and counts them."""

    def __init__(self, options: argparse.Namespace, inner: BaseFormatter) -> None:
        self._inner = inner
        self.reported = self.failed = 0
        super().__init__(options)

    def start(self) -> None:
        """Pass it on."""
        self._inner.start()

    def stop(self) -> None:
        """Pass it on."""
        self._inner.stop()

    def beginning(self, filename: str) -> None:
        """Pass it on."""
        self._inner.beginning(filename)

    def finished(self, filename: str) -> None:
        """Pass it on."""
        self._inner.finished(filename)

    def handle(self, error: Violation) -> None:
        """Count and print a report, unless another plugin made it."""
        if error.code.startswith(SHOWN):
            self.reported += 1
            self.failed += error.code in COULD_NOT_RUN
            self._inner.handle(error)

    def show_statistics(self, statistics: Any) -> None:
        """Pass it on."""
        self._inner.show_statistics(statistics)

    def show_benchmarks(self, benchmarks: Any) -> None:
        """Pass it on."""
        self._inner.show_benchmarks(benchmarks)


class CommandFormatter(FixingFormatter):
    """The formatters for ``--diff`` and ``--fix``, printing what is left as the user chose."""

    unsafe_switch = "--unsafe-fixes"
    prefixes = SHOWN

    def __init__(
        self, options: argparse.Namespace, mode: Mode, reporter: BaseFormatter | None, progress: Progress
    ) -> None:
        self.mode = mode
        self._progress = progress
        self._looked_at = 0
        super().__init__(options)
        if reporter is not None:
            self._reporter = reporter

    def claim_output(self) -> None:
        """Do nothing: the command prints the document itself if something fails, and nothing else meanwhile."""

    def finished(self, filename: str) -> None:
        """Fix a file."""
        self._looked_at += 1
        self._progress.show(f"fixing files, {self._looked_at} looked at")
        super().finished(filename)

    def stop(self) -> None:
        """Sum up."""
        self._progress.erase()
        super().stop()

    def _deliver(self, *arguments: Any) -> str | None:
        self._progress.erase()
        return super()._deliver(*arguments)

    def _print(self, reports: list[Violation]) -> None:
        if reports:
            self._progress.erase()
        super()._print(reports)

    def show_statistics(self, statistics: Any) -> None:
        """Print statistics where they don't disturb."""
        with contextlib.redirect_stdout(sys.stderr):
            self._reporter.show_statistics(statistics)

    def show_benchmarks(self, benchmarks: Any) -> None:
        """Print benchmarks where they don't disturb."""
        with contextlib.redirect_stdout(sys.stderr):
            self._reporter.show_benchmarks(benchmarks)


class CommandApplication(Application):  # type: ignore[misc]  # flake8 may be untyped
    """flake8 with our formatters in front of the chosen one."""

    formatter: BaseFormatter | None

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._progress = Progress(watched=False)

    def make_formatter(self, *arguments: Any) -> None:
        """Make the formatter; it's the first step that knows all options."""
        super().make_formatter(*arguments)
        assert self.options is not None
        warn_about_select(self.options)
        exclude_stdin(self.options)
        self.options.extend_select = [*(self.options.extend_select or ()), *sorted(COULD_NOT_RUN)]
        self._progress = Progress(is_watched() and not self.options.quiet and not self.options.verbose)
        chosen = self.formatter
        asked = Mode.DIFF if self._request.diff else Mode.FIX if self._request.fix else None
        if isinstance(chosen, FixingFormatter):  # --format=pitfalls-fix
            chosen.release_output()
            asked, chosen = asked or chosen.mode, None
        if asked is None:
            self.formatter = ReportFormatter(self.options, chosen)
        else:
            self.formatter = CommandFormatter(self.options, asked, chosen, self._progress)

    def make_file_checker_manager(self, *arguments: Any) -> None:
        """Make flake8's manager, which checks the files."""
        super().make_file_checker_manager(*arguments)
        watch_files(self.file_checker_manager, self._progress)

    def execute(self, argv: Sequence[str]) -> int:
        """Run flake8 and return our exit code. Raises Flake8Exception and SystemExit as flake8 does."""
        self.initialize(argv)
        with contextlib.redirect_stdout(sys.stderr):
            self.run_checks()
        self.report()
        return self._exit_code()

    def _exit_code(self) -> int:
        assert self.options is not None
        if isinstance(self.formatter, CommandFormatter):
            tally = self.formatter.tally
            shown, failed = tally.left + tally.failed, tally.failed
            dirty = bool(shown or (self.formatter.mode is Mode.DIFF and tally.files))
        else:
            assert isinstance(self.formatter, ReportFormatter)
            shown, failed = self.formatter.reported, self.formatter.failed
            dirty = bool(shown)
        if self.options.count:
            print(shown, file=sys.stdout if isinstance(self.formatter, ReportFormatter) else sys.stderr)
        if failed or self.catastrophic_failure:
            return FAILED
        return FOUND if dirty and not self.options.exit_zero else CLEAN


def run_flake8(request: Request) -> int:
    """Run the checks that the command line asks for, print what there is to print, and return the exit code."""
    document = take_stdin() if "-" in request.arguments else None
    application = CommandApplication(request)
    try:
        return _execute(application, request)
    finally:
        formatter = application.formatter
        printed = isinstance(formatter, CommandFormatter) and formatter.document is None
        if document is not None and request.prints_document and not printed:
            sys.stdout.buffer.write(document)
            sys.stdout.buffer.flush()


def _execute(application: CommandApplication, request: Request) -> int:
    try:
        with only_this_plugin() as familiar:
            if not familiar:
                say("this version of flake8 isn't known: all of its plugins run, which takes longer")
            return application.execute(request.arguments)
    except (KeyboardInterrupt, exceptions.EarlyQuit):
        say("error: interrupted")
    except exceptions.Flake8Exception as error:
        say(f"error: {one_line(str(error))}")
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else FAILED
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            raise  # files that can't be opened have names; this is the output
        if application.options is not None and application.options.verbose:
            traceback.print_exc()
        say(f"error: {type(error).__name__}: {one_line(str(error))} (run with -v for more)")
    return FAILED


def warn_about_select(options: argparse.Namespace) -> None:
    """Say so when the configuration selects other plugins only, since nothing can be reported then."""
    selected = (*(options.select or ("PIT",)), *(options.extend_select or ()))
    if not any(prefix.startswith("PIT") or "PIT".startswith(prefix) for prefix in selected):
        say(f"none of the selected codes ({', '.join(selected)}) is ours, so nothing is reported; add PIT to select")

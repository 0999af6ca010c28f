"""Running flake8 with this plugin only.

All that depends on how flake8 works inside is here. :func:`only_this_plugin` replaces three things in flake8's modules
for a while; when flake8 doesn't look as expected, nothing is replaced, all plugins run, and the caller has to drop the
reports of the others. :func:`watch_files` counts the files that flake8 has checked.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flake8 import checker, exceptions
from flake8.plugins import finder
from flake8.processor import FileProcessor

import flake8_pitfalls
from flake8_pitfalls.collecting import without_collecting
from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.fixes.source import Source, UnusableSource, decode_source, read_source

if TYPE_CHECKING:
    from flake8_pitfalls.progress import Progress

PACKAGE = "flake8-pitfalls"

_EXPECTED: tuple[tuple[str, Callable[[], Any], list[str]], ...] = (
    ("find_plugins", lambda: finder.find_plugins, ["cfg", "opts"]),
    ("Plugin", lambda: finder.Plugin, ["package", "version", "entry_point"]),
    ("_mp_init", lambda: checker._mp_init, ["argv"]),
    ("_mp_run", lambda: checker._mp_run, ["filename"]),
    ("FileChecker", lambda: checker.FileChecker, ["filename", "plugins", "options"]),
    ("_make_processor", lambda: checker.FileChecker._make_processor, ["self"]),
    ("process_tokens", lambda: checker.FileChecker.process_tokens, ["self"]),
    ("_try_initialize_processpool", lambda: checker._try_initialize_processpool, ["job_count", "argv"]),
    ("run_parallel", lambda: checker.Manager.run_parallel, ["self"]),
    ("run_checks", lambda: checker.FileChecker.run_checks, ["self"]),
    ("report", lambda: checker.FileChecker.report, ["self", "error_code", "line_number", "column", "text"]),
    ("FileProcessor", lambda: FileProcessor, ["filename", "options", "lines"]),
    ("should_ignore_file", lambda: FileProcessor.should_ignore_file, ["self"]),
)


@contextlib.contextmanager
def only_this_plugin() -> Iterator[bool]:
    """Leave the other plugins, and the work that only they need, out of the runs within the block.

    Yields False when flake8 isn't built as expected, and all plugins will run.
    """
    if not looks_familiar():
        yield False
        return
    saved = finder.find_plugins, checker._mp_init, checker.FileChecker
    _replace_parts()
    try:
        yield True
    finally:
        finder.find_plugins, checker._mp_init, checker.FileChecker = saved


def looks_familiar() -> bool:
    """Tell whether the parts of flake8 that are to be replaced are there and take the expected arguments."""
    for _, get, expected in _EXPECTED:
        try:
            parameters = list(inspect.signature(get()).parameters)
        except (AttributeError, TypeError, ValueError):
            return False
        if parameters != expected:
            return False
    return True


def watch_files(manager: checker.Manager, progress: Progress) -> None:
    """Have the files counted that a manager checks, here or in worker processes, unless flake8 is unfamiliar."""
    if not looks_familiar():
        return
    original_run, make_pool = manager.run, checker._try_initialize_processpool

    def make_watched_pool(job_count: int, argv: Sequence[str]) -> Any:
        pool = make_pool(job_count, argv)
        if pool is not None:
            # The results are counted: a pool takes the names long before it gets to the files.
            imap = pool.imap_unordered
            pool.imap_unordered = lambda run, names: progress.follow(imap(run, list(tuple.__iter__(names))), len(names))
        return pool

    class Names(tuple[str, ...]):
        """File names that are counted when they are iterated over, as flake8 does without worker processes."""

        __slots__ = ()

        def __iter__(self) -> Iterator[str]:
            return progress.follow(tuple.__iter__(self), len(self))

    def run() -> None:
        names, manager.filenames = manager.filenames, Names(manager.filenames)
        checker._try_initialize_processpool = make_watched_pool
        try:
            original_run()
        finally:
            checker._try_initialize_processpool = make_pool
            manager.filenames = names
            progress.erase()

    manager.run = run


def _replace_parts() -> None:
    finder.find_plugins = _find_plugins
    checker._mp_init = _init_worker
    checker.FileChecker = _OnlyOurChecker


_original_find_plugins = finder.find_plugins
_original_mp_init = getattr(checker, "_mp_init", None)


def _find_plugins(cfg: Any, opts: Any) -> list[Any]:
    """Find the formatters and this plugin, which need not be installed."""
    ours = importlib.metadata.EntryPoint("PIT", "flake8_pitfalls.plugin:PitfallsPlugin", "flake8.extension")
    found = _original_find_plugins(cfg, opts)
    reporters = [plugin for plugin in found if plugin.entry_point.group == "flake8.report"]
    return sorted([*reporters, finder.Plugin(PACKAGE, flake8_pitfalls.__version__, ours)])


def _init_worker(argv: Sequence[str]) -> None:
    """Start a worker process; a spawned one has a fresh flake8, so the parts are replaced there again."""
    _replace_parts()
    assert _original_mp_init is not None
    _original_mp_init(argv)


class _Processor(FileProcessor):  # type: ignore[misc]  # flake8 may be untyped
    """What flake8 knows of a file."""

    def __init__(self, filename: str, options: Any, source: Source) -> None:
        super().__init__(filename, options, source.lines())
        self._text = source.text

    def should_ignore_file(self) -> bool:
        """Whether ``# flake8: noqa`` stands on a line of its own; flake8 asks each line twice."""
        return "flake8" in self._text.lower() and bool(super().should_ignore_file())


class _OnlyOurChecker(checker.FileChecker):  # type: ignore[misc]  # flake8 may be untyped
    """Checks a file with this plugin, and reports what makes flake8 itself fail."""

    processor: Any

    def _make_processor(self) -> Any:
        if self.filename == "-":
            return self._processor_of_stdin()
        try:
            source = read_source(self.filename)
        except OSError:
            return super()._make_processor()  # fails in the same way, and reports it as E902
        except UnusableSource as problem:
            self._cannot_analyse(problem.reason)
            return None
        return _Processor(self.filename, self.options, source)

    def _processor_of_stdin(self) -> Any:
        """Refuse what can't be decoded, where flake8 would guess."""
        try:
            decode_source(sys.stdin.buffer.read())
        except UnusableSource as problem:
            self._cannot_analyse(problem.reason)
            return None
        sys.stdin.seek(0)  # the command has put a buffer in place of standard input
        return super()._make_processor()

    def process_tokens(self) -> None:
        """Do nothing: tokens are for plugins that look at lines. A report makes flake8 find its own for noqa."""

    def run_checks(self) -> Any:
        """Check the file; what flake8 doesn't expect from Python's parser (null bytes, deep nesting) is reported."""
        if self.filename == "-":
            self.display_name = self.options.stdin_display_name or "stdin"
        try:
            with without_collecting():
                return super().run_checks()
        except exceptions.Flake8Exception:
            raise
        except Exception as error:
            self._cannot_analyse(explain_failure(error))
            return self.display_name, self.results, self.statistics

    def report(self, error_code: str | None, line_number: int, column: int, text: str) -> Any:
        """Keep a report; its noqa comment is found by Python's tokenizer, which null bytes may make fail."""
        try:
            return super().report(error_code, line_number, column, text)
        except Exception:
            processor, self.processor = self.processor, None
            try:
                return super().report(error_code, line_number, column, text)
            finally:
                self.processor = processor

    def _cannot_analyse(self, reason: str) -> None:
        self.report("PIT000", 1, 0, f"this file could not be analysed: {reason}")

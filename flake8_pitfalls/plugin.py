"""flake8's entry point: options in, ``(line, column, "PIT201 ...", type)`` out.

flake8 imports this module on every run, so nothing heavy is imported here: LibCST only when a file needs it.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
from typing import TYPE_CHECKING, ClassVar

import flake8_pitfalls
from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.options import Options
from flake8_pitfalls.target import parse_version, target_version_for

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from flake8.options.manager import OptionManager

    from flake8_pitfalls.rules.finding import Finding

OPTIONAL_CODES = frozenset({"PIT103", "PIT305", "PIT403"})
"""Codes that are off until ``select`` or ``extend-select`` asks for them (see :func:`optional_codes`)."""

FAMILY_LENGTH = len("PIT1")
CANNOT_ANALYSE = "PIT000"

_DOTTED_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


class PitfallsPlugin:
    """The plugin, made by flake8 once for each file."""

    name = "flake8-pitfalls"
    version = flake8_pitfalls.__version__
    linter: ClassVar[Linter]

    def __init__(self, tree: ast.Module, filename: str, lines: list[str]) -> None:
        self._tree = tree
        self._filename = filename
        self._lines = lines

    @staticmethod
    def add_options(manager: OptionManager) -> None:
        """Register our options with flake8."""
        add_options(manager)

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Keep what the user configured; flake8 calls this in each of its processes."""
        cls.linter = Linter.from_namespace(options)

    def run(self) -> Iterator[tuple[int, int, str, type]]:
        """Yield the reports of the file, sorted; lines count from 1, columns from 0.

        Raises nothing of ours: what goes wrong becomes one PIT000 report, since an exception would stop flake8.
        """
        try:
            found = self.linter.reports("".join(self._lines), self._tree, self._filename)
            reports = sorted({(finding.line, finding.column, f"{finding.code} {finding.message}") for finding in found})
        except BaseException as error:
            if not is_ours(error):
                raise
            yield 1, 0, f"{CANNOT_ANALYSE} this file could not be analysed: {explain_failure(error)}", type(self)
            return
        for line, column, text in reports:
            yield line, column, text, type(self)


@dataclasses.dataclass(frozen=True)
class Linter:
    """Analyses text under one configuration; reporting and fixing use the same."""

    options: Options = dataclasses.field(default_factory=Options)
    optional_codes: frozenset[str] = frozenset()

    @classmethod
    def from_namespace(cls, namespace: argparse.Namespace) -> Linter:
        """Make a linter from what flake8 parsed out of the command line and the configuration files."""
        options = Options(
            target_version=namespace.pitfalls_target_version,
            unsafe_fixes=namespace.pitfalls_unsafe_fixes,
            stable_messages=namespace.pitfalls_stable_messages,
            extend_mutable_calls=namespace.pitfalls_extend_mutable_calls,
            extend_immutable_calls=namespace.pitfalls_extend_immutable_calls,
            consuming_callees=namespace.pitfalls_consuming_callees,
            retaining_callees=namespace.pitfalls_retaining_callees,
            closure_fix=namespace.pitfalls_closure_fix,
            line_length=getattr(namespace, "max_line_length", Options.line_length),
            start_method=namespace.pitfalls_start_method,
        )
        codes = optional_codes([*(namespace.select or ()), *(namespace.extend_select or ())])
        return cls(dataclasses.replace(options, optional_codes=codes), codes)

    def findings(self, text: str, tree: ast.Module, filename: str) -> list[Finding]:
        """Return the findings of one module, without those of optional codes that nobody asked for.

        Raises CannotAnalyse, and whatever LibCST raises.
        """
        from flake8_pitfalls.screen import candidates

        possible = candidates(text, tree, self.options)
        if not possible:
            return []
        from flake8_pitfalls.rules import analyse
        from flake8_pitfalls.semantics.module import SourceModule

        found = analyse(SourceModule(text, tree, filename), possible, self._options_for(filename))
        return [finding for finding in found if self.emits(finding.code)]

    def reports(self, text: str, tree: ast.Module, filename: str) -> list[Finding]:
        """Return the same findings in less time; their fixes aren't to be asked for."""
        from flake8_pitfalls.screen import candidates

        possible = candidates(text, tree, self.options)
        if not possible:
            return []
        from flake8_pitfalls.rules import report

        found = report(text, tree, filename, possible, self._options_for(filename))
        return [finding for finding in found if self.emits(finding.code)]

    def emits(self, code: str) -> bool:
        """Tell whether findings with this code leave the plugin; flake8 decides about them afterwards."""
        return code not in OPTIONAL_CODES or code in self.optional_codes

    def _options_for(self, filename: str) -> Options:
        if self.options.target_version is not None:
            return self.options
        return dataclasses.replace(self.options, target_version=target_version_for(filename))


PitfallsPlugin.linter = Linter()


def optional_codes(selected: list[str]) -> frozenset[str]:
    """Return the optional codes that are asked for by a prefix longer than the family: ``PIT10``, but not ``PIT1``."""
    prefixes = tuple(prefix for prefix in selected if len(prefix) > FAMILY_LENGTH)
    return frozenset(code for code in OPTIONAL_CODES if code.startswith(prefixes))


def is_ours(error: BaseException) -> bool:
    """Tell a failure of the analysis from somebody stopping the program; a panic of LibCST's parser is a failure."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"


def add_options(manager: OptionManager) -> None:
    """Register the options; all of them work on the command line and in configuration files.

    flake8 hands strings from configuration files to argparse as defaults, so ``type`` checks those as well.
    """
    manager.add_option(
        "--pitfalls-target-version",
        metavar="version",
        type=_version,
        default=None,
        parse_from_config=True,
        help="Oldest Python that the code has to run on, for example 3.11. (Default: the lower bound of "
        "requires-python in the nearest pyproject.toml, else 3.10)",
    )
    manager.add_option(
        "--pitfalls-unsafe-fixes",
        action="store_true",
        default=False,
        parse_from_config=True,
        help="Let the formatters pitfalls-diff and pitfalls-fix carry out unsafe fixes too.",
    )
    manager.add_option(
        "--pitfalls-stable-messages",
        action="store_true",
        default=False,
        parse_from_config=True,
        help="Leave line numbers out of messages, so that baselines keep matching.",
    )
    for kind, meaning in (("mutable", "a new mutable object"), ("immutable", "an immutable object")):
        manager.add_option(
            f"--pitfalls-extend-{kind}-calls",
            metavar="names",
            type=_dotted_names,
            default="",
            parse_from_config=True,
            help=f"Comma-separated list of dotted names of callables that return {meaning}.",
        )
    for kind, meaning in (("consuming", "run them before they return"), ("retaining", "keep them and run them later")):
        manager.add_option(
            f"--pitfalls-{kind}-callees",
            metavar="names",
            type=_dotted_names,
            default="",
            parse_from_config=True,
            help="Comma-separated list of callables that get closures and "
            f"{meaning}: dotted names, or bare names of methods.",
        )
    manager.add_option(
        "--pitfalls-closure-fix",
        metavar="style",
        choices=("keyword", "factory"),
        default="keyword",
        parse_from_config=True,
        help="How the fix of PIT101 binds the values of an iteration: by keyword-only defaults, or in a function that "
        "makes the closure. (Default: keyword)",
    )
    manager.add_option(
        "--pitfalls-start-method",
        metavar="method",
        choices=("any", "fork", "spawn"),
        default="any",
        parse_from_config=True,
        help="How the code's processes are started where it doesn't say: by fork, by spawn (or forkserver), or by any "
        "of them. It decides about PIT402. (Default: any)",
    )


def _version(text: str) -> tuple[int, int]:
    try:
        return parse_version(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _dotted_names(text: str) -> frozenset[str]:
    names = re.split(r"[,\s]+", text.strip(", \t\r\n"))
    for name in names:
        if name and not _DOTTED_NAME.fullmatch(name):
            raise argparse.ArgumentTypeError(f"{name!r} is not a dotted name such as package.function")
    return frozenset(filter(None, names))

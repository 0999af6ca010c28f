"""flake8's entry point: options in, ``(line, column, "PIT201 ...", type)`` out.

flake8 imports this module on every run, so nothing heavy is imported here: LibCST only when a file needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

import flake8_pitfalls
from flake8_pitfalls.collecting import spare_what_stays, without_collecting
from flake8_pitfalls.configuration import WrongValue, add_options, options_from, stop_for
from flake8_pitfalls.errors import explain_failure
from flake8_pitfalls.options import Options
from flake8_pitfalls.target import target_version_for

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Iterator

    from flake8.options.manager import OptionManager

    from flake8_pitfalls.rules.finding import Finding

OPTIONAL_CODES = frozenset({"PIT103", "PIT305", "PIT403"})
"""Codes that are off until ``select`` or ``extend-select`` asks for them (see :func:`optional_codes`)."""

FAMILY_LENGTH = len("PIT1")
CANNOT_ANALYSE = "PIT000"


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
        try:
            cls.linter = Linter.from_namespace(options)
        except WrongValue as error:
            raise stop_for(error) from None
        spare_what_stays("flake8")

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


class Linter(NamedTuple):
    """Analyses text under one configuration; reporting and fixing use the same."""

    options: Options = Options()
    optional_codes: frozenset[str] = frozenset()

    @classmethod
    def from_namespace(cls, namespace: argparse.Namespace) -> Linter:
        """Make a linter from what flake8 parsed out of the command line and the configuration files.

        Raises WrongValue.
        """
        options = options_from(namespace)
        codes = optional_codes([*(namespace.select or ()), *(namespace.extend_select or ())])
        return cls(options._replace(optional_codes=codes), codes)

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

        with without_collecting():
            found = analyse(SourceModule(text, tree, filename), possible, self._options_for(filename))
        return [finding for finding in found if self.emits(finding.code)]

    def reports(self, text: str, tree: ast.Module, filename: str) -> list[Finding]:
        """Return the same findings in less time; fixes, which depend on the target version, can't be asked for."""
        from flake8_pitfalls.screen import candidates

        possible = candidates(text, tree, self.options)
        if not possible:
            return []
        from flake8_pitfalls.rules import report

        found = report(text, tree, filename, possible, self.options)
        return [finding for finding in found if self.emits(finding.code)]

    def emits(self, code: str) -> bool:
        """Tell whether findings with this code leave the plugin; flake8 decides about them afterwards."""
        return code not in OPTIONAL_CODES or code in self.optional_codes

    def _options_for(self, filename: str) -> Options:
        if self.options.target_version is not None:
            return self.options
        return self.options._replace(target_version=target_version_for(filename))


PitfallsPlugin.linter = Linter()


def optional_codes(selected: list[str]) -> frozenset[str]:
    """Return the optional codes that are asked for by a prefix longer than the family: ``PIT10``, but not ``PIT1``."""
    prefixes = tuple(prefix for prefix in selected if len(prefix) > FAMILY_LENGTH)
    return frozenset(code for code in OPTIONAL_CODES if code.startswith(prefixes))


def is_ours(error: BaseException) -> bool:
    """Tell a failure of the analysis from somebody stopping the program; a panic of LibCST's parser is a failure."""
    return isinstance(error, Exception) or type(error).__name__ == "PanicException"

"""Which parts of a file can hold a pitfall at all? Most files end here, without LibCST ever being imported.

Each rule family says in a module of its own, which doesn't import LibCST, what may be one of its pitfalls: from the
``ast`` that flake8 made anyway, and from the text where that's faster.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.page import Page

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.mutable_default.settled import Settled

_WORDS: dict[str, tuple[str, ...]] = {
    "late_binding": ("for", "while"),
    "mutable_default": ("",),
    "metaclass": ("metaclass",),
}
"""For some rule families the words one of which a file has to contain; if none is, its screen isn't even imported."""
_IMPORTS: dict[str, tuple[str, ...]] = {
    "pickling": (
        *("ickle", "shelve", "multiprocessing", "billiard", "concurrent", "futures", "joblib", "torch", "sklearn"),
        *("tqdm", "six"),
    ),
}
"""For the others parts of the names one of which a file has to import, in whatever way."""
_FAMILIES = (*_WORDS, *_IMPORTS)


def _lines(family: str, page: Page, options: Options | None) -> frozenset[int]:
    makes_types = family == "pickling" and (options is None or options.asks_for("PIT403"))
    words, searched = (_WORDS[family], page.text) if family in _WORDS else (_IMPORTS[family], page.imported)
    if not makes_types and not any(word in searched for word in words):
        return frozenset()
    screen = importlib.import_module(f"flake8_pitfalls.rules.{family}.candidates")
    return frozenset(screen.candidate_lines(page, options))


class Candidates(NamedTuple):
    """The lines on which something that may be a pitfall starts, counted from 1; false if there is none."""

    families: Mapping[str, frozenset[int]]
    """The lines for each rule family."""
    attributes: frozenset[str] | None = None
    """The class attributes among them; ``None`` if any may be one."""
    context: frozenset[int] = frozenset()
    """Lines that decide about them: they needn't be analysed for their own sake."""
    settled: Mapping[int, list[Settled]] = MappingProxyType({})
    """The lines among those of ``mutable_default`` about which ``ast`` told everything but the fixes."""

    @classmethod
    def everything(cls, tree: ast.Module) -> Candidates:
        """As if all statements of a module were candidates of all families."""
        lines = frozenset(node.lineno for node in tree.body)
        return cls(dict.fromkeys(_FAMILIES, lines))

    def unsettled(self) -> Candidates:
        """The candidates that have to be analysed for a report."""
        if not self.settled:
            return self
        family = "mutable_default"
        return self._replace(families={**self.families, family: self.families[family] - self.settled.keys()})

    @property
    def lines(self) -> frozenset[int]:
        """The lines for all families."""
        return frozenset().union(*self.families.values())

    @property
    def needed(self) -> frozenset[int]:
        """The lines that have to be looked at, for whatever reason."""
        return self.lines | self.context

    def __bool__(self) -> bool:
        return any(self.families.values())


def candidates(text: str, tree: ast.Module, options: Options | None = None) -> Candidates:
    """What has to be analysed; the answer may be too large, never too small."""
    page = Page(text, tree)
    families = {family: _lines(family, page, options) for family in _FAMILIES}
    return Candidates(families, frozenset(page.attributes), frozenset(page.context), page.settled)

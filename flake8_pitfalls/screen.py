"""Which parts of a file can hold a pitfall at all? Most files end here, without LibCST ever being imported.

Each rule family says in a module of its own, which doesn't import LibCST, what may be one of its pitfalls: from the
``ast`` that flake8 made anyway, and from the text where that's faster.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.candidates import candidate_lines as late_binding
from flake8_pitfalls.rules.metaclass.candidates import candidate_lines as metaclass
from flake8_pitfalls.rules.mutable_default.candidates import candidate_lines as mutable_default
from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.rules.pickling.candidates import candidate_lines as pickling

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_FAMILIES = {
    "late_binding": late_binding,
    "mutable_default": mutable_default,
    "metaclass": metaclass,
    "pickling": pickling,
}


@dataclass(frozen=True)
class Candidates:
    """The lines on which something that may be a pitfall starts, counted from 1; false if there is none."""

    families: Mapping[str, frozenset[int]]
    """The lines for each rule family."""
    attributes: frozenset[str] | None = None
    """The class attributes among them; ``None`` if any may be one."""

    @classmethod
    def everything(cls, tree: ast.Module) -> Candidates:
        """As if all statements of a module were candidates of all families."""
        lines = frozenset(node.lineno for node in tree.body)
        return cls(dict.fromkeys(_FAMILIES, lines))

    @property
    def lines(self) -> frozenset[int]:
        """The lines for all families."""
        return frozenset().union(*self.families.values())

    def __bool__(self) -> bool:
        return any(self.families.values())


def candidates(text: str, tree: ast.Module, options: Options | None = None) -> Candidates:
    """What has to be analysed; the answer may be too large, never too small."""
    page = Page(text, tree)
    families = {name: frozenset(lines(page, options)) for name, lines in _FAMILIES.items()}
    return Candidates(families, frozenset(page.attributes))

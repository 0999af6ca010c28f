"""Which parts of a file can hold a pitfall at all? Most files end here, without LibCST ever being imported.

Each rule family says in a module of its own, which doesn't import LibCST, what may be one of its pitfalls: from the
``ast`` that flake8 made anyway, and from the text where that's faster.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.late_binding.candidates import candidate_lines as late_binding
from flake8_pitfalls.rules.metaclass.candidates import candidate_lines as metaclass
from flake8_pitfalls.rules.mutable_default.candidates import candidate_lines as mutable_default
from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.rules.pickling.candidates import candidate_lines as pickling

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_FAMILIES = (late_binding, mutable_default, metaclass, pickling)


@dataclass(frozen=True)
class Candidates:
    """The lines on which something that may be a pitfall starts, counted from 1; false if there is none."""

    lines: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.lines)


def candidates(text: str, tree: ast.Module, options: Options | None = None) -> Candidates:
    """What has to be analysed; the answer may be too large, never too small."""
    page = Page(text, tree)
    return Candidates(frozenset(line for family in _FAMILIES for line in family(page, options)))

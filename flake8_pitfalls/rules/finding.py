"""What a rule yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from flake8_pitfalls.fixes.model import Fix, Refusal


@dataclass(frozen=True)
class Finding:
    """One reported place.

    ``line`` counts from 1 and ``column`` from 0, in characters, as flake8 plugins report them. ``fingerprint`` names
    the finding without line numbers (code, qualified name, parameter), so that it's recognised after other fixes moved
    it. The fix is made on demand, since most runs only report.
    """

    code: str
    line: int
    column: int
    message: str
    fingerprint: str
    make_fix: Callable[[], Fix | Refusal] = field(repr=False, compare=False)

    @cached_property
    def fix(self) -> Fix | Refusal:
        """The fix, or the reason why there is none."""
        return self.make_fix()

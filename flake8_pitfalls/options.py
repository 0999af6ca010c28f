"""The options that rules and fixes read, independent of flake8's argument parser."""

from __future__ import annotations

from typing import NamedTuple

OLDEST_TARGET = (3, 10)
ALL_CODES = ("PIT",)
"""What all codes begin with."""


class Options(NamedTuple):
    """What a user can configure.

    ``target_version`` is the oldest Python, as ``(major, minor)``, on which the linted code has to run; ``None`` means
    that it's looked up for each file (see :func:`flake8_pitfalls.target.target_version_for`).
    """

    target_version: tuple[int, int] | None = None
    unsafe_fixes: bool = False
    fixable: tuple[str, ...] = ALL_CODES
    """What the codes begin with whose findings may be fixed, unless they are in ``unfixable``."""
    unfixable: tuple[str, ...] = ()
    stable_messages: bool = False
    extend_mutable_calls: frozenset[str] = frozenset()
    extend_immutable_calls: frozenset[str] = frozenset()
    consuming_callees: frozenset[str] = frozenset()
    """Callees that run the closures they are given before they return."""
    retaining_callees: frozenset[str] = frozenset()
    """Callees that keep the closures they are given."""
    closure_fix: str = "keyword"
    """How a closure is bound to the value of its iteration: ``keyword`` or ``factory``."""
    line_length: int = 79
    """How long a line may get by a comment that a fix moves: flake8's ``max-line-length``."""
    start_method: str = "any"
    """How processes are started where the code doesn't say: ``any``, ``fork`` or ``spawn``."""
    optional_codes: frozenset[str] | None = None
    """The codes that were asked for of those that are off by default; ``None`` for all."""

    def asks_for(self, code: str) -> bool:
        """Whether a code that is off by default is on."""
        return self.optional_codes is None or code in self.optional_codes

    def may_fix(self, code: str) -> bool:
        """Whether findings with a code may be fixed; they are reported in any case."""
        return code.startswith(self.fixable) and not code.startswith(self.unfixable)

"""What a run of fixes did, and how it is summed up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_REASONS = 6
"""How many reasons are listed; the rest is counted."""

# These are compiled when they're used: flake8 imports this module on every run. Apostrophes are no quotation marks.
_PARTICULARS = r"(?<!\w)'.*?'(?![\w'\])(])|(?<=\bline )\d+\b"
_ADVICE = r"[:;] "
_FEWEST_WORDS = 4
"""What ends at a comma and has fewer words, such as the first item of a list, says nothing."""


@dataclass
class Tally:
    """What a run did, in numbers of findings and files."""

    safe: int = 0
    unsafe: int = 0
    refused: int = 0
    hidden: int = 0
    other: int = 0
    files: int = 0
    failed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    """Why findings weren't fixed, other than that unsafe fixes weren't asked for."""

    @property
    def left(self) -> int:
        """Findings that are reported and not fixed."""
        return self.refused + self.hidden + self.other

    def summary(self, verb: str, switch: str) -> Iterator[str]:
        """Say it line by line; ``verb`` is "fixed" or "would fix", ``switch`` the option that enables unsafe fixes."""
        if self.safe or self.unsafe:
            split = f"{self.safe} safe, {self.unsafe} unsafe"
            yield f"{verb} {count(self.safe + self.unsafe, 'finding')} ({split}) in {count(self.files, 'file')}"
        if self.refused + self.other:
            yield "\n".join((f"{count(self.refused + self.other, 'finding')} not fixed:", *self._grouped()))
        if self.hidden:
            yield f"{count(self.hidden, 'unsafe fix', 'unsafe fixes')} left out, enable with {switch}"

    def _grouped(self) -> Iterator[str]:
        """The reasons, the most frequent ones first."""
        ordered = sorted(self.reasons.items(), key=lambda item: (-item[1], item[0]))
        shown, rest = ordered[:MOST_REASONS], ordered[MOST_REASONS:]
        for reason, number in shown:
            yield f"{number:6}  {reason}"
        if rest:
            yield f"{sum(number for _, number in rest):6}  for {count(len(rest), 'other reason')}"


def in_short(reason: str) -> str:
    """Return what reasons of one kind have in common, without names, line numbers and advice."""
    clause = re.split(_ADVICE, re.sub(_PARTICULARS, "...", reason), maxsplit=1)[0]
    start = clause.split(", ", 1)[0]
    return start if len(start.split()) >= _FEWEST_WORDS else clause


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: ``1 file``, ``2 files``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"

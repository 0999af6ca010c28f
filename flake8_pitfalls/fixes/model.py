"""What a fix is: edits of the source text, with a promise about what else may change."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Applicability(enum.Enum):
    """How much a person has to check after a fix was applied."""

    SAFE = "safe"
    """Nothing observable changes but that the pitfall is gone."""
    UNSAFE = "unsafe"
    """Something else may change, or the pitfall may be wanted; applied on request only."""


@dataclass(frozen=True, order=True)
class Edit:
    """Replace ``text[start:end]`` of the module by ``replacement``; offsets count characters of the decoded text."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True)
class Fix:
    """Edits that belong together: all of them are carried out or none."""

    applicability: Applicability
    edits: tuple[Edit, ...]
    note: str = ""
    """For an unsafe fix: what a person should check."""


@dataclass(frozen=True)
class Refusal:
    """Why a finding isn't fixed, and what a person should do."""

    reason: str

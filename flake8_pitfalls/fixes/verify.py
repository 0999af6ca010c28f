"""Checks that a fixed module is still what it was, but for the fixed findings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from flake8_pitfalls.collecting import without_collecting
from flake8_pitfalls.fixes.model import Edit, Fix, Refusal


class Fixable(Protocol):
    """What fixing needs to know of a finding; fixes don't depend on the rules."""

    @property
    def code(self) -> str:
        """The code, for example ``PIT201``."""

    @property
    def line(self) -> int:
        """The line, counted from 1."""

    @property
    def column(self) -> int:
        """The column, counted from 0 in characters."""

    @property
    def message(self) -> str:
        """What is reported."""

    @property
    def fingerprint(self) -> str:
        """What stays the same when other fixes move the finding."""

    @property
    def fix(self) -> Fix | Refusal:
        """The fix, or why there is none."""


Analyse = Callable[[str], Sequence[Fixable]]
"""Finds the findings of a module's text; may raise any exception."""

_CODES = r"[A-Za-z]+\d+(?:[,\s]+[A-Za-z]+\d+)*"
_PRAGMA = re.compile(
    rf"\s*(?:(?:(?:ruff|flake8)\s*:\s*)?noqa(?:\s*:\s*{_CODES})?|type:\s*ignore(?:\[[^\]]*\])?|"
    rf"pylint:\s*[\w-]+(?:\s*=\s*[\w-]+(?:\s*,\s*[\w-]+)*)?|pragma:\s*.+|nosec(?:\s*:?\s*{_CODES})?|"
    r"(?:mypy|fmt|isort|pyright|pytype):\s*\S.*)\s*",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"\r\n|\r|\n")


class Rejected(Exception):
    """A fixed text fails the verification; ``reason`` is the end of the sentence "the fix was dropped: ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Comment:
    """A comment and where it starts, in characters of the text."""

    offset: int
    text: str


@dataclass(frozen=True)
class Snapshot:
    """A text with its findings, before a pass of fixes."""

    text: str
    findings: Sequence[Fixable]

    @cached_property
    def fingerprints(self) -> Counter[str]:
        """How often each fingerprint occurs."""
        return Counter(finding.fingerprint for finding in self.findings)

    @cached_property
    def compile_error(self) -> str | None:
        """Why Python refuses the text, if it does."""
        return compile_error(self.text)

    @cached_property
    def comments(self) -> list[Comment]:
        """The comments, in order; raises Rejected when the text can't be tokenized."""
        return comments_of(self.text)


@dataclass(frozen=True)
class Expected:
    """How often each fingerprint has to be gone, and how often it has to stay since nobody asked to fix it."""

    fixed: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


def verify(
    before: Snapshot, after: str, edits: Iterable[Edit], expected: Expected, analyse: Analyse
) -> Sequence[Fixable]:
    """Check that ``edits`` turned ``before`` into a sound ``after``, and return the findings of ``after``.

    Raises Rejected.
    """
    error = compile_error(after)
    if error is not None and before.compile_error is None:
        raise Rejected(f"the result would not be valid Python ({error})")
    check_comments(before.comments, comments_of(after), list(edits))
    try:
        findings = analyse(after)
    except Exception as failure:
        raise Rejected(f"the result could not be analysed ({type(failure).__name__}: {failure})") from failure
    check_findings(before.fingerprints, Counter(finding.fingerprint for finding in findings), expected)
    return findings


def compile_error(text: str) -> str | None:
    """Return why Python can't compile ``text``, in a few words, or ``None`` when it can."""
    try:
        with warnings.catch_warnings(), without_collecting():
            warnings.simplefilter("ignore")
            compile(ast.parse(text), "<fixed>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def check_findings(before: Counter[str], after: Counter[str], expected: Expected) -> None:
    """Raise Rejected when a fixed finding is still there, a new one appeared, or one vanished that has to stay."""
    fixed = expected.fixed
    for fingerprint, count in expected.kept.items():
        if after[fingerprint] < count:
            raise Rejected(f"the result would also fix what is suppressed or not selected ({fingerprint})")
    for fingerprint, count in after.items():
        if count <= before[fingerprint] - fixed[fingerprint]:
            continue
        if fixed[fingerprint]:
            raise Rejected("the result would still have the pitfall")
        raise Rejected(f"the result would have a new finding ({fingerprint})")


def check_comments(before: list[Comment], after: list[Comment], edits: list[Edit]) -> None:
    """Raise Rejected when a comment got lost, apart from pragmas of a deleted statement."""
    kept = Counter(comment.text for comment in after)
    covered = covered_by(edits)
    inside = {comment: covered(comment.offset) for comment in before}
    for comment in sorted(before, key=inside.__getitem__):
        text = comment.text
        if not kept[text] and inside[comment]:
            text = without_pragmas(text)
        if text:
            kept[text] -= 1
    for text, surplus in kept.items():
        if surplus < 0:
            raise Rejected(f"the result would lose the comment {text!r}")


def covered_by(edits: Iterable[Edit]) -> Callable[[int], bool]:
    """The function that tells whether some edits, which may overlap, cover an offset."""
    starts: list[int] = []
    ends: list[int] = []
    for edit in sorted(edits):
        starts.append(edit.start)
        ends.append(max(edit.end, ends[-1]) if ends else edit.end)

    def covers(offset: int) -> bool:
        place = bisect_right(starts, offset) - 1
        return place >= 0 and offset < ends[place]

    return covers


def without_pragmas(comment: str) -> str:
    """What the comment of a deleted statement says to people: ``# on purpose`` of ``# noqa  # on purpose``."""
    parts = comment.lstrip("#").split("#")
    kept = [part for part in parts if not _PRAGMA.fullmatch(part)]
    if len(kept) == len(parts):
        return comment
    return f"# {'#'.join(kept).strip()}" if kept else ""


def is_pragma(comment: str) -> bool:
    """Tell whether a comment talks to tools only; ``# noqa  # on purpose`` also talks to people."""
    return all(_PRAGMA.fullmatch(part) for part in comment.lstrip("#").split("#"))


def comments_of(text: str) -> list[Comment]:
    """Return the comments of a module in order.

    Raises Rejected when the text can't be tokenized.
    """
    if "#" not in text:
        return []
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    readline = io.StringIO(_LINE_END.sub("\n", text)).readline
    try:
        return [
            Comment(starts[token.start[0] - 1] + token.start[1], token.string.rstrip())
            for token in tokenize.generate_tokens(readline)
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError) as error:
        raise Rejected(f"the comments can't be compared ({error})") from error

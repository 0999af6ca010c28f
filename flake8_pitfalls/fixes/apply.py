"""Carrying out the fixes of chosen findings, pass by pass, each verified."""

from __future__ import annotations

import enum
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from flake8_pitfalls.collecting import collect, without_collecting
from flake8_pitfalls.errors import CannotAnalyse, TooMuchWork
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.fixes.verify import Analyse, Expected, Fixable, Rejected, Snapshot, verify

MAX_PASSES = 10
MOST_EFFORT = 25_000_000
"""About as many microseconds may be spent on trying fixes; a pass that has begun, and goes well, is completed."""
MOST_GARBAGE = 100_000
"""The characters of texts whose trees aren't needed any more, and may wait for the garbage collector: some 100 MB."""
_MICROSECONDS_A_CHARACTER = 3
_MICROSECONDS_A_FINDING = 600

Key = tuple[str, int, int]
"""Code, line (from 1) and column (from 0) of a report."""


class Why(enum.Enum):
    """Why a finding that was to be fixed is still there."""

    REFUSED = "refused"
    """The rule has no fix for it."""
    HIDDEN = "hidden"
    """Its fix is unsafe, and unsafe fixes weren't asked for."""
    DROPPED = "dropped"
    """Its fix failed the verification."""
    WAITING = "waiting"
    """Fixes before it took all the passes."""
    SWITCHED_OFF = "switched off"
    """The configuration doesn't let its code be fixed."""


@dataclass(frozen=True)
class Left:
    """A finding that was to be fixed and is still there.

    ``key`` is where it was reported; ``finding`` is the same one in the fixed text.
    """

    key: Key
    finding: Fixable
    why: Why
    reason: str


@dataclass(frozen=True)
class Outcome:
    """The fixed text, and what became of each finding that was to be fixed.

    ``missing`` holds the reports that the text doesn't account for, for example since it isn't what was linted.
    """

    text: str
    safe: int = 0
    unsafe: int = 0
    left: list[Left] = field(default_factory=list)
    missing: list[Key] = field(default_factory=list)

    @property
    def fixed(self) -> int:
        """How many findings are gone."""
        return self.safe + self.unsafe


def fix_text(
    text: str,
    wanted: Collection[Key],
    analyse: Analyse,
    *,
    unsafe: bool = False,
    may_fix: Callable[[str], bool] = lambda _: True,
) -> Outcome:
    """Fix the ``wanted`` findings of ``text``, and no others; those whose code ``may_fix`` refuses stay.

    Raises whatever ``analyse`` raises for the unfixed text.
    """
    with without_collecting():
        run = _Run(Snapshot(text, analyse(text)), frozenset(wanted), analyse, unsafe, may_fix)
        for _ in range(MAX_PASSES):
            if not run.carry_out_pass():
                break
        return run.outcome()


def sound_fixes(
    text: str,
    wanted: Collection[Key],
    analyse: Analyse,
    *,
    unsafe: bool = False,
    may_fix: Callable[[str], bool] = lambda _: True,
) -> dict[Key, Fix | Left]:
    """Say for each ``wanted`` finding by which fix it goes when no other is fixed, or why it stays.

    Each fix is verified by carrying it out alone. Keys that the text doesn't account for are left out. Raises whatever
    ``analyse`` raises for ``text``.
    """
    with without_collecting():
        return _Run(Snapshot(text, analyse(text)), frozenset(wanted), analyse, unsafe, may_fix).each_alone()


def splice(text: str, edits: Iterable[Edit]) -> str:
    """Carry out edits, which must not overlap; equal insertions at one place count once.

    Raises ValueError when they overlap or lie outside the text.
    """
    parts: list[str] = []
    position = 0
    # A stable sort by position keeps several insertions at one place in the order of their findings.
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end)):
        if not position <= edit.start <= edit.end <= len(text):
            raise ValueError(f"the edits of {edit.start} to {edit.end} overlap others or lie outside the text")
        parts += (text[position : edit.start], edit.replacement)
        position = edit.end
    return "".join((*parts, text[position:]))


def conflict(text: str, one: Edit, other: Edit) -> bool:
    """Tell whether two edits can't be carried out in the same pass.

    They conflict when they overlap, or when one inserts where the other begins or ends, since the order would matter.
    Whole lines inserted at one place don't: they follow each other.
    """
    if one.start == one.end == other.start == other.end:
        return not (_inserts_lines(text, one) and _inserts_lines(text, other))
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end


def _conflicts_with_any(text: str, edit: Edit, taken: list[Edit]) -> bool:
    """Do the same for a sorted list of edits that don't overlap: only neighbours can conflict."""
    first = bisect_left(taken, edit.start, key=lambda other: other.start)
    while first and taken[first - 1].end >= edit.start:
        first -= 1
    for other in map(taken.__getitem__, range(first, len(taken))):
        if other.start > edit.end:
            return False
        if conflict(text, edit, other):
            return True
    return False


def _inserts_lines(text: str, edit: Edit) -> bool:
    return edit.replacement.endswith(("\n", "\r")) and (edit.start == 0 or text[edit.start - 1] in "\r\n")


@dataclass
class _Target:
    """A finding of the first pass, followed through the passes.

    ``wanted`` is false for one that must stay; it may still be ``reported``, as one that wasn't fixed.
    """

    key: Key
    finding: Fixable
    reported: bool
    wanted: bool
    why: Why = Why.WAITING
    reason: str = f"other fixes took all {MAX_PASSES} passes, run again"

    def leave(self, why: Why, reason: str) -> None:
        self.why, self.reason = why, reason


@dataclass(frozen=True)
class _Job:
    target: _Target
    fix: Fix


@dataclass(frozen=True)
class _Done:
    jobs: list[_Job]
    snapshot: Snapshot


class _Run:
    def __init__(
        self,
        snapshot: Snapshot,
        wanted: frozenset[Key],
        analyse: Analyse,
        unsafe: bool,
        may_fix: Callable[[str], bool],
    ) -> None:
        self._snapshot = snapshot
        self._analyse = analyse
        self._allow_unsafe = unsafe
        self._fixed: Counter[Applicability] = Counter()
        self._effort = 0
        self._garbage = 0
        ordered = sorted(snapshot.findings, key=_key_of_place)
        # All findings by fingerprint, in order, so that one is told from its twin after other fixes moved both.
        self._targets: dict[str, list[_Target]] = defaultdict(list)
        for finding in ordered:
            key = (finding.code, finding.line, finding.column)
            target = _Target(key, finding, key in wanted, key in wanted and may_fix(finding.code))
            if target.reported and not target.wanted:
                target.leave(Why.SWITCHED_OFF, f"fixing {finding.code} is switched off")
            self._targets[finding.fingerprint].append(target)
        self._kept = Counter(
            target.finding.fingerprint for twins in self._targets.values() for target in twins if not target.wanted
        )
        self._missing = sorted(wanted - {(finding.code, finding.line, finding.column) for finding in ordered})

    def carry_out_pass(self) -> bool:
        """Carry out what fits into one pass; false when that changed nothing that another pass could build on."""
        batch = self._without_conflicts(self._jobs())
        if not batch:
            return False
        done = self._keep_sound(batch)
        for job in done.jobs:
            self._fixed[job.fix.applicability] += 1
            self._targets[job.target.finding.fingerprint].remove(job.target)
        if done.jobs:
            self._snapshot = done.snapshot
            self._follow()
        if self._is_too_long:
            for target in chain.from_iterable(self._targets.values()):
                if target.wanted and target.why is Why.WAITING:
                    target.leave(Why.WAITING, "fixing this file takes too long for one run, run again")
        return not self._is_too_long

    def each_alone(self) -> dict[Key, Fix | Left]:
        """Try every fix on the text as it is."""
        fixes: dict[Key, Fix] = {}
        for job in self._jobs():
            if self._is_too_long:
                job.target.leave(Why.DROPPED, "the fix was dropped, since there are too many to try each")
            elif self._keep_sound([job]).jobs:
                fixes[job.target.key] = job.fix
        return {left.key: fixes.get(left.key, left) for left in self.outcome().left}

    def outcome(self) -> Outcome:
        """Say what became of everything."""
        left = [
            Left(target.key, target.finding, target.why, target.reason)
            for targets in self._targets.values()
            for target in targets
            if target.reported
        ]
        left.sort(key=lambda item: _key_of_place(item.finding))
        counts = self._fixed
        return Outcome(
            self._snapshot.text, counts[Applicability.SAFE], counts[Applicability.UNSAFE], left, self._missing
        )

    def _jobs(self) -> list[_Job]:
        """Return what could be carried out now, in the order of the text; note for the rest why it can't."""
        jobs = []
        for targets in self._targets.values():
            for target in targets:
                if target.wanted and target.why is not Why.DROPPED:
                    fix = self._fix_of(target)
                    if fix is not None:
                        jobs.append(_Job(target, fix))
        return sorted(jobs, key=lambda job: _key_of_place(job.target.finding))

    def _fix_of(self, target: _Target) -> Fix | None:
        try:
            fix = target.finding.fix
        except CannotAnalyse as error:
            if isinstance(error, TooMuchWork):
                self._effort = MOST_EFFORT
            target.leave(Why.DROPPED, f"the fix can't be made: {error.reason}")
            return None
        except Exception as error:
            target.leave(Why.DROPPED, f"making the fix failed, please report this ({type(error).__name__}: {error})")
            return None
        if isinstance(fix, Refusal):
            target.leave(Why.REFUSED, fix.reason)
            return None
        if fix.applicability is Applicability.UNSAFE and not self._allow_unsafe:
            target.leave(Why.HIDDEN, f"the fix is unsafe: {fix.note}" if fix.note else "the fix is unsafe")
            return None
        target.leave(Why.WAITING, _Target.reason)
        return fix

    def _without_conflicts(self, jobs: list[_Job]) -> list[_Job]:
        """Choose jobs that can go together; the later one of two that can't waits for the next pass."""
        text = self._snapshot.text
        chosen: list[_Job] = []
        taken: list[Edit] = []
        lines: set[int] = set()  # Where whole lines are inserted; what conflicts with some conflicts with others too.
        for job in jobs:
            if not any(_conflicts_with_any(text, edit, taken) for edit in job.fix.edits):
                chosen.append(job)
                for edit in job.fix.edits:
                    if edit.start < edit.end or not _inserts_lines(text, edit):
                        insort(taken, edit)
                    elif edit.start not in lines:
                        lines.add(edit.start)
                        insort(taken, edit)
        return chosen

    def _keep_sound(self, jobs: list[_Job]) -> _Done:
        """Carry out the jobs that pass the verification together, and drop those that fail it alone."""
        try:
            return self._try(jobs)
        except Rejected as rejection:
            if len(jobs) == 1:
                jobs[0].target.leave(Why.DROPPED, f"the fix was dropped, since {rejection.reason}")
                return _Done([], self._snapshot)
            if isinstance(rejection.__cause__, TooMuchWork):
                self._effort = MOST_EFFORT
            reason = rejection.reason
        middle = len(jobs) // 2
        first, second = self._keep_of_half(jobs[:middle], reason), self._keep_of_half(jobs[middle:], reason)
        if not first.jobs or not second.jobs:
            return first if first.jobs else second
        if self._is_too_long:
            return first
        try:
            return self._try([*first.jobs, *second.jobs])
        except Rejected:
            return first  # each half is sound alone: the second one is tried again in the next pass

    def _keep_of_half(self, jobs: list[_Job], reason: str) -> _Done:
        """Do the same for a part of the jobs that failed it together, unless there have been too many parts."""
        if not self._is_too_long:
            return self._keep_sound(jobs)
        for job in jobs:
            job.target.leave(Why.DROPPED, f"the fix was dropped with others, too many to try each, since {reason}")
        return _Done([], self._snapshot)

    @property
    def _is_too_long(self) -> bool:
        return self._effort >= MOST_EFFORT

    def _try(self, jobs: Sequence[_Job]) -> _Done:
        if self._garbage > MOST_GARBAGE:
            collect()
            self._garbage = 0
        edits = [edit for job in jobs for edit in job.fix.edits]
        before = self._snapshot
        self._effort += _MICROSECONDS_A_CHARACTER * len(before.text) + _MICROSECONDS_A_FINDING * len(before.findings)
        try:
            after = splice(self._snapshot.text, edits)
        except ValueError as error:
            raise Rejected(str(error)) from error
        self._garbage += len(after)
        fixed = Counter(job.target.finding.fingerprint for job in jobs)
        expected = Expected(fixed, self._kept)
        return _Done(list(jobs), Snapshot(after, verify(before, after, edits, expected, self._analyse)))

    def _follow(self) -> None:
        """Find the remaining targets again in the new text, by fingerprint and order."""
        found: dict[str, list[Fixable]] = defaultdict(list)
        for finding in sorted(self._snapshot.findings, key=_key_of_place):
            found[finding.fingerprint].append(finding)
        for fingerprint, targets in self._targets.items():
            self._follow_twins(targets, found[fingerprint])

    def _follow_twins(self, targets: list[_Target], found: list[Fixable]) -> None:
        """Match the targets of one fingerprint; what vanished together with another finding counts as fixed."""
        if len(found) < len(targets) and found and not all(target.wanted for target in targets):
            for target in filter(_is_wanted, targets):
                target.leave(Why.DROPPED, "after other fixes it can't be told from a suppressed one")
            return
        for target in targets[len(found) :]:
            if target.wanted:
                self._fixed[_applicability(target)] += 1
        del targets[len(found) :]
        for target, finding in zip(targets, found, strict=True):
            target.finding = finding


def _is_wanted(target: _Target) -> bool:
    return target.wanted


def _applicability(target: _Target) -> Applicability:
    """How safe the fix of a finding is that vanished with another one: as a rule, they had the same fix."""
    fix = target.finding.fix if target.why is Why.WAITING else None
    return fix.applicability if isinstance(fix, Fix) else Applicability.SAFE


def _key_of_place(finding: Fixable) -> tuple[int, int, str]:
    return finding.line, finding.column, finding.code

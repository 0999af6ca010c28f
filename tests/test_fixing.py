"""Applying and verifying fixes, below the level of flake8."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from flake8_pitfalls.fixes.apply import MAX_PASSES, Outcome, Why, conflict, fix_text, splice
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.fixes.verify import (
    Expected,
    Rejected,
    Snapshot,
    check_comments,
    comments_of,
    is_pragma,
    verify,
    without_pragmas,
)
from flake8_pitfalls.rules.finding import Finding

Maker = Callable[[str, re.Match[str]], Fix | Refusal]

BAD = re.compile(r"bad_(\w+)")


def analyser(make: Maker) -> Callable[[str], Sequence[Finding]]:
    """Return a small analysis: each name that starts with ``bad_`` is a finding, fixed as ``make`` says."""

    def analyse(text: str) -> list[Finding]:
        return [finding(text, match) for match in BAD.finditer(text)]

    def finding(text: str, match: re.Match[str]) -> Finding:
        line = text.count("\n", 0, match.start()) + 1
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        return Finding("PIT999", line, column, f"{match[0]} is bad", match[1], lambda: make(text, match))

    return analyse


def fix(*edits: Edit, applicability: Applicability = Applicability.SAFE) -> Fix:
    return Fix(applicability, edits)


def rename(_text: str, match: re.Match[str]) -> Fix:
    return fix(Edit(match.start(), match.end(), match[1]))


def run(text: str, make: Maker = rename, *, lines: Sequence[int] | None = None, unsafe: bool = False) -> Outcome:
    """Fix the findings in the given lines, by default all."""
    analyse = analyser(make)
    wanted = [(f.code, f.line, f.column) for f in analyse(text) if lines is None or f.line in lines]
    return fix_text(text, wanted, analyse, unsafe=unsafe)


class TestSplice:
    def test_edits_are_carried_out_by_position(self) -> None:
        assert splice("0123456789", [Edit(8, 10, ""), Edit(0, 1, "zero"), Edit(4, 4, "-")]) == "zero123-4567"

    def test_no_edits(self) -> None:
        assert splice("text", []) == "text"

    def test_insertions_at_one_place_keep_their_order_and_equal_ones_count_once(self) -> None:
        assert splice("ab", [Edit(1, 1, "z"), Edit(1, 1, "y"), Edit(1, 1, "z")]) == "azyb"

    @pytest.mark.parametrize(
        "edits", [[Edit(0, 3, ""), Edit(2, 4, "")], [Edit(5, 9, "")], [Edit(-1, 1, "")], [Edit(3, 2, "")]]
    )
    def test_impossible_edits(self, edits: list[Edit]) -> None:
        with pytest.raises(ValueError, match="overlap"):
            splice("01234", edits)


class TestConflict:
    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            (Edit(0, 3, ""), Edit(3, 5, ""), False),
            (Edit(0, 4, ""), Edit(3, 5, ""), True),
            (Edit(0, 9, ""), Edit(3, 5, ""), True),
            (Edit(3, 3, "a"), Edit(3, 3, "b"), True),
            (Edit(3, 3, "a"), Edit(3, 5, "b"), True),
            (Edit(0, 3, "a"), Edit(3, 3, "b"), True),
            (Edit(3, 3, "a"), Edit(4, 4, "b"), False),
            (Edit(4, 4, "a\n"), Edit(4, 4, "b\n"), False),
            (Edit(3, 3, "a\n"), Edit(3, 3, "b\n"), True),
            (Edit(0, 0, "a\n"), Edit(0, 0, "b\n"), False),
            (Edit(4, 4, "a\n"), Edit(4, 4, "b"), True),
        ],
    )
    def test_pairs(self, one: Edit, other: Edit, expected: bool) -> None:
        text = "012\n45678\n"
        assert conflict(text, one, other) is conflict(text, other, one) is expected


class TestApply:
    def test_only_what_was_asked_for(self) -> None:
        outcome = run("bad_a = 1\nbad_b = 2\nbad_c = 3\n", lines=[1, 3])
        assert outcome == Outcome("a = 1\nbad_b = 2\nc = 3\n", safe=2)

    def test_nothing_asked_for(self) -> None:
        assert run("bad_a = 1\n", lines=[]) == Outcome("bad_a = 1\n")

    def test_a_report_that_is_not_there(self) -> None:
        outcome = fix_text("a = 1\n", [("PIT999", 1, 0)], analyser(rename))
        assert (outcome.text, outcome.missing) == ("a = 1\n", [("PIT999", 1, 0)])

    def test_overlapping_fixes_take_several_passes(self) -> None:
        def whole_line(text: str, match: re.Match[str]) -> Fix:
            start = text.rfind("\n", 0, match.start()) + 1
            end = text.find("\n", start)
            return fix(Edit(start, end, text[start:end].replace(match[0], match[1])))

        assert run("f(bad_a, bad_b, bad_c)\n", whole_line) == Outcome("f(a, b, c)\n", safe=3)

    def test_insertions_at_one_place_take_several_passes(self) -> None:
        """Each is made for the text that it meets, so they can't be put side by side."""

        def with_insertion(_text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(0, 0, f"{match[1]} + "), Edit(match.start(), match.end(), match[1]))

        assert run("0\nbad_a\nbad_b\n", with_insertion) == Outcome("b + a + 0\na\nb\n", safe=2)

    def test_passes_end(self) -> None:
        def everything(text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(0, len(text), text.replace(match[0], match[1], 1)))

        names = "abcdefghijklmn"
        outcome = run("".join(f"bad_{name}\n" for name in names), everything)
        assert outcome.text == "".join(f"{name}\n" for name in names[:MAX_PASSES]) + "".join(
            f"bad_{name}\n" for name in names[MAX_PASSES:]
        )
        assert outcome.safe == MAX_PASSES
        assert {left.why for left in outcome.left} == {Why.WAITING}

    def test_lines_inserted_at_one_place_go_together_in_order(self) -> None:
        def with_import(_text: str, match: re.Match[str]) -> Fix:
            return fix(
                Edit(match.start(), match.end(), match[1]),
                Edit(5, 5, "import common\n"),
                Edit(5, 5, f"import {match[1]}\n"),
            )

        # More than the passes could do one by one.
        names = [f"n{number}" for number in range(MAX_PASSES + 5)]
        outcome = run("pass\n\n" + "".join(f"bad_{name}\n" for name in names), with_import)
        imports = "".join(f"import {name}\n" for name in names)
        assert outcome.text == "pass\nimport common\n" + imports + "\n" + "".join(f"{name}\n" for name in names)

    def test_a_finding_that_moves_is_recognised(self) -> None:
        def lines_before(text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(0, match.end(), "pass\npass\n" + text[: match.start()] + match[1]))

        outcome = run("bad_a\nbad_b\nbad_c\n", lines_before, lines=[1, 3])
        assert outcome.text == "pass\n" * 4 + "a\nbad_b\nc\n"

    def test_twins_are_told_apart_by_their_order(self) -> None:
        def whole(text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(0, len(text), text[: match.start()] + match[1] + text[match.end() :]))

        assert run("bad_a\n" * 4, whole, lines=[2, 4]).text == "bad_a\na\nbad_a\na\n"

    def test_twins_that_cannot_be_told_apart_are_left(self) -> None:
        def first_and_next(text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(0, len(text), text.replace("bad_a", "a", 2)))

        outcome = run("bad_a\n" * 5, first_and_next, lines=[1, 2, 5])
        assert outcome.text == "a\na\nbad_a\nbad_a\nbad_a\n"
        assert {left.why for left in outcome.left} == {Why.DROPPED}

    def test_a_finding_that_vanishes_with_another_counts_as_fixed(self) -> None:
        def delete_line(text: str, match: re.Match[str]) -> Fix:
            start = text.rfind("\n", 0, match.start()) + 1
            return fix(Edit(start, text.index("\n", start) + 1, ""))

        assert run("bad_a, bad_b\nrest\n", delete_line) == Outcome("rest\n", safe=2)

    def test_unsafe_fixes(self) -> None:
        def unsafe(_text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(match.start(), match.end(), match[1]), applicability=Applicability.UNSAFE)

        outcome = run("bad_a\n", unsafe)
        assert (outcome.text, [left.why for left in outcome.left]) == ("bad_a\n", [Why.HIDDEN])
        assert run("bad_a\n", unsafe, unsafe=True) == Outcome("a\n", unsafe=1)

    def test_refusals_keep_their_reason_and_place(self) -> None:
        def refuse_b(_text: str, match: re.Match[str]) -> Fix | Refusal:
            return Refusal("b is special") if match[1] == "b" else fix(Edit(match.start(), match.end(), "x\nx"))

        outcome = run("bad_a\nbad_b\n", refuse_b)
        (left,) = outcome.left
        assert outcome.text == "x\nx\nbad_b\n"
        assert (left.key, left.finding.line, left.why, left.reason) == (
            ("PIT999", 2, 0),
            3,
            Why.REFUSED,
            "b is special",
        )

    def test_a_fix_that_cannot_be_made(self) -> None:
        def fail(text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(match.start(), match.end(), match[1])) if match[1] == "a" else {}[text]

        outcome = run("bad_a\nbad_b\n", fail)
        assert outcome.text == "a\nbad_b\n"
        assert "making the fix failed, please report this (KeyError" in outcome.left[0].reason


class TestDropping:
    """A fix that fails the verification is dropped; the others are kept."""

    @pytest.mark.parametrize(
        ("replacement", "reason"),
        [
            ("(", "would not be valid Python"),
            ("return", "would not be valid Python"),
            ("bad_c", "would still have the pitfall"),
            ("bad_new", "would have a new finding (new)"),
        ],
    )
    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_the_culprit_is_found(self, replacement: str, reason: str, count: int) -> None:
        def make(_text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(match.start(), match.end(), replacement if match[1] == "c" else match[1]))

        names = "abcde"[:count] if count > 2 else "c" + "a" * (count - 1)
        outcome = run("".join(f"bad_{name}\n" for name in names), make)
        assert outcome.text == "".join("bad_c\n" if name == "c" else f"{name}\n" for name in names)
        assert outcome.safe == count - 1
        (left,) = outcome.left
        assert left.why is Why.DROPPED
        assert reason in left.reason

    def test_two_fixes_that_only_fail_together(self) -> None:
        def make(text: str, match: re.Match[str]) -> Fix | Refusal:
            if "global" in text:
                return fix(Edit(match.start(), match.end(), match[1]))
            return fix(Edit(match.start(), match.end(), "global x" if match[1] == "a" else "x = 1"))

        outcome = run("def f():\n    bad_b\n    bad_a\n", make)
        assert outcome.text == "def f():\n    x = 1\n    bad_a\n"
        assert [left.why for left in outcome.left] == [Why.DROPPED]

    def test_a_fix_that_also_fixes_what_nobody_asked_for(self) -> None:
        """What is suppressed stays, even where another fix would take it along."""

        outcome = run("bad_a\nbad_b\n", lambda text, _: fix(Edit(0, len(text), "a\nb\n")), lines=[1])
        assert outcome.text == "bad_a\nbad_b\n"
        assert "would also fix what is suppressed or not selected (b)" in outcome.left[0].reason

    def test_impossible_edits(self) -> None:
        def make(_text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(match.start(), match.end(), "a"), Edit(match.start(), match.end(), "b"))

        outcome = run("bad_a\n", make)
        assert outcome.text == "bad_a\n"
        assert "overlap" in outcome.left[0].reason

    def test_a_lost_comment(self) -> None:
        def make(_text: str, match: re.Match[str]) -> Fix:
            return fix(Edit(match.start(), match.end() + len("  # why"), match[1]))

        outcome = run("bad_a  # why\nbad_b  # why\n", make)
        assert outcome.text == "bad_a  # why\nbad_b  # why\n"
        assert "would lose the comment '# why'" in outcome.left[0].reason

    def test_code_that_did_not_compile_before(self) -> None:
        """``return`` outside of a function is a mistake that only the compiler sees."""
        assert run("return bad_a\n").text == "return a\n"


class TestVerify:
    def check(self, before: str, edits: list[Edit]) -> None:
        verify(Snapshot(before, []), splice(before, edits), edits, Expected(), lambda _: [])

    @pytest.mark.parametrize(
        "comment", ["# noqa", "# noqa: PIT201,E501", "# type: ignore[x]", "# pylint: disable=all", "# pragma: no cover"]
    )
    def test_a_pragma_may_go_with_its_statement(self, comment: str) -> None:
        text = f"a = 1  {comment}\nb = 2\n"
        self.check(text, [Edit(0, text.index("b"), "")])

    @pytest.mark.parametrize("comment", ["# noqa", "# type: ignore[x]"])
    def test_a_pragma_elsewhere_may_not(self, comment: str) -> None:
        """It isn't where the edit is, so it must have got lost by mistake."""
        text = f"a = 1  {comment}\nb = '''\n'''\n"
        with pytest.raises(Rejected, match="lose the comment"):
            verify(
                Snapshot(text, []), "a = 1\nb = ''\n", [Edit(text.index("b"), len(text), "b = ''\n")], Expected(), list
            )

    @pytest.mark.parametrize(
        "comment", ["# why", "# noqa  # since it's on purpose", "# noqa since", "# type: list", "#"]
    )
    def test_a_comment_for_people_may_not(self, comment: str) -> None:
        assert not is_pragma(comment)
        text = f"a = 1  {comment}\nb = 2\n"
        with pytest.raises(Rejected, match="lose the comment"):
            self.check(text, [Edit(0, text.index("b"), "")])

    @pytest.mark.parametrize(
        ("comment", "kept"),
        [
            ("# noqa  # on purpose", "# on purpose"),
            ("# on purpose  # noqa: F821", "# on purpose"),
            ("# type: ignore # one # two", "# one # two"),
            ("# one  # pylint: disable=x  # two", "# one  # two"),
            ("# noqa", ""),
            ("# noqa: E501  # type: ignore", ""),
            ("# on purpose", "# on purpose"),
            ("# noqa since", "# noqa since"),
            ("# noqa: E501 since people ask", "# noqa: E501 since people ask"),
            ("#", "#"),
            ("#!odd", "#!odd"),
            ("## heading ##", "## heading ##"),
        ],
    )
    def test_what_a_comment_says_to_people(self, comment: str, kept: str) -> None:
        assert without_pragmas(comment).split() == kept.split()
        assert without_pragmas(kept) == kept
        assert is_pragma(comment) is (not kept)

    @pytest.mark.parametrize("comment", ["# noqa  # on purpose", "# on purpose  # noqa: E501"])
    def test_the_pragma_of_a_mixed_comment_may_go_with_its_statement(self, comment: str) -> None:
        text = f"a = 1  {comment}\nb = 2\n"
        whole = Edit(0, text.index("b"), "")
        self.check(text, [Edit(0, text.index("b"), "# on purpose\n")])
        self.check(text, [Edit(0, text.index("#"), "")])
        with pytest.raises(Rejected, match="lose the comment '# on purpose'"):
            self.check(text, [whole])
        with pytest.raises(Rejected, match="lose the comment"):
            self.check(text, [Edit(0, text.index("b"), "# noqa\n")])

    @pytest.mark.parametrize("comment", ["# noqa  # on purpose", "# on purpose  # noqa: E501"])
    def test_the_pragma_of_a_mixed_comment_elsewhere_may_not(self, comment: str) -> None:
        before, after = f"a = 1  {comment}\nb = 2\n", "a = 1  # on purpose\nb = 3\n"
        edits = [Edit(before.index("2"), before.index("2") + 1, "3")]
        with pytest.raises(Rejected, match="lose the comment"):
            check_comments(comments_of(before), comments_of(after), edits)
        check_comments(comments_of(before), comments_of(before), edits)

    def test_of_two_mixed_comments_each_part_for_people_stays(self) -> None:
        text = "a = 1  # noqa  # why\nb = 1  # noqa  # why\nc = 1\n"
        edits = [Edit(0, text.index("c"), "# why\n")]
        with pytest.raises(Rejected, match="lose the comment '# why'"):
            self.check(text, edits)
        self.check(text, [Edit(0, text.index("c"), "# why\n# why\n")])

    def test_one_of_two_equal_comments_may_not_go(self) -> None:
        with pytest.raises(Rejected, match="lose the comment"):
            self.check("a  # x\nb  # x\n", [Edit(0, 7, "")])

    def test_comments_may_move(self) -> None:
        self.check("a  # x\nb\n", [Edit(1, 6, ""), Edit(8, 8, "  # x")])

    def test_an_analysis_that_fails(self) -> None:
        def analyse(_: str) -> list[Finding]:
            raise RuntimeError("oops")

        with pytest.raises(Rejected, match="could not be analysed"):
            verify(Snapshot("a", []), "b", [], Expected(), analyse)

    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_places_of_comments(self, newline: str) -> None:
        text = (
            f"\u00e9 = '''{newline}#no'''  # one{newline}{newline}\t# two\x0c \u2028{newline}if x:{newline}  y  #three"
        )
        found = comments_of(text)
        assert [comment.text for comment in found] == ["# one", "# two", "#three"]
        assert all(text.startswith(comment.text, comment.offset) for comment in found)

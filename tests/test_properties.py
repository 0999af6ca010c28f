"""What holds for every fixture: how fixes, comments, suppressions and selections have to behave."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from flake8_pitfalls.fixes.verify import without_pragmas
from tests.fixtures import MARK, Report, copy, detect_programs, fix, fix_programs, fixed, marks, name_of, reports
from tests.support import pitfalls

RULES = ["late_binding", "metaclass", "mutable_default", "pickling"]
DETECT = [program for rule in RULES for program in detect_programs(rule)]
FIX = [program for rule in RULES for program in fix_programs(rule)]
FIXED = sorted({path for program in FIX for path in (fixed(program), fixed(program, unsafe=False))} - set(FIX))

UNSAFE = "--unsafe-fixes"


def contents(copies: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in copies.items()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def comments(path: Path) -> Counter[str]:
    text = re.sub(rb"\r\n?", b"\n", path.read_bytes())
    tokens = tokenize.tokenize(io.BytesIO(text).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


def does_not_compile(path: Path) -> str | None:
    try:
        compile(path.read_bytes(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return str(error)
    return None


def program_of(path: Path) -> Path:
    """The program from which a fixed file was made."""
    return path.with_name(path.name.partition(".")[0] + ".py")


def test_fixed_files_compile() -> None:
    assert FIXED
    assert {name_of(path): error for path in FIXED if (error := does_not_compile(path))} == {}


def test_fixes_keep_comments() -> None:
    assert [name_of(path) for path in FIXED if expected_comments(path) != comments(path)] == []


def expected_comments(path: Path) -> Counter[str]:
    """The comments of the program from which a file was made; where tools are told something, the rest of them."""
    before = comments(program_of(path))
    if path.parent.name != "pragmas":
        return before
    assert any(without_pragmas(comment) != comment for comment in before)
    return Counter(kept for comment in before.elements() if (kept := without_pragmas(comment)))


def test_fixes_keep_line_ends_and_byte_order_marks() -> None:
    def shape(path: Path) -> tuple[set[bytes], bool, bool]:
        text = path.read_bytes()
        return set(re.findall(rb"\r\n?|\n", text)), text.startswith(b"\xef\xbb\xbf"), text.endswith((b"\n", b"\r"))

    assert [name_of(path) for path in FIXED if shape(path) != shape(program_of(path))] == []


def errors(copies: dict[str, Path]) -> dict[str, str]:
    return {name: error for name, path in copies.items() if (error := does_not_compile(path))}


def copy_fixed(programs: list[Path], directory: Path, *, unsafe: bool) -> dict[str, Path]:
    """Copy what programs become, under the names of the programs."""
    copies = copy(programs, directory)
    for program in programs:
        copies[name_of(program)].write_bytes(fixed(program, unsafe=unsafe).read_bytes())
    return copies


def test_fixing_again_changes_nothing(tmp_path: Path) -> None:
    copies = copy_fixed(FIX, tmp_path, unsafe=True)
    before = contents(copies)
    fix(tmp_path, UNSAFE)
    assert changed(before, contents(copies)) == set()


def test_unsafe_fixes_can_follow_safe_ones(tmp_path: Path) -> None:
    partly = [program for program in FIX if fixed(program, unsafe=False) != fixed(program)]
    copies = copy_fixed(partly, tmp_path, unsafe=False)
    safe = contents(copies)
    fix(tmp_path)
    assert changed(safe, contents(copies)) == set()
    fix(tmp_path, UNSAFE)
    assert changed(safe, contents(copies))
    assert errors(copies) == {}


def test_what_is_fixed_is_not_reported_any_more(tmp_path: Path) -> None:
    copies = copy(DETECT[::3], tmp_path)
    original, before = contents(copies), counts(reports(tmp_path, command=pitfalls))
    fix(tmp_path, UNSAFE)
    once, after = contents(copies), counts(reports(tmp_path, command=pitfalls))
    assert after <= before
    assert {program for program, _ in before - after} == changed(original, once)
    assert errors(copies) == {}
    fix(tmp_path, UNSAFE)
    assert changed(once, contents(copies)) == set()


def test_noqa_removes_report_and_fix(tmp_path: Path) -> None:
    copies = copy(DETECT, tmp_path)
    for path in copies.values():
        path.write_bytes(re.sub(MARK.pattern.encode(), rb"# noqa: \1", path.read_bytes(), flags=re.MULTILINE))
    before = contents(copies)
    assert reports(tmp_path) == []
    fix(tmp_path, UNSAFE)
    assert changed(before, contents(copies)) == set()


@pytest.mark.parametrize(
    "code", ["PIT101", "PIT102", "PIT201", "PIT202", "PIT203", *(f"PIT30{n}" for n in range(1, 6))]
)
def test_only_selected_codes_are_fixed(tmp_path: Path, code: str) -> None:
    with_it = [program for program in DETECT if any(mark.code == code for mark in marks(program))]
    programs = list(dict.fromkeys([*with_it[::6], *DETECT[::20]]))
    expected = {mark for program in programs for mark in marks(program)}
    copies = copy(programs, tmp_path)
    original = contents(copies)
    fix(tmp_path, UNSAFE, f"--select={code}")
    touched, after = changed(original, contents(copies)), set(reports(tmp_path, command=pitfalls))
    assert touched
    assert touched <= {mark.program for mark in expected if mark.code == code}
    assert counts(after, without=code) == counts(expected, without=code)


def counts(found: Iterable[Report], *, without: str = "") -> Counter[tuple[str, str]]:
    """How often a program has a code."""
    return Counter((report.program, report.code) for report in found if report.code != without)

"""Tests of the fixes of mutable defaults; the programs are in fixtures/mutable_default/fix."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fixtures import copy, fix, fix_programs, fixed, name_of, output, wrongly_fixed

PROGRAMS = fix_programs("mutable_default")
FIXED = [program for program in PROGRAMS if fixed(program) != program]
REFUSED = [program for program in PROGRAMS if fixed(program) == program]


def changed_in(program: Path, *, unsafe: bool) -> bool:
    return fixed(program, unsafe=unsafe) != program


@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_files_are_fixed_as_expected(tmp_path: Path, unsafe: bool) -> None:
    assert wrongly_fixed(PROGRAMS, tmp_path, unsafe=unsafe) == ""


def test_the_programs_cover_every_kind_of_fix() -> None:
    kinds = {(changed_in(program, unsafe=False), changed_in(program, unsafe=True)) for program in PROGRAMS}
    assert kinds == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("program", FIXED, ids=name_of)
def test_fixed_programs_print_what_is_expected(program: Path) -> None:
    recorded = program.with_suffix(".out")
    expected = recorded.read_text("utf-8") if recorded.exists() else output(program)
    assert expected or b"__main__" not in program.read_bytes()
    assert output(fixed(program)) == expected


MISBEHAVING = [program for program in FIXED if program.with_suffix(".out").exists()]


@pytest.mark.parametrize("program", MISBEHAVING, ids=name_of)
def test_programs_misbehave_before(program: Path) -> None:
    try:
        before = output(program)
    except (ValueError, TypeError) as error:
        # A dataclass refuses a mutable default, so the program doesn't even start.
        before = str(error)
    assert before != program.with_suffix(".out").read_text("utf-8")


PARTLY_SAFE = [program for program in FIXED if fixed(program, unsafe=False) not in (program, fixed(program))]


@pytest.mark.parametrize("program", PARTLY_SAFE, ids=name_of)
def test_safely_fixed_programs_run(program: Path) -> None:
    assert output(fixed(program, unsafe=False))


@pytest.mark.parametrize("program", REFUSED, ids=name_of)
def test_refused_programs_run(program: Path) -> None:
    assert output(program)


def test_fixed_files_keep_their_permissions(tmp_path: Path) -> None:
    (program, target), *_ = ((p, c) for p, c in zip(FIXED, copy(FIXED[:1], tmp_path).values(), strict=False))
    os.chmod(target, 0o755)
    fix(tmp_path, "--unsafe-fixes")
    assert target.read_bytes() == fixed(program).read_bytes()
    assert target.stat().st_mode & 0o777 == 0o755

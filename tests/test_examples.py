"""The programs in ``docs/examples``: what they print, what is reported, and what the fix makes of them."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.support import flake8, pitfalls, run

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.py"))
MARK = re.compile(r"(?:^|  )# (PIT\d{3})(, not fixed)?$")
REPORT = re.compile(r"^[^:]+:(\d+):\d+: (PIT\d{3}) ", re.MULTILINE)


def marks(path: Path, *, left: bool = False) -> list[tuple[int, str]]:
    """The lines and codes that the comments of a program announce: all, or those that the fix leaves."""
    lines = enumerate(path.read_text().splitlines(), start=1)
    found = ((number, MARK.search(line)) for number, line in lines)
    return [(number, mark[1]) for number, mark in found if mark is not None and (mark[2] or not left)]


def reports(text: str) -> list[tuple[int, str]]:
    """The lines and codes that were reported."""
    return [(int(number), code) for number, code in REPORT.findall(text)]


def printed(path: Path) -> str:
    """What a program prints."""
    result = run(sys.executable, "-W", "error", str(path), cwd=path.parent)
    assert (result.code, result.err) == (0, "")
    return result.text


def test_every_example_has_a_fixed_version_and_outputs() -> None:
    expected = {*NAMES, *(Path(name).with_suffix(".txt").name for name in NAMES)}
    assert expected
    for folder in (EXAMPLES, EXAMPLES / "fixed"):
        assert {path.name for path in folder.iterdir() if path.is_file()} == expected


def test_the_documentation_shows_every_example() -> None:
    text = (EXAMPLES.parent / "examples.rst").read_text()
    for name in NAMES:
        assert f".. literalinclude:: examples/{name}\n" in text
        assert f".. literalinclude:: examples/{Path(name).with_suffix('.txt')}\n" in text


@pytest.mark.parametrize("name", NAMES)
class TestExample:
    def test_it_prints_what_the_documentation_says(self, name: str) -> None:
        for path in (EXAMPLES / name, EXAMPLES / "fixed" / name):
            assert printed(path) == path.with_suffix(".txt").read_text()

    def test_flake8_reports_what_is_announced(self, name: str) -> None:
        result = flake8("--isolated", "--select=PIT", name, cwd=EXAMPLES)
        assert reports(result.text) == marks(EXAMPLES / name)

    def test_the_fix_is_the_committed_one(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / name
        shutil.copyfile(EXAMPLES / name, path)
        result = pitfalls("--isolated", "--fix", "--unsafe-fixes", name, cwd=tmp_path)
        fixed = EXAMPLES / "fixed" / name
        assert path.read_text() == fixed.read_text()
        assert reports(result.text) == marks(fixed, left=True)
        assert len(marks(fixed)) == len(marks(EXAMPLES / name))

    def test_a_second_fix_changes_nothing(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / name
        shutil.copyfile(EXAMPLES / "fixed" / name, path)
        result = pitfalls("--isolated", "--fix", "--unsafe-fixes", name, cwd=tmp_path)
        assert path.read_bytes() == (EXAMPLES / "fixed" / name).read_bytes()
        assert reports(result.text) == marks(path, left=True)

    def test_what_can_be_fixed_behaves_differently(self, name: str) -> None:
        fixed = EXAMPLES / "fixed" / name
        changed = (EXAMPLES / name).read_text() != fixed.read_text()
        assert (printed(EXAMPLES / name) != printed(fixed)) is changed

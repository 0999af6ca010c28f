"""The formatters inside plain flake8: exactly what flake8 reports is what gets fixed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support import FIXED, PITFALL, UNFIXABLE, UNSAFE, flake8, git, pitfalls, write

FIX = ("--format=pitfalls-fix", "--select=PIT")
DIFF = ("--format=pitfalls-diff", "--select=PIT")


def named(name: str) -> str:
    return PITFALL.replace("add", name)


def fixed(name: str) -> str:
    return FIXED.replace("add", name)


def test_fix(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    result = flake8(*FIX, "a.py", cwd=tmp_path)
    assert (result.code, result.out) == (1, b"")  # flake8's exit code: something was reported
    assert "fixed 1 finding" in result.err
    assert path.read_text() == FIXED
    assert flake8(*FIX, "a.py", cwd=tmp_path) == (0, b"", "")


def test_diff(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    result = flake8(*DIFF, "a.py", cwd=tmp_path)
    assert result.code == 1
    assert path.read_text() == PITFALL
    git("init", "-q", cwd=tmp_path)
    assert git("apply", cwd=tmp_path, stdin=result.out).code == 0
    assert path.read_text() == FIXED


def test_diff_and_fix_of_the_command_do_the_same(tmp_path: Path) -> None:
    for name in ("a.py", "b.py"):
        write(tmp_path / name, PITFALL)
    assert flake8(*DIFF, cwd=tmp_path).out == pitfalls("--diff", cwd=tmp_path).out
    assert pitfalls("--format=pitfalls-diff", cwd=tmp_path).out == pitfalls("--diff", cwd=tmp_path).out
    assert pitfalls("--format=pitfalls-fix", cwd=tmp_path).code == 0
    assert (tmp_path / "b.py").read_text() == FIXED


@pytest.mark.parametrize(
    ("arguments", "config"),
    [
        (["--per-file-ignores=b.py:PIT201"], ""),
        (["--exclude=b.py"], ""),
        ([], "per-file-ignores = b.py:PIT2"),
        ([], "extend-exclude = b.py"),
        (["-j2"], "exclude = b.py"),
    ],
)
def test_what_is_not_reported_is_not_fixed(tmp_path: Path, arguments: list[str], config: str) -> None:
    write(tmp_path / ".flake8", f"[flake8]\n{config}\n")
    for name in ("a.py", "b.py", "c.py"):
        write(tmp_path / name, PITFALL)
    flake8(*FIX, *arguments, cwd=tmp_path)
    texts = [(tmp_path / name).read_text() for name in ("a.py", "b.py", "c.py")]
    assert texts == [FIXED, PITFALL, FIXED]


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: PIT201", "# noqa:PIT"])
def test_a_suppressed_neighbour_is_not_fixed(tmp_path: Path, comment: str) -> None:
    kept = named("two").replace("):", f"):  {comment}")
    path = write(tmp_path / "a.py", named("one") + kept + named("three"))
    flake8(*FIX, "a.py", cwd=tmp_path)
    assert path.read_text() == fixed("one") + kept + fixed("three")


def test_a_suppressed_twin_is_not_fixed(tmp_path: Path) -> None:
    """Two functions of one name can't be told apart by name once other fixes moved them."""
    kept = PITFALL.replace("):", "):  # noqa")
    path = write(tmp_path / "a.py", kept + PITFALL + kept)
    flake8(*FIX, "a.py", cwd=tmp_path)
    assert path.read_text() == kept + FIXED + kept


def test_several_in_one_function(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.py", "def f(a, x=[], y={}):\n    x.append(a)\n    y.update(a)\n    return len(x), len(y)\n"
    )
    assert pitfalls("a.py", cwd=tmp_path).text.count("PIT201") == 2
    assert pitfalls("--fix", "a.py", cwd=tmp_path).code == 0
    text = path.read_text()
    assert text.startswith("def f(a, x=None, y=None):\n")
    assert text.index("x = []") < text.index("y = {}")


def test_one_file_under_several_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    os.symlink("a.py", tmp_path / "b.py")
    once = flake8(*DIFF, "a.py", cwd=tmp_path).out
    assert flake8(*DIFF, "a.py", "a.py", "./a.py", "b.py", cwd=tmp_path).out == once
    flake8(*FIX, "a.py", "a.py", "./a.py", "b.py", cwd=tmp_path)
    assert path.read_text() == FIXED


def test_quiet_replaces_the_formatter(tmp_path: Path) -> None:
    """A fact about flake8, which the docs mention: nothing is fixed then."""
    path = write(tmp_path / "a.py", PITFALL)
    assert flake8(*FIX, "-q", "a.py", cwd=tmp_path).out == b"a.py\n"
    assert path.read_text() == PITFALL


def test_quiet_fixes_with_the_command(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    assert pitfalls("--fix", "-q", "a.py", cwd=tmp_path) == (0, b"", "")
    assert path.read_text() == FIXED


def test_reports_of_others_are_still_shown(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "import os\n" + UNFIXABLE)
    for option, stream in (("--format=pitfalls-fix", 1), ("--format=pitfalls-diff", 2)):
        result = flake8(option, "--select=PIT,F", "a.py", cwd=tmp_path)
        shown = result[stream].decode() if stream == 1 else result.err
        assert "a.py:1:1: F401 " in shown
        assert "a.py:2:20: PIT201 " in shown
        assert "[not fixed: " in shown
        assert result.out == (result.out if stream == 1 else b"")


def test_standard_input(tmp_path: Path) -> None:
    before, after = (text.replace("\n", "\r\n").encode() for text in (PITFALL, FIXED))
    assert flake8(*FIX, "-", cwd=tmp_path, stdin=before).out == after
    assert flake8(*FIX, "-", cwd=tmp_path, stdin=b"def f(:\r\n").out == b"def f(:\r\n"
    assert flake8(*DIFF, "-", cwd=tmp_path, stdin=before).out.startswith(b"--- a/stdin\n+++ b/stdin\n")


def test_unsafe_fixes_are_an_option_of_the_configuration_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", UNSAFE)
    result = flake8(*FIX, "a.py", cwd=tmp_path)
    assert "enable with --pitfalls-unsafe-fixes" in result.err
    assert path.read_text() == UNSAFE
    write(tmp_path / ".flake8", "[flake8]\npitfalls-unsafe-fixes = True\n")
    flake8(*FIX, "a.py", cwd=tmp_path)
    assert "seen: list | None = None" in path.read_text()

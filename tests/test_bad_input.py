"""Files that are no good: a clear message, the right exit code, and the bytes stay as they were."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from pathlib import Path

import pytest

from tests.support import FIXED, PITFALL, Result, flake8, pitfalls, python, report, run, write

CHAIN = " and ".join(["a"] * 20_000)
"""LibCST's parser recurses on this one, while Python's does not."""


def check(tmp_path: Path, data: bytes, code: int, *messages: str) -> None:
    """Run the command in all its ways on a file and, as far as the reports go, on standard input."""
    path = write(tmp_path / "a.py", data)
    for option in ([], ["--diff"], ["--fix"]):
        result = pitfalls(*option, "a.py", cwd=tmp_path)
        shown = result.err if option == ["--diff"] else result.text
        assert (result.code, shown.count("\n")) == (code, len(messages)), (option, result)
        for message in messages:
            assert message in shown
    assert path.read_bytes() == data
    assert pitfalls("-", cwd=tmp_path, stdin=data).code == code
    result = pitfalls("--fix", "-", cwd=tmp_path, stdin=data)
    assert (result.code, result.out) == (code, data)


def test_python_2(tmp_path: Path) -> None:
    check(tmp_path, b"def f(x=[]):\n    print x\n", 2, "E999 SyntaxError: Missing parentheses")


def test_null_bytes(tmp_path: Path) -> None:
    check(tmp_path, PITFALL.encode() + b"x = '\0'\n", 2, "null bytes")


def test_undecodable_bytes(tmp_path: Path) -> None:
    check(tmp_path, PITFALL.encode() + b"x = '\xff'\n", 2, "PIT000 this file could not be analysed: ")
    message = "a.py:1:1: PIT000 this file could not be analysed: byte 0xff on line 4 isn't valid utf-8"
    assert pitfalls("a.py", cwd=tmp_path).text.startswith(message)


def test_unknown_encoding(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", b"# coding: klingon\n" + PITFALL.encode())
    data = path.read_bytes()
    result = pitfalls("--fix", "a.py", cwd=tmp_path)
    assert (result.code, path.read_bytes()) == (2, data)
    assert "a.py:1:1: PIT000 this file could not be analysed: unknown encoding: klingon" in result.text


def test_flake8_reads_undecodable_bytes_but_nothing_is_fixed(tmp_path: Path) -> None:
    data = PITFALL.encode() + b"x = '\xff'\n"
    path = write(tmp_path / "a.py", data)
    result = flake8("--select=PIT", "--format=pitfalls-fix", "a.py", cwd=tmp_path)
    assert "PIT201" in result.text
    assert "[not fixed: byte 0xff on line 4 isn't valid utf-8]" in result.text
    assert path.read_bytes() == data


def test_a_directory_named_like_a_file(tmp_path: Path) -> None:
    write(tmp_path / "x.py/inner.py", PITFALL)
    for arguments in (["x.py"], ["."]):
        assert pitfalls(*arguments, cwd=tmp_path).text.count("inner.py:1:20: PIT201") == 1
    assert pitfalls("--fix", "x.py", cwd=tmp_path).code == 0
    assert (tmp_path / "x.py/inner.py").read_text() == FIXED


def test_an_empty_file(tmp_path: Path) -> None:
    check(tmp_path, b"", 0)
    check(tmp_path, b"\xef\xbb\xbf", 0)
    check(tmp_path, b"\n", 0)


def test_a_missing_file(tmp_path: Path) -> None:
    result = pitfalls("--fix", "gone.py", cwd=tmp_path)
    assert result.code == 2
    assert "gone.py:0:1: E902 FileNotFoundError" in result.text


def test_a_broken_symbolic_link(tmp_path: Path) -> None:
    os.symlink("gone.py", tmp_path / "a.py")
    write(tmp_path / "b.py", PITFALL)
    result = pitfalls("--fix", cwd=tmp_path)
    assert result.code == 2
    assert "a.py:0:1: E902 FileNotFoundError" in result.text
    assert (tmp_path / "a.py").is_symlink()
    assert (tmp_path / "b.py").read_text() == FIXED


def drop_privileges() -> None:
    """Give up the superuser's rights to read and write everything (capabilities 1 and 2) in the program run next."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (1, 2):
        if libc.prctl(24, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")


def as_ordinary_user(*arguments: str, cwd: Path) -> Result:
    """Run the command so that the permissions of files count, even if the tests are run by the superuser."""
    command = (sys.executable, "-m", "flake8_pitfalls", *arguments)
    return run(*command, cwd=cwd, before=drop_privileges if os.geteuid() == 0 else None)


def test_an_unreadable_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    path.chmod(0)
    for option in ([], ["--fix"]):
        result = as_ordinary_user("-j1", *option, "a.py", cwd=tmp_path)
        assert result.code == 2
        assert "a.py:0:1: E902 PermissionError" in result.text
    path.chmod(0o600)
    assert path.read_text() == PITFALL


def test_a_read_only_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", PITFALL)
    path.chmod(0o444)
    result = pitfalls("--fix", "a.py", cwd=tmp_path)
    assert result.code == 1
    assert result.text.startswith(report("a.py"))
    assert "[not fixed: not written: the file is read-only]" in result.text
    assert path.read_text() == PITFALL
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_read_only_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "sub/a.py", PITFALL)
    path.chmod(0o666)
    path.parent.chmod(0o555)
    result = as_ordinary_user("-j1", "--fix", "sub/a.py", cwd=tmp_path)
    path.parent.chmod(0o755)
    assert result.code == 2
    assert "could not be written: Permission denied" in result.err
    assert path.read_text() == PITFALL


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    """Somebody saves the file between the moment it's read for fixing and the moment it's written."""
    path = write(tmp_path / "a.py", PITFALL)
    script = (
        "import sys\n"
        "from flake8_pitfalls.fixes import apply\n"
        "fix_text = apply.fix_text\n"
        "def slow(*args, **kwargs):\n"
        "    with open('a.py', 'a') as file: file.write('# saved\\n')\n"
        "    return fix_text(*args, **kwargs)\n"
        "apply.fix_text = slow\n"
        "from flake8_pitfalls.cli import main\n"
        "sys.exit(main(['--fix', 'a.py']))\n"
    )
    result = python(script, cwd=tmp_path)
    assert result.code == 1
    assert "[not fixed: not written: the file has changed since it was read]" in result.text
    assert path.read_text() == PITFALL + "# saved\n"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_file_that_changes_between_checking_and_fixing(tmp_path: Path) -> None:
    """What was reported can't be found in the text that is there now."""
    path = write(tmp_path / "a.py", PITFALL)
    script = (
        "import sys\n"
        "from flake8_pitfalls.command import CommandApplication\n"
        "report = CommandApplication.report\n"
        "def later(self):\n"
        "    text = open('a.py').read()\n"
        "    with open('a.py', 'w') as file: file.write('# saved\\n' + text)\n"
        "    report(self)\n"
        "CommandApplication.report = later\n"
        "from flake8_pitfalls.cli import main\n"
        "sys.exit(main(['--fix', 'a.py']))\n"
    )
    result = python(script, cwd=tmp_path)
    assert result.code == 1
    assert "it was not found again" in result.text
    assert path.read_text() == "# saved\n" + PITFALL


def test_a_full_disk(tmp_path: Path) -> None:
    """The limit for the size of files fails like a full disk does: in the middle of writing."""
    filler = f"TEXT = '{'x' * 200_000}'\n"
    path = write(tmp_path / "a.py", PITFALL + filler)
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from flake8_pitfalls.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "sys.exit(main(['-j1', '--fix', 'a.py']))\n"
    )
    result = python(script, cwd=tmp_path)
    assert result.code == 2
    assert "a.py: could not be written: File too large" in result.err
    assert result.text.startswith(report("a.py"))
    assert path.read_text() == PITFALL + filler
    assert os.listdir(tmp_path) == ["a.py"]


@pytest.mark.parametrize("brackets", ["()", "[]"])
def test_nested_parentheses(tmp_path: Path, brackets: str) -> None:
    nested = brackets[0] * 5_000 + brackets[1] * 5_000
    check(tmp_path, f"x = {nested}\n{PITFALL}".encode(), 2, "E999 SyntaxError: too many nested parentheses")


@pytest.mark.parametrize("operator", [" + ", "-", "."])
def test_deep_expressions(tmp_path: Path, operator: str) -> None:
    """Python's own parser gives up on some of these, LibCST's on others."""
    deep = operator.join(["a"] * 20_000)
    result = pitfalls("a.py", cwd=write(tmp_path / "a.py", PITFALL + deep + "\n").parent)
    assert result.code == 2
    assert "a.py:1:1: PIT000 this file could not be analysed: " in result.text


def test_a_long_chain_with_a_pitfall_inside(tmp_path: Path) -> None:
    text = PITFALL.replace("len(seen)", CHAIN)
    path = write(tmp_path / "a.py", text)
    message = "PIT000 this file could not be analysed: "
    assert f"a.py:1:1: {message}" in pitfalls("--select=PIT", "a.py", cwd=tmp_path).text
    # pyflakes needs half a minute for the long one on Python 3.12.
    write(tmp_path / "b.py", PITFALL.replace("len(seen)", CHAIN[: 6 * 2_000 - 5]))
    assert f"b.py:1:1: {message}" in flake8("--select=PIT", "-j1", "b.py", cwd=tmp_path).text
    result = pitfalls("--fix", "a.py", cwd=tmp_path)
    assert (result.code, path.read_text()) == (2, text)


def test_a_long_chain_beside_a_pitfall(tmp_path: Path) -> None:
    """Whatever is made of this, it doesn't end in a crash, and nothing gets lost."""
    text = f"a = 1\nb = {CHAIN}\n{PITFALL}"
    path = write(tmp_path / "a.py", text)
    result = pitfalls("--fix", "a.py", cwd=tmp_path)
    assert (result.code, path.read_text()) in [(0, text.replace(PITFALL, FIXED)), (2, text)]


def test_five_megabytes(tmp_path: Path) -> None:
    line = f"NAMES = {{'a': 1, 'b': [1, 2, 3], 'c': '{'text ' * 200}'}}\n"
    middle = line * (5_000_000 // len(line))
    path = write(tmp_path / "a.py", PITFALL + middle + PITFALL.replace("add", "last"))
    result = pitfalls("--fix", "a.py", cwd=tmp_path)
    assert (result.code, result.out) == (0, b"")
    assert path.read_text() == FIXED + middle + FIXED.replace("add", "last")

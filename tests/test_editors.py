"""What editors rely on, and the page that tells how to set them up."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import FIXED, PITFALL, UNFIXABLE, Result, flake8, git, pitfalls, run, write

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "editors.rst").read_text()
PATH = {"PATH": os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))}
"""Lets a shell or an editor find the command of this environment."""

needs_script = pytest.mark.skipif(
    not Path(sys.executable).with_name("flake8-pitfalls").exists(), reason="the package isn't installed"
)


def blocks(language: str) -> list[str]:
    """The code blocks of the page in a language."""
    pattern = rf"^\.\. code-block:: {language}\n\n((?:(?:   .*)?\n)+)"
    return [textwrap.dedent(block).strip("\n") for block in re.findall(pattern, PAGE, re.MULTILINE)]


def fix_by_command(*arguments: str, cwd: Path, stdin: bytes) -> Result:
    return pitfalls("--fix", "-", *arguments, cwd=cwd, stdin=stdin)


def fix_by_flake8(*arguments: str, cwd: Path, stdin: bytes) -> Result:
    """Run the formatter in plain flake8, which itself ends with a traceback for some texts."""
    command = [sys.executable, "-m", "flake8", "--select=PIT,E9", "--format=pitfalls-fix", "-", *arguments]
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=100)
    return Result(done.returncode, done.stdout, done.stderr.decode())


Fix = Callable[..., Result]
WAYS = pytest.mark.parametrize("fix", [fix_by_command, fix_by_flake8], ids=["flake8-pitfalls", "flake8"])
NAME = "--stdin-display-name=src/shop.py"


@WAYS
class TestDocument:
    """Bytes in, bytes out, and nothing but the document on standard output."""

    @pytest.mark.parametrize(
        ("encoding", "text"),
        [
            ("utf-8", "NAME = '\u20ac'\r\n{}x = 1"),
            ("latin-1", "# coding: latin-1\nNAME = '\xe9'\n{}"),
            ("utf-8-sig", "{}"),
        ],
        ids=["crlf-without-end", "latin-1", "bom"],
    )
    def test_other_bytes_stay(self, tmp_path: Path, fix: Fix, encoding: str, text: str) -> None:
        newline = "\r\n" if "\r\n" in text else "\n"
        before, after = (text.format(part.replace("\n", newline)).encode(encoding) for part in (PITFALL, FIXED))
        result = fix(NAME, cwd=tmp_path, stdin=before)
        assert result.out == after
        assert "flake8-pitfalls: fixed 1 finding" in result.err
        assert result.code == (0 if fix is fix_by_command else 1)

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            (b"", 0),
            (PITFALL.encode() + b"x = '\0'\r\n", 2),
            (PITFALL.encode() + b"x = '\xff'\n", 2),
            (PITFALL.encode() + b"def g(:\r\n", 2),
            (b"# coding: klingon\n" + PITFALL.encode(), 2),
            (UNFIXABLE.encode(), 1),
        ],
        ids=["empty", "null", "not-utf-8", "syntax-error", "unknown-encoding", "refused"],
    )
    def test_it_comes_back_with_a_message(self, tmp_path: Path, fix: Fix, document: bytes, code: int) -> None:
        result = fix(NAME, cwd=tmp_path, stdin=document)
        assert result.out == document
        if document:
            assert result.err
        if fix is fix_by_command:
            assert result.code == code
            assert code == 0 or result.err.startswith("src/shop.py:")
        else:
            assert result.code == min(code, 1)

    @pytest.mark.parametrize(
        "setting",
        ["exclude = src", "extend-exclude = src/s*.py", "per-file-ignores = src/*: PIT2", "pitfalls-fixable = PIT1"],
    )
    def test_the_configuration_of_the_file_holds(self, tmp_path: Path, fix: Fix, setting: str) -> None:
        write(tmp_path / ".flake8", f"[flake8]\n{setting}\n")
        result = fix(NAME, cwd=tmp_path, stdin=PITFALL.encode())
        assert result.out == PITFALL.encode()
        assert (result.code, "PIT201" in result.err) == ((1, True) if "fixable" in setting else (0, False))

    def test_the_configuration_of_another_file_does_not(self, tmp_path: Path, fix: Fix) -> None:
        write(tmp_path / ".flake8", "[flake8]\nexclude = src\nper-file-ignores = src/*: PIT2\n")
        name = f"--stdin-display-name={tmp_path / 'lib' / 'shop.py'}"
        assert fix(name, cwd=tmp_path, stdin=PITFALL.encode()).out == FIXED.encode()

    def test_counts_go_elsewhere(self, tmp_path: Path, fix: Fix) -> None:
        result = fix("--count", "--statistics", "--show-source", cwd=tmp_path, stdin=UNFIXABLE.encode())
        assert result.out == UNFIXABLE.encode()
        assert "1     PIT201 " in result.err


@pytest.mark.parametrize("command", [pitfalls, flake8], ids=["flake8-pitfalls", "flake8"])
def test_a_diff_of_the_document(tmp_path: Path, command: Callable[..., Result]) -> None:
    before, after = (b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for text in (PITFALL, FIXED))
    arguments = ["--diff"] if command is pitfalls else ["--format=pitfalls-diff", "--select=PIT", "--count"]
    result = command(*arguments, "-", NAME, cwd=tmp_path, stdin=before)
    assert result.out.startswith(b"--- a/src/shop.py\n+++ b/src/shop.py\n@@ -1,3 +1,5 @@\n")
    assert (result.code, result.out.count(b"\n+")) == (1, 4)
    path = write(tmp_path / "src/shop.py", before)
    git("init", "-q", cwd=tmp_path)
    assert git("apply", "--whitespace=nowarn", cwd=tmp_path, stdin=result.out).code == 0
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("way", "option"), [("--fix", "--pitfalls-closure-fix=x"), ("--format=pitfalls-fix", "--no-such-option")]
)
def test_a_wrong_option_does_not_cost_the_document(tmp_path: Path, way: str, option: str) -> None:
    result = pitfalls(way, "-", option, cwd=tmp_path, stdin=PITFALL.encode())
    assert result[:2] == (2, PITFALL.encode())
    assert "error: " in result.err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device")
class TestOutputThatCannotBeWritten:
    """One line, or none for a pipe that was closed, and no traceback."""

    def sh(self, command: str, cwd: Path) -> tuple[int, str]:
        write(cwd / "a.py", PITFALL)
        result = run("bash", "-c", command.replace("PYTHON", sys.executable), cwd=cwd)
        return result.code, result.err

    @pytest.mark.parametrize(
        "command",
        [
            "flake8_pitfalls a.py",
            "flake8_pitfalls --fix - < a.py",
            "flake8_pitfalls --explain PIT101",
            "flake8 --format=pitfalls-fix --select=PIT - < a.py",
        ],
    )
    def test_a_full_device(self, tmp_path: Path, command: str) -> None:
        message = "flake8-pitfalls: error: the output could not be written: No space left on device\n"
        assert self.sh(f"PYTHON -m {command} > /dev/full", tmp_path) == (2, message)

    @pytest.mark.parametrize(
        "command", ["flake8_pitfalls --diff a.py", "flake8 --format=pitfalls-diff --select=PIT a.py"]
    )
    def test_a_closed_pipe(self, tmp_path: Path, command: str) -> None:
        # The reader is gone before the first byte is written.
        assert self.sh(f"{{ sleep 0.2; PYTHON -m {command}; echo $? > code; }} | exec true", tmp_path) == (0, "")
        assert (tmp_path / "code").read_text() == "2\n"

    def test_closed_streams(self, tmp_path: Path) -> None:
        closed = "flake8-pitfalls: error: standard output is closed\n"
        assert self.sh("PYTHON -m flake8_pitfalls --fix - < a.py >&-", tmp_path) == (2, closed)
        missing = "flake8-pitfalls: error: standard input could not be read: it is closed\n"
        assert self.sh("PYTHON -m flake8_pitfalls --fix - <&-", tmp_path) == (2, missing)
        result = run("bash", "-c", f"{sys.executable} -m flake8_pitfalls --fix - < a.py 2>&-", cwd=tmp_path)
        assert (result.code, result.text) == (0, FIXED)


@needs_script
class TestPage:
    """The page on editors."""

    def test_the_commands_print_what_is_shown(self) -> None:
        steps = re.split(r"^\$ ", "\n".join(blocks("console")), flags=re.MULTILINE)[1:]
        assert len(steps) == PAGE.count("   $ ") == 5
        for step in steps:
            command, _, shown = step.partition("\n")
            result = run("bash", "-c", command, cwd=ROOT, env=PATH)
            assert (result.text.rstrip(), result.err) == (shown.rstrip(), ""), command

    def test_settings_are_json(self) -> None:
        assert [sorted(json.loads(block)) for block in blocks("json")] == [
            ["pylsp"],
            ["flake8.args", "flake8.importStrategy"],
            ["tasks", "version"],
        ]
        for option in json.loads(blocks("json")[1])["flake8.args"]:
            assert option.split("=")[0] in pitfalls("--help", cwd=ROOT).text

    @pytest.mark.parametrize("text", [PITFALL, f"{PITFALL}def g(:\n", ""], ids=["fixed", "syntax-error", "empty"])
    def test_vim(self, tmp_path: Path, text: str) -> None:
        if shutil.which("vim") is None:
            pytest.skip("Vim isn't installed")
        script = write(tmp_path / "setup.vim", blocks("vim")[0])
        path = write(tmp_path / "a b.py", text)
        keys = ("-u", "NONE", "-N", "-S", str(script), "-c", "edit a\\ b.py", "-c", "write", "-c", "quitall!")
        run("vim", "-e", "-s", *keys, cwd=tmp_path, env=PATH)
        assert path.read_text() == (FIXED if text == PITFALL else text)

    def test_a_filter_in_vim(self, tmp_path: Path) -> None:
        if shutil.which("vim") is None:
            pytest.skip("Vim isn't installed")
        (command,) = re.findall(r"``:(%!flake8-pitfalls .*)``", PAGE)
        path = write(tmp_path / "a.py", PITFALL)
        run("vim", "-e", "-s", "-u", "NONE", "-N", "a.py", "-c", command, "-c", "wq", cwd=tmp_path, env=PATH)
        assert path.read_text() == FIXED

    def test_emacs(self, tmp_path: Path) -> None:
        if shutil.which("emacs") is None:
            pytest.skip("Emacs isn't installed")
        (code,) = blocks("elisp")
        write(tmp_path / "setup.el", code)
        path = write(tmp_path / "a b.py", PITFALL)
        steps = '(progn (find-file "a b.py") (goto-char (point-max)) (insert "x = 1\\n") (save-buffer))'
        run("emacs", "-Q", "--batch", "-l", "setup.el", "--eval", steps, cwd=tmp_path, env=PATH)
        assert path.read_text() == FIXED + "x = 1\n"

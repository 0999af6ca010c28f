"""The command ``flake8-pitfalls``, run as a program on real files."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from flake8_pitfalls.rules.codes import CODES
from flake8_pitfalls.tally import Tally, in_short
from tests.support import CLEAN, FIXED, PITFALL, UNFIXABLE, UNSAFE, flake8, git, pitfalls, python, report, run, write


def in_terminal(
    *arguments: str, cwd: Path, stream: Literal["stdout", "stderr"], patience: float = 600, **variables: str
) -> tuple[int, bytes]:
    """Run the command with a terminal as one of its streams, and return the exit code and what the terminal got."""
    script = (
        "import sys, flake8_pitfalls.progress as progress\n"
        f"progress.PATIENCE, progress.INTERVAL = {patience}, 0\n"
        "from flake8_pitfalls.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "CI": "", "NO_COLOR": "", **variables}
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
    with subprocess.Popen([sys.executable, "-c", script, *arguments], cwd=cwd, env=env, **streams) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the other end is closed
            while part := os.read(ours, 65536):
                shown += part
        os.close(ours)
    return process.returncode, shown


def on_screen(shown: bytes) -> list[str]:
    """The lines that can be read in a terminal in the end: what follows a carriage return overwrites."""
    lines = []
    for written in shown.decode().replace("\r\n", "\n").rstrip("\n").split("\n"):
        screen = ""
        for part in written.split("\r"):
            screen = part + screen[len(part) :]
        lines.append(screen.rstrip())
    return lines


def write_broken_plugin(folder: Path) -> None:
    """Configure another plugin, which can't even be imported: leaving it out is the only way to get along."""
    write(folder / ".flake8", "[flake8:local-plugins]\nextension = X = broken:Plugin\npaths = plugins\n")
    write(folder / "plugins/broken.py", "raise RuntimeError('broken plugin')\n")


class TestReporting:
    def test_clean_code_is_silent(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", CLEAN)
        assert pitfalls("a.py", cwd=tmp_path) == (0, b"", "")

    def test_a_finding_is_reported_and_nothing_is_written(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", PITFALL)
        result = pitfalls(cwd=tmp_path)
        assert result.code == 1
        assert result.text.startswith(report("./a.py"))
        assert result.text.count("\n") == 1
        assert result.err == ""
        assert path.read_text() == PITFALL

    def test_other_plugins_are_left_out(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", "import os\n" + CLEAN)
        assert "F401" in flake8("a.py", cwd=tmp_path).text
        assert pitfalls("a.py", cwd=tmp_path) == (0, b"", "")

    def test_other_plugins_are_not_even_loaded(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        write_broken_plugin(tmp_path)
        with pytest.raises(AssertionError, match='failed to load plugin "local"'):
            flake8("a.py", cwd=tmp_path)  # ends with a traceback
        assert pitfalls("a.py", cwd=tmp_path).text.startswith(report("a.py"))

    def test_only_files_with_a_finding_are_tokenized(self, tmp_path: Path) -> None:
        script = (
            "import sys, tokenize\n"
            "from flake8_pitfalls.cli import main\n"
            "original, calls = tokenize.generate_tokens, []\n"
            "tokenize.generate_tokens = lambda *args: calls.append(args) or original(*args)\n"
            "main(['-q', '-q', 'a.py'])\n"
            "print(len(calls))\n"
        )
        write(tmp_path / "a.py", CLEAN)
        assert python(script, cwd=tmp_path).out == b"0\n"
        write(tmp_path / "a.py", PITFALL)
        assert python(script, cwd=tmp_path).out == b"1\n"

    def test_the_chosen_format_is_used(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        assert pitfalls("--format=%(code)s|%(row)d", "a.py", cwd=tmp_path).out == b"PIT201|1\n"
        assert pitfalls("--format=pylint", "a.py", cwd=tmp_path).text.startswith("a.py:1: [PIT201] ")
        assert pitfalls("-q", "a.py", cwd=tmp_path) == (1, b"a.py\n", "")

    def test_count_statistics_and_output_file(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        result = pitfalls("--count", "--statistics", "--output-file=report.txt", "a.py", cwd=tmp_path)
        assert (result.code, result.text.splitlines()[-1]) == (1, "1")
        lines = (tmp_path / "report.txt").read_text().splitlines()
        assert lines[0].startswith(report("a.py"))
        assert lines[1].startswith("1     PIT201 ")

    def test_syntax_errors_are_shown_whatever_is_selected(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", "def f(:\n")
        for option in ("--select=PIT3", "--ignore=E,W", "--extend-ignore=E9"):
            result = pitfalls(option, "a.py", cwd=tmp_path)
            assert result.code == 2
            assert "a.py:1:" in result.text
            assert "E999 SyntaxError" in result.text

    def test_a_selection_without_our_codes_is_pointed_out(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        write(tmp_path / ".flake8", "[flake8]\nselect = E,F\n")
        result = pitfalls("a.py", cwd=tmp_path)
        assert (result.code, result.out) == (0, b"")
        assert "none of the selected codes (E, F) is ours" in result.err

    def test_exit_zero(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        assert pitfalls("--exit-zero", "a.py", cwd=tmp_path).code == 0
        write(tmp_path / "b.py", "def f(:\n")
        assert pitfalls("--exit-zero", cwd=tmp_path).code == 2

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    def test_worker_processes(self, tmp_path: Path, method: str) -> None:
        for name in ("a.py", "b.py", "c.py"):
            write(tmp_path / name, "import os\n" + PITFALL)
        write_broken_plugin(tmp_path)
        script = (
            "import multiprocessing, sys\n"
            f"multiprocessing.set_start_method({method!r})\n"
            "from flake8_pitfalls.cli import main\n"
            "sys.exit(main(['-j', '2', '--pitfalls-target-version=3.12', *sys.argv[1:]]))\n"
        )
        result = python(script, cwd=tmp_path)
        assert result.code == 1
        assert [line.split(":")[:2] for line in result.text.splitlines()] == [[f"./{name}.py", "2"] for name in "abc"]
        assert python(script, "--fix", cwd=tmp_path).code == 0
        assert (tmp_path / "b.py").read_text() == "import os\n" + FIXED

    def test_an_unknown_flake8_runs_all_plugins_but_shows_ours_only(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", "import os\n" + PITFALL)
        script = (
            "import sys, flake8.checker\n"
            "flake8.checker._mp_start = flake8.checker.__dict__.pop('_mp_init')\n"
            "from flake8_pitfalls.cli import main\n"
            "sys.exit(main(sys.argv[1:]))\n"
        )
        result = python(script, "a.py", cwd=tmp_path)
        assert result.code == 1
        assert [line.split()[1] for line in result.text.splitlines()] == ["PIT201"]
        assert "all of its plugins run" in result.err
        assert python(script, "--fix", "a.py", cwd=tmp_path).code == 0
        assert path.read_text() == "import os\n" + FIXED


class TestOptions:
    @pytest.mark.parametrize(
        "arguments",
        [
            ["--no-such-option"],
            ["--diff", "--fix"],
            ["--explain=PIT9"],
            ["--pitfalls-target-version=3"],
            ["--pitfalls-target-version=python3.11"],
            ["--pitfalls-extend-mutable-calls=a.b,3d"],
            ["--pitfalls-consuming-callees=a.b()"],
            ["--pitfalls-closure-fix=partial"],
            ["--config=missing.cfg"],
        ],
    )
    def test_a_wrong_option_is_one_clear_line_and_exit_code_2(self, tmp_path: Path, arguments: list[str]) -> None:
        result = pitfalls(*arguments, cwd=tmp_path)
        assert (result.code, result.out) == (2, b"")
        usage = "usage: flake8 [options] file file ...\n"  # argparse says it first, of options that it doesn't know
        errors = result.err.removeprefix(usage).splitlines()
        assert len(errors) == 1
        assert "error: " in errors[0]
        assert any(part.strip("-").split("=")[0] in errors[0] for part in [*arguments, "config file"])

    def test_a_wrong_value_in_a_configuration_file(self, tmp_path: Path) -> None:
        write(tmp_path / ".flake8", "[flake8]\npitfalls-target-version = new\n")
        result = pitfalls(cwd=tmp_path)
        assert result.code == 2
        assert "--pitfalls-target-version: 'new' is not a Python version" in result.err

    def test_explain(self, tmp_path: Path) -> None:
        result = pitfalls("--explain", "pit201", cwd=tmp_path)
        assert result.code == 0
        assert result.text.startswith("PIT201")
        for part in ("shared by all calls", "Reported:", "Fixed:", "if basket is None:", "https://docs.python.org"):
            assert part in result.text
        assert pitfalls("--explain=PIT201", cwd=tmp_path).out == result.out

    @pytest.mark.parametrize("code", CODES)
    def test_every_code_is_explained(self, tmp_path: Path, code: str) -> None:
        result = pitfalls("--explain", code, cwd=tmp_path)
        assert (result.code, result.err) == (0, "")
        assert " ".join(result.text.split()).startswith(f"{code}: {CODES[code].summary} ")
        for part in (CODES[code].good, *CODES[code].options, *(link for _, link in CODES[code].references)):
            assert all(line.strip() in result.text for line in part.splitlines())

    def test_explain_an_unknown_code(self, tmp_path: Path) -> None:
        result = pitfalls("--explain", "E501", cwd=tmp_path)
        assert (result.code, result.out) == (2, b"")
        known = ", ".join(sorted(CODES))
        assert result.err == f"flake8-pitfalls: error: argument --explain: unknown code 'E501' (known: {known})\n"

    @pytest.mark.parametrize("prefix", ["", "PIT2", "pit10"])
    def test_explain_lists_codes(self, tmp_path: Path, prefix: str) -> None:
        result = pitfalls("--explain", *([prefix] if prefix else []), cwd=tmp_path)
        assert (result.code, result.err) == (0, "")
        listed = dict(line.split("  ", 1) for line in result.text.splitlines())
        assert list(listed) == [code for code in CODES if code.startswith(prefix.upper())]
        for code, text in listed.items():
            off = "" if CODES[code].on_by_default else " (off by default)"
            assert text == CODES[code].summary + off

    @pytest.mark.parametrize("columns", [50, 200])
    def test_the_list_of_codes_fits_the_terminal(self, tmp_path: Path, columns: int) -> None:
        code, shown = in_terminal("--explain", cwd=tmp_path, stream="stdout", NO_COLOR="1", COLUMNS=str(columns))
        lines = on_screen(shown)
        assert code == 0
        assert max(map(len, lines)) <= columns
        assert all(line.startswith(("PIT", "        ")) for line in lines)
        listed = " ".join(" ".join(lines).split())
        assert listed == " ".join(pitfalls("--explain", cwd=tmp_path).text.split())
        assert (len(lines) == len(CODES)) is (columns == 200)

    @pytest.mark.parametrize("width", range(60, 100, 5))
    def test_explain_keeps_short_code_together(self, tmp_path: Path, width: int) -> None:
        result = run(
            sys.executable, "-m", "flake8_pitfalls", "--explain=PIT101", cwd=tmp_path, env={"COLUMNS": str(width)}
        )
        assert "``*, number=number``" in result.text

    def test_explain_takes_one_code(self, tmp_path: Path) -> None:
        result = pitfalls("--explain", "PIT101", "PIT102", cwd=tmp_path)
        assert (result.code, result.out) == (2, b"")
        assert result.err == (
            "flake8-pitfalls: error: argument --explain: takes one code and nothing else, not 'PIT102' too\n"
        )

    def test_explain_fits_the_terminal(self, tmp_path: Path) -> None:
        texts = {}
        for width in (40, 72, 150):
            result = run(
                sys.executable, "-m", "flake8_pitfalls", "--explain=PIT301", cwd=tmp_path, env={"COLUMNS": str(width)}
            )
            texts[width] = result.text
            prose = [line for line in result.text.splitlines() if not line.startswith("    ")]
            assert max(map(len, prose)) <= width
        assert len({" ".join(text.split()) for text in texts.values()}) == 1
        assert texts[40].count("\n") > texts[72].count("\n") > texts[150].count("\n")

    @pytest.mark.parametrize("color", [True, False])
    def test_explain_is_bold_in_a_terminal_only(self, tmp_path: Path, color: bool) -> None:
        code, shown = in_terminal("--explain=PIT301", cwd=tmp_path, stream="stdout", NO_COLOR="" if color else "1")
        assert code == 0
        assert shown.startswith(b"\x1b[1mPIT301: " if color else b"PIT301: ")
        assert (b"\x1b" in shown) is color
        assert b"\x1b" not in pitfalls("--explain=PIT301", cwd=tmp_path).out

    def test_help_and_version(self, tmp_path: Path) -> None:
        result = pitfalls("--help", cwd=tmp_path)
        assert result.code == 0
        for option in ("--diff", "--fix", "--explain", "--per-file-ignores", "--pitfalls-target-version"):
            assert option in result.text
        assert pitfalls("--version", cwd=tmp_path).text.startswith("flake8-pitfalls 0.")


class TestFix:
    def test_everything_is_fixed(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", PITFALL)
        result = pitfalls("--fix", "a.py", cwd=tmp_path)
        assert (result.code, result.out) == (0, b"")
        assert "fixed 1 finding (1 safe, 0 unsafe) in 1 file" in result.err
        assert path.read_text() == FIXED

    def test_twice_is_once(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", PITFALL)
        pitfalls("--fix", "a.py", cwd=tmp_path)
        before = path.stat()
        assert pitfalls("--fix", "a.py", cwd=tmp_path) == (0, b"", "")
        assert path.stat().st_mtime_ns == before.st_mtime_ns

    def test_what_is_left_is_reported_with_the_reason_where_it_is_now(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL + "\n\n" + UNFIXABLE.replace("add", "put"))
        result = pitfalls("--fix", "a.py", cwd=tmp_path)
        assert result.code == 1
        (line,) = result.text.splitlines()
        assert line.startswith("a.py:8:20: PIT201 ")
        assert "[not fixed: " in line
        assert result.err == (
            "flake8-pitfalls: fixed 1 finding (1 safe, 0 unsafe) in 1 file\n"
            "flake8-pitfalls: 1 finding not fixed:\n"
            "     1  a noqa comment says that the default is meant\n"
        )

    def test_one_file_under_several_names_is_fixed_once(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", PITFALL)
        os.symlink("a.py", tmp_path / "b.py")
        result = pitfalls("--fix", "a.py", "a.py", "./a.py", "b.py", str(path), cwd=tmp_path)
        assert (result.code, result.out) == (0, b"")
        assert path.read_text() == FIXED
        assert (tmp_path / "b.py").is_symlink()

    @pytest.mark.parametrize(
        "data",
        [
            PITFALL.replace("\n", "\r\n").encode(),
            PITFALL.replace("\n", "\r").encode(),
            b"\xef\xbb\xbf" + PITFALL.encode(),
            b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n" + PITFALL.encode(),
            (PITFALL + "\x0c\nx = '\u2028 \x85'\nif x:\n\ty = 'no newline at the end'").encode(),
        ],
        ids=["crlf", "cr", "bom", "latin-1", "odd"],
    )
    def test_other_bytes_stay(self, tmp_path: Path, data: bytes) -> None:
        path = write(tmp_path / "a.py", data)
        assert pitfalls("--fix", "a.py", cwd=tmp_path).code == 0
        newline = next(newline for newline in (b"\r\n", b"\r", b"\n") if newline in data)
        old, new = (text.encode().replace(b"\n", newline) for text in (PITFALL, FIXED))
        assert path.read_bytes() == data.replace(old, new)

    def test_unsafe_fixes_are_counted_and_have_to_be_asked_for(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.py", UNSAFE)
        result = pitfalls("--fix", "a.py", cwd=tmp_path)
        assert (result.code, path.read_text()) == (1, UNSAFE)
        assert "[not fixed: the fix is unsafe: " in result.text
        assert "1 unsafe fix left out, enable with --unsafe-fixes" in result.err
        assert pitfalls("--diff", "--unsafe-fixes", "a.py", cwd=tmp_path).out.count(b"\n+") == 4
        result = pitfalls("--fix", "--unsafe-fixes", "a.py", cwd=tmp_path)
        assert result.code == 0
        assert "fixed 1 finding (0 safe, 1 unsafe)" in result.err
        assert path.read_text() == FIXED.replace("seen=None", "seen: list | None = None")


class TestSummary:
    texts = (
        PITFALL,
        UNSAFE.replace("add", "put"),
        *(UNFIXABLE.replace("add", f"keep{number}") for number in range(3)),
        "def one(item, cache=[]):\n    cache.append(item)\n    return len(cache)\n",
        "def two(item, memo=[]):\n    memo.append(item)\n    return len(memo)\n",
    )

    @pytest.mark.parametrize(
        ("option", "verb", "unsafe"),
        [("--diff", "would fix", False), ("--fix", "fixed", False), ("--fix", "fixed", True)],
    )
    def test_it_counts_and_groups(self, tmp_path: Path, option: str, verb: str, unsafe: bool) -> None:
        for name in ("a.py", "b.py"):
            write(tmp_path / name, "\n\n".join(self.texts))
        result = pitfalls(option, *(["--unsafe-fixes"] if unsafe else []), cwd=tmp_path)
        fixed = "4 findings (2 safe, 2 unsafe)" if unsafe else "2 findings (2 safe, 0 unsafe)"
        summary = (
            f"flake8-pitfalls: {verb} {fixed} in 2 files\n"
            "flake8-pitfalls: 10 findings not fixed:\n"
            "     6  a noqa comment says that the default is meant\n"
            "     4  ... seems to keep state on purpose\n"
        )
        hidden = "flake8-pitfalls: 2 unsafe fixes left out, enable with --unsafe-fixes\n"
        assert result.err.endswith(summary + ("" if unsafe else hidden))

    def test_rare_reasons_are_counted_together(self) -> None:
        tally = Tally(refused=9)
        for number in range(8):
            tally.reasons[f"reason {number}"] += 2 if number == 7 else 1
        (text,) = tally.summary("fixed", "--unsafe-fixes")
        lines = text.splitlines()
        assert lines[:2] == ["9 findings not fixed:", "     2  reason 7"]
        assert (len(lines), lines[-1]) == (8, "     2  for 2 other reasons")

    @pytest.mark.parametrize(
        ("reason", "short"),
        [
            ("line 12 passes None for 'seen'", "line ... passes None for ..."),
            ("its value is made by an expression; name it", "its value is made by an expression"),
            ("'i' may not be bound yet: assign it", "... may not be bound yet"),
            ("a 'type: ignore' comment stands on the line", "a ... comment stands on the line"),
            ("the default is an existing object, BASE, which a guard would share", "the default is an existing object"),
            ("it isn't known whether it's kept; if it is, bind it where it's made", "it isn't known whether it's kept"),
            ("'seen['x']' is read once, when it's made", "... is read once"),
            ("locks, files and the like can't be pickled: make it there", "locks, files and the like can't be pickled"),
        ],
    )
    def test_reasons_are_grouped_without_particulars(self, reason: str, short: str) -> None:
        assert in_short(reason) == short


class TestProgress:
    """The line that shows how far a run is, in real terminals; patience is cut, since the runs are short."""

    @pytest.fixture(autouse=True)
    def _files(self, tmp_path: Path) -> None:
        for name in ("a.py", "b.py", "c.py"):
            write(tmp_path / name, PITFALL)

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_it_counts_and_is_erased(self, tmp_path: Path, jobs: int) -> None:
        _, shown = in_terminal(f"-j{jobs}", "--fix", cwd=tmp_path, stream="stderr", patience=0)
        assert re.findall(rb"checking files, (\d of \d)", shown) == [b"1 of 3", b"2 of 3", b"3 of 3"]
        assert re.findall(rb"fixing files, (\d) looked at", shown) == [b"1", b"2", b"3"]
        assert on_screen(shown) == ["flake8-pitfalls: fixed 3 findings (3 safe, 0 unsafe) in 3 files"]

    def test_reports_are_not_disturbed(self, tmp_path: Path) -> None:
        _, shown = in_terminal("--diff", "--pitfalls-unfixable=PIT2", cwd=tmp_path, stream="stderr", patience=0)
        assert b"checking files" in shown
        lines = on_screen(shown)
        assert [line[: len("./a.py:1")] for line in lines[:3]] == ["./a.py:1", "./b.py:1", "./c.py:1"]
        assert lines[3:] == ["flake8-pitfalls: 3 findings not fixed:", "     3  fixing PIT201 is switched off"]

    @pytest.mark.parametrize(
        ("arguments", "patience", "variables"),
        [((), 600, {}), (("-q",), 0, {}), ((), 0, {"CI": "true"}), ((), 0, {"TERM": "dumb"})],
        ids=["short", "quiet", "ci", "dumb"],
    )
    def test_it_stays_away(
        self, tmp_path: Path, arguments: tuple[str, ...], patience: int, variables: dict[str, str]
    ) -> None:
        result = in_terminal(*arguments, cwd=tmp_path, stream="stderr", patience=patience, **variables)
        assert result == (1, b"")

    def test_never_without_a_terminal(self, tmp_path: Path) -> None:
        script = (
            "import sys, flake8_pitfalls.progress as progress\n"
            "progress.PATIENCE = progress.INTERVAL = 0\n"
            "from flake8_pitfalls.cli import main\n"
            "sys.exit(main(['-j2']))\n"
        )
        assert python(script, cwd=tmp_path)[::2] == (1, "")


class TestDiff:
    @pytest.mark.parametrize(
        "data",
        [
            PITFALL.encode(),
            PITFALL.replace("\n", "\r\n").encode(),
            b"# coding: latin-1\nNAME = '\xe9'\n" + PITFALL.encode(),
            b"\xef\xbb\xbf" + PITFALL.encode().rstrip(b"\n"),
            b"import os\n" * 50 + PITFALL.encode() + b"print(os)\n" * 50,
        ],
        ids=["lf", "crlf", "latin-1", "no-newline", "middle"],
    )
    def test_git_applies_it_and_gets_what_fix_writes(self, tmp_path: Path, data: bytes) -> None:
        names = ["a.py", "sub/with space.py", 'sub/\u00e9"quote.py']
        for name in names:
            write(tmp_path / "one" / name, data)
            write(tmp_path / "two" / name, data)
        result = pitfalls("--diff", *names, cwd=tmp_path / "one")
        assert result.code == 1
        assert "would fix 3 findings" in result.err
        assert (tmp_path / "one/a.py").read_bytes() == data
        git("init", "-q", cwd=tmp_path / "one")
        assert git("apply", "--whitespace=nowarn", cwd=tmp_path / "one", stdin=result.out).code == 0
        assert pitfalls("--fix", *names, cwd=tmp_path / "two").code == 0
        for name in names:
            fixed = (tmp_path / "two" / name).read_bytes()
            assert (tmp_path / "one" / name).read_bytes() == fixed != data

    def test_the_path_is_relative_to_the_working_directory(self, tmp_path: Path) -> None:
        path = write(tmp_path / "sub/a.py", PITFALL)
        result = pitfalls("--diff", str(path), cwd=tmp_path)
        assert result.out.startswith(b"--- a/sub/a.py\n+++ b/sub/a.py\n@@ -1,")
        git("init", "-q", cwd=tmp_path)
        inner = pitfalls("--diff", "a.py", cwd=tmp_path / "sub").out
        assert git("apply", cwd=tmp_path / "sub", stdin=inner).code == 0
        assert path.read_text() == FIXED

    def test_what_cannot_be_fixed_goes_to_standard_error(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", UNFIXABLE)
        result = pitfalls("--diff", "a.py", cwd=tmp_path)
        assert (result.code, result.out) == (1, b"")
        assert "PIT201" in result.err
        assert "[not fixed: " in result.err

    def test_nothing_to_show(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", CLEAN)
        assert pitfalls("--diff", "a.py", cwd=tmp_path) == (0, b"", "")

    def test_output_file(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PITFALL)
        expected = pitfalls("--diff", "a.py", cwd=tmp_path).out
        assert pitfalls("--diff", "--output-file=out/x.diff", "a.py", cwd=tmp_path).out == b""
        assert (tmp_path / "out/x.diff").read_bytes() == expected


class TestStandardInput:
    @pytest.mark.parametrize("prefix", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
    def test_fix_prints_the_document(self, tmp_path: Path, prefix: bytes, newline: str) -> None:
        before, after = (prefix + text.replace("\n", newline).encode() for text in (PITFALL, FIXED))
        result = pitfalls("--fix", "-", cwd=tmp_path, stdin=before)
        assert (result.code, result.out) == (0, after)
        assert "fixed 1 finding" in result.err

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            (b"", 0),
            (CLEAN.encode(), 0),
            (UNFIXABLE.encode(), 1),
            (b"def f(:\r\n", 2),
            (b"x = '\xff'\n", 2),
            (b"x = 1\0\n", 2),
            (b"# flake8: noqa\n" + PITFALL.encode(), 0),
        ],
    )
    def test_the_document_comes_back_when_nothing_is_fixed(self, tmp_path: Path, document: bytes, code: int) -> None:
        result = pitfalls("--fix", "-", "--stdin-display-name=x.py", cwd=tmp_path, stdin=document)
        assert (result.code, result.out) == (code, document)
        assert code == 0 or "x.py:1:" in result.err

    @pytest.mark.parametrize("option", ["--no-such-option", "--config=missing.cfg", "--exclude=x.py"])
    def test_the_document_comes_back_when_nothing_is_run(self, tmp_path: Path, option: str) -> None:
        arguments = ("--fix", option, "--stdin-display-name=x.py", "-")
        result = pitfalls(*arguments, cwd=tmp_path, stdin=PITFALL.encode())
        assert result.out == PITFALL.encode()
        assert result.code == (0 if "exclude" in option else 2)

    def test_reports_and_diffs_use_the_display_name(self, tmp_path: Path) -> None:
        assert pitfalls("-", cwd=tmp_path, stdin=PITFALL.encode()).text.startswith(report("stdin"))
        name = "--stdin-display-name=src/x.py"
        assert pitfalls("-", name, cwd=tmp_path, stdin=PITFALL.encode()).text.startswith(report("src/x.py"))
        diff = pitfalls("--diff", "-", name, cwd=tmp_path, stdin=PITFALL.encode()).out
        assert diff.startswith(b"--- a/src/x.py\n+++ b/src/x.py\n")

    def test_per_file_ignores_use_the_display_name(self, tmp_path: Path) -> None:
        arguments = ("--per-file-ignores=x.py:PIT2", "--fix", "-", "--stdin-display-name=x.py")
        assert pitfalls(*arguments, cwd=tmp_path, stdin=PITFALL.encode()) == (0, PITFALL.encode(), "")


def test_a_closed_pipe_is_no_crash(tmp_path: Path) -> None:
    for number in range(75):
        write(tmp_path / f"{number}.py", PITFALL * 20)
    script = (
        "import subprocess, sys\n"
        "run = subprocess.Popen([sys.executable, '-m', 'flake8_pitfalls', '-j1'], stdout=subprocess.PIPE)\n"
        "run.stdout.readline(); run.stdout.close(); run.wait()\n"
    )
    assert python(script, cwd=tmp_path).err == ""

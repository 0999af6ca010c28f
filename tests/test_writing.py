"""Reading a file, writing it back, and the difference between the two."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from flake8_pitfalls.diff import unified_diff
from flake8_pitfalls.fixes.source import UnusableSource, decode_source, read_source
from flake8_pitfalls.fixes.write import WriteRefused, write_atomically


class TestSource:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"", ""),
            (b"\xef\xbb\xbfx = 1\r\n", "x = 1\r\n"),
            (b"# coding: latin-1\n'\xe9'", "# coding: latin-1\n'\u00e9'"),
            ("x = '\u20ac'\rx\x0c\n".encode(), "x = '\u20ac'\rx\x0c\n"),
            ("# -*- coding: cp1252 -*-\n'\u20ac'\n".encode("cp1252"), "# -*- coding: cp1252 -*-\n'\u20ac'\n"),
            ("# coding: euc-jp\n'\u65e5'\n".encode("euc-jp"), "# coding: euc-jp\n'\u65e5'\n"),
        ],
    )
    def test_there_and_back(self, data: bytes, text: str) -> None:
        source = decode_source(data)
        assert source.text == text
        assert source.encode(text) == data

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"x = 1\ny = '\xff'\n", "byte 0xff on line 2 isn't valid utf-8"),
            (b"\xff\n", "byte 0xff on line 1 isn't valid utf-8"),
            (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem"),
            (b"# coding: klingon\n", "unknown encoding: klingon"),
            (b"# coding: rot13\n", "rot13"),
            (b"# coding: utf-7\n'+AGEAYgBj-'\n", "isn't reversible"),
            (b"# coding: ascii\n'\xe9'\n", "byte 0xe9 on line 2 isn't valid ascii"),
        ],
    )
    def test_unusable(self, data: bytes, reason: str) -> None:
        with pytest.raises(UnusableSource, match=re.escape(reason)):
            decode_source(data)

    def test_a_result_that_cannot_be_encoded(self) -> None:
        with pytest.raises(UnusableSource, match="can't express"):
            decode_source(b"# coding: latin-1\n").encode("\u20ac")

    def test_lines_are_those_of_python(self) -> None:
        assert decode_source(b"a\r\nb\rc\n\x0cd\xe2\x80\xa8e").lines() == ["a\n", "b\n", "c\n", "\x0cd\u2028e"]


class TestWrite:
    def test_content_and_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"old\r\n")
        path.chmod(0o754)
        write_atomically(str(path), b"old\r\n", b"new\r\n")
        assert path.read_bytes() == b"new\r\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o754
        assert os.listdir(tmp_path) == ["a.py"]

    def test_it_is_a_replacement(self, tmp_path: Path) -> None:
        """Who has the old file open sees the old content, not a half-written one."""
        path = tmp_path / "a.py"
        path.write_bytes(b"old")
        with path.open("rb") as reader:
            write_atomically(str(path), b"old", b"new")
            assert reader.read() == b"old"

    def test_a_symbolic_link_stays_one(self, tmp_path: Path) -> None:
        target = tmp_path / "real" / "a.py"
        target.parent.mkdir()
        target.write_bytes(b"old")
        link = tmp_path / "link.py"
        os.symlink("middle.py", link)
        os.symlink("real/a.py", tmp_path / "middle.py")
        write_atomically(str(link), b"old", b"new")
        assert link.is_symlink()
        assert target.read_bytes() == b"new"
        assert os.listdir(target.parent) == ["a.py"]

    @pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
    def test_a_read_only_file(self, tmp_path: Path, mode: int) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"old")
        path.chmod(mode)
        with pytest.raises(WriteRefused, match="read-only"):
            write_atomically(str(path), b"old", b"new")
        assert (path.read_bytes(), os.listdir(tmp_path)) == (b"old", ["a.py"])

    def test_a_changed_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"newer")
        with pytest.raises(WriteRefused, match="has changed"):
            write_atomically(str(path), b"old", b"new")
        assert (path.read_bytes(), os.listdir(tmp_path)) == (b"newer", ["a.py"])

    def test_no_regular_file(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.py")
        with pytest.raises(WriteRefused, match="regular file"):
            write_atomically(str(tmp_path / "a.py"), b"", b"new")

    def test_a_deleted_file(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            write_atomically(str(tmp_path / "a.py"), b"", b"new")
        assert os.listdir(tmp_path) == []

    def test_the_owner_stays(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("only the superuser can give files away")
        path = tmp_path / "a.py"
        path.write_bytes(b"old")
        os.chown(path, 12345, 54321)
        write_atomically(str(path), b"old", b"new")
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)

    def test_reading(self, tmp_path: Path) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"\xef\xbb\xbfx\r\n")
        assert read_source(str(path)).data == b"\xef\xbb\xbfx\r\n"


class TestDiff:
    def test_nothing(self) -> None:
        assert unified_diff(b"a\n", b"a\n", "a.py") == b""

    def test_hunks_far_apart(self) -> None:
        before = [b"line %d\n" % number for number in range(1, 101)]
        after = list(before)
        after[19:20] = [b"x\n", b"y\n"]
        after[80] = b"z"
        diff = unified_diff(b"".join(before), b"".join(after), "a.py").splitlines(keepends=True)
        assert [line for line in diff if line.startswith(b"@@")] == [b"@@ -17,7 +17,8 @@\n", b"@@ -77,8 +78,7 @@\n"]

    @pytest.mark.parametrize(
        ("name", "header"),
        [
            ("a.py", b"a/a.py"),
            ("./x/../b.py", b"a/b.py"),
            ("with space.py", b"a/with space.py\t"),
            ('quo"te\t\\.py', b'"a/quo\\"te\\011\\\\.py"'),
            ("/outside/a.py", b"a/outside/a.py"),
        ],
    )
    def test_names(self, name: str, header: bytes) -> None:
        assert unified_diff(b"a\n", b"b\n", name, follow=False).splitlines()[0] == b"--- " + header

    def test_missing_newlines(self) -> None:
        diff = unified_diff(b"a\nb", b"a\nc", "a.py")
        mark = b"\\ No newline at end of file\n"
        assert diff.endswith(b"@@ -1,2 +1,2 @@\n a\n-b\n" + mark + b"+c\n" + mark)

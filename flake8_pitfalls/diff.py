"""Unified diffs of bytes that ``git apply`` and ``patch`` take."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Sequence

CONTEXT = 3
"""Unchanged lines around a change."""

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_HUNK = re.compile(rb"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def unified_diff(before: bytes, after: bytes, path: str, *, follow: bool = True) -> bytes:
    r"""Return the difference between two contents of the file at ``path``; empty when there is none.

    Lines end at ``\n``, as git sees them; other bytes are kept. The path in the header is relative to the working
    directory; with ``follow`` it names the target of a symbolic link, since git doesn't patch through links.
    """
    if before == after:
        return b""
    old, new = _LINE.findall(before), _LINE.findall(after)
    skip = max(0, common_prefix(old, new) - CONTEXT)
    tail = max(0, common_suffix(old[skip:], new[skip:]) - CONTEXT)
    name = header_name(os.path.realpath(path) if follow else path)
    lines = difflib.diff_bytes(
        difflib.unified_diff,
        old[skip : len(old) - tail],
        new[skip : len(new) - tail],
        _quoted(b"a/" + name),
        _quoted(b"b/" + name),
        n=CONTEXT,
    )
    return b"".join(_finished(_moved(line, skip)) for line in lines)


def header_name(path: str) -> bytes:
    """Return a path relative to the working directory, with slashes; outside of it, the absolute one without root."""
    try:
        relative = os.path.relpath(path, os.path.realpath(os.curdir)) if os.path.isabs(path) else os.path.normpath(path)
    except ValueError:  # another drive
        relative = path
    if relative.split(os.sep, 1)[0] == os.pardir or os.path.isabs(relative):
        relative = os.path.splitdrive(os.path.abspath(path))[1].lstrip(os.sep)
    return os.fsencode(relative.replace(os.sep, "/"))


def _quoted(name: bytes) -> bytes:
    """Write a file name as git does: quoted when it has special characters, with a tab at the end after spaces."""
    if re.search(rb'[\x00-\x1f"\\\x7f]', name):
        escaped = re.sub(rb'["\\]', rb"\\\g<0>", name)
        return b'"' + re.sub(rb"[\x00-\x1f\x7f]", lambda match: b"\\%03o" % match[0][0], escaped) + b'"'
    return name + b"\t" if b" " in name else name


def _moved(line: bytes, skip: int) -> bytes:
    """Add the lines that weren't compared to the line numbers of a hunk's header."""
    match = _HUNK.match(line)
    if not match:
        return line
    old, new = int(match[1]) + skip, int(match[3]) + skip
    return b"@@ -%d%s +%d%s @@\n" % (old, match[2], new, match[4])


def _finished(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def common_prefix(old: Sequence[bytes | str], new: Sequence[bytes | str]) -> int:
    """Return how many lines at the beginning are the same."""
    for index, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return index
    return min(len(old), len(new))


def common_suffix(old: Sequence[bytes | str], new: Sequence[bytes | str]) -> int:
    """Return how many lines at the end are the same."""
    return common_prefix(old[::-1], new[::-1])

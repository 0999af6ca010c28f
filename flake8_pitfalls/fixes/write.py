"""Putting a fixed file in the place of the original: as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile


class WriteRefused(Exception):
    """The file is left alone on purpose; ``reason`` is the end of the sentence "not written: ..."."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def write_atomically(path: str, original: bytes, fixed: bytes) -> None:
    """Replace the content of the file at ``path``, which was ``original`` when it was read, by ``fixed``.

    A symbolic link stays one, its target is written. Mode and, as far as possible, owner are kept.

    Raises WriteRefused when the file is read-only, isn't a regular file or has changed, and OSError when the system
    fails, for example for lack of space. The original is untouched then, and no temporary file is left.
    """
    target = os.path.realpath(path)
    status = os.stat(target)
    _check_writable(target, status)
    descriptor, temporary = tempfile.mkstemp(prefix=".flake8-pitfalls-", suffix=".tmp", dir=os.path.dirname(target))
    try:
        with open(descriptor, "wb") as file:
            file.write(fixed)
        _copy_owner_and_mode(temporary, status)
        _check_unchanged(target, original)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _check_writable(target: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise WriteRefused("it isn't a regular file")
    # The superuser may write everything, but a file without any write bit is meant to stay as it is.
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
        raise WriteRefused("the file is read-only")


def _copy_owner_and_mode(temporary: str, status: os.stat_result) -> None:
    if hasattr(os, "chown") and (os.geteuid(), os.getegid()) != (status.st_uid, status.st_gid):
        with contextlib.suppress(OSError):
            shutil.chown(temporary, status.st_uid, status.st_gid)
    os.chmod(temporary, stat.S_IMODE(status.st_mode))


def _check_unchanged(target: str, original: bytes) -> None:
    with open(target, "rb") as file:
        if file.read() != original:
            raise WriteRefused("the file has changed since it was read")

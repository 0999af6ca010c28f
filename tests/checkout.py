"""This checkout as a repository that other programs can clone, build and install."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import git

ROOT = Path(__file__).resolve().parent.parent

needs_index = pytest.mark.skipif(
    os.environ.get("PIP_NO_INDEX", "").lower() in ("1", "true", "yes", "on"),
    reason="PIP_NO_INDEX is set, so that pip can't install what is needed",
)
"""Without a network such a test fails, unless it's said that there is no index to ask."""


def commit_checkout(repository: Path, *, tag: str) -> Path:
    """Commit all files that git doesn't ignore to a new bare repository, whether or not the checkout has a history."""

    def in_checkout(*arguments: str) -> None:
        result = git(f"--git-dir={repository}", f"--work-tree={ROOT}", *arguments, cwd=ROOT)
        assert result.code == 0, result.err

    assert git("init", "--quiet", "--bare", str(repository), cwd=ROOT).code == 0
    in_checkout("config", "user.name", "Test")
    in_checkout("config", "user.email", "test@example.org")
    in_checkout("config", "commit.gpgsign", "false")
    in_checkout("config", "core.autocrlf", "false")
    in_checkout("add", "--all", ".")
    in_checkout("commit", "--quiet", "--message=The files as they are")
    in_checkout("tag", tag)
    return repository


def committed_files(repository: Path) -> set[str]:
    """The files of the last commit."""
    listing = git("ls-tree", "-r", "-z", "--name-only", "HEAD", cwd=repository)
    assert listing.code == 0, listing.err
    return set(listing.text.rstrip("\0").split("\0"))


def shared_directory(factory: pytest.TempPathFactory, name: str) -> Path:
    """A temporary directory that all workers of pytest-xdist have in common."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    directory = base / name
    directory.mkdir(exist_ok=True)
    return directory


@contextlib.contextmanager
def made_once(directory: Path) -> Iterator[bool]:
    """Say whether the content of a shared directory has still to be made; other workers wait meanwhile.

    If making it fails, the next worker starts from nothing.
    """
    finished = directory / ".finished"
    with open(directory.with_name(f"{directory.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if finished.exists():
            yield False
            return
        shutil.rmtree(directory)
        directory.mkdir()
        yield True
        finished.touch()

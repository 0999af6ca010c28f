"""What several test modules use: a pitfall with its fix, and real runs of flake8 and of the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

PITFALL = "def add(item, seen=[]):\n    seen.append(item)\n    return len(seen)\n"
"""One PIT201 in line 1, with a safe fix."""

FIXED = (
    "def add(item, seen=None):\n    if seen is None:\n        seen = []\n    seen.append(item)\n    return len(seen)\n"
)
PLACE = "1:20: PIT201"
"""Where and how PITFALL is reported, as flake8 writes it."""

UNFIXABLE = "def add(item, seen=[]):  # noqa: B006\n    seen.append(item)\n    return len(seen)\n"
"""A PIT201 whose fix is refused, since the comment tells another tool that it's on purpose."""

UNSAFE = PITFALL.replace("seen=[]", "seen: list | None = []")
"""The same, but somebody may pass None already, so the fix is unsafe."""

CLEAN = "def add(item, seen=()):\n    return len(seen)\n"


class Result(NamedTuple):
    """What a program did."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


def run(
    *command: str,
    cwd: Path,
    stdin: bytes = b"",
    env: dict[str, str] | None = None,
    before: Callable[[], None] | None = None,
    timeout: float = 100,
) -> Result:
    """Run a program, calling ``before`` in its process; it must end by itself, without a traceback."""
    environment = {**os.environ, **(env or {})}
    done = subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, timeout=timeout, env=environment, preexec_fn=before
    )
    err = done.stderr.decode()
    assert "Traceback" not in err, err
    return Result(done.returncode, done.stdout, err)


def pitfalls(*arguments: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run the command ``flake8-pitfalls``."""
    return run(sys.executable, "-m", "flake8_pitfalls", *arguments, cwd=cwd, stdin=stdin)


def flake8(*arguments: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run flake8, with all plugins that are installed."""
    return run(sys.executable, "-m", "flake8", *arguments, cwd=cwd, stdin=stdin)


def python(script: str, *arguments: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run a script that needs a process of its own."""
    return run(sys.executable, "-c", script, *arguments, cwd=cwd, stdin=stdin)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, bytes as they are and text as UTF-8 without touching line endings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def report(name: str) -> str:
    """What a line that reports PITFALL in a file begins with."""
    return f"{name}:{PLACE} "


def git(*arguments: str, cwd: Path, stdin: bytes = b"") -> Result:
    """Run git without the user's configuration."""
    env = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return run("git", *arguments, cwd=cwd, stdin=stdin, env=env)

"""CPU time and memory of programs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
"""The checkout."""


class Trouble(Exception):
    """What keeps something from being measured; the text is for the user."""


@dataclass(frozen=True)
class Cost:
    """What a run of a program took."""

    cpu: float
    """Seconds of the process and its children, in the program and in the system."""
    wall: float
    memory: float
    """Megabytes of the largest process at its peak."""
    code: int
    """The exit code; negative for a signal."""
    error: str
    """What it printed on standard error."""


def run(command: Sequence[str], cwd: Path) -> Cost:
    """Run a program to its end, and throw its output away. Raises Trouble if it can't be started."""
    return run_together([command], cwd)[0]


def run_together(commands: Sequence[Sequence[str]], cwd: Path, processors: Sequence[int] = ()) -> list[Cost]:
    """Run programs at the same time, each on a processor of its own if those are named.

    Raises Trouble if one can't be started.
    """
    with ExitStack() as stack:
        running = []
        for command in commands:
            errors = stack.enter_context(tempfile.TemporaryFile())
            process = _started(command, cwd, errors)
            stack.callback(_stop, process)
            running.append((process, time.perf_counter(), errors))
        for (process, _, _), processor in zip(running, processors, strict=False):
            os.sched_setaffinity(process.pid, {processor})
        return [_finished(*each) for each in running]


def _started(command: Sequence[str], cwd: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    null = subprocess.DEVNULL
    try:
        return subprocess.Popen(command, cwd=cwd, stdin=null, stdout=null, stderr=errors, env=environment())
    except OSError as error:
        raise Trouble(f"{command[0]} could not be started: {error.strerror or error}") from error


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        process.kill()
        process.wait()


def _finished(process: subprocess.Popen[bytes], start: float, errors: IO[bytes]) -> Cost:
    """Wait for a program's end."""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    errors.seek(0)
    text = errors.read().decode(errors="replace")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / unit, process.returncode, text)


def environment() -> dict[str, str]:
    """The environment of what is measured: nothing of the caller's Python, and the same order of sets each time."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RAYON"))}
    return {**kept, "PYTHONHASHSEED": "0", "RAYON_NUM_THREADS": "1", "NO_COLOR": "1"}


def last_line(text: str) -> str:
    """The line of a program's complaints that says most: the first error, or else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines[-1:] or ["no reason given"])[0]

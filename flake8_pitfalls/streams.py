"""Standard input, output and error, which may be closed, full, or a pipe that nobody reads any more."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import NoReturn


def say(message: str) -> None:
    """Print a message for people, on standard error; without one, ``print`` would take standard output."""
    if sys.stderr is not None:
        print(f"flake8-pitfalls: {message}", file=sys.stderr, flush=True)


def take_stdin() -> bytes:
    """Read standard input as bytes, and put it back for flake8, which reads it later."""
    try:
        if sys.stdin is None:
            raise OSError("it is closed")
        data = sys.stdin.buffer.read()
    except OSError as error:
        say(f"error: standard input could not be read: {error.strerror or error}")
        raise SystemExit(2) from None
    sys.stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
    return data


def stop_writing(error: OSError) -> NoReturn:
    """End the program since its output can't be written; whoever closed a pipe has had enough and needs no message."""
    if not isinstance(error, BrokenPipeError):
        with contextlib.suppress(OSError):
            say(f"error: the output could not be written: {error.strerror or error}")
    # What is still buffered would make the interpreter fail again when it flushes at exit.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
    raise SystemExit(2) from None

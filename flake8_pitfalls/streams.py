"""Standard input, output and error, which may be closed, full, or a pipe that nobody reads any more."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from fnmatch import fnmatch
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


def exclude_stdin(options: argparse.Namespace) -> None:
    """Exclude standard input if its display name lies in an excluded folder.

    flake8 leaves such a folder out when it walks through the folders above, and asks only for the name itself here.
    """
    if "-" not in options.filenames or options.stdin_display_name == "stdin":
        return
    path = os.path.abspath(options.stdin_display_name)
    patterns = [*options.exclude, *options.extend_exclude]
    folder = os.path.dirname(path)
    while folder not in (os.getcwd(), os.path.dirname(folder)):
        if any(fnmatch(name, pattern) for pattern in patterns for name in (os.path.basename(folder), folder)):
            import glob

            options.extend_exclude = [*options.extend_exclude, glob.escape(path)]
            return
        folder = os.path.dirname(folder)


def stop_writing(error: OSError) -> NoReturn:
    """End the program since its output can't be written; whoever closed a pipe has had enough and needs no message."""
    if not isinstance(error, BrokenPipeError):
        with contextlib.suppress(OSError):
            say(f"error: the output could not be written: {error.strerror or error}")
    # What is still buffered would make the interpreter fail again when it flushes at exit.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())  # type: ignore[union-attr]
    raise SystemExit(2) from None

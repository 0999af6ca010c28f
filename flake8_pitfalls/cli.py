"""The command ``flake8-pitfalls``: flake8 with this plugin only, plus ``--diff``, ``--fix`` and ``--explain``.

Exit codes: 0 when the code is clean or everything was fixed, 1 when something is left to fix (or the diff isn't empty),
2 when something could not be done: a wrong option, a file that can't be read, parsed, analysed or written, a crash.
``--exit-zero`` turns 1 into 0.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import flake8_pitfalls

CLEAN, FOUND, FAILED = 0, 1, 2

HELP = """\
usage: flake8-pitfalls [--diff | --fix] [--unsafe-fixes] [flake8 options] file ...
       flake8-pitfalls --explain [CODE]

Runs flake8 with the checks of flake8-pitfalls only.

  --diff          print the fixes as a unified diff instead of the reports
  --fix           carry out the fixes, and report what is left; with "-" print the fixed document
  --unsafe-fixes  include fixes that may change something else
  --explain CODE  say what a code means; with the beginning of codes, such as PIT2, or without a code, list them

All options of flake8 work as well:
"""


class UsageError(Exception):
    """A command line that makes no sense."""


@dataclass
class Request:
    """What was asked for; ``arguments`` is what flake8 gets."""

    diff: bool = False
    fix: bool = False
    unsafe: bool = False
    explain: bool = False
    explained: str | None = None
    show_help: bool = False
    show_version: bool = False
    arguments: list[str] = field(default_factory=list)

    @property
    def prints_document(self) -> bool:
        """Whether standard output has to be the document from standard input."""
        formatter = any(argument.endswith("pitfalls-fix") for argument in self.arguments)
        return (self.fix or formatter) and "-" in self.arguments


def parse_arguments(argv: Sequence[str]) -> Request:
    """Take our own options out of a command line. Raises UsageError."""
    request = Request()
    rest = list(argv)
    while rest:
        argument = rest.pop(0)
        if argument == "--":
            request.arguments += ["--", *rest]
            break
        if argument == "--explain" or argument.startswith("--explain="):
            request.explain, request.explained = True, _value_of(argument, rest)
        elif not _take_switch(request, argument):
            request.arguments.append(argument)
    if request.diff and request.fix:
        raise UsageError("argument --diff: not allowed with argument --fix")
    if request.unsafe:
        request.arguments.insert(0, "--pitfalls-unsafe-fixes")
    return request


def _value_of(argument: str, rest: list[str]) -> str | None:
    _, equals, value = argument.partition("=")
    if equals:
        return value
    return rest.pop(0) if rest and not rest[0].startswith("-") else None


def _take_switch(request: Request, argument: str) -> bool:
    switches = {
        "--diff": "diff",
        "--fix": "fix",
        "--unsafe-fixes": "unsafe",
        "-h": "show_help",
        "--help": "show_help",
        "--version": "show_version",
    }
    if argument not in switches:
        return False
    setattr(request, switches[argument], True)
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with the given arguments, by default the program's, and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 -- it's needed until the end
    if sys.stdout is None:
        return _fail("standard output is closed")
    try:
        request = parse_arguments(arguments)
        code = _dispatch(request)
        sys.stdout.flush()
    except UsageError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("interrupted")
    except OSError as error:
        from flake8_pitfalls.streams import stop_writing

        stop_writing(error)
    return code


def _dispatch(request: Request) -> int:
    if request.explain:
        if request.arguments:
            raise UsageError(f"argument --explain: takes one code and nothing else, not {request.arguments[0]!r} too")
        return explain(request.explained)
    if request.show_version:
        import flake8

        print(f"flake8-pitfalls {flake8_pitfalls.__version__} (flake8 {flake8.__version__})")
        return CLEAN
    if request.show_help:
        print(HELP, flush=True)
        request.arguments.insert(0, "--help")
    from flake8_pitfalls.command import run_flake8

    return run_flake8(request)


def explain(code: str | None) -> int:
    """Print what a code means, or which codes there are."""
    from flake8_pitfalls.explain import UnknownCode, explanation

    try:
        text = explanation(code)
    except UnknownCode as error:
        return _fail(str(error))
    print(text)
    return CLEAN


def _fail(message: str) -> int:
    with contextlib.suppress(OSError):
        print(f"flake8-pitfalls: error: {message}", file=sys.stderr)
    return FAILED

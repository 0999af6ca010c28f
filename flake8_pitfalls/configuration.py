"""The options as flake8 knows them: their names, what may be written, and what is made of it.

flake8 and argparse hand over what somebody wrote: a string from the command line, from an ini file, or the default; a
list or another object from a TOML file. All of it is converted in one place, so that a wrong value gets the same answer
wherever it was written. flake8 imports this module on every run, so nothing heavy is imported here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flake8_pitfalls.options import ALL_CODES, Options
from flake8_pitfalls.target import parse_version

if TYPE_CHECKING:
    from flake8.options.manager import OptionManager

_DOTTED_NAME = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_BOOLEANS = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


class WrongValue(ValueError):
    """An option has a value that it can't have; the text says which option, which value and why."""


class _Option(NamedTuple):
    """An option; its field in :class:`Options` has the same name with underscores."""

    name: str
    convert: Callable[[str], Any]
    default: Any
    help: str
    metavar: str | None = None
    """``None`` for a switch, which has no value on the command line."""

    @property
    def field(self) -> str:
        return self.name.replace("-", "_")


def add_options(manager: OptionManager) -> None:
    """Register the options; all of them work on the command line and in configuration files."""
    for option in _OPTIONS:
        shape: dict[str, Any] = {"metavar": option.metavar} if option.metavar else {"action": _Switch}
        manager.add_option(
            f"--pitfalls-{option.name}", default=option.default, parse_from_config=True, help=option.help, **shape
        )


def options_from(namespace: argparse.Namespace) -> Options:
    """Make options of what flake8 collected. Raises WrongValue."""
    given = {option: getattr(namespace, f"pitfalls_{option.field}") for option in _OPTIONS}
    converted = {option.field: _converted(option, value) for option, value in given.items() if value is not None}
    return Options(line_length=getattr(namespace, "max_line_length", Options().line_length), **converted)


def stop_for(error: WrongValue) -> SystemExit:
    """Say what is wrong in one line, and return the exception that ends the program with exit code 2."""
    print(f"flake8-pitfalls: error: {error}", file=sys.stderr, flush=True)
    return SystemExit(2)


class _Switch(argparse.Action):
    """Turns an option on; unlike argparse's own, it leaves the values of configuration files to us."""

    def __init__(self, option_strings: list[str], dest: str, **settings: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **settings)

    def __call__(self, _parser: Any, namespace: argparse.Namespace, *_: Any) -> None:
        setattr(namespace, self.dest, True)


def _converted(option: _Option, value: object) -> Any:
    if isinstance(value, bool) and option.metavar is None:
        return value
    try:
        return option.convert(_text_of(value, several=option.convert in _OF_LISTS))
    except ValueError as error:
        raise WrongValue(f"--pitfalls-{option.name}: {error}") from None


def _text_of(value: object, *, several: bool) -> str:
    parts = list(value) if several and isinstance(value, (list, tuple)) else [value]
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) < len(parts):
        wrong = next(part for part in parts if not isinstance(part, str))
        raise ValueError(f"{wrong!r} is not a string")
    return ",".join(texts).strip()


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise ValueError(f"{text!r} is not true or false")
    return _BOOLEANS[text.lower()]


def _one_of(*choices: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
        return text

    return convert


def _listed(text: str) -> list[str]:
    return [item for item in re.split(r"[,\s]+", text) if item]


def _dotted_names(text: str) -> frozenset[str]:
    names = _listed(text)
    for name in names:
        if not re.fullmatch(_DOTTED_NAME, name):
            raise ValueError(f"{name!r} is not a dotted name such as package.function")
    return frozenset(names)


def _codes(text: str) -> tuple[str, ...]:
    prefixes = tuple(prefix.upper() for prefix in _listed(text))
    if prefixes and prefixes != ALL_CODES:
        from flake8_pitfalls.rules.codes import CODES

        for prefix in prefixes:
            if not prefix.startswith(ALL_CODES) or not any(code.startswith(prefix) for code in CODES):
                raise ValueError(f"{prefix!r} is not one of our codes, nor what some of them begin with, such as PIT2")
    return prefixes


_OF_LISTS = (_dotted_names, _codes)
"""What makes something of several values; in a TOML file those may be a list."""

_OPTIONS = (
    _Option(
        "target-version",
        parse_version,
        None,
        "Oldest Python that the code has to run on, for example 3.11. (Default: the lower bound of requires-python in "
        "the nearest pyproject.toml, else 3.10)",
        "version",
    ),
    _Option("unsafe-fixes", _boolean, False, "Let the formatters of this plugin carry out unsafe fixes too."),
    _Option(
        "fixable",
        _codes,
        "PIT",
        "Comma-separated list of codes, or beginnings of codes, whose findings may be fixed. (Default: PIT, which is "
        "all of them)",
        "codes",
    ),
    _Option(
        "unfixable",
        _codes,
        "",
        "Comma-separated list of codes, or beginnings of codes, whose findings are reported and not fixed, whatever "
        "--pitfalls-fixable says.",
        "codes",
    ),
    _Option("stable-messages", _boolean, False, "Leave line numbers out of messages, so that baselines keep matching."),
    *(
        _Option(
            f"extend-{kind}-calls",
            _dotted_names,
            "",
            f"Comma-separated list of dotted names of callables that return {meaning}.",
            "names",
        )
        for kind, meaning in (("mutable", "a new mutable object"), ("immutable", "an immutable object"))
    ),
    *(
        _Option(
            f"{kind}-callees",
            _dotted_names,
            "",
            f"Comma-separated list of callables that get closures and {meaning}: dotted names, or bare names of "
            "methods.",
            "names",
        )
        for kind, meaning in (
            ("consuming", "run them before they return"),
            ("retaining", "keep them and run them later"),
        )
    ),
    _Option(
        "closure-fix",
        _one_of("keyword", "factory"),
        "keyword",
        "How the fix of PIT101 binds the values of an iteration: by keyword-only defaults, or in a function that makes "
        "the closure (factory). (Default: keyword)",
        "style",
    ),
    _Option(
        "start-method",
        _one_of("any", "fork", "spawn"),
        "any",
        "How the code's processes are started where it doesn't say: by fork, by spawn (or forkserver), or by any of "
        "them. It decides about PIT402. (Default: any)",
        "method",
    ),
)

"""The oldest Python that a linted file has to run on, as its project declares it."""

from __future__ import annotations

import functools
import os
import re
import sys
from typing import Any

from flake8_pitfalls.options import OLDEST_TARGET

OLDEST_MINOR, NEWEST_MINOR = 3, 15
"""Which versions of Python 3 may be named; not 3.1, which is what a TOML file makes of 3.10 without quotes."""

_CLAUSE = r"(?P<operator>~=|===?|>=?)\s*v?(?P<major>\d+)(?:\.(?P<minor>\d+))?(?:\.(?:\d+|\*))*\S*"
_VERSION = r"3\.(?P<minor>[0-9]{1,3})"


def parse_version(text: str) -> tuple[int, int]:
    """Turn ``"3.11"`` into ``(3, 11)``.

    Raises ValueError for anything but a version of Python 3 that is known.
    """
    match = re.fullmatch(_VERSION, text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a Python version such as 3.11")
    minor = int(match["minor"])
    newest = max(NEWEST_MINOR, sys.version_info.minor)
    if not OLDEST_MINOR <= minor <= newest:
        hint = '; in a TOML file, write "3.10" in quotes' if minor == 1 else ""
        raise ValueError(f"{text!r} is not a Python version that is known (3.{OLDEST_MINOR} to 3.{newest}){hint}")
    return 3, minor


def lower_bound(specifier: str) -> tuple[int, int] | None:
    """Return the oldest ``(major, minor)`` that a version specifier such as ``>=3.9,<4`` admits.

    ``None`` when it has no lower bound. Clauses that can't be read are skipped.
    """
    bounds = [
        (int(match["major"]), int(match["minor"] or 0))
        for clause in specifier.split(",")
        if (match := re.fullmatch(_CLAUSE, clause.strip()))
    ]
    return max(bounds, default=None)


def target_version_for(filename: str) -> tuple[int, int]:
    """Return the lower bound of ``requires-python`` in the nearest pyproject.toml above ``filename``, else 3.10.

    ``filename`` need not exist (standard input has a display name only). Never raises: a project file that can't be
    read says nothing.
    """
    return _declared_above(os.path.dirname(os.path.abspath(filename))) or OLDEST_TARGET


@functools.cache
def _declared_above(directory: str) -> tuple[int, int] | None:
    path = os.path.join(directory, "pyproject.toml")
    if os.path.isfile(path):
        return _declared_in(path)
    parent = os.path.dirname(directory)
    return None if parent == directory else _declared_above(parent)


def _declared_in(path: str) -> tuple[int, int] | None:
    import tomllib

    try:
        with open(path, "rb") as file:
            document: dict[str, Any] = tomllib.load(file)
    except (OSError, ValueError, RecursionError):
        return None
    project = document.get("project")
    specifier = project.get("requires-python") if isinstance(project, dict) else None
    return lower_bound(specifier) if isinstance(specifier, str) else None

"""``--explain``: the pages of the codes in a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator

from flake8_pitfalls.rules.codes import CODES, Code

NARROWEST = 30
"""A terminal that says it is narrower than this is taken to be as wide."""

_UNBROKEN = "\N{NO-BREAK SPACE}"


class UnknownCode(ValueError):
    """No code is, or begins, like what was asked for."""


def explanation(asked: str | None) -> str:
    """Return the page of a code, or a list of the codes that begin as asked. Raises UnknownCode."""
    prefix = (asked or "").strip().upper()
    if prefix in CODES:
        return page(prefix)
    listed = [name for name in CODES if name.startswith(prefix)]
    if not listed:
        raise UnknownCode(f"argument --explain: unknown code {asked!r} (known: {', '.join(sorted(CODES))})")
    return "\n".join(map(entry, listed))


def entry(name: str) -> str:
    """Return the entry of a code in a list: one line, unless somebody reads it in a terminal that is narrower."""
    code = CODES[name]
    line = f"{name}  {code.summary}{'' if code.on_by_default else ' (off by default)'}"
    if sys.stdout.isatty():
        line = _wrapped(line, indent=" " * len(f"{name}  "))
    return _bold(name) + line.removeprefix(name)


def page(name: str) -> str:
    """Return all that is to say about a code."""
    code = CODES[name]
    return "\n\n".join([_filled(f"{name}: {code.summary}", heading=True), *_parts(code)])


def _parts(code: Code) -> Iterator[str]:
    yield from map(_filled, (code.text, *code.details))
    for title, example in (("Reported:", code.bad), ("Fixed:", code.good)):
        if example:
            yield f"{_bold(title)}\n\n{textwrap.indent(example.strip(), '    ')}"
    yield from map(_filled, code.fix)
    if code.options:
        yield "\n".join([_bold("Options:"), *(f"    {option}" for option in code.options)])
    if code.references:
        yield "\n".join(f"{_filled(title)}\n    {address}" for title, address in code.references)


def _filled(paragraph: str, *, heading: bool = False) -> str:
    text = _wrapped(paragraph)
    return "\n".join(map(_bold, text.split("\n"))) if heading else text


def _wrapped(paragraph: str, *, indent: str = "") -> str:
    """Break a paragraph into lines that fit, but not inside of short pieces of code."""
    width = max(NARROWEST, shutil.get_terminal_size().columns)
    whole = re.sub(r"``[^`]{1,24}``", lambda code: code.group().replace(" ", _UNBROKEN), paragraph)
    lines = textwrap.wrap(whole, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_UNBROKEN, " ")


def _bold(text: str) -> str:
    """Make text bold where somebody sees it: never in a pipe, nor against NO_COLOR."""
    plain = not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return text if plain else f"\x1b[1m{text}\x1b[0m"

"""Writes the documentation of the codes, one page each, from the registry that ``--explain`` reads."""

from __future__ import annotations

import textwrap
from pathlib import Path

from flake8_pitfalls.rules.codes import CODES, Code


def write_pages(folder: Path) -> None:
    """Write a page for each code and one that lists them; pages that haven't changed keep their time."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{name}.rst": page(name, code) for name, code in CODES.items()} | {"index.rst": index()}
    for old in folder.glob("*.rst"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def index() -> str:
    """The page that lists the codes."""
    listed = "\n".join(f"   {name}" for name in sorted(CODES))
    table = ".. include:: ../../README.rst\n   :start-after: .. codes: start\n   :end-before: .. codes: end\n"
    return f"{heading('Codes')}\n{table}\n.. toctree::\n   :maxdepth: 1\n\n{listed}\n"


def page(name: str, code: Code) -> str:
    """The page of one code."""
    parts = [heading(f"{name}: {code.summary.removesuffix('.')}"), code.text]
    if code.bad:
        parts += [heading("Example", "-"), block(code.bad)]
        if code.good:
            parts += ["becomes", block(code.good)]
    if code.details:
        parts += [heading("What is reported", "-"), *code.details]
    if code.fix:
        parts += [heading("Fix", "-"), *code.fix, "See also :doc:`../fixes`."]
    if code.options:
        names = "\n".join(f"* ``{option}``" for option in code.options)
        parts += [heading("Options", "-"), names, "See :doc:`../configuration`."]
    if code.references:
        parts += [heading("References", "-"), "\n".join(f"* `{title} <{link}>`__" for title, link in code.references)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def heading(text: str, underline: str = "=") -> str:
    """A heading."""
    return f"{text}\n{underline * len(text)}\n"


def block(code: str) -> str:
    """A block of Python."""
    return ".. code-block:: python\n\n" + textwrap.indent(code, "   ")

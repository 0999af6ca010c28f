"""Writes the documentation of the codes, one page each, from the registry that ``--explain`` reads."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator
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
    rows = [("Code", "By default", "Fix", "What it says")]
    rows += [
        (f":doc:`{name} <{name}>`", "on" if code.on_by_default else "off", code.fixable, code.summary)
        for name, code in CODES.items()
    ]
    cells = (f"   {'*' if place == 0 else ' '} - {cell}" for row in rows for place, cell in enumerate(row))
    table = "\n".join([".. list-table::", "   :header-rows: 1", "   :widths: 12 12 20 56", "", *cells])
    optional = [name for name, code in CODES.items() if not code.on_by_default]
    switch = f"Those that are off are switched on by ``extend-select = {', '.join(optional)}``."
    listed = "\n".join(f"   {name}" for name in CODES)
    none = "*None* is a fix that is refused, with the reason; see :doc:`../fixes`."
    return f"{heading('Codes')}\n{table}\n\n{switch} {none}\n\n.. toctree::\n   :hidden:\n\n{listed}\n"


def page(name: str, code: Code) -> str:
    """The page of one code."""
    return "\n\n".join(part.strip("\n") for part in parts(name, code)) + "\n"


def parts(name: str, code: Code) -> Iterator[str]:
    """What the page of a code consists of."""
    yield heading(f"{name}: {code.summary.removesuffix('.')}")
    yield code.text
    if code.bad:
        yield from example(name, code)
    if code.details:
        yield heading("What is reported", "-")
        yield from code.details
    if code.fix:
        yield heading("Fix", "-")
        yield from code.fix
        yield "See also :doc:`../fixes`."
    if code.options:
        yield heading("Options", "-")
        yield "\n".join(f"* ``{option}``" for option in code.options)
        yield "See :doc:`../configuration`."
    if code.compared:
        yield heading("Other tools", "-")
        yield from code.compared
        yield "See also :doc:`../comparison` and :doc:`../migration`."
    if code.references:
        yield heading("References", "-")
        yield "\n".join(f"* `{title} <{link}>`__" for title, link in code.references)


def example(name: str, code: Code) -> Iterator[str]:
    """A program, what happens to it, and what it is then."""
    yield heading("Example", "-")
    yield block(code.bad, ":caption: example.py")
    yield f".. literalinclude:: ../transcripts/{name.lower()}.txt\n   :language: console"
    if code.good:
        lines = ",".join(str(number) for number in changed_lines(code.bad, code.good))
        options = [":caption: example.py, fixed", *([f":emphasize-lines: {lines}"] if lines else [])]
        yield block(code.good, *options)


def changed_lines(old: str, new: str) -> list[int]:
    """The lines of a text that weren't in another one, counted from 1."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    changed = (range(start, end) for kind, _, _, start, end in matcher.get_opcodes() if kind != "equal")
    return [number + 1 for lines in changed for number in lines]


def heading(text: str, underline: str = "=") -> str:
    """A heading."""
    return f"{text}\n{underline * len(text)}\n"


def block(code: str, *options: str) -> str:
    """A block of Python."""
    return "\n".join([".. code-block:: python", *(f"   {option}" for option in options), ""]) + (
        "\n" + textwrap.indent(code, "   ")
    )

"""Draws the pictures of the documentation; ``python docs/diagrams.py`` writes them.

They are narrow enough for a phone, and each is drawn twice, for light pages and for dark ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple
from xml.sax.saxutils import escape

IMAGES = Path(__file__).resolve().parent / "images"

THEMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": {"line": "#5b6472", "text": "#14181f", "note": "#4a5260", "ours": "#e3edfb", "flake8": "#f1f1ee"},
        "dark": {"line": "#9aa4b2", "text": "#eef1f5", "note": "#b9c1cc", "ours": "#20344f", "flake8": "#2f3236"},
    }
)
WIDTH = 380
LINE = 19
MARGIN = 12
GAP = 46
SANS = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Station(NamedTuple):
    """A box in the way of a file, and what travels on to the next one."""

    name: str
    lines: tuple[str, ...]
    passed_on: str = ""
    owner: str = "ours"
    exit: str = ""
    """What may leave the way here."""


DATA_FLOW = (
    Station("flake8", ("reads and parses the file",), "text and ast tree", "flake8"),
    Station("plugin.py", ("takes options and file from flake8",), "text and ast tree"),
    Station(
        "screen.py",
        ("can this file hold a pitfall at all,", "and on which lines? no LibCST so far"),
        "lines, for each family",
        exit="most files",
    ),
    Station(
        "semantics/",
        ("parses the top-level statements there", "by LibCST; scopes, names, order, and", "what becomes of a value"),
        "answers to the rules' questions",
    ),
    Station("rules/", ("late_binding   mutable_default", "metaclass   pickling"), "findings"),
    Station("flake8", ("select, ignore, per-file-ignores, # noqa",), "what is left of them", "flake8", "suppressed"),
    Station(
        "formatters.py",
        ("report, or diff, or fix? for the last two", "the findings are made once more"),
        "findings with their fixes",
        exit="report",
    ),
    Station(
        "fixes/",
        ("applies edits, analyses the result, and", "drops a fix that breaks a promise"),
        exit="diff or file",
    ),
)
"""How a file travels."""


def data_flow(theme: str) -> str:
    """The way of a file through the parts of the program."""
    colours = THEMES[theme]
    parts: list[str] = []
    top = MARGIN
    for station in DATA_FLOW:
        bottom = top + 16 + LINE * (1 + len(station.lines))
        parts += _box(station, top, bottom, colours)
        if station.exit:
            parts += _way_out(station.exit, (top + bottom) // 2, colours)
        if station.passed_on:
            parts += _way_on(station.passed_on, bottom, bottom + GAP, colours)
        top = bottom + GAP
    return _picture(parts, top - GAP + MARGIN, colours, "The way of a file through flake8 and flake8-pitfalls")


_LEFT, _RIGHT = 8, 286
_MIDDLE = (_LEFT + _RIGHT) // 2


def _box(station: Station, top: int, bottom: int, colours: Mapping[str, str]) -> list[str]:
    parts = [
        f'<rect x="{_LEFT}" y="{top}" width="{_RIGHT - _LEFT}" height="{bottom - top}" rx="6" '
        f'fill="{colours[station.owner]}" stroke="{colours["line"]}"/>',
        _text(station.name, _LEFT + 12, top + 21, f'class="name" fill="{colours["text"]}"'),
    ]
    return parts + [
        _text(line, _LEFT + 12, top + 21 + LINE * number, f'fill="{colours["text"]}"')
        for number, line in enumerate(station.lines, 1)
    ]


def _way_on(label: str, top: int, bottom: int, colours: Mapping[str, str]) -> list[str]:
    x = _LEFT + 40
    return [
        f'<path d="M{x} {top} V{bottom - 3}" stroke="{colours["line"]}" marker-end="url(#tip)"/>',
        _text(label, x + 14, (top + bottom) // 2 + 4, f'class="note" fill="{colours["note"]}"'),
    ]


def _way_out(label: str, y: int, colours: Mapping[str, str]) -> list[str]:
    return [
        f'<path d="M{_RIGHT} {y} H{WIDTH - 14}" stroke="{colours["line"]}" marker-end="url(#tip)"/>',
        _text(label, _RIGHT + 6, y - 8, f'class="note" fill="{colours["note"]}"'),
    ]


def _text(text: str, x: int, y: int, attributes: str) -> str:
    return f'<text x="{x}" y="{y}" xml:space="preserve" {attributes}>{escape(text)}</text>'


def _picture(parts: list[str], height: int, colours: Mapping[str, str], title: str) -> str:
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>text {{ font: 13px {SANS} }} .name {{ font: bold 14px {MONO} }}",
        ".note { font-style: italic }</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M0 0 L8 4 L0 8 z" fill="{colours["line"]}"/></marker></defs>',
        '<g fill="none" stroke-width="1.2">',
    ]
    shapes = [part for part in parts if not part.startswith("<text")]
    texts = [part for part in parts if part.startswith("<text")]
    return "\n".join([*head, *shapes, "</g>", *texts, "</svg>"]) + "\n"


def pictures() -> dict[str, str]:
    """The names of all pictures and what they hold."""
    return {f"data-flow-{theme}.svg": data_flow(theme) for theme in THEMES}


def main() -> None:
    """Write the pictures."""
    IMAGES.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (IMAGES / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""Sphinx configuration; the pages of the codes are written at the start of each build."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import flake8_pitfalls  # noqa: E402 -- the path comes first

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "flake8-pitfalls"
author = "flake8-pitfalls contributors"
copyright = author  # noqa: A001 -- Sphinx wants this name
release = version = flake8_pitfalls.__version__

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
exclude_patterns = ["_build", "examples", "tables", "transcripts"]
nitpicky = True
highlight_language = "python"


def write_code_pages(app: Sphinx) -> None:
    """Make the pages below ``codes/``."""
    from code_pages import write_pages

    write_pages(Path(app.srcdir) / "codes")


def shorten_paths(app: Sphinx, tree: nodes.document) -> None:
    """Name the files of a diff as they are named in the documentation; Sphinx gives them their whole paths."""
    folder = f"{Path(app.srcdir).as_posix()}/"
    for block in tree.findall(nodes.literal_block):
        if block.get("language") == "udiff":
            text = re.sub(rf"^(---|\+\+\+) {re.escape(folder)}", r"\1 ", block.astext(), count=2, flags=re.MULTILINE)
            block.rawsource = text
            block.children = [nodes.Text(text)]


def setup(app: Sphinx) -> None:
    """Tell Sphinx what to do."""
    app.connect("builder-inited", write_code_pages)
    app.connect("doctree-read", shorten_paths)

"""Identifiers that ``ast`` has in another form than the text, because Python normalises them.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from unicodedata import is_normalized, normalize

from flake8_pitfalls.semantics.syntax import walk

_OTHER_WORD = re.compile(r"\w*[^\x00-\x7f][\w\x80-\U0010ffff]*")
"""A word that isn't all ASCII, in comments and strings too; letters may be followed by marks, which ``\\w`` lacks."""


def some_are_written_otherwise(nodes: Iterable[ast.stmt], text: str) -> bool:
    """Whether an identifier in the text of some statements isn't written as ``ast`` has it (PEP 3131)."""
    if is_normalized("NFKC", text):
        return False
    # Most lines are plain, which they know by themselves; a search would try each word of them.
    words = {word for line in text.split("\n") if not line.isascii() for word in _OTHER_WORD.findall(line)}
    others = {normal for word in words if (normal := normalize("NFKC", word)) != word and normal.isidentifier()}
    return bool(others) and any(not others.isdisjoint(_identifiers(part)) for node in nodes for part in walk(node))


def _identifiers(node: ast.AST) -> Iterator[str]:
    """The names in a node itself, and the text of a string."""
    for _, value in ast.iter_fields(node):
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, str):
                yield from part.split(".") if isinstance(node, (ast.alias, ast.ImportFrom)) else [part]

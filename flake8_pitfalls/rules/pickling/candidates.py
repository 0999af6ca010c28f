"""What of a module may hold a PIT4xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.pickling.declares import SINKS
from flake8_pitfalls.rules.text_search import matching_lines

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_TYPES = tuple(
    re.compile(pattern)
    for pattern in (r"namedtuple\s*\(", r"NamedTuple\s*\(", r"make_dataclass\s*\(", r"type\s*\([^()]*,", r"new_class")
)


def may_matter(text: str) -> bool:
    """Whether a text mentions anything by which objects are pickled, or types are made."""
    return SINKS.search(text) is not None or any(pattern.search(text) for pattern in _TYPES)


def candidate_lines(
    text: str, tree: ast.Module, statements: Sequence[ast.stmt], options: Options | None
) -> Iterator[int]:
    """The lines of what may be a pitfall; ``statements`` are those of the module at any depth."""
    del statements, options
    if SINKS.search(text) is not None:
        yield from (node.lineno for node in tree.body)
    else:
        yield from matching_lines(_TYPES, text)

"""Comments by which people say that a mutable default is meant, for whatever tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Refusal

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement

_PEER_CODES = re.compile(r"(?i)\b(?:B006|B008|B039|RUF008|RUF009|RUF012|RUF024|W0102|PIT2\d*|PIT)\b")
_NOQA = re.compile(r"(?i)#\s*(?:(?:ruff|flake8)\s*:\s*)?noqa(?P<codes>\s*:\s*[A-Z][A-Z0-9]*(?:[\s,]+[A-Z][A-Z0-9]*)*)?")
_PYLINT = re.compile(r"pylint:\s*disable(?:-next)?\s*=.*\b(?:W0102|dangerous-default-value|all)\b")


def suppressed_at(statement: TopLevelStatement, *nodes: cst.CSTNode) -> Refusal | None:
    """The refusal if a comment on the line of the first node, or of a node around it, says that it's meant.

    The first node is the default; the others, such as its function, may be where other tools report it.
    """
    comments = statement.module.comments
    here = statement.line(nodes[0])
    for line in {here, *(statement.line(node) for node in nodes)}:
        comment = comments.get(line, "")
        noqa = _NOQA.search(comment)
        if noqa is not None and (noqa["codes"] is None or _PEER_CODES.search(noqa["codes"])):
            return Refusal("a noqa comment says that the default is meant")
        above = comments.get(line - 1, "")
        if (_PYLINT.search(comment) and "disable-next" not in comment) or (
            "disable-next" in above and _PYLINT.search(above)
        ):
            return Refusal("a pylint comment says that the default is meant")
    if re.search(r"#\s*type:\s*ignore", comments.get(here, "")):
        return Refusal("a 'type: ignore' comment stands on the line of the default")
    return None

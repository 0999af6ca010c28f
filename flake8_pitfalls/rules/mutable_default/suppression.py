"""Comments by which people say that a mutable default is meant, for whatever tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flake8_pitfalls.fixes.model import Refusal
from flake8_pitfalls.rules.suppression import Peers

if TYPE_CHECKING:
    import libcst as cst

    from flake8_pitfalls.semantics.module import TopLevelStatement

_PEERS = Peers(
    r"B006|B008|B039|B046|RUF008|RUF009|RUF012|RUF024|W0102|PIT2\d*|mutable-(?:argument|contextvar|dataclass|class)-default"
    r"|mutable-fromkeys-value|function-call-in-(?:dataclass-)?default-argument",
    "W0102|dangerous-default-value",
    "the default",
)


def suppressed_at(statement: TopLevelStatement, *nodes: cst.CSTNode) -> Refusal | None:
    """The refusal if a comment on the line of the first node, or of a node around it, says that it's meant.

    The first node is the default; the others, such as its function, may be where other tools report it.
    """
    here = statement.line(nodes[0])
    found = _PEERS.suppression(statement, [here, *(statement.line(node) for node in nodes)])
    if found is None and re.search(r"#\s*type:\s*ignore", statement.module.comments.get(here, "")):
        return Refusal("a 'type: ignore' comment stands on the line of the default")
    return found

"""PIT403: types whose name isn't the one that they're bound to, so that pickle doesn't find them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.definitions import is_local

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.types_made import MadeTypes
    from flake8_pitfalls.semantics.module import TopLevelStatement


def misnamed(
    statement: TopLevelStatement, nodes: list[cst.CSTNode], types: MadeTypes
) -> Iterator[tuple[cst.Assign | cst.AnnAssign, cst.Call]]:
    """The assignments of types that go by another name, and the calls that make them."""
    for node in nodes:
        if not isinstance(node, (cst.Assign, cst.AnnAssign)) or not isinstance(node.value, cst.Call):
            continue
        if is_local(statement, node.value) or types.is_only_base(statement, node.value):
            continue
        if types.called(statement, node.value) is not None:
            yield node, node.value

"""Read-only traversal of LibCST trees.

LibCST's own visitors rebuild the nodes they pass through and look at every piece of whitespace.  The functions here
only read: they look up, once per node class, which fields can hold code, and fetch nothing else.  Whitespace, comments,
punctuation and operator tokens are never reached.  All of them are iterative, so that no nesting is too deep for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import libcst as cst

# The names of all fields that can hold code.  But for the exceptions below, the fields of every node class, sorted by
# their place in this list, are in the order in which they're written in the source.
_SOURCE_ORDER = (
    *("decorators", "keyword", "key", "module", "names", "pattern", "type", "item", "name", "asname"),
    *("type_parameters", "posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg", "param", "bound"),
    *("returns", "bases", "keywords", "targets", "target", "annotation", "default", "subject", "cases", "guard"),
    *("items", "iter", "test", "msg", "exc", "cause", "cls", "patterns", "kwds", "left", "right", "func", "args"),
    *("elt", "value", "attr", "slice", "lower", "upper", "step", "comparisons", "comparator", "elements", "rest"),
    *("expression", "format_spec", "parts", "for_in", "ifs", "inner_for_in", "decorator"),
    *("body", "handlers", "orelse", "finalbody"),
)
_SOURCE_ORDER_EXCEPTIONS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.IfExp: ("body", "test", "orelse"),
}
_RANK = {name: rank for rank, name in enumerate(_SOURCE_ORDER)}

_SEQUENCES = frozenset({list, tuple})
# What a field that can hold code may hold instead; the bare `*` of a parameter list contains only its comma.
_NOT_CODE = frozenset({cst.MaybeSentinel, cst.ParamStar, type(None)})


def _child_fields(node_class: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the names of the fields of a node class that can hold code, in source order."""
    if node_class in _SOURCE_ORDER_EXCEPTIONS:
        return _SOURCE_ORDER_EXCEPTIONS[node_class]
    # The `value` of names, numbers and strings is their text.
    fields = (field.name for field in dataclasses.fields(node_class) if field.type not in (str, "str"))
    return tuple(sorted((name for name in fields if name in _RANK), key=_RANK.__getitem__))


class _FieldTable(dict[type[cst.CSTNode], tuple[str, ...]]):
    """The child fields of every node class met so far, last one first, as a stack wants them."""

    def __missing__(self, node_class: type[cst.CSTNode]) -> tuple[str, ...]:
        fields = self[node_class] = _child_fields(node_class)[::-1]
        return fields


_REVERSED_FIELDS = _FieldTable()


def push_children(node: cst.CSTNode, stack: list[Any]) -> None:
    """Push the children of a node onto a stack of things to visit, such that the first child is popped first."""
    for name in _REVERSED_FIELDS[type(node)]:
        value = getattr(node, name)
        kind = type(value)
        if kind in _SEQUENCES:
            if value:
                stack.extend(value[::-1])
        elif kind not in _NOT_CODE:
            stack.append(value)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the direct children of a node that are or contain code, in source order."""
    found: list[cst.CSTNode] = []
    push_children(node, found)
    found.reverse()
    return found


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and everything below it that is or contains code: parents first, in source order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        push_children(current, stack)


def small_statements(block: cst.BaseSuite) -> Iterator[cst.BaseSmallStatement]:
    """Yield the statements of a block that aren't compound, one by one: they may share a line, or that of the block."""
    for line in block.body:
        if isinstance(line, cst.SimpleStatementLine):
            yield from line.body
        elif isinstance(line, cst.BaseSmallStatement):
            yield line


def is_left_out(node: cst.CSTNode) -> bool:
    """Whether a node is the body of a method that was left out and that nobody has looked at yet.

    See :mod:`flake8_pitfalls.semantics.left_out`.
    """
    return type(node).__name__ == "LeftOutBlock" and getattr(node, "inside") is None  # noqa: B009 - no import of it


def may_mention(node: cst.CSTNode, word: str) -> bool:
    """Whether a word may occur in the body of a function: a method that's left out is searched for it as text."""
    return not is_left_out(node) or word in node.source  # type: ignore[attr-defined]


def walk_known(node: cst.CSTNode, word: str | None = None) -> Iterator[cst.CSTNode]:
    """Do the same, but don't look into methods that are left out, or only into those that have a ``word`` in them."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if not is_left_out(current) or (word is not None and may_mention(current, word)):
            push_children(current, stack)


def parents(root: cst.CSTNode) -> dict[cst.CSTNode, cst.CSTNode]:
    """Return the parent of every node below `root` that `walk` visits.  Nodes are told apart by identity."""
    parent_of: dict[cst.CSTNode, cst.CSTNode] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        if is_left_out(node):
            continue
        # As push_children() does, which would have to be asked for what it pushed.
        for name in _REVERSED_FIELDS[type(node)]:
            value = getattr(node, name)
            kind = type(value)
            if kind in _SEQUENCES:
                for child in value:
                    parent_of[child] = node
                    stack.append(child)
            elif kind not in _NOT_CODE:
                parent_of[value] = node
                stack.append(value)
    return parent_of

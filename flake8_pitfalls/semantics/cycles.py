"""The cycles of a control-flow graph: pieces of code from each of which a way leads to each other one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flake8_pitfalls.semantics.pieces import Node


def cycles(entry: Node, before: Mapping[Node, Sequence[Node]]) -> dict[Node, int]:
    """The number of the cycle that each node is in, alone or with others (Kosaraju's algorithm).

    ``before`` holds the nodes in front of each node that can be reached from ``entry``.
    """
    found: dict[Node, int] = {}
    for number, node in enumerate(reversed(_by_end(entry))):
        stack = [] if node in found else [node]
        while stack:
            current = stack.pop()
            if current not in found:
                found[current] = number
                stack.extend(before.get(current, ()))
    return found


def _by_end(entry: Node) -> list[Node]:
    """The nodes in the order in which a search in depth leaves them."""
    found: list[Node] = []
    seen = {entry}
    stack = [(entry, iter(entry.following()))]
    while stack:
        node, following = stack[-1]
        for successor in following:
            if successor not in seen:
                seen.add(successor)
                stack.append((successor, iter(successor.following())))
                break
        else:
            stack.pop()
            found.append(node)
    return found

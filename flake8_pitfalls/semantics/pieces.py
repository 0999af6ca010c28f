"""Pieces of code that run as a whole: what a control-flow graph is made of."""

from __future__ import annotations

import enum
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from flake8_pitfalls.semantics.walk import walk


class Kind(enum.Enum):
    """What running a node of the graph means."""

    EXIT = "the end of the code"
    STATEMENT = "a statement that fits on one line"
    RESULT = "the expression of a lambda"
    ITERABLE = "what a loop iterates over, evaluated once"
    HEAD = "the place where a loop decides whether to go on"
    TARGET = "the target of a loop gets its next value"
    TEST = "a condition"
    ENTER = "a context manager is entered"
    LEAVE = "a context manager is left"
    SUBJECT = "the subject of a match"
    CASE = "a pattern that matched"
    CAUGHT = "an exception is caught"
    UNBIND = "the name of a caught exception is unbound"
    DEFINE = "a function is made"
    CLASS = "a class is about to be made: its bases"
    CLASS_END = "a class is made and bound to its name"
    NOTHING = "nothing"


@dataclass(eq=False)
class Node:
    """One piece of code that runs as a whole."""

    kind: Kind
    node: cst.CSTNode
    successors: list[tuple[Node, bool | None]] = field(default_factory=list, repr=False)
    """What may run next; after a condition, with the outcome that leads there."""
    raises_to: tuple[Node, ...] = field(default=(), repr=False)
    """Where an exception raised here may go within this code."""

    @cached_property
    def mentions(self) -> frozenset[str]:
        """The names in this piece of code, those in nested functions included."""
        return (
            frozenset(name.value for part in self.parts() for name in walk(part) if isinstance(name, cst.Name))
            | self._bound_without_name()
        )

    @cached_property
    def chain(self) -> Chain | None:
        """The pieces of code that run one behind the other, of which this is one; ``None`` if it's alone."""
        if "chain" in self.__dict__ or not _is_link(self):
            return None
        nodes = [self]
        while _is_link(nodes[-1]):
            following = nodes[-1].successors[0][0]
            if not _is_link(following) or following.raises_to != self.raises_to or "chain" in following.__dict__:
                break
            if following is self:
                break
            nodes.append(following)
        made = Chain(nodes)
        for node in nodes[1:]:
            node.__dict__["chain"] = made
        return made

    def following(self) -> list[Node]:
        """The nodes to which a way leads from here, with or without an exception."""
        return [*(successor for successor, _ in self.successors), *self.raises_to]

    def parts(self) -> Iterable[cst.CSTNode]:
        """The syntax that belongs to this node of the graph."""
        node = self.node
        match self.kind:
            case Kind.HEAD | Kind.NOTHING | Kind.EXIT | Kind.UNBIND:
                return ()
            case Kind.ITERABLE:
                return (node.iter,)  # type: ignore[attr-defined]
            case Kind.TARGET:
                return (node.target,)  # type: ignore[attr-defined]
            case Kind.SUBJECT:
                return (node.subject,)  # type: ignore[attr-defined]
            case Kind.CASE:
                return (node.pattern,)  # type: ignore[attr-defined]
            case Kind.LEAVE:
                return (node.asname,) if node.asname else ()  # type: ignore[attr-defined]
            case Kind.CAUGHT:
                return [part for part in (node.type, node.name) if part]  # type: ignore[attr-defined]
            case Kind.CLASS:
                return (*node.bases, *node.keywords)  # type: ignore[attr-defined]
            case Kind.CLASS_END:
                return (node.name, *node.decorators)  # type: ignore[attr-defined]
        return (node,)

    def _bound_without_name(self) -> frozenset[str]:
        if self.kind is Kind.UNBIND and isinstance(self.node, cst.ExceptHandler) and self.node.name is not None:
            return frozenset({self.node.name.name.value})  # type: ignore[union-attr]
        return frozenset()


_LINKS = frozenset({Kind.STATEMENT, Kind.DEFINE, Kind.NOTHING})


def _is_link(node: Node) -> bool:
    return node.kind in _LINKS and len(node.successors) == 1


class Chain:
    """Pieces of code each of which has only one successor, the next one."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.positions = {node: position for position, node in enumerate(nodes)}

    @cached_property
    def _mentions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, node in enumerate(self.nodes):
            for name in node.mentions:
                found.setdefault(name, []).append(position)
        return found

    def next_mention(self, names: Iterable[str], start: int) -> int:
        """The position from ``start`` on at which one of some names is mentioned; the end if there's none."""
        best = len(self.nodes)
        for name in names:
            positions = self._mentions.get(name, ())
            place = bisect_left(positions, start)
            if place < len(positions):
                best = min(best, positions[place])
        return best

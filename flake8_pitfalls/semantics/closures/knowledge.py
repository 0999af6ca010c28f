"""What the analyses of the closures of one statement have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.closures.machine import Outcome
from flake8_pitfalls.semantics.closures.values import Variable
from flake8_pitfalls.semantics.graph import Chain, Graph, Node

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Condition(NamedTuple):
    """A condition whose outcome depends on variables alone."""

    code: str
    names: list[cst.Name]
    tests_identity: bool


class Knowledge:
    """What the analyses of the closures of one module have in common."""

    def __init__(self, graph_of: Callable[[TopLevelStatement, cst.CSTNode], Graph]) -> None:
        self.graph_of = graph_of
        self.inside: dict[tuple[cst.CSTNode, Node], bool] = {}
        """Whether a piece of code stands in a loop."""
        self.rebinding: dict[tuple[cst.CSTNode, frozenset[cst.CSTNode]], tuple[frozenset[Node], frozenset[Node]]] = {}
        """For a loop and bindings: the pieces of code that run them, and those after which one of them may run."""
        self.conditions: dict[cst.CSTNode, Condition | None] = {}
        """What is known of the conditions of the module; ``None`` for those that aren't plain."""
        self.facts: dict[Graph, dict[Node, dict[str, bool]]] = {}
        """For each piece of code, the conditions that hold on every way to it."""
        self.changing: dict[Variable, bool] = {}
        """Whether the object of a variable is used in a way that may change its truth."""
        self.calling: dict[Chain, list[int]] = {}
        """Where in a chain of code functions nested in the same function are mentioned."""
        self.verdicts: dict[tuple[object, ...], Outcome | None] = {}
        """What became of closures that are held in a certain way at a certain place."""

"""What moves to module level together, and what is known about each part."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_captures import Movable, Variable
    from flake8_pitfalls.rules.pickling.fix_self import Capture
    from flake8_pitfalls.rules.pickling.hoist_text import Extent
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.scopes import Scope


@dataclass(eq=False)
class Member:
    """One function, lambda, class or type that moves."""

    node: Movable
    variable: Variable | None
    """What it's bound to; ``None`` for a lambda that is replaced where it stands."""
    name: str = ""
    captures: list[Capture] = field(default_factory=list)
    imports: list[Variable] = field(default_factory=list)
    siblings: list[Movable] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)
    """Parameters whose defaults read variables, and the text of the defaults."""
    extent: Extent | None = None
    """The lines that move; ``None`` for a lambda that is replaced where it stands."""

    @property
    def parameters(self) -> list[str]:
        """The parameters that it gets."""
        return [capture.parameter for capture in self.captures]

    @property
    def arguments(self) -> list[str]:
        """What is passed for them where it's used."""
        return [capture.argument for capture in self.captures]

    @property
    def owners(self) -> set[Scope]:
        """The scopes of the variables that it captures."""
        return {capture.variable.owner for capture in self.captures}

    def parameter_for(self, capture: Capture) -> str:
        """The parameter by which it gets the value that something it uses captures."""
        return next(
            own.parameter
            for own in self.captures
            if own.variable.owner is capture.variable.owner and own.argument == capture.argument
        )

    def code(self) -> cst.CSTNode:
        """The part that runs when it's used."""
        return self.node.body if isinstance(self.node, (cst.FunctionDef, cst.Lambda)) else self.node


def pass_on_captures(members: dict[Movable, Member]) -> None:
    """Who uses a function that gets more parameters needs their values too."""
    changed = True
    while changed:
        changed = False
        for member in members.values():
            known = {(capture.variable.owner, capture.argument) for capture in member.captures}
            for sibling in member.siblings:
                for capture in members[sibling].captures:
                    if (capture.variable.owner, capture.argument) not in known:
                        known.add((capture.variable.owner, capture.argument))
                        member.captures.append(capture.for_user())
                        changed = True


def line_of(statement: TopLevelStatement, node: cst.CSTNode) -> cst.CSTNode:
    """The statement that moves: the definition, or the line that assigns a lambda or type."""
    while isinstance(node, (cst.Lambda, cst.Call, cst.Assign)):
        node = statement.parents[node]
    return node


def assigned_name(statement: TopLevelStatement, node: cst.CSTNode) -> cst.Name | None:
    """The name to which a line of a block assigns a lambda or call, and nothing else."""
    assign = statement.parents.get(node)
    if not isinstance(assign, cst.Assign) or assign.value is not node or len(assign.targets) != 1:
        return None
    line = statement.parents.get(assign)
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    if not isinstance(statement.parents.get(line), cst.IndentedBlock):
        return None
    target = assign.targets[0].target
    return target if isinstance(target, cst.Name) else None


def check_apart(members: list[Member]) -> None:
    """Raise Refused when one of the parts stands in another one."""
    extents = sorted((member.extent for member in members if member.extent), key=lambda extent: extent.start)
    for one, other in pairwise(extents):
        if other.start < one.end:
            raise Refused("it uses the function around it: move both to module level yourself")

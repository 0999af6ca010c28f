"""PIT1xx: a closure made in a loop that can run after the loop has bound a variable that it reads again.

Reported is a closure and a variable if there is a way through the program from the making of the closure over another
binding of the variable to a run of the closure's body that reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.finding import Finding, qualified_name
from flake8_pitfalls.rules.late_binding.captures import Capture, captures
from flake8_pitfalls.semantics.closures.follow import Follower
from flake8_pitfalls.semantics.closures.knowledge import Knowledge
from flake8_pitfalls.semantics.closures.machine import Followed, Outcome, Verdict
from flake8_pitfalls.semantics.closures.machine import Frame as RunningFrame
from flake8_pitfalls.semantics.closures.values import form_of
from flake8_pitfalls.semantics.graph import Graph
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.fixes.model import Fix, Refusal
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_ENDING = frozenset(
    {"sys.exit", "os._exit", "os.abort", "builtins.exit", "builtins.quit", "pytest.fail", "pytest.exit"}
)


def findings(module: SourceModule, statements: Iterable[TopLevelStatement], options: Options) -> Iterator[Finding]:
    """All findings of the family in some top-level statements of a module."""
    del module
    for statement in statements:
        yield from _findings_in(statement, options)


def _findings_in(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    graphs = Graphs()
    knowledge = Knowledge(graphs)
    of_closure: dict[cst.CSTNode, list[Capture]] = {}
    for capture in captures(statement):
        of_closure.setdefault(capture.closure, []).append(capture)
    # Backwards, since what comes after a closure is then known from those that come after it.
    for group in reversed(of_closure.values()):
        if len(group) > 1:
            group.sort(key=lambda capture: statement.order[capture.reads[0]])
        for capture in group:
            outcome = follow(statement, capture, knowledge, options)
            if outcome is not None:
                yield _finding(statement, capture, of_closure, outcome, graphs, options)


class Graphs:
    """The control-flow graphs of the functions of a module, made when they are asked for."""

    def __init__(self) -> None:
        self._known: dict[cst.CSTNode, Graph] = {}

    def __call__(self, statement: TopLevelStatement, node: cst.CSTNode) -> Graph:
        """The graph of a function, lambda or top-level statement."""
        known = self._known.get(node)
        if known is None:
            assert isinstance(node, (cst.Module, cst.FunctionDef, cst.Lambda))
            known = self._known[node] = Graph(node, lambda call: origin(statement, call.func) in _ENDING)
        return known


def follow(statement: TopLevelStatement, capture: Capture, knowledge: Knowledge, options: Options) -> Outcome | None:
    """Whether a closure can run after its variable was bound again."""
    scope = None if capture.scope.kind is ScopeKind.MODULE else capture.scope
    followed = Followed(
        statement,
        capture.closure,
        (scope, capture.name),
        capture.loop.node,
        capture.nested,
        capture.reads_itself,
        capture.rebindings,
        form_of(capture.closure),
    )
    follower = Follower(followed, knowledge, options.consuming_callees, options.retaining_callees)
    return follower.verdict(
        knowledge.graph_of(statement, capture.frame), RunningFrame(statement, capture.frame, outermost=True)
    )


def _finding(
    statement: TopLevelStatement,
    capture: Capture,
    of_closure: dict[cst.CSTNode, list[Capture]],
    outcome: Outcome,
    graphs: Graphs,
    options: Options,
) -> Finding:
    read = capture.reads[0]
    line, column = statement.module.position(statement.span(read)[0])
    code = "PIT103" if outcome.verdict is Verdict.UNKNOWN else _code(capture, outcome)

    def make_fix() -> Fix | Refusal:
        from flake8_pitfalls.rules.late_binding.fix import fix_closure

        graph = graphs(statement, capture.frame)
        return fix_closure(statement, of_closure[capture.closure], of_closure, outcome, graph, options)

    return Finding(
        code=code,
        line=line,
        column=column,
        message=_message(statement, capture, outcome, code, options),
        fingerprint=f"{code}:{qualified_name(statement, capture.closure)}:{capture.name}",
        make_fix=make_fix,
    )


def _code(capture: Capture, outcome: Outcome) -> str:
    return "PIT102" if outcome.lazy or isinstance(capture.closure, cst.GeneratorExp) else "PIT101"


def _message(statement: TopLevelStatement, capture: Capture, outcome: Outcome, code: str, options: Options) -> str:
    def place(node: cst.CSTNode, where: TopLevelStatement = statement) -> str:
        return "" if options.stable_messages else f" on line {where.line(node)}"

    subject = "generator expression" if isinstance(capture.closure, cst.GeneratorExp) else "closure"
    loop = "comprehension" if capture.loop.comprehension is not None else "loop"
    # LibCST has a clause start where what's in front of it ends, which is often a line above.
    rebinding = capture.loop.node.target if isinstance(capture.loop.node, cst.CompFor) else capture.loop.node
    way = outcome.way
    text = f"{subject} reads '{capture.reads[0].value}', which the {loop}{place(rebinding)} rebinds; "
    if code == "PIT103":
        return f"{text}{way.how}{place(way.node, way.statement)} may keep it"
    return f"{text}it outlives its iteration through {way.how}{place(way.node, way.statement)}"

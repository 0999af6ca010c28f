"""Runs the control-flow graph of a function from the place where a closure is made, until nothing new can happen."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.closures.facts import Facts
from flake8_pitfalls.semantics.closures.knowledge import Knowledge
from flake8_pitfalls.semantics.closures.machine import Decided, Followed, Frame, Outcome, TooMuch, Verdict
from flake8_pitfalls.semantics.closures.state import Level, State, Way, most_advanced
from flake8_pitfalls.semantics.closures.statements import loop_fact
from flake8_pitfalls.semantics.closures.values import NOTHING, Code, Form, Held, Tag
from flake8_pitfalls.semantics.graph import Chain, Graph, Kind, Node

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MOST_STATES = 16
_MICROSECONDS_A_PIECE = 60
"""How many states are told apart at one place by where the closure is held."""

_States = dict[Node, dict[tuple[object, ...], State]]


class Follower(Facts):
    """Follows one closure through the code that makes it: the last part of the analysis, and the one to make."""

    def __init__(
        self, followed: Followed, knowledge: Knowledge, consuming: frozenset[str], retaining: frozenset[str]
    ) -> None:
        super().__init__(followed, knowledge.graph_of, consuming, retaining)
        self.knowledge = knowledge
        self._is_plain = not followed.nested and not isinstance(followed.node, cst.GeneratorExp)

    def verdict(self, graph: Graph, frame: Frame) -> Outcome | None:
        """Whether the body of the closure can run after its variable was bound again; ``None`` if it can't."""
        self.frames.append(frame)
        self._rebinding, self._before_rebinding = self._places_of_rebinding(graph)
        start: tuple[object, ...] | None = None
        outcome: Outcome | None = None
        try:
            start = self._begin(graph)
            self._follow(graph)
            outcome = self.unknown
        except Decided:
            outcome = self.outcome
        except TooMuch:
            way = Way("a way that is too long to follow", self.followed.statement, self.followed.node)
            return Outcome(Verdict.UNKNOWN, way, lazy=False)
        if start is not None:
            self.knowledge.verdicts[start] = outcome
        return outcome

    def _places_of_rebinding(self, graph: Graph) -> tuple[frozenset[Node], frozenset[Node]]:
        """The pieces of code that bind the variable again, and all those from which a way leads there."""
        followed = self.followed
        key = (followed.loop, followed.rebindings)
        known = self.knowledge.rebinding.get(key)
        if known is None:
            places = frozenset(
                node
                for binding in followed.rebindings
                for node in graph.nodes_with(binding, followed.statement.parents)
                if node.kind not in {Kind.LEAVE, Kind.NOTHING}
            )
            before = graph.nodes_before(places)
            known = self.knowledge.rebinding[key] = (places, before)
        return known

    def _begin(self, graph: Graph) -> tuple[object, ...] | None:
        """Make the closure; returns what the situation after that is known by, if another closure may share it."""
        starts = graph.nodes_with(self.followed.node, self.followed.statement.parents)
        self._states: _States = {}
        self._work: list[tuple[Node, tuple[object, ...]]] = []
        for node in starts:
            self.state = State(facts=self.facts_at_start(node))
            self.creating = True
            self.step()
            self._leave(node, self._states, self._work)
            self.creating = False
        if len(self._work) != 1 or not self._is_plain:
            return None
        node, key = self._work[0]
        return self._situation(node, self._states[node][key])

    def _situation(self, node: Node, state: State) -> tuple[object, ...]:
        escape = state.escape
        return (
            *(self.followed.variable, self.followed.loop, self.followed.rebindings, node, state.rebound, state.passed),
            None if escape is None else (escape.level, escape.owner, escape.lazy),
            *(frozenset(state.store.items()), frozenset(state.facts.items())),
        )

    def _follow(self, graph: Graph) -> None:
        states, work = self._states, self._work
        self._work_off(states, work)
        exits = list(states.get(graph.exit, {}).values())
        if isinstance(self.frame.node, cst.Module):
            exits = self._rest_of_module(exits)
        for state in exits:
            self.state = state
            self._end(state)

    def _rest_of_module(self, exits: list[State]) -> list[State]:
        """Run the statements that come after a loop of the module, as far as they can matter."""
        statement = self.followed.statement
        while exits:
            names = frozenset().union(*(_names_in_store(state) for state in exits)) | {self.followed.variable[1]}
            following = _next_mention(statement, names)
            if following is None:
                break
            statement = following
            self.frames[-1] = Frame(statement, statement.tree, outermost=True)
            graph = self.graph_of(statement, statement.tree)
            states: _States = {}
            work: list[tuple[Node, tuple[object, ...]]] = []
            for state in exits:
                self._enter(graph.entry, state, states, work)
            self._work_off(states, work)
            exits = list(states.get(graph.exit, {}).values())
        return exits

    def _work_off(self, states: _States, work: list[tuple[Node, tuple[object, ...]]]) -> None:
        while work:
            node, key = work.pop()
            if node.kind is Kind.EXIT:
                continue
            self.statement.module.spend(_MICROSECONDS_A_PIECE)
            self.state = states[node][key].copy()
            if self._is_settled(node):
                continue
            if self._is_interesting(node):
                self.step()
                self._leave(node, states, work)
            else:
                self.state.passed = self.state.passed or self._ends_pass(node)
                last = self._skip(node)
                self._pass_on(last, states, work, self.state)

    def _skip(self, node: Node) -> Node:
        """The last of the pieces of code behind each other that have nothing to do with the closure."""
        chain = node.chain
        if chain is None:
            return node
        start = chain.positions[node]
        stop = chain.next_mention(self.names_of_interest(), start + 1)
        for place in self._rebinding:
            if place.chain is chain and start < chain.positions[place] < stop:
                stop = chain.positions[place]
        # What calls functions of this one is looked at one by one.
        for position in self._calling_positions(chain):
            if start < position < stop:
                stop = position
                break
        return chain.nodes[stop - 1]

    def _calling_positions(self, chain: Chain) -> list[int]:
        known = self.knowledge.calling.get(chain)
        if known is None:
            known = self.knowledge.calling[chain] = [
                position
                for position, node in enumerate(chain.nodes)
                if self._calls_nested_function(node) or isinstance(node.node, cst.Return)
            ]
        return known

    def _is_settled(self, node: Node) -> bool:
        """Whether it's known already what comes of a situation."""
        if len(self.frames) > 1 or isinstance(self.frame.node, cst.Module):
            return False
        state, escape = self.state, self.state.escape
        if not state.store and not state.facts and escape is not None and escape.level is not Level.PENDING:
            # Nobody in this code can reach it any more: what counts is whether the variable is bound again.
            if node in self._before_rebinding:
                self.rebind()
            return True
        if not self._is_plain:
            return False
        situation = self._situation(node, state)
        if situation not in self.knowledge.verdicts:
            return False
        outcome = self.knowledge.verdicts[situation]
        if outcome is not None:
            way = state.way or (escape.way if escape is not None else outcome.way)
            if outcome.verdict is Verdict.RETAINED:
                self.decide(way, outcome.lazy)
            self.note_unknown(way, outcome.lazy)
        return True

    def _ends_pass(self, node: Node) -> bool:
        """Whether the pass of the loop in which the closure was made is over when a piece of code is reached."""
        if len(self.frames) > 1 or self.creating:
            return False
        loop = self.followed.loop
        if isinstance(loop, cst.While) and node.node is loop.test:
            return True
        if node.node is loop:
            return True
        known = self.knowledge.inside.get((loop, node))
        if known is None:
            known = self.knowledge.inside[(loop, node)] = self._is_in_loop(node)
        return not known

    def _is_in_loop(self, node: Node) -> bool:
        current: cst.CSTNode | None = node.node
        child = None
        while current is not None and current is not self.followed.loop:
            child, current = current, self.statement.parents.get(current)
        return current is not None and child is not getattr(current, "orelse", None)

    def _is_interesting(self, node: Node) -> bool:
        if node.kind in {Kind.TEST, Kind.LEAVE, Kind.CLASS_END, Kind.CAUGHT} or self.is_inside_followed():
            return True
        if node in self._rebinding or not self.names_of_interest().isdisjoint(node.mentions):
            return True
        if node.kind in {Kind.HEAD, Kind.TARGET, Kind.ITERABLE}:
            return loop_fact(node.node) in self.state.facts or any(place is node.node for place, _ in self.state.store)
        if isinstance(node.node, cst.Return) and self.frame.outermost is False:
            return True
        return self._calls_nested_function(node)

    def _calls_nested_function(self, node: Node) -> bool:
        """Whether a piece of code mentions a nested function, which may use the variables of this one."""
        owner = self.frame.node
        if isinstance(owner, cst.Module) or node.kind is Kind.NOTHING:
            return False
        scope = self.statement.scopes.scope_for(owner)
        return any(
            scope_name in scope.bindings
            and any(isinstance(b.node, cst.FunctionDef) for b in scope.bindings[scope_name])
            for scope_name in node.mentions
        )

    def _pass_on(self, node: Node, states: _States, work: list[tuple[Node, tuple[object, ...]]], state: State) -> None:
        for successor, _ in node.successors:
            self._enter(successor, state, states, work)
        for handler in node.raises_to:
            self._enter(handler, state, states, work)

    def _leave(self, node: Node, states: _States, work: list[tuple[Node, tuple[object, ...]]]) -> None:
        """Run a node, and hand the state on to what may come next."""
        before = self.state.copy()
        self._run(node)
        for handler in node.raises_to:
            # What raises has done nothing yet, as a rule.
            self._enter(handler, before, states, work)
        fact = self.fact_after(node)
        for successor, outcome in node.successors:
            state = self.state
            if fact is not None and outcome is not None:
                text, sense = fact
                known = state.facts.get(text)
                if known is not None and known is not (outcome is sense):
                    continue
                state = state.copy()
                state.facts[text] = outcome is sense
            if node.kind is Kind.TEST and outcome is not None:
                state = self._without_empty(node.node, outcome, state)
            if node.kind is Kind.HEAD and outcome is False:
                state = self._at_end_of_loop(node.node, state)
            self._enter(successor, state, states, work)

    def _without_empty(self, test: cst.CSTNode, outcome: bool, state: State) -> State:
        """``while jobs:`` ends when the container holds nothing any more."""
        while isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            test, outcome = test.expression, not outcome
        if isinstance(test, cst.Call) and isinstance(test.func, cst.Attribute) and test.func.attr.value == "empty":
            test, outcome = test.func.value, not outcome
        if outcome or not isinstance(test, cst.Name):
            return state
        variable = self.variable(test)
        held = state.store.get(variable, NOTHING)
        if not held or not all(tag.depth for tag in held):
            return state
        state = state.copy()
        del state.store[variable]
        return state

    def _at_end_of_loop(self, loop: cst.CSTNode, state: State) -> State:
        """A loop that has used up its iterator leaves it behind empty."""
        state = state.copy()
        iterated = state.store.get((loop, "iterator"), NOTHING)
        for variable in [variable for variable in state.store if variable[0] is loop and variable[1] != "pulled"]:
            del state.store[variable]
        if any(isinstance(tag, Held) and tag.form is Form.ITERATOR and not tag.depth for tag in iterated):
            saved, self.state = self.state, state
            self.exhaust()
            self.state = saved
        return state

    def _enter(self, node: Node, state: State, states: _States, work: list[tuple[Node, tuple[object, ...]]]) -> None:
        if not state.is_live and len(self.frames) == 1:
            return
        here = states.setdefault(node, {})
        key = state.key(with_holders=len(here) < _MOST_STATES)
        known = here.get(key)
        if known is None:
            here[key] = state.copy()
        elif not known.absorb(state):
            return
        work.append((node, key))

    # -- functions of the code -----------------------------------------------------------------------------------

    def run_graph(self, code: Code) -> None:
        """Run the body of a function in the current state and frame; its exits are joined."""
        assert not isinstance(code.node, cst.GeneratorExp)
        graph = self.graph_of(code.statement, code.node)
        entry = self.state
        states: _States = {}
        work: list[tuple[Node, tuple[object, ...]]] = []
        self._enter(graph.entry, entry, states, work)
        self._work_off(states, work)
        self.state = most_advanced(list(states.get(graph.exit, {}).values())) or entry

    def _end(self, state: State) -> None:
        """At the end, what attributes and variables of others hold can still be run."""
        if not state.stale:
            return
        for (scope, name), value in list(state.store.items()):
            if isinstance(self.frame.node, cst.Module):
                outlives = scope is None and (any(map(_is_held_by_object, value)) or self._is_read_by_functions(name))
            else:
                outlives = scope is None or "." in name or "[" in name or self._is_of_outer_scope(scope)
            if outlives and not name.startswith("\0"):
                self.escape(self.frame.node, value, Level.RETAINED, f"'{name}'")

    def _is_read_by_functions(self, name: str) -> bool:
        """Whether a function of the module reads a variable of the module."""
        return name in self.statement.module.names_in_functions

    def _is_of_outer_scope(self, scope: object) -> bool:
        own = self.statement.scopes.scope_for(self.frame.node)
        current = own.parent
        while current is not None:
            if current is scope:
                return True
            current = current.parent
        return False

    # -- the pieces of code --------------------------------------------------------------------------------------

    def _run(self, node: Node) -> None:
        if not self.state.passed and self._ends_pass(node):
            self.state.passed = True
        self.run_piece(node)


def _is_held_by_object(tag: Tag) -> bool:
    """Whether a closure is in a container or a class, from where code of other modules may get it."""
    return tag.depth > 0 or (isinstance(tag, Held) and tag.form is Form.CLASS)


def _next_mention(behind: TopLevelStatement, names: frozenset[str]) -> TopLevelStatement | None:
    """The first statement of the module behind one that mentions one of some names."""
    found: list[TopLevelStatement] = []
    for name in names:
        if not name.isidentifier():  # No variable: what the analysis itself remembers.
            pattern = re.compile(rf"\b{re.escape(name)}\b")
            mentions = [statement for statement in behind.module.statements if pattern.search(statement.text)]
        else:
            mentions = behind.module.statements_with(name)
        place = bisect_right(mentions, behind.start, key=_start)
        found += mentions[place : place + 1]
    return min(found, key=_start, default=None)


def _start(statement: TopLevelStatement) -> int:
    return statement.start


def _names_in_store(state: State) -> frozenset[str]:
    return frozenset(name.partition(".")[0].partition("[")[0] for _, name in state.store if "\0" not in name)

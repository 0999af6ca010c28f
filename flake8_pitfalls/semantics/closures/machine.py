"""The followed closure, the situation it's in, and the verdict: the ground on which expressions and calls are run."""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.closures.receivers import Locals, root_of
from flake8_pitfalls.semantics.closures.state import Escape, Level, State, Way
from flake8_pitfalls.semantics.closures.values import NOTHING, Code, Form, Held, Tag, Value, wrapped
from flake8_pitfalls.semantics.names import origin, owner
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.closures.values import Variable
    from flake8_pitfalls.semantics.graph import Graph
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MOST_STEPS = 4_000
_MICROSECONDS_A_STEP = 200
"""How many pieces of code are run for one closure before the analysis gives up and calls its way unknown."""


class Verdict(enum.Enum):
    """Whether the body of a closure can run after the variable that it reads was bound again."""

    RETAINED = "it can"
    UNKNOWN = "it can, if a callee that isn't known keeps it"


@dataclass(frozen=True)
class Outcome:
    """A verdict and how it came about."""

    verdict: Verdict
    way: Way
    lazy: bool
    """Whether it's as a lazy iterator that the closure got out."""


@dataclass(frozen=True, eq=False)
class Followed:
    """A closure and the variable that it reads."""

    statement: TopLevelStatement
    node: cst.CSTNode
    variable: Variable
    loop: cst.CSTNode
    """The innermost loop around the closure that binds the variable."""
    nested: frozenset[cst.CSTNode]
    """The closures inside it that read the variable."""
    reads_itself: bool
    """Whether its own code reads the variable, not only code of functions nested in it."""
    rebindings: frozenset[cst.CSTNode] = field(repr=False)
    """The bindings of the variable that may give it another value."""
    form: Form = Form.CALLABLE


@dataclass
class Frame:
    """One function that's being run."""

    statement: TopLevelStatement
    node: cst.CSTNode
    outermost: bool = False
    returned: Value = NOTHING
    receiver: Variable | None = None


class Decided(Exception):
    """Ends the analysis: nothing that follows can change the verdict."""


class TooMuch(Exception):
    """Ends an analysis that takes too long."""


class Machine(ABC):
    """State, variables and verdict of one analysis; expressions, calls and statements are run by the subclasses."""

    def __init__(
        self,
        followed: Followed,
        graph_of: Callable[[TopLevelStatement, cst.CSTNode], Graph],
        consuming: frozenset[str],
        retaining: frozenset[str],
    ) -> None:
        self.followed = followed
        self.graph_of = graph_of
        self.consuming = consuming
        self.retaining = retaining
        self.state = State()
        self.frames: list[Frame] = []
        self.aliases: dict[Variable, Variable] = {}
        """Parameters of functions that are being run, and the local objects that they are."""
        self.locals = Locals()
        self.creating = False
        """Whether the closure is to be made when its expression is met; another time, that's another closure."""
        self.unknown: Outcome | None = None
        self.outcome: Outcome | None = None
        self.scoped: Variable | None = None
        """While the expression of a ``with`` item is run: where to note what ends with the block."""
        self._steps = 0

    @abstractmethod
    def evaluate(self, node: cst.CSTNode) -> Value:
        """Run an expression in the current state and return what it may be."""

    @abstractmethod
    def call_value(self, node: cst.CSTNode, value: Value, arguments: Iterable[Value]) -> Value:
        """Call what a value may be."""

    def step(self) -> None:
        """Count one piece of code.

        Raises TooMuch when there were too many.
        """
        self._steps += 1
        self.statement.module.spend(_MICROSECONDS_A_STEP)
        if self._steps > _MOST_STEPS:
            raise TooMuch

    @property
    def frame(self) -> Frame:
        """The function that's being run."""
        return self.frames[-1]

    @property
    def statement(self) -> TopLevelStatement:
        """The top-level statement that holds the running code."""
        return self.frame.statement

    def origin(self, node: cst.CSTNode) -> str | None:
        """The dotted origin of an expression in the running code."""
        return origin(self.statement, node)

    # -- variables -----------------------------------------------------------------------------------------------

    def variable(self, name: cst.Name) -> Variable:
        """The variable that a name means; a parameter that's a known object of the caller is the caller's variable."""
        scope = self.statement.scopes.scope_of(name)
        found: Variable = (owner(scope, name.value), scope.stored_name(name.value))
        return self.aliases.get(found, found)

    def place(self, node: cst.CSTNode) -> Variable | None:
        """``self.callback`` or ``table["key"]`` as a variable of its own; ``None`` if it's another one each time."""
        path: list[str] = []
        while not isinstance(node, cst.Name):
            if isinstance(node, cst.Attribute):
                path.append(f".{node.attr.value}")
                node = node.value
            elif isinstance(node, cst.Subscript) and len(node.slice) == 1:
                index = node.slice[0].slice
                if not isinstance(index, cst.Index) or not isinstance(index.value, (cst.SimpleString, cst.Integer)):
                    return None
                path.append(f"[{index.value.value}]")
                node = node.value
            else:
                return None
        root = self.variable(node)
        return root[0], root[1] + "".join(reversed(path))

    def is_stable(self, node: cst.CSTNode) -> bool:
        """Whether the object at the root of an expression is the same in every iteration."""
        root = root_of(node)
        if root is None:
            return False
        variable = self.variable(root)
        return not self.is_bound_in_loop(variable)

    def is_bound_in_loop(self, variable: Variable) -> bool:
        """Whether the loop that rebinds the captured variable binds another one too."""
        scope, name = variable
        if scope is None:
            scope = self.followed.statement.scopes.root
        if not isinstance(scope, Scope):
            return False
        parents = self.followed.statement.parents
        for binding in scope.bindings.get(name, ()):
            node: cst.CSTNode | None = binding.node
            while node is not None and node is not self.followed.loop:
                node = parents.get(node)
            if node is not None:
                return True
        return False

    def names_of_interest(self) -> frozenset[str]:
        """The names whose variables matter in the current state."""
        names = frozenset(_first_name(name) for _, name in self.state.store)
        # Private names stand in the source without the name of their class.
        names |= {name[name.index("__") :] for name in names if "__" in name[1:]}
        if self.state.facts:
            names |= {name for text in self.state.facts for name in text.split("\0")[1:]}
        return names if len(self.frames) == 1 else names | {self.followed.variable[1]}

    def reach(self, value: Value) -> Value:
        """The followed closure as far as a value leads to it: functions of the code reach what their variables hold."""
        found: set[Tag] = set()
        for tag in value:
            if isinstance(tag, Code):
                used = variables_used(tag.statement, tag.node)
                for (scope, name), held in self.state.store.items():
                    if (scope, _first_name(name)) in used:
                        found.update(
                            other._replace(depth=0, form=Form.OBJECT) for other in held if isinstance(other, Held)
                        )
            else:
                found.add(tag)
        return frozenset(found)

    def put(self, variable: Variable, value: Value) -> None:
        """Let a variable hold exactly a value, in the state as it is when the value is known."""
        self.state.put(variable, value)

    def bind(self, name: cst.CSTNode, variable: Variable, value: Value) -> None:
        """Bind a variable; binding the captured one may put the closure out of date."""
        # A variable that is bound to the closure itself, or to the class that it's a method of, isn't bound again.
        own = not self.state.passed and bool(self.reach(value))
        if variable == self.followed.variable and not own and name in self.followed.rebindings:
            self.rebind(is_flag=self._is_flag(name))
        state = self.state
        simple = variable[1]
        for text in [text for text in state.facts if simple in text.split("\0")[1:]]:
            del state.facts[text]
        prefix = (f"{simple}.", f"{simple}[")
        for known in [known for known in state.store if known[0] is variable[0] and known[1].startswith(prefix)]:
            self._forget_place(known)
        value = frozenset(tag for tag in value if not self._is_own_code(tag, variable))
        if value and state.way is None and any(isinstance(tag, Held) for tag in value):
            state.way = Way(f"'{simple}'", self.statement, name)
        state.put(variable, value)

    def _is_own_code(self, tag: Tag, variable: Variable) -> bool:
        """A function bound to its own name is found by that name: it needn't be kept in the store."""
        return (
            isinstance(tag, Code)
            and tag.depth == 0
            and isinstance(tag.node, cst.FunctionDef)
            and bool(tag.node.name.value == variable[1])
        )

    def _forget_place(self, place: Variable) -> None:
        """The object that holds the closure in an attribute is known under another name only."""
        value = self.state.store.pop(place)
        self.escape(self.frame.node, value, Level.RETAINED, f"'{place[1]}'")

    # -- verdicts ------------------------------------------------------------------------------------------------

    def _is_flag(self, name: cst.CSTNode) -> bool:
        """Whether a binding is ``stop = True`` or the like, which is meant to be seen by what runs already."""
        target = self.statement.parents.get(name)
        assign = self.statement.parents.get(target) if isinstance(target, cst.AssignTarget) else None
        value = assign.value if isinstance(assign, cst.Assign) else None
        return isinstance(value, (cst.Integer, cst.SimpleString)) or (
            isinstance(value, cst.Name) and value.value in {"True", "False", "None"}
        )

    def rebind(self, *, is_flag: bool = False) -> None:
        """The captured variable is bound again: what was handed out before reads the new value from now on."""
        self.state.rebound = True
        escape = self.state.escape
        if escape is None:
            return
        if escape.level is Level.UNKNOWN:
            self.note_unknown(escape.way, escape.lazy)
        elif escape.level is Level.RETAINED or self.state.passed or (escape.owner is None and not is_flag):
            # What a block, or a pass, waits for may see what's bound meanwhile, as a thread its `stop = True`.
            self.decide(escape.way, escape.lazy)

    def decide(self, way: Way, lazy: bool) -> None:
        """The body can run out of date.

        Raises Decided.
        """
        self.outcome = Outcome(Verdict.RETAINED, way, lazy)
        raise Decided

    def note_unknown(self, way: Way, lazy: bool) -> None:
        """The body can run out of date if a callee that isn't known keeps it."""
        if self.unknown is None:
            self.unknown = Outcome(Verdict.UNKNOWN, way, lazy)

    def escape(self, node: cst.CSTNode, value: Value, level: Level, how: str, *, owner: Variable | None = None) -> None:
        """A value is handed out at a node, in the way that ``how`` names."""
        held = [tag for tag in self.reach(value) if isinstance(tag, Held)]
        if not held:
            return
        if all(tag.stream for tag in held):
            # Whoever iterates over the generator decides whether he lets it go on before he's done.
            self.note_unknown(Way(how, self.statement, node), any(tag.lazy for tag in held))
            return
        if level is Level.UNKNOWN and self.scoped is not None:
            level, owner = Level.PENDING, self.scoped
        way = Way(how, self.statement, node)
        lazy = any(tag.lazy for tag in held)
        if self.state.stale:
            # It has survived its iteration already: whoever gets it now is too late.
            self.decide(self.state.way or way, lazy)
        known = self.state.escape
        if known is None or known.level < level:
            self.state.escape = Escape(level, way, lazy, owner)

    def run_held(self, node: cst.CSTNode, value: Value) -> None:
        """The body runs, or may run: that's too late if the variable was bound again."""
        for tag in self.reach(value):
            if isinstance(tag, Held) and self.state.stale:
                self.decide(self.state.way or Way("a call", self.statement, node), tag.lazy)

    def make_stale(self) -> None:
        """The loop that made the closure has gone on and bound the variable again."""
        self.state.passed = True
        self.rebind()

    def finish(self) -> None:
        """The work that was started is done."""
        state = self.state
        if state.escape is not None and state.escape.level is Level.PENDING:
            state.escape = None
        for variable, value in list(state.store.items()):
            state.put(variable, frozenset(tag for tag in value if not _is_work(tag)))

    def exhaust(self) -> None:
        """A generator expression has been run to its end: its body can't run again."""
        if isinstance(self.followed.node, cst.GeneratorExp) and not self.followed.nested:
            self.state.store.clear()
            self.state.escape = None

    def leave_context(self, variable: Variable) -> None:
        """A context manager ends: what waits for that has run."""
        escape = self.state.escape
        if escape is not None and escape.level is Level.PENDING and escape.owner == variable:
            self.finish()

    def stored(self, node: cst.CSTNode, how: str) -> None:
        """Note where the closure was stored first."""
        if self.state.way is None or self.state.way.how.startswith("'"):
            self.state.way = Way(how, self.statement, node)

    def add_to_object(self, node: cst.CSTNode, variable: Variable, value: Value, how: str) -> None:
        """An object of the running code holds a value from now on."""
        if any(isinstance(tag, Held) for tag in self.reach(value)):
            self.stored(node, how)
            self.state.add(variable, wrapped(value))


def _is_work(tag: Tag) -> bool:
    return isinstance(tag, Held) and tag.form is Form.WORK


def _first_name(text: str) -> str:
    return text.partition(".")[0].partition("[")[0]


def variables_used(statement: TopLevelStatement, node: cst.CSTNode) -> frozenset[tuple[object, str]]:
    """The variables of the code around a function that the function, or one nested in it, uses when it runs."""
    known = statement.used_by.get(node)
    if known is None:
        known = statement.used_by[node] = frozenset(_variables_used(statement, node))
    return known


def _variables_used(statement: TopLevelStatement, node: cst.CSTNode) -> Iterator[tuple[object, str]]:
    stack = [statement.scopes.scope_for(node)]
    inside = set(stack)
    while stack:
        scope = stack.pop()
        inside.update(scope.children)
        stack.extend(scope.children)
        for name in scope.reads:
            found = scope.lookup(name)
            if found not in inside:
                yield (None if found is None or found.kind is ScopeKind.MODULE else found), name

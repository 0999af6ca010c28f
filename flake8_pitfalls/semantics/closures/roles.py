"""What well-known callables do with the followed closure, by the roles that the tables give them."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from flake8_pitfalls.semantics.callbacks import Role
from flake8_pitfalls.semantics.closures.running import Passed, Running
from flake8_pitfalls.semantics.closures.state import Level
from flake8_pitfalls.semantics.closures.values import (
    NOTHING,
    Code,
    Form,
    Held,
    Value,
    Variable,
    element,
    in_form,
    streams,
    wrapped,
)


class Roles(Running):
    """Plays the part of callables that are known."""

    def with_role(self, node: cst.Call, role: Role, dotted: str, arguments: Sequence[Passed]) -> Value:
        """Call something whose role is known."""
        values = frozenset().union(*(argument.value for argument in arguments))
        match role:
            case Role.RUNS:
                self.run_all(node, arguments)
            case Role.KEEPS:
                self._keep_with(node, values, dotted)
            case Role.STARTS:
                return self.started(node, values, f"{dotted.removeprefix('builtins.')}()", None)
            case Role.ADDS:
                self._add_to_first(node, dotted, arguments)
            case Role.WRAPS | Role.AWAITS | Role.WORK:
                return self._holding(role, dotted, values, arguments)
            case Role.LAZY | Role.COPIES | Role.PICKS:
                return self._elements(node, role, dotted, arguments)
        return NOTHING

    def _keep_with(self, node: cst.Call, values: Value, dotted: str) -> None:
        handler = self._handler(node) if dotted == "signal.signal" else None
        how = f"{dotted.removeprefix('builtins.')}()"
        if handler is None:
            self.escape(node, values, Level.RETAINED, how)
            return
        if self.reach(values):
            self.stored(node, how)
        self.state.put(handler, self.reach(values))

    def _handler(self, node: cst.Call) -> Variable | None:
        """The handler of a signal, as if it were an attribute of it: ``signal.signal()`` replaces it."""
        signal = node.args[0].value if node.args else node
        place = self.place(signal)
        return (place[0], f"{place[1]}.handler") if place is not None and self.origin(signal) is not None else None

    def _add_to_first(self, node: cst.Call, dotted: str, arguments: Sequence[Passed]) -> None:
        """``heappush(heap, item)``."""
        for argument in arguments[1:]:
            if argument.keyword == "key":
                self.call_value(node, argument.value, [])
            elif arguments[0].node is not None and self.reach(argument.value):
                self.keep(node, arguments[0].node, argument.value, f"{dotted}()")

    def _holding(self, role: Role, dotted: str, values: Value, arguments: Sequence[Passed]) -> Value:
        """What a callee returns that holds what it's given."""
        if role is Role.AWAITS:
            return self.in_work(values, Form.COROUTINE)
        return self.in_work(values, Form.WORK) if role is Role.WORK else self._wrapping(dotted, arguments)

    def _elements(self, node: cst.Call, role: Role, dotted: str, arguments: Sequence[Passed]) -> Value:
        """What a callee makes of the elements of its arguments."""
        if role is Role.LAZY:
            return self._lazy(node, dotted, arguments)
        if role is Role.COPIES:
            return self.copied(node, arguments)
        return element(self.copied(node, arguments, drains=False)) | self._bare(arguments)

    def run_all(self, node: cst.Call, arguments: Sequence[Passed]) -> Value:
        """The callee runs what it's given: functions are called, iterators used up, work is waited for."""
        elements = frozenset().union(*(self.iterate(node, argument.value) for argument in arguments))
        result: Value = NOTHING
        for argument in arguments:
            if any(isinstance(tag, Held) and tag.form is Form.WORK for tag in argument.value):
                self.finish()
                continue
            bare = frozenset(tag._replace(depth=0) for tag in argument.value)
            result |= self.call_value(node, bare, [elements, elements])
            self.run_held(node, frozenset(tag for tag in bare if isinstance(tag, Held) and tag.form in _WAITING))
        return result

    def _wrapping(self, dotted: str, arguments: Sequence[Passed]) -> Value:
        if dotted.rpartition(".")[2] in {"getattr", "SimpleNamespace", "cast"}:
            held = frozenset().union(*(argument.value for argument in arguments))
            return wrapped(held) if dotted.endswith("SimpleNamespace") else held
        first = arguments[0].value if arguments else NOTHING
        rest = frozenset().union(*(argument.value for argument in arguments[1:]))
        if dotted in {"functools.partial", "contextlib.contextmanager", "contextlib.asynccontextmanager"}:
            return first | in_form(rest, Form.OBJECT)
        return in_form(first | rest, Form.FACTORY if dotted == "collections.defaultdict" else Form.OBJECT)

    def _lazy(self, node: cst.Call, dotted: str, arguments: Sequence[Passed]) -> Value:
        """``map``, ``filter``, ``zip``, all of itertools: functions are run when the result is iterated."""
        if dotted == "itertools.chain.from_iterable":
            # It's done with one iterator before it asks for the next one.
            arguments = [
                argument._replace(value=frozenset(tag for tag in argument.value if not streams(frozenset({tag}))))
                for argument in arguments
            ]
        result: Value = NOTHING
        elements = frozenset().union(*(element(argument.value) for argument in arguments if not _bare_form(argument)))
        for argument in arguments:
            for tag in argument.value:
                if isinstance(tag, Code):
                    # Followed closures may be among the elements that it gets.
                    if not tag.depth:
                        result |= wrapped(self.call_value(node, frozenset({tag}), [elements]))
                elif tag.depth:
                    result |= {tag, tag._replace(depth=tag.depth + 1)}
                else:
                    result |= {Held(Form.ITERATOR, 0, True)}
        return result

    def copied(self, node: cst.Call, arguments: Sequence[Passed], *, drains: bool = True) -> Value:
        """A container of the elements of the arguments; iterators are used up if ``drains``."""
        result: Value = NOTHING
        for argument in arguments:
            if streams(argument.value):
                self.make_stale()
            if argument.keyword == "key":
                self.call_value(node, argument.value, [])
            elif argument.keyword is not None:
                result |= wrapped(argument.value)
            else:
                held = frozenset(_settled(tag) for tag in argument.value if tag.depth)
                bare = frozenset(tag for tag in argument.value if not tag.depth)
                result |= held | wrapped(self.iterate(node, bare))
                if drains and any(isinstance(tag, Held) and tag.form is Form.ITERATOR for tag in bare):
                    self.exhaust()
        return result

    def _bare(self, arguments: Sequence[Passed]) -> Value:
        """Of several arguments to ``max`` and the like, each may be the result."""
        return frozenset(
            tag
            for argument in arguments
            if argument.keyword is None and len(arguments) > 1
            for tag in argument.value
            if not tag.depth and isinstance(tag, Held) and tag.form is not Form.ITERATOR
        )

    def in_work(self, held: Value, form: Form) -> Value:
        """Something that runs what it holds, or waits for it."""
        return in_form(self.reach(held), form)

    def started(self, node: cst.Call, held: Value, how: str, owner: Variable | None) -> Value:
        """The work has begun; it's done when the result is joined or awaited, or the owner's block ends."""
        self.escape(node, held, Level.PENDING, how, owner=owner)
        return self.in_work(held, Form.WORK)


_WAITING = frozenset({Form.COROUTINE, Form.ITERATOR, Form.GENERATOR_FUNCTION, Form.COROUTINE_FUNCTION})


def _settled(tag: Held | Code) -> Held | Code:
    """What a generator makes, once it has been made."""
    return tag._replace(stream=False) if isinstance(tag, Held) else tag


def _bare_form(argument: Passed) -> bool:
    return any(not tag.depth for tag in argument.value)

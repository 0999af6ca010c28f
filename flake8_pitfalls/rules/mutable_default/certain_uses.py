"""What a function does with the mutable default of a parameter, where ``ast`` tells it for certain.

Every mention of the parameter is looked at by itself, so there must be no doubt about what it means: nothing binds the
name again, nothing else gets to hold the object, and nothing decides about the way that's taken by looking at it. This
module must not import LibCST.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from typing import Any, NamedTuple

from flake8_pitfalls.rules.mutable_default.definitions import Definitions, Target, Unsure
from flake8_pitfalls.rules.mutable_default.passable import surely_runs
from flake8_pitfalls.rules.mutable_default.screened_functions import Flows, Function, first_parameter
from flake8_pitfalls.rules.mutable_default.screened_names import Names, root, terminal
from flake8_pitfalls.semantics.callees import (
    ABSORBING_METHODS,
    CALLEES,
    CHANGING_METHODS,
    CHANGING_THEIR_ARGUMENT,
    KEEPING_METHODS,
    READING_METHODS,
    TASK_CLASSES,
    TASK_METHODS,
)
from flake8_pitfalls.semantics.wording import callee, quoted

_BUILTINS = frozenset(dir(builtins))
_KNOWN = frozenset(name.rpartition(".")[2] for name in CALLEES if not name.startswith("builtins."))
"""The last parts of the names of well-known callables."""
_TYPES = frozenset(name.rpartition(".")[2] for name in CHANGING_METHODS)
_UNSURE_METHODS = (
    KEEPING_METHODS | ABSORBING_METHODS | CHANGING_THEIR_ARGUMENT | TASK_METHODS | TASK_CLASSES | {"get", "pop"}
)
_PLAIN_READS = frozenset(
    {
        *("get", "keys", "values", "items", "copy", "index", "count", "union", "difference", "intersection"),
        *("issubset", "issuperset", "isdisjoint", "symmetric_difference"),
    }
)
"""Methods of lists, dictionaries and sets that change nothing."""
_TELLS_ABOUT = frozenset({"len", "bool", "isinstance", "type"})
"""Builtins by which a condition may ask what the object is."""
_DEEPEST_CALL = 3
"""How many calls of functions of this file are followed into one another."""

_MOST_LOOKS = 40
"""How many mentions of the object are looked at: a function with more is no plain one."""


class Use(NamedTuple):
    """A place where the object gets out, or is handed on."""

    line: int
    leaks: bool
    what: str
    """How it gets out, or to whom it's handed on."""
    callee: str = ""
    """The function of this file in which that happens, if it's another one."""


class Scene:
    """What is known of a module, and of the followed object, which holds nothing mutable.

    ``kind`` is the dotted name of the object's type.
    """

    def __init__(self, names: Names, flows: Flows, definitions: Definitions, kind: str) -> None:
        self.names = names
        self.flows = flows
        self.definitions = definitions
        self.kind = kind
        self._looks = 0

    def look_at(self, mentions: int) -> None:
        """Note that some mentions of the object are looked at.

        Raises Unsure when it's too many.
        """
        self._looks += mentions
        if self._looks > _MOST_LOOKS:
            raise Unsure


class Uses:
    """What a function, and those that it calls, do with an object that is one of its parameters."""

    def __init__(
        self, scene: Scene, running: tuple[Function, ...], parameter: str, known: frozenset[str] | None = None
    ) -> None:
        self._scene = scene
        self._names = scene.names
        self._running = running
        self._flow = scene.flows.of(running[-1])
        self._owner = scene.definitions.owners[running[-1]]
        self._parameter = parameter
        self._known = self._flow.parameters if known is None else known
        """The parameters that can't hold containers which hold nothing else."""
        self.is_asked_about = False
        """Whether a condition or a loop depends on the object."""

    @property
    def is_used(self) -> bool:
        """Whether the function mentions the parameter at all."""
        return bool(self._flow.variables(self._parameter))

    def all(self) -> list[Use]:
        """Where the object goes; nothing if it's only read.

        Raises Unsure.
        """
        flow = self._flow
        if flow.sees_variables or self._parameter in flow.bound_otherwise:
            raise Unsure
        found: list[Use] = []
        mentions = flow.variables(self._parameter)
        if not mentions and flow.variables("dir"):
            raise Unsure
        self._scene.look_at(len(mentions))
        for node in mentions:
            if not isinstance(node.ctx, ast.Load) or not flow.is_in_body(node):
                raise Unsure
            uses = self._uses(node)
            if uses and not surely_runs(flow, node):
                raise Unsure
            found += uses
        if found and self.is_asked_about:
            raise Unsure
        return found

    def _uses(self, node: ast.AST) -> list[Use]:
        """What is done with the object that an expression yields."""
        parent = self._flow.parent(node)
        follow = _FOLLOWERS.get(parent.__class__)
        if follow is None:
            raise Unsure
        return follow(self, parent, node)

    # -- what is around an expression ----------------------------------------------------------------------------

    def _read(self, _parent: ast.AST, _node: ast.AST) -> list[Use]:
        return []

    def _asked(self, _parent: ast.AST, _node: ast.AST) -> list[Use]:
        self.is_asked_about = True
        return []

    def _operand(self, parent: ast.BoolOp | ast.IfExp, node: ast.AST) -> list[Use]:
        asked = isinstance(parent, ast.IfExp) and node is parent.test
        if not asked and self._uses(parent):
            raise Unsure
        return self._asked(parent, node)

    def _loop(self, parent: ast.For | ast.AsyncFor | ast.comprehension, node: ast.AST) -> list[Use]:
        return self._asked(parent, node)

    def _subscript(self, parent: ast.Subscript, node: ast.AST) -> list[Use]:
        if node is parent.value and not isinstance(parent.ctx, ast.Load):
            raise Unsure
        return []

    def _augmented(self, parent: ast.AugAssign, node: ast.AST) -> list[Use]:
        if node is not parent.value:
            raise Unsure
        return []

    def _dict(self, parent: ast.Dict, node: ast.AST) -> list[Use]:
        if not any(key is None and value is node for key, value in zip(parent.keys, parent.values, strict=True)):
            raise Unsure
        return []

    def _attribute(self, parent: ast.Attribute, _node: ast.AST) -> list[Use]:
        around = self._flow.parent(parent)
        called = isinstance(around, ast.Call) and around.func is parent
        if not called or parent.attr in CHANGING_METHODS[self._scene.kind] or parent.attr not in _PLAIN_READS:
            raise Unsure
        return []

    def _keyword(self, parent: ast.keyword, _node: ast.AST) -> list[Use]:
        around = self._flow.parent(parent)
        if parent.arg is None:
            return []
        if not isinstance(around, ast.Call):
            raise Unsure
        return self._argument(around, parent)

    def _call(self, parent: ast.Call, node: ast.AST) -> list[Use]:
        if node is parent.func or not isinstance(node, ast.expr):
            raise Unsure
        return self._argument(parent, node)

    def _assign(self, parent: ast.Assign | ast.AnnAssign, node: ast.AST) -> list[Use]:
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        target = targets[0]
        if node is not parent.value or len(targets) != 1 or not isinstance(target, ast.Attribute):
            raise Unsure
        self._check_receiver(target.value)
        return [Use(target.lineno, leaks=True, what=f"stored in {quoted(self._source(target))}")]

    def _return(self, parent: ast.Return, _node: ast.AST) -> list[Use]:
        if len(self._running) > 1:
            raise Unsure
        return [Use(parent.lineno, leaks=True, what="returned")]

    # -- calls ---------------------------------------------------------------------------------------------------

    def _argument(self, call: ast.Call, argument: ast.expr | ast.keyword) -> list[Use]:
        function = call.func
        if isinstance(function, ast.Name):
            called = self._called_by_name(call, function.id, argument)
        elif isinstance(function, ast.Attribute):
            called = self._called_method(call, function)
        else:
            raise Unsure
        if isinstance(called, Target):
            return self._passed(call, argument, called)
        if called:
            return []
        return [Use(argument.lineno, leaks=False, what=callee(self._source(function)))]

    def _called_by_name(self, call: ast.Call, name: str, argument: ast.AST) -> Target | bool:
        """A function of this file, or whether a callee is known to read the argument, rather than not known at all."""
        flow = self._flow
        if name == self._parameter or flow.binds(name) or name in TASK_METHODS | TASK_CLASSES:
            raise Unsure
        if name in flow.parameters:
            if name == flow.own or name in self._names.own or len(self._running) > 1:
                raise Unsure
            return False
        if name in self._names.own:
            return self._scene.definitions.function(name)
        if name not in self._names.imports and name in _BUILTINS:
            return self._is_read_by(call, name, argument)
        if name in _KNOWN or name in _BUILTINS:
            raise Unsure
        return False

    def _is_read_by(self, call: ast.Call, name: str, argument: ast.AST) -> bool:
        """Whether a builtin is known, and reads the argument."""
        known = CALLEES.get(f"builtins.{name}")
        if self._scene.definitions.is_bound(name):
            raise Unsure
        if known is None:
            return False
        if isinstance(argument, ast.keyword):
            certain = argument.arg not in known.changes and not known.gives
        else:
            place = next(place for place, given in enumerate(call.args) if given is argument)
            certain = place not in known.changes + known.keeps and known.gives in {"", "copy", "lazy"}
        if not certain:
            raise Unsure
        self.is_asked_about |= name in _TELLS_ABOUT
        return True

    def _called_method(self, call: ast.Call, function: ast.Attribute) -> Target | bool:
        """The same for a callee that is an attribute."""
        name, receiver = function.attr, function.value
        if name in _UNSURE_METHODS:
            raise Unsure
        reads = name in READING_METHODS
        if isinstance(receiver, (ast.Constant, ast.JoinedStr)):
            if not reads:
                raise Unsure
            return True
        if isinstance(receiver, ast.Call):
            return self._called_by_super(receiver, name) or reads
        self._check_receiver(receiver)
        base = root(receiver)
        if base in self._flow.parameters:
            target = self._own_method(receiver, name) if base == self._flow.own and self._owner is not None else None
            return target or reads
        if isinstance(receiver, ast.Name) and base in self._names.classes:
            return self._called_by_class(call, base, name) or reads
        self._check_foreign(base, receiver, name)
        return reads

    def _check_receiver(self, receiver: ast.expr) -> None:
        """Raise Unsure if an object may be one that the function made, or the followed one."""
        while isinstance(receiver, ast.Attribute):
            receiver = receiver.value
        if not isinstance(receiver, ast.Name) or receiver.id == self._parameter or self._flow.binds(receiver.id):
            raise Unsure
        if receiver.id in self._flow.parameters and receiver.id not in self._known:
            raise Unsure

    def _check_foreign(self, base: str, receiver: ast.expr, name: str) -> None:
        """Raise Unsure if a method may be one of this file, or a well-known one."""
        names = self._names
        if base in names.classes or base in names.functions:
            raise Unsure
        if base in names.imports:
            known = name in _KNOWN or (name in _BUILTINS and names.imports_from("builtins"))
            certain = not known and base not in names.assigned and terminal(receiver) not in _TYPES
        else:
            aliases = (value for value in names.values_of(base) if isinstance(value, (ast.Name, ast.Attribute)))
            certain = base not in _BUILTINS and name not in names.functions and not any(aliases)
        if not certain:
            raise Unsure

    def _own_method(self, receiver: ast.expr, name: str) -> Target | None:
        """What ``self.name`` means."""
        if isinstance(receiver, ast.Attribute):
            if receiver.attr == "__class__":
                raise Unsure
            return None
        assert self._owner is not None
        return self._scene.definitions.own_method(self._owner, name, self._running)

    def _called_by_super(self, receiver: ast.Call, name: str) -> Target | None:
        names = self._names
        flow, function = self._flow, receiver.func
        own_meaning = "super" in names.own | names.imports | flow.parameters or flow.binds("super")
        named = isinstance(function, ast.Name) and function.id == "super"
        if not named or own_meaning or receiver.keywords or self._owner is None:
            raise Unsure
        for argument in receiver.args:
            if not isinstance(argument, ast.Name) or argument.id == self._parameter:
                raise Unsure
        if receiver.args:
            return None
        return self._scene.definitions.own_method(self._owner, name, self._running, skip_own=True)

    def _called_by_class(self, call: ast.Call, base: str, name: str) -> Target | None:
        """``Base.name(self, ...)``."""
        found = self._scene.definitions.method_of(base, name)
        first = call.args[0] if call.args else None
        if (
            found is None
            or not isinstance(first, ast.Name)
            or first.id not in self._known
            or self._flow.binds(first.id)
        ):
            return found
        return found._replace(known=first_parameter(found.function))

    def _passed(self, call: ast.Call, argument: ast.AST, target: Target) -> list[Use]:
        """What a function of this file does with an argument."""
        function, arguments = target.function, target.function.args
        if function in self._running or len(self._running) > _DEEPEST_CALL or any(map(_is_starred, call.args)):
            raise Unsure
        positional = [parameter.arg for parameter in (*arguments.posonlyargs, *arguments.args)]
        if isinstance(argument, ast.keyword):
            parameter = argument.arg or ""
            if parameter not in {*positional, *(parameter.arg for parameter in arguments.kwonlyargs)}:
                raise Unsure
        else:
            place = next(place for place, given in enumerate(call.args) if given is argument) + target.is_bound
            if place >= len(positional) or any(given.arg == positional[place] for given in call.keywords):
                raise Unsure
            parameter = positional[place]
        inside = Uses(self._scene, (*self._running, function), parameter, target.known)
        found = inside.all()
        self.is_asked_about |= inside.is_asked_about
        return [use if use.callee or not use.leaks else use._replace(callee=f"{function.name}()") for use in found]

    def _source(self, node: ast.expr) -> str:
        """The text of an expression that stands on one line."""
        if node.lineno != node.end_lineno:
            raise Unsure
        return self._names.page.source(node)


def _is_starred(node: ast.expr) -> bool:
    return isinstance(node, ast.Starred)


_FOLLOWERS: dict[type, Callable[[Uses, Any, ast.AST], list[Use]]] = {
    **dict.fromkeys((ast.Compare, ast.UnaryOp, ast.If, ast.While, ast.Assert, ast.Expr), Uses._asked),
    **dict.fromkeys((ast.FormattedValue, ast.Slice, ast.BinOp, ast.Starred), Uses._read),
    **dict.fromkeys((ast.BoolOp, ast.IfExp), Uses._operand),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), Uses._loop),
    **dict.fromkeys((ast.Assign, ast.AnnAssign), Uses._assign),
    ast.Subscript: Uses._subscript,
    ast.AugAssign: Uses._augmented,
    ast.Dict: Uses._dict,
    ast.Attribute: Uses._attribute,
    ast.keyword: Uses._keyword,
    ast.Call: Uses._call,
    ast.Return: Uses._return,
}

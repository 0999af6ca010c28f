"""State that is kept in a default on purpose: memos, caches and counter cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD
from flake8_pitfalls.semantics.events import Event, Fate
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flake8_pitfalls.rules.mutable_default.defaults import Default
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MEMO_NAME = re.compile(r"(?i)cache|memo(?!ry)|memoi[sz]e")
_PRIVATE_NAME = re.compile(r"_(?!_)")


def kept_on_purpose(default: Default, events: list[Event]) -> str | None:
    """The idiom by which a default that the function changes keeps state on purpose, or ``None``."""
    if not any(event.fate is Fate.CHANGED for event in events):
        return None
    if _MEMO_NAME.search(default.name):
        return "a memo, by its name"
    if _PRIVATE_NAME.match(default.name):
        return "private state, by its name"
    if _is_endless_counter(default):
        return "a counter"
    if default.made.is_iterator and _is_only_advanced(default):
        return "an iterator that goes on"
    if any(event.fate is Fate.LEAKED for event in events):
        return None
    if is_counter_cell(default) or is_state_cell(default, events):
        return "a cell for state"
    if memo_key(default) is not None:
        return "a memo"
    return None


def named_as_state(name: str) -> bool:
    """Whether a parameter's name says, or may say (``memory``), that it keeps state on purpose."""
    return "memo" in name.lower() or bool(_MEMO_NAME.search(name) or _PRIVATE_NAME.match(name))


def _is_endless_counter(default: Default) -> bool:
    """``ids=itertools.count()`` can only be meant to go on from call to call."""
    node = default.node
    return isinstance(node, cst.Call) and origin(default.statement, node.func) in {"itertools.count", "itertools.cycle"}


def _is_only_advanced(default: Default) -> bool:
    """``it=iter(xs)`` of which each call takes the ``next()``."""
    mentions = [node for node in walk(default.function.body) if _is_name(node, default.name)]
    return bool(mentions) and all(_is_advanced(default.statement, mention) for mention in mentions)


def _is_advanced(statement: TopLevelStatement, mention: cst.CSTNode) -> bool:
    argument = statement.parents[mention]
    call = statement.parents[argument]
    if not isinstance(argument, cst.Arg) or not isinstance(call, cst.Call) or call.args[0] is not argument:
        return False
    return origin(statement, call.func) == "builtins.next"


def is_counter_cell(default: Default) -> bool:
    """``n=[0]`` whose only change is ``n[0] += 1``."""
    node = default.node
    if not isinstance(node, cst.List) or len(node.elements) != 1:
        return False
    if not isinstance(node.elements[0].value, (cst.Integer, cst.Float, cst.UnaryOperation)):
        return False
    cells = default.mentions
    parents = default.statement.parents
    changed = any(event.fate is Fate.CHANGED for event in default.events)
    return changed and all(isinstance(parents[cell], cst.Subscript) for cell in cells)


def memo_key(default: Default) -> str | None:
    """The key that is both looked up and stored: ``if n in memo: return memo[n]`` and ``memo[n] = ...``.

    ``None`` where the object is also used as a whole, returned or iterated, say: then it's a result, not a memo.
    """
    accesses = KeyAccesses(default.statement, default.mentions)
    return accesses.both() if accesses.by_key_only else None


def is_state_cell(default: Default, events: list[Event]) -> bool:
    """``last=[""]`` whose only changes are ``last[0] = ...``, by the function or by one that it calls."""
    node = default.node
    if not isinstance(node, cst.List) or not 1 <= len(node.elements) <= 3:
        return False
    literals = (cst.BaseNumber, cst.SimpleString, cst.UnaryOperation, cst.Name)
    if not all(isinstance(element.value, literals) for element in node.elements):
        return False
    changes = [event.node for event in events if event.fate is Fate.CHANGED]
    return bool(changes) and all(_is_cell(change) for change in changes)


def _is_cell(node: cst.CSTNode) -> bool:
    target = node.target if isinstance(node, cst.AugAssign) else node
    if not isinstance(target, cst.Subscript) or len(target.slice) != 1:
        return False
    index = target.slice[0].slice
    return isinstance(index, cst.Index) and isinstance(index.value, cst.Integer)


class KeyAccesses:
    """The keys with which the mentions of an object look something up or store it."""

    def __init__(self, statement: TopLevelStatement, mentions: Sequence[cst.CSTNode]) -> None:
        self.by_key_only = True
        """Whether the object isn't used in any other way."""
        self._read: set[str] = set()
        self._written: set[str] = set()
        for mention in mentions:
            if _is_measured(statement, mention):
                continue
            access = _key_access(statement, mention)
            if access is None:
                self.by_key_only = False
                continue
            key, reads, writes = access
            if any(map(_names_something, key)):
                start, end = statement.span(key[0])[0], statement.span(key[-1])[1]
                source = " ".join(statement.module.text[start:end].split())
                self._read.update([source] if reads else [])
                self._written.update([source] if writes else [])

    def both(self) -> str | None:
        """A key that's both looked up and stored."""
        return min(self._read & self._written, default=None)


def _is_measured(statement: TopLevelStatement, mention: cst.CSTNode) -> bool:
    """``len(memo)``, often the next number to remember."""
    call = statement.parents[statement.parents[mention]]
    return isinstance(call, cst.Call) and call.func is not mention and origin(statement, call.func) == "builtins.len"


def _key_access(statement: TopLevelStatement, mention: cst.CSTNode) -> tuple[Sequence[cst.CSTNode], bool, bool] | None:
    """The parts of the key of one mention, and whether it reads and writes."""
    parents = statement.parents
    parent = parents[mention]
    if isinstance(parent, cst.Subscript) and parent.value is mention:
        above = parents[parent]
        if isinstance(above, cst.AugAssign) or _is_changed(parents, parent):
            return None
        stored = isinstance(above, (cst.AssignTarget, cst.AnnAssign))
        if stored and _stores_what_was_there(parents, above, mention):
            return None
        parts = [part.slice.value if isinstance(part.slice, cst.Index) else part.slice for part in parent.slice]
        return parts, not stored, stored
    if isinstance(parent, cst.ComparisonTarget) and isinstance(parent.operator, (cst.In, cst.NotIn)):
        comparison = parents[parent]
        return ([comparison.left], True, False) if isinstance(comparison, cst.Comparison) else None
    call = parents[parent]
    if isinstance(parent, cst.Attribute) and isinstance(call, cst.Call) and call.func is parent and call.args:
        access = _KEY_METHODS.get(parent.attr.value)
        if _is_changed(parents, call):
            return None
        return ([call.args[0].value], *access) if access else None
    return None


def _is_changed(parents: dict[cst.CSTNode, cst.CSTNode], element: cst.CSTNode) -> bool:
    """Whether what was looked up is changed: ``groups.setdefault(k, []).append(v)`` collects, it doesn't remember."""
    attribute = parents[element]
    call = parents[attribute]
    return (
        isinstance(attribute, cst.Attribute)
        and attribute.attr.value in ANY_CHANGING_METHOD
        and isinstance(call, cst.Call)
        and call.func is attribute
    )


def _stores_what_was_there(parents: dict[cst.CSTNode, cst.CSTNode], target: cst.CSTNode, mention: cst.CSTNode) -> bool:
    """``counts[k] = counts.get(k, 0) + 1`` counts, it doesn't remember."""
    assignment = parents[target] if isinstance(target, cst.AssignTarget) else target
    value = getattr(assignment, "value", None)
    if value is None or not isinstance(mention, cst.Name):
        return False
    return any(isinstance(node, cst.Name) and node.value == mention.value for node in walk(value))


_KEY_METHODS = {
    "get": (True, False),
    "__contains__": (True, False),
    "add": (False, True),
    "__setitem__": (False, True),
    "pop": (True, False),
    "setdefault": (True, True),
}


def _names_something(key: cst.CSTNode) -> bool:
    """Whether a key depends on the call; a constant key is no memo."""
    return any(isinstance(node, cst.Name) for node in walk(key))


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name

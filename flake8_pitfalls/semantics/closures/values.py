"""Abstract values: what an expression may be, as far as one followed closure is concerned.

A value is a set of tags; what isn't followed has none.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics.scopes import Scope
from flake8_pitfalls.semantics.walk import children

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

Variable = tuple[Scope | cst.CSTNode | None, str]
"""A variable: the scope that owns it (``None``: the module) and its name; or a place that is treated as one."""


class Form(enum.Enum):
    """In what shape the followed closure is held, which says what makes its body run."""

    CALLABLE = "called: the body runs"
    GENERATOR_FUNCTION = "called: gives an iterator"
    COROUTINE_FUNCTION = "called: gives a coroutine"
    ITERATOR = "iterated: the body runs"
    COROUTINE = "awaited: the body runs"
    CLASS = "called: gives an object"
    OBJECT = "used in any way but stored or handed on: the body may run"
    FACTORY = "subscripted: the body may run"
    WORK = "a thread, task or future that runs the body; joined or awaited: the body has run"


class Held(NamedTuple):
    """The followed closure, or an object that leads to it, within ``depth`` containers."""

    form: Form
    depth: int = 0
    lazy: bool = False
    """Whether it's a lazy iterator: a generator expression, ``map``, ``filter`` or of ``itertools``."""
    stream: bool = False
    """Whether it's made by a generator expression that hasn't run yet, with a variable of that expression."""


class Code(NamedTuple):
    """Another function of the analysed code, which may reach the followed one through its variables."""

    statement: TopLevelStatement
    node: cst.FunctionDef | cst.Lambda | cst.GeneratorExp
    depth: int = 0


Tag = Held | Code
Value = frozenset[Tag]
NOTHING: Value = frozenset()
_DEEPEST = 4


def wrapped(value: Value, by: int = 1) -> Value:
    """A container that holds a value."""
    return frozenset(tag._replace(depth=min(tag.depth + by, _DEEPEST)) for tag in value)


def element(value: Value) -> Value:
    """What subscripting or iterating yields; what isn't a container was taken for one level less than it is."""
    return frozenset(
        _unwrapped(tag) if tag.depth else tag
        for tag in value
        if tag.depth or (isinstance(tag, Held) and tag.form in _FUNCTIONS)
    )


_FUNCTIONS = frozenset({Form.CALLABLE, Form.GENERATOR_FUNCTION, Form.COROUTINE_FUNCTION})


def _unwrapped(tag: Tag) -> Tag:
    if isinstance(tag, Held):
        return tag._replace(depth=tag.depth - 1, stream=tag.stream and tag.depth > 1)
    return tag._replace(depth=tag.depth - 1)


def streams(value: Value) -> bool:
    """Whether a value is a generator that makes the followed closure when it's asked for it."""
    return any(isinstance(tag, Held) and tag.stream for tag in value)


def in_form(value: Value, form: Form, *, lazy: bool | None = None) -> Value:
    """The same closures, bare, in another shape; functions of the code count as what they may reach."""
    tags: set[Tag] = set()
    for tag in value:
        if isinstance(tag, Held):
            tags.add(Held(form, 0, tag.lazy if lazy is None else lazy))
        else:
            tags.add(tag._replace(depth=0))
    return frozenset(tags)


def form_of(node: cst.CSTNode) -> Form:
    """The shape of a closure that has just been made."""
    if isinstance(node, cst.GeneratorExp):
        return Form.ITERATOR
    if isinstance(node, cst.Lambda):
        return Form.GENERATOR_FUNCTION if yields(node.body) else Form.CALLABLE
    assert isinstance(node, cst.FunctionDef)
    if yields(node.body):
        return Form.GENERATOR_FUNCTION
    return Form.COROUTINE_FUNCTION if node.asynchronous is not None else Form.CALLABLE


def yields(body: cst.CSTNode) -> bool:
    """Whether code contains a ``yield`` of its own, so that calling it only makes an iterator."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Yield):
            return True
        if not isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            stack.extend(children(node))
    return False

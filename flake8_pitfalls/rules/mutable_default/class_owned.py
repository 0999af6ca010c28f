"""Class attributes of which the methods tell that the object is the class's, and meant to be shared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk_known

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
"""Methods that get the class, though nothing decorates them."""

_ADDING = frozenset({"append", "appendleft", "insert", "add", "setdefault"})
_STANDING_FOR = frozenset({"id", "ref", "proxy"})
"""Functions whose result stands for their argument: ``id``, ``weakref.ref``, ``weakref.proxy``."""


def used_through_class(
    statement: TopLevelStatement, member: cst.FunctionDef, classes: set[str]
) -> Iterator[tuple[str | None, str]]:
    """The attributes that a method reads as ``cls.items``, ``Base.items`` or ``type(self).items``.

    With each comes the name of the class, ``None`` for that of the method. Who reads the instance's attribute beside
    that of the class takes them for two objects.
    """
    own = _first_parameter(member)
    by_class = member.name.value in CLASS_METHODS or "builtins.classmethod" in decorators_of(statement, member)
    through: list[tuple[str | None, str]] = []
    of_instance: set[str] = set()
    for node in walk_known(member.body):
        if type(node) is cst.Attribute:
            holder = node.value
            name = holder.value if type(holder) is cst.Name else None
            if (name == own and by_class) or _is_class_of(holder, own):
                through.append((None, node.attr.value))
            elif name in classes:
                through.append((name, node.attr.value))
            elif name == own:
                of_instance.add(node.attr.value)
    yield from (each for each in through if each[1] not in of_instance)


def _is_class_of(node: cst.CSTNode, own: str | None) -> bool:
    """``type(self)`` and ``self.__class__``."""
    if type(node) is cst.Attribute:
        return node.attr.value == "__class__" and _is_name(node.value, own)
    is_type = type(node) is cst.Call and _is_name(node.func, "type") and len(node.args) == 1
    return is_type and _is_name(node.args[0].value, own)  # type: ignore[attr-defined]


def keeping_instances(member: cst.FunctionDef) -> Iterator[str]:
    """The attributes in which a method keeps the instance, as ``self.known.append(self)`` does."""
    own = _first_parameter(member)
    for node in walk_known(member.body):
        holder: cst.CSTNode | None = None
        kept: list[cst.CSTNode] = []
        if type(node) is cst.Call and type(node.func) is cst.Attribute and node.func.attr.value in _ADDING:
            holder, kept = node.func.value, [argument.value for argument in node.args]
            if node.func.attr.value == "setdefault" and kept and _is_constant(kept[0]):
                continue
        elif type(node) is cst.Assign:
            target = node.targets[0].target
            if type(target) is cst.Subscript:
                indices = [element.slice.value for element in target.slice if isinstance(element.slice, cst.Index)]
                # A constant key is for the newest instance only.
                holder, kept = target.value, [] if all(map(_is_constant, indices)) else [node.value, *indices]
        if type(holder) is cst.Attribute and _is_name(holder.value, own) and any(_leads_to(part, own) for part in kept):
            yield holder.attr.value


def _is_constant(node: cst.CSTNode) -> bool:
    return isinstance(node, (cst.BaseString, cst.BaseNumber))


def _leads_to(node: cst.CSTNode, own: str | None) -> bool:
    """``self``, ``id(self)``, ``weakref.ref(self)``."""
    if type(node) is cst.Call and node.args:
        function = node.func.attr if type(node.func) is cst.Attribute else node.func
        return type(function) is cst.Name and function.value in _STANDING_FOR and _is_name(node.args[0].value, own)
    return _is_name(node, own)


def _is_name(node: cst.CSTNode, name: str | None) -> bool:
    return type(node) is cst.Name and node.value == name


def _first_parameter(member: cst.FunctionDef) -> str | None:
    parameters = [*member.params.posonly_params, *member.params.params]
    return parameters[0].name.value if parameters else None


def decorators_of(statement: TopLevelStatement, member: cst.FunctionDef) -> set[str | None]:
    """The dotted names of the decorators of a function."""
    return {origin(statement, decorator.decorator) for decorator in member.decorators}

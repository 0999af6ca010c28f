"""``self``, captured by a function in a method: its attributes are passed instead, or the object as a whole."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused, Variable
from flake8_pitfalls.rules.pickling.fix_changes import changes_itself, check_unchanged, is_called
from flake8_pitfalls.rules.pickling.fix_values import INHERITED_METHODS, is_shared_by_inheritance, unpicklable_maker
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.semantics.classes import enclosing_class, find_method
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import BindingKind, Scope
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_PICKLING_METHODS = ("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__")


@dataclass(eq=False)
class Capture:
    """A value that a moved function gets as a parameter."""

    variable: Variable
    parameter: str
    argument: str
    """How the value is written where the function is used: the variable, or an attribute of ``self``."""
    attribute: str = ""
    replaced: list[cst.CSTNode] = field(default_factory=list)
    """What becomes the parameter, where that isn't its text already."""

    def is_set_later(self, statement: TopLevelStatement, use: cst.CSTNode) -> bool:
        """Whether the method that uses an attribute sets it only behind that use."""
        method = self.variable.owner.node
        stores = [
            node
            for node in walk(method)
            if isinstance(node, cst.Attribute)
            and isinstance(node.value, cst.Name)
            and f"{node.value.value}.{node.attr.value}" == self.argument
            and isinstance(statement.parents.get(node), cst.AssignTarget)
        ]
        return bool(stores) and all(statement.order[node] > statement.order[use] for node in stores)

    def for_user(self) -> Capture:
        """The same value for a function that only passes it on."""
        return Capture(self.variable, self.parameter, self.argument, self.attribute)


def is_self(statement: TopLevelStatement, variable: Variable) -> bool:
    """Whether a variable is the first parameter of a method."""
    method = variable.owner.node
    if not isinstance(method, cst.FunctionDef) or enclosing_class(statement, method) is None:
        return False
    if any(origin(statement, decorator.decorator) == "builtins.staticmethod" for decorator in method.decorators):
        return False
    first = [*method.params.posonly_params, *method.params.params][:1]
    return bool(first) and first[0].name.value == variable.name


def captures_of_self(
    statement: TopLevelStatement, variable: Variable, inside: set[Scope], role: Role
) -> tuple[list[Capture], str]:
    """What to pass for ``self``, and what a person should look at.

    Raises Refused.
    """
    if len(variable.bindings) != 1:
        raise Refused(f"'{variable.name}' is bound again: pass what the function needs")
    method = variable.owner.node
    assert isinstance(method, cst.FunctionDef)
    owner = enclosing_class(statement, method)
    assert owner is not None
    attributes = _plain_attributes(statement, variable, owner)
    if attributes is None:
        _check_object(statement, variable, owner, inside, role)
        return [Capture(variable, variable.name, variable.name)], f"'{variable.name}' is pickled as a whole"
    captures = []
    for name, nodes in attributes.items():
        if not _can_be_inherited(statement, owner, name, role):
            check_unchanged(statement, f"{variable.name}.{name}", nodes, inside)
            _check_attribute(statement, owner, name)
        parameter = _parameter(name, variable, inside)
        captures.append(Capture(variable, parameter, f"{variable.name}.{name}", name, list(nodes)))
    return captures, ""


def _plain_attributes(
    statement: TopLevelStatement, variable: Variable, owner: cst.ClassDef
) -> dict[str, list[cst.CSTNode]] | None:
    """The attributes that are read, if nothing else is done with ``self``."""
    found: dict[str, list[cst.CSTNode]] = {}
    for read in variable.reads:
        node = statement.parents.get(read)
        if not isinstance(node, cst.Attribute) or node.value is not read:
            return None
        parent = statement.parents.get(node)
        if isinstance(parent, cst.Call) and parent.func is node:
            return None
        if isinstance(parent, (cst.AssignTarget, cst.Del)) or (
            isinstance(parent, (cst.AugAssign, cst.AnnAssign)) and parent.target is node
        ):
            raise Refused(
                f"'{variable.name}.{node.attr.value}' is set, which would only change the copy of the process"
            )
        if find_method(statement, owner, node.attr.value) is not None or _is_property(
            statement, owner, node.attr.value
        ):
            return None
        found.setdefault(node.attr.value, []).append(node)
    return found


def _is_property(statement: TopLevelStatement, owner: cst.ClassDef, name: str) -> bool:
    scope = statement.scopes.scope_for(owner)
    return any(binding.kind is BindingKind.DEF for binding in scope.bindings.get(scope.stored_name(name), []))


def _parameter(name: str, variable: Variable, inside: set[Scope]) -> str:
    wanted = name.strip("_") or name
    used = {other for scope in inside for other in (*scope.reads, *scope.local_names)}
    if wanted in used or not wanted.isidentifier() or keyword.iskeyword(wanted):
        wanted = f"{variable.name}_{wanted}"
    return wanted


def _can_be_inherited(statement: TopLevelStatement, owner: cst.ClassDef, name: str, role: Role) -> bool:
    """Whether an attribute is a queue, lock or the like that a new process may be given."""
    values = _assigned(owner, name)
    return (
        role in {Role.TARGET, Role.INITIALIZER}
        and bool(values)
        and all(is_shared_by_inheritance(statement, value) for value in values)
    )


def _uses_inherited(statement: TopLevelStatement, owner: cst.ClassDef, read: cst.CSTNode) -> bool:
    """``self.queue.put()``, where the constructor was given the queue, which a new process may be given as well."""
    attribute = statement.parents.get(read)
    method = statement.parents.get(attribute) if isinstance(attribute, cst.Attribute) else None
    if not isinstance(attribute, cst.Attribute) or not isinstance(method, cst.Attribute):
        return False
    if method.attr.value not in INHERITED_METHODS or not is_called(statement, method):
        return False
    values = _assigned(owner, attribute.attr.value)
    return bool(values) and all(_is_parameter(statement, value) for value in values)


def _is_parameter(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    if not isinstance(value, cst.Name):
        return is_shared_by_inheritance(statement, value)
    scope = statement.scopes.scope_of(value).lookup(value.value)
    bindings = scope.bindings.get(value.value, []) if scope is not None else []
    return [binding.kind for binding in bindings] == [BindingKind.PARAMETER]


def _check_attribute(statement: TopLevelStatement, owner: cst.ClassDef, name: str) -> None:
    for value in _assigned(owner, name):
        if unpicklable_maker(statement, value):
            raise Refused(f"'self.{name}' can't be pickled either: make it in the process that uses it")


def _assigned(owner: cst.ClassDef, name: str | None) -> list[cst.BaseExpression]:
    """What the methods of a class assign to attributes of ``self``: to one, or to all of them."""
    found = []
    for node in walk(owner):
        if not isinstance(node, (cst.Assign, cst.AnnAssign)) or node.value is None:
            continue
        targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            if not isinstance(target, cst.Attribute) or not isinstance(target.value, cst.Name):
                continue
            if target.value.value == "self" and name in (None, target.attr.value):
                found.append(node.value)
    return found


def _check_object(
    statement: TopLevelStatement, variable: Variable, owner: cst.ClassDef, inside: set[Scope], role: Role
) -> None:
    """Raise Refused when an object can't be pickled as a whole, or is changed."""
    outer = statement.scopes.scope_of(owner)
    name = variable.name
    if outer.kind.name != "MODULE":
        raise Refused(f"'{name}' is an object of a local class: move the class to module level")
    if any(find_method(statement, owner, method) is not None for method in _PICKLING_METHODS):
        return
    if any(unpicklable_maker(statement, value) for value in _assigned(owner, None)):
        raise Refused(f"'{name}' holds what can't be pickled: pass the attributes that the function needs")
    started = role in {Role.TARGET, Role.INITIALIZER}
    reads = [read for read in variable.reads if not (started and _uses_inherited(statement, owner, read))]
    check_unchanged(statement, name, reads, inside)
    for read in variable.reads:
        node = statement.parents.get(read)
        if isinstance(node, cst.Attribute) and node.value is read:
            found = find_method(statement, owner, node.attr.value)
            if found is not None and changes_itself(*found):
                raise Refused(f"'{name}.{node.attr.value}' changes the object, and would only change a copy of it")

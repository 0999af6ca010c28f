"""Class bodies and modules that bind ``__metaclass__``: where, how and to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.metaclass.declares import NAME
from flake8_pitfalls.rules.metaclass.guards import is_python2_code
from flake8_pitfalls.semantics.scopes import Binding, BindingKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

Assignment = cst.Assign | cst.AnnAssign


@dataclass(frozen=True, eq=False)
class Bound:
    """One place that binds ``__metaclass__``."""

    statement: TopLevelStatement
    node: cst.CSTNode
    """What is reported: the name, the alias of an import, or the nested class or function."""
    assignment: Assignment | None
    """The assignment of the ordinary form, ``__metaclass__ = M``, alone, in a chain or annotated."""
    direct: bool
    """Whether it stands in the body itself, so that it replaces what was bound before."""

    @property
    def value(self) -> cst.BaseExpression | None:
        """What an ordinary assignment binds the name to."""
        return self.assignment.value if self.assignment is not None else None


@dataclass(frozen=True, eq=False)
class BoundClass:
    """A class whose body binds ``__metaclass__`` for Python 3 to ignore."""

    statement: TopLevelStatement
    node: cst.ClassDef
    bindings: list[Bound]

    @property
    def effective(self) -> list[Bound]:
        """The bindings that Python 2 might have gone by: those from the last unconditional one on."""
        last = max((place for place, bound in enumerate(self.bindings) if bound.direct), default=0)
        return self.bindings[last:]


def bound_classes(statement: TopLevelStatement) -> Iterator[BoundClass]:
    """The classes in a statement, at any depth, whose bodies bind ``__metaclass__``."""
    for node in statement.known_nodes():
        if isinstance(node, cst.ClassDef):
            found = [*_bound_names(statement, node), *_set_in_namespace(statement, node, "locals")]
            found.sort(key=lambda bound: statement.order[bound.node])
            if found:
                yield BoundClass(statement, node, found)


def module_bindings(statement: TopLevelStatement) -> list[Bound]:
    """The places in a statement that bind the global variable ``__metaclass__`` when the module is imported."""
    found = [*_bound_names(statement, statement.tree), *_set_in_namespace(statement, statement.tree, "globals")]
    return sorted(found, key=lambda bound: statement.order[bound.node])


def _bound_names(statement: TopLevelStatement, block: cst.ClassDef | cst.Module) -> Iterator[Bound]:
    scope = statement.scopes.scope_for(block) if isinstance(block, cst.ClassDef) else statement.scopes.root
    for binding in scope.bindings.get(NAME, ()):
        if binding.scope is not scope or binding.kind is BindingKind.DELETE or NAME in scope.nonlocal_names:
            continue
        if binding.kind is BindingKind.ANNOTATION or is_python2_code(statement, binding.node):
            continue
        if binding.kind is BindingKind.DEF and not _is_hook(binding.node):
            continue
        assignment = _assignment(statement, binding)
        yield Bound(statement, binding.node, assignment, _is_direct(statement, binding.node, block))


def _is_hook(node: cst.CSTNode) -> bool:
    """Whether a nested function has the shape of a metaclass; a property and a method don't."""
    if not isinstance(node, cst.FunctionDef) or node.decorators:
        return False
    parameters = node.params
    return (
        bool(isinstance(parameters.star_arg, cst.Param)) or len([*parameters.posonly_params, *parameters.params]) == 3
    )


def _assignment(statement: TopLevelStatement, binding: Binding) -> Assignment | None:
    target = statement.parents.get(binding.node)
    assignment = statement.parents.get(target) if isinstance(target, cst.AssignTarget) else target
    if isinstance(assignment, cst.Assign):
        return assignment if isinstance(target, cst.AssignTarget) else None
    return assignment if isinstance(assignment, cst.AnnAssign) and assignment.value is not None else None


def _is_direct(statement: TopLevelStatement, node: cst.CSTNode, block: cst.ClassDef | cst.Module) -> bool:
    body = block.body if isinstance(block, cst.ClassDef) else block
    parent = statement.parents.get(node)
    while parent is not None and parent is not body:
        if isinstance(parent, (cst.BaseCompoundStatement, cst.IndentedBlock)):
            return False
        parent = statement.parents.get(parent)
    return True


def _set_in_namespace(statement: TopLevelStatement, block: cst.ClassDef | cst.Module, function: str) -> Iterator[Bound]:
    """``locals()["__metaclass__"] = M``."""
    for node in _own_nodes(block.body if isinstance(block, cst.ClassDef) else block):
        if (
            isinstance(node, cst.AssignTarget)
            and isinstance(node.target, cst.Subscript)
            and isinstance(node.target.value, cst.Call)
            and isinstance(node.target.value.func, cst.Name)
            and node.target.value.func.value in {function, "vars"}
            and not node.target.value.args
            and is_key(node.target.slice)
            and not is_python2_code(statement, node)
        ):
            yield Bound(statement, node.target, None, _is_direct(statement, node, block))


def is_key(slices: Sequence[cst.SubscriptElement]) -> bool:
    """Whether a subscript is ``["__metaclass__"]``."""
    return len(slices) == 1 and isinstance(slices[0].slice, cst.Index) and is_name_string(slices[0].slice.value)


def is_name_string(node: cst.CSTNode | None) -> bool:
    """Whether an expression is the string ``"__metaclass__"``."""
    return isinstance(node, cst.SimpleString) and node.evaluated_value == NAME


def _own_nodes(block: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes of a body without those of the functions and classes in it."""
    stack: list[cst.CSTNode] = [block]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(
            child for child in node.children if not isinstance(child, (cst.FunctionDef, cst.ClassDef, cst.Lambda))
        )

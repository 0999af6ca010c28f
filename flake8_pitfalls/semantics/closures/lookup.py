"""Finds what this file defines: the functions and methods that calls run, the classes of objects."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.semantics import callbacks
from flake8_pitfalls.semantics.classes import (
    Class,
    assigned_value,
    class_made_by,
    class_named,
    class_of_attribute,
    find_method,
    in_file_function,
    inner_function,
    only_method,
)
from flake8_pitfalls.semantics.closures.expressions import Expressions
from flake8_pitfalls.semantics.closures.values import Code, Variable
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.scopes import Binding


class Target(NamedTuple):
    """A function of the same file that is called."""

    code: Code
    receiver: cst.BaseExpression | None = None
    """What its first parameter is bound to."""
    is_bound: bool = False
    """Whether its first parameter is bound already."""
    instance: Variable | None = None
    """The object that its first parameter is, for ``super().method()``."""


class Lookup(Expressions):
    """Looks up functions and classes of the file."""

    def target_of(self, function: cst.BaseExpression) -> Target | None:
        """The function of this file that a call runs, if that's certain."""
        if isinstance(function, cst.Name):
            if owner(self.statement.scopes.scope_of(function), function.value) is not None:
                return None
            found = in_file_function(self.statement.module, function.value)
            return Target(Code(*found)) if found else self._function_made_elsewhere(function)
        if not isinstance(function, cst.Attribute):
            return None
        receiver, name = function.value, function.attr.value
        made, is_instance = self._class_of(receiver)
        is_super = isinstance(receiver, cst.Call) and self.origin(receiver.func) == "builtins.super"
        found = find_method(*made, name, skip_own=is_super) if made else None
        if found is None:
            return self._only_method(receiver, name) if made is None and not is_super else None
        return Target(
            Code(*found),
            receiver if is_instance and not is_super else None,
            is_instance,
            self._own_instance() if is_super else None,
        )

    def _function_made_elsewhere(self, function: cst.Name) -> Target | None:
        """``register`` after ``register = make_register(table)``: the function that the other one returns."""
        single = self.statement.module.facts.single_binding(function.value)
        value = single.value if single is not None else None
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
            return None
        maker = in_file_function(self.statement.module, value.func.id)
        inner = inner_function(*maker) if maker is not None else None
        return Target(Code(*inner)) if inner is not None else None

    def _only_method(self, receiver: cst.BaseExpression, name: str) -> Target | None:
        """The method of that name, if only one class of this file has one: an unknown object is likely its instance."""
        if name in callbacks.COMMON_METHODS or self.origin(receiver) is not None:
            return None
        found = only_method(self.statement.module, name)
        return Target(Code(*found), receiver, is_bound=True) if found is not None else None

    def _own_instance(self) -> Variable | None:
        """The object whose method is running."""
        node = self.frame.node
        if not isinstance(node, cst.FunctionDef):
            return None
        first = [*node.params.posonly_params, *node.params.params][:1]
        if not first:
            return None
        own: Variable = (self.statement.scopes.scope_for(node), first[0].name.value)
        return self.aliases.get(own, own)

    def _class_of(self, receiver: cst.BaseExpression) -> tuple[Class | None, bool]:
        """The class of this file that an expression is, or (second part) is an instance of."""
        method = self._method_around()
        if isinstance(receiver, cst.Name):
            if method is not None and receiver.value == method[1]:
                return method[0], True
            named = class_named(self.statement, receiver)
            return (named, False) if named is not None else (self._class_of_variable(receiver), True)
        if isinstance(receiver, cst.Attribute) and method is not None and _is_named(receiver.value, method[1]):
            return class_of_attribute(*method[0], receiver.attr.value), True
        if isinstance(receiver, cst.Call):
            if self.origin(receiver.func) == "builtins.super" and method is not None:
                return method[0], True
            if isinstance(receiver.func, cst.Name):
                return class_named(self.statement, receiver.func), True
        return None, False

    def _method_around(self) -> tuple[Class, str] | None:
        """The class whose method is running, also in a function nested in it, and the name of its first parameter."""
        node = self.frame.node
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            return None
        scope: Scope | None = self.statement.scopes.scope_for(node)
        while scope is not None and scope.parent is not None:
            around = scope.parent
            while around.kind is ScopeKind.TYPE and around.parent is not None:
                around = around.parent
            if isinstance(around.node, cst.ClassDef) and isinstance(scope.node, cst.FunctionDef):
                first = [*scope.node.params.posonly_params, *scope.node.params.params][:1]
                return ((self.statement, around.node), first[0].name.value) if first else None
            scope = around
        return None

    def _class_of_variable(self, receiver: cst.Name) -> Class | None:
        """The class of this file whose instance a variable always is: ``bag = Bag()``, ``with Bag() as bag``."""
        scope, name = self.variable(receiver)
        statement = self.statement
        if scope is None:
            single = statement.module.facts.bindings.get(name, [])
            line = _line_of(single[0].node) if single else None
            if line is None:
                return None
            statement = statement.module.statement_at(line)
            scope = statement.scopes.root
        bindings = scope.bindings.get(name, []) if isinstance(scope, Scope) else []
        classes = {
            self._class_made_by(statement, binding) for binding in bindings if not _is_fluent(statement, binding, name)
        }
        return classes.pop() if len(classes) == 1 else None

    def _class_made_by(self, statement: TopLevelStatement, binding: Binding) -> Class | None:
        if binding.kind is BindingKind.PARAMETER and isinstance(binding.node, cst.Param):
            annotation = binding.node.annotation
            named = _plain_class(annotation.annotation) if annotation is not None else None
            return class_named(statement, named) if named is not None else None
        value = assigned_value(statement, binding)
        if value is None and binding.kind is BindingKind.WITH:
            item = statement.parents.get(statement.parents[binding.node])
            value = item.item if isinstance(item, cst.WithItem) else None
        return class_made_by(statement, value) if value is not None else None


def _plain_class(annotation: cst.BaseExpression) -> cst.Name | None:
    """``X`` of ``X``, ``X | None`` and ``Optional[X]``."""
    if isinstance(annotation, cst.BinaryOperation) and _is_named(annotation.right, "None"):
        annotation = annotation.left
    elif isinstance(annotation, cst.Subscript) and _is_named(annotation.value, "Optional"):
        index = annotation.slice[0].slice
        annotation = index.value if isinstance(index, cst.Index) else annotation
    return annotation if isinstance(annotation, cst.Name) else None


def _is_named(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def _is_fluent(statement: TopLevelStatement, binding: Binding, name: str) -> bool:
    """``query = query.where(...)``: taken for another object of the same class."""
    value = assigned_value(statement, binding)
    return (
        isinstance(value, cst.Call)
        and isinstance(value.func, cst.Attribute)
        and isinstance(value.func.value, cst.Name)
        and value.func.value.value == name
    )


def _line_of(node: ast.AST) -> int | None:
    if isinstance(node, ast.withitem):
        return node.context_expr.lineno
    return getattr(node, "lineno", None)

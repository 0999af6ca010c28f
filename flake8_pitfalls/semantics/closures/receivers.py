"""Objects that belong to the running code: a container or instance that it makes and nobody else knows."""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.callbacks import CONTAINER_MAKERS, STORING_METHODS
from flake8_pitfalls.semantics.classes import assigned_value, class_named, leaks_itself
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.closures.values import Variable
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Maker(enum.IntEnum):
    """What kind of object a variable holds, if the running code made it."""

    FOREIGN = 0
    RESULT = 1
    """What some call returned: an object that may be known elsewhere."""
    OBJECT = 2
    """An instance of some class."""
    CONTAINER = 3


_DISPLAYS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)
_HARMLESS = (BindingKind.ANNOTATION, BindingKind.DELETE, BindingKind.AUGMENTED)


class Locals:
    """Tells which variables hold objects that only the running code knows."""

    def __init__(self) -> None:
        self._known: dict[Variable, Maker] = {}

    def maker(self, statement: TopLevelStatement, variable: Variable) -> Maker:
        """What kind of object a variable of the code in a statement holds, whatever path was taken."""
        known = self._known.get(variable)
        if known is None:
            known = self._known[variable] = _maker(statement, variable)
        return known

    def is_private(self, statement: TopLevelStatement, name: cst.Name) -> bool:
        """Whether an instance is made from literals alone, and only its attributes and methods are used after that."""
        scope = statement.scopes.scope_of(name).lookup(name.value)
        if scope is None or scope.kind is ScopeKind.MODULE:
            return False
        own = scope.stored_name(name.value)
        if any(_reads(child, own) for child in scope.children):
            return False
        parents = statement.parents
        return all(_makes_private(statement, binding) for binding in scope.bindings.get(own, ())) and all(
            isinstance(parent := parents.get(read), cst.Attribute) and parent.value is read
            for read in scope.reads.get(own, ())
        )


def _makes_private(statement: TopLevelStatement, binding: Binding) -> bool:
    value = assigned_value(statement, binding)
    return (
        isinstance(value, cst.Call)
        and made_by(statement, value) is Maker.OBJECT
        and all(isinstance(argument.value, (cst.SimpleString, cst.Integer, cst.Float)) for argument in value.args)
    )


def root_of(node: cst.CSTNode) -> cst.Name | None:
    """``a`` of ``a.b[c].d``."""
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def _maker(statement: TopLevelStatement, variable: Variable) -> Maker:
    scope, name = variable
    if scope is None:
        scope = statement.scopes.root
        if not any(binding.scope is scope for binding in scope.bindings.get(name, ())):
            return _maker_elsewhere(statement, name)
    if not isinstance(scope, Scope):
        return Maker.CONTAINER
    bindings = scope.bindings.get(name, [])
    if not bindings or any(binding.scope is not scope for binding in bindings):
        return Maker.FOREIGN
    made = min(_made_by(statement, binding) for binding in bindings)
    if made is Maker.FOREIGN or _gets_out(statement, scope, name):
        return Maker.FOREIGN
    return made


def _maker_elsewhere(statement: TopLevelStatement, name: str) -> Maker:
    """What another statement of the module binds a variable to, for code of the module itself."""
    if not any(isinstance(node, _COMPOUND) for node in statement.nodes):
        return Maker.FOREIGN
    single = statement.module.facts.single_binding(name, but_augmented=True)
    value = single.value if single is not None else None
    if isinstance(value, _AST_DISPLAYS):
        return Maker.CONTAINER
    if isinstance(value, ast.Call) and statement.module.facts.dotted(value.func) in CONTAINER_MAKERS:
        return Maker.CONTAINER
    return Maker.FOREIGN


_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Assign, ast.Expr)
_AST_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def _made_by(statement: TopLevelStatement, binding: Binding) -> Maker:
    if binding.kind in _HARMLESS:
        return Maker.CONTAINER
    if binding.kind is BindingKind.WITH:
        item = statement.parents.get(statement.parents[binding.node])
        return made_by(statement, item.item) if isinstance(item, cst.WithItem) else Maker.FOREIGN
    if binding.kind not in {BindingKind.ASSIGNMENT, BindingKind.WALRUS}:
        return Maker.FOREIGN
    if _is_also_stored(statement, binding):
        return Maker.FOREIGN
    value = assigned_value(statement, binding)
    if value is None:
        return Maker.RESULT if _is_part_of_result(statement, binding) else Maker.FOREIGN
    return made_by(statement, value)


def _is_part_of_result(statement: TopLevelStatement, binding: Binding) -> bool:
    """``request, result = prepare()``."""
    node: cst.CSTNode | None = statement.parents.get(binding.node)
    while isinstance(node, (cst.Element, cst.Tuple, cst.List, cst.AssignTarget)):
        node = statement.parents.get(node)
    return isinstance(node, cst.Assign) and isinstance(node.value, (cst.Call, cst.Await))


def made_by(statement: TopLevelStatement, value: cst.BaseExpression) -> Maker:
    """What kind of object an expression makes."""
    if isinstance(value, _DISPLAYS) or (isinstance(value, cst.Name) and value.value == "None"):
        return Maker.CONTAINER
    if isinstance(value, cst.BinaryOperation):
        return made_by(statement, value.left)
    if isinstance(value, cst.Call):
        dotted = origin(statement, value.func)
        if dotted in CONTAINER_MAKERS:
            return Maker.CONTAINER
        last = value.func.attr if isinstance(value.func, cst.Attribute) else value.func
        name = last.value.lstrip("_") if isinstance(last, cst.Name) else ""
        if not name[:1].isupper() or name.isupper():
            return Maker.RESULT
        known = class_named(statement, value.func) if isinstance(value.func, cst.Name) else None
        return Maker.FOREIGN if known is not None and leaks_itself(*known) else Maker.OBJECT
    return Maker.FOREIGN


def _is_also_stored(statement: TopLevelStatement, binding: Binding) -> bool:
    """``self.steps = steps = []``: an attribute holds the object too."""
    target = statement.parents.get(binding.node)
    assignment = statement.parents.get(target) if isinstance(target, cst.AssignTarget) else None
    return isinstance(assignment, cst.Assign) and any(
        not isinstance(other.target, cst.Name) for other in assignment.targets
    )


def _gets_out(statement: TopLevelStatement, scope: Scope, name: str) -> bool:
    """Whether something stores the object of a variable elsewhere, or a closure that gets out reads the variable."""
    if any(_is_stored(statement, read) for read in scope.reads.get(name, ())):
        return True
    if scope.kind is ScopeKind.MODULE:
        return False
    return any(_reads(child, name) and _child_gets_out(statement, child) for child in scope.children)


def _is_stored(statement: TopLevelStatement, read: cst.Name) -> bool:
    parent = statement.parents.get(read)
    while isinstance(parent, (cst.Element, cst.DictElement, cst.List, cst.Tuple, cst.Dict, cst.Set)):
        parent = statement.parents.get(parent)
    if isinstance(parent, cst.Assign):
        # Held by another variable, or by something that one of these holds, it's known under two names.
        return True
    if isinstance(parent, cst.Arg):
        call = statement.parents.get(parent)
        return (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value in STORING_METHODS
        )
    return False


def _reads(scope: Scope, name: str) -> bool:
    """Whether a scope or one in it reads a variable of the scope around."""
    stack = [scope]
    while stack:
        current = stack.pop()
        if name in current.local_names:
            continue
        if name in current.reads:
            return True
        stack.extend(current.children)
    return False


def _child_gets_out(statement: TopLevelStatement, child: Scope) -> bool:
    """Whether a nested scope is code that others may run: a function whose name does more than being called."""
    if child.kind is ScopeKind.COMPREHENSION:
        return False
    node = child.node
    if isinstance(node, cst.FunctionDef) and child.parent is not None:
        if node.decorators:
            return True
        reads = child.parent.reads.get(node.name.value, ())
        return not all(_is_called(statement, read) for read in reads)
    if isinstance(node, cst.Lambda):
        parent = statement.parents.get(node)
        if isinstance(parent, cst.Arg) or isinstance(statement.parents.get(node), cst.Call):
            return False
        return not isinstance(parent, (cst.Assign, cst.NamedExpr))
    return True


def _is_called(statement: TopLevelStatement, read: cst.Name) -> bool:
    parent = statement.parents.get(read)
    return isinstance(parent, cst.Call) and parent.func is read

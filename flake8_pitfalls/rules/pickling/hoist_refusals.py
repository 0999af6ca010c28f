"""What keeps a function or class from being moved to module level."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import (
    Movable,
    Refused,
    annotations_of,
    class_around,
    defaults,
    evaluated_parts,
    parameters_of,
    reads_of,
    scopes_below,
)
from flake8_pitfalls.rules.pickling.guards import is_bound_under_guard
from flake8_pitfalls.rules.pickling.hoist_place import is_available
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_SEES_VARIABLES = frozenset(f"builtins.{name}" for name in ("locals", "vars", "eval", "exec", "dir"))
_MUTABLE = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp, cst.GeneratorExp)
_IMMUTABLE_CALLS = frozenset(
    f"builtins.{name}" for name in ("int", "float", "str", "bytes", "bool", "tuple", "frozenset", "complex", "range")
)


READS_NAMES = re.compile(r"\.__(?:name|qualname)__\b")


def check_code(statement: TopLevelStatement, node: Movable) -> None:
    """Raise Refused when the code in a definition means something else at module level."""
    if isinstance(node, cst.Call):
        return
    own = statement.scopes.scope_for(node)
    inside = set(scopes_below(own))
    _check_scopes(inside)
    _check_class(statement, node, own)
    if not isinstance(node, cst.ClassDef):
        _check_yield(node)
    for scope in inside:
        for name, reads in scope.reads.items():
            owner = scope.lookup(name)
            if owner is None and any(_sees_variables(statement, read) for read in reads):
                raise Refused(f"{name}() may see variables of the function around it: pass what it needs as arguments")
            if owner is not None and owner.kind is ScopeKind.MODULE:
                _check_current(statement, node, name)
            if (owner is None or owner.kind is ScopeKind.MODULE) and is_bound_under_guard(statement.module, name):
                raise Refused(
                    f"'{name}' is bound under the __main__ guard, which a spawned process doesn't run: "
                    "bind it at module level or pass it as an argument"
                )


def _sees_variables(statement: TopLevelStatement, read: cst.Name) -> bool:
    """Whether a builtin sees the variables of the function that calls it; ``dir(x)`` and ``vars(x)`` don't."""
    parent = statement.parents.get(read)
    if read.value in {"dir", "vars"} and isinstance(parent, cst.Call) and parent.func is read and parent.args:
        return False
    return origin(statement, read) in _SEES_VARIABLES


def _check_current(statement: TopLevelStatement, node: Movable, name: str) -> None:
    """Raise Refused when code of the module reads a variable that processes may have another value of."""
    own = statement.scopes.scope_of(node)
    while own.kind is ScopeKind.COMPREHENSION and own.parent is not None:
        own = own.parent
    if own.kind is not ScopeKind.MODULE or is_bound_under_guard(statement.module, name):
        return
    binding = statement.module.facts.single_binding(name)
    lines = range(statement.module.position(statement.start)[0], statement.module.position(statement.end - 1)[0] + 1)
    if binding is None or getattr(binding.node, "lineno", 0) in lines:
        raise Refused(f"a process may have another value of '{name}' than the module has now: pass it as an argument")


def _check_scopes(inside: set[Scope]) -> None:
    for scope in inside:
        if scope.kind is ScopeKind.COMPREHENSION:
            continue
        for name in scope.nonlocal_names:
            if scope.lookup(name) not in inside:
                raise Refused(f"'{name}' is nonlocal: a process would change its own copy; return the result instead")


def _check_class(statement: TopLevelStatement, node: Movable, own: Scope) -> None:
    """The class cell and the mangling of private names don't reach code outside the class."""
    outer = class_around(statement, node)
    for scope in scopes_below(own):
        found = scope.lookup("__class__") if {"super", "__class__"} & set(scope.reads) else None
        if found is not None and found.kind is ScopeKind.CLASS and found.node is outer:
            raise Refused("super() and __class__ mean the class around it: make it a method")
    if outer is None:
        return
    for part in _names_in(node):
        if part.startswith("__") and not part.endswith("__"):
            raise Refused(f"'{part}' is private to the class around it: make it a method, or rename the attribute")


def _names_in(node: cst.CSTNode) -> Iterator[str]:
    """The names that Python would mangle; a class in the node mangles its own."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Name):
            yield current.value
        if not (isinstance(current, cst.ClassDef) and current is not node) and not isinstance(node, cst.ClassDef):
            stack.extend(children(current))


def _check_yield(node: cst.FunctionDef | cst.Lambda) -> None:
    stack: list[cst.CSTNode] = [node.body]
    while stack:
        current = stack.pop()
        if isinstance(current, cst.Yield):
            raise Refused("it's a generator, whose result can't be pickled: return a list")
        if not isinstance(current, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            stack.extend(children(current))


def check_made(statement: TopLevelStatement, node: Movable, skipped: Container[str]) -> None:
    """Raise Refused when what runs while a definition is made can't run once, at import.

    ``skipped`` are the parameters whose defaults stay where they are.
    """
    kept = {id(default) for default in _defaults_of(node, skipped)}
    if isinstance(node, cst.FunctionDef):
        _check_decorators(statement, node)
    for default in defaults(node):
        if id(default) in kept:
            continue
        if isinstance(default, _MUTABLE) or _makes_object(statement, default):
            raise Refused(
                "a default is made anew each time the function around it runs, and would be shared: "
                "make it in the body instead"
            )
        check_lasting(statement, default)
    for part in evaluated_parts(statement, node):
        if id(part) in kept:
            continue
        for name in walk(part):
            if isinstance(name, (cst.Await, cst.Yield, cst.NamedExpr)):
                raise Refused("what runs while it's made contains await, yield or ':=', which can't be moved")
            if isinstance(name, cst.Name):
                check_available(statement, name)


def check_lasting(statement: TopLevelStatement, value: cst.CSTNode) -> None:
    """Raise Refused when an expression may have another value at import than when the function around it runs."""
    for part in walk(value):
        if (isinstance(part, cst.Subscript) and not _is_lasting_item(statement, part)) or (
            isinstance(part, cst.Attribute) and part.attr.value in statement.module.changing_attributes
        ):
            raise Refused(f"'{statement.source(part)}' may change after the import: read it in the body instead")


def _is_lasting_item(statement: TopLevelStatement, part: cst.Subscript) -> bool:
    """Whether something is an item of a tuple or string of the module."""
    binding = statement.module.facts.single_binding(part.value.value) if isinstance(part.value, cst.Name) else None
    return binding is not None and isinstance(binding.value, (ast.Tuple, ast.Constant))


def _defaults_of(node: Movable, names: Container[str]) -> list[cst.BaseExpression]:
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        return []
    return [p.default for p in parameters_of(node) if p.default is not None and p.name.value in names]


def check_available(statement: TopLevelStatement, name: cst.Name) -> None:
    """Raise Refused when a name that is read at import may have another value there, or none."""
    if is_attribute_or_keyword(statement, name):
        return
    scope = statement.scopes.scope_of(name)
    owner = scope.lookup(name.value)
    if (owner is not None and owner.kind is not ScopeKind.MODULE) or name.value in {"None", "True", "False"}:
        return
    if not is_available(statement, name.value):
        raise Refused(
            f"'{name.value}' isn't bound yet where the definition would go, or may change later: move the definition "
            "yourself"
        )


def is_attribute_or_keyword(statement: TopLevelStatement, name: cst.Name) -> bool:
    """Whether a name is no variable."""
    parent = statement.parents.get(name)
    return (isinstance(parent, cst.Attribute) and parent.attr is name) or (
        isinstance(parent, cst.Arg) and parent.keyword is name
    )


def _makes_object(statement: TopLevelStatement, default: cst.CSTNode) -> bool:
    """Whether a default contains a call that may give another result each time."""
    return any(
        isinstance(part, cst.Call) and origin(statement, part.func) not in _IMMUTABLE_CALLS for part in walk(default)
    )


def _check_decorators(statement: TopLevelStatement, node: cst.FunctionDef) -> None:
    for decorator in node.decorators:
        called = decorator.decorator
        function = called.func if isinstance(called, cst.Call) else called
        if origin(statement, function) != "functools.wraps":
            name = statement.source(function)
            raise Refused(
                f"the decorator '{name}' would run once, at import: move the function yourself if that's fine"
            )


def check_annotations(statement: TopLevelStatement, node: Movable, local_names: set[str]) -> None:
    """Raise Refused when an evaluated annotation reads a variable of the function around."""
    if not isinstance(node, cst.FunctionDef) or statement.module.facts.has_future_annotations:
        return
    for annotation in annotations_of(node):
        for name in walk(annotation):
            if isinstance(name, cst.Name) and name.value in local_names:
                owner = statement.scopes.scope_of(name).lookup(name.value)
                if owner is not None and owner.kind is not ScopeKind.MODULE:
                    raise Refused(f"an annotation reads '{name.value}' of the function around it: annotate differently")


def check_name(statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef, owner: Scope) -> None:
    """Raise Refused when the name of a definition doesn't always mean just that."""
    name = owner.stored_name(node.name.value)
    what = "class" if isinstance(node, cst.ClassDef) else "function"
    if name in owner.global_names or name in owner.nonlocal_names:
        raise Refused(f"'{name}' is declared global or nonlocal: define the {what} at module level")
    if len(owner.bindings.get(name, [])) != 1:
        raise Refused(f"'{name}' is bound in several ways: give each {what} a name of its own, at module level")
    if owner.kind is ScopeKind.CLASS:
        raise Refused(f"'{name}' belongs to a class in a function: move that class to module level")
    around = _conditional_block(statement, node)
    for read, _ in reads_of(owner, name):
        _check_read(statement, read, what)
        if around is not None and not is_below(statement, read, around):
            raise Refused(f"'{name}' is only defined on some paths: define it at module level yourself")
    if any(binding.kind is BindingKind.DELETE for binding in owner.bindings[name]):
        raise Refused(f"'{name}' is deleted: leave that out")


def _check_read(statement: TopLevelStatement, read: cst.Name, what: str) -> None:
    parent = statement.parents.get(read)
    if isinstance(parent, cst.Attribute) and parent.value is read and what == "function":
        if parent.attr.value in {"__name__", "__doc__"} and not _is_stored(statement, parent):
            return
        raise Refused(f"the attribute '{parent.attr.value}' of the function is used, which all calls would share")
    if isinstance(parent, cst.Attribute) and parent.value is read and _is_stored(statement, parent):
        raise Refused(f"the attribute '{parent.attr.value}' of the class is set, which all calls would share")


def _is_stored(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    parent = statement.parents.get(node)
    if isinstance(parent, (cst.AugAssign, cst.AnnAssign, cst.Del)):
        return parent.target is node
    return isinstance(parent, cst.AssignTarget)


def _conditional_block(statement: TopLevelStatement, node: cst.CSTNode) -> cst.CSTNode | None:
    """The innermost block around a definition that may not run; ``None`` if it runs with its function."""
    current: cst.CSTNode = node
    parent = statement.parents.get(current)
    while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.Module, cst.ClassDef)):
        if isinstance(parent, (cst.If, cst.Else, cst.For, cst.While, cst.Try, cst.ExceptHandler, cst.MatchCase)):
            return current
        current, parent = parent, statement.parents.get(parent)
    return None


def is_below(statement: TopLevelStatement, node: cst.CSTNode, ancestor: cst.CSTNode) -> bool:
    """Whether a node is another one or stands in it."""
    current: cst.CSTNode | None = node
    while current is not None and current is not ancestor:
        current = statement.parents.get(current)
    return current is not None


_TEST_LIBRARIES = re.compile(r"^\s*(?:import|from)\s+(?:pytest|unittest)\b", re.MULTILINE)


def is_test_name(statement: TopLevelStatement, name: str) -> bool:
    """Whether a test runner would collect something of that name at module level."""
    module = statement.module
    file = re.split(r"[/\\]", module.filename)[-1]
    is_test_module = file.startswith("test_") or file.endswith("_test.py") or module.search(_TEST_LIBRARIES)
    return bool(is_test_module) and name.startswith(("Test", "test"))

"""Whether a default can be evaluated inside the function instead, at each call, and mean the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.fixes.model import Refusal
from flake8_pitfalls.rules.mutable_default.instances import has_plain_init
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.semantics.bindings import BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD
from flake8_pitfalls.semantics.classes import class_named
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_PURE = frozenset(
    {
        *(f"builtins.{name}" for name in ("list", "dict", "set", "bytearray", "tuple", "frozenset")),
        *(
            f"collections.{name}"
            for name in ("deque", "defaultdict", "OrderedDict", "Counter", "ChainMap", "UserDict", "UserList")
        ),
    }
)
_CHEAP_ENOUGH = frozenset({"builtins.range"})
_LITERALS = frozenset({"builtins.list", "builtins.dict"})


class Closed(NamedTuple):
    """How a default may be moved into the function."""

    notes: tuple[str, ...] = ()
    """What a person should check; empty if nothing but the sharing changes."""
    literal: str = ""
    """What to write instead of a call whose name the function gives another meaning: ``[]`` for ``list()``."""


def closed(
    statement: TopLevelStatement, node: cst.BaseExpression, inside: Scope | None, objects: Objects
) -> Closed | Refusal:
    """Whether an expression can move into ``inside``, the scope of a function, or stay in its own scope (``None``)."""
    notes: dict[str, None] = {}
    for part in _evaluated(node):
        refusal = _refused_part(statement, part, notes)
        if refusal is not None:
            return refusal
    for name in _free_names(statement, node):
        refusal = _refused_name(statement, node, name, inside, objects, notes)
        if refusal is not None:
            return refusal
    return Closed(tuple(notes), _literal(statement, node, inside))


def _evaluated(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that run when an expression is evaluated: not the bodies of lambdas."""
    stack: list[cst.CSTNode] = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, cst.Lambda):
            every = (*current.params.posonly_params, *current.params.params, *current.params.kwonly_params)
            stack.extend(parameter.default for parameter in every if parameter.default is not None)
        else:
            from flake8_pitfalls.semantics.walk import children

            stack.extend(children(current))


def _refused_part(statement: TopLevelStatement, part: cst.CSTNode, notes: dict[str, None]) -> Refusal | None:
    if isinstance(part, (cst.Await, cst.Yield)) or (isinstance(part, cst.CompFor) and part.asynchronous is not None):
        return Refusal("the default contains await or yield, which would run in another function")
    if isinstance(part, cst.NamedExpr):
        target = part.target.value if isinstance(part.target, cst.Name) else ""
        if _is_read_elsewhere(statement, target, part):
            return Refusal(f"the default also binds '{target}', which is read elsewhere")
        notes["the name that the default binds becomes local"] = None
    if isinstance(part, (cst.Attribute, cst.Subscript)) and not _is_callee(statement, part):
        return Refusal(f"'{statement.source(part)}' is read once, when the function is defined: it may change later")
    if isinstance(part, cst.Call):
        return _refused_call(statement, part, notes)
    return None


def _is_callee(statement: TopLevelStatement, part: cst.CSTNode) -> bool:
    """Whether an attribute is (part of) what is called, or a subscript only makes a type: ``list[int]()``."""
    parent = statement.parents.get(part)
    while isinstance(parent, (cst.Attribute, cst.Subscript)):
        part, parent = parent, statement.parents.get(parent)
    return isinstance(parent, cst.Call) and parent.func is part


def _refused_call(statement: TopLevelStatement, call: cst.Call, notes: dict[str, None]) -> Refusal | None:
    function = call.func.value if isinstance(call.func, cst.Subscript) else call.func
    dotted = origin(statement, function)
    if dotted in _PURE:
        return None
    if dotted in _CHEAP_ENOUGH:
        notes["the default is now made at each call, which takes time"] = None
        return None
    if isinstance(function, cst.Name):
        found = class_named(statement, function)
        if found is not None and has_plain_init(*found):
            notes[f"{function.value} is now called at each call"] = None
            return None
    return Refusal(f"'{statement.source(call.func)}()' may return something else, or do something else, at each call")


def _is_read_elsewhere(statement: TopLevelStatement, name: str, part: cst.NamedExpr) -> bool:
    inside = set(walk(part))
    if any(isinstance(node.ctx, ast.Load) for node in statement.module.names(name)):
        return True
    return any(
        isinstance(node, cst.Name) and node.value == name and node not in inside for node in walk(statement.tree)
    )


def _free_names(statement: TopLevelStatement, node: cst.BaseExpression) -> Iterator[cst.Name]:
    """The names in an expression that it doesn't bind itself, as a comprehension or lambda does."""
    within = set(walk(node))
    for part in walk(node):
        if not isinstance(part, cst.Name) or part.value in {"True", "False", "None"}:
            continue
        parent = statement.parents.get(part)
        if isinstance(parent, cst.Attribute) and parent.attr is part:
            continue
        if isinstance(parent, cst.Arg) and parent.keyword is part:
            continue
        if (isinstance(parent, cst.Param) and parent.name is part) or (
            isinstance(parent, cst.NamedExpr) and parent.target is part
        ):
            continue
        found = statement.scopes.scope_of(part).lookup(part.value)
        if found is None or found.node not in within:
            yield part


def _refused_name(
    statement: TopLevelStatement,
    default: cst.BaseExpression,
    name: cst.Name,
    inside: Scope | None,
    objects: Objects,
    notes: dict[str, None],
) -> Refusal | None:
    scope = statement.scopes.scope_of(name).lookup(name.value)
    shown = name.value
    if inside is not None and _means_something_else(inside, scope, shown):
        if _literal(statement, default, inside):
            return None
        return Refusal(f"'{shown}' means something else inside the function")
    if scope is not None and scope.kind is ScopeKind.CLASS:
        return Refusal(f"'{shown}' is a name of the class, which its functions and comprehensions don't see")
    if objects.mutable(name) is not None:
        return Refusal(f"'{shown}' is an existing object, which a new default would share just the same")
    if _is_builtin(statement, scope, shown):
        return None
    if not _is_bound_once(statement, scope, shown):
        return Refusal(f"'{shown}' may be bound to something else when the function is called")
    if _is_changed_somewhere(statement, shown):
        return Refusal(f"the object of '{shown}' is changed elsewhere")
    if class_named(statement, name) is None and not _names_pure_call(statement, name):
        notes[f"'{shown}' is now read at each call"] = None
    return None


def _names_pure_call(statement: TopLevelStatement, name: cst.Name) -> bool:
    """Whether a name belongs to a constructor that's known to be pure, as both do in ``collections.deque``."""
    node: cst.CSTNode = name
    while isinstance(parent := statement.parents.get(node), cst.Attribute) and parent.value is node:
        node = parent
    return origin(statement, node) in _PURE


def _means_something_else(inside: Scope, scope: Scope | None, name: str) -> bool:
    """Whether a function gives a name another meaning than it has where the default is evaluated."""
    means = inside.lookup(name)
    return means is not None and means is not scope and not _is_module(means)


def _is_module(scope: Scope) -> bool:
    return scope.kind is ScopeKind.MODULE


def _is_builtin(statement: TopLevelStatement, scope: Scope | None, name: str) -> bool:
    if scope is not None and not _is_module(scope):
        return False
    return (statement.module.facts.origin(name) or "").startswith("builtins.")


def _is_bound_once(statement: TopLevelStatement, scope: Scope | None, name: str) -> bool:
    from flake8_pitfalls.rules.mutable_default.objects import in_loop

    if scope is None or _is_module(scope):
        single = statement.module.facts.single_binding(name)
        if single is None or isinstance(single.node, (ast.For, ast.withitem, ast.ExceptHandler, ast.Delete)):
            return False
        return not isinstance(single.node, ast.AugAssign)
    bindings = scope.bindings.get(scope.stored_name(name), [])
    if len(bindings) != 1 or in_loop(statement, bindings[0].node):
        return False
    return bindings[0].kind in {
        *(BindingKind.PARAMETER, BindingKind.ASSIGNMENT, BindingKind.IMPORT, BindingKind.DEF, BindingKind.CLASS),
    }


def _is_changed_somewhere(statement: TopLevelStatement, name: str) -> bool:
    """Whether the module changes the object of a name in place: its state would be another one at each call."""
    memo = statement.module.memo
    if "changed in place" not in memo:
        memo["changed in place"] = {
            node.value.id
            for node in statement.module.walk_ast()
            if isinstance(node, (ast.Attribute, ast.Subscript))
            and isinstance(node.value, ast.Name)
            and (
                not isinstance(node.ctx, ast.Load)
                or (isinstance(node, ast.Attribute) and node.attr in ANY_CHANGING_METHOD)
            )
        }
    return name in memo["changed in place"]


def _literal(statement: TopLevelStatement, node: cst.BaseExpression, inside: Scope | None) -> str:
    """``[]`` for ``list()`` where the function gives ``list`` another meaning."""
    if inside is None or not isinstance(node, cst.Call) or node.args or not isinstance(node.func, cst.Name):
        return ""
    dotted = origin(statement, node.func)
    shadowed = inside.lookup(node.func.value)
    if dotted not in _LITERALS or shadowed is None or _is_module(shadowed):
        return ""
    return "[]" if dotted == "builtins.list" else "{}"

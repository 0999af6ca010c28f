"""When a metaclass can't be moved from the body of a class to its header, and when a binding can't be deleted."""

from __future__ import annotations

import re
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Refusal
from flake8_pitfalls.rules.metaclass.bodies import BoundClass, bound_classes
from flake8_pitfalls.rules.metaclass.declares import NAME, PURE_DECORATORS
from flake8_pitfalls.rules.metaclass.metas import Metas, in_file_bases, meta_named, named_metaclass, statement_of
from flake8_pitfalls.rules.metaclass.usage import usage
from flake8_pitfalls.semantics.classes import find_method
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.classes import Class
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement
    from flake8_pitfalls.semantics.scopes import Scope

    Intended = dict[cst.ClassDef, tuple[TopLevelStatement, cst.BaseExpression]]

_BODY_NAMES = frozenset({"__module__", "__qualname__", "__class__", "super", "locals", "vars", "dir", "eval", "exec"})


_NO_METACLASSES = (
    *(cst.Tuple, cst.List, cst.Set, cst.Dict, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp),
    *(cst.BaseString, cst.BaseNumber, cst.Ellipsis, cst.Comparison),
)
"""Expressions whose value certainly can't create a class."""


def is_needed(module: SourceModule) -> Refusal | None:
    """The refusal if the module uses the name in another way than binding it."""
    used = usage(module)
    if used.read_on is not None:
        return Refusal(f"{NAME} is read on line {used.read_on}")
    if used.declared_on is not None:
        return Refusal(f"{NAME} is declared global or nonlocal, or deleted, on line {used.declared_on}")
    return Refusal(f"__all__ exports {NAME}") if used.exported else None


def is_field(bound: BoundClass) -> Refusal | None:
    """The refusal if an annotation may make the attribute a parameter of the constructor."""
    annotated = any(isinstance(binding.assignment, cst.AnnAssign) for binding in bound.bindings)
    if annotated and not all(is_pure(bound.statement, decorator) for decorator in bound.node.decorators):
        return Refusal("the annotation may make it a field, and so a parameter of the constructor")
    return None


def cannot_delete(bound: BoundClass) -> Refusal | None:
    """The refusal if the bindings in a class body can't just go."""
    if any(binding.assignment is None or not binding.direct for binding in bound.bindings):
        return Refusal("it is bound conditionally, or by something else than an ordinary assignment")
    lines = [
        bound.statement.parents[binding.assignment] for binding in bound.bindings if binding.assignment is not None
    ]
    if len(set(map(id, lines))) < len({id(binding.assignment) for binding in bound.bindings}):
        return Refusal("two of its bindings share a line")
    for decorator in bound.node.decorators:
        called = decorator.decorator
        name = called.attr.value if isinstance(called, cst.Attribute) else getattr(called, "value", "")
        if isinstance(name, str) and "metaclass" in name and isinstance(called, (cst.Name, cst.Attribute)):
            return Refusal(f"the decorator '{name}' may read it")
    return is_field(bound) or is_needed(bound.statement.module)


def cannot_move(bound: BoundClass) -> Refusal | None:
    """The refusal if the metaclass can't be named in the header instead."""
    value = bound.bindings[-1].value
    named = named_metaclass(bound.statement, bound.node)
    if named is not None:
        return Refusal(
            f"the class has the metaclass {bound.statement.source(named)} already; decide which one it shall have"
        )
    if any(binding.assignment is None or not binding.direct for binding in bound.bindings):
        return Refusal("it isn't bound by an ordinary assignment in the class body; write the class header by hand")
    assert value is not None
    refusal = cannot_delete(bound) or cannot_evaluate_outside(bound, value) or _keywords_clash(bound, value)
    return refusal or would_clash(bound.statement, bound.node, bound.statement, value)


def cannot_evaluate_outside(bound: BoundClass, value: cst.BaseExpression) -> Refusal | None:
    """The header is evaluated outside the body, and before it."""
    statement = bound.statement
    if isinstance(value, _NO_METACLASSES) or (isinstance(value, cst.Name) and value.value in {"None", "True", "False"}):
        return Refusal("its value is no metaclass")
    if any(isinstance(part, (cst.NamedExpr, cst.Yield, cst.Await)) for part in walk(value)):
        return Refusal("its value is not one that a class header can hold")
    scope = statement.scopes.scope_for(bound.node)
    for part in walk(value):
        if not isinstance(part, cst.Name):
            continue
        if part.value.startswith("__") and not part.value.endswith("__"):
            return Refusal(f"its value uses {part.value}, which Python mangles in the class body")
        if not _is_read(statement, part, scope):
            continue
        if part.value in _BODY_NAMES:
            return Refusal(f"its value uses {part.value}, which is another one outside the class body")
        if scope.stored_name(part.value) in scope.assigned_names:
            return Refusal(f"its value uses {part.value}, which the class body binds")
        if scope.parent is not None and scope.lookup(part.value) is not scope.parent.lookup(part.value):
            return Refusal(f"{part.value} means something else in the header, which belongs to the class around")
    chained = any(
        isinstance(binding.assignment, cst.Assign) and len(binding.assignment.targets) > 1 for binding in bound.bindings
    )
    if chained and origin(statement, value) is None and not isinstance(value, cst.Name):
        return Refusal("its value is assigned to other names as well and would be made twice")
    return None


def _is_read(statement: TopLevelStatement, name: cst.Name, scope: Scope) -> bool:
    parent = statement.parents.get(name)
    if isinstance(parent, cst.Attribute) and parent.attr is name:
        return False
    if isinstance(parent, cst.Arg) and parent.keyword is name:
        return False
    try:
        return statement.scopes.scope_of(name) is scope
    except KeyError:
        return False


def _keywords_clash(bound: BoundClass, value: cst.BaseExpression) -> Refusal | None:
    """The other keywords of the header go to the metaclass."""
    keywords = [argument.keyword.value for argument in bound.node.keywords if argument.keyword is not None]
    if any(argument.star == "**" for argument in bound.node.keywords):
        return Refusal("the keywords of the header aren't known, and may hold a metaclass")
    meta = meta_named(bound.statement, value)
    if not keywords or not isinstance(meta, cst.ClassDef):
        return None
    for method in ("__new__", "__init__"):
        found = find_method(statement_of(bound.statement, meta), meta, method)
        if found is None or found[1].params.star_kwarg is not None:
            continue
        parameters = {param.name.value for param in [*found[1].params.params, *found[1].params.kwonly_params]}
        for keyword in keywords:
            if keyword not in parameters:
                return Refusal(f"{meta.name.value}.{method} doesn't take the class keyword '{keyword}'")
    return None


def would_clash(
    statement: TopLevelStatement, node: cst.ClassDef, where: TopLevelStatement, value: cst.BaseExpression
) -> Refusal | None:
    """The refusal if a class, or one of this file that derives from it, would have a metaclass conflict."""
    metas = Metas({**_intended(statement.module), node: (where, value)})
    for place, member in _descendants(statement, node):
        if metas.clash(place, member):
            return Refusal(
                f"class '{member.name.value}' would have two metaclasses of which neither derives from the other"
            )
    return None


def _intended(module: SourceModule) -> Intended:
    """The metaclasses that classes of a module would have if all of them were moved."""
    if "intended metaclasses" not in module.memo:
        module.memo["intended metaclasses"] = {
            bound.node: (statement, bound.bindings[-1].value)
            for statement in module.statements
            if NAME in statement.text
            for bound in bound_classes(statement)
            if bound.bindings[-1].value is not None
            and named_metaclass(statement, bound.node) is None
            and origin(statement, bound.bindings[-1].value) != "builtins.type"
        }
    intended: Intended = module.memo["intended metaclasses"]
    return intended


def _descendants(statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
    """A class and the classes of this file that derive from it."""
    subclasses = _subclasses(statement.module)
    found: dict[cst.ClassDef, TopLevelStatement] = {node: statement}
    waiting = subclasses.get(node, []).copy()
    classes = _classes(statement.module)
    while waiting:
        place = heappop(waiting)
        where, member = classes[place]
        if member not in found:
            found[member] = where
            for other in subclasses.get(member, ()):
                if other > place:  # A class can't have one that comes later as its base.
                    heappush(waiting, other)
    statement.module.spend(len(found))
    return [(where, member) for member, where in found.items()]


def _subclasses(module: SourceModule) -> dict[cst.ClassDef, list[int]]:
    """For each class of a module the numbers of those that have it as a base."""
    if "subclasses" not in module.memo:
        found: dict[cst.ClassDef, list[int]] = {}
        for place, known in enumerate(_classes(module)):
            for _, base in in_file_bases(*known):
                found.setdefault(base, []).append(place)
        module.memo["subclasses"] = found
    subclasses: dict[cst.ClassDef, list[int]] = module.memo["subclasses"]
    return subclasses


def _classes(module: SourceModule) -> list[Class]:
    """The classes with bases of a module, at any depth, in source order."""
    if "classes with bases" not in module.memo:
        module.memo["classes with bases"] = [
            (statement, node)
            for statement in module.statements
            if re.search(r"\bclass\b[^:]*\(", statement.text)
            for node in walk(statement.tree)
            if isinstance(node, cst.ClassDef) and node.bases
        ]
    classes: list[Class] = module.memo["classes with bases"]
    return classes


def is_pure(statement: TopLevelStatement, decorator: cst.Decorator) -> bool:
    """Whether a class decorator doesn't care which metaclass the class has."""
    return origin(statement, decorator.decorator) in PURE_DECORATORS

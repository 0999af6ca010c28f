"""Fixes that replace a shared default by a factory: ``field(default_factory=list)``, ``default=dict``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.imports import add_import
from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.mutable_default.annotations import can_import
from flake8_pitfalls.rules.mutable_default.closed import Closed, closed
from flake8_pitfalls.rules.mutable_default.guard import outer_span
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.rules.mutable_default.suppression import suppressed_at
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement

_SHARING = "instances no longer share the object"
_ROWS = "each row gets its own object; Django writes a migration"


def factory_fix(statement: TopLevelStatement, node: cst.BaseExpression, how: str, options: Options) -> Fix | Refusal:
    """The fix of a default in a field.

    ``how`` says what stands there: ``dataclass`` or ``attrs``, the value of an annotated attribute; ``dataclass
    argument``, ``attrs argument`` or ``attrs positional``, an argument of ``field()``; ``callable``, an argument that
    may be a callable itself.
    """
    suppressed = suppressed_at(statement, node)
    if suppressed is not None:
        return suppressed
    objects = Objects(statement, options, of_functions=True)
    made = objects.mutable(node)
    if made is not None and made.named:
        return Refusal("the default is an existing object, which a factory would hand out just the same")
    movable = closed(statement, node, None, objects)
    if isinstance(movable, Refusal):
        return movable
    hidden = _class_names(statement, node)
    if hidden & {name.value for name in _names(node)}:
        return Refusal("a factory doesn't see the names of the class")
    factory = _factory(statement, node)
    edits = _edits(statement, node, how, factory)
    if isinstance(edits, Refusal):
        return edits
    notes = _notes(how, movable, by_use=made is not None and made.by_use)
    applicability = Applicability.UNSAFE if notes else Applicability.SAFE
    return Fix(applicability, edits, "; ".join(notes))


def _notes(how: str, movable: Closed, *, by_use: bool) -> list[str]:
    """Dataclasses refuse lists, dicts and sets, so that nobody can rely on their being shared."""
    if how.startswith("dataclass") and not by_use:
        return list(movable.notes)
    return [_ROWS if how == "callable" else _SHARING, *movable.notes]


def _factory(statement: TopLevelStatement, node: cst.BaseExpression) -> str:
    """A callable that makes the object: ``list`` for ``[]``, ``deque`` for ``deque()``, else a lambda."""
    start, end = outer_span(statement, node)
    text = statement.module.text[start:end]
    if isinstance(node, (cst.List, cst.Dict)) and not node.elements:
        name = "list" if isinstance(node, cst.List) else "dict"
        if can_import(statement, node, name):
            return name
    if isinstance(node, cst.Call) and not node.args and not isinstance(node.func, cst.Subscript):
        return statement.source(node.func)
    return f"lambda: {text}"


def _edits(
    statement: TopLevelStatement, node: cst.BaseExpression, how: str, factory: str
) -> tuple[Edit, ...] | Refusal:
    start, end = outer_span(statement, node)
    if how == "callable":
        if factory.startswith("lambda"):
            return Refusal("a lambda can't be written into a migration: define a function that makes the default")
        return (Edit(start, end, factory),)
    keyword = "default_factory" if how.startswith("dataclass") else "factory"
    if how.endswith("positional"):
        return (Edit(start, end, f"{keyword}={factory}"),)
    if how.endswith("argument"):
        argument = statement.parents[node]
        assert isinstance(argument, cst.Arg)
        assert argument.keyword is not None
        first, last = statement.span(argument.keyword)
        return (Edit(first, last, keyword), Edit(start, end, factory))
    spelling = _field(statement, node, how)
    if spelling is None:
        return Refusal("field() can't be imported under its own name")
    name, imports = spelling
    return (Edit(start, end, f"{name}({keyword}={factory})"), *imports)


def _field(statement: TopLevelStatement, node: cst.BaseExpression, how: str) -> tuple[str, tuple[Edit, ...]] | None:
    """How ``field`` of dataclasses or attrs is called here, with the import if that's needed."""
    module = statement.module
    package = "dataclasses" if how == "dataclass" else _attrs_package(statement, node)
    modules = {package} if package == "dataclasses" else {"attr", "attrs"}
    called = {"attr.ib"} if package == "attr" else {f"{name}.field" for name in modules}
    hidden = _class_names(statement, node)
    for name, bindings in module.facts.bindings.items():
        dotted = module.facts.origin(name)
        if name in hidden or not isinstance(bindings[0].node, (ast.Import, ast.ImportFrom)):
            continue
        if dotted in called:
            return name, ()
        if dotted in modules:
            return f"{name}.{'ib' if package == 'attr' else 'field'}", ()
    if package == "attr" or not can_import(statement, node, "field") or "field" in hidden:
        return None
    source = "dataclasses" if package == "dataclasses" else "attrs"
    return "field", (add_import(module.text, module.tree, module.line_starts, f"from {source} import field"),)


def _attrs_package(statement: TopLevelStatement, node: cst.BaseExpression) -> str:
    """``attr`` for a class made by the old ``attr.s``, whose fields are ``attr.ib``; else ``attrs``."""
    current: cst.CSTNode | None = node
    while current is not None and not isinstance(current, cst.ClassDef):
        current = statement.parents.get(current)
    for decorator in current.decorators if isinstance(current, cst.ClassDef) else ():
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if origin(statement, called) in {"attr.s", "attr.attrs", "attr.attributes", "attr.dataclass"}:
            return "attr"
    return "attrs"


def _class_names(statement: TopLevelStatement, node: cst.BaseExpression) -> set[str]:
    """The names that the class around a field binds, which a factory wouldn't see."""
    scope = statement.scopes.scope_of(node)
    return set(scope.bindings) if isinstance(scope.node, cst.ClassDef) else set()


def _names(node: cst.BaseExpression) -> list[cst.Name]:
    from flake8_pitfalls.semantics.walk import walk

    return [part for part in walk(node) if isinstance(part, cst.Name)]

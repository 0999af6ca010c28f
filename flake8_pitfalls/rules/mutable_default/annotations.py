"""Annotations that have to accept ``None`` once the default is ``None``."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from flake8_pitfalls.fixes.imports import add_import
from flake8_pitfalls.fixes.model import Edit, Refusal
from flake8_pitfalls.rules.mutable_default.declares import READ_ONLY
from flake8_pitfalls.rules.mutable_default.guard import outer_span
from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_TYPING = ("typing", "typing_extensions")
_ANYTHING = frozenset({"typing.Any", "typing_extensions.Any", "builtins.object"})
_UNION_SYNTAX = (3, 10)


class Widened(NamedTuple):
    """What makes an annotation accept ``None``."""

    edits: tuple[Edit, ...] = ()
    none_was_legal: bool = False
    """Whether the annotation named ``None`` already, so that callers may pass it."""
    note: str = ""
    """What a person should check."""


def widened(statement: TopLevelStatement, parameter: cst.Param, options: Options) -> Widened | Refusal:
    """The edits that add ``None`` to a parameter's annotation."""
    if parameter.annotation is None:
        return Widened()
    annotation = parameter.annotation.annotation
    try:
        accepts = _accepts_none(statement.module, _as_ast(annotation, statement), frozenset())
    except _Unreadable:
        return Refusal("the annotation can't be read, so that None can't be added to it")
    if accepts is not None:
        return Widened(none_was_legal=accepts == "names None")
    if isinstance(annotation, cst.SimpleString):
        end = statement.span(annotation)[1] - len(annotation.quote)
        return Widened((Edit(end, end, " | None"),))
    if not isinstance(annotation, (cst.Name, cst.Attribute, cst.Subscript, cst.BinaryOperation)):
        return Refusal("the annotation is of a form that None can't be added to")
    if isinstance(annotation, cst.Name) and _names_a_string(statement, annotation):
        return Refusal(f"'{annotation.value}' is a string, to which | None can't be added")
    return _widened_expression(statement, annotation, options)


def _widened_expression(
    statement: TopLevelStatement, annotation: cst.BaseExpression, options: Options
) -> Widened | Refusal:
    start, end = outer_span(statement, annotation)
    target = options.target_version or _UNION_SYNTAX
    if statement.module.facts.has_future_annotations:
        return Widened((Edit(end, end, " | None"),))
    sure = _is_type(statement.module, _as_ast(annotation, statement), frozenset())
    if sure is False:
        return Refusal("the annotation isn't a type, so that | None would fail when the module is imported")
    if target >= _UNION_SYNTAX:
        note = "" if sure else f"{statement.source(annotation)} has to be a type, to which | None can be added"
        return Widened((Edit(end, end, " | None"),), note=note)
    spelling = _optional(statement, annotation)
    if spelling is None:
        return Refusal("Optional can't be imported under its own name, and older Pythons don't know X | None")
    name, edits = spelling
    return Widened((Edit(start, start, f"{name}["), Edit(end, end, "]"), *edits))


def _is_type(module: SourceModule, node: ast.expr, seen: frozenset[str]) -> bool | None:
    """Whether an annotation surely is a type, surely not, or ``None`` if that depends on another module."""
    if isinstance(node, ast.BinOp):
        return _is_type(module, node.left, seen)
    if isinstance(node, ast.Subscript):
        return _is_type(module, node.value, seen)
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return isinstance(node, ast.Call)
    dotted = module.facts.dotted(node)
    if dotted is not None and dotted.startswith("builtins."):
        return isinstance(getattr(builtins, dotted.removeprefix("builtins."), None), type)
    if dotted is not None and dotted.startswith(("typing.", "typing_extensions.", "collections.")):
        return True
    if isinstance(node, ast.Name) and node.id not in seen:
        definition = module.facts.single_definition(node.id)
        if definition is not None:
            return isinstance(definition, ast.ClassDef)
        value = _alias(module, node.id)
        if value is not None:
            return _is_type(module, value, seen | {node.id})
    last = node.attr if isinstance(node, ast.Attribute) else node.id
    return True if last.lstrip("_")[:1].isupper() or last in _LOWERCASE_TYPES else None


_LOWERCASE_TYPES = frozenset({"ndarray", "datetime", "date", "time", "timedelta", "array"})
"""Well-known classes of other modules that aren't written in capitals."""


def _optional(statement: TopLevelStatement, annotation: cst.CSTNode) -> tuple[str, tuple[Edit, ...]] | None:
    """How ``typing.Optional`` is called here, with the import if that's needed."""
    module = statement.module
    bindings = module.facts.bindings
    hidden = _hidden_names(statement, annotation)
    for name in bindings:
        dotted = module.facts.origin(name)
        if name in hidden or bindings[name][0].node.__class__ not in {ast.Import, ast.ImportFrom}:
            continue
        if bindings[name][0].node not in module.tree.body:
            continue
        if dotted in {f"{typing}.Optional" for typing in _TYPING}:
            return name, ()
        if dotted == "typing":
            return f"{name}.Optional", ()
    if not can_import(statement, annotation, "Optional"):
        return None
    return "Optional", (add_import(module.text, module.tree, module.line_starts, "from typing import Optional"),)


def can_import(statement: TopLevelStatement, node: cst.CSTNode, name: str) -> bool:
    """Whether a module-level import of a name would be seen at a node, and would hide nothing."""
    module = statement.module
    star = any(isinstance(part, ast.ImportFrom) and part.names[0].name == "*" for part in module.tree.body)
    return not star and name not in module.facts.bindings and name not in _hidden_names(statement, node)


def _hidden_names(statement: TopLevelStatement, node: cst.CSTNode) -> set[str]:
    """The names that the scopes around a node bind."""
    names: set[str] = set()
    scope = statement.scopes.scope_of(node)
    while scope.kind is not ScopeKind.MODULE and scope.parent is not None:
        names.update(scope.bindings)
        scope = scope.parent
    return names


def _names_a_string(statement: TopLevelStatement, name: cst.Name) -> bool:
    if owner(statement.scopes.scope_of(name), name.value) is not None:
        return False
    return any(
        isinstance(binding.value, ast.Constant) and isinstance(binding.value.value, str)
        for binding in statement.module.facts.bindings.get(name.value, [])
    )


class _Unreadable(Exception):
    """A string annotation that isn't an expression."""


def _as_ast(annotation: cst.BaseExpression, statement: TopLevelStatement) -> ast.expr:
    start, end = outer_span(statement, annotation)
    return _parsed(f"({statement.module.text[start:end]})")


def _parsed(source: str) -> ast.expr:
    try:
        return ast.parse(re.sub(r"\r\n?", "\n", source.strip()), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise _Unreadable from error


def _accepts_none(module: SourceModule, node: ast.expr, seen: frozenset[str]) -> str | None:
    """``"names None"`` if an annotation lists ``None``, ``"anything"`` if it accepts all; else ``None``."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return _accepts_none(module, _parsed(f"({node.value})"), seen)
        return "names None" if node.value is None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _accepts_none(module, node.left, seen) or _accepts_none(module, node.right, seen)
    if isinstance(node, ast.Subscript):
        return _subscript_accepts_none(module, node, seen)
    if isinstance(node, (ast.Name, ast.Attribute)):
        if module.facts.dotted(node) in _ANYTHING:
            return "anything"
        if isinstance(node, ast.Name) and node.id not in seen:
            value = _alias(module, node.id)
            return _accepts_none(module, value, seen | {node.id}) if value is not None else None
    return None


def _subscript_accepts_none(module: SourceModule, node: ast.Subscript, seen: frozenset[str]) -> str | None:
    dotted = (module.facts.dotted(node.value) or "").removeprefix("typing_extensions.").removeprefix("typing.")
    elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if dotted == "Optional":
        return "names None"
    if dotted == "Annotated" and elements:
        return _accepts_none(module, elements[0], seen)
    if dotted == "Union":
        accepted = [_accepts_none(module, element, seen) for element in elements]
        return next((answer for answer in accepted if answer is not None), None)
    return None


def _alias(module: SourceModule, name: str) -> ast.expr | None:
    single = module.facts.single_binding(name)
    return single.value if single is not None else None


def read_only_kinds(statement: TopLevelStatement, parameter: cst.Param) -> set[str] | None:
    """The kinds of default that the annotation lets an immutable object replace; ``None`` without an annotation."""
    if parameter.annotation is None:
        return None
    try:
        annotation = _as_ast(parameter.annotation.annotation, statement)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = _parsed(annotation.value)
    except _Unreadable:
        return set()
    named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return READ_ONLY.get(statement.module.facts.dotted(named) or "", set())

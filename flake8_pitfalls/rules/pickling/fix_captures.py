"""What a function or class reads from the functions around it, and what stands for that when it's moved out."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

Movable = cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Call

TYPE_MAKERS = frozenset(
    {
        *("collections.namedtuple", "typing.NamedTuple", "typing.TypedDict", "typing.NewType", "builtins.type"),
        *(f"enum.{name}" for name in ("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")),
        "dataclasses.make_dataclass",
    }
)


class Refused(Exception):
    """There's no fix; ``reason`` says why, and what a person should do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(eq=False)
class Variable:
    """A variable of an enclosing function that a moved function reads."""

    name: str
    owner: Scope
    reads: list[cst.Name] = field(default_factory=list)

    @property
    def bindings(self) -> list[Binding]:
        """Every place where it gets a value."""
        return self.owner.bindings.get(self.name, [])


class Kind(enum.Enum):
    """What a captured variable is, as far as a fix is concerned."""

    SIBLING = "a function, class or type that can be moved too"
    IMPORT = "a module or what was imported from one"
    VALUE = "a value that can be handed over"


def scopes_below(scope: Scope) -> Iterator[Scope]:
    """A scope and all those in it."""
    stack = [scope]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.children)


def variables_of(statement: TopLevelStatement, node: cst.CSTNode) -> dict[str, Variable]:
    """The variables of enclosing functions that the code in a function, lambda or class reads."""
    own = statement.scopes.scope_for(node)
    inside = set(scopes_below(own))
    found: dict[str, Variable] = {}
    for scope in inside:
        for name, reads in [*scope.reads.items(), *scope.annotation_reads.items()]:
            owner = scope.lookup(name)
            if owner is None or owner in inside or owner.kind is ScopeKind.MODULE:
                continue
            found.setdefault(name, Variable(name, owner)).reads.extend(reads)
    for name, read in _type_scope_reads(statement, node, inside):
        found.setdefault(name, Variable(name, read[1])).reads.append(read[0])
    return dict(sorted(found.items(), key=lambda item: min(statement.order[read] for read in item[1].reads)))


def _type_scope_reads(
    statement: TopLevelStatement, node: cst.CSTNode, inside: set[Scope]
) -> Iterator[tuple[str, tuple[cst.Name, Scope]]]:
    """What is read where the definition is made: by defaults, decorators, bases and evaluated annotations."""
    for part in evaluated_parts(statement, node):
        for name in walk(part):
            if not isinstance(name, cst.Name) or _is_no_variable(statement, name):
                continue
            scope = statement.scopes.scope_of(name)
            owner = None if scope in inside else scope.lookup(name.value)
            if owner is not None and owner not in inside and owner.kind is not ScopeKind.MODULE:
                yield scope.stored_name(name.value), (name, owner)


def _is_no_variable(statement: TopLevelStatement, name: cst.Name) -> bool:
    parent = statement.parents.get(name)
    return (isinstance(parent, cst.Attribute) and parent.attr is name) or (
        isinstance(parent, cst.Arg) and parent.keyword is name
    )


def evaluated_parts(statement: TopLevelStatement, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The expressions that run when a definition is made, in the scope around it."""
    if isinstance(node, cst.ClassDef):
        return [*node.decorators, *node.bases, *node.keywords]
    if isinstance(node, cst.Call):
        return [node]
    parts: list[cst.CSTNode] = defaults(node)
    if isinstance(node, cst.FunctionDef):
        parts += node.decorators
        if not statement.module.facts.has_future_annotations:
            parts += annotations_of(node)
    return parts


def parameters_of(node: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """All parameters, in source order."""
    given = node.params
    found = [*given.posonly_params, *given.params]
    if isinstance(given.star_arg, cst.Param):
        found.append(given.star_arg)
    found.extend(given.kwonly_params)
    return [*found, given.star_kwarg] if given.star_kwarg is not None else found


def defaults(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The defaults of a function's parameters."""
    if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
        return []
    return [parameter.default for parameter in parameters_of(node) if parameter.default is not None]


def annotations_of(node: cst.FunctionDef) -> list[cst.CSTNode]:
    """The annotations of a function's parameters and of what it returns."""
    found: list[cst.CSTNode] = [p.annotation.annotation for p in parameters_of(node) if p.annotation is not None]
    return [*found, node.returns.annotation] if node.returns is not None else found


def reads_of(owner: Scope, name: str) -> list[tuple[cst.Name, Scope]]:
    """All reads of a variable, with the scopes that do them."""
    return [
        (read, scope)
        for scope in scopes_below(owner)
        for read in (*scope.reads.get(name, ()), *scope.annotation_reads.get(name, ()))
        if scope.lookup(name) is owner
    ]


def movable_value(statement: TopLevelStatement, variable: Variable) -> Movable | None:
    """The one function, lambda, class or type that a variable always means."""
    if len(variable.bindings) != 1:
        return None
    binding = variable.bindings[0]
    if isinstance(binding.node, (cst.FunctionDef, cst.ClassDef)):
        return binding.node
    if binding.kind is not BindingKind.ASSIGNMENT:
        return None
    value = assigned_value(statement, binding)
    if isinstance(value, cst.Lambda):
        return value
    return value if isinstance(value, cst.Call) and origin(statement, value.func) in TYPE_MAKERS else None


def kind_of(statement: TopLevelStatement, variable: Variable) -> Kind:
    """What a captured variable is.

    Raises Refused.
    """
    bindings = variable.bindings
    if bindings and all(binding.kind is BindingKind.IMPORT for binding in bindings):
        if len({binding.scope for binding in bindings}) == 1 and _imported_unconditionally(statement, bindings):
            return Kind.IMPORT
        raise Refused(f"'{variable.name}' is imported in several ways here: import it at the top of the module")
    if any(binding.kind is BindingKind.TYPE_PARAMETER for binding in bindings):
        raise Refused(f"'{variable.name}' is a type parameter of the function around it, and unknown at module level")
    if movable_value(statement, variable) is not None:
        return Kind.SIBLING
    if any(binding.kind in {BindingKind.DEF, BindingKind.CLASS} for binding in bindings):
        raise Refused(f"'{variable.name}' is defined in several ways: define it once, at module level")
    return Kind.VALUE


def _imported_unconditionally(statement: TopLevelStatement, bindings: list[Binding]) -> bool:
    modules = {_first_module(statement, binding) for binding in bindings}
    return len(bindings) == 1 or (len(modules) == 1 and None not in modules)


def _first_module(statement: TopLevelStatement, binding: Binding) -> str | None:
    """``a`` of ``import a.b``."""
    alias = binding.node
    if not isinstance(alias, cst.ImportAlias) or not isinstance(statement.parents.get(alias), cst.Import):
        return None
    return None if alias.asname is not None else binding.name


def import_lines(statement: TopLevelStatement, variable: Variable) -> list[str]:
    """The imports that give a captured name its meaning, one a line."""
    lines = []
    for binding in variable.bindings:
        parent = statement.parents[binding.node]
        alias = statement.source(binding.node).rstrip(", \t")
        if isinstance(parent, cst.ImportFrom):
            module = statement.source(parent.module) if parent.module is not None else ""
            lines.append(f"from {'.' * len(parent.relative)}{module} import {alias}")
        else:
            lines.append(f"import {alias}")
    return lines


def class_around(statement: TopLevelStatement, node: cst.CSTNode) -> cst.ClassDef | None:
    """The innermost class around a node."""
    current = statement.parents.get(node)
    while current is not None and not isinstance(current, cst.ClassDef):
        current = statement.parents.get(current)
    return current


def function_around(statement: TopLevelStatement, node: cst.CSTNode) -> cst.FunctionDef | None:
    """The innermost function around a node."""
    current = statement.parents.get(node)
    while current is not None and not isinstance(current, cst.FunctionDef):
        current = statement.parents.get(current)
    return current


def assigned_target(statement: TopLevelStatement, node: cst.CSTNode) -> cst.Name | None:
    """The name that is the only target of the assignment of an expression."""
    assign = statement.parents.get(node)
    if isinstance(assign, cst.Assign) and assign.value is node and len(assign.targets) == 1:
        target: cst.BaseExpression = assign.targets[0].target
    elif isinstance(assign, cst.AnnAssign) and assign.value is node:
        target = assign.target
    else:
        return None
    return target if isinstance(target, cst.Name) else None

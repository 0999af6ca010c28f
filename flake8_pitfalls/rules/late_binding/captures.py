"""Closures made in loops, and which of the variables they read the loop binds again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.late_binding.invariants import changing_bindings
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

Closure = cst.Lambda | cst.FunctionDef | cst.GeneratorExp
Frame = cst.FunctionDef | cst.Lambda | cst.Module
_CLOSURES = frozenset({cst.Lambda, cst.FunctionDef, cst.GeneratorExp})
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Loop:
    """A loop around a closure: a ``for`` or ``while`` statement or a clause of a comprehension."""

    node: cst.For | cst.While | cst.CompFor
    comprehension: cst.CSTNode | None = None
    """The comprehension, for a clause of one."""


@dataclass(frozen=True, eq=False)
class Capture:
    """A variable that a closure reads and a loop around the closure binds."""

    closure: Closure
    name: str
    """As Python stores it: see ``Scope.stored_name``."""
    scope: Scope
    """The scope in which the variable lives."""
    loop: Loop
    """The innermost loop around the closure that binds it."""
    innermost: Loop
    """The innermost loop around it that binds the variable, be it to the same value each time."""
    frame: Frame
    """The function, lambda or module whose code makes the closure."""
    reads: list[cst.Name]
    """Where the closure reads it, in source order."""
    nested: frozenset[cst.CSTNode]
    """The closures in the closure that read it."""
    reads_itself: bool
    """Whether the closure's own code reads it."""
    rebindings: frozenset[cst.CSTNode]
    """The bindings in the loops around the closure that may give it another value."""


def captures(statement: TopLevelStatement) -> Iterator[Capture]:
    """All captures of loop variables in a top-level statement, in the order of the closures."""
    for node in statement.known_nodes():
        # LibCST's classes are abstract base classes, for which isinstance() is slow.
        if type(node) in _CLOSURES and isinstance(node, (cst.Lambda, cst.FunctionDef, cst.GeneratorExp)):
            loops, frame = surroundings(statement, node)
            if loops:
                yield from _captures_of(statement, node, loops, frame)


def surroundings(statement: TopLevelStatement, closure: Closure) -> tuple[list[Loop], Frame]:
    """The loops that may run several times while a closure lives, innermost first, and the code they belong to."""
    loops: list[Loop] = []
    parents = statement.parents
    child: cst.CSTNode = closure
    node = parents.get(child)
    while node is not None:
        if isinstance(node, (cst.For, cst.While)):
            if child is node.body or (isinstance(node, cst.While) and child is node.test):
                loops.append(Loop(node))
        elif isinstance(node, _COMPREHENSIONS):
            loops.extend(_clauses_around(node, child))
            if isinstance(node, cst.GeneratorExp) and child is not node.for_in:
                return loops, _frame_of(statement, node)
        elif isinstance(node, cst.CompFor):
            if child is not node.iter:
                loops.append(Loop(node, _comprehension_of(statement, node)))
        elif isinstance(node, (cst.FunctionDef, cst.Lambda)) and child is node.body:
            return loops, node
        child, node = node, parents.get(node)
    return loops, statement.tree


def _clauses_around(node: cst.CSTNode, child: cst.CSTNode) -> Iterator[Loop]:
    """The clauses of a comprehension whose loops run its element, innermost first."""
    clause: cst.CompFor | None = node.for_in  # type: ignore[attr-defined]
    if child is clause:
        return
    clauses: list[cst.CompFor] = []
    while clause is not None:
        clauses.append(clause)
        clause = clause.inner_for_in
    yield from (Loop(clause, node) for clause in reversed(clauses))


def _comprehension_of(statement: TopLevelStatement, clause: cst.CompFor) -> cst.CSTNode:
    node: cst.CSTNode = clause
    while isinstance(node, cst.CompFor):
        node = statement.parents[node]
    return node


def _frame_of(statement: TopLevelStatement, node: cst.CSTNode) -> Frame:
    """The code in which an expression is written, generator expressions around it left out of account."""
    child, parent = node, statement.parents.get(node)
    while parent is not None:
        if isinstance(parent, (cst.FunctionDef, cst.Lambda)) and child is parent.body:
            return parent
        child, parent = parent, statement.parents.get(parent)
    return statement.tree


@dataclass
class _Use:
    scope: Scope
    reads: list[cst.Name]
    nested: set[cst.CSTNode]
    reads_itself: bool = False


def _captures_of(statement: TopLevelStatement, closure: Closure, loops: list[Loop], frame: Frame) -> Iterator[Capture]:
    for name, use in free_reads(statement, closure).items():
        bindings = use.scope.bindings.get(name, [])
        statement.module.spend(10 * len(bindings))
        innermost: Loop | None = None
        for loop in loops:
            inside = [binding for binding in bindings if _is_bound_in(statement, binding, loop)]
            if not inside:
                continue
            innermost = innermost or loop
            changing = set(changing_bindings(statement, use.scope, name, loop.node, inside, closure))
            if changing:
                same = {binding for binding in inside if binding not in changing}
                yield Capture(
                    *(closure, name, use.scope, loop, innermost, frame),
                    reads=sorted(use.reads, key=statement.order.__getitem__) if len(use.reads) > 1 else use.reads,
                    nested=frozenset(use.nested),
                    reads_itself=use.reads_itself,
                    rebindings=frozenset(
                        binding.node
                        for binding in bindings
                        if binding not in same
                        and (
                            binding.kind is BindingKind.FOR
                            or any(_is_bound_in(statement, binding, each) for each in loops)
                        )
                    ),
                )
                break


def free_reads(statement: TopLevelStatement, closure: Closure) -> dict[str, _Use]:
    """The variables of the code around a closure that its body reads when it runs."""
    own = statement.scopes.scope_for(closure)
    found: dict[str, _Use] = {}
    inside = {own}
    stack: list[tuple[Scope, cst.CSTNode | None]] = [(own, None)]
    while stack:
        scope, innermost = stack.pop()
        for name, reads in scope.reads.items():
            owner = scope.lookup(name)
            if owner is None or owner in inside:
                continue
            use = found.setdefault(name, _Use(owner, [], set()))
            use.reads.extend(reads)
            if innermost is None:
                use.reads_itself = True
            else:
                use.nested.add(innermost)
        for name, names in augmented_reads(scope).items():
            owner = scope.lookup(name)
            if owner is not None and owner not in inside:
                use = found.setdefault(name, _Use(owner, [], set()))
                use.reads.extend(names)
                use.reads_itself = use.reads_itself or innermost is None
                use.nested.update(() if innermost is None else (innermost,))
        for child in scope.children:
            inside.add(child)
            late = child.kind in {ScopeKind.FUNCTION, ScopeKind.LAMBDA} or isinstance(child.node, cst.GeneratorExp)
            stack.append((child, innermost or (child.node if late else None)))
    return found


def augmented_reads(scope: Scope) -> dict[str, list[cst.Name]]:
    """``total += x`` reads a variable of the code around too, if it's declared nonlocal or global."""
    found: dict[str, list[cst.Name]] = {}
    for name in scope.assigned_names & (scope.nonlocal_names | scope.global_names):
        owner = scope.lookup(name)
        for binding in owner.bindings.get(name, ()) if owner is not None else ():
            if binding.kind is BindingKind.AUGMENTED and binding.scope is scope and isinstance(binding.node, cst.Name):
                found.setdefault(name, []).append(binding.node)
    return found


def _is_bound_in(statement: TopLevelStatement, binding: Binding, loop: Loop) -> bool:
    """Whether running a loop runs a binding, without calling anything."""
    if loop.comprehension is not None and binding.kind is BindingKind.WALRUS:
        around: cst.CSTNode = loop.comprehension
    else:
        around = loop.node
    child: cst.CSTNode = binding.node
    node = statement.parents.get(child)
    if child is loop.node:
        return False
    while node is not None and node is not around:
        if isinstance(node, (cst.FunctionDef, cst.Lambda)) and child is node.body:
            return False
        child, node = node, statement.parents.get(node)
    if node is None:
        return False
    if isinstance(node, cst.CompFor):
        return child is node.target
    if isinstance(node, (cst.For, cst.While)):
        return child is not node.orelse and child is not getattr(node, "iter", None)
    return True

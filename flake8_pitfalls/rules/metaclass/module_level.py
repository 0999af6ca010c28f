"""PIT303: ``__metaclass__`` as a global variable."""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Fix, Refusal
from flake8_pitfalls.rules.finding import Finding
from flake8_pitfalls.rules.metaclass.bodies import Bound, module_bindings
from flake8_pitfalls.rules.metaclass.class_bodies import PEERS
from flake8_pitfalls.rules.metaclass.declares import NAME
from flake8_pitfalls.rules.metaclass.guards import is_python2_code
from flake8_pitfalls.rules.metaclass.headers import header_edit, source_of
from flake8_pitfalls.rules.metaclass.helpers import is_add_metaclass
from flake8_pitfalls.rules.metaclass.imports import remove_alias
from flake8_pitfalls.rules.metaclass.refusals import is_needed, would_clash
from flake8_pitfalls.rules.metaclass.removal import remove_binding
from flake8_pitfalls.semantics.names import dotted_text, origin, owner
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.classes import Class
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_SHOWN = 4
_MICROSECONDS_A_CLASS = 30


def module_findings(statement: TopLevelStatement) -> Iterator[Finding]:
    """The findings about the global variable ``__metaclass__`` that a statement binds."""
    seen: Counter[str] = Counter()
    for bound in module_bindings(statement):
        kind = statement.source(bound.value) if bound.value is not None else "other"
        seen[kind] += 1
        yield _finding(bound, f"PIT303:{kind}:{seen[kind]}")


def _finding(bound: Bound, fingerprint: str) -> Finding:
    statement = bound.statement
    place = bound.node
    if isinstance(place, (cst.ClassDef, cst.FunctionDef)):
        place = place.name
    line, column = statement.module.position(statement.span(place)[0])
    is_type = bound.value is not None and origin(statement, bound.value) == "builtins.type"
    governed = [] if is_type or _is_from_pyio(bound) else list(_governed(bound))

    def make_fix() -> Fix | Refusal:
        refusal = PEERS.suppression(statement, [line]) or _is_public(statement.module) or is_needed(statement.module)
        if refusal is not None:
            return refusal
        if _is_from_pyio(bound):
            assert isinstance(bound.node, cst.ImportAlias)
            removal = remove_alias(statement, bound.node)
            if removal is None:
                return Refusal("a comment in the import would be lost")
            return Fix(Applicability.SAFE, (removal.keeping_comment,))
        return _fix(bound, governed, is_type=is_type)

    return Finding(
        code="PIT303",
        line=line,
        column=column,
        message=_message(bound, governed, is_type=is_type),
        fingerprint=fingerprint,
        make_fix=make_fix,
    )


def _message(bound: Bound, governed: list[Class], *, is_type: bool) -> str:
    statement = bound.statement
    if _is_from_pyio(bound):
        return f"'from _pyio import {NAME}' is an ImportError in Python 3, and nobody needs it; delete it"
    value = bound.value
    shown = f"'{NAME} = {' '.join(statement.source(value).split())}'" if value is not None else f"'{NAME}'"
    if is_type:
        return f"{shown} does nothing in Python 3, where all classes are new-style; delete it"
    if not governed:
        return (
            f"Python 3 ignores the module's {shown}; no class without bases follows that Python 2 would have made by it"
        )
    names = [f"'{node.name.value}'" for _, node in governed]
    listed = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    plural = "classes" if len(names) > 1 else "class"
    return f"Python 3 ignores the module's {shown}: in Python 2 it created {plural} {listed}, now type does"


def _is_from_pyio(bound: Bound) -> bool:
    imported = bound.statement.parents.get(bound.node)
    return (
        isinstance(imported, cst.ImportFrom)
        and imported.module is not None
        and dotted_text(imported.module) == "_pyio"
        and bound.direct
    )


def _is_public(module: SourceModule) -> Refusal | None:
    """One file can't tell who imports the name from a package."""
    return Refusal("other modules may import it from the package") if module.filename.endswith("__init__.py") else None


def _fix(bound: Bound, governed: list[Class], *, is_type: bool) -> Fix | Refusal:
    statement, assignment = bound.statement, bound.assignment
    if assignment is None or (not is_type and not bound.direct):
        return Refusal("it is bound conditionally, or by something else than an ordinary assignment")
    removal = remove_binding(statement, assignment, bound.node).keeping_comment
    bindings = statement.module.facts.bindings.get(NAME, [])
    if is_type and _is_always_type(statement.module):
        return Fix(Applicability.SAFE, (removal,))
    value = assignment.value
    assert value is not None
    if len(bindings) > 1:
        return Refusal("it is bound more than once; name the metaclass in the header of each class by hand")
    root: cst.BaseExpression = value
    while isinstance(root, cst.Attribute):
        root = root.value
    if not isinstance(root, cst.Name):
        return Refusal("its value is made by an expression; name it, and put the name in the header of each class")
    if not governed:
        return Fix(Applicability.SAFE, (removal,))
    if root.value.startswith("__") and not root.value.endswith("__"):
        return Refusal(f"Python mangles '{root.value}' inside a class")
    if statement.module.facts.single_binding(root.value) is None:
        return Refusal(f"'{root.value}' doesn't always mean the same")
    for where, node in governed:
        if _is_hidden(where, node, root.value):
            return Refusal(f"'{root.value}' means something else where class '{node.name.value}' is defined")
        refusal = would_clash(where, node, statement, value)
        if refusal is not None:
            return refusal
    text = source_of(statement, value)
    edits = [header_edit(where, node, text) for where, node in governed]
    return Fix(
        Applicability.UNSAFE, (removal, *edits), f"{text} starts to create {_counted(len(edits))}, as in Python 2"
    )


def _counted(number: int) -> str:
    return "1 class" if number == 1 else f"{number} classes"


def _is_always_type(module: SourceModule) -> bool:
    """Whether the variable is never bound to anything but ``type``: asked for each binding, answered once."""
    if "metaclass is type" not in module.memo:
        bindings = module.facts.bindings.get(NAME, [])
        module.memo["metaclass is type"] = all(
            binding.value is not None and module.facts.dotted(binding.value) == "builtins.type" for binding in bindings
        )
    return bool(module.memo["metaclass is type"])


def _is_hidden(statement: TopLevelStatement, node: cst.ClassDef, name: str) -> bool:
    """Whether a name means another variable than the module's where the header of a class is evaluated."""
    scope = statement.scopes.scope_for(node).parent
    assert scope is not None
    return owner(scope, name) is not None


def _governed(bound: Bound) -> Iterator[Class]:
    """The classes without bases that Python 2 created by the global variable: up to its next binding."""
    module = bound.statement.module
    start = bound.statement.span(bound.node)[0]
    stop = _next_binding(bound, start)
    for statement in _with_plain_classes(module, module.place_of(bound.statement)):
        if statement.start >= stop:
            return
        for node in walk(statement.tree):
            if not isinstance(node, cst.ClassDef) or not start < statement.span(node)[0] < stop:
                continue
            module.spend(_MICROSECONDS_A_CLASS)
            if _is_governed(statement, node):
                yield statement, node


def _next_binding(bound: Bound, start: int) -> int:
    """Where the variable is bound next, for certain; the end of the module if it isn't."""
    module = bound.statement.module
    own = _direct_bindings(bound.statement)
    if own and own[-1] > start:
        return own[bisect_right(own, start)]
    known: dict[int, int] = module.memo.setdefault("next metaclass", {})
    place = first = module.place_of(bound.statement) + 1
    found: list[int] = []
    while not found and place < len(module.statements) and place not in known:
        found = _direct_bindings(module.statements[place])
        place += 1
    stop = found[0] if found else known.get(place, len(module.text))
    known.update(dict.fromkeys(range(first, place), stop))
    return stop


def _direct_bindings(statement: TopLevelStatement) -> list[int]:
    """Where a statement binds the variable for certain."""
    if NAME not in statement.text:
        return []
    return sorted(statement.span(bound.node)[0] for bound in module_bindings(statement) if bound.direct)


def _with_plain_classes(module: SourceModule, place: int) -> Iterator[TopLevelStatement]:
    """The statements from one on that hold a class without bases."""
    if "plain classes" not in module.memo:
        module.memo["plain classes"] = [
            number
            for number, statement in enumerate(module.statements)
            if any(_has_plain_class(node) for node in statement.nodes)
        ]
    known: list[int] = module.memo["plain classes"]
    return (module.statements[known[i]] for i in range(bisect_left(known, place), len(known)))


def _has_plain_class(node: ast.stmt) -> bool:
    return any(isinstance(part, ast.ClassDef) and not part.bases and not part.keywords for part in ast.walk(node))


def _is_governed(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    if node.bases or node.keywords or any(is_add_metaclass(statement, decorator) for decorator in node.decorators):
        return False
    scope = statement.scopes.scope_for(node)
    owns = any(part.kind is ScopeKind.CLASS and NAME in part.bindings for part in [scope])
    return not owns and not is_python2_code(statement, node)

"""The fix of a late-binding closure: bind the values of its iteration when it's made, or refuse with a reason."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Fix, Refusal
from flake8_pitfalls.rules.late_binding.availability import is_bound_later, is_surely_bound
from flake8_pitfalls.rules.late_binding.factory import function_factory, generator_factory, lambda_factory
from flake8_pitfalls.rules.late_binding.parameters import keyword_edits
from flake8_pitfalls.rules.suppression import Peers
from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.closures.machine import Outcome, Verdict
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.late_binding.captures import Capture
    from flake8_pitfalls.semantics.graph import Graph
    from flake8_pitfalls.semantics.module import TopLevelStatement

_PEERS = Peers(
    r"B023|function-uses-loop-variable|W0640|PLW0640|PIT1\d*", "W0640|cell-var-from-loop", "the late binding"
)

_SIGNATURE_READERS = re.compile(
    r"\b(?:inspect\s*\.\s*signature|import\s[^\n]*\bsignature|Signature\b|from_callable|getfullargspec|getcallargs|"
    r"getclosurevars|co_argcount|co_varnames|__defaults__|__kwdefaults__|__code__|__closure__|cell_contents|pydoc|"
    r"func_accepts_kwargs|fastapi|typer|fire|airflow|lmfit|textual|gradio|aiogram)\b"
)
"""Text by which a file shows that somebody reads the signatures of functions."""

_SIGNATURE_READING_CALLEES = frozenset(
    {
        *("add_api_route", "add_api_websocket_route", "on_trait_change", "add_typer", "on_change", "on_event"),
        *("Depends", "validate_call", "curry", "add_function_parsers", "create_model"),
    }
)
"""Callees that look at the parameters of what they are given: FastAPI, Typer, traits, Bokeh, pydantic, toolz."""


_INDIFFERENT_DECORATORS = frozenset(
    {
        *("builtins.property", "builtins.staticmethod", "builtins.classmethod", "abc.abstractmethod"),
        *("contextlib.contextmanager", "contextlib.asynccontextmanager", "typing.override", "typing.final"),
    }
)
"""Decorators for which one more keyword-only parameter makes no difference."""


def fix_closure(
    statement: TopLevelStatement,
    captures: list[Capture],
    closures: Container[cst.CSTNode],
    outcome: Outcome,
    graph: Graph,
    options: Options,
) -> Fix | Refusal:
    """The fix of one closure, which binds all the loop variables it captures.

    ``closures`` are all closures that capture loop variables.
    """
    closure = captures[0].closure
    if outcome.verdict is not Verdict.RETAINED:
        return Refusal(
            "it isn't known whether the callee keeps the closure; if it does, bind the value where it's made"
        )
    lines = [statement.line(closure), *(statement.line(read) for capture in captures for read in capture.reads)]
    suppressed = _PEERS.suppression(statement, lines)
    if suppressed is not None:
        return suppressed
    for capture in captures:
        known: dict[tuple[cst.CSTNode, object], Refusal | None] = statement.memo.setdefault("refusals", {})
        key = closure, (capture.scope, capture.name)
        if key not in known:
            known[key] = _refusal(statement, capture, graph) or _late_itself(statement, capture, closures)
        reason = known[key]
        if reason is not None:
            return reason
    names = list(dict.fromkeys(capture.reads[0].value for capture in captures))
    return _bind(statement, captures[0], names, outcome, options)


def _refusal(statement: TopLevelStatement, capture: Capture, graph: Graph) -> Refusal | None:
    """Why binding a variable when the closure is made would change something else."""
    closure, name = capture.closure, capture.reads[0].value
    if isinstance(closure, cst.FunctionDef) and closure.name.value == name:
        return Refusal(f"'{name}' is the function's own name: a default would hold the previous function")
    if _is_of_unfinished_class(statement, capture):
        return Refusal(f"the class '{name}' isn't bound yet when its method is made")
    if _is_written(statement, capture):
        return Refusal(f"'{name}' is bound by a nested function too, which a default would keep apart")
    scope = statement.scopes.scope_of(closure)
    if scope.lookup(name) is not capture.scope:
        return Refusal(f"'{name}' means something else where the closure is made: the class binds it")
    if is_bound_later(statement, capture, graph):
        return Refusal(
            f"'{name}' may be bound again after the closure is made, in the same iteration: add '{name}={name}' "
            "yourself if the earlier value is meant, else make the closure after the last assignment"
        )
    if not is_surely_bound(statement, capture, graph):
        return Refusal(f"'{name}' may not be bound yet when the closure is made: assign it on every path before")
    return None


def _is_of_unfinished_class(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether a method, or a closure in the body of a class, reads the name of the class around it."""
    classes = {binding.node for binding in capture.scope.bindings.get(capture.name, ())}
    node = statement.parents.get(capture.closure)
    while node is not None and node is not capture.frame:
        if isinstance(node, cst.ClassDef) and node in classes:
            return True
        node = statement.parents.get(node)
    return False


def _late_itself(statement: TopLevelStatement, capture: Capture, closures: Container[cst.CSTNode]) -> Refusal | None:
    """Why binding a function isn't enough: it reads variables of the loop late itself."""
    for binding in capture.scope.bindings.get(capture.name, ()):
        made: cst.CSTNode | None = binding.node
        if not isinstance(made, cst.FunctionDef):
            made = assigned_value(statement, binding)
        if made in closures and made is not capture.closure:
            name = capture.reads[0].value
            return Refusal(f"'{name}' reads variables of the loop late itself: mend it first")
    return None


def _is_written(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether the closure declares the variable nonlocal or global, or another function binds it."""
    stack = [statement.scopes.scope_for(capture.closure)]
    while stack:
        scope = stack.pop()
        if capture.name in scope.nonlocal_names or capture.name in scope.global_names:
            return True
        stack.extend(scope.children)
    return _is_written_by_functions(statement, capture)


def _is_written_by_functions(statement: TopLevelStatement, capture: Capture) -> bool:
    """Whether a function declares the variable nonlocal or global and binds it."""
    frame = statement.scopes.scope_for(capture.frame)
    return any(
        _function_of(binding.scope) is not frame and _function_of(binding.scope) is not _function_of(capture.scope)
        for binding in capture.scope.bindings.get(capture.name, [])
    ) or (
        capture.scope.kind is ScopeKind.MODULE
        and capture.name in statement.module.facts.rebound_by_functions
        and frame.kind is ScopeKind.MODULE
    )


def _function_of(scope: Scope) -> Scope:
    """The function, lambda or module that runs the code of a scope."""
    while scope.kind not in {ScopeKind.FUNCTION, ScopeKind.LAMBDA, ScopeKind.MODULE} and scope.parent is not None:
        scope = scope.parent
    return scope


def _bind(
    statement: TopLevelStatement, capture: Capture, names: list[str], outcome: Outcome, options: Options
) -> Fix | Refusal:
    closure = capture.closure
    if isinstance(closure, cst.GeneratorExp):
        edits = generator_factory(statement, closure, names)
        note = "the generator expression is made inside a function now"
        return edits if isinstance(edits, Refusal) else Fix(Applicability.UNSAFE, tuple(edits), note)
    why = _why_factory(statement, closure, outcome)
    if not why and options.closure_fix == "keyword":
        if _shows_its_text(statement, closure):
            return Refusal("the closure stands in an f-string that shows its own text")
        return Fix(Applicability.SAFE, tuple(keyword_edits(statement, closure, names)))
    if isinstance(closure, cst.Lambda):
        made = lambda_factory(statement, closure, names)
        note = f"the lambda is made by another one, since {why}"
    else:
        made = function_factory(statement, closure, names)
        note = "the function is made by another one now, which shows in its name"
    if isinstance(made, Refusal):
        return made
    applicability = Applicability.UNSAFE if why or isinstance(closure, cst.FunctionDef) else Applicability.SAFE
    return Fix(applicability, tuple(made), note if applicability is Applicability.UNSAFE else "")


def _why_factory(statement: TopLevelStatement, closure: cst.Lambda | cst.FunctionDef, outcome: Outcome) -> str:
    """Why a keyword-only default could be noticed; empty if it couldn't."""
    if isinstance(closure, cst.FunctionDef) and not all(
        origin(statement, decorator.decorator) in _INDIFFERENT_DECORATORS for decorator in closure.decorators
    ):
        return "it's decorated"
    if closure.params.star_kwarg is not None:
        return "it takes any keyword"
    return "signatures are read" if _may_read_signature(statement, outcome) else ""


def _shows_its_text(statement: TopLevelStatement, closure: cst.CSTNode) -> bool:
    """Whether a closure stands in ``f"{...=}"``."""
    node = statement.parents.get(closure)
    while node is not None and not isinstance(node, cst.BaseStatement):
        if isinstance(node, cst.FormattedStringExpression) and node.equal is not None:
            return True
        node = statement.parents.get(node)
    return False


def _may_read_signature(statement: TopLevelStatement, outcome: Outcome) -> bool:
    """Whether somebody may look at the parameters of the closure, to which a default would add one."""
    if statement.module.search(_SIGNATURE_READERS):
        return True
    callee = outcome.way.how.removesuffix("()").lstrip("@").rpartition(".")[2]
    return callee in _SIGNATURE_READING_CALLEES

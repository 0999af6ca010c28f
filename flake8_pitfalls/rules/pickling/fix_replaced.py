"""Names that mean something else: decorators without ``functools.wraps``, and types that are called differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, assigned_target
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.hoist_class import renamed_type, type_name
from flake8_pitfalls.rules.pickling.hoist_text import newline_of
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement


def fix_wrapper(statement: TopLevelStatement, node: cst.FunctionDef) -> Fix:
    """Put ``functools.wraps`` on the function that a decorator returns.

    Raises Refused.
    """
    decorator = statement.scopes.scope_of(node).node
    if not isinstance(decorator, cst.FunctionDef):
        raise Refused("the decorator makes its function in a way that isn't understood: use functools.wraps")
    parameters = [*decorator.params.posonly_params, *decorator.params.params]
    called = parameters[0].name.value if parameters else None
    scope = statement.scopes.scope_for(decorator)
    if called is None or len(scope.bindings.get(called, [])) != 1:
        raise Refused("it isn't clear which function the decorator gets: use functools.wraps")
    if node.decorators:
        raise Refused("the function that the decorator returns is decorated itself: use functools.wraps")
    imports = Imports(statement)
    wraps = imports.name_for("functools", "wraps", node)
    start = statement.span(node)[0]
    column = statement.module.position(start)[1]
    indent = statement.module.text[start - column : start]
    if indent.strip():
        raise Refused("the function that the decorator returns shares a line with something else")
    line = f"@{wraps}({called}){newline_of(statement.module)}{indent}"
    note = "decorated functions now have the name, the documentation and the signature of the original"
    return Fix(Applicability.UNSAFE, (*imports.edits, Edit(start, start, line)), note)


def fix_mismatch(statement: TopLevelStatement, node: cst.Call) -> Fix:
    """Give a type the name that it's bound to.

    Raises Refused.
    """
    target = assigned_target(statement, node)
    if target is None:
        raise Refused("the type isn't assigned to a name: assign it to one, at module level")
    scope = statement.scopes.scope_of(target)
    if scope.kind is ScopeKind.CLASS:
        raise Refused("a type in a class isn't found by its name alone: write a class statement there")
    if len(statement.module.facts.bindings.get(target.value, [])) != 1:
        raise Refused(f"'{target.value}' is bound in several ways: call each type as it's bound")
    first = type_name(node)
    text = first.evaluated_value if isinstance(first, cst.SimpleString) else None
    if text in statement.module.facts.bindings:
        raise Refused(f"'{text}' is bound in this module too: bind the type to its own name")
    renamed = renamed_type(statement, node, target.value)
    if renamed is None:
        raise Refused("the type has the name that it's bound to already: define it at module level")
    note = "the type's name shows in representations, error messages and existing pickles"
    return Fix(Applicability.UNSAFE, (renamed,), note)

"""Names that mean something else: decorators without ``functools.wraps``, and types that are called differently."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused, assigned_target
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.hoist_class import renamed_type, type_name
from flake8_pitfalls.rules.pickling.hoist_text import extent_of, newline_of
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Scope, ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_SIGNATURE_READERS = re.compile(r"\b(?:inspect|pytest|fastapi|click|typer|fire|getfullargspec|__wrapped__)\b")
_COPIED = frozenset({"__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__dict__"})


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
    _check_readers(statement, decorator.name.value)
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


def _check_readers(statement: TopLevelStatement, decorator: str) -> None:
    """Raise Refused when the module looks at what ``wraps`` changes."""
    module = statement.module
    found = module.search(_SIGNATURE_READERS)
    if found is not None:
        raise Refused(f"'{found.group()}' reads signatures, which functools.wraps would change: write it yourself")
    decorated = set()
    for node in module.walk_ast():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names = {part.id for line in node.decorator_list for part in ast.walk(line) if isinstance(part, ast.Name)}
            if decorator in names:
                decorated.add(node.name)
    for node in module.walk_ast():
        value = node.value if isinstance(node, ast.Attribute) and node.attr in _COPIED else None
        if isinstance(value, ast.Name) and value.id in decorated:
            raise Refused(f"'{ast.unparse(node)}' is read, which functools.wraps would change")


def fix_decorator_class(statement: TopLevelStatement, node: cst.ClassDef) -> Fix:
    """Let the objects that take the place of functions be pickled by the name of these.

    Raises Refused.
    """
    advice = (
        "the decorator makes an object that isn't found by name: call functools.update_wrapper(self, function) in "
        "__init__ and return self.__qualname__ in __reduce__"
    )
    extent = extent_of(statement, node)
    body = node.body
    known = extent is not None and isinstance(body, cst.IndentedBlock) and _updates_wrapper(statement, node)
    if not known or node.bases or not _only_decorates_functions(statement, node.name.value):
        raise Refused(advice)
    assert extent is not None
    assert isinstance(body, cst.IndentedBlock)
    module = statement.module
    newline = newline_of(module)
    unit = body.indent or statement.tree.default_indent
    start = newline if module.text.endswith(("\n", "\r"), 0, extent.end) else newline * 2
    code = f"{start}{unit}def __reduce__(self):{newline}{unit * 2}return self.__qualname__{newline}"
    note = "copies of what the decorator makes are the same object now"
    return Fix(Applicability.UNSAFE, (Edit(extent.end, extent.end, code),), note)


def _updates_wrapper(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether a constructor gives the object the name of the function, and nothing says how it's pickled."""
    methods = {line.name.value: line for line in node.body.body if isinstance(line, cst.FunctionDef)}
    if any(name.startswith(("__reduce", "__get")) for name in methods) or "__init__" not in methods:
        return False
    constructor = methods["__init__"]
    names = [parameter.name.value for parameter in (*constructor.params.posonly_params, *constructor.params.params)]
    for line in constructor.body.body:
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            call = small.value if isinstance(small, cst.Expr) else None
            if isinstance(call, cst.Call) and origin(statement, call.func) == "functools.update_wrapper":
                passed = [getattr(argument.value, "value", None) for argument in call.args]
                return len(names) > 1 and passed == names[:2]
    return False


def _only_decorates_functions(statement: TopLevelStatement, name: str) -> bool:
    """Whether a class of the module is used for nothing but the decoration of functions of the module."""
    tree = statement.module.tree
    decorators = {
        id(line)
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and len(node.decorator_list) == 1
        for line in node.decorator_list
    }
    return all(id(use) in decorators for use in statement.module.names(name))


def fix_mismatch(statement: TopLevelStatement, node: cst.Call) -> Fix:
    """Give a type the name that it's bound to.

    Raises Refused.
    """
    target = assigned_target(statement, node)
    if target is None:
        raise Refused("the type isn't assigned to a name: assign it to one, at module level")
    scope = statement.scopes.scope_of(target)
    if scope.kind is ScopeKind.CLASS:
        qualified = _qualified(statement, node, scope, target.value)
        if qualified is not None:
            return qualified
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


def _qualified(statement: TopLevelStatement, node: cst.Call, scope: Scope, name: str) -> Fix | None:
    """``Enum("Color", "RED", qualname="Shape.Color")`` in a class of the module."""
    dotted = origin(statement, node.func)
    if dotted is None or not dotted.startswith("enum.") or not isinstance(scope.node, cst.ClassDef):
        return None
    if scope.parent is None or scope.parent.kind is not ScopeKind.MODULE:
        return None
    if renamed_type(statement, node, name) is not None:
        return None
    last = node.args[-1].value
    end = statement.span(last.rpar[-1] if last.rpar else last)[1]
    edit = Edit(end, end, f', qualname="{scope.node.name.value}.{name}"')
    return Fix(Applicability.UNSAFE, (edit,), "the type's qualified name changes")

"""PIT304: uses of ``__metaclass__`` that never had an effect, or read what Python 3 doesn't have."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix, Refusal
from flake8_pitfalls.rules.finding import Finding, qualified_name
from flake8_pitfalls.rules.metaclass.bodies import is_key, is_name_string
from flake8_pitfalls.rules.metaclass.declares import NAME
from flake8_pitfalls.rules.metaclass.guards import is_attempt, is_python2_code
from flake8_pitfalls.rules.metaclass.metas import actual_metaclass, ancestry, meta_named, statement_of, unknown_bases
from flake8_pitfalls.rules.metaclass.refusals import is_pure
from flake8_pitfalls.semantics.classes import class_named
from flake8_pitfalls.semantics.names import origin, owner
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_READERS = {"builtins.getattr": "type", "builtins.hasattr": ""}


def use_findings(statement: TopLevelStatement) -> Iterator[Finding]:
    """The findings about other uses of the name in a statement."""
    if NAME not in statement.text:
        return
    for node in statement.known_nodes():
        found = _use(statement, node)
        if found is not None and not is_python2_code(statement, node):
            line, column = statement.module.position(statement.span(found[0])[0])
            yield Finding("PIT304", line, column, found[1], _fingerprint(statement, node, found[1]), found[2])


def _fingerprint(statement: TopLevelStatement, node: cst.CSTNode, message: str) -> str:
    return f"PIT304:{qualified_name(statement, node)}:{message}"


def _use(statement: TopLevelStatement, node: cst.CSTNode) -> tuple[cst.CSTNode, str, _MakeFix] | None:
    if isinstance(node, cst.Attribute) and node.attr.value == NAME:
        return _attribute(statement, node)
    if isinstance(node, cst.Call):
        return _call(statement, node)
    if isinstance(node, (cst.DictElement, cst.Subscript)):
        return _key(statement, node)
    return None


class _MakeFix:
    """A fix that replaces an expression, or the reason why there's none."""

    def __init__(self, found: Fix | Refusal) -> None:
        self._found = found

    def __call__(self) -> Fix | Refusal:
        return self._found


def _refused(reason: str) -> _MakeFix:
    return _MakeFix(Refusal(reason))


def _attribute(statement: TopLevelStatement, node: cst.Attribute) -> tuple[cst.CSTNode, str, _MakeFix] | None:
    parent = statement.parents.get(node)
    shown = statement.source(node.value)
    if isinstance(parent, (cst.AssignTarget, cst.AnnAssign)) and parent.target is node:
        if not isinstance(node.value, cst.Name) or class_named(statement, node.value) is None:
            return None
        message = f"setting {shown}.{NAME} has no effect: the class exists already; use 'metaclass=' in its header"
        return node, message, _refused("move it to the header of the class by hand")
    if isinstance(parent, (cst.AugAssign, cst.Del)) or not _lacks_it(statement, node.value):
        return None
    if is_attempt(statement, node, "AttributeError"):
        return None
    return node, _reading(shown), _type_of(statement, node, node.value)


def _reading(shown: str) -> str:
    return f"{shown}.{NAME} raises AttributeError in Python 3; use 'type({shown})'"


def _type_of(statement: TopLevelStatement, node: cst.BaseExpression, value: cst.BaseExpression) -> _MakeFix:
    name = cst.Name("type")
    scope = statement.scopes.scope_of(value)
    if owner(scope, name.value) is not None or statement.module.facts.origin("type") != "builtins.type":
        return _refused("'type' means something else here")
    start, end = statement.span(node)
    fix = Fix(
        Applicability.UNSAFE,
        (Edit(start, end, f"type({statement.source(value)})"),),
        "it is the metaclass that Python 3 uses, which may not be the one that was meant",
    )
    return _MakeFix(fix)


def _call(statement: TopLevelStatement, node: cst.Call) -> tuple[cst.CSTNode, str, _MakeFix] | None:
    function = origin(statement, node.func)
    if function == "builtins.setattr":
        if len(node.args) == 3 and is_name_string(node.args[1].value) and isinstance(node.args[0].value, cst.Name):
            shown = node.args[0].value.value
            if class_named(statement, node.args[0].value) is not None:
                message = f"setting {shown}.{NAME} has no effect: the class exists already"
                return node, f"{message}; use 'metaclass=' in its header", _refused("move it to the header by hand")
    elif function in _READERS and len(node.args) >= 2 and is_name_string(node.args[1].value):
        value = node.args[0].value
        if _lacks_it(statement, value) and not is_attempt(statement, node, "AttributeError"):
            shown = statement.source(value)
            if function == "builtins.hasattr":
                message = f"{shown} has no {NAME} in Python 3, so this is always false; ask for type({shown})"
                return node, message, _refused("what the test is for can't be told")
            message = _reading(shown)
            if len(node.args) > 2:
                message = f"{shown} has no {NAME} in Python 3, so this is the default; use 'type({shown})'"
            return node, message, _type_of(statement, node, value)
    elif function == "builtins.dict":
        for argument in node.args:
            if argument.keyword is not None and argument.keyword.value == NAME and _makes_class(statement, node):
                return argument.keyword, _NAMESPACE, _refused("call the metaclass by hand")
    return None


_NAMESPACE = f"{NAME} in the namespace of a class that is made by a call has no effect; call the metaclass instead"


def _key(
    statement: TopLevelStatement, node: cst.DictElement | cst.Subscript
) -> tuple[cst.CSTNode, str, _MakeFix] | None:
    if isinstance(node, cst.DictElement):
        display = statement.parents.get(node)
        if not is_name_string(node.key) or not isinstance(display, cst.Dict) or not _makes_class(statement, display):
            return None
        return node.key, _NAMESPACE, _refused("call the metaclass by hand")
    target = statement.parents.get(node)
    if not isinstance(target, cst.AssignTarget) or not is_key(node.slice) or not isinstance(node.value, cst.Name):
        return None
    if not _is_namespace(statement, node.value):
        return None
    return node, _NAMESPACE, _refused("call the metaclass by hand")


def _makes_class(statement: TopLevelStatement, display: cst.BaseExpression) -> bool:
    """Whether a dictionary is the namespace of a class that ``type()`` and the like make."""
    child: cst.CSTNode = display
    parent = statement.parents.get(child)
    while parent is not None and isinstance(parent, (cst.BaseExpression, cst.Arg, cst.StarredDictElement)):
        if isinstance(parent, cst.Call) and isinstance(child, cst.Arg) and _is_sink(statement, parent, child):
            return True
        child, parent = parent, statement.parents.get(parent)
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and parent.value is display:
        target = parent.targets[0].target
        return isinstance(target, cst.Name) and _is_namespace(statement, target)
    return False


def _is_sink(statement: TopLevelStatement, call: cst.Call, argument: cst.Arg) -> bool:
    place = next((number for number, other in enumerate(call.args) if other is argument), 0)
    function = origin(statement, call.func)
    if function in {"builtins.type", "types.new_class"}:
        return place >= 2
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "__new__" and place >= 2


def _is_namespace(statement: TopLevelStatement, name: cst.Name) -> bool:
    """Whether a variable is handed, in its own scope, to a call that makes a class."""
    scope = owner(statement.scopes.scope_of(name), name.value)
    if scope is None:
        return name.value in _global_namespaces(statement.module)
    return any(
        isinstance(node, cst.Call)
        and any(
            _is_sink(statement, node, argument)
            and any(
                isinstance(part, cst.Name)
                and part.value == name.value
                and owner(statement.scopes.scope_of(part), part.value) is scope
                for part in walk(argument.value)
            )
            for argument in node.args
        )
        for node in walk(scope.node)
    )


def _global_namespaces(module: SourceModule) -> set[str]:
    """Do the same for global variables and calls anywhere in the module."""
    if "global namespaces" not in module.memo:
        module.memo["global namespaces"] = {
            part.id
            for node in module.walk_ast()
            if isinstance(node, ast.Call) and _makes_class_of(node.func)
            for argument in node.args[2:]
            for part in ast.walk(argument)
            if isinstance(part, ast.Name)
        }
    known: set[str] = module.memo["global namespaces"]
    return known


def _makes_class_of(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "type"
    return isinstance(function, ast.Attribute) and function.attr in {"__new__", "new_class"}


def _lacks_it(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    """Whether an expression is certainly a class without the attribute: of this file or the standard library."""
    known = class_named(statement, value) if isinstance(value, cst.Name) else None
    if known is not None:
        return not unknown_bases(*known) and not _may_have_it(*known)
    dotted = origin(statement, value)
    if dotted is None or dotted.startswith("."):
        return False
    module, _, name = dotted.rpartition(".")
    if module == "builtins":
        return isinstance(getattr(builtins, name, None), type)
    return module.partition(".")[0] in sys.stdlib_module_names and name[:1].isupper()


_SET_BY_STRING = re.compile(rf"(?:setattr|locals|vars|__dict__)\b[^\n]*{NAME}")


def _may_have_it(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether a class of this file, one of its bases or its metaclass binds the attribute, or a decorator may."""
    text = statement.module.text
    for where, member in ancestry(statement, node):
        if NAME in where.scopes.scope_for(member).bindings or f"{member.name.value}.{NAME} =" in text:
            return True
        if not all(is_pure(where, decorator) for decorator in member.decorators):
            return True
    actual = actual_metaclass(statement, node)
    if actual is not None:
        meta = meta_named(*actual)
        if isinstance(meta, cst.ClassDef):
            if _may_have_it(statement_of(statement, meta), meta):
                return True
        elif meta not in {"builtins.type", "abc.ABCMeta"}:
            return True
    return _SET_BY_STRING.search(text) is not None

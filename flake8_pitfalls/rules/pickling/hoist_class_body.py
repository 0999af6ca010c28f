"""What runs while a local class is made: once, at import, when the class is moved to module level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused, annotations_of, defaults
from flake8_pitfalls.rules.pickling.hoist_refusals import check_available, check_lasting
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import children

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MUTABLE = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp, cst.GeneratorExp)
_IMMUTABLE_MAKERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("int", "float", "str", "bytes", "bool", "tuple", "frozenset", "property")),
        *("dataclasses.field", "attr.ib", "attrs.field", "enum.auto", "re.compile", "operator.itemgetter"),
        *("builtins.staticmethod", "builtins.classmethod", "functools.partial", "functools.partialmethod"),
    }
)
_CONSTANTS_OF_CLASSES = frozenset({"__slots__", "__match_args__", "_fields_", "__test__"})
_METHOD_DECORATORS = frozenset(
    {
        *(f"builtins.{name}" for name in ("property", "staticmethod", "classmethod")),
        *("abc.abstractmethod", "functools.cached_property", "functools.wraps", "typing.override", "typing.overload"),
        *("typing.final", "contextlib.contextmanager"),
    }
)
_ACCESSORS = frozenset({"setter", "getter", "deleter"})


def check_body(statement: TopLevelStatement, node: cst.ClassDef) -> None:
    """Raise Refused when the body of a class does more than to define, or would do it with other values."""
    for line in node.body.body:
        if isinstance(line, cst.FunctionDef):
            _check_method(statement, line)
        elif isinstance(line, cst.ClassDef):
            if line.decorators or line.bases or line.keywords:
                raise Refused(f"the class contains '{line.name.value}', which would be made once: move both yourself")
            check_body(statement, line)
        elif isinstance(line, cst.SimpleStatementLine):
            for small in line.body:
                _check_attribute(statement, small)
        else:
            _check_attribute(statement, line)


def _check_method(statement: TopLevelStatement, method: cst.FunctionDef) -> None:
    for decorator in method.decorators:
        called = decorator.decorator
        function = called.func if isinstance(called, cst.Call) else called
        accessor = isinstance(function, cst.Attribute) and function.attr.value in _ACCESSORS
        if not accessor and origin(statement, function) not in _METHOD_DECORATORS:
            raise Refused(f"the decorator '{statement.source(function)}' would run once, at import")
        _check_names(statement, decorator)
    for default in defaults(method):
        if isinstance(default, _MUTABLE) or _makes_object(statement, default):
            raise Refused("a default of a method is made anew each time the function runs, and would be shared")
        check_lasting(statement, default)
        _check_names(statement, default)
    if not statement.module.facts.has_future_annotations:
        for annotation in annotations_of(method):
            _check_names(statement, annotation)


def _check_attribute(statement: TopLevelStatement, line: cst.CSTNode) -> None:
    if isinstance(line, cst.Pass) or (isinstance(line, cst.Expr) and _is_constant(line.value)):
        return
    if not isinstance(line, (cst.Assign, cst.AnnAssign)):
        raise Refused("the body of the class does more than to define: it would run once, at import")
    if isinstance(line, cst.AnnAssign) and not statement.module.facts.has_future_annotations:
        _check_names(statement, line.annotation)
    value = line.value
    if value is None or _is_constant_of_class(line):
        return
    if isinstance(value, _MUTABLE) or _makes_object(statement, value):
        raise Refused("an attribute of the class is made anew each time the function runs, and would be shared")
    check_lasting(statement, value)
    _check_names(statement, value)


def _is_constant(value: cst.BaseExpression) -> bool:
    return isinstance(value, (cst.SimpleString, cst.ConcatenatedString, cst.Ellipsis))


def _makes_object(statement: TopLevelStatement, value: cst.CSTNode) -> bool:
    """Whether an expression calls what may make another object each time."""
    return any(
        (isinstance(part, cst.Call) and origin(statement, part.func) not in _IMMUTABLE_MAKERS)
        or isinstance(part, (*_MUTABLE, cst.Await, cst.Yield, cst.NamedExpr))
        for part in _evaluated(value)
    )


def _evaluated(value: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """An expression but for the bodies of its lambdas, which run later."""
    stack = [value]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(defaults(node) if isinstance(node, cst.Lambda) else children(node))


def _check_names(statement: TopLevelStatement, value: cst.CSTNode) -> None:
    for part in _evaluated(value):
        if isinstance(part, cst.Name):
            owner = statement.scopes.scope_of(part).lookup(part.value)
            if owner is None or owner.kind is ScopeKind.MODULE:
                check_available(statement, part)


def _is_constant_of_class(node: cst.Assign | cst.AnnAssign) -> bool:
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    return isinstance(target, cst.Name) and target.value in _CONSTANTS_OF_CLASSES

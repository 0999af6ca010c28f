"""Factories of ``defaultdict``: a builtin, a partial, or a function, instead of a lambda."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_LITERALS = {"0": "int", "0.0": "float", "''": "str", '""': "str", "False": "bool", "b''": "bytes", 'b""': "bytes"}


class Factory:
    """What stands for ``lambda: ...`` as the factory of a ``defaultdict``."""

    def __init__(self, statement: TopLevelStatement, imports: Imports, place: cst.CSTNode) -> None:
        self.statement = statement
        self.imports = imports
        self.place = place

    def text(self, value: cst.BaseExpression) -> str | None:
        """A factory of the value; ``None`` if only a function would do."""
        source = self.statement.source(value)
        if source in _LITERALS:
            return self._builtin(_LITERALS[source])
        if isinstance(value, cst.Name) and value.value == "None":
            return f"{name}(None)" if (name := self._builtin("type")) else None
        if isinstance(value, (cst.List, cst.Tuple)) and not value.elements:
            return self._builtin("list" if isinstance(value, cst.List) else "tuple")
        if isinstance(value, cst.Dict) and not value.elements:
            return self._builtin("dict")
        return self._call(value) if isinstance(value, cst.Call) else None

    def _builtin(self, name: str) -> str | None:
        owner = self.statement.scopes.scope_of(self.place).lookup(name)
        if owner is not None and owner.kind is not ScopeKind.MODULE:
            return None
        return name if self.statement.module.facts.origin(name) == f"builtins.{name}" else None

    def _call(self, value: cst.Call) -> str | None:
        """``Box()`` and ``Box(1)``, if ``Box`` always means the same."""
        if not self._is_fixed(value.func):
            return None
        function = self.statement.source(value.func)
        if not value.args:
            return function
        parts = []
        for argument in value.args:
            text = self._argument(argument)
            if text is None:
                return None
            parts.append(text)
        partial = self.imports.name_for("functools", "partial", self.place)
        return f"{partial}({', '.join([function, *parts])})"

    def _is_fixed(self, function: cst.BaseExpression) -> bool:
        base = function
        while isinstance(base, cst.Attribute):
            base = base.value
        if not isinstance(base, cst.Name):
            return False
        owner = self.statement.scopes.scope_of(base).lookup(base.value)
        if owner is not None and owner.kind is not ScopeKind.MODULE:
            return False
        facts = self.statement.module.facts
        dotted = origin(self.statement, function)
        if function is base and dotted is not None and dotted.startswith("builtins."):
            return True
        binding = facts.single_binding(base.value)
        if binding is None or getattr(binding.node, "lineno", 0) >= self.statement.line(self.place):
            return False
        is_definition = function is base and facts.single_definition(base.value) is not None
        return dotted is not None or is_definition

    def _argument(self, argument: cst.Arg) -> str | None:
        if argument.star:
            return None
        keyword = f"{argument.keyword.value}=" if argument.keyword is not None else ""
        value = argument.value
        if is_constant(value):
            return f"{keyword}{self.statement.source(value)}"
        if isinstance(value, cst.Lambda) and not _has_parameters(value):
            inner = self.text(value.body)
        elif isinstance(value, cst.Name):
            inner = value.value if self._is_fixed(value) else None
        else:
            inner = None
        return None if inner is None else f"{keyword}{inner}"


def is_constant(value: cst.BaseExpression) -> bool:
    """Whether an expression is an immutable constant."""
    if isinstance(value, cst.UnaryOperation):
        return is_constant(value.expression)
    if isinstance(value, cst.Tuple):
        return bool(value.lpar) and all(is_constant(element.value) for element in value.elements)
    if isinstance(value, cst.Name):
        return value.value in {"None", "True", "False"}
    return isinstance(value, (cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.Ellipsis))


def _has_parameters(node: cst.Lambda) -> bool:
    given = node.params
    star = isinstance(given.star_arg, cst.Param)
    return bool(given.posonly_params or given.params or given.kwonly_params or given.star_kwarg or star)


def outermost_factory(statement: TopLevelStatement, node: cst.Lambda) -> cst.Lambda | None:
    """The factory of the outermost ``defaultdict`` around a lambda that is such a factory itself."""
    found: cst.Lambda | None = None
    current: cst.CSTNode = node
    while isinstance(current, cst.Lambda) and not _has_parameters(current):
        argument = statement.parents.get(current)
        call = statement.parents.get(argument) if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call) or not call.args or call.args[0] is not argument:
            break
        if origin(statement, call.func) != "collections.defaultdict":
            break
        found = current
        around = statement.parents.get(call)
        if around is None:
            break
        current = around
    return found


def factory_within(statement: TopLevelStatement, node: cst.Lambda) -> cst.Lambda | None:
    """The factory of the ``defaultdict`` that a lambda makes, which can't be pickled either."""
    body = node.body
    if not isinstance(body, cst.Call) or not body.args or origin(statement, body.func) != "collections.defaultdict":
        return None
    found = body.args[0].value
    return found if isinstance(found, cst.Lambda) and not _has_parameters(found) else None


def factory_fix(statement: TopLevelStatement, node: cst.Lambda) -> Fix | None:
    """The fix of a factory of a ``defaultdict`` that needs no function; ``None`` for anything else."""
    factory = outermost_factory(statement, node)
    if factory is None:
        return None
    imports = Imports(statement)
    text = Factory(statement, imports, factory).text(factory.body)
    if text is None:
        return None
    return Fix(Applicability.SAFE, (*imports.edits, Edit(*statement.span(factory), text)))


def has_factory(statement: TopLevelStatement, node: cst.Lambda) -> bool:
    """Whether a lambda is such a factory, or refused."""
    try:
        return factory_fix(statement, node) is not None
    except Refused:
        return True

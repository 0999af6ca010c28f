"""Classes that calls make: ``namedtuple("Point", "x y")``, ``Enum("Color", "RED")``, ``type("Thing", (), {})``."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import TYPE_MAKERS, canonical
from flake8_pitfalls.rules.pickling.definitions import is_local
from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.rules.pickling.model import Culprit, Why
from flake8_pitfalls.rules.pickling.syntax import argument, constant_text
from flake8_pitfalls.semantics.names import owner

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_ARGUMENTS_OF_TYPE = 3
_TUPLES = frozenset({"collections.namedtuple", "typing.NamedTuple"})
_SETS_NAMES = ("globals()", "sys.modules", "__qualname__", "__reduce_ex__", "setattr(")
"""Text of files that may give a class the name that it needs, in a way that isn't followed."""


class MadeTypes:
    """The classes that calls make in one module."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def called(self, statement: TopLevelStatement, node: cst.Call) -> Culprit | None:
        """The class that a call makes, if it isn't found by its name."""
        name = self.type_name(statement, node)
        if name is None or any(self._lookup.module.has_text(text) for text in _SETS_NAMES):
            return None
        if "__getattr__" in self._lookup.module.facts.bindings:
            # The module may give it by its name all the same.
            return None
        target = self._bound_to(statement, node)
        if is_local(statement, node):
            is_global = target is not None and owner(statement.scopes.scope_of(target), target.value) is None
            return None if is_global else Culprit(statement, node, Why.LOCAL_CLASS)
        return Culprit(statement, node, Why.REPLACED) if self.is_misnamed(statement, node) else None

    def is_misnamed(self, statement: TopLevelStatement, node: cst.Call) -> bool:
        """Whether a class that the module, or a class in it, makes goes by a name that means something else there."""
        name = self.type_name(statement, node)
        target = self._bound_to(statement, node)
        if name is None or target is None or name in self._lookup.module.facts.bindings:
            return False
        in_class = isinstance(statement.scopes.scope_of(target).node, cst.ClassDef)
        return in_class or name != target.value

    def is_only_base(self, statement: TopLevelStatement, node: cst.Call) -> bool:
        """Whether nothing is made of a class of the module but classes that derive from it."""
        target = self._bound_to(statement, node)
        if target is None or not isinstance(statement.scopes.scope_of(target).node, cst.Module):
            return False
        bindings = self._lookup.module.facts.bindings.get(target.value, ())
        if any(isinstance(binding.node, ast.ClassDef) for binding in bindings):
            return True
        return self._reads.get(target.value, 0) == self._as_bases.get(target.value, 0) > 0

    @cached_property
    def _reads(self) -> Counter[str]:
        """How often names are read in the module."""
        nodes = self._lookup.module.walk_ast()
        return Counter(node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))

    @cached_property
    def _as_bases(self) -> Counter[str]:
        """How often names are bases of classes."""
        classes = (node for node in self._lookup.module.walk_ast() if isinstance(node, ast.ClassDef))
        return Counter(base.id for node in classes for base in node.bases if isinstance(base, ast.Name))

    def type_name(self, statement: TopLevelStatement, node: cst.Call) -> str | None:
        """The name that a call gives to the class it makes."""
        dotted = self._lookup.dotted(statement, node.func)
        keyword = TYPE_MAKERS.get(canonical(dotted)) if dotted is not None else None
        if dotted is None or keyword is None:
            return None
        if len(node.args) < (_ARGUMENTS_OF_TYPE if dotted == "builtins.type" else 2):
            return None
        passed = {part.keyword.value for part in node.args if part.keyword is not None}
        if passed & {"module", "qualname"} or any(part.star for part in node.args):
            return None
        return constant_text(argument(node, 0, keyword))

    def _bound_to(self, statement: TopLevelStatement, node: cst.Call) -> cst.Name | None:
        """The name that the class is assigned to."""
        parent = statement.parents.get(node)
        if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
            target = parent.targets[0].target
        elif isinstance(parent, cst.AnnAssign):
            target = parent.target
        else:
            return None
        return target if isinstance(target, cst.Name) else None

    def instance(self, statement: TopLevelStatement, function: cst.BaseExpression) -> Culprit | None:
        """An instance of such a class, or one of its attributes: ``Point(1, 2)``, ``Color.RED``."""
        if isinstance(function, cst.Name):
            values = self._lookup.values(statement, function)
            if len(values) == 1 and isinstance(values[0].node, cst.Call):
                return self.called(values[0].statement, values[0].node)
        if isinstance(function, cst.Attribute) and isinstance(function.value, cst.Name):
            holder = self._lookup.class_named(statement, function.value) or self._lookup.class_of_self(
                statement, function.value
            )
            if holder is not None:
                return self.of_class_attribute(*holder, function.attr.value)
        return None

    def member(self, statement: TopLevelStatement, holder: cst.BaseExpression) -> Culprit | None:
        """A member of an enumeration that a call makes: ``Color.RED``."""
        values = self._lookup.values(statement, holder) if isinstance(holder, cst.Name) else []
        if len(values) != 1 or not isinstance(values[0].node, cst.Call):
            return None
        dotted = self._lookup.dotted(values[0].statement, values[0].node.func)
        is_enumeration = dotted is not None and dotted.startswith("enum.")
        return self.called(values[0].statement, values[0].node) if is_enumeration else None

    def is_tuple(self, statement: TopLevelStatement, function: cst.BaseExpression) -> bool:
        """Whether calling something makes a named tuple, which holds what it's called with."""
        values = self._lookup.values(statement, function)
        if len(values) != 1 or not isinstance(values[0].node, cst.Call):
            return False
        return self._lookup.dotted(values[0].statement, values[0].node.func) in _TUPLES

    def of_class_attribute(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> Culprit | None:
        """A class that the body of another one makes."""
        scope = statement.scopes.scope_for(node)
        if name not in scope.bindings:
            return None
        values = self._lookup.attribute_values(statement, node, name)
        if len(values) == 1 and isinstance(values[0].node, cst.Call):
            return self.called(values[0].statement, values[0].node)
        return None

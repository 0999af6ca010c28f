"""Whether an expression certainly gives an object that can't be pickled, and what makes it so."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import (
    DICTIONARIES,
    ITERATING,
    PICKLABLE_BY_CLOUDPICKLE,
    PROCESS_OWNERS,
    RESOURCES,
    SOCKETS,
    STREAMS,
    SYNCHRONIZED,
    holds_arguments,
)
from flake8_pitfalls.rules.pickling.decorators import Decorators, Effect
from flake8_pitfalls.rules.pickling.definitions import is_local, own_parameter, yields
from flake8_pitfalls.rules.pickling.elements import Elements
from flake8_pitfalls.rules.pickling.guards import is_bound_under_guard, is_guard
from flake8_pitfalls.rules.pickling.kinds import Kind
from flake8_pitfalls.rules.pickling.lookup import Class, Lookup
from flake8_pitfalls.rules.pickling.model import Culprit, Why
from flake8_pitfalls.rules.pickling.mutations import Mutations
from flake8_pitfalls.rules.pickling.receivers import Receivers
from flake8_pitfalls.rules.pickling.state import State
from flake8_pitfalls.rules.pickling.syntax import is_none
from flake8_pitfalls.rules.pickling.types_made import MadeTypes
from flake8_pitfalls.rules.pickling.via import Via
from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.variables import Bound, Expression
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_MAPPINGS = DICTIONARIES - {"collections.Counter", "collections.ChainMap"}
_VIEWS = frozenset({"keys", "values", "items"})


class Objects:
    """Finds out what can't be pickled in one module; ``None`` is whatever can be, or isn't known."""

    def __init__(self, lookup: Lookup, receivers: Receivers) -> None:
        self.lookup = lookup
        self.receivers = receivers
        self.decorators = Decorators(lookup)
        self.types = MadeTypes(lookup)
        self.state = State(self)
        self.elements = Elements(self)
        self._mutations = Mutations(self)
        self._known: dict[tuple[cst.BaseExpression, Via], Culprit | None] = {}
        self._renamed = frozenset(
            re.findall(r"(\w+)\s*\.\s*__qualname__\s*=", lookup.module.text)
            if "__qualname__" in lookup.module.text
            else ()
        )

    def find(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        """Why the object that an expression gives can't be pickled."""
        key = (node, via)
        if key not in self._known:
            # What depends on itself isn't known.
            self._known[key] = None
            self._known[key] = self._find(statement, node, via)
        return self._known[key]

    def first(self, found: list[Culprit | None]) -> Culprit | None:
        """The worst of several parts of an object: what depends on the start method comes last."""
        known = [culprit for culprit in found if culprit is not None]
        return min(known, key=lambda culprit: culprit.why is Why.GUARDED, default=None)

    def all(self, found: list[Culprit | None]) -> Culprit | None:
        """The first of several alternatives, if none of them can be pickled."""
        return self.first(found) if found and all(culprit is not None for culprit in found) else None

    def _find(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        match node:
            case cst.Name():
                return self._name(statement, node, via)
            case cst.Attribute():
                return self._attribute(statement, node, via)
            case cst.Call():
                return self._call(statement, node, via)
            case cst.Lambda():
                return None if via is Via.CLOUD else Culprit(statement, node, Why.LAMBDA)
            case cst.GeneratorExp():
                return Culprit(statement, node, Why.GENERATOR)
            case cst.IfExp():
                return self.all([self.find(statement, part, via) for part in (node.body, node.orelse)])
            case cst.NamedExpr():
                return self.find(statement, node.value, via)
            case cst.Subscript():
                return self.elements.subscript(statement, node, via)
        return self.elements.container(statement, node, via)

    # -- names -------------------------------------------------------------------------------------------------

    def _name(self, statement: TopLevelStatement, node: cst.Name, via: Via) -> Culprit | None:
        own = self.lookup.class_of_self(statement, node)
        if own is not None:
            return self.state.of_instance(*own, via)
        if self.lookup.dotted(statement, node) in STREAMS:
            return Culprit(statement, node, Why.RESOURCE)
        bindings = self.lookup.variables.reaching(statement, node)
        found = self.all([self._bound(bound, node.value, via) for bound in bindings])
        if found is None and len(bindings) == 1 and bindings[0].value is not None:
            return self._mutations.of_name(statement, node, bindings[0], via)
        if found is not None and len(bindings) == 1 and self._mutations.undone(statement, node, bindings[0], found):
            return None
        return found

    def _bound(self, bound: Bound, name: str, via: Via) -> Culprit | None:
        statement, binding = bound
        match binding.node:
            case cst.FunctionDef() as function:
                return self._function(statement, function, via)
            case cst.ClassDef() as definition:
                return self.class_itself(statement, definition, via)
            case cst.ImportAlias() as alias:
                is_module = isinstance(statement.parents.get(alias), cst.Import)
                return Culprit(statement, alias, Why.RESOURCE) if is_module and via is not Via.CLOUD else None
            case cst.Param():
                return self._parameter(statement, bound, via)
        if binding.kind is BindingKind.FOR:
            return self.elements.looped(statement, binding.node, via)
        if binding.kind is BindingKind.WITH:
            return self._entered(statement, binding.node, via)
        value = bound.value
        if value is None or binding.kind not in {BindingKind.ASSIGNMENT, BindingKind.WALRUS} or name in self._renamed:
            return None
        return self.find(*value, via) or self._rebound(bound, name, value, via)

    def _rebound(self, bound: Bound, name: str, value: Expression, via: Via) -> Culprit | None:
        """``g = deco(f)``: what ``deco`` makes goes by the name ``f``, which means something else."""
        call = value.node
        if via is Via.CLOUD or not isinstance(call, cst.Call) or len(call.args) != 1 or is_local(*bound_place(bound)):
            return None
        function = self.lookup.function_named(value.statement, call.args[0].value)
        if function is None or is_local(*function) or function[1].name.value == name or function[1].decorators:
            return None
        decorator = self.lookup.function_named(value.statement, call.func)
        if decorator is None or self.decorators.of(value.statement, call.func)[0] is not Effect.KEEPS:
            return None
        values = self.lookup.returned(value.statement, call)
        inner = self.lookup.function_named(*values[0]) if values else None
        return Culprit(value.statement, call, Why.REPLACED) if inner is not None else None

    def _parameter(self, statement: TopLevelStatement, bound: Bound, via: Via) -> Culprit | None:
        function = statement.scopes.scope_of(bound.binding.node).node
        if (
            via is Via.CLOUD
            or not isinstance(function, cst.FunctionDef)
            or self.lookup.enclosing_class(statement, function)
        ):
            return None
        if self.decorators.gets_original(statement, function, bound.binding.name):
            return Culprit(statement, bound.binding.node, Why.REPLACED)
        return None

    def _entered(self, statement: TopLevelStatement, target: cst.CSTNode, via: Via) -> Culprit | None:
        parent = statement.parents.get(target)
        item = statement.parents.get(parent) if parent is not None else None
        if not isinstance(item, cst.WithItem):
            return None
        found = self.find(statement, item.item, via)
        return found if found is not None and found.why is Why.RESOURCE else None

    # -- definitions -------------------------------------------------------------------------------------------

    def _function(self, statement: TopLevelStatement, node: cst.FunctionDef, via: Via) -> Culprit | None:
        if node.name.value in self._renamed or via is Via.CLOUD:
            return None
        effect, by, where = self.decorators.effect(statement, node)
        if effect is Effect.UNKNOWN:
            return None
        if is_local(statement, node):
            return self._local(statement, node, Why.NESTED_FUNCTION, via)
        if effect is Effect.REPLACES and by is not None:
            return Culprit(where, by, Why.LAMBDA if isinstance(by, cst.Lambda) else Why.REPLACED)
        return self._guarded(statement, node, via)

    def class_itself(self, statement: TopLevelStatement, node: cst.ClassDef, via: Via) -> Culprit | None:
        """A class itself."""
        if node.name.value in self._renamed or "__qualname__" in statement.scopes.scope_for(node).bindings:
            return None
        if via is Via.CLOUD:
            return None
        effect, by, where = self.decorators.effect(statement, node)
        if effect is Effect.UNKNOWN:
            return None
        if is_local(statement, node):
            return self._local(statement, node, Why.LOCAL_CLASS, via)
        if effect is Effect.REPLACES and by is not None:
            return Culprit(where, by, Why.REPLACED)
        return self._guarded(statement, node, via)

    def _local(
        self, statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef, why: Why, via: Via
    ) -> Culprit | None:
        scope = statement.scopes.scope_of(node)
        if scope.kind is not ScopeKind.CLASS and node.name.value in scope.global_names:
            return Culprit(statement, node, Why.GUARDED) if via.starts_processes and self._runs_late(scope) else None
        return Culprit(statement, node, why)

    def _runs_late(self, scope: Scope) -> bool:
        """Whether a function isn't called when the module is imported, by every process."""
        function = scope.node
        if not isinstance(function, cst.FunctionDef) or function.decorators:
            return False
        return function.name.value not in self._called_at_import

    @cached_property
    def _called_at_import(self) -> frozenset[str]:
        """The last names of what the module's own code calls, but for that under the guard."""
        found: set[str] = set()
        stack: list[ast.AST] = [node for node in self.lookup.module.tree.body if not is_guard(node)]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Call):
                found.update({getattr(node.func, "id", ""), getattr(node.func, "attr", "")})
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                stack.extend(ast.iter_child_nodes(node))
        return frozenset(found)

    def _guarded(self, statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef, via: Via) -> Culprit | None:
        """What only exists under ``if __name__ == "__main__":``."""
        if via.starts_processes and is_bound_under_guard(self.lookup.module, node.name.value):
            return Culprit(statement, node, Why.GUARDED)
        return None

    # -- attributes --------------------------------------------------------------------------------------------

    def _attribute(self, statement: TopLevelStatement, node: cst.Attribute, via: Via) -> Culprit | None:
        if self.lookup.dotted(statement, node) in STREAMS:
            return Culprit(statement, node, Why.RESOURCE)
        name = node.attr.value
        private = self._private_method(statement, node)
        if private is not None:
            return private
        owner = self.lookup.class_of(statement, node.value)
        if owner is None:
            named = self.lookup.class_named(statement, node.value)
            if named is None:
                return self.types.member(statement, node.value) if via is not Via.CLOUD else None
            return self._class_attribute(*named, name, via)
        return (
            None if self.lookup.may_be_below(statement, node, owner[1]) else self._of_owner(statement, node, owner, via)
        )

    def _of_owner(self, statement: TopLevelStatement, node: cst.Attribute, owner: Class, via: Via) -> Culprit | None:
        """An attribute of an instance of a class of this file."""
        name = node.attr.value
        if name == "__dict__":
            return self.state.of_attributes(*owner, via)
        method = self.lookup.method(*owner, name)
        if method is None:
            values = self.lookup.attribute_values(*owner, name)
            return self.all([self.find(*value, via) for value in values])
        if self.lookup.is_property(*method):
            return None
        effect, by, where = self.decorators.effect(*method)
        if effect is Effect.UNKNOWN:
            return None
        if effect is Effect.REPLACES and by is not None and via is not Via.CLOUD:
            return Culprit(where, by, Why.REPLACED)
        names = {self.lookup.dotted(method[0], decorator.decorator) for decorator in method[1].decorators}
        if names & {"builtins.staticmethod", "builtins.classmethod"}:
            return self.class_itself(*owner, via)
        if isinstance(node.value, cst.Name) and self.lookup.class_of_self(statement, node.value):
            return self.state.of_instance(*owner, via)
        return self.find(statement, node.value, via)

    def _private_method(self, statement: TopLevelStatement, node: cst.Attribute) -> Culprit | None:
        """``self.__work`` is looked up as ``__work``, and stored as ``_Class__work``."""
        name = node.attr.value
        if not name.startswith("__") or name.endswith("__"):
            return None
        around = self.lookup.class_around(statement, node)
        if around is None or not around.name.value.strip("_"):
            return None
        method = self.lookup.method(statement, around, name)
        if method is None or self.lookup.is_property(*method):
            return None
        return Culprit(*method, Why.PRIVATE_METHOD)

    def _class_attribute(self, statement: TopLevelStatement, node: cst.ClassDef, name: str, via: Via) -> Culprit | None:
        """``C.work``: a function of a class, a lambda or type that its body makes, or a member of an enumeration."""
        if self._is_enumeration(statement, node):
            return self.class_itself(statement, node, via)
        if self.lookup.method(statement, node, name) is not None:
            return self.class_itself(statement, node, via)
        made = self.types.of_class_attribute(statement, node, name)
        if made is not None:
            return made if via is not Via.CLOUD else None
        values = self.lookup.attribute_values(statement, node, name)
        return self.all([self.find(*value, via) for value in values])

    def _is_enumeration(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        dotted = [self.lookup.dotted(statement, base.value) for base in node.bases]
        return any(name is not None and name.startswith("enum.") for name in dotted)

    # -- calls -------------------------------------------------------------------------------------------------

    def _call(self, statement: TopLevelStatement, node: cst.Call, via: Via) -> Culprit | None:
        made = self._made_by_class(statement, node)
        if made is not None:
            return self._instance(*made, via, node)
        named = self.receivers.callable(statement, node.func)
        if named is not None and named.name:
            found = self._known_call(statement, node, named.name, via)
            if found is not None or holds_arguments(named.name):
                return found
        receiver = self.receivers.of(statement, node)
        if receiver is not None and receiver.kind in {Kind.POOL, Kind.EXECUTOR, Kind.MANAGER}:
            return Culprit(statement, node, Why.RESOURCE)
        type_made = self.types.instance(statement, node.func)
        if type_made is not None:
            return type_made if via is not Via.CLOUD else None
        if self.types.is_tuple(statement, node.func):
            return self.first([self.find(statement, passed.value, via) for passed in node.args if not passed.star])
        return self._returned(statement, node, via)

    def _made_by_class(self, statement: TopLevelStatement, node: cst.Call) -> Class | None:
        made = self.lookup.class_itself(statement, node.func)
        if made is None and isinstance(node.func, cst.Attribute):
            made = self.lookup.nested_class(statement, node.func)
        return made

    def _instance(self, statement: TopLevelStatement, node: cst.ClassDef, via: Via, call: cst.Call) -> Culprit | None:
        """A new instance of a class of this file."""
        of_class = self.class_itself(statement, node, via)
        if of_class is not None and isinstance(of_class.node, cst.FunctionDef):
            # A decorator makes the class a function: calling that gives an instance only if the class is called in it.
            return of_class if _calls_parameter(of_class) else None
        return self.state.of_instance(statement, node, via, call)

    def _known_call(self, statement: TopLevelStatement, node: cst.Call, name: str, via: Via) -> Culprit | None:
        if name in RESOURCES or name in PROCESS_OWNERS:
            if via is Via.CLOUD and name in PICKLABLE_BY_CLOUDPICKLE:
                return None
            return Culprit(statement, node, Why.RESOURCE)
        if name in SOCKETS:
            return Culprit(statement, node, Why.RESOURCE) if via is Via.PICKLE else None
        if name in SYNCHRONIZED:
            return Culprit(statement, node, Why.RESOURCE) if via is not Via.START else None
        made = self.types.called(statement, node)
        if made is not None:
            return made if via is not Via.CLOUD else None
        if name == "builtins.vars" and len(node.args) == 1:
            owner = self.lookup.class_of(statement, node.args[0].value)
            return self.state.of_attributes(*owner, via) if owner is not None else None
        if name in _MAPPINGS:
            return self.elements.of_dict_arguments(statement, node.args, via)
        if name == "collections.defaultdict":
            factory = [self.find(statement, passed.value, via) for passed in node.args[:1] if passed.keyword is None]
            return self.first([*factory, self.elements.of_dict_arguments(statement, node.args[1:], via)])
        if not holds_arguments(name):
            return None
        find = self.elements.of if name in ITERATING else self.find
        return self.first([find(statement, passed.value, via) for passed in node.args if not passed.star])

    def _returned(self, statement: TopLevelStatement, node: cst.Call, via: Via) -> Culprit | None:
        """What a function of this file makes."""
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in _VIEWS and not node.args:
            values = self.lookup.values(statement, node.func.value)
            if via is not Via.CLOUD and values and all(isinstance(value.node, cst.Dict) for value in values):
                return Culprit(statement, node, Why.RESOURCE)
        function = self.lookup.function_called(statement, node.func)
        if function is None or not self.lookup.is_called_directly(*function):
            return None
        where, definition = function
        if definition.asynchronous is not None or yields(definition):
            return None if self._is_awaited(statement, node) else Culprit(where, definition, Why.GENERATOR)
        values = self.lookup.returned(statement, node)
        return self.all([self.find(*value, via) for value in values if not is_none(value.node)])

    def _is_awaited(self, statement: TopLevelStatement, node: cst.CSTNode) -> bool:
        return isinstance(statement.parents.get(node), cst.Await)


def _calls_parameter(culprit: Culprit) -> bool:
    """Whether the wrapper of a class makes instances of the class that the decorator got."""
    around = culprit.statement.scopes.scope_of(culprit.node).node
    own = own_parameter(around) if isinstance(around, cst.FunctionDef) else None
    return own is not None and any(
        isinstance(part, cst.Call) and isinstance(part.func, cst.Name) and part.func.value == own
        for part in walk(culprit.node)
    )


def bound_place(bound: Bound) -> tuple[TopLevelStatement, cst.CSTNode]:
    """Where a binding stands."""
    return bound.statement, bound.binding.node

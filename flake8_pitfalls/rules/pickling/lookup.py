"""What names, calls and attributes mean in one module, as far as that's certain."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import canonical
from flake8_pitfalls.rules.pickling.definitions import assigned_to, own_parameter, returned_values, yields
from flake8_pitfalls.semantics.names import origin, owner
from flake8_pitfalls.semantics.scopes import BindingKind, ScopeKind
from flake8_pitfalls.semantics.variables import Bound, Expression, Variables
from flake8_pitfalls.semantics.walk import may_mention, walk, walk_known

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

Class = tuple["TopLevelStatement", cst.ClassDef]
Function = tuple["TopLevelStatement", cst.FunctionDef]

_DEEPEST_ALIAS = 8
_ASSIGNMENTS = frozenset({BindingKind.ASSIGNMENT, BindingKind.WALRUS})
_DIRECT = frozenset({"builtins.staticmethod", "builtins.classmethod"})
_PROPERTIES = frozenset({"builtins.property", "functools.cached_property", "abc.abstractproperty"})


class Lookup:
    """Finds definitions and values in one module."""

    def __init__(self, module: SourceModule) -> None:
        self.module = module
        self.variables = Variables(module)
        self._classes: dict[cst.BaseExpression, Class | None] = {}
        self._mros: dict[cst.ClassDef, list[Class]] = {}
        self._methods: dict[cst.ClassDef, list[cst.FunctionDef]] = {}
        self._annotated: dict[cst.ClassDef, dict[str, list[cst.Annotation]]] = {}
        self._otherwise: dict[str, bool] = {}
        self._subclasses: dict[cst.ClassDef, list[Class]] = {}
        self._assigned: dict[cst.FunctionDef, dict[str, list[Expression]]] = {}
        self._of_self: dict[tuple[cst.ClassDef, str], list[Expression]] = {}

    def dotted(self, statement: TopLevelStatement, node: cst.CSTNode) -> str | None:
        """The dotted name that an expression stands for; ``None`` also if the file imports it in two ways."""
        found = origin(statement, node)
        if found is None:
            return None
        attributes: list[str] = []
        while isinstance(node, cst.Attribute):
            attributes.append(node.attr.value)
            node = node.value
        if canonical(found) in self._patched:
            return None
        if isinstance(node, cst.Name) and owner(statement.scopes.scope_of(node), node.value) is None:
            imports = self.module.facts.imports(node.value)
            if self._is_bound_otherwise(node.value, is_import=bool(imports)):
                return None
            if len(imports) > 1:
                names = {canonical(".".join([name, *reversed(attributes)]) + ".x") for name in imports}
                return found if len(names) == 1 else None
        return found

    def _is_bound_otherwise(self, name: str, *, is_import: bool) -> bool:
        """Whether a function gives a name another value, or an import is replaced by more than ``None``."""
        known = self._otherwise.get(name)
        if known is None:
            facts = self.module.facts
            assigned = is_import and any(
                not isinstance(binding.node, (ast.Import, ast.ImportFrom)) for binding in facts.bindings.get(name, ())
            )
            bindings = self.variables.of_module(name) if assigned else []
            known = self._otherwise[name] = name in facts.rebound_by_functions or any(
                bound.binding.kind is not BindingKind.IMPORT and not bound.is_none() for bound in bindings
            )
        return known

    @cached_property
    def _patched(self) -> frozenset[str]:
        """What of imported modules the file replaces: ``multiprocessing.Pool = ThreadPool``."""
        stored = (
            self.module.facts.dotted(node)
            for node in self.module.walk_ast()
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        )
        return frozenset(canonical(name) for name in stored if name is not None)

    @cached_property
    def stored_on_objects(self) -> frozenset[str]:
        """Attributes that are assigned through anything but the first parameter of a method: ``worker.pool = ...``."""
        return frozenset(
            node.attr
            for node in self.module.walk_ast()
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
        )

    # -- definitions -------------------------------------------------------------------------------------------

    def definition(self, statement: TopLevelStatement, name: cst.Name) -> Bound | None:
        """The only definition, import or assignment that a name may mean where it's read."""
        bindings = self.variables.reaching(statement, name)
        return bindings[0] if len(bindings) == 1 else None

    def class_named(self, statement: TopLevelStatement, name: cst.CSTNode) -> Class | None:
        """The class of this file that a name means."""
        found = self.definition(statement, name) if isinstance(name, cst.Name) else None
        if found is not None and isinstance(found.binding.node, cst.ClassDef):
            return found.statement, found.binding.node
        return None

    def function_named(self, statement: TopLevelStatement, name: cst.CSTNode) -> Function | None:
        """The function of this file that a name means; its decorators may have replaced it."""
        found = self.definition(statement, name) if isinstance(name, cst.Name) else None
        if found is not None and isinstance(found.binding.node, cst.FunctionDef):
            return found.statement, found.binding.node
        return None

    def function_called(self, statement: TopLevelStatement, function: cst.BaseExpression) -> Function | None:
        """The function or method of this file that an expression means."""
        if isinstance(function, cst.Name):
            return self.function_named(statement, function)
        if isinstance(function, cst.Attribute):
            owner_class = self.class_of(statement, function.value) or self.class_named(statement, function.value)
            if owner_class is None or self.may_be_below(statement, function, owner_class[1]):
                return None
            return self.method(*owner_class, function.attr.value)
        return None

    def may_be_below(self, statement: TopLevelStatement, node: cst.Attribute, owner_class: cst.ClassDef) -> bool:
        """Whether ``self.make`` may be what a class gives it that derives from the one around."""
        own = self.class_itself(statement, node.value) or (
            self.class_of_self(statement, node.value) if isinstance(node.value, cst.Name) else None
        )
        if own is None or own[1] is not owner_class:
            return False
        is_named = self.class_named(statement, node.value) is not None
        return not is_named and self.is_overridden_below(owner_class, node.attr.value)

    # -- values ------------------------------------------------------------------------------------------------

    def values(self, statement: TopLevelStatement, node: cst.BaseExpression, depth: int = 0) -> list[Expression]:
        """The expressions whose value another one has; none if that isn't known."""
        if not isinstance(node, cst.Name) or node.value in {"None", "True", "False"}:
            return [Expression(statement, node)]
        if depth > _DEEPEST_ALIAS:
            return []
        found: list[Expression] = []
        for bound in self.variables.reaching(statement, node):
            value = bound.value if bound.binding.kind in _ASSIGNMENTS else None
            if value is None:
                return []
            found.extend(known := self.values(*value, depth + 1))
            if not known:
                # A parameter, an import or a definition under another name.
                found.append(value)
        return found

    def returned(self, statement: TopLevelStatement, node: cst.Call) -> list[Expression]:
        """What a call of a function or method of this file may return; none if that isn't known."""
        function = self.function_called(statement, node.func)
        if function is None or not self.is_called_directly(*function):
            return []
        return [] if function[1].asynchronous or yields(function[1]) else returned_values(*function)

    def is_called_directly(self, statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
        """Whether no decorator may change what a call of a function gives."""
        return all(self.dotted(statement, decorator.decorator) in _DIRECT for decorator in node.decorators)

    # -- classes -----------------------------------------------------------------------------------------------

    def class_itself(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Class | None:
        """The class that an expression is: its name, or ``cls`` in a class method."""
        if not isinstance(node, cst.Name):
            return None
        return self.class_named(statement, node) or self._class_of_parameter(statement, node, of_class=True)

    def class_of_self(self, statement: TopLevelStatement, name: cst.Name) -> Class | None:
        """The class whose method a name is the first parameter of."""
        return self._class_of_parameter(statement, name, of_class=False)

    def _class_of_parameter(self, statement: TopLevelStatement, name: cst.Name, *, of_class: bool) -> Class | None:
        scope = owner(statement.scopes.scope_of(name), name.value)
        if scope is None or not isinstance(scope.node, cst.FunctionDef):
            return None
        parameters = [*scope.node.params.posonly_params, *scope.node.params.params]
        if not parameters or parameters[0].name.value != name.value or len(scope.bindings.get(name.value, ())) != 1:
            return None
        node = self.enclosing_class(statement, scope.node)
        if node is None:
            return None
        names = {self.dotted(statement, decorator.decorator) for decorator in scope.node.decorators}
        static = names & {"builtins.staticmethod", *(() if of_class else ("builtins.classmethod",))}
        return None if static or (of_class and "builtins.classmethod" not in names) else (statement, node)

    def enclosing_class(self, statement: TopLevelStatement, node: cst.CSTNode) -> cst.ClassDef | None:
        """The class in whose body a function is defined."""
        scope = statement.scopes.scope_for(node).parent
        while scope is not None and scope.kind is ScopeKind.TYPE:
            scope = scope.parent
        return scope.node if scope is not None and isinstance(scope.node, cst.ClassDef) else None

    def class_around(self, statement: TopLevelStatement, node: cst.CSTNode) -> cst.ClassDef | None:
        """The innermost class around a node: the one by which private names are mangled."""
        current = statement.parents.get(node)
        while current is not None and not isinstance(current, cst.ClassDef):
            current = statement.parents.get(current)
        return current

    def class_of(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Class | None:
        """The class of this file whose instance an expression is."""
        if node not in self._classes:
            # What depends on itself isn't known.
            self._classes[node] = None
            self._classes[node] = self._find_class_of(statement, node)
        return self._classes[node]

    def _find_class_of(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Class | None:
        if isinstance(node, cst.Name):
            own = self.class_of_self(statement, node)
            if own is not None:
                return own
            values = self.values(statement, node)
            return self._agreed_class(values) if values and values[0].node is not node else None
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Name):
                made = self.class_named(statement, node.func)
                if made is not None:
                    return made
            if isinstance(node.func, cst.Attribute):
                nested = self.nested_class(statement, node.func)
                if nested is not None:
                    return nested
            return self._agreed_class(self.returned(statement, node))
        if isinstance(node, cst.Attribute):
            holder = self.class_of(statement, node.value)
            if holder is not None and self.method(*holder, node.attr.value) is None:
                return self._agreed_class(self.attribute_values(*holder, node.attr.value))
        return None

    def nested_class(self, statement: TopLevelStatement, node: cst.Attribute) -> Class | None:
        """``Outer.Inner``."""
        outer = self.class_named(statement, node.value) if isinstance(node.value, cst.Name) else None
        if outer is None:
            return None
        bindings = outer[0].scopes.scope_for(outer[1]).bindings.get(node.attr.value, [])
        if len(bindings) == 1 and isinstance(bindings[0].node, cst.ClassDef):
            return outer[0], bindings[0].node
        return None

    def _agreed_class(self, values: list[Expression]) -> Class | None:
        found = {self.class_of(*value) for value in values}
        return found.pop() if len(found) == 1 else None

    def mro(self, statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
        """A class and those of its bases that this file defines."""
        if node in self._mros:
            return self._mros[node]
        found = self._mros[node] = [(statement, node)]
        seen = {node}
        for where, known in found:
            bases = [base for one in known.bases if (base := self.class_named(where, one.value)) is not None]
            if len(bases) == 1 and found[-1][1] is known and bases[0][1] in self._mros:
                found.extend(base for base in self._mros[bases[0][1]] if base[1] not in seen)
                break
            for base in bases:
                if base[1] not in seen:
                    seen.add(base[1])
                    found.append(base)
        return found

    def method(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> Function | None:
        """The method that instances of a class have under a name."""
        for where, known in self.mro(statement, node):
            scope = where.scopes.scope_for(known)
            bindings = scope.bindings.get(scope.stored_name(name), [])
            if bindings:
                last = bindings[-1].node
                return (where, last) if isinstance(last, cst.FunctionDef) else None
        return None

    def is_property(self, statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
        """Whether a method is read like an attribute."""
        return any(self.dotted(statement, decorator.decorator) in _PROPERTIES for decorator in node.decorators)

    def attribute_values(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> list[Expression]:
        """What a class and its methods assign to an attribute; the target itself where that isn't known."""
        return [
            value
            for known in self.mro(statement, node)
            for value in (*self._class_values(*known, name), *self._values_of_self(*known, name))
        ]

    def is_stored_by_methods(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> bool:
        """Whether methods in the body of a class assign, delete or change an attribute otherwise."""
        return any(True for _ in self._values_of_self(statement, node, name))

    def below(self, node: cst.ClassDef) -> list[Class]:
        """The classes of this file that derive from one, directly or not."""
        found = list(self._directly_below(node))
        seen = {one[1] for one in found}
        for one in found:
            for deeper in self._directly_below(one[1]):
                if deeper[1] not in seen:
                    seen.add(deeper[1])
                    found.append(deeper)
        return found

    def _directly_below(self, node: cst.ClassDef) -> list[Class]:
        known = self._subclasses.get(node)
        if known is None:
            known = self._subclasses[node] = [
                (statement, below)
                for statement in dict.fromkeys(map(self.module.statement_at, self._lines_below[node.name.value]))
                for below in walk_known(statement.tree, "class")
                if isinstance(below, cst.ClassDef) and self._names_as_base(statement, below, node)
            ]
        return known

    def _names_as_base(self, statement: TopLevelStatement, below: cst.ClassDef, node: cst.ClassDef) -> bool:
        bases = (self.class_named(statement, passed.value) for passed in below.bases)
        return any(base is not None and base[1] is node for base in bases)

    @cached_property
    def _lines_below(self) -> defaultdict[str, list[int]]:
        """The lines of the classes that have a base of a name."""
        lines: defaultdict[str, list[int]] = defaultdict(list)
        for node in self.module.walk_ast():
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                if isinstance(base, ast.Name):
                    lines[base.id].append(base.lineno)
        return lines

    def is_overridden_below(self, node: cst.ClassDef, name: str) -> bool:
        """Whether a class of this file that derives from one gives an attribute another meaning."""
        return any(
            name in where.scopes.scope_for(known).bindings or self.is_stored_by_methods(where, known, name)
            for where, known in self.below(node)
        )

    def _class_values(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> Iterator[Expression]:
        scope = statement.scopes.scope_for(node)
        for binding in scope.bindings.get(scope.stored_name(name), ()):
            if binding.kind in _ASSIGNMENTS and isinstance(binding.node, cst.Name):
                value = Bound(statement, binding).value
                yield value if value is not None else Expression(statement, binding.node)

    def _values_of_self(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> Iterator[Expression]:
        known = self._of_self.get((node, name))
        if known is None:
            methods = (method for method in self.methods(statement, node) if may_mention(method.body, name))
            values = (self._assigned_in(statement, method).get(name, ()) for method in methods)
            known = self._of_self[node, name] = [*chain.from_iterable(values)]
        yield from known

    def _assigned_in(self, statement: TopLevelStatement, method: cst.FunctionDef) -> dict[str, list[Expression]]:
        """What a method assigns to the attributes of its first parameter."""
        known = self._assigned.get(method)
        if known is None:
            known = self._assigned[method] = {}
            own = own_parameter(method)
            for name, value in assigned_to(statement, method, own) if own is not None else ():
                known.setdefault(name, []).append(value)
        return known

    def methods(self, statement: TopLevelStatement, node: cst.ClassDef) -> list[cst.FunctionDef]:
        """The functions in the body of a class."""
        known = self._methods.get(node)
        if known is None:
            bindings = statement.scopes.scope_for(node).bindings.values()
            functions = (binding.node for group in bindings for binding in group)
            known = self._methods[node] = [one for one in functions if isinstance(one, cst.FunctionDef)]
        return known

    def annotations(
        self, statement: TopLevelStatement, node: cst.ClassDef, name: str
    ) -> list[tuple[TopLevelStatement, cst.Annotation]]:
        """The annotations of an attribute, in the class's body or its methods."""
        if name not in self._annotated_names:
            return []
        return [
            (where, annotation)
            for where, known in self.mro(statement, node)
            for annotation in self._annotations_in(where, known).get(name, ())
        ]

    @cached_property
    def _annotated_names(self) -> frozenset[str]:
        targets = (node.target for node in self.module.walk_ast() if isinstance(node, ast.AnnAssign))
        return frozenset(
            target.attr if isinstance(target, ast.Attribute) else target.id
            for target in targets
            if not isinstance(target, ast.Subscript)
        )

    def _annotations_in(self, statement: TopLevelStatement, node: cst.ClassDef) -> dict[str, list[cst.Annotation]]:
        known = self._annotated.get(node)
        if known is None:
            known = self._annotated[node] = {}
            for part in walk(node.body):
                target = part.target if isinstance(part, cst.AnnAssign) else None
                if isinstance(target, cst.Attribute):
                    name = target.attr.value
                elif isinstance(target, cst.Name) and statement.scopes.scope_of(target).node is node:
                    name = target.value
                else:
                    continue
                assert isinstance(part, cst.AnnAssign)
                known.setdefault(name, []).append(part.annotation)
        return known

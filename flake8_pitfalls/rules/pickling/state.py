"""The attributes of the instances of a class of the file, which are pickled with them."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import CUSTOM_PICKLING, CUSTOM_REDUCTION, KNOWN_BASES, RESOURCES, canonical
from flake8_pitfalls.rules.pickling.definitions import own_nodes, own_parameter
from flake8_pitfalls.rules.pickling.lookup import Class, Lookup
from flake8_pitfalls.rules.pickling.model import Culprit, Why
from flake8_pitfalls.rules.pickling.syntax import passed_argument
from flake8_pitfalls.rules.pickling.via import Via
from flake8_pitfalls.semantics.classes import field_names
from flake8_pitfalls.semantics.variables import Expression
from flake8_pitfalls.semantics.walk import small_statements

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.unpicklable import Objects
    from flake8_pitfalls.semantics.module import TopLevelStatement

_STARTING = ("__init__", "__post_init__")
_DATACLASSES = frozenset({"dataclasses.dataclass", "attr.s", "attr.attrs", "attr.define", "attrs.define"})
_SPECIAL = CUSTOM_PICKLING | {"__setattr__", "__slots__", "__init_subclass__", "__new__", *_STARTING}
_NO_FIELDS = frozenset({"dataclasses.InitVar", "typing.ClassVar"})
_HOOKS = frozenset({"__setattr__", "__new__", "__init_subclass__"})
"""Methods by which a class decides itself what its instances hold."""
_COPYING = frozenset({"__getstate__", "__setstate__", "__copy__", "__deepcopy__", "__setattr__"})
_CHANGING = frozenset({"clear", "pop", "popitem", "update", "__setitem__", "__delitem__", "setdefault"})
_BLOCKS = (cst.IndentedBlock, cst.SimpleStatementLine, cst.With, cst.SimpleStatementSuite, cst.Assign, cst.AnnAssign)


class State:
    """Judges instances by what their classes store in them."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lookup: Lookup = objects.lookup
        self._names: dict[cst.ClassDef, frozenset[str]] = {}
        self._methods: dict[cst.ClassDef, dict[str, cst.FunctionDef]] = {}
        self._understood: dict[cst.ClassDef, bool] = {}
        self._resources: dict[cst.ClassDef, Culprit | None] = {}

    def of_instance(
        self, statement: TopLevelStatement, node: cst.ClassDef, via: Via, call: cst.Call | None = None
    ) -> Culprit | None:
        """Why an instance can't be pickled; ``call`` is what makes it, if that's known."""
        if self._has(statement, node, CUSTOM_REDUCTION) or self._is_taught_elsewhere:
            return None
        of_class = self._objects.class_itself(statement, node, via)
        if of_class is not None and of_class.why is not Why.GUARDED:
            return of_class
        if self._has(statement, node, CUSTOM_PICKLING) or not self._bases_are_known(statement, node):
            return of_class
        if call is None and any(self._differs(*below) for below in self._lookup.below(node)):
            return of_class
        return self.of_attributes(statement, node, via, call) or of_class

    def _differs(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        """Whether instances of a class may hold less, or pickle less, than those of its bases."""
        methods = self._own_methods(statement, node)
        started = methods.get("__init__")
        return not CUSTOM_PICKLING.isdisjoint(methods) or (started is not None and not _calls_base(started, "__init__"))

    def is_plain(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        """Whether whatever is stored in an attribute of an instance is pickled with it."""
        return self._bases_are_known(statement, node) and not self._has(
            statement, node, CUSTOM_PICKLING | {"__setattr__", "__slots__"}
        )

    def _has(self, statement: TopLevelStatement, node: cst.ClassDef, names: frozenset[str]) -> bool:
        for where, known in self._unseen(statement, node, self._names):
            inherited = [self._names.get(base, frozenset()) for base in self._bases(where, known)]
            self._names[known] = frozenset(where.scopes.scope_for(known).bindings).union(*inherited) & _SPECIAL
        return not names.isdisjoint(self._names[node])

    def _bases(self, statement: TopLevelStatement, node: cst.ClassDef) -> list[cst.ClassDef]:
        """The direct bases of a class that this file defines."""
        found = (self._lookup.class_named(statement, base.value) for base in node.bases)
        return [base[1] for base in found if base is not None]

    def _unseen(self, statement: TopLevelStatement, node: cst.ClassDef, seen: Container[cst.ClassDef]) -> list[Class]:
        """A class and its bases of which something isn't known yet, the bases first."""
        if node in seen:
            return []
        return [one for one in reversed(self._lookup.mro(statement, node)) if one[1] not in seen]

    def _bases_are_known(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        for where, known in self._unseen(statement, node, self._understood):
            bases = self._bases(where, known)
            is_known = self._own_bases_are_known(where, known)
            self._understood[known] = is_known and all(self._understood.get(base, True) for base in bases)
        return self._understood[node]

    def _own_bases_are_known(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        if any(word.keyword and word.keyword.value == "metaclass" for word in node.keywords):
            return False
        for passed in node.bases:
            base = passed.value.value if isinstance(passed.value, cst.Subscript) else passed.value
            if isinstance(base, cst.Call):
                base = base.func
            if self._lookup.class_named(statement, base) is not None:
                continue
            named = self._objects.receivers.callable(statement, base)
            if named is None or named.name not in KNOWN_BASES | RESOURCES | {"collections.namedtuple"}:
                return False
        return True

    # -- attributes --------------------------------------------------------------------------------------------

    def of_attributes(
        self, statement: TopLevelStatement, node: cst.ClassDef, via: Via, call: cst.Call | None = None
    ) -> Culprit | None:
        """Why the attributes of an instance can't be pickled."""
        inherited = self._inherited_resource(statement, node)
        if inherited is not None:
            return inherited
        if self._everything_changes or self._has(statement, node, _HOOKS):
            return None
        found = [
            self._in_attribute(value, via, call)
            for name, value in self._starting_values(statement, node, call)
            if self._is_assigned_once(statement, node, name)
        ]
        found += [self._of_field(*field, via) for field in self._fields(statement, node, call)]
        return self._objects.first(found)

    def _in_attribute(self, value: Expression, via: Via, call: cst.Call | None) -> Culprit | None:
        """Why the value of an attribute can't be pickled; what the instance is made with is to blame itself."""
        found = self._objects.find(*value, via)
        if found is None or found.why is Why.GUARDED:
            return found
        if call is not None and any(passed.value is value.node for passed in call.args):
            return found
        return Culprit(found.statement, found.node, Why.STATE)

    def _inherited_resource(self, statement: TopLevelStatement, node: cst.ClassDef) -> Culprit | None:
        """A thread, for instance, has locks."""
        for where, known in self._unseen(statement, node, self._resources):
            names = [self._lookup.dotted(where, base.value) for base in known.bases]
            own = any(name is not None and canonical(name) in RESOURCES for name in names)
            inherited = (self._resources.get(base) for base in self._bases(where, known))
            self._resources[known] = (
                Culprit(where, known, Why.RESOURCE) if own else next((one for one in inherited if one), None)
            )
        return self._resources[node]

    def _starting_values(
        self, statement: TopLevelStatement, node: cst.ClassDef, call: cst.Call | None
    ) -> Iterator[tuple[str, Expression]]:
        """What an instance starts with: the attributes, and what is assigned to them."""
        for where, method in self._starters(statement, node):
            own = own_parameter(method)
            for part in own_nodes(method):
                if not isinstance(part, (cst.Assign, cst.AnnAssign)) or part.value is None:
                    continue
                targets = [target.target for target in part.targets] if isinstance(part, cst.Assign) else [part.target]
                for target in targets:
                    if (
                        isinstance(target, cst.Attribute)
                        and isinstance(target.value, cst.Name)
                        and target.value.value == own
                        and self._is_unconditional(where, part, method)
                    ):
                        value = self._passed(where, method, part.value, call, statement)
                        yield target.attr.value, value or Expression(where, part.value)

    def _starters(
        self, statement: TopLevelStatement, node: cst.ClassDef
    ) -> Iterator[tuple[TopLevelStatement, cst.FunctionDef]]:
        """The methods that run when an instance is made."""
        for name in _STARTING:
            if not self._has(statement, node, frozenset({name})):
                continue
            for where, known in self._lookup.mro(statement, node):
                method = self._own_methods(where, known).get(name)
                if method is not None:
                    yield where, method
                    if not _calls_base(method, name):
                        break

    def _own_methods(self, statement: TopLevelStatement, node: cst.ClassDef) -> dict[str, cst.FunctionDef]:
        """The methods in the body of a class, by name; the last one counts."""
        known = self._methods.get(node)
        if known is None:
            methods = self._lookup.methods(statement, node)
            known = self._methods[node] = {method.name.value: method for method in methods}
        return known

    def _is_unconditional(self, statement: TopLevelStatement, node: cst.CSTNode, method: cst.FunctionDef) -> bool:
        current = statement.parents.get(node)
        while current is not None and current is not method:
            if not isinstance(current, _BLOCKS):
                return False
            current = statement.parents.get(current)
        return True

    def _passed(
        self,
        where: TopLevelStatement,
        method: cst.FunctionDef,
        value: cst.BaseExpression,
        call: cst.Call | None,
        statement: TopLevelStatement,
    ) -> Expression | None:
        """What the call that makes the instance passes, if that is what is stored."""
        if call is None or not isinstance(value, cst.Name):
            return None
        positional = [param.name.value for param in (*method.params.posonly_params, *method.params.params)][1:]
        names = [*positional, *(param.name.value for param in method.params.kwonly_params)]
        if value.value not in names or len(self._lookup.variables.all_of(where, value)) != 1:
            return None
        place = positional.index(value.value) if value.value in positional else None
        passed = passed_argument(call, place, value.value)
        call_statement = self._statement_of(call, statement)
        return Expression(call_statement, passed.value) if passed is not None and call_statement is not None else None

    def _statement_of(self, call: cst.Call, statement: TopLevelStatement) -> TopLevelStatement | None:
        """The top-level statement in which a call stands."""
        if call in statement.parents:
            return statement
        parsed = (other for other in self._lookup.module.statements if "tree" in other.__dict__)
        return next((other for other in parsed if call in other.parents), None)

    def _is_assigned_once(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> bool:
        """Whether nothing but the constructor gives an attribute a value or takes it away."""
        if name in self._stored_elsewhere or name in self._named_changes:
            return False
        assigned = [
            value
            for value in self._lookup.attribute_values(statement, node, name)
            if not isinstance(statement.parents.get(value.node), cst.Del)
        ]
        in_body = sum(
            name in where.scopes.scope_for(known).bindings for where, known in self._lookup.mro(statement, node)
        )
        return len(assigned) - in_body == 1

    @cached_property
    def _stored_elsewhere(self) -> frozenset[str]:
        """Attributes that are assigned or deleted through anything but ``self``, or deleted at all."""
        return frozenset(
            node.attr
            for node in self._lookup.module.walk_ast()
            if isinstance(node, ast.Attribute)
            and (
                isinstance(node.ctx, ast.Del)
                or (
                    isinstance(node.ctx, ast.Store)
                    and not (isinstance(node.value, ast.Name) and node.value.id == "self")
                )
            )
        )

    @cached_property
    def _named_changes(self) -> frozenset[str | None]:
        """Attributes that are changed by their names: ``delattr(c, "lock")``; ``None`` for those that aren't known."""
        text = self._lookup.module.text
        if not any(word in text for word in ("attr(", "__dict__", "vars(", "attr__(")):
            return frozenset()
        exempt = {
            part
            for node in self._lookup.module.walk_ast()
            if isinstance(node, ast.FunctionDef) and node.name in _COPYING
            for part in ast.walk(node)
        }
        return frozenset(
            name for node in self._lookup.module.walk_ast() if node not in exempt for name in _changed_by_name(node)
        )

    @property
    def _everything_changes(self) -> bool:
        return None in self._named_changes

    @cached_property
    def _is_taught_elsewhere(self) -> bool:
        """Whether a class gets its pickling methods from outside its body."""
        return not CUSTOM_PICKLING.isdisjoint(self._stored_elsewhere | self._named_changes)

    # -- dataclasses -------------------------------------------------------------------------------------------

    def _fields(
        self, statement: TopLevelStatement, node: cst.ClassDef, call: cst.Call | None
    ) -> Iterator[tuple[TopLevelStatement, cst.BaseExpression, bool]]:
        """For each field of a dataclass: what it holds, or the factory that makes it."""
        if not self._is_dataclass(statement, node):
            return
        names = field_names(node)
        for place, name in enumerate(names):
            if self._is_used_up(statement, node, name):
                continue
            passed = passed_argument(call, place, name) if call is not None else None
            where = self._statement_of(call, statement) if call is not None else None
            if passed is not None and where is not None:
                yield where, passed.value, False
                continue
            default = self._default_of(node, name)
            if isinstance(default, cst.Call):
                factory = passed_argument(default, None, "default_factory") or passed_argument(default, None, "factory")
                if factory is not None:
                    yield statement, factory.value, True
            elif default is not None:
                yield statement, default, False

    def _is_used_up(self, statement: TopLevelStatement, node: cst.ClassDef, name: str) -> bool:
        """Whether a field isn't kept as it was passed: ``InitVar``, ``ClassVar``, or what methods assign."""
        annotated = [note.annotation for _, note in self._lookup.annotations(statement, node, name)]
        types = [note.value if isinstance(note, cst.Subscript) else note for note in annotated]
        if any(self._lookup.dotted(statement, note) in _NO_FIELDS for note in types):
            return True
        if name in self._stored_elsewhere or name in self._named_changes or self._everything_changes:
            return True
        return any(
            self._lookup.is_stored_by_methods(where, known, name) for where, known in self._lookup.mro(statement, node)
        )

    def _default_of(self, node: cst.ClassDef, name: str) -> cst.BaseExpression | None:
        for field in small_statements(node.body):
            if isinstance(field, cst.AnnAssign) and isinstance(field.target, cst.Name) and field.target.value == name:
                return field.value
        return None

    def _is_dataclass(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        if any(self._lookup.dotted(statement, base.value) == "typing.NamedTuple" for base in node.bases):
            return True
        called = [
            one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator for one in node.decorators
        ]
        return any(self._lookup.dotted(statement, function) in _DATACLASSES for function in called)

    def _of_field(
        self, statement: TopLevelStatement, value: cst.BaseExpression, is_factory: bool, via: Via
    ) -> Culprit | None:
        if not is_factory:
            return self._objects.find(statement, value, via)
        if isinstance(value, cst.Lambda):
            return self._objects.find(statement, value.body, via)
        named = self._objects.receivers.callable(statement, value)
        if named is not None and named.name in RESOURCES:
            return Culprit(statement, value, Why.RESOURCE)
        return None


def _calls_base(method: cst.FunctionDef, name: str) -> bool:
    """Whether a method calls the one that it overrides."""
    return any(
        isinstance(part, cst.Call) and isinstance(part.func, cst.Attribute) and part.func.attr.value == name
        for part in own_nodes(method)
    )


def _changed_by_name(node: ast.AST) -> Iterator[str | None]:
    """The attributes that a piece of code changes by their names; ``None`` for those that aren't known."""
    match node:
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[_, name, *_]):
            yield _text_of(name)
        case ast.Call(func=ast.Attribute(attr="__setattr__" | "__delattr__"), args=arguments):
            yield next((text for name in arguments[:2] if (text := _text_of(name)) is not None), None)
        case ast.Call(func=ast.Attribute(value=holder, attr=method), args=arguments) if method in _CHANGING:
            if _is_namespace(holder):
                yield _text_of(arguments[0]) if arguments and method != "update" else None
        case ast.Subscript(value=holder, slice=name, ctx=ast.Store() | ast.Del()) if _is_namespace(holder):
            yield _text_of(name)
        case ast.Attribute(attr="__dict__", ctx=ast.Store()):
            yield None
        case ast.Assign(value=value) if _is_namespace(value):
            yield None


def _is_namespace(node: ast.expr) -> bool:
    """Whether an expression is ``vars(c)`` or ``c.__dict__``."""
    match node:
        case ast.Attribute(attr="__dict__"):
            return True
        case ast.Call(func=ast.Name(id="vars"), args=[_]):
            return True
    return False


def _text_of(node: ast.expr) -> str | None:
    """The text of a plain string."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

"""Which expressions make one mutable object, and what's known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.declares import COPYING_CALLS, LIST_METHODS, MUTABLE_CALLS
from flake8_pitfalls.rules.mutable_default.instances import is_mutable_class
from flake8_pitfalls.semantics.classes import assigned_value, class_named, in_file_function
from flake8_pitfalls.semantics.names import origin, owner
from flake8_pitfalls.semantics.scopes import BindingKind, ScopeKind
from flake8_pitfalls.semantics.values import Followed, Level, Shared
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import TopLevelStatement
    from flake8_pitfalls.semantics.scopes import Scope

_DISPLAYS: dict[type[cst.CSTNode], str] = {
    cst.List: "builtins.list",
    cst.ListComp: "builtins.list",
    cst.Dict: "builtins.dict",
    cst.DictComp: "builtins.dict",
    cst.Set: "builtins.set",
    cst.SetComp: "builtins.set",
    cst.GeneratorExp: "iterator",
}


@dataclass(frozen=True)
class MutableObject:
    """The mutable object that an expression makes or names."""

    followed: Followed
    wraps: int = 0
    """How many immutable containers it stands in: 1 for ``([],)``."""
    named: bool = False
    """Whether the expression only names an object that exists already."""
    by_use: bool = False
    """Whether only its use tells that sharing matters: an instance of a class of this file."""

    @property
    def is_iterator(self) -> bool:
        """Whether it's an iterator, which is often shared on purpose: ``itertools.count()``, ``[iter(x)] * 2``."""
        return self.followed.levels[0].kind == "iterator"

    @property
    def tag(self) -> Shared:
        """The followed object as the expression's value holds it."""
        return Shared(0, self.wraps)


class Objects:
    """Recognises mutable objects in one top-level statement."""

    def __init__(
        self,
        statement: TopLevelStatement,
        options: Options,
        *,
        of_functions: bool = False,
        looked_up: frozenset[cst.CSTNode] = frozenset(),
    ) -> None:
        self._statement = statement
        self.options = options
        self._looked_up = looked_up
        """The bindings that led here: `words = set(words)` in a class body must not be looked up for ever."""
        self._of_functions = of_functions
        """Whether variables of functions are looked up too: as a default, ``x=x`` binds early on purpose."""

    @staticmethod
    def unknown() -> Followed:
        """A mutable object of which nothing is known."""
        return Followed((Level(""),))

    def mutable(self, node: cst.BaseExpression) -> MutableObject | None:
        """The mutable object that an expression makes or names, or ``None``."""
        if type(node) in _DISPLAYS:
            return MutableObject(Followed(self._levels(node)))
        if isinstance(node, cst.Tuple):
            return self._in_tuple(node)
        if isinstance(node, cst.NamedExpr):
            return self.mutable(node.value)
        if isinstance(node, cst.IfExp):
            return self._either(node.body, node.orelse)
        if isinstance(node, cst.BooleanOperation):
            truth = _truth(node.left)
            if truth is not None:
                return self.mutable(node.right if truth is isinstance(node.operator, cst.And) else node.left)
            return self._either(node.left, node.right)
        if isinstance(node, cst.BinaryOperation):
            return self._operation(node)
        if isinstance(node, cst.Call):
            return self._call(node)
        if isinstance(node, (cst.Name, cst.Attribute)):
            return self._named(node)
        if isinstance(node, cst.Subscript):
            return self._subscript(node)
        return None

    def _subscript(self, node: cst.Subscript) -> MutableObject | None:
        """``BASE[:]``, a copy, and ``[[1], [2]][0]``, an element."""
        found = self.mutable(node.value)
        if found is None or found.wraps:
            return None
        if any(isinstance(element.slice, cst.Slice) for element in node.slice):
            return self._copied(found)
        inner = found.followed.levels[1:]
        return MutableObject(Followed(inner), named=found.named) if inner and not found.named else None

    def _copied(self, found: MutableObject) -> MutableObject:
        outer, *inner = found.followed.levels
        return MutableObject(Followed((outer._replace(length=None), *inner)))

    def _levels(self, node: cst.BaseExpression) -> tuple[Level, ...]:
        kind = _DISPLAYS[type(node)]
        if isinstance(node, (cst.List, cst.Set, cst.Dict)):
            plain = all(isinstance(element, (cst.Element, cst.DictElement)) for element in node.elements)
            values = [element.value for element in node.elements]
            return (Level(kind, len(values) if plain else None), *self._inner(values))
        if isinstance(node, cst.DictComp):
            return (Level(kind), *self._inner([node.value]))
        assert isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp))
        return (Level(kind), *self._inner([node.elt]))

    def _inner(self, values: list[cst.BaseExpression]) -> tuple[Level, ...]:
        """The levels of the deepest mutable element; its length says nothing about the others."""
        deepest: tuple[Level, ...] = ()
        for value in values:
            found = self.mutable(value)
            if found is None or found.by_use:
                continue
            levels = (*(Level("builtins.tuple") for _ in range(found.wraps)), *found.followed.levels)
            if len(levels) > len(deepest):
                deepest = levels
        return tuple(level._replace(length=None) for level in deepest)

    def _in_tuple(self, node: cst.Tuple) -> MutableObject | None:
        for element in node.elements:
            found = self.mutable(element.value)
            if found is not None:
                return MutableObject(found.followed, found.wraps + 1, found.named, found.by_use)
        return None

    def _either(self, first: cst.BaseExpression, second: cst.BaseExpression) -> MutableObject | None:
        found = [made for made in (self.mutable(first), self.mutable(second)) if made is not None]
        if not found:
            return None
        lengths = {made.followed.levels[0].length for made in found}
        if len(found) == 2 and len(lengths) == 1:
            return found[0]
        outer, *inner = found[0].followed.levels
        known = found[0].followed
        unsure = Followed((outer._replace(length=None), *inner), known.class_node, known.class_statement)
        return MutableObject(
            unsure, found[0].wraps, any(made.named for made in found), any(made.by_use for made in found)
        )

    def _operation(self, node: cst.BinaryOperation) -> MutableObject | None:
        left, right = self.mutable(node.left), self.mutable(node.right)
        found = left or right
        if found is None or found.wraps or not isinstance(node.operator, (cst.Add, cst.Multiply, cst.BitOr)):
            return None
        outer, *inner = found.followed.levels
        if outer.kind not in {"builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray"}:
            return None
        return MutableObject(Followed((outer._replace(length=None), *inner)))

    def _call(self, node: cst.Call) -> MutableObject | None:
        function = node.func.value if isinstance(node.func, cst.Subscript) else node.func
        if isinstance(function, cst.Attribute):
            receiver = function.value
            if isinstance(receiver, (cst.SimpleString, cst.ConcatenatedString, cst.FormattedString)):
                return (
                    MutableObject(Followed((Level("builtins.list"),))) if function.attr.value in LIST_METHODS else None
                )
            if function.attr.value == "copy" and not node.args and (found := self.mutable(receiver)) is not None:
                return self._copied(found)
            if isinstance(receiver, cst.Dict) and function.attr.value == "fromkeys":
                return MutableObject(Followed((Level("builtins.dict"),)))
        dotted = origin(self._statement, function)
        if dotted is not None:
            if dotted in self.options.extend_immutable_calls:
                return None
            if dotted in COPYING_CALLS and len(node.args) == 1:
                found = self.mutable(node.args[0].value)
                return self._copied(found) if found is not None else None
            if dotted in MUTABLE_CALLS:
                return MutableObject(Followed(self._made_by(node, MUTABLE_CALLS[dotted])))
            if dotted in self.options.extend_mutable_calls:
                return MutableObject(Followed((Level(""),)))
        return self._instance(function)

    def _made_by(self, node: cst.Call, kind: str) -> tuple[Level, ...]:
        if kind == "iterator":
            return (Level(kind),)
        if not node.args:
            return (Level(kind, 0),)
        values = [argument.value for argument in node.args if argument.keyword is not None]
        first = node.args[0]
        inner: tuple[Level, ...] = ()
        length: int | None = None
        if first.keyword is None and not first.star:
            made = self.mutable(first.value)
            if made is not None and not made.named:
                inner = made.followed.levels[1:]
                length = made.followed.levels[0].length if len(node.args) == 1 else None
            if kind == "collections.defaultdict":
                length = 0 if len(node.args) == 1 else None
                inner = ()
        return (Level(kind, length), *(inner or self._inner(values)))

    def _instance(self, function: cst.BaseExpression) -> MutableObject | None:
        if not isinstance(function, cst.Name):
            return None
        found = class_named(self._statement, function)
        if found is None:
            return self._returned(function)
        if function.value in self.options.extend_immutable_calls:
            return None
        if function.value in self.options.extend_mutable_calls:
            return MutableObject(Followed((Level(""),)))
        mutable = is_mutable_class(*found)
        if mutable is None:
            return None
        if mutable:
            return MutableObject(Followed((Level(mutable),), found[1], found[0]))
        return MutableObject(Followed((Level("instance"),), found[1], found[0]), by_use=True)

    def _returned(self, function: cst.Name) -> MutableObject | None:
        """What a function of this file makes anew and returns."""
        if owner(self._statement.scopes.scope_of(function), function.value) is not None:
            return None
        found = in_file_function(self._statement.module, function.value)
        if found is None or found[1] in self._looked_up:
            return None
        scope = found[0].scopes.scope_for(found[1])
        parts = [part for part in walk(found[1].body) if found[0].scopes.scope_of(part) is scope]
        returns = [part.value for part in parts if isinstance(part, cst.Return)]
        if not returns or any(isinstance(part, cst.Yield) for part in parts):
            return None
        objects = Objects(found[0], self.options, looked_up=self._looked_up | {found[1]})
        made = [objects.mutable(value) if value is not None else None for value in returns]
        first = made[0]
        if first is None or any(other is None or other.named or other.by_use for other in made):
            return None
        return self._copied(first)

    # -- names ---------------------------------------------------------------------------------------------------

    def _named(self, node: cst.Name | cst.Attribute) -> MutableObject | None:
        """A module constant or class attribute that's bound once to a mutable object."""
        if isinstance(node, cst.Attribute):
            return self._class_attribute(node)
        scope = owner(self._statement.scopes.scope_of(node), node.value)
        if scope is not None:
            if scope.kind is not ScopeKind.CLASS and not (self._of_functions and scope.kind is ScopeKind.FUNCTION):
                return None
            return self._bound_to(self._statement, scope, node.value)
        facts = self._statement.module.facts
        single = facts.single_binding(node.value, but_augmented=True)
        if single is None:
            return None
        statement = self._statement.module.statement_at(getattr(single.node, "lineno", 1))
        return self._bound_to(statement, statement.scopes.root, node.value)

    def _class_attribute(self, node: cst.Attribute) -> MutableObject | None:
        if not isinstance(node.value, cst.Name):
            return None
        found = class_named(self._statement, node.value)
        if found is None or is_mutable_class(*found) is None:
            return None
        return self._bound_to(found[0], found[0].scopes.scope_for(found[1]), node.attr.value)

    def _bound_to(self, statement: TopLevelStatement, scope: Scope, name: str) -> MutableObject | None:
        bindings = [
            binding
            for binding in scope.bindings.get(scope.stored_name(name), [])
            if binding.kind is not BindingKind.AUGMENTED
        ]
        if len(bindings) != 1 or bindings[0].kind not in {BindingKind.ASSIGNMENT, BindingKind.WALRUS}:
            return None
        value = assigned_value(statement, bindings[0])
        if value is None or in_loop(statement, bindings[0].node):
            return None
        if bindings[0].node in self._looked_up:
            return None
        looked_up = self._looked_up | {bindings[0].node}
        made = Objects(statement, self.options, looked_up=looked_up).mutable(value)
        if made is None:
            return None
        # Other code may have filled it meanwhile.
        outer, *inner = made.followed.levels
        emptied = outer._replace(length=None) if outer.length == 0 else outer
        followed = Followed((emptied, *inner), made.followed.class_node, made.followed.class_statement)
        return MutableObject(followed, made.wraps, named=True, by_use=made.by_use)


def _truth(node: cst.BaseExpression) -> bool | None:
    """Whether a display or constant is true."""
    if isinstance(node, (cst.List, cst.Dict, cst.Set, cst.Tuple)):
        return bool(node.elements)
    if isinstance(node, cst.Name):
        return {"None": False, "False": False, "True": True}.get(node.value)
    if isinstance(node, (cst.Integer, cst.Float, cst.SimpleString)):
        return bool(node.evaluated_value)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and not node.args:
        return False if node.func.value in {"list", "dict", "set"} else None
    return None


def in_loop(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    """Whether a node stands in a loop of its own scope."""
    scope = statement.scopes.scope_of(node)
    current: cst.CSTNode | None = node
    while current is not None and current is not scope.node:
        current = statement.parents.get(current)
        if isinstance(current, (cst.For, cst.While)):
            return True
    return False

"""Which bindings of a variable in a loop give it the value that it has anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.closures.receivers import root_of
from flake8_pitfalls.semantics.names import dotted_text, is_constant_text, origin
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.walk import children, walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_DEEPEST = 4
_PURE_FUNCTIONS = frozenset({"os.path.join", "os.path.dirname", "os.path.basename", "os.path.abspath", "pathlib.Path"})
_PURE_BUILTINS = frozenset({"len", "str", "int", "float", "bool", "abs", "round", "min", "max", "tuple", "sum", "repr"})
_MUTABLE_DISPLAYS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)
_MUTABLE_CALLS = frozenset({"list", "dict", "set", "deque", "bytearray", "Counter", "defaultdict"})
_PURE = (
    *(cst.Integer, cst.Float, cst.Imaginary, cst.SimpleString, cst.ConcatenatedString, cst.Tuple, cst.Element),
    *(cst.UnaryOperation, cst.BinaryOperation, cst.BooleanOperation, cst.Comparison, cst.ComparisonTarget),
    *(cst.Name, cst.Attribute, cst.IfExp),
)
"""Expressions that give the same value each time they're evaluated, as long as their variables do."""


def changing_bindings(
    statement: TopLevelStatement,
    scope: Scope,
    name: str,
    loop: cst.CSTNode,
    bindings: list[Binding],
    closure: cst.CSTNode,
) -> list[Binding]:
    """Those bindings of a variable in a loop that may give it another value than it had when the closure was made."""
    judges: dict[cst.CSTNode, _Judge] = statement.memo.setdefault("judges", {})
    judge = judges.get(loop)
    if judge is None:
        judge = judges[loop] = _Judge(statement, loop)
    plain = [binding for binding in bindings if not judge.keeps_object(binding, scope, name)]
    keys = {judge.key(binding, 0) for binding in plain}
    if None in keys or len(keys) > 1:
        return plain
    if any(
        binding.scope.kind in {ScopeKind.FUNCTION, ScopeKind.LAMBDA}
        and binding.scope is not scope
        and (binding.scope.node is not scope.node)
        for binding in scope.bindings.get(name, [])
    ):
        # A nested function changes it too.
        return plain
    if not plain or _all_precede(statement, plain, closure):
        return []
    # A closure made before the first binding sees what the variable held before the loop.
    outside = [binding for binding in scope.bindings.get(name, []) if binding not in bindings]
    return [] if all(judge.key(binding, 0) in keys for binding in outside) else plain


def _all_precede(statement: TopLevelStatement, bindings: list[Binding], closure: cst.CSTNode) -> bool:
    start = statement.order[closure]
    return all(binding.kind is not BindingKind.DELETE and statement.order[binding.node] < start for binding in bindings)


class _Judge:
    def __init__(self, statement: TopLevelStatement, loop: cst.CSTNode) -> None:
        self._statement = statement
        self._loop = loop
        self._changed: set[str] | None = None
        self._keys: dict[tuple[Binding, int], object | None] = {}
        self._same: dict[tuple[Scope, str, int], bool] = {}

    def keeps_object(self, binding: Binding, scope: Scope, name: str) -> bool:
        """``names += [...]`` changes the list that the variable holds, and leaves it in the variable."""
        if binding.kind is not BindingKind.AUGMENTED:
            return binding.kind is BindingKind.ANNOTATION and not _has_value(self._statement, binding)
        others = [
            other
            for other in scope.bindings.get(name, [])
            if other.kind not in {BindingKind.AUGMENTED, BindingKind.ANNOTATION}
        ]
        values = [assigned_value(self._statement, other) for other in others]
        return bool(values) and all(value is not None and _is_mutable(value) for value in values)

    def key(self, binding: Binding, depth: int) -> object | None:
        """Something equal for bindings that give the same value; ``None`` if the value may be another each time."""
        if depth > _DEEPEST:
            return None
        if (binding, depth) not in self._keys:
            self._keys[binding, depth] = self._find_key(binding, depth)
        return self._keys[binding, depth]

    def _find_key(self, binding: Binding, depth: int) -> object | None:
        node = binding.node
        if binding.kind is BindingKind.IMPORT and isinstance(node, cst.ImportAlias):
            parent = self._statement.parents.get(node)
            module = parent.module if isinstance(parent, cst.ImportFrom) else None
            return ("import", dotted_text(module) if module is not None else "", dotted_text(node.name))
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            return ("definition", node) if self._is_same_definition(node, depth) else None
        value = self._assigned(binding)
        if value is None or not self.is_same(value, depth):
            return None
        return ("value", "".join(self._statement.source(value).split()))

    def _assigned(self, binding: Binding) -> cst.BaseExpression | None:
        if binding.kind in {BindingKind.ASSIGNMENT, BindingKind.WALRUS}:
            return assigned_value(self._statement, binding)
        if binding.kind is BindingKind.FOR:
            return self._only_element(binding)
        return None

    def _only_element(self, binding: Binding) -> cst.BaseExpression | None:
        """The element of a loop over one element."""
        loop = self._statement.parents.get(binding.node)
        if not isinstance(loop, (cst.For, cst.CompFor)) or loop is self._loop:
            return None
        iterable = loop.iter
        if isinstance(iterable, (cst.List, cst.Tuple)) and len(iterable.elements) == 1:
            element = iterable.elements[0]
            return element.value if isinstance(element, cst.Element) else None
        return None

    def is_same(self, value: cst.CSTNode, depth: int) -> bool:
        """Whether an expression gives the same value in every pass of the loop."""
        if isinstance(value, cst.Lambda):
            return self._captures_nothing(value, depth)
        if isinstance(value, (cst.Call, cst.Subscript)):
            return self._is_same_part(value, depth)
        if isinstance(value, cst.FormattedString):
            expressions = [part for part in value.parts if isinstance(part, cst.FormattedStringExpression)]
            return all(part.format_spec is None and self.is_same(part.expression, depth) for part in expressions)
        if not isinstance(value, _PURE):
            return False
        if isinstance(value, cst.Name):
            return self._is_same_variable(value, depth)
        if isinstance(value, cst.Attribute):
            return self.is_same(value.value, depth) and not self._is_attribute_set(value)
        return all(
            self.is_same(child, depth)
            for child in children(value)
            if isinstance(child, (cst.BaseExpression, cst.Element, cst.ComparisonTarget))
        )

    def _is_same_part(self, value: cst.Call | cst.Subscript, depth: int) -> bool:
        """``len(grid)`` and ``grid[0]``, if the loop doesn't change ``grid``."""
        if isinstance(value, cst.Call):
            if _is_text_method(value.func) or origin(self._statement, value.func) in _PURE_FUNCTIONS:
                return all(self.is_same(argument.value, depth) for argument in value.args)
            if _is_getattr(value):
                name = value.args[1].value.evaluated_value  # type: ignore[attr-defined]
                return name not in self._statement.module.changing_attributes and all(
                    self.is_same(argument.value, depth) for argument in value.args
                )
            if not isinstance(value.func, cst.Name) or value.func.value not in _PURE_BUILTINS:
                return False
            parts = [argument.value for argument in value.args]
        else:
            parts = [value.value, *(index.slice.value for index in value.slice if isinstance(index.slice, cst.Index))]
            if len(parts) != 2:
                return False
        names = {name.value for part in parts for name in walk(part) if isinstance(name, cst.Name)}
        return all(self.is_same(part, depth) for part in parts) and not names & self._changed_names()

    def _changed_names(self) -> set[str]:
        if self._changed is None:
            self._changed = self._find_changed_names()
        return self._changed

    def _find_changed_names(self) -> set[str]:
        """Variables whose objects the loop may change: receivers of methods, arguments of calls, stored into."""
        found: set[str] = set()
        for node in walk(self._loop):
            roots: list[cst.CSTNode] = []
            if isinstance(node, cst.Call):
                roots = [node.func] if isinstance(node.func, cst.Attribute) else []
                if not isinstance(node.func, cst.Name) or node.func.value not in _PURE_BUILTINS | {"print"}:
                    roots += [argument.value for argument in node.args]
            elif isinstance(node, (cst.AssignTarget, cst.AugAssign)):
                roots = [node.target] if isinstance(node.target, (cst.Attribute, cst.Subscript)) else []
            for root in roots:
                base = root_of(root)
                if base is not None:
                    found.add(base.value)
        return found

    def _is_attribute_set(self, attribute: cst.Attribute) -> bool:
        """Whether some code of the module, other than a constructor, assigns an attribute of that name."""
        return attribute.attr.value in self._statement.module.changing_attributes

    def _is_same_variable(self, name: cst.Name, depth: int) -> bool:
        if name.value in {"True", "False", "None"}:
            return True
        scope = self._statement.scopes.scope_of(name)
        owner = scope.lookup(name.value)
        if owner is None:
            return True
        if owner.kind is ScopeKind.MODULE and name.value in self._statement.module.facts.rebound_by_functions:
            return False
        # Variables that are made of each other in many places would be looked at once for each way between them.
        variable = owner, scope.stored_name(name.value), depth
        if variable not in self._same:
            self._same[variable] = self._has_one_key(owner.bindings.get(variable[1], []), depth + 1)
        return self._same[variable]

    def _has_one_key(self, bindings: list[Binding], depth: int) -> bool:
        """Whether all those of the bindings that are in the loop give the same value."""
        keys: set[object | None] = set()
        for binding in bindings:
            if _is_inside(self._statement, binding.node, self._loop):
                keys.add(self.key(binding, depth))
                if None in keys or len(keys) > 1:
                    return False
        return True

    def _is_same_definition(self, node: cst.FunctionDef | cst.ClassDef, depth: int) -> bool:
        if isinstance(node, cst.ClassDef):
            return False
        parts = [*node.decorators, node.params]
        if any(isinstance(part, cst.Call) for decorator in node.decorators for part in walk(decorator)):
            return False
        defaults = [part.default for part in walk(parts[-1]) if isinstance(part, cst.Param) and part.default]
        if not all(self.is_same(default, depth) for default in defaults):
            return False
        return self._captures_nothing(node, depth)

    def _captures_nothing(self, node: cst.FunctionDef | cst.Lambda, depth: int) -> bool:
        """Whether a function reads nothing that the loop changes."""
        own = self._statement.scopes.scope_for(node)
        inside = {own}
        stack = [own]
        while stack:
            scope = stack.pop()
            for child in scope.children:
                inside.add(child)
                stack.append(child)
            if scope.nonlocal_names or scope.global_names:
                return False
            for name, reads in scope.reads.items():
                owner = scope.lookup(name)
                if owner is None or owner in inside or (isinstance(node, cst.FunctionDef) and name == node.name.value):
                    continue
                if not self._is_same_variable(reads[0], depth + 1):
                    return False
        return True


def _is_getattr(call: cst.Call) -> bool:
    """``getattr(x, "name", ...)``, which reads an attribute as ``x.name`` does."""
    return (
        isinstance(call.func, cst.Name)
        and call.func.value == "getattr"
        and len(call.args) > 1
        and isinstance(call.args[1].value, cst.SimpleString)
    )


def _is_text_method(function: cst.BaseExpression) -> bool:
    """``"...".format``, ``"...".join``."""
    return isinstance(function, cst.Attribute) and is_constant_text(function.value)


def _is_inside(statement: TopLevelStatement, node: cst.CSTNode, loop: cst.CSTNode) -> bool:
    current: cst.CSTNode | None = node
    while current is not None:
        if current is loop:
            return True
        current = statement.parents.get(current)
    return False


def _is_mutable(value: cst.BaseExpression) -> bool:
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name):
        return value.func.value in _MUTABLE_CALLS
    return isinstance(value, _MUTABLE_DISPLAYS)


def _has_value(statement: TopLevelStatement, binding: Binding) -> bool:
    parent = statement.parents.get(binding.node)
    return isinstance(parent, cst.AnnAssign) and parent.value is not None

"""Functions, classes and methods of the same file, looked up by what a call says."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from flake8_pitfalls.semantics.names import owner
from flake8_pitfalls.semantics.scopes import Binding, BindingKind
from flake8_pitfalls.semantics.syntax import statements
from flake8_pitfalls.semantics.walk import children, small_statements, walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

Function = tuple["TopLevelStatement", cst.FunctionDef]
Class = tuple["TopLevelStatement", cst.ClassDef]
Found = TypeVar("Found")

_MICROSECONDS_A_BASE = 2
_TRANSPARENT = frozenset(
    {
        *("builtins.staticmethod", "builtins.classmethod", "typing.override", "typing.final", "typing.overload"),
        *("abc.abstractmethod", "functools.lru_cache", "functools.cache", "functools.wraps"),
        *("contextlib.contextmanager", "contextlib.asynccontextmanager"),
    }
)


def in_file_function(module: SourceModule, name: str) -> Function | None:
    """The function that a module-level name always means, unless a decorator may have replaced it."""
    definition = module.definition(name)
    if definition is None or not isinstance(definition[1], cst.FunctionDef):
        return None
    statement, node = definition[0], definition[1]
    return (statement, node) if _undecorated(statement, node) else None


def _undecorated(statement: TopLevelStatement, node: cst.FunctionDef) -> bool:
    from flake8_pitfalls.semantics.names import origin

    for decorator in node.decorators:
        called = decorator.decorator
        function = called.func if isinstance(called, cst.Call) else called
        if origin(statement, function) not in _TRANSPARENT and not _passes_through(statement, function):
            return False
    return True


def _passes_through(statement: TopLevelStatement, decorator: cst.BaseExpression) -> bool:
    """Whether a decorator of this file makes a wrapper by ``functools.wraps``, which calls the function as it is."""
    from flake8_pitfalls.semantics.names import origin

    if not isinstance(decorator, cst.Name):
        return False
    definition = statement.module.definition(decorator.value)
    if definition is None:
        return False
    return any(
        isinstance(node, cst.Call) and origin(definition[0], node.func) == "functools.wraps"
        for node in walk(definition[1])
    )


def enclosing_class(statement: TopLevelStatement, node: cst.CSTNode) -> cst.ClassDef | None:
    """The class whose method a function is."""
    if not isinstance(node, cst.FunctionDef):
        return None
    scope = statement.scopes.scope_for(node).parent
    while scope is not None and scope.kind.name == "TYPE":
        scope = scope.parent
    return scope.node if scope is not None and isinstance(scope.node, cst.ClassDef) else None


def find_method(
    statement: TopLevelStatement,
    node: cst.ClassDef,
    name: str,
    *,
    skip_own: bool = False,
    seen: set[cst.ClassDef] | None = None,
) -> Function | None:
    """The method that instances of a class have under a name, as far as this file tells.

    Bases of other files may define the method as well; they're ignored unless the class in this file lacks it.
    """
    seen = set() if seen is None else seen
    if node in seen:
        return None
    seen.add(node)
    if not skip_own:
        scope = statement.scopes.scope_for(node)
        bindings = scope.bindings.get(scope.stored_name(name), [])
        if bindings:
            last = bindings[-1]
            if last.kind is BindingKind.DEF and isinstance(last.node, cst.FunctionDef):
                return (statement, last.node) if _undecorated(statement, last.node) else None
            return None
    for base_statement, base in bases_in_file(statement, node):
        found = find_method(base_statement, base, name, seen=seen)
        if found is not None:
            return found
    return None


def bases_in_file(statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
    """The base classes that this file defines."""
    known: dict[cst.ClassDef, list[Class]] = statement.module.memo.setdefault("bases in file", {})
    if node not in known:
        named = (part.value for part in node.bases if isinstance(part.value, cst.Name) and part.star == "")
        known[node] = [base for name in named if (base := class_named(statement, name)) is not None]
    return known[node]


def with_bases(statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
    """A class and all its bases in this file, each of them once."""
    found = [(statement, node)]
    known = {node}
    for each in found:
        for base in bases_in_file(*each):
            if base[1] not in known:
                known.add(base[1])
                found.append(base)
    return found


def class_named(statement: TopLevelStatement, name: cst.Name) -> Class | None:
    """The class of this file that a name always means."""
    scope = owner(statement.scopes.scope_of(name), name.value)
    if scope is not None:
        bindings = scope.bindings.get(scope.stored_name(name.value), [])
        if len(bindings) == 1 and isinstance(bindings[0].node, cst.ClassDef):
            return statement, bindings[0].node
        return None
    definition = statement.module.definition(name.value)
    if definition is None or not isinstance(definition[1], cst.ClassDef):
        return None
    return definition[0], definition[1]


def class_made_by(statement: TopLevelStatement, value: cst.BaseExpression) -> Class | None:
    """The class of this file whose instance a call gives: of the class itself, or of a function that returns one."""
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Name):
        return None
    made = class_named(statement, value.func)
    if made is not None:
        return made
    function = in_file_function(statement.module, value.func.value)
    if function is None:
        return None
    where, node = function
    if node.returns is not None and isinstance(node.returns.annotation, cst.Name):
        return class_named(where, node.returns.annotation)
    scope = where.scopes.scope_for(node)
    returned = [part.value for part in _own_statements(node) if isinstance(part, cst.Return)]
    if len(returned) != 1 or not isinstance(returned[0], cst.Name):
        return None
    bindings = scope.bindings.get(returned[0].value, [])
    made_here = assigned_value(where, bindings[0]) if len(bindings) == 1 else None
    if isinstance(made_here, cst.Call) and isinstance(made_here.func, cst.Name):
        return class_named(where, made_here.func)
    return None


def class_of_attribute(statement: TopLevelStatement, node: cst.ClassDef, name: str) -> Class | None:
    """The class of this file whose instance ``self.name`` is, by the assignments in the methods of a class."""
    found: set[Class | None] = set()
    for part in walk(node):
        if isinstance(part, cst.Assign) and any(
            isinstance(target.target, cst.Attribute) and target.target.attr.value == name for target in part.targets
        ):
            found.add(class_made_by(statement, part.value))
    return found.pop() if len(found) == 1 else None


def inner_function(statement: TopLevelStatement, node: cst.FunctionDef) -> Function | None:
    """The nested function that a function returns by its name, alone."""
    returned = [part.value for part in _own_statements(node) if isinstance(part, cst.Return)]
    if len(returned) != 1 or not isinstance(returned[0], cst.Name):
        return None
    bindings = statement.scopes.scope_for(node).bindings.get(returned[0].value, [])
    if len(bindings) == 1 and isinstance(bindings[0].node, cst.FunctionDef):
        return statement, bindings[0].node
    return None


def only_method(module: SourceModule, name: str) -> Function | None:
    """The one method of that name that the top-level classes of a module define; ``None`` if there are more."""
    classes = _once(module, "classes by method", _classes_by_method).get(name, [])
    definition = module.definition(classes[0].name) if len(classes) == 1 else None
    if definition is None or not isinstance(definition[1], cst.ClassDef):
        return None
    return find_method(definition[0], definition[1], name)


def _classes_by_method(module: SourceModule) -> dict[str, list[ast.ClassDef]]:
    """For each name, the top-level classes that define a method of that name."""
    found: dict[str, list[ast.ClassDef]] = {}
    for statement in module.statements:
        for node in statement.nodes:
            if isinstance(node, ast.ClassDef):
                methods = (part for part in node.body if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)))
                for name in {method.name for method in methods}:
                    found.setdefault(name, []).append(node)
    return found


def leaks_itself(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether making an instance hands the instance to others: ``parent.children.append(self)``."""
    found = find_method(statement, node, "__init__")
    if found is None:
        return False
    where, method = found
    first = [*method.params.posonly_params, *method.params.params][:1]
    if not first:
        return False
    own = first[0].name.value
    for read in where.scopes.scope_for(method).reads.get(own, ()):
        parent = where.parents.get(read)
        while isinstance(parent, (cst.Element, cst.Tuple, cst.List, cst.Dict, cst.DictElement)):
            parent = where.parents.get(parent)
        if isinstance(parent, (cst.Arg, cst.Assign)):
            return True
    return False


def _own_statements(node: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """The nodes of a function without those of functions in it."""
    stack: list[cst.CSTNode] = [node.body]
    while stack:
        current = stack.pop()
        yield current
        if not isinstance(current, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            stack.extend(children(current))


def has_fields(node: cst.ClassDef) -> bool:
    """Whether a class lists annotated fields, as dataclasses, attrs classes and NamedTuples do."""
    return any(isinstance(small, cst.AnnAssign) for small in small_statements(node.body))


def assigned_value(statement: TopLevelStatement, binding: Binding) -> cst.BaseExpression | None:
    """What a binding assigns to the bare name, if it's an assignment of the ordinary form or one of a tuple."""
    parent = statement.parents.get(binding.node)
    if isinstance(parent, cst.AssignTarget):
        parent = statement.parents.get(parent)
    if isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
        return parent.value
    return _value_in_tuple(statement, parent)


def _value_in_tuple(statement: TopLevelStatement, element: cst.CSTNode | None) -> cst.BaseExpression | None:
    """``b`` of ``x, y = a, b`` for the target ``y``."""
    target = statement.parents.get(element) if isinstance(element, cst.Element) else None
    above = statement.parents.get(target) if isinstance(target, (cst.Tuple, cst.List)) else None
    assignment = statement.parents.get(above) if isinstance(above, cst.AssignTarget) else None
    if not isinstance(assignment, cst.Assign) or not isinstance(assignment.value, cst.Tuple):
        return None
    assert isinstance(target, (cst.Tuple, cst.List))
    values = assignment.value.elements
    plain = all(isinstance(part, cst.Element) for part in (*target.elements, *values))
    if not plain or len(target.elements) != len(values):
        return None
    return next((value.value for part, value in zip(target.elements, values, strict=True) if part is element), None)


def field_names(node: cst.ClassDef) -> list[str]:
    """The annotated fields of a class, in order; they're the parameters of a dataclass."""
    return [
        small.target.value
        for small in small_statements(node.body)
        if isinstance(small, cst.AnnAssign) and isinstance(small.target, cst.Name)
    ]


@dataclass(frozen=True, eq=False)
class Family:
    """Some classes without bases in this file and all subclasses of them, as far as they stand in this file."""

    roots: list[Class]
    subclasses: list[Class]
    """In the order of the source."""

    @property
    def all(self) -> list[Class]:
        """Both."""
        return [*self.roots, *self.subclasses]

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all."""
        return frozenset(node.name.value for _, node in self.all)


def family_of(statement: TopLevelStatement, node: cst.ClassDef) -> tuple[list[Class], Family]:
    """A class with its bases, the nearest ones first, and the family that they are part of.

    All classes with the same roots share one family, so that what's found out about it is found out once.
    """
    module = statement.module
    bases: dict[Class, None] = {(statement, node): None}
    stack: list[Class] = [(statement, node)]
    for known in stack:
        for base in bases_in_file(*known):
            if base not in bases:
                bases[base] = None
                stack.append(base)
    module.spend(len(bases))
    roots = [known for known in bases if not _comes_behind_a_base(module, known)]
    families: dict[frozenset[Class], Family] = module.memo.setdefault("families", {})
    key = frozenset(roots)
    if key not in families:
        families[key] = family = Family(roots, _subclasses(module, roots))
        module.spend(_MICROSECONDS_A_BASE * sum(len(relative.bases) for _, relative in family.all))
    return list(bases), families[key]


def _subclasses(module: SourceModule, roots: list[Class]) -> list[Class]:
    members = dict.fromkeys(roots)
    found: list[Class] = []
    for candidate in classes_with_bases(module, _related_names(module, {node.name.value for _, node in roots})):
        if candidate not in members and any(base in members for base in bases_in_file(*candidate)):
            members[candidate] = None
            found.append(candidate)
    return found


def _comes_behind_a_base(module: SourceModule, known: Class) -> bool:
    """Whether a class is found as a subclass of one of its bases, and its own subclasses are found behind it."""
    statement, node = known
    if node not in statement.tree.body or not any(base[0].start < statement.start for base in bases_in_file(*known)):
        return False
    users: list[tuple[int, str]] = _once(module, "users of bases", _users_of_bases).get(node.name.value, [])
    return not users or module.tree.body[users[0][0]].lineno > statement.nodes[0].lineno


def _related_names(module: SourceModule, names: set[str]) -> set[str]:
    """The names of the top-level classes that name one of some classes, or one of themselves, as a base."""
    users: dict[str, list[tuple[int, str]]] = _once(module, "users of bases", _users_of_bases)
    found: set[str] = set()
    waiting = [user for name in names for user in users.get(name, ())]
    heapify(waiting)
    while waiting:
        place, name = heappop(waiting)
        if name not in found:
            found.add(name)
            for user in users.get(name, ()):
                if user[0] > place:  # A class can't have one that comes later as its base.
                    heappush(waiting, user)
    return found


def _users_of_bases(module: SourceModule) -> dict[str, list[tuple[int, str]]]:
    """For each name of a base that is defined once, the places and names of the top-level classes that have it."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place, node in enumerate(module.tree.body):
        if isinstance(node, ast.ClassDef):
            for base in node.bases:
                if isinstance(base, ast.Name):
                    found.setdefault(base.id, []).append((place, node.name))
    return {name: users for name, users in found.items() if module.facts.single_definition(name) is not None}


def classes_with_bases(module: SourceModule, names: Iterable[str] | None = None) -> Iterator[Class]:
    """The top-level classes that may be subclasses of others, in source order, or those of some ``names``."""
    index: dict[str, list[int]] = _once(module, "classes with bases by name", _classes_with_bases)
    places = {place for name in (index if names is None else names) for place in index.get(name, ())}
    for place in sorted(places):
        statement = module.statements[place]
        for node in statement.tree.body:
            if isinstance(node, cst.ClassDef):
                yield statement, node


def _classes_with_bases(module: SourceModule) -> dict[str, list[int]]:
    """For the names of the top-level classes that have bases, the numbers of the statements."""
    found: dict[str, list[int]] = {}
    for place, statement in enumerate(module.statements):
        for node in statement.nodes:
            if isinstance(node, ast.ClassDef) and node.bases:
                found.setdefault(node.name, []).append(place)
    return found


def overrides(statement: TopLevelStatement, node: cst.ClassDef, name: str) -> list[Function]:
    """The methods by which subclasses in this file override a method of a class."""
    module = statement.module
    known: dict[tuple[cst.ClassDef, str], list[Function]] = module.memo.setdefault("overrides", {})
    if (node, name) not in known:
        known[node, name] = list(_overrides(module, (statement, node), name))
    return known[node, name]


def _overrides(module: SourceModule, overridden: Class, name: str) -> Iterator[Function]:
    """Find them in the classes that define such a method; others are parsed only if they stand between two of these."""
    classes: dict[str, list[str]] = _once(module, "classes by function", _classes_by_function)
    defining = classes.get(overridden[0].scopes.root.stored_name(name), ())
    subclasses = _related_names(module, {overridden[1].name.value}).intersection(defining)
    for candidate in classes_with_bases(module, subclasses):
        if candidate != overridden and overridden in with_bases(*candidate):
            scope = candidate[0].scopes.scope_for(candidate[1])
            for binding in scope.bindings.get(scope.stored_name(name), ()):
                if isinstance(binding.node, cst.FunctionDef) and _undecorated(candidate[0], binding.node):
                    yield candidate[0], binding.node


def _classes_by_function(module: SourceModule) -> dict[str, list[str]]:
    """For each name of a function that stands in top-level classes, the names of these classes."""
    found: dict[str, list[str]] = {}
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            for part in statements(node):
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    found.setdefault(part.name, []).append(node.name)
    return found


def _once(module: SourceModule, what: str, find: Callable[[SourceModule], dict[str, Found]]) -> dict[str, Found]:
    """What is found out about a module, the first time that it's asked for."""
    if what not in module.memo:
        module.memo[what] = find(module)
    known: dict[str, Found] = module.memo[what]
    return known

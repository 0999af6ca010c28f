"""Which expressions may make or name a mutable object, told from ``ast``. This must not import LibCST.

What this finds is a superset of what ``objects`` finds with LibCST's trees and all that is known of a module's names.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.declares import COPYING_CALLS, LIST_METHODS, MUTABLE_CALLS
from flake8_pitfalls.rules.mutable_default.screened_names import Names, root, terminal
from flake8_pitfalls.semantics.syntax import BLOCKS

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.mutable_default.screened_locals import Locals

MUTABLE_NODES = frozenset(
    {ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp},
)
_MAKERS = frozenset(name.rpartition(".")[2] for name in MUTABLE_CALLS)
_COPIERS = frozenset(name.rpartition(".")[2] for name in COPYING_CALLS)
_ITERATORS = frozenset(name.rpartition(".")[2] for name, kind in MUTABLE_CALLS.items() if kind == "iterator")
_OPERATORS = frozenset({ast.Add, ast.Mult, ast.BitOr})
_CONTAINERS = frozenset(
    {
        *("list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter", "ChainMap"),
        *("UserDict", "UserList"),
    }
)
"""Bases that make the instances of a class containers."""
_PLAIN = _CONTAINERS - {"defaultdict"} | {"sorted", "fromkeys", "List", "Dict", "Set", "Deque"} | LIST_METHODS
"""Makers of containers which reading doesn't change, and which have no attributes of their own."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class ScreenedObjects:
    """Recognises what may be mutable objects in a module."""

    def __init__(self, names: Names, locals_: Locals, options: Options | None) -> None:
        self._names = names
        self._locals = locals_
        self._extended = frozenset(
            name.rpartition(".")[2] for name in (options.extend_mutable_calls if options is not None else ())
        )
        self._named: dict[str, bool] = {}
        self._returned: dict[str, bool] = {}
        self._asked: set[str] = set()

    def may_be_mutable(self, node: ast.expr | None, *, in_function: bool = False) -> bool:
        """Whether an expression may be, or may hold, a mutable object.

        ``in_function`` says whether the variables of functions are looked up too.
        """
        kind = node.__class__
        if kind is ast.Constant or node is None:
            return False
        if kind in MUTABLE_NODES:
            return True
        if isinstance(node, ast.Name):
            return self._is_name_of_mutable(node, in_function=in_function)
        if isinstance(node, ast.Attribute):
            return self._is_attribute(node)
        if isinstance(node, ast.Call):
            return self._is_made_by(node, in_function=in_function)
        if isinstance(node, ast.Subscript):
            return self._is_part(node, in_function=in_function)
        return any(self.may_be_mutable(part, in_function=in_function) for part in alternatives(node))

    def _is_name_of_mutable(self, node: ast.Name, *, in_function: bool) -> bool:
        name = node.id
        if in_function and self._locals.are_unknown(node):
            return False
        answer = self._named.get(name)
        if answer is None:
            answer = self._once(name, self._names.values_of(name))
            if not self._asked:  # What was asked on the way to another answer may be incomplete.
                self._named[name] = answer
        if answer or not in_function:
            return answer
        return self._once(f"{name} in a function", self._names.local_values(name, node.lineno))

    def _is_attribute(self, node: ast.Attribute) -> bool:
        if not isinstance(node.value, ast.Name) or node.value.id not in self._names.classes:
            return False
        return self._once(f".{node.attr}", self._names.values_of_attribute(node.attr))

    def _once(self, key: str, values: Collection[ast.expr] | Iterator[ast.expr]) -> bool:
        """Whether one of some values may be mutable, but for what's being asked already."""
        if key in self._asked:
            return False
        self._asked.add(key)
        answer = any(self.may_be_mutable(value) for value in values)
        self._asked.discard(key)
        return answer

    def _is_part(self, node: ast.Subscript, *, in_function: bool) -> bool:
        """``BASE[:]``, a copy, and ``[[1], [2]][0]``, an element."""
        index = node.slice
        sliced = any(isinstance(part, ast.Slice) for part in (index.elts if isinstance(index, ast.Tuple) else [index]))
        if not sliced and isinstance(node.value, (ast.Name, ast.Attribute)):
            return False
        return self.may_be_mutable(node.value, in_function=in_function)

    # -- calls ---------------------------------------------------------------------------------------------------

    @cached_property
    def _makers(self) -> frozenset[str]:
        """Last parts of the names by which mutable objects are made, with the aliases that the module gives them."""
        makers = _MAKERS | self._extended
        return makers | self._names.aliases(makers | _COPIERS)

    def _is_made_by(self, node: ast.Call, *, in_function: bool) -> bool:
        function = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        if isinstance(function, ast.Name):
            name = function.id
            if name in self._makers or name in self._names.classes:
                return True
            if name in _COPIERS:
                return len(node.args) == 1 and self.may_be_mutable(node.args[0], in_function=in_function)
            return self._is_returned_by(name)
        return isinstance(function, ast.Attribute) and self._is_made_by_method(node, function, in_function=in_function)

    def _is_made_by_method(self, node: ast.Call, function: ast.Attribute, *, in_function: bool) -> bool:
        receiver, name = function.value, function.attr
        if name in LIST_METHODS and isinstance(receiver, (ast.Constant, ast.JoinedStr)):
            return True
        if name == "copy" and not node.args and not node.keywords:
            if self.may_be_mutable(receiver, in_function=in_function):
                return True
        elif name == "fromkeys" and isinstance(receiver, ast.Dict):
            return True
        base = root(receiver)
        if not base or (base != "dict" and base not in self._names.imported):
            return False
        if name in _COPIERS:
            return len(node.args) == 1 and self.may_be_mutable(node.args[0], in_function=in_function)
        return name in _MAKERS or name in self._extended

    def _is_returned_by(self, name: str) -> bool:
        """Whether a function of this file may make an object anew and return it."""
        functions = self._names.functions.get(name)
        if functions is None:
            return False
        answer = self._returned.get(name)
        if answer is None:
            self._returned[name] = False  # As long as this isn't known: a function that calls itself.
            answer = self._returned[name] = any(self._returns_new(function) for function in functions)
        return answer

    def _returns_new(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        values = [returned.value for returned in own_returns(function)]
        return bool(values) and all(
            not isinstance(value, (ast.Name, ast.Attribute)) and self.may_be_mutable(value) for value in values
        )

    @cached_property
    def _plain_makers(self) -> frozenset[str]:
        own = {*self._names.classes, *self._names.functions}
        return _PLAIN - self._extended - own - self._names.aliases(_MAKERS - _PLAIN | self._extended)

    # -- kinds of objects ----------------------------------------------------------------------------------------

    def is_instance(self, node: ast.expr) -> bool:
        """Whether an expression makes an instance of a class of this file that is no container.

        A class with the name of a container may stand where the expression can't see it.
        """
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in self._names.classes
            and node.func.id not in self._makers
            and not self.is_container_class(node.func.id)
        )

    def instances(self, node: ast.expr) -> list[str] | None:
        """The classes of this file whose instance an expression is; ``None`` if it may be something else."""
        if self.is_instance(node):
            return [terminal(node.func)]  # type: ignore[attr-defined]
        if not isinstance(node, ast.Name):
            return None
        values = [value for value in self._names.values_of(node.id) if self.may_be_mutable(value)]
        return [terminal(v.func) for v in values] if all(map(self.is_instance, values)) else None  # type: ignore[attr-defined]

    def is_iterator(self, node: ast.expr) -> bool:
        """Whether an expression can only make an iterator."""
        if isinstance(node, ast.Call):
            return terminal(node.func) in self._iterator_makers
        return isinstance(node, ast.GeneratorExp)

    @cached_property
    def _iterator_makers(self) -> frozenset[str]:
        own = {*self._names.classes, *self._names.functions}
        return _ITERATORS - self._extended - own - self._names.aliases(_MAKERS - _ITERATORS | self._extended)

    def is_container_class(self, name: str) -> bool:
        """Whether a class of this file may inherit from a container."""
        classes = self._names.classes
        stack, seen = [name], {name}
        while stack:
            bases = {terminal(base) for node in classes[stack.pop()] for base in node.bases}
            if not bases.isdisjoint(_CONTAINERS) or not bases.isdisjoint(self._names.aliases(_CONTAINERS)):
                return True
            others = (bases & classes.keys()) - seen
            seen |= others
            stack += others
        return False

    def is_plain(self, node: ast.expr) -> bool:
        """Whether an expression makes, or names, a container that only its well-known methods and operators change."""
        kind = node.__class__
        if kind in MUTABLE_NODES:
            return kind is not ast.GeneratorExp
        if kind is ast.BinOp:
            return True
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args:
                return self.may_be_mutable(node.func.value) and self.is_plain(node.func.value)
            return terminal(node.func) in self._plain_makers
        if isinstance(node, (ast.Name, ast.Attribute)):
            key = f"plain {terminal(node)}"
            if key in self._asked:
                return False
            self._asked.add(key)
            plain = all(self.is_plain(value) for value in self._values_of(node) if self.may_be_mutable(value))
            self._asked.discard(key)
            return plain
        if isinstance(node, ast.Subscript):
            return self.is_plain(node.value)
        return all(self.is_plain(part) for part in alternatives(node) if self.may_be_mutable(part))

    def mutable_parts(self, node: ast.expr) -> list[ast.expr]:
        """The mutable objects that a container may hold, which reading it gives access to."""
        if isinstance(node, (ast.Name, ast.Attribute)):
            key = f"parts {terminal(node)}"
            if key in self._asked:
                return [node]
            self._asked.add(key)
            found = [part for value in self._values_of(node) for part in self.mutable_parts(value)]
            self._asked.discard(key)
            return found
        same = [node.value] if isinstance(node, ast.Subscript) else alternatives(node)
        if same and not isinstance(node, ast.Tuple):
            return [part for other in same for part in self.mutable_parts(other)]
        found = []
        for element in _elements(node):
            if not self.may_be_mutable(element) or self.is_instance(element):
                continue
            found += [] if isinstance(element, ast.Tuple) else [element]
            found += self.mutable_parts(element)
        if isinstance(node, ast.Call):
            copied = node.func.value if isinstance(node.func, ast.Attribute) and not node.args else None
            found += [part for first in (copied, *node.args[:1]) if first for part in self.mutable_parts(first)]
        return found

    def _values_of(self, node: ast.Name | ast.Attribute) -> list[ast.expr]:
        names = self._names
        return names.values_of(node.id) if isinstance(node, ast.Name) else names.values_of_attribute(node.attr)


def alternatives(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression of which it may be one, or may hold one."""
    if isinstance(node, ast.Tuple):
        return node.elts
    if isinstance(node, ast.BinOp):
        return _operands(node)
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return [node.value] if isinstance(node, (ast.NamedExpr, ast.Starred)) else []


def _elements(node: ast.expr) -> list[ast.expr]:
    """What a display, a comprehension or the keywords of a call put into a container."""
    if isinstance(node, (ast.List, ast.Set, ast.Tuple)):
        return [element.value if isinstance(element, ast.Starred) else element for element in node.elts]
    if isinstance(node, ast.Dict):
        return node.values
    if isinstance(node, ast.DictComp):
        return [node.value]
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        return [node.elt]
    return [keyword.value for keyword in node.keywords] if isinstance(node, ast.Call) else []


def _operands(node: ast.expr) -> list[ast.expr]:
    """``a``, ``b`` and ``c`` of ``a + b + c``, which may be a thousand."""
    found: list[ast.expr] = []
    while isinstance(node, ast.BinOp):
        if node.op.__class__ not in _OPERATORS:
            return found
        found.append(node.right)
        node = node.left
    return [*found, node]


def own_returns(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Return]:
    """The ``return`` statements of a function, without those of functions in it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Return):
            yield node
        elif node.__class__ in BLOCKS and not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            for field in BLOCKS[node.__class__]:
                stack += getattr(node, field)

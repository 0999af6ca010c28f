"""The functions of a module as the screen of PIT2xx follows objects through them. This must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Hashable
from functools import cached_property

from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, terminal
from flake8_pitfalls.semantics.syntax import FIELDS

_SEES_VARIABLES = frozenset({"locals", "vars", "exec", "eval"})
_NAMING = (*(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar),)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
Function = ast.FunctionDef | ast.AsyncFunctionDef


def first_parameter(function: Function) -> frozenset[str]:
    """The first parameter, if there is one."""
    return frozenset(parameter.arg for parameter in [*function.args.posonlyargs, *function.args.args][:1])


def _position(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


class Flows:
    """The functions of a module."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._known: dict[Function, Flow] = {}

    def of(self, function: Function) -> Flow:
        """One of the functions."""
        flow = self._known.get(function)
        if flow is None:
            flow = self._known[function] = Flow(function, self)
        return flow


class Flow:
    """One function, or method."""

    def __init__(self, function: Function, flows: Flows) -> None:
        self.function = function
        self.flows = flows
        self.remembered: dict[tuple[Hashable, str, int], bool] = {}
        """What has been found out about what variables hold."""
        self._names = flows.names

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        found: dict[ast.AST, ast.AST] = {}
        fields = FIELDS
        stack: list[ast.AST] = [self.function]
        while stack:
            node = stack.pop()
            for name in fields[node.__class__]:
                value = getattr(node, name)
                for child in value if value.__class__ is list else (value,):
                    if child is not None:
                        found[child] = node
                        stack.append(child)
        return found

    @cached_property
    def _attributes(self) -> dict[str, list[ast.Attribute]]:
        """The attributes of a variable, by the name of the attribute."""
        found: dict[str, list[ast.Attribute]] = {}
        for node in self._parents:
            if node.__class__ is ast.Attribute and node.value.__class__ is ast.Name:
                found.setdefault(node.attr, []).append(node)
        return found

    @cached_property
    def _variables(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self._parents:
            if node.__class__ is ast.Name:
                found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def _local_functions(self) -> frozenset[str]:
        """The names that are bound in the function, which may mean functions that it makes."""
        bound = {name for name, nodes in self._variables.items() if any(isinstance(n.ctx, ast.Store) for n in nodes)}
        inner = (n.name for n in self._parents if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)))
        return frozenset(bound.union(inner))

    def attributes_of_own(self, name: str) -> list[ast.Attribute]:
        """Where an attribute of the first parameter is mentioned."""
        own = self.own
        return [node for node in self._attributes.get(name, ()) if node.value.id == own]  # type: ignore[attr-defined]

    @cached_property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters."""
        arguments = self.function.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        return frozenset(parameter.arg for parameter in every if parameter is not None)

    @cached_property
    def bound_otherwise(self) -> frozenset[str]:
        """The names that the function binds in other ways than by assigning them: definitions, imports, handlers."""
        found: set[str | None] = set()
        for node in self._parents:
            if isinstance(node, ast.alias):
                found.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, ast.MatchMapping):
                found.add(node.rest)
            elif isinstance(node, _NAMING):
                found.add(node.name)
        return frozenset(name for name in found if name)

    def binds(self, name: str) -> bool:
        """Whether the function, or one in it, binds a name."""
        return name in self.bound_otherwise or self._is_bound(name)

    @cached_property
    def own(self) -> str:
        """The first parameter."""
        return next(iter(first_parameter(self.function)), "")

    @cached_property
    def globals(self) -> frozenset[str]:
        """The names that the function, or one in it, declares to be the module's."""
        return frozenset(name for node in self._parents if isinstance(node, ast.Global) for name in node.names)

    def is_made_here(self, name: str) -> bool:
        """Whether a name is a variable, of this function only, that holds nothing but containers it displays before."""
        if name not in self._made_here:
            self._made_here[name] = self._has_only_displays(name)
        return self._made_here[name]

    def _has_only_displays(self, name: str) -> bool:
        if name in self.parameters or name in self.bound_otherwise or name in self._declared:
            return False
        mentions = self.variables(name)
        bindings = [node for node in mentions if isinstance(node.ctx, ast.Store)]
        if not bindings or not all(map(self.is_in_body, mentions)):
            return False
        if any(isinstance(node.ctx, ast.Del) for node in mentions):
            return False
        if min(map(_position, bindings)) != min(map(_position, mentions)):
            return False
        statements = map(self.parent, bindings)
        return all(isinstance(made, ast.Assign) and isinstance(made.value, _DISPLAYS) for made in statements)

    @cached_property
    def _made_here(self) -> dict[str, bool]:
        return {}

    @cached_property
    def _declared(self) -> frozenset[str]:
        found = (node.names for node in self._parents if isinstance(node, (ast.Global, ast.Nonlocal)))
        return frozenset(name for names in found for name in names)

    def is_declared_elsewhere(self, name: str) -> bool:
        """Whether the function, or one in it, declares a name to be a variable of the code around it."""
        return name in self._declared

    def is_in_class(self, node: ast.AST) -> bool:
        """Whether a node is run by the body of a class in the function."""
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            node = self.parent(node)
        return isinstance(node, ast.ClassDef)

    def holds(self, node: ast.AST) -> bool:
        """Whether a node is a part of the function."""
        return node in self._parents

    def parent(self, node: ast.AST) -> ast.AST:
        """The node around another one."""
        return self._parents.get(node, self.function)

    def variables(self, name: str) -> list[ast.Name]:
        """All mentions of a variable, in inner functions too."""
        return self._variables.get(name, [])

    @cached_property
    def sees_variables(self) -> bool:
        """Whether some call may see all variables, whatever names it mentions."""
        return not _SEES_VARIABLES.isdisjoint(self._variables)

    def is_own(self, name: str) -> bool:
        """Whether a name may mean something that this file defines, or gives a name of its own."""
        return name in self._names.own or name in self._local_functions or name == self.own

    def is_callable(self, node: ast.AST) -> bool:
        """Whether an argument may be a function of this file."""
        if isinstance(node, ast.Name):
            return self.is_own(node.id) and node.id not in self._names.classes
        return not isinstance(node, (ast.Constant, ast.JoinedStr, ast.Compare, ast.BinOp))

    def is_imported(self, node: ast.expr) -> bool:
        """Whether an expression is the name of something that another file defines."""
        return isinstance(node, ast.Name) and node.id in self._names.imports and not self.is_own(node.id)

    def methods(self, name: str) -> list[Function]:
        """The methods, and functions, of a name that this file defines."""
        return self._names.functions.get(name, [])

    def called(self, call: ast.Call) -> list[tuple[Function, int]] | None:
        """The functions of this file that a call may mean, and how many parameters stand before its arguments.

        ``None`` if the call may mean something else that this file makes.
        """
        function, names = call.func, self._names
        if isinstance(function, ast.Attribute):
            if self.is_imported(function.value):
                return []
            methods = names.functions.get(function.attr, [])
            return [(method, shift) for method in methods for shift in (0, 1)]
        assert isinstance(function, ast.Name)
        if not self.is_own(function.id):
            return []
        found = [(made, 0) for made in names.functions.get(function.id, ())]
        if function.id in names.assigned or function.id in names.imports or self._is_bound(function.id):
            return None
        if function.id not in names.classes:
            return found or None
        return None if found else [(method, 1) for method in self._constructors(function.id, set())] or None

    def _constructors(self, name: str, seen: set[str]) -> list[Function]:
        """The ``__init__`` of a class and of its bases, as far as this file tells."""
        found: list[Function] = []
        for node in self._names.classes.get(name, ()) if name not in seen else ():
            seen.add(name)
            found += (m for m in node.body if isinstance(m, FUNCTIONS) and m.name == "__init__")
            for base in node.bases:
                found += self._constructors(terminal(base), seen)
        return found

    def _is_bound(self, name: str) -> bool:
        return any(isinstance(node.ctx, ast.Store) for node in self.variables(name))

    def is_outermost(self, node: ast.AST) -> bool:
        """Whether a node belongs to the function itself, not to one in it."""
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            node = self.parent(node)
        return node is self.function

    def is_in_body(self, node: ast.AST) -> bool:
        """Whether a node is run by the function itself: it's in none inside it, no default, decorator or annotation."""
        inner = node
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            inner, node = node, self.parent(node)
            if isinstance(node, ast.AnnAssign) and node.annotation is inner:
                return False
        return node is self.function and isinstance(inner, ast.stmt)

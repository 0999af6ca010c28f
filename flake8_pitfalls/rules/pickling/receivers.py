"""What an expression is, of the things that pickle: a process pool, an executor, a queue, a pipe, a manager, ..."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import canonical
from flake8_pitfalls.rules.pickling.definitions import own_nodes, returned_values, yields
from flake8_pitfalls.rules.pickling.kinds import (
    CONSTRUCTORS,
    CONTEXTS,
    MANAGER_METHODS,
    OF_CONTEXTS,
    PROXY_TYPES,
    Kind,
    Named,
    Receiver,
    Start,
    start_named,
)
from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.rules.pickling.syntax import argument, constant_text, is_none
from flake8_pitfalls.semantics.scopes import BindingKind
from flake8_pitfalls.semantics.variables import Bound

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_TRANSPARENT_CALLS = frozenset({"contextlib.closing", "contextlib.aclosing"})
_ENTERING = frozenset({"enter_context", "enter_async_context"})


class Receivers:
    """Infers what expressions of one module are; ``None`` is whatever isn't known."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known: dict[cst.CSTNode, Receiver | None] = {}
        self._callables: dict[cst.BaseExpression, Named | None] = {}

    def of(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Receiver | None:
        """What an expression is."""
        if node not in self._known:
            # What depends on itself isn't known.
            self._known[node] = None
            self._known[node] = self._infer(statement, node)
        return self._known[node]

    def _infer(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Receiver | None:
        match node:
            case cst.Name():
                return self._of_name(statement, node)
            case cst.Attribute():
                return self._of_attribute(statement, node)
            case cst.Call():
                return self._of_call(statement, node)
            case cst.IfExp():
                branches = [part for part in (node.body, node.orelse) if not is_none(part)]
                return _agreed([self.of(statement, part) for part in branches])
            case cst.NamedExpr():
                return self.of(statement, node.value)
            case cst.Await():
                return self.of(statement, node.expression)
            case cst.Subscript():
                return self._element_of(statement, node.value)
        return None

    # -- names -------------------------------------------------------------------------------------------------

    def _of_name(self, statement: TopLevelStatement, node: cst.Name) -> Receiver | None:
        dotted = self._lookup.dotted(statement, node)
        if dotted is not None and canonical(f"{dotted}.x") == "multiprocessing.x":
            return Receiver(Kind.CONTEXT, "multiprocessing")
        own = self._lookup.class_of_self(statement, node)
        if own is not None:
            named = self.class_as_callable(*own)
            return self._made(named, None) if named is not None else None
        bindings = [bound for bound in self._lookup.variables.reaching(statement, node) if not bound.is_none()]
        return _agreed([self._of_binding(bound) for bound in bindings])

    def _of_binding(self, bound: Bound) -> Receiver | None:
        statement, binding = bound
        if binding.kind is BindingKind.PARAMETER:
            assert isinstance(binding.node, cst.Param)
            return self._annotated(statement, binding.node.annotation)
        if isinstance(binding.node, cst.FunctionDef):
            return self._decorated(statement, binding.node)
        parent = statement.parents.get(binding.node)
        if binding.kind is BindingKind.WITH:
            item = statement.parents.get(parent) if parent is not None else None
            return self._entered(statement, item.item) if isinstance(item, cst.WithItem) else None
        if binding.kind is BindingKind.FOR:
            if isinstance(parent, (cst.For, cst.CompFor)) and parent.target is binding.node:
                return self._element_of(statement, parent.iter)
            return None
        if binding.kind not in {BindingKind.ASSIGNMENT, BindingKind.WALRUS}:
            return None
        value = bound.value
        if value is None:
            return self._of_unpacked(statement, parent)
        found = self.of(*value)
        if found is None and isinstance(parent, cst.AnnAssign):
            return self._annotated(statement, parent.annotation)
        return found

    def _entered(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Receiver | None:
        """What ``with`` gives: the thing itself, or what a generator with ``@contextmanager`` yields."""
        found = self.of(statement, node)
        function = self._lookup.function_called(statement, node.func) if isinstance(node, cst.Call) else None
        if found is not None or function is None:
            return found
        where, definition = function
        names = [self._lookup.dotted(where, one.decorator) for one in definition.decorators]
        if names != ["contextlib.contextmanager"]:
            return None
        yielded = [part.value for part in own_nodes(definition) if isinstance(part, cst.Yield)]
        return _agreed([self.of(where, part) if isinstance(part, cst.BaseExpression) else None for part in yielded])

    def _decorated(self, statement: TopLevelStatement, node: cst.FunctionDef) -> Receiver | None:
        """``@memory.cache`` hashes the arguments of calls."""
        for decorator in node.decorators[:1]:
            called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
            if isinstance(called, cst.Attribute) and called.attr.value == "cache":
                owner = self.of(statement, called.value)
                if owner is not None and owner.kind is Kind.MEMORY:
                    return Receiver(Kind.CACHED, "Memory.cache")
        return None

    def _of_unpacked(self, statement: TopLevelStatement, element: cst.CSTNode | None) -> Receiver | None:
        """An end of a pipe: ``here, there = Pipe()``."""
        above = statement.parents.get(element) if isinstance(element, cst.Element) else None
        target = statement.parents.get(above) if isinstance(above, (cst.Tuple, cst.List)) else None
        assignment = statement.parents.get(target) if isinstance(target, cst.AssignTarget) else None
        return self._element_of(statement, assignment.value) if isinstance(assignment, cst.Assign) else None

    def _element_of(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Receiver | None:
        """What the elements of a list or the like are: all the same."""
        values = self._lookup.values(statement, node)
        if len(values) != 1:
            return None
        where, value = values[0]
        if isinstance(value, (cst.ListComp, cst.GeneratorExp)):
            return self.of(where, value.elt)
        if isinstance(value, (cst.List, cst.Tuple)) and value.elements:
            return _agreed([self.of(where, element.value) for element in value.elements])
        found = self.of(where, value)
        return Receiver(Kind.CONNECTION, "Connection") if found is not None and found.kind is Kind.PIPE else None

    # -- attributes --------------------------------------------------------------------------------------------

    def _of_attribute(self, statement: TopLevelStatement, node: cst.Attribute) -> Receiver | None:
        dotted = self._lookup.dotted(statement, node)
        if dotted is not None:
            is_module = canonical(f"{dotted}.x") == "multiprocessing.x"
            return Receiver(Kind.CONTEXT, "multiprocessing") if is_module else None
        element = statement.parents.get(node)
        if isinstance(element, cst.Element):
            unpacked = self._of_unpacked(statement, element)
            if unpacked is not None:
                return unpacked
        owner = self._lookup.class_of(statement, node.value) or self._lookup.class_itself(statement, node.value)
        if owner is None or self._lookup.may_be_below(statement, node, owner[1]):
            return None
        name = node.attr.value
        method = self._lookup.method(*owner, name)
        if method is not None:
            where, function = method
            if not self._lookup.is_property(where, function):
                return None
            return _agreed([self.of(*value) for value in returned_values(where, function) if not is_none(value.node)])
        if name in self._lookup.stored_on_objects:
            return None
        assigned = [value for value in self._lookup.attribute_values(*owner, name) if not is_none(value.node)]
        found = _agreed([self.of(*value) for value in assigned])
        return found or _agreed(
            [self._annotated(where, note) for where, note in self._lookup.annotations(*owner, name)]
        )

    # -- calls -------------------------------------------------------------------------------------------------

    def callable(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Named | None:
        """The dotted name of what is called, through imports, aliases, contexts and subclasses."""
        if node not in self._callables:
            self._callables[node] = None
            self._callables[node] = self._find_callable(statement, node)
        return self._callables[node]

    def _find_callable(self, statement: TopLevelStatement, node: cst.BaseExpression) -> Named | None:
        dotted = self._lookup.dotted(statement, node)
        if dotted is not None:
            return Named(canonical(dotted))
        if isinstance(node, cst.Attribute):
            if node.attr.value not in OF_CONTEXTS:
                return None
            context = self.of(statement, node.value)
            if context is not None and context.kind is Kind.CONTEXT:
                return Named(f"multiprocessing.{node.attr.value}", context.start)
            return None
        if not isinstance(node, cst.Name):
            return None
        definition = self._lookup.class_named(statement, node)
        if definition is not None:
            return self.class_as_callable(*definition)
        values = self._lookup.values(statement, node)
        if len(values) == 1 and values[0].node is not node and isinstance(values[0].node, (cst.Name, cst.Attribute)):
            return self.callable(*values[0])
        return None

    def class_as_callable(
        self, statement: TopLevelStatement, node: cst.ClassDef, seen: set[cst.ClassDef] | None = None
    ) -> Named | None:
        """A class of this file that derives from a known one."""
        seen = set() if seen is None else seen
        if node in seen:
            return None
        seen.add(node)
        own = frozenset(statement.scopes.scope_for(node).bindings)
        for base in node.bases:
            definition = self._lookup.class_named(statement, base.value) if isinstance(base.value, cst.Name) else None
            if definition is not None:
                named = self.class_as_callable(*definition, seen=seen)
            else:
                named = self.callable(statement, base.value)
            if named is not None and (named.name in CONSTRUCTORS or named.name == "torch.utils.data.DataLoader"):
                return named._replace(overridden=named.overridden | own)
        return None

    def _of_call(self, statement: TopLevelStatement, node: cst.Call) -> Receiver | None:
        named = self.callable(statement, node.func)
        if named is not None:
            if named.name in _TRANSPARENT_CALLS:
                return self.of(statement, node.args[0].value) if node.args else None
            if named.name.endswith(".get_context"):
                method = argument(node, 0, "method")
                is_open = method is None or is_none(method)
                start = Start.DEFAULT if is_open or method is None else self._start_of(statement, method)
                return Receiver(Kind.CONTEXT, "multiprocessing", start)
            made = self._made(named, node)
            if made is not None:
                return self._with_context(statement, node, made)
        if isinstance(node.func, cst.Attribute):
            found = self._of_method_call(statement, node, node.func)
            if found is not None:
                return found
        if named is not None and named.name == "builtins.super":
            around = self._lookup.class_around(statement, node)
            own = self.class_as_callable(statement, around) if around is not None else None
            return self._made(own._replace(overridden=frozenset()), None) if own is not None else None
        values = self._lookup.returned(statement, node)
        found = _agreed([self.of(*value) for value in values if not is_none(value.node)])
        return found or self._declared(statement, node)

    def _start_of(self, statement: TopLevelStatement, method: cst.BaseExpression) -> Start:
        """The start method that an expression names."""
        texts = {constant_text(value.node) for value in self._lookup.values(statement, method)}
        if isinstance(method, cst.Name):
            parameters = [bound.binding.node for bound in self._lookup.variables.reaching(statement, method)]
            texts |= {constant_text(node.default) for node in parameters if isinstance(node, cst.Param)}
            if "fork" in texts and any(isinstance(node, cst.Param) for node in parameters):
                return Start.UNKNOWN
        if "fork" in texts and len(texts) > 1:
            return Start.UNKNOWN
        return start_named(texts.pop() if len(texts) == 1 else None)

    def _declared(self, statement: TopLevelStatement, node: cst.Call) -> Receiver | None:
        """What a function of this file says that it returns."""
        function = self._lookup.function_called(statement, node.func)
        if function is None or function[1].asynchronous is not None or yields(function[1]):
            return None
        return self._annotated(function[0], function[1].returns)

    def _made(self, named: Named, node: cst.Call | None) -> Receiver | None:
        context = CONTEXTS.get(named.name.rpartition(".")[2])
        if context is not None and named.name.startswith("multiprocessing."):
            return Receiver(Kind.CONTEXT, "multiprocessing", context)
        kind = CONSTRUCTORS.get(named.name)
        if kind is None:
            return None
        return Receiver(*kind, start=named.start, made_by=node, overridden=named.overridden)

    def _with_context(self, statement: TopLevelStatement, node: cst.Call, made: Receiver) -> Receiver:
        """``ProcessPoolExecutor(mp_context=...)`` and ``Pool(context=...)``."""
        keywords = {"mp_context": 1, "context": 4}
        for keyword, place in keywords.items():
            if (made.kind is Kind.EXECUTOR) is (keyword == "mp_context") and made.kind in {Kind.EXECUTOR, Kind.POOL}:
                given = argument(node, place, keyword)
                context = self.of(statement, given) if given is not None else None
                if context is not None and context.kind is Kind.CONTEXT:
                    return replace(made, start=context.start)
        return made

    def _of_method_call(self, statement: TopLevelStatement, node: cst.Call, function: cst.Attribute) -> Receiver | None:
        name = function.attr.value
        if name in _ENTERING and len(node.args) == 1:
            return self.of(statement, node.args[0].value)
        owner = self.of(statement, function.value)
        if owner is None:
            return None
        if name in {"__enter__", "start"} and owner.kind in {Kind.POOL, Kind.EXECUTOR, Kind.MANAGER, Kind.SHELF}:
            return owner
        if owner.kind is Kind.MANAGER and name in MANAGER_METHODS:
            return Receiver(Kind.PROXY, name, made_by=node)
        if owner.kind is Kind.MEMORY and name == "cache" and node.args and node.args[0].keyword is None:
            return Receiver(Kind.CACHED, "Memory.cache")
        if owner.kind is Kind.MANAGER and name in {"Queue", "JoinableQueue"}:
            return Receiver(Kind.PROXY, "Queue", made_by=node)
        return None

    # -- annotations -------------------------------------------------------------------------------------------

    def _annotated(self, statement: TopLevelStatement, annotation: cst.Annotation | None) -> Receiver | None:
        if annotation is None:
            return None
        text = statement.source(annotation.annotation)
        try:
            parsed = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            return None
        names = [name for name in self._names_in(parsed) if name != "None"]
        return _agreed([self._of_type(name) for name in names])

    def _names_in(self, node: ast.expr) -> list[str]:
        """The dotted names of the alternatives of an annotation; what it's parametrised by doesn't matter."""
        if isinstance(node, ast.Constant):
            if node.value is None:
                return ["None"]
            try:
                return self._names_in(ast.parse(str(node.value), mode="eval").body)
            except (SyntaxError, ValueError):
                return [""]
        if isinstance(node, ast.BinOp):
            return [*self._names_in(node.left), *self._names_in(node.right)]
        facts = self._lookup.module.facts
        if isinstance(node, ast.Subscript):
            outer = facts.dotted(node.value)
            if outer in {"typing.Optional", "typing.Union", "typing.Annotated", "typing.Final"}:
                parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
                return [
                    name
                    for part in (parts[:1] if outer == "typing.Annotated" else parts)
                    for name in self._names_in(part)
                ]
            return self._names_in(node.value)
        return [facts.dotted(node) or ""]

    def _of_type(self, dotted: str) -> Receiver | None:
        name = canonical(dotted)
        proxy = PROXY_TYPES.get(name.rpartition(".")[2]) if name.startswith("multiprocessing.") else None
        if proxy is not None:
            return Receiver(Kind.PROXY, proxy)
        if name == "multiprocessing.BaseContext":
            return Receiver(Kind.CONTEXT, "multiprocessing")
        return self._made(Named(name), None)


def _agreed(found: list[Receiver | None]) -> Receiver | None:
    """What all alternatives are."""
    first = found[0] if found else None
    if first is None or not all(other is not None and first.same_as(other) for other in found):
        return None
    if all(other is not None and other.made_by is first.made_by for other in found):
        return first
    overridden = frozenset(name for other in found if other is not None for name in other.overridden)
    return replace(first, made_by=None, overridden=overridden)

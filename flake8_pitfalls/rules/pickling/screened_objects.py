"""Whether an expression may give an object that can't be pickled: what the screen of PIT4xx knows of that.

The analysis reports what certainly can't be pickled. Here, one way to something that can't be is enough: the values
that a name, or an attribute of anything, may have are searched for it. What the analysis doesn't follow isn't followed
here either. This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from flake8_pitfalls.rules.pickling.declares import (
    CUSTOM_PICKLING,
    DICTIONARIES,
    ITERATING,
    PROCESS_OWNERS,
    REGROUPING,
    RESOURCES,
    SOCKETS,
    STREAMS,
    SYNCHRONIZED,
    holds_arguments,
)
from flake8_pitfalls.rules.pickling.screened_meanings import DISPLAYS, Meanings, is_receiver
from flake8_pitfalls.rules.pickling.screened_names import Names
from flake8_pitfalls.rules.pickling.screened_syntax import FUNCTIONS, Function, first_parameter, terminal

_NEVER = RESOURCES | PROCESS_OWNERS | SOCKETS
"""Calls whose result can't be pickled, whatever they get."""
_OF_CONTEXTS = frozenset(name.rpartition(".")[2] for name in PROCESS_OWNERS)
_SHARED_OF_CONTEXTS = frozenset(name.rpartition(".")[2] for name in SYNCHRONIZED)
_PASSING = frozenset({"contextlib.closing", "contextlib.aclosing"})
_HOLDING_ELEMENTS = ITERATING | DICTIONARIES - {"collections.ChainMap"}
_TAKING_APART = ITERATING | REGROUPING | DICTIONARIES | {"collections.defaultdict"}
_ENTERING = frozenset({"enter_context", "enter_async_context"})
_VIEWS = frozenset({"keys", "values", "items"})
_STARTING = ("__init__", "__post_init__")
_DIRECT = frozenset({"staticmethod", "classmethod"})
_FACTORIES = frozenset({"default_factory", "factory"})

Task = tuple[Callable[["Search", Any], bool], ast.AST | str]
"""What to ask about a node, or about all attributes of a name: a method of the search."""


class ScreenedObjects:
    """What of a module's objects may not be pickled."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.meanings = Meanings(names)
        self._harmless: dict[bool, set[Task]] = {False: set(), True: set()}

    def may_fail(self, tasks: Iterable[Task], *, started: bool) -> bool:
        """Whether one of some objects may be such that it can't be pickled.

        ``started`` says that they are sent to a process when that is started, and may share locks with it.
        """
        search = Search(self.meanings, self._harmless[started], started=started)
        return self.meanings.is_exhausted or search.finds(tasks)


class Search:
    """Follows all ways that lead from some expressions to their values, and ends at what can't be pickled."""

    def __init__(self, meanings: Meanings, harmless: set[Task], *, started: bool) -> None:
        self._meanings = meanings
        self._names = meanings.names
        self._harmless = harmless
        self._started = started
        self._stack: list[Task] = []

    def finds(self, tasks: Iterable[Task]) -> bool:
        """Whether a way leads to something that can't be pickled."""
        stack = self._stack = list(tasks)
        seen: set[Task] = set()
        while stack:
            ask, node = stack.pop()
            if isinstance(node, ast.Name):
                node = self._meanings.same_as(node)
            task = (ask, node)
            if task in seen or task in self._harmless:
                continue
            seen.add(task)
            before = len(stack)
            if ask(self, node) or not self._meanings.has_steps_for(1 + len(stack) - before):
                return True
        self._harmless |= seen
        return False

    def _follow(self, ask: Callable[[Search, Any], bool], nodes: Iterable[ast.AST | None]) -> None:
        self._stack += [(ask, node) for node in nodes if node is not None]

    # -- expressions -------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> bool:
        """The object that an expression gives."""
        kind = node.__class__
        for name in _PARTS.get(kind, ()):
            part = getattr(node, name)
            self._follow(Search.value, part if isinstance(part, list) else [part])
        handler = _HANDLERS.get(kind)
        return handler is not None and handler(self, node)

    def _unpacked(self, node: ast.Starred) -> bool:
        self._follow(Search.elements, (node.value,))
        return False

    def _dictionary(self, node: ast.Dict) -> bool:
        merged = [value for key, value in zip(node.keys, node.values, strict=True) if key is None]
        self._follow(Search.elements, merged)
        return False

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> bool:
        self._meanings.note_clauses(node)
        return False

    def _operation(self, node: ast.BinOp) -> bool:
        self._follow(Search.value, (side for side in (node.left, node.right) if isinstance(side, DISPLAYS)))
        return False

    def _item(self, node: ast.Subscript) -> bool:
        self._follow(Search.table, (node.value,))
        return False

    def table(self, node: ast.expr) -> bool:
        """What a list or dictionary holds that is written down somewhere."""
        if isinstance(node, DISPLAYS):
            self._follow(Search.value, (node,))
        elif isinstance(node, ast.Name):
            self._follow(Search.table, (value.node for value in self._meanings.values(node)))
        return False

    # -- what is iterated over ---------------------------------------------------------------------------------

    def elements(self, node: ast.expr) -> bool:
        """What iterating over an object gives."""
        if isinstance(node, ast.GeneratorExp):
            self._meanings.note_clauses(node)
            self._follow(Search.value, (node.elt,))
        elif isinstance(node, ast.Name):
            values = [value.node for value in self._meanings.values(node)]
            # What was put into a container counts too.
            holds = any(map(self._meanings.is_container, values))
            self._follow(Search.value if holds else Search.elements, [node] if holds else values)
        elif isinstance(node, ast.Call):
            return self._elements_of_call(node)
        elif isinstance(node, (ast.IfExp, ast.NamedExpr, ast.Lambda, ast.BoolOp, *DISPLAYS)):
            self._follow(Search.value, (node,))
        return False

    def _elements_of_call(self, node: ast.Call) -> bool:
        dotted = self._meanings.names_of(node.func)
        if "itertools.repeat" in dotted:
            self._follow_arguments(node, Search.value)
        elif dotted & _TAKING_APART:
            self._follow_arguments(node, Search.elements)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS:
            self._follow(Search.table, (node.func.value,))
        return False

    # -- names -------------------------------------------------------------------------------------------------

    def _name(self, node: ast.Name) -> bool:
        names, name = self._names, node.id
        place = names.place_of(node)
        for value in self._meanings.values(node):
            self._follow(Search.elements if value.of_elements else Search.value, (value.node,))
        own = names.class_of_first_parameter(name, place)
        if own is not None:
            self._follow(Search.instance, (own,))
        if (place, name) in names.local_instances or (place, name) in names.originals:
            return True
        definitions = names.visible(name, place)
        if not self._meanings.has_steps_for(len(definitions)):
            return True
        if names.is_parameter(name, place):
            return any(map(names.is_local, definitions))
        if name in names.modules or not STREAMS.isdisjoint(names.imports.get(name, ())):
            return True
        return any(map(names.is_odd, definitions))

    # -- attributes --------------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> bool:
        names, name = self._names, node.attr
        if not STREAMS.isdisjoint(names.dotted(node)):
            return True
        if name == "__dict__":
            return self._namespace(node.value)
        if name.startswith("__") and not name.endswith("__") and name in names.functions:
            return True
        if self._meanings.is_of_import(node):
            return False
        self._stack.append((Search.stored, name))
        if isinstance(node.value, ast.Name):
            if any(map(self._names.is_odd, names.classes.get(node.value.id, ()))):
                return True
            types = (value.node for value in self._meanings.values(node.value))
            self._follow(Search.value, (made for made in types if self._meanings.makes_type(made)))
        # A method is pickled with the instance or class that it's read from.
        methods = names.methods(name)
        self._follow(Search.value, [node.value] if methods else ())
        return False

    def stored(self, name: str) -> bool:
        """What attributes of a name hold, or the methods that have it."""
        self._follow(Search.value, self._names.attributes.get(name, ()))
        self._follow(Search.value, self._names.members.get(name, ()))
        return any(map(self._is_changed_method, self._names.methods(name)))

    def _is_changed_method(self, method: Function) -> bool:
        decorators = {terminal(one) for one in method.decorator_list}
        is_of_class = not decorators.isdisjoint(_DIRECT)
        return self._names.is_replaced(method) or (is_of_class and self._names.has_odd_class)

    def _namespace(self, node: ast.expr) -> bool:
        """What is in the ``__dict__`` of an object."""
        classes = (known for group in self._names.classes.values() for known in group)
        if isinstance(node, ast.Name):
            place = self._names.place_of(node)
            own = self._names.class_of_first_parameter(node.id, place)
            if own is not None:
                self._follow(Search.attributes, (own,))
                return False
            if self._names.is_parameter(node.id, place) and not any(self._meanings.values(node)):
                return (place, node.id) in self._names.local_instances
        self._follow(Search.attributes, classes)
        return False

    # -- calls -------------------------------------------------------------------------------------------------

    def _follow_arguments(self, node: ast.Call, ask: Callable[[Search, Any], bool]) -> None:
        self._follow(ask, node.args)
        for keyword in node.keywords:
            self._follow(Search.value if keyword.arg is not None else Search.elements, (keyword.value,))

    def _call(self, node: ast.Call) -> bool:
        dotted = self._meanings.names_of(node.func)
        if dotted & _NEVER or (not self._started and dotted & SYNCHRONIZED):
            return True
        if any(map(self._is_of_context, self._meanings.last_names(node.func))):
            return True
        if self._meanings.makes_type(node) and not self._meanings.is_well_named(node):
            return True
        if "builtins.vars" in dotted and node.args:
            return self._namespace(node.args[0])
        if dotted & _HOLDING_ELEMENTS:
            self._follow_arguments(node, Search.elements)
        if any(holds_arguments(name) or name in _PASSING for name in dotted - _HOLDING_ELEMENTS):
            self._follow_arguments(node, Search.value)
        if isinstance(node.func, ast.Name):
            return self._call_of_name(node, node.func)
        return isinstance(node.func, ast.Attribute) and self._call_of_attribute(node, node.func)

    def _is_of_context(self, name: str) -> bool:
        """Whether a context of multiprocessing makes something by a name that can't be sent, as ``context.Queue()``."""
        return name in _OF_CONTEXTS or (name in _SHARED_OF_CONTEXTS and not self._started)

    def _call_of_name(self, node: ast.Call, function: ast.Name) -> bool:
        place = self._names.place_of(function)
        definitions = self._names.visible(function.id, place)
        made: list[ast.AST] = [node for node in definitions if isinstance(node, ast.ClassDef)]
        own = self._names.class_of_first_parameter(function.id, place)
        if own is not None:
            made.append(own)
        self._follow(Search.instance, made)
        types = [value.node for value in self._meanings.values(function) if self._meanings.makes_type(value.node)]
        self._follow(Search.value, types)
        if made or types:
            self._follow_arguments(node, Search.value)
        return any(self._result(node) for node in definitions if isinstance(node, FUNCTIONS))

    def _call_of_attribute(self, node: ast.Call, function: ast.Attribute) -> bool:
        name = function.attr
        if name in _VIEWS and not node.args and self._meanings.is_dictionary(function.value):
            return True
        if name in _ENTERING:
            self._follow_arguments(node, Search.value)
        elif name in {"__enter__", "start"}:
            self._follow(Search.value, (function.value,))
        if self._meanings.is_of_import(function):
            return False
        made = self._names.classes.get(name, [])
        types = [value for value in self._names.members.get(name, ()) if self._meanings.makes_type(value)]
        self._follow(Search.instance, made)
        self._follow(Search.value, types)
        if made:
            self._follow_arguments(node, Search.value)
        self._stack.append((Search.results, name))
        return False

    def results(self, name: str) -> bool:
        """What calling the methods of a name gives."""
        return any(map(self._result, self._names.methods(name)))

    def _result(self, function: Function) -> bool:
        """What calling a function or method of the module gives."""
        if any(terminal(decorator) not in _DIRECT for decorator in function.decorator_list):
            return False
        if self._names.is_iterator(function) or (function.returns is not None and is_receiver(function.returns)):
            return True
        self._follow(Search.value, self._names.returned(function))
        return False

    # -- workers -----------------------------------------------------------------------------------------------

    def worker(self, node: ast.expr) -> bool:
        """What a function of the module that a process runs gives back, or raises."""
        found: Iterable[Function] = ()
        if isinstance(node, ast.Name):
            self._follow(Search.worker, (value.node for value in self._meanings.values(node)))
            definitions = self._names.visible(node.id, self._names.place_of(node))
            found = [known for known in definitions if isinstance(known, FUNCTIONS)]
        elif isinstance(node, ast.Attribute):
            self._stack.append((Search.working_methods, node.attr))
        elif isinstance(node, ast.Call) and "functools.partial" in self._names.dotted(node.func):
            self._follow(Search.worker, node.args[:1])
        return any(map(self._work, found))

    def working_methods(self, name: str) -> bool:
        """What the methods of a name give back or raise in a process."""
        return any(map(self._work, self._names.methods(name)))

    def _work(self, function: Function) -> bool:
        if self._names.is_iterator(function) or self._names.raises_local_class(function):
            return True
        self._follow(Search.value, self._names.returned(function))
        return False

    # -- instances ---------------------------------------------------------------------------------------------

    def instance(self, node: ast.ClassDef) -> bool:
        """An instance of a class of the module."""
        if self._names.is_odd(node):
            return True
        methods = self._names.methods_of(node)
        # isdisjoint() would go through all methods.
        if not any(name in methods for name in CUSTOM_PICKLING) and self._meanings.has_known_bases(node):
            self._follow(Search.attributes, (node,))
        return False

    def attributes(self, node: ast.ClassDef) -> bool:
        """What instances of a class hold when they have been made."""
        for base in node.bases:
            self._follow(Search.attributes, self._names.classes.get(terminal(base), ()))
            if self._meanings.names_of(base) & RESOURCES:
                return True
        methods = self._names.methods_of(node)
        for method in (method for name in _STARTING for method in methods.get(name, ())):
            own = first_parameter(method)
            stored = self._names.stored.get(self._names.place_in(method), ())
            self._follow(Search.value, (value for holder, value in stored if holder == own))
        if node.decorator_list or node.bases:
            self._follow(Search.field, (line.value for line in node.body if isinstance(line, ast.AnnAssign)))
        return False

    def field(self, node: ast.expr) -> bool:
        """What a field of a dataclass holds at first."""
        if not isinstance(node, ast.Call):
            self._follow(Search.value, (node,))
            return False
        for keyword in node.keywords:
            if keyword.arg in _FACTORIES:
                if isinstance(keyword.value, ast.Lambda):
                    self._follow(Search.value, (keyword.value.body,))
                elif self._meanings.names_of(keyword.value) & RESOURCES:
                    return True
        return False


_PARTS: dict[type, tuple[str, ...]] = {
    **dict.fromkeys((ast.List, ast.Tuple, ast.Set), ("elts",)),
    **dict.fromkeys((ast.ListComp, ast.SetComp), ("elt",)),
    ast.Dict: ("keys", "values"),
    ast.DictComp: ("key", "value"),
    ast.IfExp: ("body", "orelse"),
    ast.BoolOp: ("values",),
    ast.NamedExpr: ("value",),
}
"""The parts of expressions whose objects are in the object that the whole gives, or are that object."""
_HANDLERS: dict[type, Callable[[Search, Any], bool]] = {
    **dict.fromkeys((ast.Lambda, ast.GeneratorExp), lambda *_: True),
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp), Search._comprehension),
    ast.Dict: Search._dictionary,
    ast.Name: Search._name,
    ast.Attribute: Search._attribute,
    ast.Call: Search._call,
    ast.Subscript: Search._item,
    ast.Starred: Search._unpacked,
    ast.BinOp: Search._operation,
}
"""Whether the objects that expressions of some kinds give may not be pickled; those of others may be."""

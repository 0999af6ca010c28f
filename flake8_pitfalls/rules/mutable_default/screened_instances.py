"""Whether the instances of a class of the file may be changed, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.screened_flow import Follower, Object
from flake8_pitfalls.rules.mutable_default.screened_functions import first_parameter
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, terminal
from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD
from flake8_pitfalls.semantics.syntax import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_functions import Flows, Function

_SETUP = frozenset({"__init__", "__new__", "__post_init__", "__setstate__", "__attrs_post_init__"})
_PLAIN_DECORATORS = frozenset({"property", "staticmethod", "classmethod"})


class Instances:
    """The classes of a module, and what their methods do with the instances."""

    def __init__(self, names: Names, flows: Flows) -> None:
        self._names = names
        self._flows = flows
        self._changing: dict[frozenset[str], bool] = {}
        self._harmless: dict[frozenset[str], frozenset[Function]] = {}

    def may_be_changed(self, classes: Iterable[str], function: Function, parameter: str) -> bool:
        """Whether an instance of one of some classes that is the default of a parameter may be changed."""
        every = frozenset(classes)
        if every not in self._changing:
            self._changing[every] = any(_changes_first(method) for name in every for method in self._methods(name))
        if self._changing[every]:
            return True
        what = Object(deep=True, instance=True)
        flow = self._flows.of(function)
        if not Follower(flow, what).parameter_may_change(parameter):
            return False
        harmless = self._harmless_methods(every)
        return not harmless or Follower(flow, what._replace(harmless=harmless)).parameter_may_change(parameter)

    def _harmless_methods(self, classes: frozenset[str]) -> frozenset[Function]:
        """The methods of some classes, if none changes the instance; otherwise nothing."""
        if classes not in self._harmless:
            methods = frozenset(method for name in classes for method in self._methods(name))
            what = Object(deep=True, instance=True, leaks=True, harmless=methods)
            harmless = all(self._is_harmless(method, what) for method in methods)
            self._harmless[classes] = methods if harmless else frozenset()
        return self._harmless[classes]

    def _methods(self, name: str) -> Iterator[Function]:
        """The methods of a class and of its bases in the file, but for those that set the instance up."""
        stack, seen = [name], {name}
        while stack:
            for node in self._names.classes.get(stack.pop(), ()):
                for member in node.body:
                    if isinstance(member, FUNCTIONS) and member.name not in _SETUP:
                        yield member
                bases = {terminal(base) for base in node.bases} - seen
                seen |= bases
                stack += sorted(bases)

    def _is_harmless(self, method: Function, what: Object) -> bool:
        """Whether a method neither changes its instance nor lets it get out, if the others don't."""
        if not all(terminal(decorator) in _PLAIN_DECORATORS for decorator in method.decorator_list):
            return False
        return not any(map(Follower(self._flows.of(method), what).parameter_may_change, first_parameter(method)))


def _changes_first(function: Function) -> bool:
    """Whether a method may change its first parameter, the instance."""
    own = first_parameter(function)
    for node in walk(function):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
            target: ast.AST | None = node
        elif isinstance(node, ast.Attribute) and node.attr in ANY_CHANGING_METHOD:
            target = node.value if isinstance(node.value, (ast.Attribute, ast.Subscript)) else None
        else:
            continue
        if target is not None and _base(target) in own:
            return True
    return False


def _base(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""

"""Whether the instances of a class of the file may be changed, told from ``ast``. This must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterator
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

    def may_be_changed(self, classes: list[str], function: Function, parameter: str) -> bool:
        """Whether an instance of one of some classes that is the default of a parameter may be changed."""
        methods = [method for name in classes for method in self._methods(name, set())]
        if any(map(_changes_first, methods)):
            return True
        what = Object(deep=True, instance=True)
        if not Follower(self._flows.of(function), what).parameter_may_change(parameter):
            return False
        what = what._replace(harmless=frozenset(methods))
        if not all(self._is_harmless(method, what) for method in methods):
            return True
        return Follower(self._flows.of(function), what).parameter_may_change(parameter)

    def _methods(self, name: str, seen: set[str]) -> Iterator[Function]:
        """The methods of a class and of its bases in the file, but for those that set the instance up."""
        if name not in seen:
            seen.add(name)
            for node in self._names.classes.get(name, ()):
                for member in node.body:
                    if isinstance(member, FUNCTIONS) and member.name not in _SETUP:
                        yield member
                for base in node.bases:
                    yield from self._methods(terminal(base), seen)

    def _is_harmless(self, method: Function, what: Object) -> bool:
        """Whether a method neither changes its instance nor returns it, if the others don't."""
        if not all(terminal(decorator) in _PLAIN_DECORATORS for decorator in method.decorator_list):
            return False
        follower = Follower(self._flows.of(method), what)
        return not any(map(follower.parameter_may_change, first_parameter(method))) and not follower.hands_out()


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

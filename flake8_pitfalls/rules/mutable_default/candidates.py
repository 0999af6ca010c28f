"""What of a module may hold a PIT2xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.declares import CACHES
from flake8_pitfalls.rules.mutable_default.screened_attributes import ScreenedAttributes
from flake8_pitfalls.rules.mutable_default.screened_calls import ScreenedCalls
from flake8_pitfalls.rules.mutable_default.screened_functions import Flows
from flake8_pitfalls.rules.mutable_default.screened_locals import Locals
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, terminal
from flake8_pitfalls.rules.mutable_default.screened_objects import ScreenedObjects, own_returns
from flake8_pitfalls.rules.page import Page

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.mutable_default.screened_instances import Instances
    from flake8_pitfalls.rules.mutable_default.settled import Settled, SettledDefaults

_CACHE_NAMES = frozenset(name.rpartition(".")[2] for name in CACHES)
_FIELD_CLASSES = frozenset({"dataclass", "define", "mutable", "frozen", "s", "attrs", "attributes"})
"""Decorators that make the annotated attributes of a class fields."""
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    names = Names(page)
    flows = Flows(names)
    locals_ = Locals(names, flows)
    objects = ScreenedObjects(names, locals_, options)
    attributes = ScreenedAttributes(page, names, objects, flows)
    found: dict[int, list[Settled] | None] = {}
    for line, settled in itertools.chain(
        _Definitions(page, names, objects, flows, options).candidates(),
        zip(attributes.candidates(), itertools.repeat(None)),
        ScreenedCalls(page, names, objects, flows, locals_).candidates(),
    ):
        known = found.get(line, [])
        found[line] = None if settled is None or known is None else [*known, *settled]
        yield line
    page.settled = {line: settled for line, settled in found.items() if settled is not None}


class _Definitions:
    """The functions with mutable defaults, those that are cached, and the classes with fields."""

    def __init__(
        self, page: Page, names: Names, objects: ScreenedObjects, flows: Flows, options: Options | None
    ) -> None:
        self._page = page
        self._flows = flows
        self._names = names
        self._objects = objects
        self._options = options

    def candidates(self) -> Iterator[tuple[int, list[Settled] | None]]:
        """The lines of the functions and classes, with what's certain about them."""
        caches = self._last_names(_CACHE_NAMES) if "cache" in self._page.text else frozenset()
        for kind in FUNCTIONS:
            for node in self._page.of(kind):
                assert isinstance(node, FUNCTIONS)
                arguments = node.args
                mutable = self._mutable_defaults(node) if arguments.defaults or arguments.kw_defaults else []
                if caches and node.decorator_list and self._hands_out_cached(node, caches):
                    yield node.lineno, None
                elif mutable:
                    yield node.lineno, self._settled_defaults.findings(node, mutable)
        if self._page.of(ast.AnnAssign):
            makers = self._last_names(_FIELD_CLASSES)
            tuples = self._last_names(frozenset({"NamedTuple"}))
            for node in self._page.of(ast.ClassDef):
                assert isinstance(node, ast.ClassDef)
                if self._has_shared_field(node, makers, tuples):
                    yield node.lineno, None

    def _last_names(self, names: frozenset[str]) -> frozenset[str]:
        return names | self._names.aliases(names)

    @cached_property
    def _settled_defaults(self) -> SettledDefaults:
        from flake8_pitfalls.rules.mutable_default.settled import SettledDefaults

        return SettledDefaults(self._names, self._flows, self._options)

    @cached_property
    def _instances(self) -> Instances:
        from flake8_pitfalls.rules.mutable_default.screened_instances import Instances

        return Instances(self._names, self._flows)

    def _mutable_defaults(self, node: _Function) -> list[tuple[str, ast.expr]]:
        """The parameters with a mutable default that matters."""
        arguments = node.args
        parameters = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) :]
        pairs: list[tuple[ast.arg, ast.expr | None]] = []
        found: list[tuple[str, ast.expr]] = []
        pairs += zip(parameters, arguments.defaults, strict=False)
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        for parameter, default in pairs:
            if default is None or default.__class__ is ast.Constant:
                continue
            if self._objects.may_be_mutable(default) and self._matters(node, parameter.arg, default):
                found.append((parameter.arg, default))
        return found

    def _matters(self, node: _Function, name: str, default: ast.expr) -> bool:
        """Whether a mutable default may be reported: instances of most classes are never changed."""
        if isinstance(default, ast.Name) and default.id in self._names.sentinels:
            return False
        classes = self._objects.instances(default)
        if classes is not None and isinstance(default, ast.Name):
            return False  # An instance that the module has a name for is shared on purpose.
        if classes is None or "apply_defaults" in self._page.text:
            return True
        return self._instances.may_be_changed(classes, node, name)

    def _hands_out_cached(self, node: _Function, caches: frozenset[str]) -> bool:
        """Whether a function is cached and may return an object that it makes."""
        if not any(terminal(_called(decorator)) in caches for decorator in node.decorator_list):
            return False
        if self._page.text.count(node.name) < 2:
            return False
        makes = any(
            returned.value is not None
            and not self._objects.is_instance(returned.value)
            and not self._objects.is_iterator(returned.value)
            and self._objects.may_be_mutable(returned.value, in_function=True)
            for returned in own_returns(node)
        )
        return makes and self._names.changed.has_result_of(node.name)

    def _has_shared_field(self, node: ast.ClassDef, makers: frozenset[str], tuples: frozenset[str]) -> bool:
        """Whether a class that may be a dataclass or the like has a mutable default in its body."""
        if not any(terminal(_called(decorator)) in makers for decorator in node.decorator_list) and not any(
            terminal(base) in tuples for base in node.bases
        ):
            return False
        return any(isinstance(line, ast.AnnAssign) and self._may_be_mutable_field(line.value) for line in node.body)

    def _may_be_mutable_field(self, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Call) and any(
            argument.arg == "default" and self._objects.may_be_mutable(argument.value) for argument in value.keywords
        ):
            return True
        return self._objects.may_be_mutable(value)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node

"""Calls and operators that may make one object the default of many uses. This must not import LibCST."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.mutable_default.changed_results import (
    appends_to_default,
    attribute_of,
    is_option_changed,
    option_written,
)
from flake8_pitfalls.rules.mutable_default.declares import MAPPINGS_WITH_FROMKEYS
from flake8_pitfalls.rules.mutable_default.screened_functions import Flows, Function
from flake8_pitfalls.rules.mutable_default.screened_names import FUNCTIONS, Names, assigned, terminal
from flake8_pitfalls.rules.mutable_default.screened_repetitions import repetitions
from flake8_pitfalls.rules.page import CALL, GAP
from flake8_pitfalls.semantics.syntax import own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.mutable_default.screened_locals import Locals
    from flake8_pitfalls.rules.mutable_default.screened_objects import ScreenedObjects
    from flake8_pitfalls.rules.mutable_default.settled import Settled
    from flake8_pitfalls.rules.page import Page

_MOCKS = frozenset(
    {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"},
)
_ATTRS = frozenset({"ib", "attrib", "attr", "field"})
_COLUMNS = frozenset({"Column", "mapped_column"})
_OPTIONS = frozenset({"add_argument", "add_option"})
_BY_KEYWORD = _COLUMNS | _OPTIONS | {"ContextVar", "make_option", "Option"}
"""What makes the value of ``default`` the default of many uses, as fields of Django do, whose names end in Field."""
_MAPPINGS = frozenset(name.rpartition(".")[2] for name in MAPPINGS_WITH_FROMKEYS)
_SHARING = frozenset({ast.Lambda, ast.Call, ast.BinOp, ast.Assign})
_NAMING = frozenset({ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Lambda})
"""What a module or class may bind an object to a name with; a lambda is followed like other functions."""
_PARTIALS = frozenset({"partial", "partialmethod"})
_CALLS = _BY_KEYWORD | _ATTRS | _MOCKS | _PARTIALS | {"fromkeys", "namedtuple", "type"}

_ALWAYS = ("defaults__", r"lambda(?:[^:=#]{0,200}[=#]|[^:=#]{200})", rf"type(?<!\wtype){CALL}[^()]*[,(]")
"""Text without which no expression has to be looked at, but for the defaults of functions.

The word may stand in text that has no colon, so the search for a default must end somewhere.
Each pattern starts with plain text, which is searched for many times faster than one pattern of all the alternatives.
"""
_DEFAULT = rf"default{GAP}=(?!\s*(?:None|True|False|-?\d+|\"[^\"\n]*\"|'[^'\n]*')\s*[,)])"
_OF_ATTRS = (rf"attr(?<!\wattr){CALL}", f"attrib{CALL}", f"ib{CALL}", f"field{CALL}")


class ScreenedCalls:
    """What the expressions of a module share."""

    def __init__(self, page: Page, names: Names, objects: ScreenedObjects, flows: Flows, locals_: Locals) -> None:
        self._page = page
        self._locals = locals_
        self._flows = flows
        self._names = names
        self._objects = objects

    def candidates(self) -> Iterator[tuple[int, list[Settled] | None]]:
        """The lines of the expressions, with what's certain about them."""
        page = self._page
        aliases = self._aliases | (self._names_of_fromkeys if "fromkeys" in page.text else frozenset())
        searched = [*self._patterns(), *(rf"{alias}\b" for alias in aliases)]
        for statement in page.innermost(page.lines(searched, repetitions(page.text))):
            for part in own_nodes(statement):
                if part.__class__ in _SHARING and self._shares(part, statement):
                    yield part.lineno, self._settled(part)  # type: ignore[attr-defined]

    def _patterns(self) -> Iterator[str]:
        """The text to search for, which depends on what the module imports."""
        text, imports_from = self._page.text, self._names.imports_from
        yield from _ALWAYS
        if imports_from("functools"):
            yield rf"partial\w*(?:{CALL}|{GAP}\[)"
        if imports_from("collections"):
            yield "namedtuple"
        if imports_from("unittest", "mock"):
            yield "return_value"
        if "set_defaults" in text:
            yield "set_defaults"
        of_attrs = imports_from("attr", "attrs")
        if of_attrs:
            yield from _OF_ATTRS
        if of_attrs or imports_from("contextvars", "optparse", "django") or any(name in text for name in _DEFAULTING):
            yield _DEFAULT

    @cached_property
    def _aliases(self) -> frozenset[str]:
        """Other names of the calls that make one object the default of many uses, but for ``fromkeys``."""
        return self._names.aliases(_CALLS - {"fromkeys"}) | self._names.aliases_of_fields()

    @cached_property
    def _names_of_fromkeys(self) -> frozenset[str]:
        """``fromkeys``, and the variables that are bound to it, also those of functions."""
        found = {"fromkeys"}
        for statement in self._page.innermost(self._page.lines(["fromkeys"])):
            for part in own_nodes(statement):
                pairs: Iterable[tuple[str, ast.expr | None]] = ()
                if isinstance(part, (ast.Assign, ast.AnnAssign)):
                    pairs = assigned(part)
                elif isinstance(part, ast.NamedExpr):
                    pairs = [(part.target.id, part.value)]
                found.update(n for n, value in pairs if isinstance(value, ast.Attribute) and value.attr == "fromkeys")
        return frozenset(found)

    def _shares(self, node: ast.AST, statement: ast.stmt) -> bool:
        """Whether an expression or assignment may make one object the default of many uses."""
        kind = node.__class__
        if kind is ast.Lambda:
            arguments = node.args  # type: ignore[attr-defined]
            return any(map(self._objects.may_be_mutable, (*arguments.defaults, *arguments.kw_defaults)))
        if kind is ast.Call:
            return self._call_shares(node)  # type: ignore[arg-type]
        if kind is ast.BinOp:
            return isinstance(node.op, ast.Mult) and self._repeats(node, statement)  # type: ignore[attr-defined,arg-type]
        if kind is ast.Assign:
            return any(map(self._objects.may_be_mutable, _defaults_in(node)))  # type: ignore[arg-type]
        return False

    def _settled(self, node: ast.AST) -> list[Settled] | None:
        """The finding about an option of a parser whose default is a display, which needs no further looks."""
        function = node.func if isinstance(node, ast.Call) else None
        if not isinstance(function, ast.Attribute) or function.attr not in _OPTIONS:
            return None
        assert isinstance(node, ast.Call)
        if function.attr in self._names.functions or not node.args or not _is_text(node.args[0]):
            return None
        defaults = _given(node, "default")
        if len(defaults) != 1 or not isinstance(defaults[0], (ast.List, ast.Dict, ast.Set)):
            return None
        from flake8_pitfalls.rules.mutable_default.settled import settled_cousin

        return [settled_cousin(self._page, defaults[0], "all namespaces of the parser")]

    def _repeats(self, node: ast.BinOp, statement: ast.stmt) -> bool:
        """``[[]] * n``."""
        for side, factor in ((node.left, node.right), (node.right, node.left)):
            if isinstance(side, (ast.List, ast.Tuple)) and not _is_at_most_one(factor):
                shared = [element for element in side.elts if self._is_shared_element(element)]
                # What is multiplied with something imported is a unit or an array.
                if shared and not self._locals.is_imported(factor) and self._gets_changed(node, shared, statement):
                    return True
        return False

    def _gets_changed(self, node: ast.BinOp, shared: list[ast.expr], statement: ast.stmt) -> bool:
        """Whether the elements of a repetition may get changed, or get out of the function that makes it."""
        function = self._function_of(node)
        if function is None:
            return any(part.__class__ in _NAMING for part in own_nodes(statement))
        if any(isinstance(part, (ast.Tuple, ast.IfExp, ast.BoolOp)) for part in shared):
            return True
        from flake8_pitfalls.rules.mutable_default.screened_flow import Follower, Object

        follower = Follower(self._flows.of(function), Object(deep=True, leaks=True))
        return follower.expression_may_change(node, 1)

    def _function_of(self, node: ast.BinOp) -> Function | None:
        """The innermost function around an expression, unless a class in it is."""
        for around in self._page.around(node.lineno, *FUNCTIONS, ast.ClassDef):
            assert isinstance(around, (*FUNCTIONS, ast.ClassDef))
            if around.body[0].lineno <= node.lineno:
                return None if isinstance(around, ast.ClassDef) else around
        return None

    def _is_shared_element(self, node: ast.expr) -> bool:
        objects = self._objects
        if isinstance(node, ast.Starred) or objects.is_iterator(node) or objects.is_instance(node):
            return False
        return objects.may_be_mutable(node, in_function=True)

    def _call_shares(self, node: ast.Call) -> bool:
        name = terminal(node.func)
        if name in self._aliases and name not in _CALLS:
            # It's told later what it stands for.
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            return any(
                isinstance(part, ast.expr) and self._objects.may_be_mutable(part, in_function=True)
                for value in values
                for part in walk(value)
            )
        if name in self._names_of_fromkeys:
            return self._from_keys(node)
        return any(map(self._objects.may_be_mutable, self._shared_values(name, node))) and self._may_show(name, node)

    def _may_show(self, name: str, node: ast.Call) -> bool:
        """Whether the module changes what is shared, where that's asked for."""
        if name in _OPTIONS or name in {"make_option", "Option"}:
            return self._is_option_mentioned(node) and is_option_changed(node, self._names.changed, node.lineno)
        if name == "type":
            return any(
                attribute in self._names.changed.attributes and self._objects.may_be_mutable(value)
                for attribute, value in _attributes_given(node)
            )
        if name == "set_defaults":
            return any(keyword.arg in self._names.changed.attributes for keyword in node.keywords)
        if name in _PARTIALS:
            function = node.args[0] if node.args else None
            return isinstance(function, ast.Lambda) or (function is not None and self._may_be_own(terminal(function)))
        return name not in _MOCKS or node.lineno in self._names.changed.lines

    def _is_option_mentioned(self, node: ast.Call) -> bool:
        """Whether the text mentions the attribute of an option anywhere else."""
        written = option_written(node)
        if written is None or appends_to_default(node):
            return True
        name = attribute_of(written)
        return self._page.text.count(name) > written.count(name)

    def _may_be_own(self, name: str) -> bool:
        """Whether a name may be that of a function or class of this file."""
        names = self._names
        return name in names.functions or name in names.classes or name in names.assigned

    def _from_keys(self, node: ast.Call) -> bool:
        function = node.func
        if isinstance(function, ast.Attribute) and not isinstance(function.value, ast.Dict):
            made = terminal(function.value)
            if made not in _MAPPINGS and made not in self._names.aliases(_MAPPINGS):
                return False
        return len(node.args) == 2 and self._is_shared_value(node.args[1])

    def _is_shared_value(self, node: ast.expr) -> bool:
        return not self._objects.is_instance(node) and self._objects.may_be_mutable(node, in_function=True)

    def _shared_values(self, name: str, node: ast.Call) -> list[ast.expr]:
        """The arguments of a call that become the default of many uses."""
        if name in _BY_KEYWORD or name.endswith("Field"):
            return _given(node, "default")
        if name == "set_defaults":
            return [keyword.value for keyword in node.keywords]
        if name == "type":
            return [value for _, value in _attributes_given(node)]
        if name in _PARTIALS:
            return [value for value in _passed_on(node) if not self._objects.is_instance(value)]
        if name in _ATTRS:
            return [*node.args[:1], *_given(node, "default")]
        if name in _MOCKS:
            return _given(node, "return_value")
        if name == "namedtuple":
            defaults = _given(node, "defaults")
            return [part for value in defaults if isinstance(value, (ast.List, ast.Tuple)) for part in value.elts]
        return []


_DEFAULTING = (*sorted(_OPTIONS), *sorted(_COLUMNS))


def _defaults_in(node: ast.Assign) -> list[ast.expr]:
    """What an assignment to ``f.__defaults__`` or ``f.__kwdefaults__`` makes defaults of."""
    names = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
    if "__defaults__" in names and isinstance(node.value, ast.Tuple):
        return node.value.elts
    return [value for _, value in _named_values(node.value)] if "__kwdefaults__" in names else []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _given(node: ast.Call, name: str) -> list[ast.expr]:
    return [keyword.value for keyword in node.keywords if keyword.arg == name]


def _passed_on(node: ast.Call) -> list[ast.expr]:
    """The arguments of ``partial`` that it may pass on to a function that changes them."""
    positional: list[ast.expr] = []
    if node.args and isinstance(node.args[0], (ast.Name, ast.Lambda)):
        positional = node.args[1:]
    values = [*positional, *(keyword.value for keyword in node.keywords)]
    return [value for value in values if not isinstance(value, (ast.Name, ast.Attribute))]


def _is_at_most_one(factor: ast.expr) -> bool:
    if isinstance(factor, ast.UnaryOp):
        return True
    return isinstance(factor, ast.Constant) and isinstance(factor.value, int) and factor.value <= 1


def _attributes_given(node: ast.Call) -> list[tuple[object, ast.expr]]:
    """The attributes of the class that ``type()`` makes, with their names as far as they're plain."""
    return _named_values(node.args[2]) if len(node.args) == 3 else []


def _named_values(node: ast.expr) -> list[tuple[object, ast.expr]]:
    """The keys, as far as they're plain, and values of a dictionary display or of ``dict(a=..., b=...)``."""
    if isinstance(node, ast.Dict):
        return [(getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)]
    return [(keyword.arg, keyword.value) for keyword in node.keywords] if isinstance(node, ast.Call) else []

"""What of a module may hold a PIT2xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.mutable_default.declares import (
    CACHES,
    COPYING_CALLS,
    LIST_METHODS,
    MUTABLE_CALLS,
    SHARED_BY_NAME,
)
from flake8_pitfalls.rules.page import Page
from flake8_pitfalls.semantics.syntax import FIELDS, own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_MAKERS = frozenset(name.rpartition(".")[2] for name in (*MUTABLE_CALLS, *COPYING_CALLS)) | LIST_METHODS | {"copy"}
_CACHE_NAMES = frozenset(name.rpartition(".")[2] for name in CACHES)

_CALLS = frozenset(
    {
        *("fromkeys", "ContextVar", "partial", "partialmethod", "namedtuple", "type", "add_argument", "add_option"),
        *("set_defaults", "make_option", "Option", "ib", "attrib", "attr", "field", "Column", "mapped_column"),
        *("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"),
    }
)
"""Last parts of the names of calls that make one object the default of many uses; fields of Django end in Field."""

_SPACE = r"(?:\s|#[^\n]*\n)*"
_WORTH_A_LOOK = (
    *("fromkeys", "ContextVar", r"partial\w*\s*\(", "namedtuple", "return_value", "defaults__", "set_defaults"),
    r"default\s*=(?!\s*(?:None|True|False|-?\d+|\"[^\"\n]*\"|'[^'\n]*')\s*[,)])",
    *(r"attr\s*\(", r"attrib\s*\(", r"ib\s*\(", r"field\s*\(", r"Field\s*[\[(]", r"type\s*\([^()]*[,(]"),
    *(r"lambda[^:]*=", rf"\]{_SPACE}\*(?!\*)", rf"\){_SPACE}\*(?!\*)", rf"\*{_SPACE}[(\[]"),
)
"""Text without which no expression has to be looked at, but for the defaults of functions.

Each starts with plain text, which is searched for many times faster than one pattern of all the alternatives.
"""

_DISPLAYS = (ast.List, ast.Dict, ast.Set)
_READERS = frozenset(
    {
        *("len", "sorted", "list", "dict", "set", "tuple", "frozenset", "isinstance", "any", "all", "sum"),
        *("str", "repr", "bool", "print"),
    }
)
"""Builtins that only read a container; ``max`` and ``min`` may return one of their arguments."""

_PLAIN_CONTAINERS = frozenset({"list", "dict", "set", "OrderedDict", "deque", "bytearray"})
"""Calls that make a container which reading doesn't change; ``defaultdict`` isn't among them."""


class _Callees(NamedTuple):
    """What is known of callees by the last parts of their names."""

    known: frozenset[str]
    harmless: frozenset[str]
    """Those that neither change a container nor hand out the container itself."""
    changing_methods: frozenset[str]
    """The methods that change a plain container; ``get`` changes a queue only."""


@functools.cache
def _callees() -> _Callees:
    from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD, CALLEES, CHANGING_THEIR_ARGUMENT

    known = {name.rpartition(".")[2] for name in CALLEES} | CHANGING_THEIR_ARGUMENT
    harmful = {
        name.rpartition(".")[2]
        for name, callee in CALLEES.items()
        if callee.changes or callee.gives not in {"", "copy", "lazy", "element"}
    }
    return _Callees(
        frozenset(known), frozenset(known - harmful - CHANGING_THEIR_ARGUMENT), ANY_CHANGING_METHOD - {"get"}
    )


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MUTABLE_NODES = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    module = _Module(page, options)
    for node in page.of(*_FUNCTIONS):
        assert isinstance(node, _FUNCTIONS)
        arguments = node.args
        if (arguments.defaults or arguments.kw_defaults) and module.has_mutable_default(arguments):
            yield node.lineno
            continue
        if node.decorator_list and module.hands_out_cached(node):
            yield node.lineno
    for node in page.of(ast.ClassDef):
        assert isinstance(node, ast.ClassDef)
        changed = list(module.changed_attributes(node))
        if changed or module.has_shared_field(node):
            yield node.lineno
        for name in changed:
            # The methods that may change or assign it have to be looked at.
            page.attributes.add(name)
            yield from page.lines([rf"{name}\b", r"setattr\b", r"__dict__\b"])
    aliases = (rf"{alias}\b" for alias in module.aliases_of_sharers)
    for statement in page.innermost(page.lines([*_WORTH_A_LOOK, *aliases])):
        for part in own_nodes(statement):
            if module.shares(part):
                yield part.lineno  # type: ignore[attr-defined]


class _Module:
    """The names of a module by which mutable objects are made or known."""

    def __init__(self, page: Page, options: Options | None) -> None:
        self._page = page
        self._options = options
        self._answers: dict[tuple[str, int | None], bool] = {}
        self._asked: set[tuple[str, int | None]] = set()

    @cached_property
    def _renamings(self) -> list[tuple[str, set[str]]]:
        """The last part of each name that an import or assignment gives other names, with those."""
        found: list[tuple[str, set[str]]] = []
        for node in self._page.of(ast.Import, ast.ImportFrom, ast.Assign):
            if isinstance(node, ast.Assign):
                name = _terminal(node.value)
                if name:
                    found.append((name, {target.id for target in node.targets if isinstance(target, ast.Name)}))
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                found += [(alias.name.rpartition(".")[2], {alias.asname}) for alias in node.names if alias.asname]
        return found

    @cached_property
    def _makers(self) -> frozenset[str]:
        """Names that may mean a call that makes a mutable object, with the aliases that the module gives them."""
        names = set(_MAKERS)
        if self._options is not None:
            names.update(name.rpartition(".")[2] for name in self._options.extend_mutable_calls)
        names.update(node.name for node in self._page.of(*_FUNCTIONS, ast.ClassDef))  # type: ignore[attr-defined]
        return frozenset(names | self._aliases(names))

    @cached_property
    def _attributes_of_instances(self) -> frozenset[str]:
        """The attributes that the text reads from something called like the first parameter of a function."""
        owners = {
            parameter.arg
            for node in self._page.of(*_FUNCTIONS)
            for parameter in [*node.args.posonlyargs, *node.args.args][:1]  # type: ignore[attr-defined]
        }
        if not owners:
            return frozenset()
        names = "|".join(map(re.escape, sorted(owners)))
        return frozenset(re.findall(rf"\b(?:{names}){_SPACE}\.{_SPACE}(\w+)", self._page.text))

    @cached_property
    def _classes(self) -> frozenset[str]:
        return frozenset(node.name for node in self._page.of(ast.ClassDef))  # type: ignore[attr-defined]

    @cached_property
    def _functions(self) -> frozenset[str]:
        return frozenset(node.name for node in self._page.of(*_FUNCTIONS, ast.ClassDef))  # type: ignore[attr-defined]

    def _holds_mutable(self, value: ast.expr) -> bool:
        """Whether a container holds mutable objects, which reading it gives access to."""
        return any(
            isinstance(part, (*_MUTABLE_NODES, ast.Call)) and part is not value and self._may_be_mutable(part)
            for part in walk(value)
        )

    def _may_change(self, attribute: str, *, deep: bool) -> bool:
        """Whether somewhere an attribute of an instance, or what it holds, is not just read."""
        lines = self._page.lines([rf"{attribute}\b"])
        for statement in self._page.innermost(lines):
            parents: dict[ast.AST, ast.AST] = {}
            found: list[ast.Attribute] = []
            for parent, node in _parents_in(statement):
                parents[node] = parent
                if isinstance(node, ast.Attribute) and node.attr == attribute and isinstance(node.value, ast.Name):
                    found.append(node)
            if any(not self._only_reads(parents, node, deep=deep) for node in found):
                return True
        return False

    def _only_reads(self, parents: dict[ast.AST, ast.AST], node: ast.expr, *, deep: bool) -> bool:
        """Whether the expression around a container surely doesn't change it or give it another name."""
        parent = parents[node]
        if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Load):
            return not deep or self._only_reads(parents, parent, deep=False)
        if isinstance(parent, ast.keyword):
            parent = parents[parent]
        if isinstance(parent, ast.Call):
            name = _terminal(parent.func)
            if parent.func is node:
                return False
            if name in self._functions:
                return name in _READERS
            return name not in _callees().known or name in _READERS or (not deep and name in _callees().harmless)
        if isinstance(parent, ast.Attribute):
            return not deep and parent.attr not in _callees().changing_methods
        if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
            return not deep and parent.iter is node
        if isinstance(parent, (ast.If, ast.While, ast.IfExp)):
            return parent.test is node
        if isinstance(parent, (ast.BinOp, ast.Starred)):
            return not deep
        return isinstance(parent, (ast.Compare, ast.UnaryOp, ast.FormattedValue, ast.Return))

    @cached_property
    def aliases_of_sharers(self) -> set[str]:
        """Other names of the calls that make one object the default of many uses."""
        return self._aliases(_CALLS)

    @property
    def _sharers(self) -> frozenset[str]:
        return _CALLS | self.aliases_of_sharers

    @cached_property
    def _caches(self) -> frozenset[str]:
        return frozenset(_CACHE_NAMES | self._aliases(_CACHE_NAMES))

    def _aliases(self, names: set[str] | frozenset[str]) -> set[str]:
        """Other names that imports and assignments give to some names."""
        found: set[str] = set()
        for name, others in self._renamings:
            if name in names or name in found:
                found |= others
        return found

    @cached_property
    def _bindings(self) -> dict[str, list[tuple[int, ast.expr]]]:
        """For each name, the numbers of the top-level statements that assign it something, with what they assign."""
        found: dict[str, list[tuple[int, ast.expr]]] = {}
        for node in self._page.of(ast.Assign, ast.AnnAssign):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))
            if node.value is None or node.value.__class__ is ast.Constant:
                continue
            binding = self._page.place_of(node.lineno), node.value
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(binding)
                elif not isinstance(target, ast.Attribute):
                    for part in walk(target):
                        if isinstance(part, ast.Name):
                            found.setdefault(part.id, []).append(binding)
        for statement in self._page.innermost(self._page.lines([":="])):
            for part in own_nodes(statement):
                if isinstance(part, ast.NamedExpr):
                    binding = self._page.place_of(part.lineno), part.value
                    found.setdefault(part.target.id, []).append(binding)
        return found

    @cached_property
    def _global_names(self) -> frozenset[str]:
        return frozenset(name for node in self._page.of(ast.Global) for name in node.names)  # type: ignore[attr-defined]

    def _is_bound_to_mutable(self, name: str, place: int | None) -> bool:
        """Whether a name may be bound to a mutable object in some top-level statement, or as a global variable."""
        key = name, place
        if key in self._answers:
            return self._answers[key]
        if key in self._asked:
            return False
        self._asked.add(key)
        answer = any(
            self._may_be_mutable(value)
            for other, value in self._bindings.get(name, ())
            if place is None or other == place or not self._page.is_definition(other) or name in self._global_names
        )
        self._asked.discard(key)
        if answer or not self._asked:  # What was asked on the way to another answer may be incomplete.
            self._answers[key] = answer
        return answer

    def _may_be_mutable(self, node: ast.expr | None) -> bool:
        if node is None or isinstance(node, ast.Constant):
            return False
        if isinstance(node, _MUTABLE_NODES):
            return True
        if isinstance(node, ast.Name):
            return node.id in self._bindings and self._is_bound_to_mutable(node.id, self._page.place_of(node.lineno))
        if isinstance(node, ast.Attribute):
            return isinstance(node.value, ast.Name) and self._is_bound_to_mutable(node.attr, None)
        if isinstance(node, ast.Call):
            return _terminal(node.func) in self._makers
        return any(self._may_be_mutable(part) for part in _alternatives(node))

    def has_mutable_default(self, arguments: ast.arguments) -> bool:
        """Whether a parameter may have a mutable default."""
        return any(self._may_be_mutable(default) for default in (*arguments.defaults, *arguments.kw_defaults))

    def hands_out_cached(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
        """Whether a function is cached and may return an object that it makes."""
        if not any(_terminal(_called(decorator)) in self._caches for decorator in node.decorator_list):
            return False
        return any(isinstance(part, ast.Return) and self._may_be_mutable(part.value) for part in walk(node))

    def has_shared_field(self, node: ast.ClassDef) -> bool:
        """Whether a class that may be a dataclass or the like has a mutable default in its body."""
        if not node.decorator_list and not node.bases:
            return False
        return any(isinstance(line, ast.AnnAssign) and self._may_be_mutable_field(line.value) for line in node.body)

    def _may_be_mutable_field(self, value: ast.expr | None) -> bool:
        if isinstance(value, ast.Call):
            return any(self._may_be_mutable(argument.value) for argument in value.keywords) or self._may_be_mutable(
                value
            )
        return self._may_be_mutable(value)

    def changed_attributes(self, node: ast.ClassDef) -> Iterator[str]:
        """The attributes of a class that are mutable objects which a method may change through an instance."""
        for line in _class_level(node):
            value = line.value
            # A name is another owner of the object, and an instance of a class in this file isn't followed.
            if value is None or isinstance(value, (ast.Constant, ast.Name, ast.Attribute)):
                continue
            if isinstance(value, ast.Call) and _terminal(value.func) in self._classes:
                continue
            for target in line.targets if isinstance(line, ast.Assign) else [line.target]:
                if not isinstance(target, ast.Name) or SHARED_BY_NAME.search(target.id):
                    continue
                if target.id in self._attributes_of_instances and self._may_be_mutable(value):
                    plain = isinstance(value, _DISPLAYS) or _is_call_of(value, _PLAIN_CONTAINERS)
                    if plain and not self._may_change(target.id, deep=self._holds_mutable(value)):
                        continue
                    if not _assigns_attribute(node, target.id):
                        yield target.id

    def shares(self, node: ast.AST) -> bool:
        """Whether an expression or assignment may make one object the default of many uses."""
        if isinstance(node, ast.Lambda):
            return self.has_mutable_default(node.args)
        if isinstance(node, ast.Call):
            return self._call_shares(node)
        if isinstance(node, ast.BinOp):
            return isinstance(node.op, ast.Mult) and any(
                isinstance(side, (ast.List, ast.Tuple)) and any(self._may_be_mutable(e) for e in side.elts)
                for side in (node.left, node.right)
            )
        if isinstance(node, ast.Assign):
            names = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
            return bool(names & {"__defaults__", "__kwdefaults__"})
        return False

    def _call_shares(self, node: ast.Call) -> bool:
        name = _terminal(node.func)
        if name not in self._sharers and not name.endswith("Field"):
            # Under a name that only resolving tells: `from django.db.models import JSONField as J`.
            return any(keyword.arg == "default" and self._may_be_mutable(keyword.value) for keyword in node.keywords)
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if name not in _CALLS and not name.endswith("Field"):
            # An alias: it's told later what it stands for.
            return any(isinstance(part, ast.expr) and self._may_be_mutable(part) for v in values for part in walk(v))
        return any(map(self._may_be_mutable, _shared_values(name, node, values)))


def _shared_values(name: str, node: ast.Call, values: list[ast.expr]) -> list[ast.expr]:
    """The arguments of a call that become the default of many uses."""
    if name == "fromkeys":
        return node.args[1:]
    if name == "type":
        return _values_of(node.args[2]) if len(node.args) == 3 else []
    if name in {"partial", "partialmethod"}:
        return [value for value in values[1:] if not isinstance(value, (ast.Name, ast.Attribute))]
    if name in {"ib", "attrib", "attr", "field"}:
        return [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
    if name == "namedtuple":
        named = [keyword.value for keyword in node.keywords if keyword.arg == "defaults"]
        return [part for value in named if isinstance(value, (ast.List, ast.Tuple)) for part in value.elts]
    if name in _BY_KEYWORD or name.endswith("Field") or name in {"Column", "mapped_column"}:
        return [keyword.value for keyword in node.keywords if keyword.arg in {"default", "return_value"}]
    return values


_BY_KEYWORD = frozenset(
    {
        *("ContextVar", "add_argument", "add_option", "make_option", "Option"),
        *("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"),
    }
)


def _values_of(node: ast.expr) -> list[ast.expr]:
    """The values of a dictionary display or of ``dict(a=..., b=...)``."""
    if isinstance(node, ast.Dict):
        return node.values
    return [keyword.value for keyword in node.keywords] if isinstance(node, ast.Call) else []


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """The parts of an expression of which it may be one, or may hold one."""
    if isinstance(node, ast.Tuple):
        return node.elts
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    return [node.value] if isinstance(node, (ast.NamedExpr, ast.Subscript, ast.Starred)) else []


def _parents_in(statement: ast.stmt) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The expressions of a statement, without the statements in it, each with its parent."""
    for parent in own_nodes(statement):
        for name in FIELDS[parent.__class__]:
            value = getattr(parent, name)
            for node in value if value.__class__ is list else (value,):
                if node is not None and not isinstance(node, ast.stmt):
                    yield parent, node


def _sets_any_attribute(node: ast.Call) -> bool:
    """``setattr(self, name, ...)``."""
    named = isinstance(node.func, ast.Name) and node.func.id == "setattr"
    return named and len(node.args) == 3 and not isinstance(node.args[1], ast.Constant)


def _assigns_attribute(node: ast.ClassDef, name: str) -> bool:
    """Whether the methods of a class give the attribute of some variable another value, or may do so."""
    augmented: set[ast.AST] = set()  # `self.items += [1]` changes the list before it assigns it.
    for part in walk(node):
        if isinstance(part, ast.AugAssign):
            augmented.add(part.target)
        elif isinstance(part, ast.Attribute):
            stored = part.attr == name and isinstance(part.ctx, ast.Store) and isinstance(part.value, ast.Name)
            if stored and part not in augmented:
                return True
        elif isinstance(part, ast.Call) and _sets_any_attribute(part):
            return True
    return False


def _is_call_of(node: ast.expr, names: frozenset[str]) -> bool:
    return isinstance(node, ast.Call) and _terminal(node.func) in names


def _class_level(node: ast.ClassDef) -> Iterator[ast.Assign | ast.AnnAssign]:
    """The assignments in a class body, also those under ``if`` and the like."""
    stack: list[ast.stmt] = list(node.body)
    while stack:
        line = stack.pop()
        if isinstance(line, (ast.Assign, ast.AnnAssign)):
            yield line
        elif not isinstance(line, (*_FUNCTIONS, ast.ClassDef)):
            stack.extend(child for child in ast.iter_child_nodes(line) if isinstance(child, ast.stmt))
            for handler in getattr(line, "handlers", ()):
                stack.extend(handler.body)


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _terminal(node: ast.expr) -> str:
    """``deque`` of ``collections.deque``; nothing for other expressions."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

"""Why a mutable default isn't fixed: what a guard on ``None`` would change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Refusal
from flake8_pitfalls.rules.mutable_default.defaults import Default, is_captured
from flake8_pitfalls.rules.mutable_default.idioms import is_counter_cell, is_state_cell, memo_key, named_as_state
from flake8_pitfalls.rules.mutable_default.recursion import position_of, recurses_without_passing
from flake8_pitfalls.rules.mutable_default.suppression import suppressed_at
from flake8_pitfalls.semantics.classes import enclosing_class, family_of
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

    Nones = tuple[set[str], ...]
    """The variables that may be ``None``, of the module and of each function around some code."""

TRANSPARENT_DECORATORS = frozenset(
    {
        *(f"builtins.{name}" for name in ("staticmethod", "classmethod", "property")),
        *(f"functools.{name}" for name in ("cache", "lru_cache", "wraps", "singledispatch", "singledispatchmethod")),
        *("functools.cached_property", "functools.total_ordering"),
        *(f"contextlib.{name}" for name in ("contextmanager", "asynccontextmanager")),
        *(f"abc.{name}" for name in ("abstractmethod", "abstractclassmethod", "abstractstaticmethod")),
        *(f"typing.{name}" for name in ("overload", "override", "final", "no_type_check", "type_check_only")),
        *(f"typing_extensions.{name}" for name in ("overload", "override", "final", "deprecated")),
        *("atexit.register", "types.coroutine", "warnings.deprecated", "unittest.expectedFailure", "pytest.fixture"),
    }
)
"""Decorators that neither read the signature nor call the function with arguments of their own."""
_TRANSPARENT_PACKAGES = ("click.", "pytest.mark.", "unittest.skip", "unittest.mock.patch")

_DEFAULTS = frozenset({"__defaults__", "__kwdefaults__"})
_CONSTRUCTORS = ("cls", "__class__", "type")
"""What stands for the class in calls that make an instance: ``cls()``, ``self.__class__()``, ``type(self)()``."""
_SIGNATURE_READERS = frozenset({"signature", "getfullargspec", "getargspec", "getcallargs"})


def refusal(default: Default) -> Refusal | None:
    """The reason why no fix may touch a default, or ``None``; its expression and annotation aren't looked at here."""
    return next((reason for check in _CHECKS if (reason := check(default)) is not None), None)


def suppressed(default: Default) -> Refusal | None:
    """A comment that says that the default is meant, on its line or on that of its function."""
    return suppressed_at(default.statement, default.node, default.function)


def _kept_state(default: Default) -> Refusal | None:
    """State kept from call to call: a guard would forget it."""
    if named_as_state(default.name):
        return Refusal(f"'{default.name}' seems to keep state on purpose, by its name")
    if is_counter_cell(default) or is_state_cell(default, default.events):
        return Refusal(f"'{default.name}' seems to be a cell for state on purpose")
    key = memo_key(default)
    if key is not None:
        return Refusal(f"'{default.name}' seems to remember {key} on purpose")
    if recurses_without_passing(default):
        return Refusal(
            f"the function calls itself without passing '{default.name}', so that its calls share the object"
        )
    return None


# -- None has a meaning ------------------------------------------------------------------------------------------


def tests_none(default: Default, ignored: set[cst.CSTNode]) -> Refusal | None:
    """A test of the parameter against ``None``, other than in a guard that stands there already."""
    parents = default.statement.parents
    comparisons: dict[cst.CSTNode, bool] = {}
    for _, node in default.reads:
        if node not in ignored and _is_tested_against_none(parents, node, comparisons):
            return Refusal(f"None already has a meaning for '{default.name}'")
    return None


def _is_tested_against_none(
    parents: dict[cst.CSTNode, cst.CSTNode], node: cst.Name, comparisons: dict[cst.CSTNode, bool]
) -> bool:
    parent = parents[node]
    if isinstance(parent, cst.NamedExpr):
        parent = parents[parent]
    while isinstance(parent, (cst.Element, cst.Tuple, cst.List, cst.Set, cst.ComparisonTarget)):
        parent = parents[parent]
    if isinstance(parent, cst.Arg):
        return _is_instance_test_of_none(parents[parent])
    if isinstance(parent, cst.Comparison):
        if parent not in comparisons:
            parts = (parent.left, *(c.comparator for c in parent.comparisons))
            comparisons[parent] = any(map(_mentions_none, parts))
        return comparisons[parent]
    if isinstance(parent, cst.Match):
        return any(
            isinstance(part, cst.MatchSingleton) and _is_none(part.value)
            for case in parent.cases
            for part in walk(case.pattern)
        )
    return False


def _is_instance_test_of_none(call: cst.CSTNode) -> bool:
    """``isinstance(x, type(None))``."""
    if not isinstance(call, cst.Call) or not _is_name(call.func, "isinstance") or len(call.args) != 2:
        return False
    named = {part.value for part in walk(call.args[1].value) if isinstance(part, cst.Name)}
    return bool(named & {"None", "NoneType"})


def _mentions_none(node: cst.BaseExpression) -> bool:
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        return any(_is_none(element.value) for element in node.elements)
    return _is_none(node)


def _is_none(node: cst.CSTNode) -> bool:
    return _is_name(node, "None")


def _is_name(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name


def called_with_none(default: Default) -> Refusal | None:
    """A call in this module that passes ``None``: the guard would give it the default."""
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    name = function.name.value
    position = position_of(default.statement, function, default.name)
    own = enclosing_class(default.statement, function)
    makes = own is not None and name in {"__init__", "__new__"}
    classes = family_of(default.statement, own)[1].names if own is not None and makes else frozenset[str]()
    for node, nones in _calls_that_may_mean(default.statement.module, name, own is not None, classes):
        offsets = _offsets(node, name, own is not None, classes)
        if offsets and any(_may_be_none(value, nones) for value in _passed(node, default.name, position, offsets)):
            return Refusal(f"line {node.lineno} passes None for '{default.name}'")
    return None


def _passed(call: ast.Call, name: str, position: int | None, offsets: list[int]) -> list[ast.expr]:
    """What a call may pass for a parameter."""
    values = [keyword.value for keyword in call.keywords if keyword.arg == name]
    for keyword in call.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            pairs = zip(keyword.value.keys, keyword.value.values, strict=True)
            values += [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == name]
    if position is not None and not any(isinstance(argument, ast.Starred) for argument in call.args):
        values += [call.args[position - offset] for offset in offsets if 0 <= position - offset < len(call.args)]
    return values


def _calls_that_may_mean(
    module: SourceModule, name: str, method: bool, classes: frozenset[str]
) -> list[tuple[ast.Call, Nones]]:
    """The calls that pass ``None`` and may call a function of this name; those that don't are sorted out later."""
    if "calls with None" not in module.memo:
        index: dict[str, list[tuple[int, ast.Call, Nones]]] = {}
        for place, (node, nones) in enumerate(_calls_with_nones(module.tree)):
            for key in _called_names(node) if _passes_none(node, nones) else ():
                index.setdefault(key, []).append((place, node, nones))
        module.memo["calls with None"] = index
    known: dict[str, list[tuple[int, ast.Call, Nones]]] = module.memo["calls with None"]
    keys = {name}
    if method and name in {"__init__", "__new__"}:
        keys.update(_CONSTRUCTORS, classes if len(classes) < len(known) else classes.intersection(known))
    found = {place: (node, nones) for key in keys for place, node, nones in known.get(key, ())}
    module.spend(len(keys) + len(found))
    return [found[place] for place in sorted(found)]


def _called_names(call: ast.Call) -> set[str]:
    """The names by which :func:`_offsets` may know the function that a call calls."""
    if isinstance(call.func, ast.Call):
        return {"type"} if _terminal(call.func.func) == "type" else set()
    found = {_terminal(call.func)}
    return {*found, _terminal(call.args[0])} if "partial" in found and call.args else found


def _passes_none(call: ast.Call, nones: Nones) -> bool:
    values = [*call.args]
    for keyword in call.keywords:
        if keyword.arg is None and isinstance(keyword.value, ast.Dict):
            values += keyword.value.values
        else:
            values.append(keyword.value)
    return any(_may_be_none(value, nones) for value in values)


def _calls_with_nones(tree: ast.Module) -> Iterator[tuple[ast.Call, Nones]]:
    """Every call of a module, with the variables of the functions around it that may be ``None``."""
    stack: list[tuple[ast.AST, Nones]] = [(tree, (_nones(tree),))]
    while stack:
        node, nones = stack.pop()
        if isinstance(node, ast.Call):
            yield node, nones
        for child in ast.iter_child_nodes(node):
            inner = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            stack.append((child, (*nones, _nones(child)) if inner else nones))


def _nones(scope: ast.AST) -> set[str]:
    """The parameters that are ``None`` by default, and the variables that are assigned ``None``."""
    found: set[str] = set()
    if isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        positional = [*scope.args.posonlyargs, *scope.args.args]
        defaults = zip(reversed(positional), reversed(scope.args.defaults), strict=False)
        pairs = [*defaults, *zip(scope.args.kwonlyargs, scope.args.kw_defaults, strict=True)]
        found.update(
            parameter.arg for parameter, value in pairs if isinstance(value, ast.Constant) and value.value is None
        )
    body: list[ast.stmt] = getattr(scope, "body", [])
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is None:
            found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return found


def _offsets(call: ast.Call, name: str, method: bool, classes: frozenset[str]) -> list[int]:
    """By how many parameters the arguments of a call are shifted, if it may call this function; empty if not."""
    called = call.func
    constructor = method and name in {"__init__", "__new__"}
    if isinstance(called, ast.Name):
        if not method:
            return [-1] if called.id == "partial" and _wraps(call, name) else [0] if called.id == name else []
        return [1] if constructor and (called.id in classes or called.id == "cls") else []
    if isinstance(called, ast.Attribute):
        if called.attr == "partial":
            return [-1] if _wraps(call, name) else []
        if constructor and (called.attr in classes or called.attr == "__class__"):
            return [1]
        if called.attr == name:
            return [1, 0] if method else [0]
    if constructor and isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and called.func.id == "type":
        return [1]
    return []


def _wraps(call: ast.Call, name: str) -> bool:
    first = call.args[0] if call.args else None
    return (isinstance(first, ast.Name) and first.id == name) or (
        isinstance(first, ast.Attribute) and first.attr == name
    )


def _may_be_none(node: ast.expr, nones: Nones) -> bool:
    if isinstance(node, ast.IfExp):
        return _may_be_none(node.body, nones) or _may_be_none(node.orelse, nones)
    if isinstance(node, ast.BoolOp):
        return any(_may_be_none(value, nones) for value in node.values)
    if isinstance(node, ast.Name):
        return any(node.id in names for names in nones)
    return isinstance(node, ast.Constant) and node.value is None


# -- somebody reads the signature --------------------------------------------------------------------------------


def _signature_is_read(default: Default) -> Refusal | None:
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    for decorator in function.decorators:
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if not is_transparent(default.statement, called):
            shown = default.statement.source(called)
            return Refusal(f"the decorator {shown} may read the signature")
    return _readers_of_signatures(default.statement.module).get(function.name.value)


def _readers_of_signatures(module: SourceModule) -> dict[str, Refusal]:
    """For the names of functions, the code that reads their signatures."""
    if "readers of signatures" not in module.memo:
        found: dict[str, Refusal] = {}
        for node in module.walk_ast():
            if isinstance(node, ast.Attribute) and node.attr in _DEFAULTS:
                found.setdefault(_terminal(node.value), Refusal(f"line {node.lineno} reads {node.attr}"))
            elif isinstance(node, ast.Call) and _terminal(node.func) in _SIGNATURE_READERS:
                for argument in node.args:
                    found.setdefault(_terminal(argument), Refusal(f"line {node.lineno} reads the signature"))
        module.memo["readers of signatures"] = found
    known: dict[str, Refusal] = module.memo["readers of signatures"]
    return known


def is_transparent(statement: TopLevelStatement, decorator: cst.BaseExpression) -> bool:
    """Whether a decorator is known to leave defaults alone."""
    dotted = origin(statement, decorator)
    if dotted is not None and (dotted in TRANSPARENT_DECORATORS or dotted.startswith(_TRANSPARENT_PACKAGES)):
        return True
    # `@area.register` of a singledispatch function, `@size.setter` of a property.
    if not isinstance(decorator, cst.Attribute) or not isinstance(decorator.value, cst.Name):
        return False
    if decorator.attr.value in {"setter", "getter", "deleter"}:
        return True
    return decorator.attr.value == "register" and _is_singledispatch(statement, decorator.value)


def _is_singledispatch(statement: TopLevelStatement, name: cst.Name) -> bool:
    scope = statement.scopes.scope_of(name).lookup(name.value)
    nodes: list[tuple[TopLevelStatement, cst.CSTNode]] = []
    if scope is not None and scope.kind is not ScopeKind.MODULE:
        nodes = [(statement, binding.node) for binding in scope.bindings.get(scope.stored_name(name.value), [])]
    else:
        definition = statement.module.definition(name.value)
        nodes = [definition] if definition is not None else []
    return any(
        isinstance(node, cst.FunctionDef)
        and any(
            (origin(where, part.decorator) or "").startswith("functools.singledispatch") for part in node.decorators
        )
        for where, node in nodes
    )


def _terminal(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


# -- types -------------------------------------------------------------------------------------------------------


def _type_comments(default: Default) -> Refusal | None:
    """Type comments for the function or a parameter (PEP 484): they'd have to change too."""
    function = default.function
    assert isinstance(function, cst.FunctionDef)
    known: dict[cst.CSTNode, bool] = default.statement.memo.setdefault("type comments", {})
    if function not in known:
        known[function] = _has_type_comments(default.statement, function)
    if known[function]:
        return Refusal("a type comment would have to change too: turn it into annotations first")
    return None


def _has_type_comments(statement: TopLevelStatement, function: cst.FunctionDef) -> bool:
    first = statement.line(function)
    last = statement.line(function.body)
    if isinstance(function.body, cst.IndentedBlock):
        last = statement.module.position(statement.span(function.body.header)[1])[0]
        last = max(last, statement.line(function.body.body[0]))
    comments = statement.module.comments
    return any(
        re.match(r"#\s*type:\s*(?!ignore\b)", comments.get(line, "")) is not None for line in range(first, last + 1)
    )


def _narrowing_is_lost(default: Default) -> Refusal | None:
    """Type checkers forget that a variable isn't None in a closure, if the variable is rebound."""
    if default.parameter.annotation is None or not default.is_rebound:
        return None
    captured = any(is_captured(default, scope) for scope, _ in default.reads)
    if captured:
        return Refusal(f"'{default.name}' is rebound and used in a nested function, where type checkers would see None")
    return None


def _checks() -> Iterator[Callable[[Default], Refusal | None]]:
    yield from (suppressed, _kept_state, _signature_is_read, _type_comments, _narrowing_is_lost)


_CHECKS = tuple(_checks())

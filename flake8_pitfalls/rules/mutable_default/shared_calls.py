"""Calls and assignments that make one object the default of many uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.changed_results import Changed, changed_in, is_option_changed
from flake8_pitfalls.rules.mutable_default.cousin import Cousin, refused
from flake8_pitfalls.rules.mutable_default.declares import CACHES, READ_ONLY
from flake8_pitfalls.rules.mutable_default.fields import keyword
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.semantics.callees import TASK_METHODS
from flake8_pitfalls.semantics.classes import assigned_value
from flake8_pitfalls.semantics.events import Fate
from flake8_pitfalls.semantics.names import is_constant_text, origin
from flake8_pitfalls.semantics.scopes import BindingKind
from flake8_pitfalls.semantics.statements import Interpreter
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_MOCKS = frozenset(
    f"{module}.{name}"
    for module in ("unittest.mock", "mock")
    for name in ("Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock")
)
_OPTIONS = frozenset({"optparse.make_option", "optparse.Option"})


def call(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    """``ContextVar(default=[])``, ``partial(f, x=[])``, ``add_argument(default=[])`` and the like."""
    dotted = origin(statement, node.func.value if isinstance(node.func, cst.Subscript) else node.func)
    if dotted == "contextvars.ContextVar":
        yield from _keyword(statement, node, objects, "default", "all contexts", _CONTEXT)
    elif dotted in {"functools.partial", "functools.partialmethod"}:
        yield from _partial(statement, node, objects)
    elif dotted == "collections.namedtuple":
        yield from _namedtuple(statement, node, objects)
    elif dotted in _MOCKS:
        yield from _mock(statement, node, objects)
    elif dotted == "builtins.type" and len(node.args) == 3 and not _is_called(statement, node):
        changed = changed_results(statement.module).attributes
        for name, value in _named_values(statement, node.args[2].value):
            if name in changed and objects.mutable(value) is not None:
                yield Cousin(statement, value, "all instances", refused(_ATTRIBUTE))
    elif dotted in _OPTIONS and _is_option_changed(statement, node):
        yield from _keyword(statement, node, objects, "default", "all values of the parser", _ARGUMENT)
    elif isinstance(node.func, cst.Attribute) and not _is_own_method(statement, node.func):
        yield from _parser(statement, node, node.func.attr.value, objects)


_CONTEXT = "without a default, get() raises LookupError: set the variable in each context, or use an immutable default"
_MOCK = "use side_effect with a function that makes the object"
_ATTRIBUTE = "give each instance its own object in __init__"
_ARGUMENT = "another default changes the namespace: use an immutable default, or copy the value before changing it"
_PARTIAL = "pass the object at each call, or let the function make it"
_DEFAULTS = "write the default in the function's signature, as None, and make the object in its body"
_CACHED = "return an immutable object, or a copy of what is cached"


def _is_own_method(statement: TopLevelStatement, function: cst.Attribute) -> bool:
    """Whether a class of this file, other than a kind of parser, defines a method of this name."""
    memo = statement.module.memo
    if "own methods" not in memo:
        memo["own methods"] = _own_methods(statement.module)
    return function.attr.value in memo["own methods"]


def _own_methods(module: SourceModule) -> set[str]:
    facts = module.facts
    return {
        member.name
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
        and not any((facts.dotted(base) or "").startswith(("argparse.", "optparse.")) for base in node.bases)
        for member in node.body
        if isinstance(member, ast.FunctionDef)
    }


def _keyword(
    statement: TopLevelStatement, node: cst.Call, objects: Objects, name: str, shared_by: str, reason: str
) -> Iterator[Cousin]:
    argument = keyword(node, name)
    if argument is not None and objects.mutable(argument.value) is not None:
        yield Cousin(statement, argument.value, shared_by, refused(reason))


def _mock(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    """A mock whose results the module changes."""
    if statement.line(node) in changed_results(statement.module).lines:
        yield from _keyword(statement, node, objects, "return_value", "all calls of the mock", _MOCK)


def _parser(statement: TopLevelStatement, node: cst.Call, method: str, objects: Objects) -> Iterator[Cousin]:
    """Argparse and optparse: the parser's own list is handed out when the option is absent."""
    shared_by = "all namespaces of the parser"
    if method in {"add_argument", "add_option"} and node.args and _is_option_name(node.args[0]):
        if _is_option_changed(statement, node):
            yield from _keyword(statement, node, objects, "default", shared_by, _ARGUMENT)
    elif method == "set_defaults":
        parsed_once = statement.line(node) in changed_results(statement.module).parsed_once
        for argument in node.args:
            made = objects.mutable(argument.value) if argument.keyword is not None else None
            if argument.keyword is None or made is None or (parsed_once and not made.named):
                continue
            if argument.keyword.value in changed_results(statement.module).attributes:
                yield Cousin(statement, argument.value, shared_by, refused(_ARGUMENT))


def changed_results(module: SourceModule) -> Changed:
    """What a module changes of the results of calls and of attributes."""
    if "changed results" not in module.memo:
        module.memo["changed results"] = changed_in(module.tree)
    known: Changed = module.memo["changed results"]
    return known


def _is_option_changed(statement: TopLevelStatement, node: cst.Call) -> bool:
    """Whether the module changes the value of an option; optparse appends to the default itself."""
    call = ast.parse(f"({statement.source(node)}\n)", mode="eval").body
    assert isinstance(call, ast.Call)
    return is_option_changed(call, changed_results(statement.module), statement.line(node))


def _is_called(statement: TopLevelStatement, node: cst.Call) -> bool:
    parent = statement.parents.get(node)
    return isinstance(parent, cst.Call) and parent.func is node


def _is_option_name(argument: cst.Arg) -> bool:
    return argument.keyword is None and (is_constant_text(argument.value) or argument.star == "*")


def _partial(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    if _is_called(statement, node) or _is_run_once(statement, node):
        return  # Called once.
    for position, argument in enumerate(node.args[1:]):
        if argument.star:
            return
        made = objects.mutable(argument.value)
        if made is None or made.by_use or made.named:
            continue
        if not _only_read(statement, node.args[0].value, argument, position):
            yield Cousin(statement, argument.value, "all calls of the partial", refused(_PARTIAL))


def _is_run_once(statement: TopLevelStatement, node: cst.Call) -> bool:
    """Whether a call is made for one run only: ``executor.submit(partial(...))``."""
    passed = statement.parents.get(node)
    call = statement.parents.get(passed) if isinstance(passed, cst.Arg) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, (cst.Attribute, cst.Name)):
        return False
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else call.func.value
    place = 1 if name == "run_in_executor" else 0
    return (name in TASK_METHODS or place == 1) and list(call.args[place : place + 1]) == [passed]


def _only_read(statement: TopLevelStatement, function: cst.BaseExpression, argument: cst.Arg, position: int) -> bool:
    """Whether the wrapped function, of this file, neither changes the argument nor hands it out."""
    if isinstance(function, cst.Name):
        # What decorates the function hands it its arguments as a rule.
        found = statement.module.definition(function.value)
        if found is None or not isinstance(found[1], cst.FunctionDef):
            return not _is_defined_here(statement, function)
        target: tuple[TopLevelStatement, cst.FunctionDef | cst.Lambda] = (found[0], found[1])
    elif isinstance(function, cst.Lambda):
        target = (statement, function)
    else:
        known_method = isinstance(function, cst.Attribute) and _is_own_method(statement, function)
        return argument.keyword is None or not known_method
    parameters = [*target[1].params.posonly_params, *target[1].params.params]
    if argument.keyword is not None:
        name = argument.keyword.value
        known = [*parameters, *target[1].params.kwonly_params]
        if all(parameter.name.value != name for parameter in known):
            return False
    elif position < len(parameters):
        name = parameters[position].name.value
    else:
        return False
    made = Objects.unknown()
    interpreter = Interpreter(made)
    interpreter.run_function(*target, name)
    return all(event.fate is Fate.HANDED_ON for event in interpreter.happened())


def _is_defined_here(statement: TopLevelStatement, name: cst.Name) -> bool:
    """Whether a name is that of a class of this file, or of a function in a class or function."""
    scope = statement.scopes.scope_of(name)
    owner = scope.lookup(name.value)
    bindings = owner.bindings.get(scope.stored_name(name.value), []) if owner is not None else []
    if any(binding.kind is BindingKind.DEF for binding in bindings):
        return True
    single = statement.module.facts.single_binding(name.value)
    if owner is None and single is not None and isinstance(single.value, ast.Lambda):
        return True
    return statement.module.definition(name.value) is not None


def _namedtuple(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    argument = keyword(node, "defaults")
    if argument is None or not isinstance(argument.value, (cst.List, cst.Tuple)):
        return
    for element in argument.value.elements:
        if objects.mutable(element.value) is not None:
            reason = "fields of a namedtuple have no factories: use an immutable default, or None"
            yield Cousin(statement, element.value, "all instances", refused(reason))


def _named_values(
    statement: TopLevelStatement, node: cst.BaseExpression
) -> Iterator[tuple[str | None, cst.BaseExpression]]:
    """The keys, as far as they're plain, and values of a dictionary display or of ``dict(a=..., b=...)``."""
    if isinstance(node, cst.Dict):
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                key = element.key.evaluated_value if isinstance(element.key, cst.SimpleString) else None
                yield key if isinstance(key, str) else None, element.value
    elif isinstance(node, cst.Call) and origin(statement, node.func) == "builtins.dict":
        for argument in node.args:
            if argument.keyword is not None:
                yield argument.keyword.value, argument.value


def assignment(statement: TopLevelStatement, node: cst.Assign, objects: Objects) -> Iterator[Cousin]:
    """``f.__defaults__ = ([],)`` and ``f.__kwdefaults__ = {"x": []}``."""
    names = {target.target.attr.value for target in node.targets if isinstance(target.target, cst.Attribute)}
    values: list[cst.BaseExpression] = []
    if "__defaults__" in names and isinstance(node.value, cst.Tuple):
        values = [element.value for element in node.value.elements]
    elif "__kwdefaults__" in names:
        values = [value for _, value in _named_values(statement, node.value)]
    for value in values:
        if objects.mutable(value) is not None:
            yield Cousin(statement, value, "all calls", refused(_DEFAULTS))


def cached_function(statement: TopLevelStatement, node: cst.FunctionDef, objects: Objects) -> Iterator[Cousin]:
    """A cached function that makes a list and hands the same one to all its callers."""
    if not any(_is_cache(statement, decorator.decorator) for decorator in node.decorators):
        return
    if not changed_results(statement.module).has_result_of(node.name.value):
        return
    if node.returns is not None and _is_read_only(statement, node.returns.annotation):
        return
    scope = statement.scopes.scope_for(node)
    for part in walk(node.body):
        if isinstance(part, cst.Return) and part.value is not None and statement.scopes.scope_of(part) is scope:
            made = objects.mutable(part.value)
            if made is not None and not made.by_use and not made.is_iterator:
                yield Cousin(
                    statement, _made_at(statement, part.value), "all callers of the cached function", refused(_CACHED)
                )


def _is_read_only(statement: TopLevelStatement, annotation: cst.BaseExpression) -> bool:
    """Whether a type promises that the callers don't change the object: ``Mapping[str, int]``."""
    named = annotation.value if isinstance(annotation, cst.Subscript) else annotation
    return origin(statement, named) in READ_ONLY


def _made_at(statement: TopLevelStatement, node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression that makes the object: what a returned variable was bound to."""
    if isinstance(node, cst.Name):
        scope = statement.scopes.scope_of(node).lookup(node.value)
        bindings = scope.bindings.get(scope.stored_name(node.value), []) if scope is not None else []
        value = assigned_value(statement, bindings[0]) if len(bindings) == 1 else None
        return value if value is not None else node
    return node


def _is_cache(statement: TopLevelStatement, decorator: cst.BaseExpression) -> bool:
    return origin(statement, decorator.func if isinstance(decorator, cst.Call) else decorator) in CACHES

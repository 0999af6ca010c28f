"""Lambdas that only call a function: the function and its arguments are handed over instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import (
    Kind,
    Refused,
    Variable,
    kind_of,
    parameters_of,
    scopes_below,
    variables_of,
)
from flake8_pitfalls.rules.pickling.fix_factories import is_constant
from flake8_pitfalls.rules.pickling.fix_imports import Imports
from flake8_pitfalls.rules.pickling.fix_self import is_self
from flake8_pitfalls.rules.pickling.fix_timing import Timing
from flake8_pitfalls.rules.pickling.fix_values import check_value
from flake8_pitfalls.rules.pickling.guards import is_bound_under_guard
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.rules.pickling.started import is_called_by_position, is_sent_in_time
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement


@dataclass
class Called:
    """What the body of a lambda calls."""

    function: str
    positional: list[str]
    keywords: list[tuple[str, str]]

    def listed(self) -> str:
        """The arguments as they stand in a call."""
        return ", ".join([*self.positional, *(f"{name}={text}" for name, text in self.keywords)])

    def tuple(self) -> str:
        """The positional arguments as a tuple."""
        return f"({', '.join(self.positional)}{',' if len(self.positional) == 1 else ''})"

    def dict(self) -> str:
        """The keyword arguments as a dict."""
        return "{" + ", ".join(f'"{name}": {text}' for name, text in self.keywords) + "}"


def direct_call(statement: TopLevelStatement, node: cst.Lambda, sink: Sink) -> Fix | None:
    """Hand over what a lambda calls, if that is a function of the module and the arguments may be evaluated earlier."""
    body, argument = node.body, sink.argument
    if not isinstance(body, cst.Call) or argument is None or argument.value is not node:
        return None
    if not _is_function(statement, body.func) or "#" in statement.source(node):
        return None
    start, end = statement.span(node)
    if node.lpar:
        start, end = statement.span(node.lpar[0])[0], statement.span(node.rpar[-1])[1]
    if not parameters_of(node) and node.params.star_arg is not None:
        return _without_parameters(statement, node, body, sink, (start, end))
    return _with_parameters(statement, node, body, sink, (start, end))


def _is_function(statement: TopLevelStatement, function: cst.BaseExpression) -> bool:
    """Whether an expression means a function that's found by its name, and always the same one."""
    base = function
    while isinstance(base, cst.Attribute):
        base = base.value
    if not isinstance(base, cst.Name):
        return False
    owner = statement.scopes.scope_of(base).lookup(base.value)
    if owner is not None and owner.kind is not ScopeKind.MODULE:
        return False
    if is_bound_under_guard(statement.module, base.value):
        return False
    facts = statement.module.facts
    dotted = origin(statement, function)
    if dotted is not None:
        return dotted.startswith("builtins.") or facts.single_binding(base.value) is not None
    if function is not base:
        return False
    definition = facts.single_definition(base.value)
    return definition is not None and not definition.decorator_list


def _without_parameters(
    statement: TopLevelStatement, node: cst.Lambda, body: cst.Call, sink: Sink, place: tuple[int, int]
) -> Fix | None:
    """``lambda: f(a, k=b)``: the arguments are evaluated where the lambda was made."""
    called = _arguments(statement, node, body, sink)
    if called is None:
        return None
    note = _timing_note(statement, node)
    imports = Imports(statement)
    text = _handed_over(node, called, sink, imports)
    if text is None:
        return None
    applicability = Applicability.UNSAFE if note else Applicability.SAFE
    return Fix(applicability, (*imports.edits, Edit(*place, text)), note)


def _handed_over(node: cst.Lambda, called: Called, sink: Sink, imports: Imports) -> str | None:
    """The arguments that stand for the lambda; ``None`` if there's no place for them."""
    call, argument = sink.call, sink.argument
    assert argument is not None
    if any(passed.star for passed in call.args):
        return None
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    position = call.args.index(argument)
    is_last = position == len(call.args) - 1
    names = {passed.keyword.value for passed in call.args if passed.keyword is not None}
    text: str | None = None
    if sink.role is Role.TARGET and argument.keyword is not None and not names & {"args", "kwargs"}:
        text = _process_arguments(called)
    elif (method, position) == ("submit", 0) and is_last and not {"fn", "self"} & {name for name, _ in called.keywords}:
        text = ", ".join(filter(None, [called.function, called.listed()]))
    elif (method, position) == ("run_in_executor", 1) and is_last and not called.keywords:
        text = ", ".join([called.function, *called.positional])
    elif method in {"apply_async", "apply"} and position == 0 and not names & {"args", "kwds"}:
        text = _pool_arguments(called) if is_last or call.args[1].keyword is not None else None
    if text is None and sink.role in {Role.TASK, Role.INITIALIZER}:
        partial = imports.name_for("functools", "partial", node) if called.listed() else ""
        text = f"{partial}({called.function}, {called.listed()})" if partial else called.function
    return text


def _process_arguments(called: Called) -> str:
    """``f, args=(a,), kwargs={"k": b}`` behind ``target=``."""
    parts = [called.function]
    if called.positional:
        parts.append(f"args={called.tuple()}")
    if called.keywords:
        parts.append(f"kwargs={called.dict()}")
    return ", ".join(parts)


def _pool_arguments(called: Called) -> str:
    """``f, (a,), {"k": b}``."""
    parts = [called.function]
    if called.positional or called.keywords:
        parts.append(called.tuple())
    if called.keywords:
        parts.append(called.dict())
    return ", ".join(parts)


def _arguments(statement: TopLevelStatement, node: cst.Lambda, body: cst.Call, sink: Sink) -> Called | None:
    """The arguments of a call, if evaluating them earlier makes no difference."""
    called = Called(statement.source(body.func), [], [])
    variables = variables_of(statement, node)
    for variable in variables.values():
        _check_captured(statement, node, variable, sink)
    for argument in body.args:
        if argument.star or not _is_simple(statement, argument.value):
            return None
        text = statement.source(argument.value)
        if argument.keyword is not None:
            called.keywords.append((argument.keyword.value, text))
        else:
            called.positional.append(text)
    return called


def _is_simple(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    """Names, constants and attributes; what a property does isn't known, so ``self`` only without one."""
    while isinstance(value, cst.Attribute):
        if value.attr.value in statement.module.changing_attributes:
            return False
        value = value.value
    if isinstance(value, cst.Name) and value.value not in {"None", "True", "False"}:
        owner = statement.scopes.scope_of(value).lookup(value.value)
        if owner is None or owner.kind is ScopeKind.MODULE:
            return _is_settled_global(statement, value)
        return True
    return is_constant(value)


def _is_settled_global(statement: TopLevelStatement, name: cst.Name) -> bool:
    binding = statement.module.facts.single_binding(name.value)
    return binding is not None or name.value not in statement.module.facts.bindings


def _check_captured(statement: TopLevelStatement, node: cst.Lambda, variable: Variable, sink: Sink) -> None:
    if is_self(statement, variable):
        return
    kind = kind_of(statement, variable)
    if kind is Kind.SIBLING:
        raise Refused(f"'{variable.name}' can't be pickled either: define it at module level first")
    if kind is Kind.IMPORT:
        raise Refused(f"'{variable.name}' is imported in the function: import it at the top of the module")
    inside = set(scopes_below(statement.scopes.scope_for(node)))
    check_value(statement, variable, inside, sink.role)


def _timing_note(statement: TopLevelStatement, node: cst.Lambda) -> str:
    for variable in variables_of(statement, node).values():
        timing = Timing(statement, variable)
        if is_self(statement, variable):
            continue
        if timing.is_unbound(node):
            raise Refused(f"'{variable.name}' may have no value where the lambda is made: assign it before")
        if not timing.is_settled(node):
            if not is_sent_in_time(statement, node, variable):
                raise Refused(
                    f"'{variable.name}' may change between the making of the lambda and its call: pass it yourself"
                )
            if variable.owner.kind is ScopeKind.COMPREHENSION:
                continue
            return f"'{variable.name}' is passed as it is at the call"
    return ""


def _with_parameters(
    statement: TopLevelStatement, node: cst.Lambda, body: cst.Call, sink: Sink, place: tuple[int, int]
) -> Fix | None:
    """``lambda x: f(n, x)`` is ``partial(f, n)``, ``lambda a: f(*a)`` mapped over rows is a starmap."""
    if sink.role is not Role.TASK or not is_called_by_position(sink.call):
        return None
    if "self" in variables_of(statement, node):
        return None
    parameters = parameters_of(node)
    given = node.params
    if given.kwonly_params or given.star_kwarg is not None or len(parameters) != len(given.params):
        return None
    if any(parameter.default is not None for parameter in parameters):
        return None
    names = [parameter.name.value for parameter in parameters]
    starred = _as_starmap(statement, body, names, sink, place)
    if starred is not None:
        return starred
    count = len(names)
    last = body.args[len(body.args) - count :] if count <= len(body.args) else []
    passed = [
        part.value.value for part in last if isinstance(part.value, cst.Name) and not part.star and not part.keyword
    ]
    first = list(body.args[: len(body.args) - count])
    if passed != names or any(part.keyword is not None for part in first):
        return None
    used = {name.value for part in first for name in walk(part) if isinstance(name, cst.Name)}
    if used & set(names):
        return None
    called = (
        _arguments(statement, node, body.with_changes(args=()), sink)
        if not first
        else _partly(statement, node, body, first, sink)
    )
    if called is None:
        return None
    imports = Imports(statement)
    note = _timing_note(statement, node)
    text = called.function
    if first:
        text = f"{imports.name_for('functools', 'partial', node)}({called.function}, {called.listed()})"
    applicability = Applicability.UNSAFE if note else Applicability.SAFE
    return Fix(applicability, (*imports.edits, Edit(*place, text)), note)


def _partly(
    statement: TopLevelStatement, node: cst.Lambda, body: cst.Call, first: list[cst.Arg], sink: Sink
) -> Called | None:
    for variable in variables_of(statement, node).values():
        _check_captured(statement, node, variable, sink)
    if any(argument.star or not _is_simple(statement, argument.value) for argument in first):
        return None
    return Called(statement.source(body.func), [statement.source(argument.value) for argument in first], [])


def _as_starmap(
    statement: TopLevelStatement, body: cst.Call, names: list[str], sink: Sink, place: tuple[int, int]
) -> Fix | None:
    method = sink.call.func
    if len(names) != 1 or len(body.args) != 1 or body.args[0].star != "*" or not isinstance(method, cst.Attribute):
        return None
    value = body.args[0].value
    if not isinstance(value, cst.Name) or value.value != names[0] or method.attr.value not in {"map", "map_async"}:
        return None
    if not sink.api.startswith("Pool"):
        return None
    renamed = Edit(*statement.span(method.attr), f"star{method.attr.value}")
    return Fix(Applicability.SAFE, (renamed, Edit(*place, statement.source(body.func))))

"""Handing over the values that a function captured: as arguments where it's called, else by ``functools.partial``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused
from flake8_pitfalls.rules.pickling.model import Role

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_imports import Imports
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement

SENDING_METHODS = frozenset(
    {
        *("map", "imap", "imap_unordered", "starmap", "apply", "map_async", "starmap_async", "apply_async", "submit"),
        *("run_in_executor", "Process", "Pool", "ProcessPoolExecutor", "dump", "dumps", "put", "put_nowait", "send"),
        *("DataLoader", "process_map", "Thread"),
    }
)
"""Callees that take what they're given at once, so that it may change afterwards."""


def use_edits(
    statement: TopLevelStatement, use: cst.BaseExpression, name: str, arguments: list[str], sink: Sink, imports: Imports
) -> list[Edit]:
    """Replace one use of a function, by name or as a lambda, by the function ``name`` and its first arguments.

    Raises Refused.
    """
    start, end = statement.span(use)
    if not arguments:
        return [] if statement.module.text[start:end] == name else [Edit(start, end, name)]
    parent = statement.parents.get(use)
    if isinstance(parent, cst.Decorator):
        raise Refused("it's used as a decorator: move it to module level yourself")
    rename = [] if statement.module.text[start:end] == name else [Edit(start, end, name)]
    listed = ", ".join(arguments)
    if isinstance(parent, cst.Call) and parent.func is use:
        return [*rename, _first_arguments(statement, parent, listed)]
    if isinstance(parent, cst.Arg):
        call = statement.parents.get(parent)
        if isinstance(call, cst.Call):
            passed = _passed(statement, call, parent, listed, sink)
            if passed is not None:
                return [*rename, *passed]
    partial = imports.name_for("functools", "partial", use)
    return [Edit(start, end, f"{partial}({name}, {listed})")]


def _first_arguments(statement: TopLevelStatement, call: cst.Call, listed: str) -> Edit:
    """``work(x)`` becomes ``work(n, x)``."""
    if not call.args:
        end = statement.span(call)[1] - len(")")
        return Edit(end, end, listed)
    start = _outer_start(statement, call.args[0])
    return Edit(start, start, f"{listed}, ")


def _outer_start(statement: TopLevelStatement, argument: cst.Arg) -> int:
    return statement.span(argument)[0]


def _passed(
    statement: TopLevelStatement, call: cst.Call, argument: cst.Arg, listed: str, sink: Sink
) -> list[Edit] | None:
    """The first arguments where a call has a place for them: ``submit(work, n, x)``, ``Process(args=(n, x))``."""
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    position = call.args.index(argument)
    plain = all(not before.star and before.keyword is None for before in call.args[: position + 1])
    if plain and ((method == "submit" and position == 0) or (method == "run_in_executor" and position == 1)):
        end = statement.span(argument.value)[1]
        if argument.value.rpar:
            end = statement.span(argument.value.rpar[-1])[1]
        return [Edit(end, end, f", {listed}")]
    if call is sink.call and sink.role is Role.TARGET and argument.keyword is not None:
        return _process_arguments(statement, call, argument, listed)
    return None


def _process_arguments(statement: TopLevelStatement, call: cst.Call, target: cst.Arg, listed: str) -> list[Edit] | None:
    given = next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == "args"), None)
    single = "," not in listed
    if given is None:
        if any(argument.star for argument in call.args):
            return None
        end = statement.span(target.value)[1]
        if target.value.rpar:
            end = statement.span(target.value.rpar[-1])[1]
        return [Edit(end, end, f", args=({listed}{',' if single else ''})")]
    value = given.value
    start, end = statement.span(value)
    if isinstance(value, cst.Tuple) and value.lpar:
        opening = statement.span(value.lpar[-1])[1]
        if not value.elements:
            return [Edit(opening, opening, f"{listed}{',' if single else ''}")]
        return [Edit(opening, opening, f"{listed}, ")]
    if isinstance(value, cst.List):
        opening = statement.span(value)[0] + 1
        return [Edit(opening, opening, f"{listed}, " if value.elements else listed)]
    if isinstance(value, (cst.Name, cst.Attribute, cst.Call, cst.Subscript)):
        return [Edit(start, start, f"({listed}, *"), Edit(end, end, ")")]
    return None


def is_sent_at_once(statement: TopLevelStatement, use: cst.CSTNode) -> bool:
    """Whether a use calls the function, or hands it to something that takes it as it is at that moment."""
    parent = statement.parents.get(use)
    if isinstance(parent, cst.Call):
        return parent.func is use
    call = statement.parents.get(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    return name in SENDING_METHODS


def parameters_edit(statement: TopLevelStatement, node: cst.FunctionDef, parameters: list[str]) -> Edit:
    """Put parameters in front of those that a function has."""
    text = statement.module.text
    before: cst.CSTNode = node.type_parameters or node.name
    start = text.index("(", statement.span(before)[1]) + 1
    listed = ", ".join(parameters)
    rest = text[start:]
    if re.match(r"[^)#]*#", rest.partition("\n")[0]) and rest.partition("\n")[0].lstrip().startswith("#"):
        raise Refused("a comment stands in front of the first parameter: add the parameters yourself")
    if rest.lstrip().startswith(")"):
        return Edit(start, start, listed)
    return Edit(start, start, f"{listed}," if rest[:1] in "\r\n" else f"{listed}, ")

"""Handing over the values that a function captured: as arguments where it's called, else by ``functools.partial``."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused, function_around, parameters_of
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.rules.pickling.started import called_name
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_imports import Imports
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


_SEARCHING = frozenset({"remove", "discard", "index", "count", "unregister", "disconnect"})


class Uses:
    """Replaces the uses of functions that move, by name or as lambdas."""

    def __init__(self, statement: TopLevelStatement, sink: Sink, imports: Imports) -> None:
        self._statement = statement
        self._sink = sink
        self._imports = imports

    def edits(self, use: cst.BaseExpression, name: str, arguments: list[str]) -> list[Edit]:
        """Write a use as the function ``name`` and its first arguments.

        Raises Refused.
        """
        start, end = self._statement.span(use)
        renamed = [] if self._statement.module.text[start:end] == name else [Edit(start, end, name)]
        if not arguments:
            return renamed
        parent = self._statement.parents.get(use)
        if isinstance(parent, cst.Decorator):
            raise Refused("it's used as a decorator: move it to module level yourself")
        if _is_compared(self._statement, use):
            raise Refused("it's compared, and no functools.partial is equal to another: move it yourself")
        listed = ", ".join(arguments)
        if isinstance(parent, cst.Call) and parent.func is use:
            return [*renamed, self._first_arguments(parent, listed)]
        call = self._statement.parents.get(parent) if isinstance(parent, cst.Arg) else None
        if isinstance(parent, cst.Arg) and isinstance(call, cst.Call):
            if self._takes_arguments_behind(call, parent):
                return [Edit(start, _end(self._statement, use), f"{name}{_closing(use)}, {listed}")]
            passed = self._process_arguments(call, parent, arguments)
            if passed is not None:
                edit, following = passed
                if following:
                    return [Edit(start, _end(self._statement, use), f"{name}{_closing(use)}{following}")]
                return [*renamed, *edit]
        partial = self._imports.name_for("functools", "partial", use)
        return [Edit(start, end, f"{partial}({name}, {listed})")]

    def _first_arguments(self, call: cst.Call, listed: str) -> Edit:
        """``work(x)`` becomes ``work(n, x)``."""
        if not call.args:
            end = self._statement.span(call)[1] - len(")")
            return Edit(end, end, listed)
        start = self._statement.span(call.args[0])[0]
        return Edit(start, start, f"{listed}, ")

    def _takes_arguments_behind(self, call: cst.Call, argument: cst.Arg) -> bool:
        """``submit(work, n, x)``."""
        method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
        position = call.args.index(argument)
        plain = all(not before.star and before.keyword is None for before in call.args[: position + 1])
        return plain and (method, position) in {("submit", 0), ("run_in_executor", 1)}

    def _process_arguments(
        self, call: cst.Call, target: cst.Arg, arguments: list[str]
    ) -> tuple[list[Edit], str] | None:
        """``args=(n, x)`` behind ``target=work``: edits of the arguments that are there, or what to write behind."""
        is_target = target.keyword is not None and target.keyword.value == "target"
        if not is_target or not (_is_process(call) or (call is self._sink.call and self._sink.role is Role.TARGET)):
            return None
        if any(argument.star for argument in call.args):
            return None
        listed = ", ".join(arguments)
        single = "," if len(arguments) == 1 else ""
        given = next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == "args"), None)
        if given is None:
            return [], f", args=({listed}{single})"
        value = given.value
        start, end = self._statement.span(value)
        if isinstance(value, cst.Tuple) and value.lpar:
            opening = self._statement.span(value.lpar[-1])[1]
            edits = [Edit(opening, opening, f"{listed}, " if value.elements else f"{listed}{single}")]
            return [*edits, *self._without_comma(value)], ""
        if isinstance(value, cst.List):
            return [Edit(start + 1, start + 1, f"{listed}, " if value.elements else listed)], ""
        if isinstance(value, (cst.Name, cst.Attribute, cst.Call, cst.Subscript)) and not value.lpar:
            return [Edit(start, start, f"({listed}, *"), Edit(end, end, ")")], ""
        return None

    def _without_comma(self, value: cst.Tuple) -> list[Edit]:
        """Take away the comma of a tuple that had one element, on one line."""
        if len(value.elements) != 1:
            return []
        start, end = _end(self._statement, value.elements[0].value), self._statement.span(value.rpar[-1])[1]
        found = re.match(r" *, *(?=\))", self._statement.module.text[start:end])
        return [Edit(start, start + found.end(), "")] if found is not None else []

    def is_returned(self, use: cst.CSTNode) -> bool:
        """Whether a use gives the function to the caller of the function around."""
        return isinstance(self._statement.parents.get(use), cst.Return)

    def check_returned(self, use: cst.CSTNode, captured: list[str], code: cst.CSTNode) -> None:
        """Raise Refused when a decorator would return a partial, which is no method and has no name."""
        function = function_around(self._statement, use)
        if function is not None and _calls_parameter(function, captured, code):
            raise Refused("what a decorator returns isn't found by its name: write a function that calls the other one")
        while function is not None:
            name = function.name.value
            if name in _decorators(self._statement.module):
                raise Refused(f"'{name}' is a decorator: use functools.wraps for what it returns")
            function = function_around(self._statement, function)


def _decorators(module: SourceModule) -> set[str | None]:
    """The last names of all decorators of a module."""
    if "decorators" not in module.memo:
        used = (
            decorator.func if isinstance(decorator, ast.Call) else decorator
            for node in module.walk_ast()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            for decorator in node.decorator_list
        )
        module.memo["decorators"] = {getattr(called, "id", getattr(called, "attr", None)) for called in used}
    known: set[str | None] = module.memo["decorators"]
    return known


def _calls_parameter(function: cst.FunctionDef, captured: list[str], code: cst.CSTNode) -> bool:
    """Whether a function only takes another one and gives back one that calls it."""
    parameters = parameters_of(function)
    if len(parameters) != 1 or parameters[0].name.value not in captured:
        return False
    called = {part.func.value for part in walk(code) if isinstance(part, cst.Call) and isinstance(part.func, cst.Name)}
    return parameters[0].name.value in called


def _is_compared(statement: TopLevelStatement, use: cst.CSTNode) -> bool:
    """Whether a use looks for the function itself: ``is``, ``==``, ``in``, the key of a dictionary."""
    parent = statement.parents.get(use)
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget, cst.Index)):
        return True
    if isinstance(parent, cst.DictElement):
        return parent.key is use
    call = statement.parents.get(parent) if isinstance(parent, cst.Arg) else None
    return isinstance(call, cst.Call) and called_name(call) in _SEARCHING


def _is_process(call: cst.Call) -> bool:
    return called_name(call) == "Process"


def _end(statement: TopLevelStatement, use: cst.BaseExpression) -> int:
    """The end of an expression, behind its parentheses."""
    return statement.span(use.rpar[-1])[1] if use.rpar else statement.span(use)[1]


def _closing(use: cst.BaseExpression) -> str:
    return ")" * len(use.rpar)


def in_front_of(given: cst.Parameters, added: list[str]) -> list[str]:
    """Parameters to put in front of others; a function that takes any keyword gets them by position only."""
    hidden = given.star_kwarg is not None and not given.posonly_params
    return [*added, "/"] if added and hidden else added


def parameters_edit(statement: TopLevelStatement, node: cst.FunctionDef, parameters: list[str]) -> Edit:
    """Put parameters in front of those that a function has."""
    text = statement.module.text
    before: cst.CSTNode = node.type_parameters or node.name
    start = text.index("(", statement.span(before)[1]) + 1
    listed = ", ".join(in_front_of(node.params, parameters))
    rest = text[start:]
    if rest.lstrip(" \t").startswith("#"):
        raise Refused("a comment stands in front of the first parameter: add the parameters yourself")
    if re.match(r"\s*\)", rest):
        return Edit(start, start, listed)
    blank = re.match(r"\s*", rest)
    assert blank is not None
    on_own_line = "\n" in blank.group() or "\r" in blank.group()
    if on_own_line:
        listed = listed.replace(", /", f",{blank.group()}/")
        return Edit(start, start, f"{blank.group()}{listed},")
    return Edit(start, start, f"{listed}, ")

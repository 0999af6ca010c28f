"""Making a closure inside a function that gets the values of the iteration as its arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.indentation import behind_deeper_comments, indented, line_end, source_lines
from flake8_pitfalls.fixes.model import Edit, Refusal
from flake8_pitfalls.rules.finding import factory_name
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flake8_pitfalls.semantics.module import TopLevelStatement


def lambda_factory(statement: TopLevelStatement, closure: cst.Lambda, names: list[str]) -> list[Edit] | Refusal:
    """``(lambda i: lambda: i)(i)``."""
    refusal = _unmovable(statement, closure, _defaults(closure))
    if refusal is not None:
        return refusal
    start, end = statement.span(closure)
    return _around(start, end, names)


def generator_factory(
    statement: TopLevelStatement, closure: cst.GeneratorExp, names: list[str]
) -> list[Edit] | Refusal:
    """``(lambda k: (f(x, k) for x in xs))(k)``."""
    if any(isinstance(part, cst.NamedExpr) for part in walk(closure)):
        return Refusal("the generator expression binds a name by ':=', which would move into a function")
    refusal = _unmovable(statement, closure, [closure.for_in.iter])
    if refusal is not None:
        return refusal
    if closure.lpar:
        start, end = statement.span(closure.lpar[-1])[0], statement.span(closure.rpar[0])[1]
        return _around(start, end, names)
    start, end = statement.span(closure)
    arguments = ", ".join(names)
    return [Edit(start, start, f"(lambda {arguments}: ("), Edit(end, end, f"))({arguments})")]


def _around(start: int, end: int, names: list[str]) -> list[Edit]:
    arguments = ", ".join(names)
    return [Edit(start, start, f"(lambda {arguments}: "), Edit(end, end, f")({arguments})")]


def _defaults(closure: cst.Lambda | cst.FunctionDef) -> list[cst.BaseExpression]:
    parameters = closure.params
    every = (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)
    return [parameter.default for parameter in every if parameter.default is not None]


def _unmovable(
    statement: TopLevelStatement, closure: cst.CSTNode, evaluated: list[cst.BaseExpression]
) -> Refusal | None:
    """Why the expressions that run when a closure is made can't run inside another function."""
    scope = statement.scopes.scope_of(closure)
    for expression in evaluated:
        for part in walk(expression):
            if isinstance(part, (cst.Await, cst.Yield)):
                return Refusal("what runs when the closure is made contains await or yield, which can't be moved")
            if isinstance(part, cst.NamedExpr):
                return Refusal("what runs when the closure is made binds a name, which can't be moved")
            if isinstance(part, cst.Name) and scope.kind is ScopeKind.CLASS and part.value in scope.local_names:
                return Refusal(f"'{part.value}' of the class can't be seen from inside a function")
    return None


def function_factory(statement: TopLevelStatement, closure: cst.FunctionDef, names: list[str]) -> list[Edit] | Refusal:
    """``def make_f(i): ...`` around the function, ``return f`` under it, and ``f = make_f(i)``."""
    evaluated = [*_defaults(closure), *(decorator.decorator for decorator in closure.decorators)]
    evaluated += [part.annotation for part in walk(closure.params) if isinstance(part, cst.Annotation)]
    if closure.returns is not None:
        evaluated.append(closure.returns.annotation)
    if statement.module.facts.has_future_annotations:
        evaluated = [*_defaults(closure), *(decorator.decorator for decorator in closure.decorators)]
    refusal = _unmovable(statement, closure, evaluated)
    if refusal is not None:
        return refusal
    scope = statement.scopes.scope_of(closure)
    name = closure.name.value
    if any(isinstance(part, cst.Name) and part.value == name for part in _parts_of(evaluated)):
        return Refusal(f"'{name}' is read while the function is made, and would be local to the factory")
    if name in scope.global_names or name in scope.nonlocal_names:
        return Refusal(f"'{name}' is declared global or nonlocal here, and would become local to the factory")
    text = statement.module.text
    first = closure.decorators[0] if closure.decorators else closure
    begin = statement.span(first)[0] if closure.decorators else statement.span(closure)[0]
    start = statement.module.line_starts[statement.module.position(begin)[0] - 1]
    end = _end_of_last_line(statement, closure)
    indent = text[start:begin]
    if indent.strip():
        return Refusal("the function doesn't start on a line of its own")
    unit = _unit(statement, closure, indent)
    newline = line_end(text[start:end]) or line_end(text) or "\n"
    factory = _free_name(statement, name)
    body = indented(text[start:end], unit)
    if not body.endswith(("\n", "\r")):
        body += newline
    arguments = ", ".join(names)
    made = (
        f"{indent}def {factory}({arguments}):{newline}{body}{newline if _is_long(body) else ''}"
        f"{indent}{unit}return {name}{newline}{newline if _is_long(body) else ''}"
        f"{indent}{name} = {factory}({arguments})"
    )
    if text[start:end].endswith(("\n", "\r")):
        made += newline
    return [Edit(start, end, made)]


def _parts_of(expressions: list[cst.BaseExpression]) -> Iterator[cst.CSTNode]:
    for expression in expressions:
        yield from walk(expression)


def _is_long(body: str) -> bool:
    """A nested function of several lines gets a blank line behind it, as PEP 8 has it."""
    return len(source_lines(body)) > 1


def _end_of_last_line(statement: TopLevelStatement, closure: cst.FunctionDef) -> int:
    """The end of the last line of a function; comments that follow it on lines of their own aren't part of it."""
    last: cst.CSTNode = closure
    while True:
        body = getattr(last, "body", None)
        final = getattr(last, "finalbody", None) or getattr(last, "orelse", None)
        if final is not None:
            last = final
        elif isinstance(last, (cst.Try, cst.TryStar)) and last.handlers:
            last = last.handlers[-1]
        elif isinstance(last, cst.Match):
            last = last.cases[-1]
        elif isinstance(body, cst.IndentedBlock):
            last = body.body[-1]
        elif isinstance(last, cst.IndentedBlock):
            last = last.body[-1]
        else:
            break
    module = statement.module
    line, _ = module.position(max(statement.span(last)[1] - 1, 0))
    column = module.position(statement.span(closure)[0])[1]
    line = behind_deeper_comments(module.text, module.line_starts, line, column)
    return module.line_starts[line] if line < len(module.line_starts) else len(module.text)


def _unit(statement: TopLevelStatement, closure: cst.FunctionDef, indent: str) -> str:
    body = closure.body
    if isinstance(body, cst.IndentedBlock) and body.indent:
        return body.indent
    default = statement.tree.default_indent
    return "\t" if indent.endswith("\t") else default


def _free_name(statement: TopLevelStatement, name: str) -> str:
    """A name for the factory that nothing in the module has."""
    wanted = factory_name(name)
    free, number = wanted, 2
    while free in statement.module.words:
        free, number = f"{wanted}_{number}", number + 1
    return free

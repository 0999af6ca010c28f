"""Guards that are there already: only the default has to change."""

from __future__ import annotations

import ast

import libcst as cst

from flake8_pitfalls.rules.mutable_default.defaults import Default
from flake8_pitfalls.rules.mutable_default.guard import is_docstring, outer_span
from flake8_pitfalls.semantics.walk import walk


def existing_guard(default: Default) -> set[cst.CSTNode]:
    """The nodes of a guard that already makes the same default, if one stands first in the body; else nothing."""
    assert isinstance(default.function, cst.FunctionDef)
    for line in _first_statements(default.function):
        name = _guarded_name(line)
        if name is None:
            return set()
        if name == default.name:
            return set(walk(line)) if _is_equivalent(default, line) else set()
        if any(isinstance(part, cst.Name) and part.value == default.name for part in walk(line)):
            return set()
    return set()


def _first_statements(function: cst.FunctionDef) -> list[cst.CSTNode]:
    """The statements of a body without its docstring and declarations; those that share a line one by one."""
    smalls: list[cst.CSTNode] = []
    for line in function.body.body:
        smalls.extend(line.body if isinstance(line, cst.SimpleStatementLine) else [line])
    if smalls and isinstance(smalls[0], cst.Expr) and is_docstring(smalls[0]):
        smalls.pop(0)
    while smalls and isinstance(smalls[0], (cst.Global, cst.Nonlocal)):
        smalls.pop(0)
    return smalls


def _guarded_name(line: cst.CSTNode) -> str | None:
    """The parameter that a statement guards, if it has the form of a guard."""
    assignment = line
    if isinstance(line, cst.If):
        body = line.body.body
        first = body[0].body[0] if isinstance(body[0], cst.SimpleStatementLine) else body[0]
        if line.orelse is not None or len(body) != 1 or _count(line) != 1:
            return None
        assignment = first
    if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1:
        return None
    target = assignment.targets[0].target
    return target.value if isinstance(target, cst.Name) else None


def _count(node: cst.If) -> int:
    body = node.body.body
    return len(body[0].body) if isinstance(body[0], cst.SimpleStatementLine) else len(body)


def _is_equivalent(default: Default, line: cst.CSTNode) -> bool:
    start, end = default.statement.span(line)
    source = _dump_statement(default.statement.module.text[start:end])
    return source is not None and any(source == _dump_statement(form) for form in _forms(default, default.name))


def _forms(default: Default, name: str) -> list[str]:
    texts = [f"({_text(default, default.node)})"]
    outer = default.made.followed.levels[0]
    empty = outer.length == 0 and not default.made.wraps
    spellings = {"builtins.list": ["[]", "list()"], "builtins.dict": ["{}", "dict()"], "builtins.set": ["set()"]}
    if empty:
        texts += spellings.get(outer.kind, [])
    forms: list[str] = []
    for text in texts:
        forms += [f"if {name} is None:\n  {name} = {text}", f"{name} = {text} if {name} is None else {name}"]
        if empty:
            forms += [f"{name} = {name} or {text}", f"if not {name}:\n  {name} = {text}"]
    return forms


def _text(default: Default, node: cst.BaseExpression) -> str:
    start, end = outer_span(default.statement, node)
    return default.statement.module.text[start:end]


def _dump_statement(source: str) -> str | None:
    import textwrap

    try:
        return ast.dump(ast.parse(textwrap.dedent(source)))
    except SyntaxError:
        pass
    lines = source.splitlines()
    try:
        return ast.dump(ast.parse("\n".join([lines[0], *(f" {line.strip()}" for line in lines[1:])])))
    except SyntaxError:
        return None

"""Whether what takes a function has taken it before a variable changes that the function reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.hoist_refusals import is_below
from flake8_pitfalls.semantics.scopes import BindingKind

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.fix_captures import Variable
    from flake8_pitfalls.semantics.module import TopLevelStatement

_AT_ONCE = frozenset(
    {
        *("map", "imap", "imap_unordered", "starmap", "apply", "map_async", "starmap_async", "apply_async", "submit"),
        *("run_in_executor", "Pool", "dump", "dumps", "put", "put_nowait", "send", "process_map"),
    }
)
"""Callees that take what they're given at once, so that it may change afterwards."""

_MAPS = frozenset({"map", "imap", "imap_unordered", "starmap", "map_async", "starmap_async", "process_map"})
_BEFORE_KEYWORDS = 2
"""``apply(function, args)``."""

_WHEN_STARTED = frozenset({"Process", "Thread"})
_LATER = frozenset({"ProcessPoolExecutor", "DataLoader"})
"""Callees that only keep it, and start processes when they have something to do."""


def called_name(call: cst.Call) -> str:
    """The last part of the name of what is called."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")


def is_sent_in_time(statement: TopLevelStatement, use: cst.CSTNode, variable: Variable | None) -> bool:
    """Whether a use calls the function, or hands it to something that takes it before a variable changes again.

    ``None`` stands for what may change at any time, such as an attribute.
    """
    parent = statement.parents.get(use)
    if isinstance(parent, cst.Call):
        return parent.func is use
    call = statement.parents.get(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = called_name(call)
    if name in _WHEN_STARTED:
        return _is_started(statement, call, variable) or _stays(statement, call, variable)
    return name in _AT_ONCE or (name in _LATER and _stays(statement, call, variable))


def is_sent(statement: TopLevelStatement, use: cst.CSTNode) -> bool:
    """Whether a use calls the function, or hands it to what only sends it to a process."""
    parent = statement.parents.get(use)
    if isinstance(parent, cst.Call):
        return parent.func is use
    call = statement.parents.get(parent) if isinstance(parent, cst.Arg) else None
    return isinstance(call, cst.Call) and called_name(call) in _AT_ONCE | _WHEN_STARTED | _LATER


def is_called_by_position(call: cst.Call) -> bool:
    """Whether a pool or executor gives no keyword arguments to the function that a call sends it."""
    name = called_name(call)
    if name in _MAPS:
        return True
    if name in {"apply", "apply_async"}:
        plain = [argument for argument in call.args if argument.keyword is None]
        keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
        stars = any(argument.star for argument in call.args)
        return not stars and len(plain) <= _BEFORE_KEYWORDS and "kwds" not in keywords
    if name in {"submit", "run_in_executor"}:
        return all(argument.keyword is None and argument.star != "**" for argument in call.args)
    return False


def _is_started(statement: TopLevelStatement, call: cst.Call, variable: Variable | None) -> bool:
    """``Process(...).start()``, or ``p = Process(...)`` and further down ``p.start()``."""
    holder = statement.parents.get(call)
    if isinstance(holder, cst.Attribute) and holder.attr.value == "start":
        return True
    line = statement.parents.get(holder) if holder is not None else None
    if not isinstance(holder, cst.Assign) or len(holder.targets) != 1 or not isinstance(line, cst.SimpleStatementLine):
        return False
    name = statement.source(holder.targets[0].target)
    block = statement.parents.get(line)
    if len(line.body) != 1 or not isinstance(block, cst.IndentedBlock):
        return False
    for following in block.body[block.body.index(line) + 1 :]:
        if _starts(statement, following, name):
            return True
        if variable is None or _may_rebind(statement, following, variable):
            return False
    return False


def _starts(statement: TopLevelStatement, line: cst.CSTNode, name: str) -> bool:
    first = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    call = first.value if isinstance(first, cst.Expr) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or call.func.attr.value != "start":
        return False
    return statement.source(call.func.value) == name


def _may_rebind(statement: TopLevelStatement, line: cst.CSTNode, variable: Variable) -> bool:
    """Whether a variable may have another value after a line; an inner function may bind it at any time."""
    return any(
        binding.scope is not variable.owner or is_below(statement, binding.node, line) for binding in variable.bindings
    )


def _stays(statement: TopLevelStatement, call: cst.Call, variable: Variable | None) -> bool:
    """Whether nothing binds a variable any more behind a call, or in a loop around both."""
    if variable is None:
        return False
    order = statement.order
    for binding in variable.bindings:
        if binding.scope is not variable.owner or order[binding.node] > order[call]:
            return False
        if binding.kind is not BindingKind.PARAMETER and _share_loop(statement, call, binding.node):
            return False
    return True


def _share_loop(statement: TopLevelStatement, call: cst.CSTNode, binding: cst.CSTNode) -> bool:
    current = statement.parents.get(call)
    while current is not None:
        loops = isinstance(current, (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp))
        if loops and is_below(statement, binding, current):
            return True
        current = statement.parents.get(current)
    return False

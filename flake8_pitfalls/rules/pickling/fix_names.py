"""Names for what moves to module level.

Fixes of the same pass don't know each other. So the names are dealt out by the place in the module: of all functions
called ``work`` the first one keeps its name, one in another function ``g`` becomes ``_g_work``.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Movable, Variable
from flake8_pitfalls.rules.pickling.fix_factories import has_factory
from flake8_pitfalls.rules.pickling.hoist_place import fresh_name, is_taken
from flake8_pitfalls.rules.pickling.lambda_operators import has_operator
from flake8_pitfalls.rules.pickling.started import is_called_by_position
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement

_TASKS = frozenset(
    {
        *("map", "imap", "imap_unordered", "starmap", "apply", "map_async", "starmap_async", "apply_async", "submit"),
        *("run_in_executor", "process_map", "delayed"),
    }
)


def definition_name(statement: TopLevelStatement, node: Movable, variable: Variable, *, keep: bool) -> str:
    """The name of a function or class at module level: its own one, if ``keep`` allows it and nothing else has it."""
    name = variable.name
    parent = variable.owner.parent
    outer = parent.lookup(name) if parent is not None else None
    is_hidden = outer is not None and outer.kind is not ScopeKind.MODULE
    line = statement.line(node.name if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else node)
    twins = _twins(statement.module, name)
    here = _outer(statement, node)
    own = None if is_taken(statement, name) else name
    found = _dealt(statement, twins.before(line, here), own, name)
    if found != name or (keep and not is_hidden):
        return found
    return _dealt(statement, twins.before(None, here), own, name)


@dataclass(frozen=True)
class _Claim:
    """A thing that wants a name, among all that want the same one."""

    around: str
    rank: int
    """How many before it have the same around them."""
    like_first: bool
    """Whether the first of all has the same around it."""


class _Twins:
    """The local definitions of one name: what is around each, in the order of the tree, and their lines."""

    def __init__(self) -> None:
        self.first: tuple[str, int] | None = None
        self.lines: dict[str, list[int]] = {}

    def add(self, around: str, line: int) -> None:
        """Note the next one."""
        self.first = self.first or (around, line)
        self.lines.setdefault(around, []).append(line)

    def before(self, line: int | None, here: str) -> _Claim:
        """The claim of what stands on a line in ``here``; ``None`` is the line behind all others."""
        lines = self.lines.get(here, [])
        rank = len(lines) if line is None else bisect_left(lines, line)
        first = self.first if self.first is not None and (line is None or self.first[1] < line) else None
        return _Claim(here, rank, first is None or first[0] == here)


def _twins(module: SourceModule, name: str) -> _Twins:
    if "local definitions" not in module.memo:
        index: dict[str, _Twins] = {}
        for around, found, line in _local_definitions(module.tree):
            index.setdefault(found, _Twins()).add(around, line)
        module.memo["local definitions"] = index
    known: dict[str, _Twins] = module.memo["local definitions"]
    return known.get(name) or _Twins()


def _local_definitions(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """The functions, classes and assigned values in functions: what is around them, their names and lines."""
    stack: list[tuple[ast.AST, str]] = [(node, "") for node in reversed(tree.body)]
    while stack:
        node, around = stack.pop()
        inner = around
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if around:
                yield around, node.name, node.lineno
            inner = _shown(node.name, around)
        elif around and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield around, node.targets[0].id, node.lineno
        stack.extend((child, inner) for child in reversed(list(ast.iter_child_nodes(node))))


def _shown(name: str, around: str) -> str:
    """How a function or class appears in the names of what was in it; a constructor appears as its class."""
    return around if name == "__init__" and around else name.strip("_") or "function"


def _outer(statement: TopLevelStatement, node: cst.CSTNode) -> str:
    names: list[str] = []
    current = statement.parents.get(node)
    while current is not None:
        if isinstance(current, (cst.FunctionDef, cst.ClassDef)):
            names.append(current.name.value)
        current = statement.parents.get(current)
    around = ""
    for name in reversed(names):
        around = _shown(name, around)
    return around


def _dealt(statement: TopLevelStatement, claim: _Claim, own: str | None, name: str) -> str:
    """The name of the last of some things that want the same one."""
    base = name.strip("_") or "function"
    if not claim.like_first:
        return fresh_name(statement, f"_{claim.around or 'module'}_{base}", claim.rank)
    if own is None:
        return fresh_name(statement, f"_{base}", claim.rank)
    return own if claim.rank == 0 else fresh_name(statement, f"_{base}", claim.rank - 1)


def lambda_name(statement: TopLevelStatement, node: cst.Lambda) -> str:
    """A name for a lambda that has none, from where it stands."""
    module = statement.module
    if "lambdas" not in module.memo:
        module.memo["lambdas"] = _Lambdas(module)
    lambdas: _Lambdas = module.memo["lambdas"]
    return _dealt(statement, lambdas.claim(node), None, _wanted(statement, node))


class _Lambdas:
    """What the lambdas of a module claim, found out statement by statement."""

    def __init__(self, module: SourceModule) -> None:
        self._statements = iter(module.statements)
        self._claims: dict[cst.Lambda, _Claim] = {}
        self._first: dict[str, str] = {}
        self._count: Counter[tuple[str, str]] = Counter()

    def claim(self, node: cst.Lambda) -> _Claim:
        """What one of them claims."""
        while node not in self._claims:
            self._add(next(self._statements))
        return self._claims[node]

    def _add(self, statement: TopLevelStatement) -> None:
        if not re.search(r"\blambda\b", statement.text):
            return
        for node in walk(statement.tree):
            if isinstance(node, cst.Lambda):
                wanted, around = _wanted(statement, node), _outer(statement, node)
                key = wanted, around
                self._claims[node] = _Claim(around, self._count[key], self._first.get(wanted, around) == around)
                if not _needs_no_name(statement, node):
                    self._first.setdefault(wanted, around)
                    self._count[key] += 1


def _wanted(statement: TopLevelStatement, node: cst.Lambda) -> str:
    parent = statement.parents.get(node)
    if isinstance(parent, cst.Arg):
        if parent.keyword is not None:
            return f"_{parent.keyword.value.strip('_')}"
        call = statement.parents.get(parent)
        return _by_callee(call.func) if isinstance(call, cst.Call) else "_function"
    if isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
        target = parent.targets[0].target if isinstance(parent, cst.Assign) else parent.target
        if isinstance(target, cst.Attribute):
            return f"_{target.attr.value.strip('_')}"
        if isinstance(target, cst.Name):
            return f"_{target.value.strip('_')}"
    if isinstance(parent, cst.DictElement) and isinstance(parent.key, cst.SimpleString):
        text = parent.key.raw_value
        if text.isidentifier():
            return f"_{text.strip('_')}"
    return "_function"


def _needs_no_name(statement: TopLevelStatement, node: cst.Lambda) -> bool:
    """Whether a lambda is replaced by something that exists, if it is at all."""
    argument = statement.parents.get(node)
    call = statement.parents.get(argument) if argument is not None else None
    if not isinstance(call, cst.Call) or not call.args or call.args[0] is not argument:
        return False
    if _by_callee(call.func) == "_task":
        return has_operator(statement, node) and is_called_by_position(call)
    return has_factory(statement, node)


def _by_callee(callee: cst.BaseExpression) -> str:
    name = callee.attr.value if isinstance(callee, cst.Attribute) else getattr(callee, "value", "")
    if name in _TASKS:
        return "_task"
    if name == "Process":
        return "_target"
    return "_default" if name == "defaultdict" else "_function"

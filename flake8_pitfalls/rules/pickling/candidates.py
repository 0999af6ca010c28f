"""What of a module may hold a PIT4xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.page import CALL, Page
from flake8_pitfalls.rules.pickling.declares import OPAQUE, TYPE_MAKERS
from flake8_pitfalls.semantics.syntax import own_nodes, walk

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_POOLS = (
    *("map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async", "apply", "apply_async"),
    *("put", "put_nowait", "send", "Process", "Pool", "register"),
)
_MANAGERS = (*("dict", "list", "Namespace", "Value", "append", "extend", "insert", "update", "setdefault", "set"),)
_CALLS: dict[str, tuple[str, ...]] = {
    "ickle": ("dump", "dumps"),
    "shelve": ("update", "setdefault"),
    "multiprocessing": _POOLS,
    "billiard": _POOLS,
    "ProcessPoolExecutor": ("submit", "map", "run_in_executor", "ProcessPoolExecutor"),
    "joblib": ("dump", "hash", "delayed", "Parallel"),
    "torch": ("save", "DataLoader", "spawn", "start_processes"),
    "process_map": ("process_map",),
    "sklearn": ("Pipeline", "make_pipeline"),
}
"""For each piece of text, the names of what pickles in a file that mentions it."""
_MODULES = re.compile(
    r"(?:^|[:;])[ \t]*(?:from|import)[ \t].*?"
    r"(?:multiprocessing|concurrent|[pP]ickle|shelve|joblib|billiard|torch|tqdm|sklearn)",
    re.MULTILINE,
)
"""What a file has to import."""
_MANAGING = re.compile(r"\bManager\b|\bSyncManager\b|\b(?:Dict|List|Namespace|Value)Proxy\b")
"""What a file mentions that uses the proxies of a manager."""
_MAKERS = frozenset(name.rpartition(".")[2] for name in TYPE_MAKERS)
_MAKES_TYPES = tuple(
    re.compile(pattern)
    for pattern in (*(rf"{name}(?:\s*\(|\s+as\b)" for name in sorted(_MAKERS - {"type"})), r"type\s*\(\s*[rRuU]?['\"]")
)


_PLAIN = frozenset({"dump", "dumps"})
_BINDING = frozenset(
    {
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Import, ast.ImportFrom),
        *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping, ast.Global, ast.Nonlocal),
    }
)
"""What may bind a name other than by an ``ast.Name``, or change what one means."""


class Vocabulary(NamedTuple):
    """By what names a module may pickle."""

    calls: frozenset[str]
    """The last names of what is called."""
    items: bool
    """Whether ``shelf["key"] = value`` may be one of those."""
    attributes: bool
    """Whether ``namespace.name = value`` may be one of those."""
    joblib: bool
    """Whether what is called may be a ``Parallel``."""
    anything: bool
    """Whether any function may hash its arguments."""

    def __bool__(self) -> bool:
        return bool(self.calls)


_NOTHING = Vocabulary(frozenset(), items=False, attributes=False, joblib=False, anything=False)


def vocabulary(text: str, statements: Iterable[ast.AST]) -> Vocabulary:
    """By what names a module may pickle; ``statements`` holds its imports, assignments and classes."""
    if not any(word in text for word in _CALLS) or _MODULES.search(text) is None or OPAQUE.search(text) is not None:
        return _NOTHING
    names = {name for word, calls in _CALLS.items() if word in text for name in calls}
    manages = _MANAGING.search(text) is not None
    if manages:
        names.update(_MANAGERS)
    if names:
        names |= _other_names(names, list(statements))
    return Vocabulary(
        frozenset(names),
        items=manages or "shelve" in text,
        attributes=manages and ("Namespace" in text or "Value" in text),
        joblib="joblib" in text,
        anything="joblib" in text and "Memory" in text,
    )


def _other_names(names: set[str], statements: list[ast.AST]) -> set[str]:
    """Aliases of what pickles, and subclasses of it."""
    found: set[str] = set()
    size = -1
    while size != len(found):
        size = len(found)
        known = names | found
        for node in statements:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                found.update(alias.asname for alias in node.names if alias.asname and alias.name in known)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and _terminal(node.value) in known:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(_terminal(target) for target in targets)
            elif isinstance(node, ast.ClassDef) and any(_terminal(base) in known for base in node.bases):
                found.update({node.name, "__init__"})
    return found


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    words = vocabulary(page.text, page.statements)
    if words.anything:
        yield from (node.lineno for node in page.tree.body)
    elif words:
        yield from _calling(page, words)
        yield from page.lines(_assignments(words))
    if (options is None or options.asks_for("PIT403")) and makes_types(page.text):
        yield from _misnamed(page.statements)


def makes_types(text: str) -> bool:
    """Whether a module may make types by calls."""
    return any(pattern.search(text) is not None for pattern in _MAKES_TYPES)


def _calling(page: Page, words: Vocabulary) -> Iterator[int]:
    """The statements that call something by one of the names, and don't just mention it or define it."""
    patterns = (rf"{name}(?<!\w{name})\b{CALL}" for name in words.calls)
    plain = words.calls <= _PLAIN
    bound: dict[ast.AST, frozenset[str] | None] = {}
    for statement in page.innermost(page.lines(patterns)):
        calls = [node for node in own_nodes(statement) if node.__class__ is ast.Call]
        named = [call for call in calls if _terminal(call.func) in words.calls]
        if not all(plain and _is_parameter(page, statement, call, bound) for call in named):
            yield statement.lineno


def _is_parameter(page: Page, statement: ast.stmt, call: ast.Call, bound: dict[ast.AST, frozenset[str] | None]) -> bool:
    """Whether ``pickle.dump`` gets a parameter of the function around, of which nothing is known.

    ``bound`` keeps what each function binds.
    """
    value = call.args[0] if call.args else None
    around = page.function_around(statement)
    if around is None or not isinstance(value, ast.Name):
        return False
    every = around.args
    parameters = [*every.posonlyargs, *every.args][1 if around.col_offset else 0 :]
    with_default = parameters[len(parameters) - len(every.defaults) :] if every.defaults else []
    unknown = {one.arg for one in parameters if one not in with_default and one.annotation is None}
    if value.id not in unknown:
        return False
    if around not in bound:
        bound[around] = _bound_in(around)
    names = bound[around]
    return names is not None and value.id not in names


def _bound_in(function: ast.AST) -> frozenset[str] | None:
    """The variables that a function assigns; ``None`` if it may bind some in other ways."""
    found: set[str] = set()
    for node in walk(function):
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                found.add(node.id)
        elif node.__class__ in _BINDING and node is not function:
            return None
    return frozenset(found)


def _assignments(words: Vocabulary) -> Iterator[str]:
    if words.items:
        yield r"\][\s\\)]*=(?!=)"
    if words.attributes:
        yield r"\.[\s\\]*\w+[\s\\)]*=(?!=)"


def _misnamed(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """The assignments that may give a type another name than its own."""
    makers = _MAKERS | _other_names(set(_MAKERS), list(statements))
    in_classes = {id(line) for node in statements if isinstance(node, ast.ClassDef) for line in _lines_of(node)}
    for node in statements:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
            continue
        call = node.value
        if _terminal(call.func) in makers:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            values = [*call.args[:1], *(keyword.value for keyword in call.keywords)]
            names = [value.value for value in values if isinstance(value, ast.Constant)]
            if names != [_terminal(target)] or id(node) in in_classes:
                yield node.lineno


def _lines_of(node: ast.ClassDef) -> Iterator[ast.stmt]:
    """The statements of a class body, also those under ``if`` and the like."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        line = stack.pop()
        if isinstance(line, ast.stmt):
            yield line
        if not isinstance(line, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            stack.extend(ast.iter_child_nodes(line))


def _terminal(node: ast.expr | None) -> str:
    """``Pool`` of ``multiprocessing.Pool``; nothing for other expressions."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""

"""What of a module may hold a PIT4xx pitfall, told from flake8's ``ast``. This module must not import LibCST."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.page import CALL, Page, imported_names
from flake8_pitfalls.rules.pickling.declares import OPAQUE, TYPE_MAKERS
from flake8_pitfalls.rules.pickling.screened_syntax import terminal

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
_IMPORTS: dict[str, tuple[str, ...]] = {
    "ickle": ("ickle", "six"),
    "multiprocessing": ("multiprocessing", "torch"),
    "ProcessPoolExecutor": ("concurrent", "futures"),
    "joblib": ("joblib", "sklearn"),
    "process_map": ("tqdm",),
}
"""For each of them, parts of what such a file imports, if that isn't the same."""
_CACHE = re.compile(r"\.[\s\\]*cache\b")
"""The method of a ``joblib.Memory`` that makes functions which hash their arguments."""
_WITH_MANAGERS = frozenset({"multiprocessing", "billiard"})
_NAMING = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.ClassDef)
_MANAGING = re.compile(r"\bManager\b|\bSyncManager\b|\b(?:Dict|List|Namespace|Value)Proxy\b")
"""What a file mentions that uses the proxies of a manager."""
_MAKERS = frozenset(name.rpartition(".")[2] for name in TYPE_MAKERS)
_MAKES_TYPES = tuple(
    re.compile(pattern)
    for pattern in (*(rf"{name}(?:\s*\(|\s+as\b)" for name in sorted(_MAKERS - {"type"})), r"type\s*\(\s*[rRuU]?['\"]")
)


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
    aliases: frozenset[str] = frozenset()
    """Those of the names that the module gives to what pickles, or to what derives from it."""

    def __bool__(self) -> bool:
        return bool(self.calls)


_NOTHING = Vocabulary(frozenset(), items=False, attributes=False, joblib=False, anything=False)


def vocabulary(text: str, statements: Iterable[ast.AST]) -> Vocabulary:
    """By what names a module may pickle; ``statements`` holds its imports, assignments and classes."""
    mentioned = {word for word in _CALLS if word in text}
    naming = list(statements) if mentioned else []
    imported = " ".join(imported_names(naming))
    words = {word for word in mentioned if any(part in imported for part in _IMPORTS.get(word, (word,)))}
    if not words or OPAQUE.search(text) is not None:
        return _NOTHING
    names = {name for word in words for name in _CALLS[word]}
    if "BaseManager" not in text and "SyncManager" not in text:
        names.discard("register")
    manages = not words.isdisjoint(_WITH_MANAGERS) and _MANAGING.search(text) is not None
    if manages:
        names.update(_MANAGERS)
    aliases = _other_names(names, naming) if names else set()
    return Vocabulary(
        frozenset(names | aliases),
        items=manages or "shelve" in words,
        attributes=manages and ("Namespace" in text or "Value" in text),
        joblib="joblib" in words,
        anything="joblib" in words and "Memory" in text and _CACHE.search(text) is not None,
        aliases=frozenset(aliases),
    )


def _other_names(names: set[str], statements: list[ast.AST]) -> set[str]:
    """Aliases of what pickles, and subclasses of it."""
    renamings: list[tuple[str, set[str]]] = []
    for node in statements:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            renamings += [(alias.name, {alias.asname}) for alias in node.names if alias.asname]
        elif isinstance(node, ast.ClassDef):
            renamings += [(terminal(base), {node.name, "__init__"}) for base in node.bases]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and terminal(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            renamings.append((terminal(node.value), {terminal(target) for target in targets}))
    found: set[str] = set()
    size = -1
    while size != len(found):
        size = len(found)
        for name, others in renamings:
            if name in names or name in found:
                found |= others
    return found - {""}


def candidate_lines(page: Page, options: Options | None) -> Iterator[int]:
    """The lines of what may be a pitfall."""
    words = vocabulary(page.text, chain.from_iterable(map(page.of, _NAMING)))
    if words:
        yield from _calling(page, words)
    if (options is None or options.asks_for("PIT403")) and makes_types(page.text):
        yield from _misnamed(page.statements)


def makes_types(text: str) -> bool:
    """Whether a module may make types by calls."""
    return any(pattern.search(text) is not None for pattern in _MAKES_TYPES)


def _calling(page: Page, words: Vocabulary) -> Iterator[int]:
    """The statements that call something by one of the names, or store something, that may not be pickled."""
    from flake8_pitfalls.rules.pickling.screened_sinks import ScreenedSinks

    sinks = ScreenedSinks(page, words)
    patterns = (rf"{name}(?<!\w{name})\b{CALL}" for name in words.calls)
    for statement in page.statements if words.anything else page.innermost(page.lines(patterns)):
        if sinks.may_fail(statement):
            yield statement.lineno
    storing = ((ast.Subscript, words.items), (ast.Attribute, words.attributes))
    kinds = {kind for kind, is_looked_at in storing if is_looked_at}
    for assignment in page.of(ast.Assign) if kinds else ():
        assert isinstance(assignment, ast.Assign)
        if any(target.__class__ in kinds for target in assignment.targets) and sinks.may_be_stored(assignment):
            yield assignment.lineno


def _misnamed(statements: Sequence[ast.stmt]) -> Iterator[int]:
    """The assignments that may give a type another name than its own."""
    makers = _MAKERS | _other_names(set(_MAKERS), list(statements))
    in_classes = {id(line) for node in statements if isinstance(node, ast.ClassDef) for line in _lines_of(node)}
    for node in statements:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(node.value, ast.Call):
            continue
        call = node.value
        if terminal(call.func) in makers:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            values = [*call.args[:1], *(keyword.value for keyword in call.keywords)]
            names = [value.value for value in values if isinstance(value, ast.Constant)]
            if names != [terminal(target)] or id(node) in in_classes:
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

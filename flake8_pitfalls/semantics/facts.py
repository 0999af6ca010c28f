"""What a module binds, imports and defines at its top level, read from flake8's ``ast``."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flake8_pitfalls.semantics.syntax import BLOCKS, statements, walk

_GLOBAL = re.compile(r"global\b")
_BUILTINS = frozenset(dir(builtins))

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class TopLevelBinding:
    """One statement, or part of one, that binds a module-level name."""

    node: ast.AST
    """The alias, definition, assignment or other statement."""
    value: ast.expr | None
    """What an ordinary assignment to the bare name assigns."""
    repeated: bool
    """Whether the statement stands in a loop."""


class ModuleFacts:
    """The names of a module's global scope."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self._tree = tree
        self._text = text
        self._imports: dict[str, tuple[list[str], bool]] = {}
        self._imported_by: dict[ast.AST, dict[str, str]] = {}

    @cached_property
    def bindings(self) -> dict[str, list[TopLevelBinding]]:
        """Every binding of every module-level name, in source order."""
        found: dict[str, list[TopLevelBinding]] = {}
        for name, binding in _bindings(self._tree, ":=" in self._text):
            found.setdefault(name, []).append(binding)
        return found

    @cached_property
    def rebound_by_functions(self) -> frozenset[str]:
        """Names that some function declares ``global`` and binds."""
        if not _GLOBAL.search(self._text):
            return frozenset()
        return frozenset(name for function in _outermost_definitions(self._tree) for name in _rebound_by(function))

    @cached_property
    def has_future_annotations(self) -> bool:
        """Whether annotations are never evaluated (PEP 563)."""
        return any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" and "annotations" in dict(_imported(node))
            for node in self._tree.body
        )

    def single_binding(self, name: str, *, but_augmented: bool = False) -> TopLevelBinding | None:
        """The one binding of a name that nothing rebinds, in a loop or as a ``global``.

        ``but_augmented`` leaves ``x += ...`` out of account: it changes a list, and binds the name to the same one.
        """
        bindings = self.bindings.get(name, [])
        if but_augmented:
            bindings = [binding for binding in bindings if not isinstance(binding.node, ast.AugAssign)]
        if len(bindings) != 1 or bindings[0].repeated or name in self.rebound_by_functions:
            return None
        return bindings[0]

    def single_definition(self, name: str) -> Definition | None:
        """The function or class that a name always means."""
        binding = self.single_binding(name)
        node = binding.node if binding else None
        return node if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else None

    def origin(self, name: str) -> str | None:
        """The dotted name that a module-level name stands for: its import, what it's an alias of, or a builtin.

        ``dq`` is ``collections.deque`` after ``from collections import deque as dq``. ``None`` if the module gives
        the name another meaning.
        """
        return self._origin(name, frozenset())

    def imports(self, name: str) -> frozenset[str]:
        """Everything that the module imports under a name: ``try: import cPickle as pickle`` and what comes after."""
        return frozenset(self._find_imports(name)[0])

    def _find_imports(self, name: str) -> tuple[list[str], bool]:
        """The dotted names that a name is imported from, and whether it's defined too."""
        nodes = [binding.node for binding in self.bindings.get(name, ())]
        imported = [origin for node in nodes if (origin := self._imported(node, name))]
        return imported, any(isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) for n in nodes)

    def _origin(self, name: str, seen: frozenset[str]) -> str | None:
        bindings = self.bindings.get(name)
        if not bindings:
            return f"builtins.{name}" if name in _BUILTINS else None
        if name not in self._imports:
            self._imports[name] = self._find_imports(name)
        imported, defined = self._imports[name]
        if imported:
            return None if defined else imported[0]  # `try: import x / except ImportError: x = None` means the import.
        value = bindings[0].value
        if len(bindings) == 1 and value is not None and name not in seen:
            return self._dotted(value, seen | {name})
        return None

    def _dotted(self, value: ast.expr, seen: frozenset[str]) -> str | None:
        if isinstance(value, ast.Name):
            return self._origin(value.id, seen)
        if isinstance(value, ast.Attribute):
            base = self._dotted(value.value, seen)
            return f"{base}.{value.attr}" if base else None
        return None

    def _imported(self, node: ast.AST, name: str) -> str | None:
        """What an import binds a name to."""
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            return None
        if node not in self._imported_by:
            self._imported_by[node] = dict(reversed([*_imported(node)]))  # The first one counts.
        return self._imported_by[node].get(name)

    def dotted(self, value: ast.expr) -> str | None:
        """The dotted name of an expression at module level, through imports and aliases."""
        return self._dotted(value, frozenset())


def _outermost_definitions(tree: ast.Module) -> Iterator[Definition]:
    """The functions and classes that stand in no other one."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node
        else:
            for name in BLOCKS.get(node.__class__, ()):
                stack.extend(getattr(node, name))


def _rebound_by(function: Definition) -> Iterator[str]:
    declared = {name for node in statements(function) if isinstance(node, ast.Global) for name in node.names}
    if declared:
        for node in walk(function):
            yield from (name for name, _ in _bound_by(node) if name in declared)


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import binds, and what it binds them to."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"
        elif alias.asname is None:
            root = alias.name.partition(".")[0]
            yield root, root
        else:
            yield alias.asname, alias.name


def _bindings(tree: ast.Module, in_expressions: bool) -> Iterator[tuple[str, TopLevelBinding]]:
    """The bindings of names, also those by ``:=`` if there are any ``in_expressions``."""
    stack: list[tuple[ast.AST, bool]] = [(node, False) for node in reversed(tree.body)]
    while stack:
        node, repeated = stack.pop()
        if not in_expressions and isinstance(node, ast.expr):
            continue
        for name, value in _bound_by(node):
            yield name, TopLevelBinding(node, value, repeated)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            stack.extend((part, repeated) for part in reversed(_evaluated_outside(node)))
            continue
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            stack.extend((walrus, True) for walrus in ast.walk(node) if isinstance(walrus, ast.NamedExpr))
            continue
        looping = repeated or isinstance(node, (ast.For, ast.AsyncFor, ast.While))
        stack.extend((child, looping) for child in reversed(list(ast.iter_child_nodes(node))))


def _evaluated_outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda) -> list[ast.expr]:
    """The expressions of a definition that belong to the scope around it: decorators, defaults, bases."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    return defaults if isinstance(node, ast.Lambda) else [*node.decorator_list, *defaults]


def _bound_by(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    """The names that a node itself binds, with the value where an assignment binds the bare name."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield (alias.asname or alias.name.partition(".")[0]), None
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            for name in _stored(target):
                yield name, node.value if isinstance(target, ast.Name) else None
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        if isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
    elif (bare := _bare_name(node)) is not None:
        yield bare, None
    else:
        for target in _targets(node):
            yield from ((name, None) for name in _stored(target))


def _bare_name(node: ast.AST) -> str | None:
    """The name that a node holds as a plain string."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return node.name
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, (ast.AugAssign, ast.For, ast.AsyncFor)):
        return [node.target]
    if isinstance(node, ast.withitem):
        return [node.optional_vars] if node.optional_vars is not None else []
    return node.targets if isinstance(node, ast.Delete) else []


def _stored(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id

"""Which statements may send something that can't be pickled: what the screen of PIT4xx knows of what pickles.

This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from flake8_pitfalls.rules.pickling.screened_names import Names
from flake8_pitfalls.rules.pickling.screened_objects import ScreenedObjects, Search, Task
from flake8_pitfalls.rules.pickling.screened_syntax import terminal
from flake8_pitfalls.semantics.syntax import own_nodes

if TYPE_CHECKING:
    from flake8_pitfalls.rules.page import Page
    from flake8_pitfalls.rules.pickling.candidates import Vocabulary

_OF_ONE_OBJECT = frozenset({"dump", "dumps", "hash", "save"})
_OBJECTS = frozenset({"obj", "value"})
_MAPS = frozenset({"map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async", "process_map"})
_TASKS = _MAPS | {"apply", "apply_async", "submit", "run_in_executor", "delayed"}
"""Calls that give back what a function of the module gives."""
_POOLS = frozenset({"Pool", "ProcessPoolExecutor"})
_INITIAL = frozenset({"initializer", "initargs"})
_STARTING = frozenset({"Process", *_POOLS, "DataLoader", "spawn", "start_processes", "register"})
_ITERATED_BY_PROCESS = frozenset({"args", "kwargs"})
_BEFORE_ARGS = 3
"""``Process(group, target, name, args, kwargs)``."""
_FUNCTIONS = frozenset({"func", "fn", "function"})


class ScreenedSinks:
    """Judges the statements of a module that may pickle."""

    def __init__(self, page: Page, words: Vocabulary) -> None:
        self._page = page
        self._words = words

    @cached_property
    def _objects(self) -> ScreenedObjects:
        return ScreenedObjects(Names(self._page))

    def may_fail(self, statement: ast.stmt) -> bool:
        """Whether what a statement calls may get something that can't be pickled."""
        parts = list(own_nodes(statement))
        calls = [part for part in parts if part.__class__ is ast.Call]
        passed: dict[bool, list[Task]] = {False: [], True: []}
        for call in calls:
            assert isinstance(call, ast.Call)
            name = terminal(call.func)
            if name in self._words.calls:
                starts = name == "__init__" or (name in _STARTING and name not in self._words.aliases)
                passed[starts or self._makes_instance(call)] += _not_constant(self._passed(call, name))
            if self._words.joblib:
                passed[False] += _not_constant(self._passed_to_joblib(call))
        return self._may_one_fail(passed, parts)

    def may_be_stored(self, statement: ast.Assign) -> bool:
        """Whether an assignment may store something that can't be pickled."""
        passed = {False: list(_not_constant([(Search.value, statement.value)]))}
        return self._may_one_fail(passed, own_nodes(statement))

    def _may_one_fail(self, passed: dict[bool, list[Task]], parts: Iterable[ast.AST]) -> bool:
        if not any(passed.values()):
            return False
        for part in parts:
            self._objects.meanings.note_clauses(part)
        return any(self._objects.may_fail(tasks, started=started) for started, tasks in passed.items())

    def _makes_instance(self, call: ast.Call) -> bool:
        """Whether a call makes an instance of a class of the module, which is a process or the like."""
        return isinstance(call.func, ast.Name) and call.func.id in self._objects.names.classes

    def _passed(self, call: ast.Call, name: str) -> Iterator[Task]:
        """What to ask about the objects that a call may pickle."""
        function = call.func
        if isinstance(function, ast.Name) and self._is_builtin(function):
            return
        if name in self._words.aliases:
            values: list[ast.expr] = list(_arguments(call))
            yield from ((Search.value, value) for value in (call, *values))
            yield from ((Search.worker, value) for value in values)
            return
        yield from _OF_CALLS.get(name, _any_arguments)(call)
        if name in _TASKS:
            functions = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in _FUNCTIONS)]
            yield from ((Search.worker, value) for value in functions)

    def _passed_to_joblib(self, call: ast.Call) -> Iterator[Task]:
        function = call.func
        if isinstance(function, ast.Call):
            # `Parallel(n_jobs=2)(delayed(work)(item) for item in items)`, `memory.cache(work)(item)`
            ask = Search.elements if terminal(function.func) == "Parallel" else Search.value
            yield from ((ask, value) for value in _arguments(call))
        elif self._words.anything and isinstance(function, ast.Name) and not self._is_builtin(function):
            # `cached(item)`, where `cached` is a function of `Memory.cache`.
            yield from _any_arguments(call)

    def _is_builtin(self, function: ast.Name) -> bool:
        names = self._objects.names
        return names.is_builtin(function.id, names.place_of(function))


def _not_constant(tasks: Iterable[Task]) -> Iterator[Task]:
    return (task for task in tasks if task[1].__class__ is not ast.Constant)


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call; what is unpacked isn't known."""
    yield from (value for value in call.args if not isinstance(value, ast.Starred))
    yield from (keyword.value for keyword in call.keywords if keyword.arg is not None)


def _any_arguments(call: ast.Call) -> Iterator[Task]:
    return ((Search.value, value) for value in _arguments(call))


def _one_object(call: ast.Call) -> Iterator[Task]:
    """``pickle.dump(value, file)``."""
    named = (keyword.value for keyword in call.keywords if keyword.arg in _OBJECTS)
    return ((Search.value, value) for value in (*call.args[:1], *named) if not isinstance(value, ast.Starred))


def _mapped(call: ast.Call) -> Iterator[Task]:
    """``pool.map(work, items)``."""
    for value in _arguments(call):
        yield (Search.value if value is call.args[0] else Search.elements) if call.args else Search.value, value


def _of_executor(call: ast.Call) -> Iterator[Task]:
    """``loop.run_in_executor(executor, work, item)``."""
    executor = [keyword.value for keyword in call.keywords if keyword.arg == "executor"] or call.args[:1]
    return ((Search.value, value) for value in _arguments(call) if value not in executor)


def _initial(call: ast.Call) -> Iterator[Task]:
    """``Pool(2, initializer, initargs)``."""
    named = (keyword.value for keyword in call.keywords if keyword.arg in _INITIAL)
    return ((Search.value, value) for value in (*call.args[1:], *named) if not isinstance(value, ast.Starred))


def _of_process(call: ast.Call) -> Iterator[Task]:
    """``Process(target=work, args=items)``."""
    iterated = [*call.args[_BEFORE_ARGS:], *(each.value for each in call.keywords if each.arg in _ITERATED_BY_PROCESS)]
    return ((Search.elements if value in iterated else Search.value, value) for value in _arguments(call))


def _of_pipeline(call: ast.Call) -> Iterator[Task]:
    """``Pipeline(steps, memory=...)``."""
    return _any_arguments(call) if any(keyword.arg == "memory" for keyword in call.keywords) else iter(())


_OF_CALLS = {
    **dict.fromkeys(_OF_ONE_OBJECT, _one_object),
    **dict.fromkeys(_MAPS, _mapped),
    **dict.fromkeys(_POOLS, _initial),
    **dict.fromkeys(("Pipeline", "make_pipeline"), _of_pipeline),
    "Process": _of_process,
    "Parallel": lambda _: iter(()),
    "run_in_executor": _of_executor,
}
"""What calls by some names may pickle; by others it may be any argument."""

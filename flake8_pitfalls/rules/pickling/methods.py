"""The arguments that calls of known functions and methods pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import libcst as cst

from flake8_pitfalls.rules.pickling.kinds import Kind, Receiver, Start
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.rules.pickling.syntax import argument, is_none, passed_argument
from flake8_pitfalls.rules.pickling.uses import Use
from flake8_pitfalls.rules.pickling.via import Via

_MAPS = frozenset({"map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async"})
_APPLIES = frozenset({"apply", "apply_async"})
_PUTS = frozenset({"put", "put_nowait"})
_Finder = Callable[[cst.Call, str, Receiver], Iterator[Use]]


def function_passed(
    node: cst.Call,
    place: int,
    keyword: str,
    role: Role,
    api: str,
    via: Via,
    start: Start | None,
    *,
    returns: bool = False,
) -> Iterator[Use]:
    """A function that a call is given."""
    passed = passed_argument(node, place, keyword)
    if passed is not None and not is_none(passed.value):
        yield Use(node, passed.value, role, api, via, passed, start, returns=returns)


def task_passed(node: cst.Call, place: int, keyword: str, api: str) -> Iterator[Use]:
    """A function that a worker which runs already is to run."""
    yield from function_passed(node, place, keyword, Role.TASK, api, Via.TASK, None, returns=True)


def data_passed(
    node: cst.Call, passed: Sequence[cst.Arg | None], api: str, via: Via, start: Start | None = None
) -> Iterator[Use]:
    """Arguments that are pickled as they are."""
    for part in passed:
        if part is not None and not part.star:
            yield Use(node, part.value, Role.DATA, api, via, part, start)


def iterables_passed(node: cst.Call, passed: Sequence[cst.Arg | None], api: str) -> Iterator[Use]:
    """Arguments whose elements are pickled."""
    for part in passed:
        if part is not None and not part.star:
            yield Use(node, part.value, Role.DATA, api, Via.TASK, part, None, elements=True)


def cached_pipeline(node: cst.Call, name: str) -> Iterator[Use]:
    """``Pipeline(steps, memory=...)`` hashes its steps when it's fitted, the last one excepted."""
    memory = argument(node, 99, "memory")
    if memory is None or is_none(memory):
        return
    if name.endswith(".Pipeline"):
        passed = passed_argument(node, 0, "steps")
        steps = passed.value.elements[:-1] if passed is not None and isinstance(passed.value, cst.List) else ()
        for step in steps:
            yield Use(node, step.value, Role.DATA, "Pipeline", Via.PICKLE, passed)
    else:
        steps_passed = [passed for passed in node.args if passed.keyword is None and not passed.star]
        yield from data_passed(node, steps_passed[:-1], "Pipeline", Via.PICKLE)


def process_arguments(node: cst.Call, start: Start) -> Iterator[Use]:
    """What a process is started with."""
    yield from function_passed(node, 1, "target", Role.TARGET, "Process", Via.START, start)
    args = passed_argument(node, 3, "args")
    if args is not None and not args.star:  # It makes a tuple of them.
        yield Use(node, args.value, Role.DATA, "Process", Via.START, args, start, elements=True)
    kwargs = passed_argument(node, 4, "kwargs")
    if kwargs is not None and not kwargs.star:  # It makes a dictionary of them.
        yield Use(node, kwargs.value, Role.DATA, "Process", Via.START, kwargs, start, mapping=True)


def initializer_passed(node: cst.Call, made: Receiver) -> Iterator[Use]:
    """What each worker of a pool runs first."""
    place = 1 if made.kind is Kind.POOL else 2
    yield from function_passed(node, place, "initializer", Role.INITIALIZER, made.api, Via.START, made.start)
    yield from data_passed(node, [passed_argument(node, place + 1, "initargs")], made.api, Via.START, made.start)


def _pool(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    api = f"{receiver.api}.{name}"
    if name in _MAPS:
        yield from task_passed(node, 0, "func", api)
        yield from iterables_passed(node, [passed_argument(node, 1, "iterable")], api)
    elif name in _APPLIES:
        yield from task_passed(node, 0, "func", api)
        for place, keyword in ((1, "args"), (2, "kwds")):
            yield from data_passed(node, [passed_argument(node, place, keyword)], api, Via.TASK)


def _executor(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    api = f"{receiver.api}.{name}"
    if name == "submit":
        yield from task_passed(node, 0, "fn", api)
        yield from data_passed(node, node.args[1:] if node.args and node.args[0].keyword is None else [], api, Via.TASK)
    elif name == "map":
        yield from task_passed(node, 0, "fn", api)
        yield from iterables_passed(node, [passed for passed in node.args[1:] if passed.keyword is None], api)


def _queue(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if name in _PUTS:
        yield from data_passed(node, [passed_argument(node, 0, "obj")], f"{receiver.api}.{name}", Via.MESSAGE)


def _connection(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if name == "send":
        yield from data_passed(node, [passed_argument(node, 0, "obj")], f"{receiver.api}.send", Via.MESSAGE)


def _manager(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if name in {"dict", "list", "Namespace", "Value"}:
        yield from data_passed(node, list(node.args), f"{receiver.api}.{name}", Via.MESSAGE)


def _proxy(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if receiver.api == "Queue":
        if name in _PUTS:
            yield from data_passed(node, [passed_argument(node, 0, "item")], f"Manager.Queue.{name}", Via.MESSAGE)
    elif name in {"append", "extend", "insert", "update", "setdefault", "set"}:
        yield from data_passed(node, list(node.args), f"Manager.{receiver.api}.{name}", Via.MESSAGE)


def _pickler(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if name == "dump":
        yield from data_passed(node, [passed_argument(node, 0, "obj")], f"{receiver.api}.dump", Via.PICKLE)


def _shelf(node: cst.Call, name: str, receiver: Receiver) -> Iterator[Use]:
    if name in {"update", "setdefault"}:
        yield from data_passed(node, list(node.args), f"{receiver.api}.{name}", Via.PICKLE)


BY_KIND: dict[Kind, _Finder] = {
    Kind.POOL: _pool,
    Kind.EXECUTOR: _executor,
    Kind.QUEUE: _queue,
    Kind.CONNECTION: _connection,
    Kind.MANAGER: _manager,
    Kind.PROXY: _proxy,
    Kind.PICKLER: _pickler,
    Kind.SHELF: _shelf,
}
METHODS = frozenset(
    {
        *_MAPS,
        *_APPLIES,
        *_PUTS,
        *("submit", "send", "dump", "update", "setdefault", "append", "extend", "insert", "set"),
        *("dict", "list", "Namespace", "Value"),
    }
)

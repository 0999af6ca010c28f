"""The places that pickle: what a call or an assignment hands to another process or to pickle itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.candidates import Vocabulary
from flake8_pitfalls.rules.pickling.declares import PICKLING_FUNCTIONS
from flake8_pitfalls.rules.pickling.kinds import Kind, Named, Receiver, Start, start_named
from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.rules.pickling.methods import (
    BY_KIND,
    METHODS,
    cached_pipeline,
    data_passed,
    function_passed,
    initializer_passed,
    iterables_passed,
    process_arguments,
    task_passed,
)
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.rules.pickling.receivers import Receivers
from flake8_pitfalls.rules.pickling.syntax import argument, constant_text, is_none, passed_argument
from flake8_pitfalls.rules.pickling.uses import Use
from flake8_pitfalls.rules.pickling.via import Via

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_CPU_COUNTS = frozenset({"os.cpu_count", "multiprocessing.cpu_count", "os.process_cpu_count", "psutil.cpu_count"})
_DELAYED = frozenset({"joblib.delayed", "joblib.parallel.delayed", "sklearn.utils.fixes.delayed"})


class Sinks:
    """Finds what is pickled in one module."""

    def __init__(self, lookup: Lookup, receivers: Receivers, words: Vocabulary) -> None:
        self._words = words
        self._lookup = lookup
        self._receivers = receivers

    def of(self, statement: TopLevelStatement, node: cst.Call | cst.Assign) -> Iterator[Use]:
        """What a call or an assignment pickles."""
        if isinstance(node, cst.Assign):
            yield from self._assignment(statement, node)
            return
        if self._may_pickle(node.func):
            yield from self._call(statement, node, node.func)

    def _may_pickle(self, function: cst.BaseExpression) -> bool:
        """Whether the name of what is called is worth a look."""
        if isinstance(function, cst.Attribute):
            return function.attr.value in self._words.calls or self._words.anything
        if self._words.joblib:
            return True
        return isinstance(function, cst.Name) and function.value in self._words.calls

    def _call(self, statement: TopLevelStatement, node: cst.Call, function: cst.BaseExpression) -> Iterator[Use]:
        named = self._receivers.callable(statement, function)
        if named is not None:
            yield from self._named_call(statement, node, named)
        if isinstance(function, cst.Name):
            # `submit = pool.submit`
            values = self._lookup.values(statement, function) if named is None else []
            if len(values) == 1 and isinstance(values[0].node, cst.Attribute):
                yield from self._method_call(values[0].statement, node, values[0].node, statement)
        elif isinstance(function, cst.Attribute):
            if function.attr.value == "__init__":
                yield from self._base_constructor(statement, node, function.value)
            yield from self._method_call(statement, node, function, statement)
        if self._words.joblib and not isinstance(function, cst.Attribute):
            yield from self._of_joblib(statement, node, function)

    # -- constructors and functions ----------------------------------------------------------------------------

    def _named_call(self, statement: TopLevelStatement, node: cst.Call, named: Named) -> Iterator[Use]:
        name = named.name
        if name in PICKLING_FUNCTIONS:
            for keyword in PICKLING_FUNCTIONS[name]:
                yield from data_passed(node, [passed_argument(node, 0, keyword)], name, Via.PICKLE)
        elif name == "multiprocessing.Process":
            yield from self._process(statement, node, named)
        elif name in {"multiprocessing.Pool", "concurrent.futures.ProcessPoolExecutor"}:
            made = self._receivers.of(statement, node)
            if made is not None and "__init__" not in named.overridden:
                yield from initializer_passed(node, made)
        elif name == "torch.utils.data.DataLoader" and "__init__" not in named.overridden:
            yield from self._data_loader(statement, node)
        elif name in {"torch.multiprocessing.spawn", "torch.multiprocessing.start_processes"}:
            method = constant_text(argument(node, 5, "start_method"))
            start = Start.FORK if method == "fork" else Start.SPAWN
            yield from function_passed(node, 0, "fn", Role.TARGET, name, Via.START, start)
            yield from data_passed(node, [passed_argument(node, 1, "args")], name, Via.START, start)
        elif name in {"sklearn.pipeline.Pipeline", "sklearn.pipeline.make_pipeline"}:
            yield from cached_pipeline(node, name)
        elif name == "tqdm.contrib.concurrent.process_map":
            yield from task_passed(node, 0, "fn", "process_map")
            yield from iterables_passed(
                node, [passed for passed in node.args[1:] if passed.keyword is None], "process_map"
            )

    def _process(self, statement: TopLevelStatement, node: cst.Call, named: Named) -> Iterator[Use]:
        if self._is_never_started(statement, node):
            return
        own = self._lookup.class_named(statement, node.func)
        if own is not None:
            yield Use(node, node, Role.DATA, "Process", Via.START, None, named.start, instance=own)
        if "__init__" not in named.overridden:
            yield from process_arguments(node, named.start)

    def _base_constructor(
        self, statement: TopLevelStatement, node: cst.Call, receiver: cst.BaseExpression
    ) -> Iterator[Use]:
        """``super().__init__(target=...)`` in a subclass."""
        is_super = isinstance(receiver, cst.Call) and self._lookup.dotted(statement, receiver.func) == "builtins.super"
        around = self._lookup.class_around(statement, node)
        if not is_super or around is None:
            return
        named = self._receivers.class_as_callable(statement, around)
        if named is None:
            return
        if named.name == "multiprocessing.Process":
            yield from process_arguments(node, named.start)
        elif named.name == "torch.utils.data.DataLoader":
            yield from self._data_loader(statement, node)

    def _is_never_started(self, statement: TopLevelStatement, node: cst.Call) -> bool:
        if not self._lookup.module.has_text(".start"):
            return True
        parent = statement.parents.get(node)
        if isinstance(parent, cst.Attribute):
            return parent.attr.value != "start"
        target = parent.targets[0].target if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None
        if not isinstance(target, cst.Name):
            return False
        scope = statement.scopes.scope_of(target)
        if scope.parent is None:
            return False
        reads = [read for inner in (scope, *scope.children) for read in inner.reads.get(target.value, ())]
        owners = [statement.parents.get(read) for read in reads]
        return all(isinstance(owner, cst.Attribute) and owner.attr.value != "start" for owner in owners)

    def _data_loader(self, statement: TopLevelStatement, node: cst.Call) -> Iterator[Use]:
        workers = argument(node, 5, "num_workers")
        if workers is None or not self._is_positive(statement, workers):
            return
        context = argument(node, 11, "multiprocessing_context")
        start = Start.DEFAULT
        if context is not None and not is_none(context):
            text = constant_text(context)
            receiver = self._receivers.of(statement, context) if text is None else None
            start = start_named(text) if text is not None else receiver.start if receiver else start
        yield from data_passed(node, [passed_argument(node, 0, "dataset")], "DataLoader", Via.START, start)
        for place, keyword in ((6, "collate_fn"), (10, "worker_init_fn")):
            yield from function_passed(node, place, keyword, Role.INITIALIZER, "DataLoader", Via.START, start)

    def _is_positive(self, statement: TopLevelStatement, node: cst.BaseExpression) -> bool:
        """Whether a number is more than zero, as far as the file says."""
        match node:
            case cst.Integer():
                return node.evaluated_value > 0
            case cst.Call():
                dotted = self._lookup.dotted(statement, node.func)
                if dotted in {"builtins.min", "builtins.max", "builtins.int"}:
                    return bool(node.args) and all(self._is_positive(statement, passed.value) for passed in node.args)
                return dotted in _CPU_COUNTS
            case cst.BinaryOperation(operator=cst.Add() | cst.Multiply() | cst.FloorDivide()) | cst.BooleanOperation():
                return self._is_positive(statement, node.left) and self._is_positive(statement, node.right)
            case cst.Attribute():
                owner = self._lookup.class_of(statement, node.value)
                values = self._lookup.attribute_values(*owner, node.attr.value) if owner is not None else []
                return bool(values) and all(value.node is not node and self._is_positive(*value) for value in values)
            case cst.Name():
                return self._is_positive_name(statement, node)
        return False

    def _is_positive_name(self, statement: TopLevelStatement, node: cst.Name) -> bool:
        found = self._lookup.definition(statement, node)
        if found is not None and isinstance(found.binding.node, cst.Param):
            default = found.binding.node.default
            return default is not None and self._is_positive(statement, default)
        values = self._lookup.values(statement, node)
        return bool(values) and all(
            not isinstance(value.node, (cst.Name, cst.Attribute)) and self._is_positive(*value) for value in values
        )

    # -- methods -----------------------------------------------------------------------------------------------

    def _method_call(
        self, where: TopLevelStatement, node: cst.Call, function: cst.Attribute, statement: TopLevelStatement
    ) -> Iterator[Use]:
        name = function.attr.value
        if name == "run_in_executor":
            yield from self._run_in_executor(statement, node)
            return
        if name == "register":
            yield from self._register(where, node, function.value)
        if name not in METHODS:
            return
        receiver = self._receivers.of(where, function.value)
        if receiver is None or name in receiver.overridden:
            return
        find = BY_KIND.get(receiver.kind)
        for use in find(node, name, receiver) if find is not None else ():
            yield replace(use, workers_start=receiver.start)

    def _run_in_executor(self, statement: TopLevelStatement, node: cst.Call) -> Iterator[Use]:
        executor = argument(node, 0, "executor")
        receiver = self._receivers.of(statement, executor) if executor is not None else None
        if receiver is None or receiver.kind is not Kind.EXECUTOR:
            return
        for use in (
            *task_passed(node, 1, "func", "run_in_executor"),
            *data_passed(node, node.args[2:], "run_in_executor", Via.TASK),
        ):
            yield replace(use, workers_start=receiver.start)

    def _register(self, statement: TopLevelStatement, node: cst.Call, manager: cst.BaseExpression) -> Iterator[Use]:
        named = self._receivers.callable(statement, manager)
        has_text = self._lookup.module.has_text
        if named is None or named.name not in {"multiprocessing.BaseManager", "multiprocessing.SyncManager"}:
            return
        if has_text(".get_server(") or not (has_text(".start(") or has_text("with ")):
            return
        yield from function_passed(
            node, 1, "callable", Role.INITIALIZER, "BaseManager.register", Via.START, Start.DEFAULT
        )

    def _of_joblib(self, statement: TopLevelStatement, node: cst.Call, function: cst.BaseExpression) -> Iterator[Use]:
        receiver = self._receivers.of(statement, function)
        if receiver is not None and receiver.kind is Kind.CACHED:
            yield from data_passed(node, node.args, receiver.api, Via.PICKLE)
        yield from self._parallel(statement, node, receiver)

    def _parallel(self, statement: TopLevelStatement, node: cst.Call, receiver: Receiver | None) -> Iterator[Use]:
        """``Parallel(...)(delayed(f)(x) for x in xs)``."""
        if receiver is None or receiver.kind is not Kind.PARALLEL or receiver.made_by is None or len(node.args) != 1:
            return
        via = self.via_of_parallel(statement, receiver.made_by, node)
        tasks = node.args[0].value
        elements: list[cst.BaseExpression] = []
        if isinstance(tasks, (cst.GeneratorExp, cst.ListComp)):
            elements = [tasks.elt]
        elif isinstance(tasks, (cst.List, cst.Tuple)):
            elements = [element.value for element in tasks.elements]
        for element in elements if via is not None else ():
            if not isinstance(element, cst.Call) or not isinstance(element.func, cst.Call):
                continue
            delayed = element.func
            if self._lookup.dotted(statement, delayed.func) not in _DELAYED or via is None:
                continue
            yield from function_passed(delayed, 0, "function", Role.TASK, "Parallel", via, None, returns=True)
            yield from data_passed(element, element.args, "Parallel", via)

    def via_of_parallel(self, statement: TopLevelStatement, made: cst.Call, node: cst.Call) -> Via | None:
        """How joblib sends tasks to its workers; ``None`` if it has no processes, or that isn't known."""
        jobs = argument(made, 0, "n_jobs")
        if isinstance(jobs, cst.Integer) and jobs.evaluated_value == 1:
            return None
        if constant_text(argument(made, 99, "prefer")) == "threads" or argument(made, 99, "require") is not None:
            return None
        backend = argument(made, 1, "backend")
        if backend is None:
            backend = self._backend_around(statement, node)
        if backend is None or is_none(backend):
            return Via.CLOUD if jobs is not None and not is_none(jobs) else None
        return {"multiprocessing": Via.TASK, "loky": Via.CLOUD}.get(constant_text(backend) or "")

    def _backend_around(self, statement: TopLevelStatement, node: cst.CSTNode) -> cst.BaseExpression | None:
        """``with parallel_backend("multiprocessing"):``."""
        current = statement.parents.get(node)
        while current is not None and not isinstance(current, (cst.FunctionDef, cst.Lambda)):
            for item in current.items if isinstance(current, cst.With) else ():
                if isinstance(item.item, cst.Call):
                    dotted = self._lookup.dotted(statement, item.item.func) or ""
                    if dotted.rpartition(".")[2] in {"parallel_backend", "parallel_config"}:
                        return argument(item.item, 0, "backend")
            current = statement.parents.get(current)
        return None

    # -- assignments -------------------------------------------------------------------------------------------

    def _assignment(self, statement: TopLevelStatement, node: cst.Assign) -> Iterator[Use]:
        """``shelf["key"] = value``, and the same for the proxies of a manager."""
        for assigned in node.targets:
            target = assigned.target
            if not isinstance(target, (cst.Subscript, cst.Attribute)):
                continue
            if not (self._words.items if isinstance(target, cst.Subscript) else self._words.attributes):
                continue
            receiver = self._receivers.of(statement, target.value)
            if receiver is None or receiver.made_by is None:
                continue
            is_item = isinstance(target, cst.Subscript)
            if receiver.kind is Kind.SHELF and is_item:
                yield Use(receiver.made_by, node.value, Role.DATA, "shelve", Via.PICKLE, assignment=node)
            elif receiver.kind is Kind.PROXY and is_item is (receiver.api in {"dict", "list", "Array"}):
                api = f"Manager.{receiver.api}"
                yield Use(receiver.made_by, node.value, Role.DATA, api, Via.MESSAGE, assignment=node)

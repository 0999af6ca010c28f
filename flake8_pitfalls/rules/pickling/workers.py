"""PIT404: what the workers of a pool return, which is pickled on its way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.decorators import Effect
from flake8_pitfalls.rules.pickling.definitions import own_nodes, returned_values, yields
from flake8_pitfalls.rules.pickling.lookup import Function
from flake8_pitfalls.rules.pickling.model import Culprit, Why
from flake8_pitfalls.rules.pickling.via import Via

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.unpicklable import Objects
    from flake8_pitfalls.semantics.module import TopLevelStatement


class Workers:
    """Judges the results of the workers that one module defines."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lookup = objects.lookup

    def result(self, statement: TopLevelStatement, worker: cst.BaseExpression, via: Via) -> Culprit | None:
        """What of a worker's results can't be pickled."""
        function = self._function(statement, worker)
        if function is None:
            return None
        where, node = function
        if self._objects.decorators.effect(where, node)[0] is not Effect.KEEPS:
            return None
        if node.asynchronous is not None or yields(node):
            return Culprit(where, node, Why.GENERATOR)
        found = [self._objects.find(*value, via) for value in returned_values(where, node)]
        found += [self._raised(where, part, via) for part in own_nodes(node) if isinstance(part, cst.Raise)]
        return next((culprit for culprit in found if culprit is not None and culprit.why is not Why.GUARDED), None)

    def _raised(self, statement: TopLevelStatement, node: cst.Raise, via: Via) -> Culprit | None:
        """A local exception, unless it's caught in the worker."""
        current = statement.parents.get(node)
        while current is not None and not isinstance(current, cst.FunctionDef):
            if isinstance(current, cst.Try):
                return None
            current = statement.parents.get(current)
        if node.exc is None:
            return None
        found = self._objects.find(statement, node.exc, via)
        return found if found is not None and found.why is Why.LOCAL_CLASS else None

    def _function(self, statement: TopLevelStatement, worker: cst.BaseExpression) -> Function | None:
        """The function of this file that a worker is, also behind ``partial``."""
        values = self._lookup.values(statement, worker) or []
        if len(values) == 1:
            statement, worker = values[0]
        if isinstance(worker, cst.Call) and self._lookup.dotted(statement, worker.func) == "functools.partial":
            return self._function(statement, worker.args[0].value) if worker.args else None
        return self._lookup.function_called(statement, worker)

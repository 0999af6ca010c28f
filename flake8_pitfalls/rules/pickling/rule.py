"""PIT4xx: objects that can't be pickled, where they are pickled.

Reported is an expression that certainly gives an object that can't be pickled, in a place that certainly pickles it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Fix, Refusal
from flake8_pitfalls.rules.finding import Finding, qualified_name
from flake8_pitfalls.rules.pickling.candidates import makes_types, vocabulary
from flake8_pitfalls.rules.pickling.declares import canonical
from flake8_pitfalls.rules.pickling.kinds import Start, start_named
from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.rules.pickling.messages import message
from flake8_pitfalls.rules.pickling.model import Culprit, Pickled, Role, Sink, Why
from flake8_pitfalls.rules.pickling.names_mismatch import misnamed
from flake8_pitfalls.rules.pickling.receivers import Receivers
from flake8_pitfalls.rules.pickling.silence import Silence
from flake8_pitfalls.rules.pickling.sinks import Sinks
from flake8_pitfalls.rules.pickling.unpicklable import Objects
from flake8_pitfalls.rules.pickling.uses import Use
from flake8_pitfalls.rules.pickling.workers import Workers

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


def findings(module: SourceModule, statements: Iterable[TopLevelStatement], options: Options) -> Iterator[Finding]:
    """All findings of the family in some top-level statements of a module."""
    pickling = Pickling(module, options)
    for statement in statements:
        yield from pickling.findings(statement)


class Pickling:
    """The analysis of one module."""

    def __init__(self, module: SourceModule, options: Options) -> None:
        self._module = module
        self._options = options
        self._lookup = Lookup(module)
        self._receivers = Receivers(self._lookup)
        self._objects = Objects(self._lookup, self._receivers)
        self._words = vocabulary(module.text, (node for node in module.walk_ast() if isinstance(node, ast.stmt)))
        self._makes_types = makes_types(module.text)
        self._sinks = Sinks(self._lookup, self._receivers, self._words)
        self._workers = Workers(self._objects)
        self._silence = Silence(self._lookup)

    def findings(self, statement: TopLevelStatement) -> Iterator[Finding]:
        """All findings in a top-level statement."""
        if not self._words and not self._makes_types:
            return
        nodes = statement.known_nodes()
        for node in nodes if self._words else ():
            if isinstance(node, (cst.Call, cst.Assign)):
                for use in self._sinks.of(statement, node):
                    yield from self._judged(statement, use)
        if self._makes_types:
            for assignment, call in misnamed(statement, nodes, self._objects.types):
                yield self._misnamed(statement, assignment, call)

    # -- what is pickled ---------------------------------------------------------------------------------------

    def _judged(self, statement: TopLevelStatement, use: Use) -> Iterator[Finding]:
        culprit = self._culprit(statement, use)
        if culprit is not None and use.instance is not None:
            use = self._narrowed(statement, use, culprit)
        if culprit is not None:
            code = self._code(culprit, use)
            if code is None or self._silence.covers(statement, use.place, use.api):
                return
            if code != "PIT402" or not self._silence.decides_start(statement, use.place):
                yield self._finding(statement, use, culprit, code)
        elif use.returns:
            culprit = self._workers.result(statement, use.value, use.via)
            if culprit is not None and not self._silence.covers(statement, use.place, use.api):
                yield self._finding(statement, use, culprit, "PIT404")

    def _narrowed(self, statement: TopLevelStatement, use: Use, culprit: Culprit) -> Use:
        """What is reported of an instance: the argument that it can't be pickled with, if it's one."""
        for passed in use.call.args:
            found = self._objects.find(statement, passed.value, use.via)
            if found is not None and found.node is culprit.node:
                return replace(use, value=passed.value, argument=passed)
        return use

    def _culprit(self, statement: TopLevelStatement, use: Use) -> Culprit | None:
        if use.instance is not None:
            return self._objects.state.of_instance(*use.instance, use.via, use.call)
        if use.elements:
            return self._objects.elements.of(statement, use.value, use.via)
        if use.mapping:
            return self._objects.elements.copied(statement, use.value, use.via)
        return self._objects.find(statement, use.value, use.via)

    def _code(self, culprit: Culprit, use: Use) -> str | None:
        """The code of a report; ``None`` if nothing goes wrong as processes are started here."""
        start = use.start
        if start is None:
            if culprit.why is not Why.GUARDED:
                return "PIT401"
            start = use.workers_start
        if start is Start.DEFAULT:
            start = self._usual_start
        return {Start.FORK: None, Start.SPAWN: "PIT401", Start.DEFAULT: "PIT402", Start.UNKNOWN: None}[start]

    @cached_property
    def _usual_start(self) -> Start:
        """How the program starts processes, if it says so; else how the user says that it's run."""
        methods = set(self._start_methods()) if "set_start_method" in self._module.text else set()
        return start_named(methods.pop() if len(methods) == 1 else self._options.start_method)

    def _constant(self, node: ast.expr) -> object:
        """The value of a constant, or of a global variable that is bound to one."""
        if isinstance(node, ast.Name):
            binding = self._module.facts.single_binding(node.id)
            node = binding.value if binding is not None and binding.value is not None else node
        return node.value if isinstance(node, ast.Constant) else None

    def _start_methods(self) -> Iterator[str]:
        """The methods that calls of ``set_start_method`` name."""
        for node in self._module.walk_ast():
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, (ast.Name, ast.Attribute)):
                dotted = self._module.facts.dotted(node.func)
                if dotted is not None and canonical(dotted) == "multiprocessing.set_start_method":
                    method = self._constant(node.args[0])
                    if isinstance(method, str):
                        yield method

    # -- findings ----------------------------------------------------------------------------------------------

    def _finding(self, statement: TopLevelStatement, use: Use, culprit: Culprit, code: str) -> Finding:
        role = Role.RESULT if code == "PIT404" else use.role
        pickled = Pickled(code, culprit, Sink(statement, use.call, use.argument, role, use.api, use.assignment))
        line, column = self._module.position(statement.start_of(use.value))
        name = qualified_name(statement, use.place)
        return Finding(
            code=code,
            line=line,
            column=column,
            message=message(pickled, use, lines=not self._options.stable_messages),
            fingerprint=f"{code}:{name}:{use.api}:{_argument_name(use)}",
            make_fix=lambda: self._fix(pickled),
        )

    def _fix(self, pickled: Pickled) -> Fix | Refusal:
        from flake8_pitfalls.rules.pickling.fix import fix

        return fix(pickled, self._options)

    def _misnamed(
        self, statement: TopLevelStatement, assignment: cst.Assign | cst.AnnAssign, call: cst.Call
    ) -> Finding:
        target = assignment.targets[0].target if isinstance(assignment, cst.Assign) else assignment.target
        bound = target.value if isinstance(target, cst.Name) else "?"
        line, column = self._module.position(statement.span(assignment)[0])
        name = self._objects.types.type_name(statement, call)
        culprit = Culprit(statement, call, Why.REPLACED)
        sink = Sink(statement, call, call.args[0], Role.DATA, "pickle")
        pickled = Pickled("PIT403", culprit, sink)
        if name == bound:
            text = f"type '{name}' is an attribute of a class, but pickle looks for it in the module"
        else:
            text = f"type '{name}' is bound to '{bound}', so that pickle doesn't find it"
        return Finding(
            code="PIT403",
            line=line,
            column=column,
            message=f"{text}; its instances can't be pickled",
            fingerprint=f"PIT403:{qualified_name(statement, call)}:{bound}",
            make_fix=lambda: self._fix(pickled),
        )


def _argument_name(use: Use) -> str:
    """By what argument an object arrives, in words that stay the same when others are put in front of it."""
    keyword = use.argument.keyword if use.argument is not None else None
    return keyword.value if keyword is not None else use.role.value

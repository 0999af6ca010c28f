"""What decorators make of the followed closure, or of functions that use it."""

from __future__ import annotations

from typing import Any

import libcst as cst

from flake8_pitfalls.semantics import callbacks
from flake8_pitfalls.semantics.closures.calls import Calls
from flake8_pitfalls.semantics.closures.receivers import root_of
from flake8_pitfalls.semantics.closures.running import Passed
from flake8_pitfalls.semantics.closures.state import Level
from flake8_pitfalls.semantics.closures.values import Code, Form, Value, in_form
from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind
from flake8_pitfalls.semantics.walk import walk


class Decorators(Calls):
    """Runs decorators."""

    def decorated(self, decorator: cst.Decorator, value: Value) -> Value:
        """What a decorator makes of a function or class."""
        function = decorator.decorator
        called = function.func if isinstance(function, cst.Call) else function
        if not self.reach(value):
            self.evaluate(function)
            return value
        dotted = self.origin(called)
        if dotted in callbacks.TRANSPARENT_DECORATORS:
            self.evaluate(function)
            manager = dotted in {"contextlib.contextmanager", "contextlib.asynccontextmanager"}
            return in_form(value, Form.CLASS) if manager else value
        if isinstance(called, cst.Attribute) and called.attr.value in {"setter", "getter", "deleter"}:
            return value
        names = {dotted, called.attr.value if isinstance(called, cst.Attribute) else None}
        if not names & (self.consuming | self.retaining):
            made = self._run_decorator(decorator, function, value)
            if made is not None:
                return made
        self.evaluate(function)
        if not names & self.consuming:
            level = Level.RETAINED if names & self.retaining or self._registers(decorator) else Level.UNKNOWN
            self.escape(decorator, value, level, f"@{self.statement.source(called)}")
        return in_form(self.reach(value), Form.OBJECT)

    def _registers(self, decorator: cst.Decorator) -> bool:
        """Whether a decorator that isn't known must keep the function: nothing else uses the function's name.

        A decorator made from what the loop binds may keep it only as long as that lives.
        """
        definition = self.statement.parents[decorator]
        assert isinstance(definition, (cst.FunctionDef, cst.ClassDef))
        scope = self.statement.scopes.scope_of(definition)
        if scope.kind is ScopeKind.CLASS or scope.reads.get(scope.stored_name(definition.name.value)):
            return False
        if any(name in child.reads for child in scope.children for name in (definition.name.value,)):
            return False
        roots = [root_of(_called(decorator.decorator))]
        if isinstance(decorator.decorator, cst.Call):
            # An object made in the loop, not data that the loop goes through.
            arguments = [root_of(argument.value) for argument in decorator.decorator.args[:1]]
            roots += [root for root in arguments if root is not None and not self._is_target(root)]
        return not any(root is not None and self.is_bound_in_loop(self.variable(root)) for root in roots)

    def _is_target(self, name: cst.Name) -> bool:
        """Whether a variable is the target of a loop."""
        scope, own = self.variable(name)
        found = self.statement.scopes.root if scope is None else scope
        bindings = found.bindings.get(own, []) if isinstance(found, Scope) else []
        return any(binding.kind is BindingKind.FOR for binding in bindings)

    def _run_decorator(self, node: cst.Decorator, function: cst.BaseExpression, value: Value) -> Value | None:
        """A decorator that this file defines is run."""
        called = function.func if isinstance(function, cst.Call) else function
        own = self.evaluate(called)
        target = self.target_of(called)
        if target is None and not own:
            return None
        passed = [Passed(value)]
        if isinstance(function, cst.Call):
            arguments = [self._argument(argument) for argument in function.args]
            made = self.run_target(target, arguments) if target else self.call_tags(node, own, arguments)
            codes = frozenset(tag for tag in made if isinstance(tag, Code)) or self._inner_function(target, own)
            return self.call_tags(node, codes, passed)
        return self.run_target(target, passed) if target else self.call_tags(node, own, passed)

    def _inner_function(self, target: Any, own: Value) -> Value:
        """The decorator that a function with arguments returns: nothing of interest made it code before."""
        codes = [target.code] if target else [tag for tag in own if isinstance(tag, Code)]
        found: set[Code] = set()
        for code in codes:
            if isinstance(code.node, cst.FunctionDef):
                names = {
                    part.value.value
                    for part in walk(code.node)
                    if isinstance(part, cst.Return) and isinstance(part.value, cst.Name)
                }
                for line in code.node.body.body:
                    if isinstance(line, cst.FunctionDef) and line.name.value in names:
                        found.add(Code(code.statement, line))
        return frozenset(found)


def _called(decorator: cst.BaseExpression) -> cst.BaseExpression:
    return decorator.func if isinstance(decorator, cst.Call) else decorator

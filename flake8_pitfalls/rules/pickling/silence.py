"""Where a failure to pickle is expected: tests of errors, and attempts with a way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.definitions import is_local, own_nodes
from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.semantics.names import dotted_text
from flake8_pitfalls.semantics.scopes import BindingKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_EXPECTING = frozenset(
    {
        *("raises", "suppress", "assertRaises", "assertRaisesRegex", "assertRaisesRegexp", "assertWarns"),
        *("assert_raises", "assert_raises_regex", "ExpectedException"),
    }
)
_EXPECTING_DECORATORS = frozenset({"xfail", "expectedFailure", "subprocess", "raises"})
"""Decorators of tests that fail on purpose, or whose body is run as a program of its own."""
_UNRELATED = frozenset(
    {
        *("OSError", "IOError", "EnvironmentError", "FileNotFoundError", "FileExistsError", "PermissionError"),
        *("EOFError", "KeyError", "IndexError", "ImportError", "ModuleNotFoundError", "KeyboardInterrupt"),
        *("BrokenPipeError", "ConnectionError", "TimeoutError", "UnicodeDecodeError", "StopIteration"),
    }
)
"""Exceptions that pickling something that can't be pickled doesn't raise."""


_PLATFORM = re.compile(
    r"get_start_method|\bsys\s*\.\s*platform\b|\bos\s*\.\s*name\b|platform\s*\.\s*system|hasattr\(os,"
)
"""Text of what asks how processes are started, or for a platform that decides it."""
_NAMES_OF_EXPECTATIONS = re.compile(r"expect|raise|error|exc|context|ctx|does|warn")
_PATCHES = frozenset({"patch", "object", "dict", "multiple", "setattr"})
_PATCHED = re.compile(r"multiprocessing|pickle|ProcessPool|\bPool\b|\bProcess\b|concurrent|\bQueue\b|joblib|dumps?\b")
_PROBING = frozenset({"pickle.dump", "pickle.dumps", "Pickler.dump", "joblib.hash"})
"""What one tries in order to find out whether an object can be pickled."""


class Silence:
    """Knows where a module expects that pickling fails."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def covers(self, statement: TopLevelStatement, node: cst.CSTNode, api: str) -> bool:
        """Whether nothing is to be said of what happens at a node; ``api`` names what pickles there."""
        probing = api in _PROBING
        child, parent = node, statement.parents.get(node)
        own_function = True
        while parent is not None:
            if isinstance(parent, cst.Call) and child is not parent.func and self._expects(statement, parent):
                return True
            if (
                own_function
                and child is getattr(parent, "body", None)
                and self._is_expected(statement, parent, probing)
            ):
                return True
            if isinstance(parent, (cst.FunctionDef, cst.ClassDef, cst.With)) and self._patches(statement, parent):
                return True
            if isinstance(parent, cst.FunctionDef) and self._is_called_to_fail(statement, parent):
                return True
            if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
                own_function = own_function and isinstance(parent, cst.ClassDef)
                if any(_terminal(one.decorator) in _EXPECTING_DECORATORS for one in parent.decorators):
                    return True
            child, parent = parent, statement.parents.get(parent)
        return False

    def _is_expected(self, statement: TopLevelStatement, block: cst.CSTNode, probing: bool) -> bool:
        """Whether a block expects exceptions from its body."""
        if isinstance(block, cst.With):
            return any(self._expects(statement, item.item) for item in block.items)
        return isinstance(block, cst.Try) and probing and any(self._may_catch(handler) for handler in block.handlers)

    def _expects(self, statement: TopLevelStatement, node: cst.BaseExpression) -> bool:
        """Whether something, entered by ``with`` or called, expects exceptions."""
        if isinstance(node, cst.Name):
            bindings = self._lookup.variables.reaching(statement, node)
            if any(bound.binding.kind is BindingKind.PARAMETER for bound in bindings):
                return _NAMES_OF_EXPECTATIONS.search(node.value) is not None
            values = [bound.value for bound in bindings]
            return any(
                value is not None and isinstance(value.node, cst.Call) and self._expects(*value) for value in values
            )
        name = _terminal(node)
        if name in _EXPECTING or name.lower().replace("_", "").startswith("assertraises"):
            return True
        if not isinstance(node, cst.Call):
            return False
        dotted = self._lookup.dotted(statement, node.func) or ""
        if dotted.rpartition(".")[2] in _EXPECTING:
            return True
        function = self._lookup.function_called(statement, node.func)
        return function is not None and any(
            isinstance(part, cst.Try)
            and any(self._may_catch(handler) for handler in part.handlers)
            and any(isinstance(inner, cst.Yield) for inner in walk(part.body))
            for part in own_nodes(function[1])
        )

    def _is_called_to_fail(self, statement: TopLevelStatement, function: cst.FunctionDef) -> bool:
        """Whether a nested function is only there to be called where exceptions are expected."""
        if not is_local(statement, function):
            return False
        around = statement.scopes.scope_of(function)
        for read in around.reads.get(function.name.value, ()):
            child: cst.CSTNode = read
            parent = statement.parents.get(read)
            while parent is not None and not isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
                if isinstance(parent, cst.Call) and child is not parent.func and self._expects(statement, parent):
                    return True
                if isinstance(parent, cst.With) and self._is_expected(statement, parent, probing=False):
                    return True
                child, parent = parent, statement.parents.get(parent)
        return False

    def _patches(self, statement: TopLevelStatement, node: cst.FunctionDef | cst.ClassDef | cst.With) -> bool:
        """Whether what pickles is replaced in a block: ``with mock.patch("multiprocessing.Pool"):``."""
        calls: list[cst.BaseExpression] = []
        if isinstance(node, cst.With):
            calls = [item.item for item in node.items]
        else:
            calls = [one.decorator for one in node.decorators]
            if isinstance(node, cst.FunctionDef) and statement.module.has_text("patch"):
                calls += [part for part in own_nodes(node) if isinstance(part, cst.Call)]
        return any(
            isinstance(call, cst.Call)
            and _terminal(call) in _PATCHES
            and "patch" in statement.source(call.func)
            and _PATCHED.search(", ".join(statement.source(passed.value) for passed in call.args)) is not None
            for call in calls
        )

    def decides_start(self, statement: TopLevelStatement, node: cst.CSTNode) -> bool:
        """Whether the code around asks how processes are started, so that it's up to the program what happens."""
        if self._lookup.module.search(_PLATFORM) is None:
            return False
        parent = statement.parents.get(node)
        while parent is not None:
            if isinstance(parent, (cst.If, cst.IfExp, cst.While)) and _PLATFORM.search(statement.source(parent.test)):
                return True
            decorators = parent.decorators if isinstance(parent, (cst.FunctionDef, cst.ClassDef)) else ()
            if any(_PLATFORM.search(statement.source(one.decorator)) for one in decorators):
                return True
            if isinstance(parent, cst.FunctionDef) and any(
                isinstance(part, cst.If)
                and statement.order[part] < statement.order[node]
                and _PLATFORM.search(statement.source(part.test))
                and _leaves(part)
                for part in own_nodes(parent)
            ):
                return True
            parent = statement.parents.get(parent)
        return False

    def _may_catch(self, handler: cst.ExceptHandler) -> bool:
        """Whether a handler gets what pickling raises."""
        if handler.type is None:
            return True
        types = (
            [element.value for element in handler.type.elements]
            if isinstance(handler.type, cst.Tuple)
            else [handler.type]
        )
        return any(_terminal(one) not in _UNRELATED for one in types)


def _terminal(node: cst.BaseExpression) -> str:
    """``raises`` of ``pytest.raises(TypeError)``."""
    called = node.func if isinstance(node, cst.Call) else node
    return dotted_text(called).rpartition(".")[2] or (called.attr.value if isinstance(called, cst.Attribute) else "")


def _leaves(node: cst.If) -> bool:
    """Whether the code under a condition is the end of what's done."""
    last = node.body.body[-1] if node.body.body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    if isinstance(last, cst.Expr):
        return "skip" in _terminal(last.value).lower() or _terminal(last.value) in {"exit", "fail"}
    return isinstance(last, (cst.Return, cst.Raise, cst.Continue, cst.Break))

"""Where a failure to pickle is expected: tests of errors, and attempts with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.lookup import Lookup
from flake8_pitfalls.semantics.names import dotted_text

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
            if isinstance(parent, cst.Call) and child is not parent.func and _terminal(parent) in _EXPECTING:
                return True
            if own_function and child is getattr(parent, "body", None) and self._is_expected(parent, probing):
                return True
            if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
                own_function = own_function and isinstance(parent, cst.ClassDef)
                if any(_terminal(one.decorator) in _EXPECTING_DECORATORS for one in parent.decorators):
                    return True
            child, parent = parent, statement.parents.get(parent)
        return False

    def _is_expected(self, block: cst.CSTNode, probing: bool) -> bool:
        """Whether a block expects exceptions from its body."""
        if isinstance(block, cst.With):
            return any(_terminal(item.item) in _EXPECTING for item in block.items)
        return isinstance(block, cst.Try) and probing and any(self._may_catch(handler) for handler in block.handlers)

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

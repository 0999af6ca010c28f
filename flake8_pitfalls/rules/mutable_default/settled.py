"""Defaults whose fate ``ast`` alone tells for certain, so that LibCST needn't parse their functions for a report.

Most mutable defaults are used once or twice, in ways that leave no doubt: read, handed to a callee of another file,
stored in an attribute. What is found here is exactly what the analysis of LibCST's trees finds (``verdicts``), and what
isn't plain is left to it. This module must not import LibCST.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from flake8_pitfalls.rules.finding import is_factory_of
from flake8_pitfalls.rules.mutable_default import messages
from flake8_pitfalls.rules.mutable_default.certain_uses import Scene, Uses
from flake8_pitfalls.rules.mutable_default.definitions import Definitions, Unsure
from flake8_pitfalls.semantics.wording import quoted

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.mutable_default.screened_functions import Flows, Function
    from flake8_pitfalls.rules.mutable_default.screened_names import Names
    from flake8_pitfalls.rules.page import Page

_DISPLAYS = {ast.List: "builtins.list", ast.Dict: "builtins.dict", ast.Set: "builtins.set"}
_MAKERS = frozenset({"list", "dict", "set"})
_DEFAULTS_GO_ELSEWHERE = ("apply_defaults", "pydantic")
"""Where these are mentioned, decorators may get hold of the defaults, or copy them."""

_MOST_DEFAULTS = 20
"""How many defaults of a function are looked at one by one."""


class Settled(NamedTuple):
    """A finding for which LibCST isn't needed; it has no fix."""

    code: str
    line: int
    column: int
    message: str
    fingerprint: str


def settled_cousin(page: Page, node: ast.expr, shared_by: str) -> Settled:
    """The finding about an expression that makes one object for many uses."""
    shown = quoted(page.source(node))[1:-1]
    line, column = page.place(node)
    return Settled("PIT203", line, column, messages.shared(shown, shared_by), f"PIT203:{shown}")


class SettledDefaults:
    """Tells the findings about the defaults of a module's functions, as far as they're certain."""

    def __init__(self, names: Names, flows: Flows, options: Options | None) -> None:
        self._names = names
        self._flows = flows
        self._stable = options is not None and options.stable_messages
        self._plain_calls = options is None or not (options.extend_mutable_calls or options.extend_immutable_calls)
        self._definitions = Definitions(names)
        text = names.page.text
        self._certain = not (
            any(word in text for word in _DEFAULTS_GO_ELSEWHERE)
            or ("TYPE_CHECKING" in text and names.aliases({"TYPE_CHECKING"}))
            or _has_names_in_other_forms(names.page)
        )

    def findings(self, function: Function, defaults: list[tuple[str, ast.expr]]) -> list[Settled] | None:
        """The findings about some mutable defaults of a function; ``None`` if one of them isn't certain."""
        if not self._certain or function not in self._definitions.owners or len(defaults) > _MOST_DEFAULTS:
            return None
        if any(getattr(node, "type_params", None) for node in (function, self._definitions.owners[function])):
            return None
        try:
            return [self._finding(function, name, default) for name, default in defaults]
        except (Unsure, RecursionError):
            return None

    def _finding(self, function: Function, name: str, default: ast.expr) -> Settled:
        page = self._names.page
        owner = self._definitions.owners[function]
        scene = Scene(self._names, self._flows, self._definitions, self._kind(default))
        code, fate = self._verdict(Uses(scene, (function,), name))
        shown = quoted(page.source(default))[1:-1]
        around = f"{owner.name}." if owner is not None and not is_factory_of(function.name, owner.name) else ""
        fingerprint = f"{code}:{around}{function.name}.{name}"
        line, column = page.place(default)
        return Settled(code, line, column, messages.message(shown, name, fate), fingerprint)

    def _verdict(self, found: Uses) -> tuple[str, str]:
        uses = found.all()
        if not uses:
            return "PIT202", messages.read(used=found.is_used)
        decisive = sorted([use for use in uses if use.leaks] or uses)
        first = decisive[0]
        if any(use.line == first.line and use != first for use in decisive):
            raise Unsure
        if first.leaks:
            return "PIT201", messages.changed_or_leaked(
                first.what, first.line, callee=first.callee, stable=self._stable
            )
        return "PIT202", messages.handed_on(first.what, first.line, stable=self._stable)

    def _kind(self, default: ast.expr) -> str:
        """The type of a default that holds nothing mutable.

        Raises Unsure.
        """
        if isinstance(default, ast.Call) and isinstance(default.func, ast.Name) and self._plain_calls:
            name = default.func.id
            if name in _MAKERS and not default.args and not default.keywords and not self._is_bound(name):
                return f"builtins.{name}"
        if isinstance(default, (ast.List, ast.Set)) and all(map(_is_constant, default.elts)):
            return _DISPLAYS[type(default)]
        if isinstance(default, ast.Dict) and all(map(_is_constant, [*default.keys, *default.values])):
            return "builtins.dict"
        if isinstance(default, ast.Name):
            return self._kind(self._definitions.constant(default.id))
        raise Unsure

    def _is_bound(self, name: str) -> bool:
        return name in self._names.own or self._definitions.is_bound(name)


def _has_names_in_other_forms(page: Page) -> bool:
    """Whether a name is written with characters that Python, and ``ast``, replace by others (PEP 3131)."""
    if page.text.isascii():
        return False
    from flake8_pitfalls.semantics.identifiers import some_are_written_otherwise

    return some_are_written_otherwise(page.tree.body, page.text)


def _is_constant(node: ast.expr | None) -> bool:
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)

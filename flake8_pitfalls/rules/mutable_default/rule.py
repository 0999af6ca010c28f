"""PIT2xx: mutable default arguments, and other places where one mutable object is shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default import attributes, elements, fields, shared_calls
from flake8_pitfalls.rules.mutable_default.objects import Objects
from flake8_pitfalls.rules.mutable_default.verdicts import defaults

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options
    from flake8_pitfalls.rules.finding import Finding
    from flake8_pitfalls.rules.mutable_default.cousin import Cousin
    from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement


_KINDS = frozenset({cst.Call, cst.BinaryOperation, cst.ClassDef, cst.FunctionDef, cst.Assign})


def findings(module: SourceModule, statements: Iterable[TopLevelStatement], options: Options) -> Iterator[Finding]:
    """All findings of the family in some top-level statements of a module."""
    del module
    for statement in statements:
        yield from _findings_in(statement, options)


def _findings_in(statement: TopLevelStatement, options: Options) -> Iterator[Finding]:
    yield from defaults(statement, options)
    seen: set[cst.CSTNode] = set()
    for cousin in _cousins(statement, options):
        if cousin.node not in seen:
            seen.add(cousin.node)
            yield cousin.finding()


def _cousins(statement: TopLevelStatement, options: Options) -> Iterator[Cousin]:
    objects = Objects(statement, options)
    classes = statement.module.needed_classes
    with_locals = Objects(statement, options, of_functions=True)
    for node in statement.known_nodes():
        # LibCST's classes are abstract base classes, for which isinstance() is slow.
        if type(node) is cst.Call:
            if not node.args:
                continue
            yield from fields.field_call(statement, node, objects)
            yield from shared_calls.call(statement, node, objects)
            yield from elements.from_keys(statement, node, with_locals)
        elif type(node) is cst.BinaryOperation:
            yield from elements.multiplied(statement, node, with_locals)
        elif type(node) is cst.ClassDef and (classes is None or node.name.value in classes):
            yield from fields.class_fields(statement, node, objects)
            yield from attributes.class_attributes(statement, node, objects, shown_line=not options.stable_messages)
        elif type(node) is cst.FunctionDef:
            yield from shared_calls.cached_function(statement, node, with_locals)
        elif type(node) is cst.Assign:
            yield from shared_calls.assignment(statement, node, objects)

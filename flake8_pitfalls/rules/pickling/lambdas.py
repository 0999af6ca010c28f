"""Lambdas: what they call is handed over itself where that does, else they become functions with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Edit, Fix
from flake8_pitfalls.rules.pickling.fix_captures import Refused
from flake8_pitfalls.rules.pickling.hoist import Hoist
from flake8_pitfalls.rules.pickling.lambda_calls import direct_call
from flake8_pitfalls.rules.pickling.lambda_methods import method_fix
from flake8_pitfalls.rules.pickling.lambda_names import named_lambda
from flake8_pitfalls.rules.pickling.lambda_operators import operator_text
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Sink
    from flake8_pitfalls.semantics.module import TopLevelStatement


def lambda_fix(statement: TopLevelStatement, node: cst.Lambda, sink: Sink) -> Fix:
    """The fix of a lambda.

    Raises Refused.
    """
    if any(isinstance(part, cst.Yield) for part in walk(node.body)):
        raise Refused("it's a generator, whose result can't be pickled: return a list")
    named = named_lambda(statement, node)
    if named is not None:
        return named
    method = method_fix(statement, node)
    if method is not None:
        return method
    called = direct_call(statement, node, sink)
    if called is not None:
        return called
    operator = operator_text(statement, node, sink)
    if operator is not None:
        text, imports = operator
        return Fix(Applicability.SAFE, (*imports, Edit(*statement.span(node), text)))
    return Hoist(statement, sink).fix(node)

"""The fix of an object that can't be pickled: give it a name at module level, or hand over what can be pickled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Applicability, Fix, Refusal
from flake8_pitfalls.rules.pickling.companions import companions
from flake8_pitfalls.rules.pickling.fix_captures import TYPE_MAKERS, Refused
from flake8_pitfalls.rules.pickling.fix_factories import factory_fix
from flake8_pitfalls.rules.pickling.fix_guarded import fix_guarded
from flake8_pitfalls.rules.pickling.fix_replaced import fix_decorator_class, fix_mismatch, fix_wrapper
from flake8_pitfalls.rules.pickling.hoist import Hoist
from flake8_pitfalls.rules.pickling.lambdas import lambda_fix
from flake8_pitfalls.rules.pickling.model import Culprit, Pickled, Sink, Why
from flake8_pitfalls.rules.suppression import Peers
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.options import Options

_OURS = Peers(r"PIT4\d*", "unpicklable-object", "what is pickled")

_MICROSECONDS_A_DEFINITION = 400
_MOVED = frozenset({Why.LAMBDA, Why.NESTED_FUNCTION, Why.LOCAL_CLASS, Why.STATE})

_ADVICE = {
    Why.PRIVATE_METHOD: "a private method is looked up by its unmangled name: rename it with a single underscore",
    Why.STATE: "an attribute of the object can't be pickled: leave it out in __getstate__, or make it when it's needed",
    Why.GENERATOR: "generators and coroutines can't be pickled: make a list, or run the coroutine where it's made",
    Why.RESOURCE: "locks, files, connections and modules stay in their process: make it where it's used, "
    "for example in an initializer",
}


def fix(pickled: Pickled, options: Options) -> Fix | Refusal:  # noqa: ARG001 - all fixes look the same so far
    """The fix of one report, or why there is none."""
    culprit = pickled.culprit
    suppressed = _OURS.suppression(culprit.statement, [culprit.statement.line(culprit.node)])
    if suppressed is not None:
        return suppressed
    try:
        return _fix_together(culprit, pickled.sink)
    except Refused as refused:
        return Refusal(refused.reason)


def _fix_together(culprit: Culprit, sink: Sink) -> Fix:
    """The fix of a culprit and of whatever else can't be pickled in the same object."""
    statement, node = culprit.statement, culprit.node
    others = companions(culprit, sink) if culprit.why in _MOVED else []
    if not others:
        return _FIXES[culprit.why](culprit, sink)
    moved = [part for part in (node, *others) if isinstance(part, (cst.FunctionDef, cst.ClassDef))]
    fixes = []
    for part in (node, *others):
        if part not in moved:
            fixes.append(_FIXES[culprit.why](Culprit(statement, part, culprit.why), sink))
        elif part is moved[0]:
            fixes.append(Hoist(statement, sink).fix(*moved))
    edits = dict.fromkeys(edit for fix in fixes for edit in fix.edits)
    unsafe = [fix for fix in fixes if fix.applicability is Applicability.UNSAFE]
    return Fix(
        unsafe[0].applicability if unsafe else Applicability.SAFE, tuple(edits), unsafe[0].note if unsafe else ""
    )


def _fix_state(culprit: Culprit, sink: Sink) -> Fix:
    """An attribute of an object is fixed as if it were pickled itself."""
    if isinstance(culprit.node, (cst.Lambda, cst.FunctionDef, cst.ClassDef)):
        return _fix_definition(culprit, sink)
    return _advise(culprit, sink)


def _advise(culprit: Culprit, _: Sink) -> Fix:
    raise Refused(_ADVICE[culprit.why])


def _fix_definition(culprit: Culprit, sink: Sink) -> Fix:
    node = culprit.node
    culprit.statement.module.spend(_MICROSECONDS_A_DEFINITION)
    if isinstance(node, cst.Lambda):
        return factory_fix(culprit.statement, node) or lambda_fix(culprit.statement, node, sink)
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return Hoist(culprit.statement, sink).fix(node)
    if isinstance(node, cst.Call) and origin(culprit.statement, node.func) in TYPE_MAKERS:
        return Hoist(culprit.statement, sink).fix(node)
    raise Refused("it's made by an expression: define a function or class at module level")


def _fix_replaced(culprit: Culprit, sink: Sink) -> Fix:
    node = culprit.node
    if isinstance(node, cst.Param):
        raise Refused(
            f"'{node.name.value}' is the function before it was decorated, whose name means the decorated one: "
            "keep it under a name of its own"
        )
    if isinstance(node, cst.Call) and origin(culprit.statement, node.func) in TYPE_MAKERS:
        return fix_mismatch(culprit.statement, node)
    if isinstance(node, cst.FunctionDef):
        return fix_wrapper(culprit.statement, node)
    if isinstance(node, cst.ClassDef):
        return fix_decorator_class(culprit.statement, node)
    del sink
    raise Refused("what a decorator returns goes by another name than its own: write a function of that name")


_FIXES: dict[Why, Callable[[Culprit, Sink], Fix]] = {
    Why.LAMBDA: _fix_definition,
    Why.NESTED_FUNCTION: _fix_definition,
    Why.LOCAL_CLASS: _fix_definition,
    Why.REPLACED: _fix_replaced,
    Why.GUARDED: fix_guarded,
    Why.PRIVATE_METHOD: _advise,
    Why.STATE: _fix_state,
    Why.GENERATOR: _advise,
    Why.RESOURCE: _advise,
}

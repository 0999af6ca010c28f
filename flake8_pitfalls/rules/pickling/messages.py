"""What the reports say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import SYNCHRONIZED, canonical
from flake8_pitfalls.rules.pickling.model import Culprit, Pickled, Role, Why
from flake8_pitfalls.rules.pickling.syntax import constant_text
from flake8_pitfalls.rules.pickling.via import Via
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.uses import Use
    from flake8_pitfalls.semantics.module import TopLevelStatement

_WHERE = "on Windows, macOS, and on Linux from Python 3.14"
_SILENT_METHODS = frozenset({"apply_async", "map_async", "starmap_async", "imap", "imap_unordered"})
_SILENT_METHODS_OF_EXECUTORS = frozenset({"submit", "map"})


_REPLACED_ADVICE: dict[type[cst.CSTNode], str] = {
    cst.FunctionDef: "put functools.wraps on it",
    cst.ClassDef: "give it a __reduce__ that returns the function's name",
    cst.Param: "keep it under a name of its own",
}


def message(pickled: Pickled, use: Use, *, lines: bool) -> str:
    """The text of a report of PIT401, PIT402 or PIT404."""
    sink = pickled.sink
    if pickled.code == "PIT404":
        return _result(pickled, use, lines=lines)
    what = _what(pickled.culprit, sink.statement, use, lines=lines)
    if pickled.culprit.why is Why.GUARDED:
        where = f" {_WHERE}" if pickled.code == "PIT402" else ""
        return f"{what} only exists in this process: {_how(use)}, which fails{where}; {_advice(pickled, use)}"
    text = f"{what} can't be pickled: {_how(use)}"
    if pickled.code == "PIT402":
        return f"{text}, which fails {_WHERE}; {_advice(pickled, use)}"
    if use.via is Via.START:
        text += ", which aren't forked" if use.api == "DataLoader" else ", which isn't forked"
    if is_silent(sink.statement, use):
        return f"{text}; nothing is raised and the work isn't done; {_advice(pickled, use)}"
    return f"{text}; {_advice(pickled, use)}"


def _result(pickled: Pickled, use: Use, *, lines: bool) -> str:
    """What is said of a worker's result."""
    culprit, api = pickled.culprit, pickled.sink.api
    if culprit.why is Why.GENERATOR and isinstance(culprit.node, cst.FunctionDef):
        kind = "coroutine" if culprit.node.asynchronous is not None else "generator"
        return (
            f"worker '{culprit.node.name.value}' makes a {kind}, which hasn't run yet and can't be pickled: "
            f"{api} can't send it back"
        )
    what = _what(culprit, pickled.sink.statement, use, lines=lines)
    kind = "exception" if _is_exception(culprit.node) else "result"
    return f"the worker's {kind} can't be pickled: {api} can't send {what} back"


def is_silent(statement: TopLevelStatement, use: Use) -> bool:
    """Whether nobody looks at the result by which the failure would be raised."""
    api, _, method = use.api.rpartition(".")
    if use.api in {"Queue.put", "Queue.put_nowait", "JoinableQueue.put", "JoinableQueue.put_nowait"}:
        return False
    known = _SILENT_METHODS_OF_EXECUTORS if api == "ProcessPoolExecutor" else _SILENT_METHODS
    if method not in known:
        return False
    if any(passed.keyword is not None and passed.keyword.value == "error_callback" for passed in use.call.args):
        return False
    return isinstance(statement.parents.get(use.call), cst.Expr)


def _how(use: Use) -> str:
    """How it's pickled."""
    if use.instance is not None:
        return f"Process sends {use.instance[1].name.value} to the new process"
    if use.via is Via.PICKLE:
        return f"{use.api} pickles it"
    if use.via is Via.START:
        role = {
            Role.TARGET: "its target",
            Role.INITIALIZER: "it",
        }.get(use.role, "its arguments")
        if use.api == "DataLoader":
            return "DataLoader sends it to its workers"
        return f"{use.api} sends {role} to the new process"
    if use.api.partition(".")[0] in {"Queue", "JoinableQueue"}:
        return f"{use.api} fails in a background thread, and the item never arrives"
    return f"{use.api} sends it to another process"


def _advice(pickled: Pickled, use: Use) -> str:
    culprit = pickled.culprit
    match culprit.why:
        case Why.LAMBDA if not _is_in_block(culprit):
            return "make it a def"
        case Why.LAMBDA | Why.NESTED_FUNCTION | Why.LOCAL_CLASS:
            return "define it at module level"
        case Why.GUARDED:
            made_by_function = any(isinstance(node, cst.FunctionDef) for node in _around(culprit))
            return "define it at module level" + ("" if made_by_function else ", outside the guard")
        case Why.REPLACED if isinstance(culprit.node, cst.Call):
            return _advice_on_call(culprit)
        case Why.REPLACED:
            return _REPLACED_ADVICE.get(type(culprit.node), "define it as a function of its own")
        case Why.PRIVATE_METHOD:
            return "give the method a name with one underscore"
        case Why.GENERATOR:
            return "make a list of it"
        case Why.STATE if isinstance(culprit.node, (cst.Lambda, cst.FunctionDef)):
            return "make it a method, or leave it out by __getstate__"
        case Why.STATE:
            return "leave it out by __getstate__"
    return _advice_on_resource(culprit, use)


def _advice_on_call(culprit: Culprit) -> str:
    """What to do about a type, or a function, that goes by another name."""
    if _type_made(culprit) is None:
        return "define it as a function of its own"
    name = _assigned_name(culprit)
    return "define it at module level" if _is_in_class(culprit) or name is None else f"name it '{name}'"


def _advice_on_resource(culprit: Culprit, use: Use) -> str:
    """What to do instead of sending a lock, a file or the like."""
    node = culprit.node
    if isinstance(node, cst.ImportAlias):
        return "import it where it's used"
    if isinstance(node, cst.Call):
        method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
        if method in {"keys", "values", "items"} and not node.args:
            return "make a list of it"
        dotted = canonical(origin(culprit.statement, node.func) or f"multiprocessing.{method}")
        if use.via is Via.TASK and dotted in SYNCHRONIZED:
            return "hand it over by initializer and initargs, or let a Manager make it"
        if use.via is Via.MESSAGE and dotted in SYNCHRONIZED:
            return "hand it over when the process is started, or let a Manager make it"
        module, _, name = dotted.rpartition(".")
        if use.via is Via.START and module in {"threading", "queue"} and f"multiprocessing.{name}" in SYNCHRONIZED:
            return f"use multiprocessing.{name}"
    return "make it again after loading" if use.via is Via.PICKLE else "make it in the other process"


def _is_exception(node: cst.CSTNode) -> bool:
    """Whether a class is an exception, as far as its bases tell."""
    bases = node.bases if isinstance(node, cst.ClassDef) else ()
    return any(_text(base.value).endswith(("Error", "Exception")) for base in bases)


def _is_in_block(culprit: Culprit) -> bool:
    """Whether something stands in a function, or under a condition."""
    return any(isinstance(node, (cst.FunctionDef, cst.If)) for node in _around(culprit))


def _is_in_class(culprit: Culprit) -> bool:
    return any(isinstance(node, cst.ClassDef) for node in _around(culprit))


def _type_made(culprit: Culprit) -> str | None:
    """The name that a call gives to the type which it makes."""
    node = culprit.node
    return constant_text(node.args[0].value) if isinstance(node, cst.Call) and node.args else None


def _around(culprit: Culprit) -> Iterator[cst.CSTNode]:
    parent = culprit.statement.parents.get(culprit.node)
    while parent is not None:
        yield parent
        parent = culprit.statement.parents.get(parent)


def _what(culprit: Culprit, statement: TopLevelStatement, use: Use, *, lines: bool) -> str:
    """The name of what can't be pickled."""
    node = culprit.node
    if culprit.why is Why.STATE:
        return f"an object whose attribute {_attribute(culprit)}holds {_thing(node)}"
    if culprit.why is Why.REPLACED:
        return _replaced(culprit)
    place = f" on line {culprit.statement.line(node)}" if lines and _is_far(culprit, statement, use) else ""
    if isinstance(node, cst.Lambda):
        name = _assigned_name(culprit)
        return f"lambda '{name}'" if name else f"a lambda{place}"
    if isinstance(node, cst.FunctionDef):
        name = node.name.value
        if culprit.why is Why.PRIVATE_METHOD:
            return f"private method '{name}'"
        if culprit.why is Why.GENERATOR:
            return f"{'a coroutine' if node.asynchronous is not None else 'a generator'} made by '{name}'"
        return f"'{name}'" if culprit.why is Why.GUARDED else f"nested function '{name}'"
    if isinstance(node, cst.ClassDef):
        if culprit.why is Why.LOCAL_CLASS:
            return f"local class '{node.name.value}'"
        return f"'{node.name.value}'"
    if culprit.why is Why.LOCAL_CLASS and isinstance(node, cst.Call):
        name = constant_text(node.args[0].value) if node.args else None
        return f"local class '{name}'" if name else "a local class"
    return f"{_thing(node)}{place}"


def _is_far(culprit: Culprit, statement: TopLevelStatement, use: Use) -> bool:
    """Whether something isn't part of what is reported."""
    if culprit.statement is not statement:
        return True
    return culprit.node is not use.value and not any(node is use.value for node in _around(culprit))


def _thing(node: cst.CSTNode) -> str:
    match node:
        case cst.Lambda():
            return "a lambda"
        case cst.FunctionDef():
            return f"nested function '{node.name.value}'"
        case cst.ClassDef():
            return f"local class '{node.name.value}'"
        case cst.GeneratorExp():
            return "a generator expression"
        case cst.ImportAlias():
            return f"module '{_text(node.name)}'"
        case cst.Call():
            return f"the result of {_text(node.func).rpartition('...')[2].lstrip('.')}()"
    return _text(node)


def _text(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_text(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else "..."


def _replaced(culprit: Culprit) -> str:
    node = culprit.node
    match node:
        case cst.FunctionDef():
            return f"'{node.name.value}', which a decorator returns without functools.wraps,"
        case cst.ClassDef():
            return f"the instance of '{node.name.value}' that takes the place of a function"
        case cst.Param():
            return f"the undecorated function '{node.name.value}', whose name stands for the decorated one,"
        case cst.Call():
            name = _type_made(culprit)
            if name is None:
                return "a function that goes by another name"
            where = "is an attribute of a class" if _is_in_class(culprit) else "isn't bound to that name"
            return f"type '{name}', which {where},"
    return "an object that goes by another name"


def _attribute(culprit: Culprit) -> str:
    """``'self.lock' ``, for what is assigned to it."""
    parent = culprit.statement.parents.get(culprit.node)
    while parent is not None and not isinstance(parent, (cst.Assign, cst.AnnAssign, cst.BaseStatement)):
        parent = culprit.statement.parents.get(parent)
    target = parent.targets[0].target if isinstance(parent, cst.Assign) else getattr(parent, "target", None)
    return f"'{_text(target)}' " if isinstance(target, cst.Attribute) else ""


def _assigned_name(culprit: Culprit) -> str | None:
    parent = culprit.statement.parents.get(culprit.node)
    target = parent.targets[0].target if isinstance(parent, cst.Assign) else None
    return target.value if isinstance(target, cst.Name) else None

"""Whether a captured value can be handed to another process: it can be pickled, is only read, and is the right one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused, Variable
from flake8_pitfalls.rules.pickling.fix_changes import CHANGING_METHODS, changes_itself, check_unchanged, is_called
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.semantics.classes import Function, assigned_value, class_made_by, find_method, in_file_function
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

SHARED_BY_INHERITANCE = frozenset(
    {
        *("Queue", "JoinableQueue", "SimpleQueue", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Event"),
        *("Condition", "Barrier", "Value", "Array", "RawValue", "RawArray", "Pipe"),
    }
)
"""What multiprocessing shares with the processes it starts, and with those only."""

_RESOURCES = frozenset(
    {
        *(f"threading.{name}" for name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event")),
        *("threading.Barrier", "threading.Thread", "threading.Timer", "threading.local", "builtins.open", "io.open"),
        *("sqlite3.connect", "subprocess.Popen", "queue.Queue", "queue.SimpleQueue", "queue.LifoQueue"),
        *(
            "queue.PriorityQueue",
            "multiprocessing.Pool",
            "multiprocessing.pool.Pool",
            "multiprocessing.pool.ThreadPool",
        ),
        *("concurrent.futures.ProcessPoolExecutor", "concurrent.futures.ThreadPoolExecutor", "builtins.iter"),
        *("concurrent.futures.process.ProcessPoolExecutor", "concurrent.futures.thread.ThreadPoolExecutor"),
        *("tempfile.TemporaryFile", "tempfile.NamedTemporaryFile", "gzip.open", "bz2.open", "lzma.open", "codecs.open"),
        *("multiprocessing.Process", "multiprocessing.Manager", "weakref.ref", "itertools.count"),
    }
)
INHERITED_METHODS = frozenset(
    {
        *("put", "put_nowait", "get", "get_nowait", "set", "is_set", "clear", "acquire", "release", "wait", "send"),
        *("recv", "poll", "close", "task_done", "join", "get_lock", "cancel_join_thread", "empty", "qsize"),
    }
)
_HARMLESS = frozenset(
    {
        *(
            name
            for kind in (str, bytes, int, float, tuple, frozenset)
            for name in dir(kind)
            if callable(getattr(kind, name))
        ),
        *("get", "keys", "values", "items", "copy", "search", "match", "fullmatch", "finditer", "findall", "sub"),
        *("sum", "mean", "min", "max", "dot", "exists", "is_file", "is_dir", "joinpath", "with_suffix", "read_text"),
        *("debug", "info", "warning", "error", "exception", "critical", "log"),
    }
)
"""Methods that change nothing, or whose objects are loggers."""


def check_value(statement: TopLevelStatement, variable: Variable, inside: set[Scope], role: Role) -> str:
    """What a person should look at when a captured variable is handed over as an argument; as a rule nothing.

    Raises Refused when it can't be.
    """
    shared = any(is_shared_by_inheritance(statement, value) for value in _values(statement, variable))
    if shared and role not in {Role.TARGET, Role.INITIALIZER}:
        raise Refused(
            f"'{variable.name}' can only be given to a process when it's started: pass it by initializer= and "
            "initargs=, or take one of a multiprocessing.Manager()"
        )
    if not shared:
        _check_picklable(statement, variable)
    if shared or _is_managed(statement, variable):
        return ""
    if role not in {Role.TARGET, Role.INITIALIZER} and _is_entered(statement, variable):
        raise Refused(
            f"'{variable.name}' is entered by 'with', and such objects can rarely be pickled: make it in the worker"
        )
    if role in {Role.TARGET, Role.INITIALIZER} and _may_be_inherited(statement, variable):
        return f"'{variable.name}' has to be a queue, lock or the like of multiprocessing"
    check_unchanged(statement, variable.name, variable.reads, inside)
    return _note_of_calls(statement, variable)


def _may_be_inherited(statement: TopLevelStatement, variable: Variable) -> bool:
    """Whether a parameter is used like what multiprocessing shares with the processes it starts."""
    if any(binding.kind is not BindingKind.PARAMETER for binding in variable.bindings):
        return False
    used = set()
    for read in variable.reads:
        parent = statement.parents.get(read)
        if isinstance(parent, cst.Attribute) and parent.value is read and is_called(statement, parent):
            used.add(parent.attr.value)
        elif not isinstance(parent, (cst.Arg, cst.WithItem)):
            return False
    return bool(used & INHERITED_METHODS) and used <= INHERITED_METHODS


def _is_entered(statement: TopLevelStatement, variable: Variable) -> bool:
    return any(isinstance(statement.parents.get(read), cst.WithItem) for read in variable.reads)


def _note_of_calls(statement: TopLevelStatement, variable: Variable) -> str:
    """Methods of objects that this file doesn't tell anything about may change them."""
    if all(_is_plain_value(value) for value in _values(statement, variable)) and _values(statement, variable):
        return ""
    for read in variable.reads:
        parent = statement.parents.get(read)
        if isinstance(parent, cst.Attribute) and parent.value is read and is_called(statement, parent):
            found = _method_of(statement, variable, parent.attr.value)
            if found is not None and changes_itself(*found):
                raise Refused(
                    f"'{variable.name}.{parent.attr.value}()' changes the object, and would only change the copy of "
                    "the process: return the result"
                )
            if found is None and parent.attr.value not in _HARMLESS:
                return f"if '{variable.name}.{parent.attr.value}()' changes the object, that stays in the process"
    return ""


def _is_plain_value(value: cst.BaseExpression) -> bool:
    return isinstance(
        value, (cst.SimpleString, cst.FormattedString, cst.Integer, cst.Float, cst.Tuple, cst.List, cst.Dict, cst.Set)
    )


def _method_of(statement: TopLevelStatement, variable: Variable, name: str) -> Function | None:
    """The method of a class of this file that a variable's object has."""
    values = _values(statement, variable)
    made = class_made_by(statement, values[0]) if len(values) == 1 and len(variable.bindings) == 1 else None
    return find_method(*made, name) if made is not None else None


def _values(statement: TopLevelStatement, variable: Variable) -> list[cst.BaseExpression]:
    """What the bindings of a variable assign, as far as that shows."""
    return [value for binding in variable.bindings if (value := value_of(statement, binding)) is not None]


def value_of(statement: TopLevelStatement, binding: Binding) -> cst.BaseExpression | None:
    """The value that a binding gives, for ``with ... as x`` the context manager."""
    parent = statement.parents.get(binding.node)
    if binding.kind is BindingKind.WITH:
        item = statement.parents.get(parent) if isinstance(parent, cst.AsName) else None
        return item.item if isinstance(item, cst.WithItem) else None
    if binding.kind is BindingKind.ASSIGNMENT and isinstance(parent, cst.Element):
        found = assigned_value(statement, binding)
        return found if found is not None else _unpacked(statement, parent)
    return assigned_value(statement, binding) if binding.kind is not BindingKind.PARAMETER else None


def _unpacked(statement: TopLevelStatement, element: cst.CSTNode) -> cst.BaseExpression | None:
    """``Pipe()`` of ``a, b = Pipe()``."""
    node: cst.CSTNode | None = element
    while isinstance(node, (cst.Element, cst.Tuple, cst.List, cst.AssignTarget)):
        node = statement.parents.get(node)
    return node.value if isinstance(node, cst.Assign) else None


def is_shared_by_inheritance(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    """Whether an expression makes a lock, queue or the like of multiprocessing, not of one of its managers."""
    if not isinstance(value, cst.Call):
        return False
    dotted = origin(statement, value.func) or ""
    if dotted.startswith("multiprocessing."):
        return dotted.rpartition(".")[2] in SHARED_BY_INHERITANCE
    function = value.func
    if not isinstance(function, cst.Attribute) or function.attr.value not in SHARED_BY_INHERITANCE:
        return False
    made = _maker_of(statement, function.value)
    return made is not None and (origin(statement, made.func) or "").endswith("multiprocessing.get_context")


def _maker_of(statement: TopLevelStatement, node: cst.BaseExpression) -> cst.Call | None:
    """The call whose result an expression is."""
    if isinstance(node, cst.Name):
        scope = statement.scopes.scope_of(node).lookup(node.value)
        bindings = scope.bindings.get(node.value, []) if scope is not None else []
        found = value_of(statement, bindings[0]) if len(bindings) == 1 else None
        return found if isinstance(found, cst.Call) else None
    return node if isinstance(node, cst.Call) else None


def _is_managed(statement: TopLevelStatement, variable: Variable) -> bool:
    """Whether a variable is the proxy of an object that a manager keeps, which every process may change."""
    values = _values(statement, variable)
    return bool(values) and all(
        isinstance(value, cst.Call)
        and isinstance(value.func, cst.Attribute)
        and (maker := _maker_of(statement, value.func.value)) is not None
        and _is_manager(maker)
        for value in values
    )


def _is_manager(call: cst.Call) -> bool:
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else getattr(call.func, "value", "")
    return name in {"Manager", "SyncManager"}


def _is_module(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    """Whether a name is that of an imported module."""
    if not isinstance(value, cst.Name):
        return False
    memo = statement.module.memo
    if "imported modules" not in memo:
        imports = (node for node in statement.module.walk_ast() if isinstance(node, ast.Import))
        memo["imported modules"] = {name.asname or name.name for node in imports for name in node.names}
    return value.value in memo["imported modules"]


def _check_picklable(statement: TopLevelStatement, variable: Variable) -> None:
    given = [binding.node for binding in variable.bindings if isinstance(binding.node, cst.Param)]
    defaults = [parameter.default for parameter in given if parameter.default is not None]
    for value in (*_values(statement, variable), *defaults):
        if _is_module(statement, value):
            raise Refused(f"'{variable.name}' is a module, which can't be pickled: import it in the function")
        if isinstance(value, cst.GeneratorExp):
            raise Refused(f"'{variable.name}' is a generator, which can't be pickled: make it a list")
        if isinstance(value, cst.Lambda):
            raise Refused(f"'{variable.name}' is a lambda, which can't be pickled either: make it a function first")
        if isinstance(value, cst.Attribute) and value.attr.value in CHANGING_METHODS:
            raise Refused(f"'{variable.name}' changes an object, and would only change a copy of it: return the result")
        if isinstance(value, cst.Call):
            dotted = origin(statement, value.func)
            if dotted in _RESOURCES:
                raise Refused(
                    f"'{variable.name}' can't be pickled either: make it in the process that uses it, "
                    "for example in an initializer"
                )
            if dotted is not None and _gives_generator(statement, value):
                raise Refused(f"'{variable.name}' is a generator, which can't be pickled: make it a list")


def unpicklable_maker(statement: TopLevelStatement, value: cst.BaseExpression) -> bool:
    """Whether an expression makes something that can't be pickled, for all that shows."""
    if isinstance(value, (cst.Lambda, cst.GeneratorExp)) or is_shared_by_inheritance(statement, value):
        return True
    return isinstance(value, cst.Call) and origin(statement, value.func) in _RESOURCES


def _gives_generator(statement: TopLevelStatement, call: cst.Call) -> bool:
    from flake8_pitfalls.rules.pickling.fix_captures import function_around
    from flake8_pitfalls.semantics.walk import walk

    found = in_file_function(statement.module, call.func.value) if isinstance(call.func, cst.Name) else None
    return found is not None and any(
        isinstance(part, cst.Yield) and function_around(found[0], part) is found[1] for part in walk(found[1])
    )

"""Whether a captured value can be handed to another process: it can be pickled, is only read, and is the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.fix_captures import Refused, Variable, reads_of, scopes_below
from flake8_pitfalls.rules.pickling.hoist_refusals import is_below
from flake8_pitfalls.rules.pickling.model import Role
from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD
from flake8_pitfalls.semantics.classes import Function, assigned_value, class_made_by, find_method, in_file_function
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import Binding, BindingKind, Scope, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

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
_CHANGING = ANY_CHANGING_METHOD | {
    "put",
    "put_nowait",
    "write",
    "writelines",
    "set",
    "release",
    "acquire",
    "__setitem__",
}
_HARMLESS = frozenset(
    {
        *(name for kind in (str, bytes, int, float, tuple, frozenset, range) for name in dir(kind)),
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
    check_unchanged(statement, variable.name, variable.reads, inside)
    return _note_of_calls(statement, variable)


def _is_entered(statement: TopLevelStatement, variable: Variable) -> bool:
    return any(isinstance(statement.parents.get(read), cst.WithItem) for read in variable.reads)


def _note_of_calls(statement: TopLevelStatement, variable: Variable) -> str:
    """Methods of objects that this file doesn't tell anything about may change them."""
    if all(_is_plain_value(value) for value in _values(statement, variable)) and _values(statement, variable):
        return ""
    for read in variable.reads:
        parent = statement.parents.get(read)
        if isinstance(parent, cst.Attribute) and parent.value is read and _is_called(statement, parent):
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


def changes_itself(statement: TopLevelStatement, method: cst.FunctionDef) -> bool:
    """Whether a method changes the object whose method it is."""
    first = [*method.params.posonly_params, *method.params.params][:1]
    if not first:
        return False
    scope = statement.scopes.scope_for(method)
    reads = [read for read, _ in reads_of(scope, first[0].name.value)]
    return any(_changes(statement, read, set(scopes_below(scope)), 1) for read in reads)


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


def _check_picklable(statement: TopLevelStatement, variable: Variable) -> None:
    for value in _values(statement, variable):
        if isinstance(value, cst.GeneratorExp):
            raise Refused(f"'{variable.name}' is a generator, which can't be pickled: make it a list")
        if isinstance(value, cst.Lambda):
            raise Refused(f"'{variable.name}' is a lambda, which can't be pickled either: make it a function first")
        if isinstance(value, cst.Attribute) and value.attr.value in _CHANGING:
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


def check_unchanged(
    statement: TopLevelStatement, name: str, reads: Iterable[cst.CSTNode], inside: set[Scope], depth: int = 0
) -> None:
    """Raise Refused when code changes the object that it reads: the process has a copy of it."""
    for read in reads:
        if _changes(statement, read, inside, depth):
            raise Refused(f"'{name}' is changed, which would only change the copy of the process: return the result")


def _changes(statement: TopLevelStatement, read: cst.CSTNode, inside: set[Scope], depth: int) -> bool:
    node, parent = read, statement.parents.get(read)
    while isinstance(parent, (cst.Attribute, cst.Subscript)) and parent.value is node:
        if isinstance(parent, cst.Attribute) and _is_called(statement, parent):
            return parent.attr.value in _CHANGING
        node, parent = parent, statement.parents.get(parent)
        if _is_target(node, parent):
            return True
    if isinstance(parent, cst.AugAssign) and parent.target is node:
        return True
    if isinstance(parent, cst.Arg):
        return _is_changed_by_callee(statement, parent, depth)
    return depth < 2 and _alias_is_changed(statement, node, parent, inside, depth)


def _is_called(statement: TopLevelStatement, node: cst.CSTNode) -> bool:
    parent = statement.parents.get(node)
    return isinstance(parent, cst.Call) and parent.func is node


def _is_target(node: cst.CSTNode, parent: cst.CSTNode | None) -> bool:
    if isinstance(parent, (cst.AugAssign, cst.AnnAssign, cst.Del, cst.For)):
        return parent.target is node
    return isinstance(parent, cst.AssignTarget)


def _is_changed_by_callee(statement: TopLevelStatement, argument: cst.Arg, depth: int) -> bool:
    """Whether a function of this file changes what it's given."""
    call = statement.parents.get(argument)
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name) or depth > 3:
        return False
    dotted = origin(statement, call.func)
    if dotted in {"builtins.next", "builtins.setattr", "builtins.delattr", "heapq.heappush", "heapq.heappop"}:
        return call.args[0] is argument
    found = in_file_function(statement.module, call.func.value)
    if found is None:
        return False
    where, function = found
    parameters = [*function.params.posonly_params, *function.params.params]
    if argument.keyword is not None:
        names = [p.name.value for p in [*parameters, *function.params.kwonly_params]]
        if argument.keyword.value not in names:
            return False
        name = argument.keyword.value
    else:
        position = call.args.index(argument)
        if position >= len(parameters):
            return False
        name = parameters[position].name.value
    scope = where.scopes.scope_for(function)
    reads = [read for read, _ in reads_of(scope, name)]
    return any(_changes(where, read, set(scopes_below(scope)), depth + 1) for read in reads)


def _alias_is_changed(
    statement: TopLevelStatement, node: cst.CSTNode, parent: cst.CSTNode | None, inside: set[Scope], depth: int
) -> bool:
    """``rows = results; rows.append(x)``."""
    target: cst.CSTNode | None = None
    if isinstance(parent, cst.Assign) and parent.value is node and len(parent.targets) == 1:
        target = parent.targets[0].target
    elif isinstance(parent, cst.For) and parent.iter is node:
        target = parent.target
    if not isinstance(target, cst.Name):
        return False
    scope = statement.scopes.scope_of(target).lookup(target.value)
    if scope is None or scope not in inside:
        return False
    return any(_changes(statement, read, inside, depth + 1) for read, _ in reads_of(scope, target.value))


class Timing:
    """Whether a captured variable has its value, and only one, when functions that read it are handed over."""

    def __init__(self, statement: TopLevelStatement, variable: Variable) -> None:
        self.statement = statement
        self.variable = variable
        self._bindings = [
            binding for binding in variable.bindings if binding.kind not in {BindingKind.ANNOTATION, BindingKind.DELETE}
        ]

    def is_settled(self, place: cst.CSTNode) -> bool:
        """Whether its only binding comes before a place, whenever the place is reached."""
        if len(self.variable.bindings) != 1:
            return False
        binding = self._bindings[0] if self._bindings else None
        if binding is None or binding.scope is not self.variable.owner:
            return False
        if binding.kind is BindingKind.PARAMETER or self.variable.owner.kind is ScopeKind.COMPREHENSION:
            return True
        block, looping = self._block(binding.node)
        order = self.statement.order
        return not looping and order[binding.node] < order[place] and is_below(self.statement, place, block)

    def _block(self, node: cst.CSTNode) -> tuple[cst.CSTNode, bool]:
        """The block whose running means that a statement in it runs, and whether a loop is around."""
        looping = False
        block: cst.CSTNode | None = None
        parents = self.statement.parents
        parent = parents.get(node)
        while parent is not None and parent is not self.variable.owner.node:
            if isinstance(parent, (cst.For, cst.While)):
                looping = True
            if block is None and isinstance(parent, (cst.If, cst.Else, cst.For, cst.While, cst.ExceptHandler)):
                block = parent
            if block is None and isinstance(parent, (cst.Try, cst.MatchCase, cst.With, cst.IfExp)):
                block = parent if not isinstance(parent, cst.With) else None
            parent = parents.get(parent)
        return block or self.variable.owner.node, looping

    def is_unbound(self, place: cst.CSTNode) -> bool:
        """Whether no binding comes before a place: the value would be missing."""
        if any(binding.kind is BindingKind.PARAMETER for binding in self._bindings):
            return False
        if self.variable.owner.kind is ScopeKind.COMPREHENSION or self._shares_loop(place):
            return False
        order = self.statement.order
        if self.statement.scopes.scope_of(place) is not self.variable.owner and not self._is_same_code(place):
            return False
        return all(order[binding.node] > order[place] for binding in self._bindings)

    def _shares_loop(self, place: cst.CSTNode) -> bool:
        return any(
            isinstance(loop, (cst.For, cst.While))
            and any(is_below(self.statement, binding.node, loop) for binding in self._bindings)
            for loop in self._ancestors(place)
        )

    def _is_same_code(self, place: cst.CSTNode) -> bool:
        return not any(
            isinstance(node, (cst.FunctionDef, cst.Lambda))
            and node is not self.variable.owner.node
            and is_below(self.statement, node, self.variable.owner.node)
            for node in self._ancestors(place)
        )

    def _ancestors(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        found = []
        current = self.statement.parents.get(node)
        while current is not None:
            found.append(current)
            current = self.statement.parents.get(current)
        return found

"""Whether the instances of a class of the file can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.semantics.classes import bases_in_file, has_fields, with_bases
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_CONTAINERS = {
    **{f"builtins.{name}": f"builtins.{name}" for name in ("list", "dict", "set", "bytearray")},
    **{
        f"collections.{name}": f"collections.{name}"
        for name in ("deque", "defaultdict", "OrderedDict", "Counter", "ChainMap", "UserDict", "UserList")
    },
}
_IMMUTABLE_BASES = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in ("tuple", "str", "bytes", "int", "float", "frozenset", "type", "BaseException")
        ),
        *("builtins.Exception", "typing.NamedTuple", "typing.Protocol", "collections.namedtuple"),
        *(f"enum.{name}" for name in ("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")),
    }
)
_SETUP = frozenset({"__init__", "__new__", "__post_init__", "__setstate__", "__attrs_post_init__"})


def is_mutable_class(
    statement: TopLevelStatement, node: cst.ClassDef, seen: set[cst.ClassDef] | None = None
) -> str | None:
    """What instances of a class are: a kind of container, ``""`` if they have attributes, ``None`` if immutable."""
    seen = set() if seen is None else seen
    if node in seen:
        return ""
    seen.add(node)
    if _is_frozen(statement, node):
        return None
    for base in node.bases:
        dotted = origin(statement, base.value.value if isinstance(base.value, cst.Subscript) else base.value)
        if dotted in _CONTAINERS:
            return _CONTAINERS[dotted] if not _overrides_mutators(node) else None
        if dotted in _IMMUTABLE_BASES:
            return None
    for base_statement, base_node in bases_in_file(statement, node):
        inherited = is_mutable_class(base_statement, base_node, seen)
        if inherited is None or inherited:
            return inherited
    return ""


def _is_frozen(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    for decorator in node.decorators:
        called = decorator.decorator
        if isinstance(called, cst.Call):
            for argument in called.args:
                frozen = argument.keyword is not None and argument.keyword.value == "frozen"
                if frozen and isinstance(argument.value, cst.Name) and argument.value.value == "True":
                    return True
            called = called.func
        if origin(statement, called) in {"attr.frozen", "attrs.frozen"}:
            return True
    return False


def _overrides_mutators(node: cst.ClassDef) -> bool:
    """Whether a subclass of a container forbids changes, as an immutable list would."""
    overridden = {
        statement.name.value
        for statement in node.body.body
        if isinstance(statement, cst.FunctionDef) and any(isinstance(part, cst.Raise) for part in walk(statement.body))
    }
    return bool(overridden & {"__setitem__", "append", "add", "_immutable", "update"})


def changes_itself(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether some method, other than those that set an instance up, changes the instance."""
    return any(
        isinstance(member, cst.FunctionDef) and member.name.value not in _SETUP and _changes_first(member)
        for _, each in with_bases(statement, node)
        for member in each.body.body
    )


def _changes_first(function: cst.FunctionDef) -> bool:
    """Whether a method changes its first parameter, the instance."""
    parameters = [*function.params.posonly_params, *function.params.params]
    return bool(parameters) and _changes(function, parameters[0].name.value)


def _changes(function: cst.FunctionDef, own: str) -> bool:
    from flake8_pitfalls.semantics.callees import ANY_CHANGING_METHOD

    for node in walk(function.body):
        target: cst.CSTNode | None = None
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)):
            target = node.target
        elif isinstance(node, cst.Attribute) and node.attr.value in ANY_CHANGING_METHOD:
            target = node.value
        if isinstance(target, (cst.Attribute, cst.Subscript)) and _root(target) == own:
            return True
    return False


def _root(node: cst.CSTNode) -> str | None:
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None


def has_state(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether instances have attributes of their own: fields, or assignments to ``self``."""
    return any(
        has_fields(each)
        or any(isinstance(member, cst.FunctionDef) and _changes_first(member) for member in each.body.body)
        for _, each in with_bases(statement, node)
    )


def has_plain_init(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    """Whether making an instance only sets attributes of it: no calls, no metaclass, no unknown base class."""
    return all(_inits_plainly(*each) for each in with_bases(statement, node))


def _inits_plainly(statement: TopLevelStatement, node: cst.ClassDef) -> bool:
    if node.keywords or (node.decorators and not has_fields(node)):
        return False
    bases = bases_in_file(statement, node)
    plain = sum(origin(statement, base.value) in {"builtins.object", *_CONTAINERS} for base in node.bases)
    if len(bases) + plain < len(node.bases):
        return False
    for member in node.body.body:
        sets_up = isinstance(member, cst.FunctionDef) and member.name.value in _SETUP
        if sets_up and not _is_plain_init(statement, member):
            return False
    return True


def _is_plain_init(statement: TopLevelStatement, member: cst.CSTNode) -> bool:
    return (
        isinstance(member, cst.FunctionDef)
        and member.name.value == "__init__"
        and _only_sets_attributes(statement, member)
    )


def _only_sets_attributes(statement: TopLevelStatement, function: cst.FunctionDef) -> bool:
    parameters = [*function.params.posonly_params, *function.params.params]
    own = parameters[0].name.value if parameters else ""
    for node in walk(function.body):
        if isinstance(node, cst.Call) and (origin(statement, node.func) or "") not in _CONTAINERS:
            return False
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)):
            target = node.target
            if not isinstance(target, cst.Name) and not (
                isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name) and target.value.value == own
            ):
                return False
        if isinstance(node, (cst.Global, cst.Nonlocal, cst.Del, cst.Raise)):
            return False
    return True

"""What keeps a local class, or a type made by a call, from being moved to module level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.fixes.model import Edit
from flake8_pitfalls.rules.pickling.fix_captures import Refused
from flake8_pitfalls.rules.pickling.hoist_class_body import check_body
from flake8_pitfalls.rules.pickling.hoist_refusals import is_test_name
from flake8_pitfalls.semantics.classes import class_named, find_method
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.scopes import ScopeKind
from flake8_pitfalls.semantics.walk import walk

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import TopLevelStatement

_DECORATORS = frozenset(
    {
        *("dataclasses.dataclass", "functools.total_ordering", "enum.unique", "typing.final"),
        *("typing.runtime_checkable", "attr.s", "attr.attrs", "attrs.define", "attrs.frozen", "attr.define"),
    }
)
_PLAIN_BASES = frozenset(
    {
        *("typing.NamedTuple", "typing.TypedDict", "typing.Protocol", "typing.Generic", "abc.ABC"),
        *(f"enum.{name}" for name in ("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")),
        *("threading.Thread", "multiprocessing.Process", "multiprocessing.context.Process"),
        *("torch.utils.data.Dataset", "torch.utils.data.IterableDataset", "torch.nn.Module"),
        *("collections.OrderedDict", "collections.UserDict", "collections.UserList", "collections.defaultdict"),
        *("collections.Counter", "collections.deque", "collections.UserString", "pickle.Pickler", "pickle.Unpickler"),
        *(f"collections.abc.{name}" for name in ("Iterator", "Iterable", "Mapping", "MutableMapping", "Sequence")),
        *(f"collections.abc.{name}" for name in ("Callable", "Hashable", "Sized", "Container", "MutableSequence")),
    }
)


def check_class(statement: TopLevelStatement, node: cst.ClassDef) -> None:
    """Raise Refused when making a class once, at import, isn't the same as making it in the function."""
    if is_test_name(statement, node.name.value):
        raise Refused(f"a test runner would collect '{node.name.value}' at module level")
    for decorator in node.decorators:
        called = decorator.decorator
        function = called.func if isinstance(called, cst.Call) else called
        if origin(statement, function) not in _DECORATORS:
            raise Refused(f"the decorator '{statement.source(function)}' would run once, at import")
    if statement.module.has_text("__subclasses__"):
        raise Refused("__subclasses__() would know the class from the import on: move it yourself")
    if node.keywords:
        raise Refused("a metaclass or another keyword of the class may register it: move it yourself")
    for base in node.bases:
        _check_base(statement, base)
    check_body(statement, node)
    _check_changes(node)


def _check_base(statement: TopLevelStatement, base: cst.Arg) -> None:
    value = base.value.value if isinstance(base.value, cst.Subscript) else base.value
    dotted = origin(statement, value)
    if dotted is not None and (dotted in _PLAIN_BASES or dotted.startswith("builtins.")):
        return
    if isinstance(value, cst.Name):
        found = class_named(statement, value)
        if found is not None:
            where, node = found
            if find_method(where, node, "__init_subclass__") is not None or node.keywords:
                raise Refused(f"'{value.value}' is told of its subclasses: move the class yourself")
            for inherited in node.bases:
                _check_base(where, inherited)
            return
        if _is_made_by_call(statement, value):
            return
    raise Refused(f"the base '{statement.source(base.value)}' may register its subclasses: move the class yourself")


def _is_made_by_call(statement: TopLevelStatement, name: cst.Name) -> bool:
    """Whether a base is a named tuple or the like of this file."""
    binding = statement.module.facts.single_binding(name.value)
    facts = statement.module.facts
    import ast

    return (
        binding is not None
        and isinstance(binding.value, ast.Call)
        and facts.dotted(binding.value.func) in {"collections.namedtuple", "typing.NamedTuple"}
    )


def _check_changes(node: cst.ClassDef) -> None:
    """Raise Refused when methods change the class, which would last from call to call."""
    for part in walk(node):
        targets: list[cst.BaseExpression] = []
        if isinstance(part, cst.Assign):
            targets = [target.target for target in part.targets]
        elif isinstance(part, (cst.AugAssign, cst.AnnAssign)):
            targets = [part.target]
        for target in targets:
            if isinstance(target, cst.Attribute) and _is_the_class(target.value, node.name.value):
                raise Refused(f"the class changes its attribute '{target.attr.value}', which all calls would share")


def _is_the_class(node: cst.BaseExpression, name: str) -> bool:
    if isinstance(node, cst.Name):
        return node.value in {"cls", name}
    if isinstance(node, cst.Attribute):
        return node.attr.value == "__class__"
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "type"


def check_type(statement: TopLevelStatement, node: cst.Call) -> None:
    """Raise Refused when the arguments of ``namedtuple`` and the like aren't constants."""
    for part in walk(node):
        if isinstance(part, (cst.Call, cst.Lambda)) and part is not node:
            raise Refused("the arguments of the type aren't constants: define it at module level yourself")
        if isinstance(part, cst.Name):
            parent = statement.parents.get(part)
            if isinstance(parent, cst.Arg) and parent.keyword is part:
                continue
            owner = statement.scopes.scope_of(part).lookup(part.value)
            if owner is not None and owner.kind is not ScopeKind.MODULE:
                raise Refused(f"the type depends on '{part.value}' of the function around it")


def renamed_type(statement: TopLevelStatement, node: cst.Call, name: str) -> Edit | None:
    """Give a type the name that it's bound to; ``None`` if it has it.

    Raises Refused.
    """
    first = type_name(node)
    text = first.evaluated_value if isinstance(first, cst.SimpleString) else None
    if not isinstance(first, cst.SimpleString) or not isinstance(text, str):
        raise Refused(f"the type's name isn't a plain string: make it '{name}'")
    if text == name:
        return None
    start = statement.span(first)[0] + len(first.prefix) + len(first.quote)
    return Edit(start, start + len(first.raw_value), name)


def type_name(node: cst.Call) -> cst.BaseExpression | None:
    """The argument that names the type."""
    for argument in node.args:
        if argument.keyword is None or argument.keyword.value in {"typename", "name", "cls_name", "value"}:
            return argument.value
    return None

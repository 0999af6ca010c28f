"""Fields whose defaults all instances share: dataclasses, attrs, NamedTuple, Django and SQLAlchemy models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.mutable_default.cousin import Cousin, refused
from flake8_pitfalls.rules.mutable_default.instances import has_state
from flake8_pitfalls.rules.mutable_default.objects import MutableObject, Objects
from flake8_pitfalls.semantics.names import origin
from flake8_pitfalls.semantics.walk import small_statements

if TYPE_CHECKING:
    from flake8_pitfalls.fixes.model import Fix, Refusal
    from flake8_pitfalls.rules.mutable_default.cousin import MakeFix
    from flake8_pitfalls.semantics.module import TopLevelStatement

_ATTRS_CLASSES = frozenset(
    {
        *(f"{package}.{name}" for package in ("attr", "attrs") for name in ("define", "mutable", "frozen")),
        *("attr.s", "attr.attrs", "attr.attributes", "attr.dataclass"),
    }
)
_ATTRS_FIELDS = frozenset({"attrs.field", "attr.field", "attr.ib", "attr.attrib", "attr.attr"})
_NAMED_TUPLES = frozenset({"typing.NamedTuple", "typing_extensions.NamedTuple"})
_COLUMNS = frozenset({"Column", "mapped_column"})


def class_fields(statement: TopLevelStatement, node: cst.ClassDef, objects: Objects) -> Iterator[Cousin]:
    """Defaults in the body of a dataclass, an attrs class or a NamedTuple."""
    kind = _kind_of_class(statement, node)
    if kind is None:
        return
    for small in small_statements(node.body):
        if isinstance(small, cst.AnnAssign) and small.value is not None and not _is_class_var(statement, small):
            yield from _annotated_field(statement, small.value, objects, kind)


def _annotated_field(
    statement: TopLevelStatement, value: cst.BaseExpression, objects: Objects, kind: str
) -> Iterator[Cousin]:
    if kind == "dataclass" and isinstance(value, cst.Call) and origin(statement, value.func) == "dataclasses.field":
        default = keyword(value, "default")
        if default is not None and _shared(objects, default.value):
            yield Cousin(
                statement,
                default.value,
                "all instances",
                _use_factory(statement, default.value, "dataclass argument", objects),
            )
    elif _shared(objects, value):
        if kind == "namedtuple":
            fix = refused("fields of a NamedTuple have no factories: use an immutable default, or None")
        else:
            fix = _use_factory(statement, value, kind, objects)
        yield Cousin(statement, value, "all instances", fix)


def _shared(objects: Objects, value: cst.BaseExpression) -> MutableObject | None:
    made = objects.mutable(value)
    if made is not None and made.by_use:
        followed = made.followed
        if followed.class_node is None or followed.class_statement is None:
            return None
        return made if has_state(followed.class_statement, followed.class_node) else None
    return None if made is None or made.is_iterator else made


def _kind_of_class(statement: TopLevelStatement, node: cst.ClassDef) -> str | None:
    for decorator in node.decorators:
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        dotted = origin(statement, called)
        if dotted == "dataclasses.dataclass":
            return "dataclass"
        if dotted in _ATTRS_CLASSES:
            return "attrs"
    if any(origin(statement, base.value) in _NAMED_TUPLES for base in node.bases):
        return "namedtuple"
    return None


def _is_class_var(statement: TopLevelStatement, node: cst.AnnAssign) -> bool:
    annotation = node.annotation.annotation
    if isinstance(annotation, cst.SimpleString):
        return "ClassVar" in annotation.value
    named = annotation.value if isinstance(annotation, cst.Subscript) else annotation
    return origin(statement, named) in {"typing.ClassVar", "typing_extensions.ClassVar"}


def field_call(statement: TopLevelStatement, node: cst.Call, objects: Objects) -> Iterator[Cousin]:
    """``attr.ib(default=[])``, ``models.JSONField(default={})``, ``Column(JSON, default={})``."""
    default = keyword(node, "default")
    dotted = origin(statement, node.func)
    if dotted in _ATTRS_FIELDS:
        if _is_copied(statement, node):
            return
        first = node.args[0] if node.args and node.args[0].keyword is None else None
        shared = default or (first if dotted != "attrs.field" and first is not None and not first.star else None)
        if shared is not None and _shared(objects, shared.value):
            how = "attrs argument" if shared is default else "attrs positional"
            yield Cousin(statement, shared.value, "all instances", _use_factory(statement, shared.value, how, objects))
        return
    if default is None or objects.mutable(default.value) is None:
        return
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else (dotted or "").rpartition(".")[2]
    django = dotted is not None and dotted.startswith("django.") and name.endswith("Field")
    alchemy = name in _COLUMNS and (dotted is None or dotted.startswith("sqlalchemy"))
    if django or (alchemy and not _copies(node)):
        yield Cousin(statement, default.value, "all rows", _use_factory(statement, default.value, "callable", objects))


def _use_factory(statement: TopLevelStatement, node: cst.BaseExpression, how: str, objects: Objects) -> MakeFix:
    def make_fix() -> Fix | Refusal:
        from flake8_pitfalls.rules.mutable_default.factories import factory_fix

        return factory_fix(statement, node, how, objects.options)

    return make_fix


def _is_copied(statement: TopLevelStatement, node: cst.Call) -> bool:
    """Whether a converter makes a new object of the default, as ``list`` does."""
    converter = keyword(node, "converter")
    named = origin(statement, converter.value) if converter is not None else None
    return named in {f"builtins.{name}" for name in ("list", "dict", "set", "tuple", "frozenset")} | {
        "copy.copy",
        "copy.deepcopy",
    }


def _copies(node: cst.Call) -> bool:
    """Whether a column's type makes a mutable copy of its default: SQLAlchemy's ``MutableDict.as_mutable(JSON)``."""
    for argument in node.args:
        value = argument.value
        if isinstance(value, cst.Call):
            value = value.func
        if isinstance(value, cst.Attribute) and value.attr.value == "as_mutable":
            return True
    return False


def keyword(node: cst.Call, name: str) -> cst.Arg | None:
    """The argument that's passed by this keyword."""
    return next((argument for argument in node.args if argument.keyword and argument.keyword.value == name), None)

"""Metaclasses that this file knows: what creates a class, and which of two metaclasses derives from the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.metaclass.declares import (
    ABC_CLASSES,
    ABC_PREFIXES,
    FOREIGN_METACLASSES,
    FOREIGN_PREFIXES,
    PLAIN_CLASSES,
)
from flake8_pitfalls.rules.metaclass.helpers import add_metaclass_of, with_metaclass_of
from flake8_pitfalls.semantics.classes import class_named
from flake8_pitfalls.semantics.names import origin

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.classes import Class
    from flake8_pitfalls.semantics.module import TopLevelStatement

    Meta = cst.ClassDef | str
    """A metaclass: a class of this file, or the dotted name of another."""


def metaclass_keyword(node: cst.ClassDef) -> cst.Arg | None:
    """The ``metaclass=`` in the header of a class."""
    return next((arg for arg in node.keywords if arg.keyword is not None and arg.keyword.value == "metaclass"), None)


def named_metaclass(statement: TopLevelStatement, node: cst.ClassDef) -> cst.BaseExpression | None:
    """The metaclass that a class names itself: by the keyword, or through a helper of six or future."""
    keyword = metaclass_keyword(node)
    if keyword is not None:
        return keyword.value
    helpers = [with_metaclass_of(statement, base.value) for base in node.bases]
    helpers += [add_metaclass_of(statement, decorator) for decorator in node.decorators]
    return next((helper for helper in helpers if helper is not None), None)


def actual_metaclass(
    statement: TopLevelStatement, node: cst.ClassDef
) -> tuple[TopLevelStatement, cst.BaseExpression] | None:
    """The metaclass that a class names or takes from a base of this file, with where it's named."""
    for where, member in ancestry(statement, node):
        own = named_metaclass(where, member)
        if own is not None:
            return where, own
    return None


def in_file_bases(statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
    """The bases that this file defines."""
    known: dict[cst.ClassDef, list[Class]] = statement.module.memo.setdefault("metaclass bases", {})
    if node not in known:
        known[node] = list(_bases_in_file(statement, node))
    return known[node]


def _bases_in_file(statement: TopLevelStatement, node: cst.ClassDef) -> Iterator[Class]:
    for base in node.bases:
        value = base.value.value if isinstance(base.value, cst.Subscript) else base.value
        known = class_named(statement, value) if isinstance(value, cst.Name) and not base.star else None
        if known is not None and known[1] is not node:
            yield known


def ancestry(statement: TopLevelStatement, node: cst.ClassDef) -> list[Class]:
    """A class and the classes of this file that it derives from, each once, a class in front of its bases."""
    found: dict[cst.ClassDef, TopLevelStatement] = {}
    stack: list[Class] = [(statement, node)]
    while stack:
        where, member = stack.pop()
        if member not in found:
            found[member] = where
            stack.extend(reversed(in_file_bases(where, member)))
    statement.module.spend(5 * len(found))
    return [(where, member) for member, where in found.items()]


def base_origin(statement: TopLevelStatement, base: cst.Arg) -> str | None:
    """The dotted name of a base; type arguments are left out."""
    return origin(statement, base.value.value if isinstance(base.value, cst.Subscript) else base.value)


def is_abc(dotted: str) -> bool:
    """Whether ``ABCMeta`` creates a class of the standard library."""
    return dotted in ABC_CLASSES or dotted.startswith(ABC_PREFIXES)


def meta_of_library_class(dotted: str) -> str | None:
    """The metaclass of a class of another module, if it's known."""
    if is_abc(dotted):
        return "abc.ABCMeta"
    if dotted in FOREIGN_METACLASSES:
        return FOREIGN_METACLASSES[dotted]
    if dotted.startswith(FOREIGN_PREFIXES):
        return f"{dotted.partition('.')[0]}.metaclass"
    return "builtins.type" if dotted.startswith("builtins.") or dotted in PLAIN_CLASSES else None


def library_metas(statement: TopLevelStatement, node: cst.ClassDef) -> set[str]:
    """The metaclasses that a class, or a class of this file that it derives from, takes from classes of libraries."""
    dotted = (base_origin(where, base) for where, member in ancestry(statement, node) for base in member.bases)
    return {meta for name in dotted if name is not None and (meta := meta_of_library_class(name)) is not None}


def unknown_bases(statement: TopLevelStatement, node: cst.ClassDef) -> list[str]:
    """The bases, of a class or of its bases in this file, whose metaclass can't be told."""
    found: list[str] = []
    for where, member in ancestry(statement, node):
        known = {base.name.value for _, base in in_file_bases(where, member)}
        for base in member.bases:
            value = base.value.value if isinstance(base.value, cst.Subscript) else base.value
            if isinstance(value, cst.Name) and value.value in known:
                continue
            dotted = base_origin(where, base)
            helped = with_metaclass_of(where, base.value) is not None
            if not helped and (base.star or dotted is None or meta_of_library_class(dotted) is None):
                found.append(" ".join(where.source(base.value).split()))
    return list(dict.fromkeys(found))


def meta_named(statement: TopLevelStatement, value: cst.BaseExpression) -> Meta | None:
    """The metaclass that an expression names."""
    known = class_named(statement, value) if isinstance(value, cst.Name) else None
    if known is not None:
        return known[1]
    dotted = origin(statement, value)
    return _SYNONYMS.get(dotted, dotted) if dotted is not None else None


_SYNONYMS = {"enum.EnumType": "enum.EnumMeta"}


def same(statement: TopLevelStatement, one: cst.BaseExpression, where: TopLevelStatement, other: cst.CSTNode) -> bool:
    """Whether two expressions name the same metaclass."""
    first = meta_named(statement, one)
    second = meta_named(where, other) if isinstance(other, cst.BaseExpression) else None
    if first is not None and second is not None:
        return first == second
    return "".join(statement.source(one).split()) == "".join(where.source(other).split())


class Metas:
    """The metaclasses of the classes of a file, if some of them got other ones."""

    def __init__(self, given: Mapping[cst.ClassDef, tuple[TopLevelStatement, cst.BaseExpression]]) -> None:
        self._given = given
        self._known: dict[cst.ClassDef, dict[Meta, None]] = {}

    def clash(self, statement: TopLevelStatement, node: cst.ClassDef) -> bool:
        """Whether a class would certainly get a metaclass conflict: two metaclasses of which neither is the other's."""
        metas = list(self._all(statement, node))
        return any(
            _excludes(one, other, statement) and _excludes(other, one, statement)
            for place, one in enumerate(metas)
            for other in metas[place + 1 :]
        )

    def _all(self, statement: TopLevelStatement, node: cst.ClassDef) -> dict[Meta, None]:
        """The metaclasses that a class and the classes it derives from name, bases first."""
        stack: list[Class] = [(statement, node)]
        while stack:
            where, member = stack[-1]
            missing = [base for base in in_file_bases(where, member) if base[1] not in self._known]
            if missing and member not in self._known:
                self._known[member] = {}  # So that classes that derive from each other come to an end.
                stack.extend(missing)
                continue
            stack.pop()
            metas = dict(self._own(where, member))
            for _, base in in_file_bases(where, member):
                metas.update(self._known[base])
            self._known[member] = metas
        return self._known[node]

    def _own(self, statement: TopLevelStatement, node: cst.ClassDef) -> Iterator[tuple[Meta, None]]:
        own = named_metaclass(statement, node)
        named = (statement, own) if own is not None else self._given.get(node)
        if named is not None:
            yield meta_named(*named) or named[0].source(named[1]), None
        for base in node.bases:
            dotted = base_origin(statement, base)
            if dotted is not None and (library := meta_of_library_class(dotted)) is not None:
                yield library, None


def _excludes(one: Meta, other: Meta, statement: TopLevelStatement) -> bool:
    """Whether a metaclass doesn't derive from another; with those of Enum and Qt hardly any does."""
    derives = _derives(one, other, statement)
    return not derives if _is_foreign(other) or _is_foreign(one) else derives is False


def _is_foreign(meta: Meta) -> bool:
    return isinstance(meta, str) and (meta in _FOREIGN or meta.endswith(".metaclass"))


_FOREIGN = frozenset(FOREIGN_METACLASSES.values())


def _derives(one: Meta, other: Meta, statement: TopLevelStatement) -> bool | None:
    """Whether a metaclass derives from another; ``None`` if that can't be told."""
    if one == other or other == "builtins.type":
        return True
    if isinstance(one, str):
        return False if one in _KNOWN_METACLASSES or _is_foreign(one) else None
    certain = True
    for where, member in ancestry(statement_of(statement, one), one):
        for base in member.bases:
            meta = None if base.star else meta_named(where, base.value)
            if meta == other:
                return True
            certain = certain and meta is not None and (not isinstance(meta, str) or meta in _KNOWN_METACLASSES)
    return False if certain else None


_KNOWN_METACLASSES = frozenset({"builtins.type", "builtins.object", "abc.ABCMeta", *FOREIGN_METACLASSES.values()})


def statement_of(statement: TopLevelStatement, node: cst.ClassDef) -> TopLevelStatement:
    """The statement that holds a class, which stands in ``statement`` or is a top-level class of its module."""
    definition = statement.module.definition(node.name.value)
    return definition[0] if definition is not None and definition[1] is node else statement

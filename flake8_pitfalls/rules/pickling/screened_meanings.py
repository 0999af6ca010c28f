"""What names, calls and classes may mean to the search for objects that can't be pickled.

Nothing is followed here: :mod:`screened_objects` does that. This module must not import LibCST.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from flake8_pitfalls.rules.pickling.declares import DICTIONARIES, KNOWN_BASES, RESOURCES, TYPE_MAKERS, canonical
from flake8_pitfalls.rules.pickling.screened_names import Names, Value
from flake8_pitfalls.rules.pickling.screened_syntax import terminal
from flake8_pitfalls.semantics.syntax import walk

_FIRST_STEPS = 2000
_STEPS_A_STATEMENT = 20
"""How many steps may be taken in a module, so that the time grows with its length only."""
_BASES = KNOWN_BASES | RESOURCES | {"collections.namedtuple"}
_RECEIVERS = ("Pool", "Executor", "Manager")
DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp, ast.BinOp)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TYPE_NAMES = frozenset(TYPE_MAKERS.values())


class Meanings:
    """What the expressions of a module may mean, asked for a limited number of times."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._comprehended: dict[tuple[int, str], dict[ast.expr, None]] = defaultdict(dict)
        """What the variables of comprehensions go through."""
        self._read: dict[tuple[int, str], ast.Name] = {}
        self._steps_left = _FIRST_STEPS + _STEPS_A_STATEMENT * len(names.page.statements)

    @property
    def is_exhausted(self) -> bool:
        """Whether more steps have been taken than a module of this length is worth."""
        return self._steps_left < 0

    def has_steps_for(self, count: int) -> bool:
        """Whether some more steps are few enough for a module of this length; if not, the analysis has to decide."""
        self._steps_left -= count
        return self._steps_left >= 0 and not self.names.is_confusing

    def note_clauses(self, node: ast.AST) -> None:
        """Remember what the variables of a comprehension go through."""
        for clause in node.generators if isinstance(node, _COMPREHENSIONS) else ():
            for part in walk(clause.target):
                if isinstance(part, ast.Name):
                    key = (self.names.place_of(part), part.id)
                    self._comprehended[key][clause.iter] = None
                    self._read.pop(key, None)

    def same_as(self, node: ast.Name) -> ast.Name:
        """The first read that gave the same answers as this one of the same name in the same place."""
        return self._read.setdefault((self.names.place_of(node), node.id), node)

    def values(self, node: ast.Name) -> Iterator[Value]:
        """What a name may get, also as the variable of a comprehension."""
        place = self.names.place_of(node)
        yield from self.names.values(node.id, place)
        for iterated in self._comprehended.get((place, node.id), ()):
            yield Value(place, iterated, of_elements=True)

    # -- expressions -------------------------------------------------------------------------------------------

    def is_container(self, node: ast.expr) -> bool:
        """Whether an expression makes a list or the like, to which something may be added."""
        if isinstance(node, ast.Call):
            return not self.names_of(node.func).isdisjoint(DICTIONARIES)
        return isinstance(node, DISPLAYS)

    def is_dictionary(self, node: ast.expr) -> bool:
        """Whether an expression may be a dictionary that is written down somewhere."""
        if isinstance(node, ast.Name):
            return any(isinstance(value.node, (ast.Dict, ast.Name)) for value in self.values(node))
        return isinstance(node, ast.Dict)

    def is_of_import(self, node: ast.expr) -> bool:
        """Whether an attribute is one of a module, or of something else that's imported."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.names.imports or any(self.values(node)):
            return False
        name, names = node.id, self.names
        return not (name in names.classes or name in names.functions or names.is_parameter(name, names.place_of(node)))

    # -- calls -------------------------------------------------------------------------------------------------

    def names_of(self, function: ast.expr) -> set[str]:
        """The dotted names that what is called may have."""
        dotted = self.names.dotted(function)
        self.has_steps_for(len(dotted))
        return set(map(canonical, dotted))

    def last_names(self, function: ast.expr) -> Iterator[str]:
        """The names of the attributes of objects that are called, also through ``make = context.Queue``."""
        seen: set[ast.expr] = set()
        stack = [function]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.Attribute):
                if not self.is_of_import(node):
                    yield node.attr
            elif isinstance(node, ast.Name) and node not in seen:
                seen.add(node)
                values = self.values(node) if self.has_steps_for(1) else ()
                stack += [value.node for value in values if not value.is_inside]

    def makes_type(self, node: ast.expr) -> bool:
        """Whether an expression is a call that makes a class."""
        if not isinstance(node, ast.Call) or len(node.args) + len(node.keywords) < 2:
            return False
        return not self.names_of(node.func).isdisjoint(TYPE_MAKERS)

    def is_well_named(self, node: ast.Call) -> bool:
        """Whether a class is bound to its own name in the module."""
        named = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg in _TYPE_NAMES)]
        return any(isinstance(one, ast.Constant) and one.value == self.names.of_module.get(node) for one in named)

    # -- classes -----------------------------------------------------------------------------------------------

    def has_known_bases(self, node: ast.ClassDef) -> bool:
        """Whether the attributes of instances are pickled as they are, as far as the bases are concerned."""
        return not any(keyword.arg == "metaclass" for keyword in node.keywords) and all(
            map(self._is_known_base, node.bases)
        )

    def _is_known_base(self, base: ast.expr) -> bool:
        if isinstance(base, ast.Subscript):
            base = base.value
        if isinstance(base, ast.Call):
            base = base.func
        if terminal(base) in self.names.classes:
            return True
        return terminal(base) == "Process" or not self.names_of(base).isdisjoint(_BASES)


def is_receiver(annotation: ast.expr) -> bool:
    """Whether an annotation may mean a pool, an executor or a manager."""
    texts = (
        node.value if isinstance(node, ast.Constant) else terminal(node) if isinstance(node, ast.expr) else ""
        for node in walk(annotation)
    )
    return any(word in text for text in texts if isinstance(text, str) for word in _RECEIVERS)

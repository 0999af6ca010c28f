"""What is in containers, what iterating over them gives, and what a key finds in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from flake8_pitfalls.rules.pickling.declares import DICTIONARIES, REGROUPING

if TYPE_CHECKING:
    from flake8_pitfalls.rules.pickling.model import Culprit
    from flake8_pitfalls.rules.pickling.unpicklable import Objects
    from flake8_pitfalls.rules.pickling.via import Via
    from flake8_pitfalls.semantics.module import TopLevelStatement

_COLLECTIONS = (cst.List, cst.Tuple, cst.Set, cst.ListComp, cst.SetComp)


class Elements:
    """Looks into containers, as far as they are written down."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._lookup = objects.lookup

    def container(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        """What of a container's content can't be pickled."""
        match node:
            case cst.List() | cst.Tuple() | cst.Set():
                return self._objects.first([self._part(statement, element, via) for element in node.elements])
            case cst.Dict():
                return self._in_dicts(statement, [node], via)
            case cst.ListComp() | cst.SetComp():
                return self._objects.find(statement, node.elt, via)
            case cst.DictComp():
                return self._objects.first(
                    [self._objects.find(statement, part, via) for part in (node.key, node.value)]
                )
            case cst.BinaryOperation(operator=cst.BitOr(), right=cst.Dict() as right):
                # A key of the right one takes the place of one of the left.
                return self._in_dicts(
                    statement, [node.left, right] if isinstance(node.left, cst.Dict) else [right], via
                )
            case cst.BinaryOperation(operator=cst.Add() | cst.Multiply()):
                # `[f] * 3` and `[f] + others`
                if any(isinstance(side, cst.Integer) and side.value == "0" for side in (node.left, node.right)):
                    return None
                sides = [side for side in (node.left, node.right) if isinstance(side, (cst.List, cst.Tuple))]
                return self._objects.first([self._objects.find(statement, side, via) for side in sides])
        return None

    def _part(self, statement: TopLevelStatement, element: cst.BaseElement, via: Via) -> Culprit | None:
        """What an element of a list or the like adds: an item, or all that an iterable gives."""
        find = self.of if isinstance(element, cst.StarredElement) else self._objects.find
        return find(statement, element.value, via)

    def _in_dicts(self, statement: TopLevelStatement, nodes: list[cst.Dict], via: Via) -> Culprit | None:
        """What dictionaries hold that are merged; the last value of a key counts."""
        elements = [(statement, element) for node in nodes for element in node.elements]
        found: list[Culprit | None] = []
        replaced: set[str | bytes] = set()
        for where, element in reversed(elements):
            if isinstance(element, cst.DictElement):
                key = _key_of(element)
                if key is None or key not in replaced:
                    found.append(
                        self._objects.find(where, element.value, via) or self._objects.find(where, element.key, via)
                    )
                if key is not None:
                    replaced.add(key)
            else:
                found.append(self._merged(where, element.value, via, replaced))
        return self._objects.first(found[::-1])

    def _merged(
        self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via, replaced: set[str | bytes]
    ) -> Culprit | None:
        """What ``**mapping`` adds to a dictionary whose values for some keys are others."""
        found = self.copied(statement, node, via)
        if found is None or not replaced:
            return found
        values = self._lookup.values(statement, node)
        if len(values) != 1 or not isinstance(values[0].node, cst.Dict):
            return None
        where, value = values[0]
        assert isinstance(value, cst.Dict)
        kept = [element for element in value.elements if _key_of(element) not in replaced]
        return self._objects.first(
            [self._objects.find(where, element.value, via) for element in kept if isinstance(element, cst.DictElement)]
        )

    def copied(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        """What a dictionary gets that is made of a mapping, or of an iterable of pairs."""
        values = self._lookup.values(statement, node)
        kinds = {type(value.node) for value in values}
        if kinds and kinds <= {cst.Dict, cst.DictComp}:
            return self._objects.find(statement, node, via)
        if len(values) == 1 and isinstance(values[0].node, cst.Call):
            where, call = values[0]
            assert isinstance(call, cst.Call)
            dotted = self._lookup.dotted(where, call.func)
            if dotted in DICTIONARIES:
                # The rest of a name's history counts where the call is all there is to know of.
                return self._objects.find(statement, node, via)
            if dotted == "collections.defaultdict":
                return self.of_dict_arguments(where, call.args[1:], via)
        return self.of(statement, node, via)

    def of_dict_arguments(self, statement: TopLevelStatement, passed: Sequence[cst.Arg], via: Via) -> Culprit | None:
        """What the arguments of ``dict`` and its like put into it."""
        found = [
            (self.copied if part.keyword is None else self._objects.find)(statement, part.value, via)
            for part in passed
            if not part.star
        ]
        return self._objects.first(found)

    def looped(self, statement: TopLevelStatement, target: cst.CSTNode, via: Via) -> Culprit | None:
        """What the target of a loop gets, alone or in a tuple."""
        parent = statement.parents.get(target)
        if isinstance(parent, (cst.For, cst.CompFor)) and parent.target is target:
            return self._element(statement, parent.iter, via)
        around = statement.parents.get(parent) if isinstance(parent, cst.Element) else None
        loop = statement.parents.get(around) if isinstance(around, cst.Tuple) else None
        if (
            not isinstance(around, cst.Tuple)
            or not isinstance(loop, (cst.For, cst.CompFor))
            or loop.target is not around
        ):
            return None
        place = next(place for place, element in enumerate(around.elements) if element is parent)
        iterable = loop.iter
        if isinstance(iterable, cst.Call) and isinstance(iterable.func, cst.Attribute):
            is_value = iterable.func.attr.value == "items" and place == 1
            return self._values_of(statement, iterable.func.value, via) if is_value else None
        values = self._lookup.values(statement, iterable)
        if len(values) != 1 or not isinstance(values[0].node, (cst.List, cst.Tuple)):
            return None
        if any(isinstance(element, cst.StarredElement) for element in values[0].node.elements):
            return None
        rows = [element.value for element in values[0].node.elements]
        cells = [row.elements[place].value for row in rows if isinstance(row, cst.Tuple) and place < len(row.elements)]
        return self._objects.first([self._objects.find(values[0].statement, cell, via) for cell in cells])

    def _element(self, statement: TopLevelStatement, iterable: cst.BaseExpression, via: Via) -> Culprit | None:
        """What a loop over a list or the like gets to see."""
        values = self._lookup.values(statement, iterable)
        if len(values) != 1:
            return None
        where, value = values[0]
        if isinstance(value, (cst.List, cst.Tuple, cst.Set)):
            return self._objects.first([self._part(where, element, via) for element in value.elements])
        if isinstance(value, (cst.ListComp, cst.SetComp, cst.GeneratorExp)):
            return self._objects.find(where, value.elt, via)
        if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute) and value.func.attr.value == "values":
            return self._values_of(where, value.func.value, via)
        return None

    def of(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        """Why some element of an iterable can't be pickled; the iterable itself needn't be."""
        match node:
            case cst.List() | cst.Tuple() | cst.Set() | cst.ListComp() | cst.SetComp() | cst.BinaryOperation():
                return self._objects.find(statement, node, via)
            case cst.GeneratorExp():
                return self._objects.find(statement, node.elt, via)
            case cst.Call():
                return self._of_call(statement, node, via)
            case cst.Name():
                values = self._lookup.values(statement, node)
                if values and all(isinstance(value.node, _COLLECTIONS) for value in values):
                    return self._objects.find(statement, node, via)
                if len(values) == 1 and values[0].node is not node:
                    return self.of(*values[0], via)
        return None

    def _of_call(self, statement: TopLevelStatement, node: cst.Call, via: Via) -> Culprit | None:
        dotted = self._lookup.dotted(statement, node.func)
        if dotted == "itertools.repeat" and node.args:
            return self._objects.find(statement, node.args[0].value, via)
        if dotted in REGROUPING:
            return self._objects.first(
                [self.of(statement, passed.value, via) for passed in node.args if not passed.star]
            )
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in {"values", "items"}:
            return self._values_of(statement, node.func.value, via)
        return None

    def _values_of(self, statement: TopLevelStatement, node: cst.BaseExpression, via: Via) -> Culprit | None:
        values = self._lookup.values(statement, node)
        if len(values) == 1 and isinstance(values[0].node, cst.Dict):
            elements = values[0].node.elements
            find = self._objects.find
            return self._objects.all(
                [
                    (find if isinstance(element, cst.DictElement) else self.copied)(
                        values[0].statement, element.value, via
                    )
                    for element in elements
                ]
            )
        return None

    def subscript(self, statement: TopLevelStatement, node: cst.Subscript, via: Via) -> Culprit | None:
        """``table[key]``, if no value in the table can be pickled, or that one can't."""
        values = self._lookup.values(statement, node.value)
        if len(values) != 1 or len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
            return None
        where, value = values[0]
        key = node.slice[0].slice.value
        if isinstance(value, cst.Dict) and isinstance(key, cst.SimpleString):
            for element in reversed(value.elements):
                if isinstance(element, cst.StarredDictElement):
                    return None
                if _key_of(element) == key.evaluated_value:
                    return self._objects.find(where, element.value, via)
            return None
        if isinstance(value, cst.Dict):
            return self._values_of(where, value, via)
        if isinstance(value, (cst.List, cst.Tuple)) and isinstance(key, cst.Integer):
            index = key.evaluated_value
            if any(isinstance(element, cst.StarredElement) for element in value.elements):
                return None
            return self._objects.find(where, value.elements[index].value, via) if index < len(value.elements) else None
        if isinstance(value, (cst.List, cst.Tuple)):
            return self._objects.all([self._part(where, element, via) for element in value.elements])
        return None


def _key_of(element: cst.BaseDictElement) -> str | bytes | None:
    """The key of an element of a dictionary, if it's a plain string."""
    key = element.key if isinstance(element, cst.DictElement) else None
    return key.evaluated_value if isinstance(key, cst.SimpleString) else None

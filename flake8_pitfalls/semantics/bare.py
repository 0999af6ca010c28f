"""LibCST's nodes made from flake8's ``ast``, without layout: what a report needs, at a fifth of the cost of parsing.

LibCST's parser has nodes for every blank, comma and comment. Those who only report never look at them: a bare node
lacks the fields that hold them, so that asking for one raises ``AttributeError``, and the module is analysed again with
trees that LibCST has parsed. Statements are made by :mod:`flake8_pitfalls.semantics.bare_statements`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flake8_pitfalls.semantics import bare_nodes as new

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule

_PLACES_IN_FORMATTED_STRINGS = sys.version_info >= (3, 12)
"""Whether ``ast`` knows where an expression in an f-string stands (PEP 701)."""


class LayoutNeeded(Exception):
    """Something was asked about a bare tree that only a tree which LibCST has parsed can tell."""


class Expressions:
    """Makes the nodes of expressions, and remembers which ``ast`` nodes they are made from."""

    def __init__(self, module: SourceModule) -> None:
        self.module = module
        self.counterparts: dict[int, Any] = {}
        """The nodes of ``ast`` by the ``id()`` of those made from them: LibCST's classes are slow to hash."""
        self.without_parentheses: set[int] = set()
        """The generators that are the only argument of a call, whose parentheses ``ast`` takes for theirs."""
        self.is_ascii = module.text.isascii()
        self._is_exact = True

    def expression(self, node: ast.expr) -> Any:
        """The node for an expression."""
        made = _EXPRESSIONS[node.__class__](self, node)
        self.note(made, node)
        return made

    def note(self, made: Any, node: ast.AST) -> None:
        """Remember what a node is made from, if ``ast`` knows where that stands."""
        if self._is_exact:
            self.counterparts[id(made)] = node

    def optional(self, node: ast.expr | None) -> Any:
        """The node for an expression, if there is one."""
        return None if node is None else self.expression(node)

    def dotted(self, text: str) -> Any:
        """The node for a dotted name, such as that of a module."""
        first, *rest = text.split(".")
        made = new.make_name(first)
        for part in rest:
            made = new.make_attribute(made, new.make_name(part))
        return made

    def text_of(self, node: ast.expr) -> str:
        """The source text of an expression."""
        lines, text = self.module.line_starts, self.module.text
        last = node.end_lineno or node.lineno
        if self.is_ascii:
            return text[lines[node.lineno - 1] + node.col_offset : lines[last - 1] + (node.end_col_offset or 0)]
        offset = self.module.offset
        return text[offset(node.lineno, node.col_offset) : offset(last, node.end_col_offset or 0)]

    def annotation(self, node: ast.expr | None) -> Any:
        """The node for what stands behind a colon or an arrow."""
        return None if node is None else new.make_annotation(self.expression(node))

    def arguments(self, positional: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> tuple[Any, ...]:
        """The nodes for the arguments of a call, in source order."""
        found = [self._argument(node) for node in positional]
        if keywords:
            made = [self._keyword(node) for node in keywords]
            if not any(node.__class__ is ast.Starred for node in positional):
                return (*found, *made)
            # `f(key=1, *rest)` has the keyword first.
            both: list[ast.expr | ast.keyword] = [*positional, *keywords]
            places = [(node.lineno, node.col_offset) for node in both]
            in_order = sorted(zip(places, range(len(places)), found + made, strict=True))
            return tuple([node for _, _, node in in_order])
        return tuple(found)

    def _keyword(self, node: ast.keyword) -> Any:
        if node.arg is None:
            return new.make_arg(None, self.expression(node.value), "**")
        made = new.make_name(node.arg)
        self.note(made, node)
        return new.make_arg(made, self.expression(node.value), "")

    def parameters(self, node: ast.arguments) -> Any:
        """The node for the parameters of a function."""
        positional = [*node.posonlyargs, *node.args]
        defaults = [None] * (len(positional) - len(node.defaults)) + list(node.defaults)
        made = [self._parameter(argument, default) for argument, default in zip(positional, defaults, strict=True)]
        split = len(node.posonlyargs)
        star: Any = new.MISSING
        if node.vararg is not None:
            star = self._parameter(node.vararg, None, "*")
        elif node.kwonlyargs:
            star = new.BARE_STAR
        named = [
            self._parameter(argument, default)
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
        ]
        rest = self._parameter(node.kwarg, None, "**") if node.kwarg is not None else None
        slash = new.SLASH if split else new.MISSING
        return new.make_parameters(tuple(made[:split]), tuple(made[split:]), star, tuple(named), rest, slash)

    def _parameter(self, node: ast.arg, default: ast.expr | None, star: str = "") -> Any:
        made = new.make_name(node.arg)
        self.note(made, node)
        return new.make_param(made, self.annotation(node.annotation), self.optional(default), star)

    # What each kind of expression becomes

    def _name(self, node: ast.Name) -> Any:
        return new.make_name(node.id)

    def _attribute(self, node: ast.Attribute) -> Any:
        return new.make_attribute(self.expression(node.value), new.make_name(node.attr))

    def _argument(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Starred):
            return new.make_arg(None, self.expression(node.value), "*")
        return new.make_arg(None, self.expression(node), "")

    def _call(self, node: ast.Call) -> Any:
        arguments = node.args
        if len(arguments) == 1 and isinstance(arguments[0], ast.GeneratorExp) and not node.keywords:
            only = arguments[0]
            if (only.end_lineno, only.end_col_offset) == (node.end_lineno, node.end_col_offset):
                self.without_parentheses.add(id(only))
        return new.make_call(self.expression(node.func), self.arguments(arguments, node.keywords))

    def _elements(self, nodes: list[ast.expr]) -> tuple[Any, ...]:
        make = self.expression
        return tuple([make(node) if node.__class__ is ast.Starred else new.make_element(make(node)) for node in nodes])

    def _starred(self, node: ast.Starred) -> Any:
        return new.make_starred_element(self.expression(node.value))

    def tuple_of(self, nodes: list[ast.expr]) -> Any:
        """The node for a tuple of some expressions."""
        return new.make_tuple(self._elements(nodes))

    def _tuple(self, node: ast.Tuple) -> Any:
        return new.make_tuple(self._elements(node.elts))

    def _list(self, node: ast.List) -> Any:
        return new.make_list(self._elements(node.elts))

    def _set(self, node: ast.Set) -> Any:
        return new.make_set(self._elements(node.elts))

    def _dict(self, node: ast.Dict) -> Any:
        made = [
            new.make_starred_dict_element(self.expression(value))
            if key is None
            else new.make_dict_element(self.expression(key), self.expression(value))
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return new.make_dict(tuple(made))

    def _subscript(self, node: ast.Subscript) -> Any:
        inside = node.slice
        value = self.expression(node.value)
        # `x[(1, 2)]`, whose tuple starts at the parenthesis, means the same.
        parts = inside.elts if isinstance(inside, ast.Tuple) and inside.elts else [inside]
        return new.make_subscript(value, tuple([new.make_subscript_element(self._part(part)) for part in parts]))

    def _part(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Slice):
            made = new.make_slice(self.optional(node.lower), self.optional(node.upper), self.optional(node.step))
            self.note(made, node)
            return made
        if isinstance(node, ast.Starred):
            return new.make_index(self.expression(node.value), "*")
        return new.make_index(self.expression(node), None)

    def _unary(self, node: ast.UnaryOp) -> Any:
        return new.make_unary(new.OPERATORS[node.op.__class__], self.expression(node.operand))

    def _binary(self, node: ast.BinOp) -> Any:
        return new.make_binary(
            self.expression(node.left), new.OPERATORS[node.op.__class__], self.expression(node.right)
        )

    def _boolean(self, node: ast.BoolOp) -> Any:
        first, *rest = node.values
        made = self.expression(first)
        for value in rest:
            made = new.make_boolean(made, new.OPERATORS[node.op.__class__], self.expression(value))
        return made

    def _comparison(self, node: ast.Compare) -> Any:
        make, operators = new.make_comparison_target, new.OPERATORS
        pairs = zip(node.ops, node.comparators, strict=True)
        targets = [make(operators[operator.__class__], self.expression(value)) for operator, value in pairs]
        return new.make_comparison(self.expression(node.left), tuple(targets))

    def _conditional(self, node: ast.IfExp) -> Any:
        return new.make_conditional(
            self.expression(node.test), self.expression(node.body), self.expression(node.orelse)
        )

    def _lambda(self, node: ast.Lambda) -> Any:
        return new.make_lambda(self.parameters(node.args), self.expression(node.body))

    def _walrus(self, node: ast.NamedExpr) -> Any:
        return new.make_walrus(self.expression(node.target), self.expression(node.value))

    def _await(self, node: ast.Await) -> Any:
        return new.make_await(self.expression(node.value))

    def _yield(self, node: ast.Yield) -> Any:
        return new.make_yield(self.optional(node.value))

    def _yield_from(self, node: ast.YieldFrom) -> Any:
        return new.make_yield(new.make_from(self.expression(node.value)))

    def _clauses(self, clauses: list[ast.comprehension]) -> Any:
        made = None
        for clause in reversed(clauses):
            made = new.make_clause(
                self.expression(clause.target),
                self.expression(clause.iter),
                tuple([new.make_condition(self.expression(test)) for test in clause.ifs]),
                made,
                new.ASYNCHRONOUS if clause.is_async else None,
            )
        return made

    def _generator(self, node: ast.GeneratorExp) -> Any:
        return new.make_generator(self.expression(node.elt), self._clauses(node.generators))

    def _list_comprehension(self, node: ast.ListComp) -> Any:
        return new.make_list_comprehension(self.expression(node.elt), self._clauses(node.generators))

    def _set_comprehension(self, node: ast.SetComp) -> Any:
        return new.make_set_comprehension(self.expression(node.elt), self._clauses(node.generators))

    def _dict_comprehension(self, node: ast.DictComp) -> Any:
        value: ast.expr | None = node.value
        if value is None:  # `{**mapping for mapping in mappings}` (PEP 798)
            raise LayoutNeeded
        return new.make_dict_comprehension(
            self.expression(node.key), self.expression(value), self._clauses(node.generators)
        )

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if value is None or value is True or value is False:
            return new.make_name(str(value))
        if value is ...:
            return new.make_ellipsis()
        if isinstance(value, (str, bytes)):
            return self._string(node)
        return new.make_number[new.NUMBERS[value.__class__]](self.text_of(node) if self._is_exact else repr(value))

    def _string(self, node: ast.Constant) -> Any:
        text = self.text_of(node) if self._is_exact else repr(node.value)
        if is_one_literal(text):
            return new.make_string(text)
        # Nobody asks in how many parts it's written.
        empty = "b''" if isinstance(node.value, bytes) else "''"
        return new.make_concatenated(new.make_string(repr(node.value)), new.make_string(empty))

    def _formatted(self, node: ast.JoinedStr) -> Any:
        before = self._is_exact
        self._is_exact = before and _PLACES_IN_FORMATTED_STRINGS
        made = new.make_formatted(self._formatted_parts(node.values))
        self._is_exact = before
        return made

    def _formatted_parts(self, nodes: list[ast.expr]) -> tuple[Any, ...]:
        made = []
        for node in nodes:
            if isinstance(node, ast.FormattedValue):
                spec = node.format_spec
                parts = self._formatted_parts(spec.values) if isinstance(spec, ast.JoinedStr) else None
                made.append(new.make_formatted_expression(self.expression(node.value), parts))
            elif isinstance(node, ast.Constant):
                made.append(new.make_formatted_text(node.value))
        return tuple(made)


def is_one_literal(text: str) -> bool:
    """Whether the text of a string is one literal, rather than several side by side."""
    start = text.find('"')
    single = text.find("'")
    start = single if start < 0 or 0 <= single < start else start
    if start > 2:
        return False
    quote = text[start]
    if text.startswith(quote * 3, start):
        quote *= 3
    return text.endswith(quote) and (text.count(quote) == 2 or _ends_once(text, start, quote))


def _ends_once(text: str, start: int, quote: str) -> bool:
    """Whether the first quote that isn't escaped is the last one."""
    place = start + len(quote)
    while True:
        end = text.index(quote, place)
        blanks = end
        while text[blanks - 1] == "\\":
            blanks -= 1
        if (end - blanks) % 2 == 0:
            return end + len(quote) == len(text)
        place = end + 1


def _unknown(maker: Expressions, node: ast.AST) -> Any:  # noqa: ARG001
    raise LayoutNeeded


class Makers(dict[type[ast.AST], Callable[[Any, Any], Any]]):
    """What makes the nodes for each kind of ``ast`` node; one that isn't known, of a newer Python, needs a parser."""

    def __missing__(self, kind: type[ast.AST]) -> Callable[[Any, Any], Any]:
        return _unknown


_EXPRESSIONS = Makers(
    {
        ast.Name: Expressions._name,
        ast.Attribute: Expressions._attribute,
        ast.Call: Expressions._call,
        ast.Constant: Expressions._constant,
        ast.Tuple: Expressions._tuple,
        ast.List: Expressions._list,
        ast.Set: Expressions._set,
        ast.Dict: Expressions._dict,
        ast.Starred: Expressions._starred,
        ast.Subscript: Expressions._subscript,
        ast.UnaryOp: Expressions._unary,
        ast.BinOp: Expressions._binary,
        ast.BoolOp: Expressions._boolean,
        ast.Compare: Expressions._comparison,
        ast.IfExp: Expressions._conditional,
        ast.Lambda: Expressions._lambda,
        ast.NamedExpr: Expressions._walrus,
        ast.Await: Expressions._await,
        ast.Yield: Expressions._yield,
        ast.YieldFrom: Expressions._yield_from,
        ast.GeneratorExp: Expressions._generator,
        ast.ListComp: Expressions._list_comprehension,
        ast.SetComp: Expressions._set_comprehension,
        ast.DictComp: Expressions._dict_comprehension,
        ast.JoinedStr: Expressions._formatted,
    }
)

"""Statements and patterns for :mod:`flake8_pitfalls.semantics.bare`, and methods that are left out at first.

The body of a method without candidates is made when somebody looks into it: nothing but time depends on that.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from flake8_pitfalls.semantics.bare import Expressions, LayoutNeeded, Makers
from flake8_pitfalls.semantics.bare_nodes import ASYNCHRONOUS, AUGMENTED, make_name, maker
from flake8_pitfalls.semantics.frames import enough_frames
from flake8_pitfalls.semantics.left_out import LeftOutBlock

if TYPE_CHECKING:
    from flake8_pitfalls.semantics.module import SourceModule

_SHORT = 25
"""A class of fewer lines is made as a whole."""

_make_block = maker(cst.IndentedBlock, "body")
_make_line = maker(cst.SimpleStatementLine, "body")
_make_function = maker(
    cst.FunctionDef, "decorators", "name", "type_parameters", "params", "returns", "body", "asynchronous"
)
_make_class = maker(cst.ClassDef, "decorators", "name", "type_parameters", "bases", "keywords", "body")
_make_decorator = maker(cst.Decorator, "decorator")
_make_type_parameters = maker(cst.TypeParameters, "params")
_make_type_parameter = maker(cst.TypeParam, "param", "default", "star")
_make_type_variable = maker(cst.TypeVar, "name", "bound")
_TYPE_PARAMETERS = {"TypeVarTuple": maker(cst.TypeVarTuple, "name"), "ParamSpec": maker(cst.ParamSpec, "name")}
_make_alias_of_type = maker(cst.TypeAlias, "name", "type_parameters", "value")
_make_return = maker(cst.Return, "value")
_make_expression = maker(cst.Expr, "value")
_make_assign = maker(cst.Assign, "targets", "value")
_make_target = maker(cst.AssignTarget, "target")
_make_annotated = maker(cst.AnnAssign, "target", "annotation", "value")
_make_name_in_parentheses = maker(cst.Name, "value", "lpar")
_make_augmented = maker(cst.AugAssign, "target", "operator", "value")
_make_delete = maker(cst.Del, "target")
_make_for = maker(cst.For, "target", "iter", "body", "orelse", "asynchronous")
_make_while = maker(cst.While, "test", "body", "orelse")
_make_if = maker(cst.If, "test", "body", "orelse")
_make_else = maker(cst.Else, "body")
_make_finally = maker(cst.Finally, "body")
_make_with = maker(cst.With, "items", "body", "asynchronous")
_make_item = maker(cst.WithItem, "item", "asname")
_make_as = maker(cst.AsName, "name")
_make_raise = maker(cst.Raise, "exc", "cause")
_make_cause = maker(cst.From, "item")
_make_try = maker(cst.Try, "body", "handlers", "orelse", "finalbody")
_make_handler = maker(cst.ExceptHandler, "type", "name", "body")
_make_try_star = maker(cst.TryStar, "body", "handlers", "orelse", "finalbody")
_make_star_handler = maker(cst.ExceptStarHandler, "type", "name", "body")
_make_assert = maker(cst.Assert, "test", "msg")
_make_import = maker(cst.Import, "names")
_make_import_from = maker(cst.ImportFrom, "module", "names", "relative")
_make_import_star = maker(cst.ImportStar)
_make_alias = maker(cst.ImportAlias, "name", "asname")
_make_declared = maker(cst.NameItem, "name")
_DECLARATIONS = {ast.Global: maker(cst.Global, "names"), ast.Nonlocal: maker(cst.Nonlocal, "names")}
_WORDS = {ast.Pass: maker(cst.Pass), ast.Break: maker(cst.Break), ast.Continue: maker(cst.Continue)}
_make_match = maker(cst.Match, "subject", "cases")
_make_case = maker(cst.MatchCase, "pattern", "guard", "body")
_make_match_value = maker(cst.MatchValue, "value")
_make_match_singleton = maker(cst.MatchSingleton, "value")
_make_match_list = maker(cst.MatchList, "patterns")
_make_match_element = maker(cst.MatchSequenceElement, "value")
_make_match_star = maker(cst.MatchStar, "name")
_make_match_mapping = maker(cst.MatchMapping, "elements", "rest")
_make_match_pair = maker(cst.MatchMappingElement, "key", "pattern")
_make_match_class = maker(cst.MatchClass, "cls", "patterns", "kwds")
_make_match_keyword = maker(cst.MatchKeywordElement, "key", "pattern")
_make_match_as = maker(cst.MatchAs, "pattern", "name")
_make_match_or = maker(cst.MatchOr, "patterns")
_make_match_alternative = maker(cst.MatchOrElement, "pattern")
_DOT = cst.Dot()


class Statements(Expressions):
    """Makes the nodes of statements."""

    def __init__(self, module: SourceModule, notify: Callable[[LeftOutBlock], None]) -> None:
        super().__init__(module)
        self._notify = notify
        self._left_out: frozenset[int] = frozenset()

    def top_level(self, nodes: Sequence[ast.stmt], text: str, needed: Sequence[int]) -> cst.Module:
        """The module that consists of some statements, without the methods that have none of the ``needed`` lines."""
        first = nodes[0]
        if not self.is_ascii:
            from flake8_pitfalls.semantics.identifiers import some_are_written_otherwise

            if some_are_written_otherwise(nodes, text):
                raise LayoutNeeded
        if len(nodes) == 1 and isinstance(first, ast.ClassDef) and (first.end_lineno or 0) - first.lineno >= _SHORT:
            self._left_out = frozenset(map(id, _members(first, needed)))
        return cst.Module(body=self._deeply(nodes))

    def _deeply(self, nodes: Sequence[ast.stmt]) -> tuple[Any, ...]:
        with enough_frames():
            return self.statements(nodes)

    def statements(self, nodes: Sequence[ast.stmt]) -> tuple[Any, ...]:
        """The nodes for the statements of a block."""
        found = []
        for node in nodes:
            made = _STATEMENTS[node.__class__](self, node)
            self.note(made, node)
            found.append(_make_line((made,)) if isinstance(node, _SMALL) else made)
        return tuple(found)

    def _block(self, nodes: Sequence[ast.stmt]) -> Any:
        return _make_block(self.statements(nodes))

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Any:
        lines = self._lines_to_leave_out(node) if id(node) in self._left_out else None
        if lines is None:
            return self._block(node.body)
        made = object.__new__(LeftOutBlock)
        made.__dict__.update(source=lines, inside=None, make=lambda: self._deeply(node.body), notify=self._notify)
        return made

    def _lines_to_leave_out(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
        """The text of the body of a method, if it can be left out."""
        first, last = node.body[0], node.body[-1].end_lineno or 0
        if last - first.lineno < 1:
            return None
        decorators = getattr(first, "decorator_list", ())
        start = min([first.lineno, *(decorator.lineno for decorator in decorators)])
        lines, text = self.module.line_starts, self.module.text
        source = text[lines[start - 1] : lines[last] if last < len(lines) else len(text)]
        return None if "global" in source or "nonlocal" in source else source

    def _decorators(self, nodes: list[ast.expr]) -> tuple[Any, ...]:
        return tuple([_make_decorator(self.expression(node)) for node in nodes])

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Any:
        return _make_function(
            self._decorators(node.decorator_list),
            make_name(node.name),
            self._type_parameters(node),
            self.parameters(node.args),
            self.annotation(node.returns),
            self._body(node),
            ASYNCHRONOUS if isinstance(node, ast.AsyncFunctionDef) else None,
        )

    def _class(self, node: ast.ClassDef) -> Any:
        arguments = self.arguments(node.bases, node.keywords)
        count = next((place for place, made in enumerate(arguments) if made.keyword or made.star == "**"), None)
        return _make_class(
            self._decorators(node.decorator_list),
            make_name(node.name),
            self._type_parameters(node),
            arguments[:count],
            arguments[len(arguments) if count is None else count :],
            self._block(node.body),
        )

    def _type_parameters(self, node: ast.stmt) -> Any:
        found: list[Any] = getattr(node, "type_params", [])  # Since 3.12.
        if not found:
            return None
        return _make_type_parameters(tuple([self._type_parameter(parameter) for parameter in found]))

    def _type_parameter(self, node: Any) -> Any:
        name = make_name(node.name)
        if node.__class__.__name__ == "TypeVar":
            made = _make_type_variable(name, self.optional(node.bound))
        else:
            made = _TYPE_PARAMETERS[node.__class__.__name__](name)
        default = getattr(node, "default_value", None)  # Since 3.13.
        if isinstance(default, ast.Starred):
            return _make_type_parameter(made, self.expression(default.value), "*")
        return _make_type_parameter(made, self.optional(default), "")

    def _type_alias(self, node: Any) -> Any:
        return _make_alias_of_type(self.expression(node.name), self._type_parameters(node), self.expression(node.value))

    def _return(self, node: ast.Return) -> Any:
        return _make_return(self.optional(node.value))

    def _expression_statement(self, node: ast.Expr) -> Any:
        return _make_expression(self.expression(node.value))

    def _assign(self, node: ast.Assign) -> Any:
        targets = [_make_target(self.expression(target)) for target in node.targets]
        return _make_assign(tuple(targets), self.expression(node.value))

    def _annotated(self, node: ast.AnnAssign) -> Any:
        if isinstance(node.target, ast.Name) and not node.simple:
            target = _make_name_in_parentheses(node.target.id, (cst.LeftParen(),))  # It makes no variable.
            self.note(target, node.target)
        else:
            target = self.expression(node.target)
        return _make_annotated(target, self.annotation(node.annotation), self.optional(node.value))

    def _augmented(self, node: ast.AugAssign) -> Any:
        return _make_augmented(self.expression(node.target), AUGMENTED[node.op.__class__], self.expression(node.value))

    def _delete(self, node: ast.Delete) -> Any:
        return _make_delete(self.expression(node.targets[0]) if len(node.targets) == 1 else self.tuple_of(node.targets))

    def _for(self, node: ast.For | ast.AsyncFor) -> Any:
        return _make_for(
            self.expression(node.target),
            self.expression(node.iter),
            self._block(node.body),
            self._else(node.orelse),
            ASYNCHRONOUS if isinstance(node, ast.AsyncFor) else None,
        )

    def _else(self, nodes: list[ast.stmt]) -> Any:
        return _make_else(self._block(nodes)) if nodes else None

    def _while(self, node: ast.While) -> Any:
        return _make_while(self.expression(node.test), self._block(node.body), self._else(node.orelse))

    def _if(self, node: ast.If) -> Any:
        # What stands behind `else:` is indented more, or isn't an `if`.
        chain = [node]
        while len(node.orelse) == 1 and isinstance(other := node.orelse[0], ast.If) and self._is_elif(node, other):
            chain.append(node := other)
        made = self._else(node.orelse)
        for one in reversed(chain):
            made = _make_if(self.expression(one.test), self._block(one.body), made)
            self.note(made, one)
        return made

    def _is_elif(self, node: ast.If, other: ast.If) -> bool:
        if node.col_offset != other.col_offset:
            return False
        # Both may stand behind something on their line: `if a: b` ... but not an `else:` on one line with its `if`.
        start = self.module.offset(other.lineno, other.col_offset)
        return self.module.text.startswith("elif", start)

    def _with(self, node: ast.With | ast.AsyncWith) -> Any:
        items = [_make_item(self.expression(item.context_expr), self._as(item.optional_vars)) for item in node.items]
        return _make_with(
            tuple(items), self._block(node.body), ASYNCHRONOUS if isinstance(node, ast.AsyncWith) else None
        )

    def _as(self, node: ast.expr | None) -> Any:
        return None if node is None else _make_as(self.expression(node))

    def _as_name(self, text: str | None) -> Any:
        return None if text is None else _make_as(make_name(text))

    def _raise(self, node: ast.Raise) -> Any:
        cause = None if node.cause is None else _make_cause(self.expression(node.cause))
        return _make_raise(self.optional(node.exc), cause)

    def _try(self, node: Any) -> Any:
        is_star = node.__class__ is not ast.Try
        make_handler = _make_star_handler if is_star else _make_handler
        handlers = []
        for handler in node.handlers:
            made = make_handler(self.optional(handler.type), self._as_name(handler.name), self._block(handler.body))
            self.note(made, handler)
            handlers.append(made)
        last = _make_finally(self._block(node.finalbody)) if node.finalbody else None
        make = _make_try_star if is_star else _make_try
        return make(self._block(node.body), tuple(handlers), self._else(node.orelse), last)

    def _assert(self, node: ast.Assert) -> Any:
        return _make_assert(self.expression(node.test), self.optional(node.msg))

    def _aliases(self, nodes: list[ast.alias]) -> tuple[Any, ...]:
        found = []
        for node in nodes:
            found.append(_make_alias(self.dotted(node.name), self._as_name(node.asname)))
            self.note(found[-1], node)
        return tuple(found)

    def _import(self, node: ast.Import) -> Any:
        return _make_import(self._aliases(node.names))

    def _import_from(self, node: ast.ImportFrom) -> Any:
        names = _make_import_star() if node.names[0].name == "*" else self._aliases(node.names)
        module = None if node.module is None else self.dotted(node.module)
        return _make_import_from(module, names, (_DOT,) * node.level)

    def _declaration(self, node: ast.Global | ast.Nonlocal) -> Any:
        return _DECLARATIONS[node.__class__](tuple([_make_declared(make_name(name)) for name in node.names]))

    def _word(self, node: ast.stmt) -> Any:
        return _WORDS[node.__class__]()

    # Patterns

    def _match(self, node: ast.Match) -> Any:
        cases = [
            _make_case(self._pattern(case.pattern), self.optional(case.guard), self._block(case.body))
            for case in node.cases
        ]
        return _make_match(self.expression(node.subject), tuple(cases))

    def _pattern(self, node: ast.pattern) -> Any:
        made = _PATTERNS[node.__class__](self, node)
        self.note(made, node)
        return made

    def _match_value(self, node: ast.MatchValue) -> Any:
        return _make_match_value(self.expression(node.value))

    def _match_singleton(self, node: ast.MatchSingleton) -> Any:
        return _make_match_singleton(make_name(str(node.value)))

    def _match_elements(self, nodes: list[ast.pattern]) -> tuple[Any, ...]:
        return tuple(
            self._pattern(node) if isinstance(node, ast.MatchStar) else _make_match_element(self._pattern(node))
            for node in nodes
        )

    def _match_sequence(self, node: ast.MatchSequence) -> Any:
        return _make_match_list(self._match_elements(node.patterns))

    def _match_star(self, node: ast.MatchStar) -> Any:
        return _make_match_star(None if node.name is None else make_name(node.name))

    def _match_mapping(self, node: ast.MatchMapping) -> Any:
        pairs = zip(node.keys, node.patterns, strict=True)
        made = [_make_match_pair(self.expression(key), self._pattern(pattern)) for key, pattern in pairs]
        return _make_match_mapping(tuple(made), None if node.rest is None else make_name(node.rest))

    def _match_class(self, node: ast.MatchClass) -> Any:
        pairs = zip(node.kwd_attrs, node.kwd_patterns, strict=True)
        keywords = [_make_match_keyword(make_name(name), self._pattern(pattern)) for name, pattern in pairs]
        return _make_match_class(self.expression(node.cls), self._match_elements(node.patterns), tuple(keywords))

    def _match_as(self, node: ast.MatchAs) -> Any:
        pattern = None if node.pattern is None else self._pattern(node.pattern)
        return _make_match_as(pattern, None if node.name is None else make_name(node.name))

    def _match_or(self, node: ast.MatchOr) -> Any:
        return _make_match_or(tuple(_make_match_alternative(self._pattern(pattern)) for pattern in node.patterns))


def _members(node: ast.ClassDef, needed: Sequence[int]) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The methods of a class and of the classes in it that have none of the ``needed`` lines, which are in order."""
    found: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
    for member in node.body:
        if isinstance(member, ast.ClassDef):
            found += _members(member, needed)
        elif isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
            start = min([member.lineno, *(decorator.lineno for decorator in member.decorator_list)])
            place = bisect_left(needed, start)
            if place == len(needed) or needed[place] > (member.end_lineno or start):
                found.append(member)
    return found


_SIMPLE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Expr: Statements._expression_statement,
    ast.Assign: Statements._assign,
    ast.AnnAssign: Statements._annotated,
    ast.AugAssign: Statements._augmented,
    ast.Return: Statements._return,
    ast.Delete: Statements._delete,
    ast.Raise: Statements._raise,
    ast.Assert: Statements._assert,
    ast.Import: Statements._import,
    ast.ImportFrom: Statements._import_from,
    ast.Global: Statements._declaration,
    ast.Nonlocal: Statements._declaration,
    ast.Pass: Statements._word,
    ast.Break: Statements._word,
    ast.Continue: Statements._word,
    **({ast.TypeAlias: Statements._type_alias} if hasattr(ast, "TypeAlias") else {}),
}
_SMALL = tuple(_SIMPLE)
_STATEMENTS = Makers(
    {
        **_SIMPLE,
        ast.FunctionDef: Statements._function,
        ast.AsyncFunctionDef: Statements._function,
        ast.ClassDef: Statements._class,
        ast.If: Statements._if,
        ast.For: Statements._for,
        ast.AsyncFor: Statements._for,
        ast.While: Statements._while,
        ast.With: Statements._with,
        ast.AsyncWith: Statements._with,
        ast.Try: Statements._try,
        getattr(ast, "TryStar", ast.Try): Statements._try,
        ast.Match: Statements._match,
    }
)
_PATTERNS = Makers(
    {
        ast.MatchValue: Statements._match_value,
        ast.MatchSingleton: Statements._match_singleton,
        ast.MatchSequence: Statements._match_sequence,
        ast.MatchStar: Statements._match_star,
        ast.MatchMapping: Statements._match_mapping,
        ast.MatchClass: Statements._match_class,
        ast.MatchAs: Statements._match_as,
        ast.MatchOr: Statements._match_or,
    }
)

"""One source file: its text, flake8's ``ast``, and the LibCST trees of the top-level statements that are asked for.

A top-level statement starts in column 0, so its lines are a module of their own. Only the statements that hold a
candidate, and those the analysis asks for, are parsed with LibCST, which costs five times as much as ``ast.parse``.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import tokenize
from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from flake8_pitfalls.errors import CannotAnalyse, TooMuchWork
from flake8_pitfalls.semantics.facts import ModuleFacts
from flake8_pitfalls.semantics.size import MICROSECONDS_A_LEVEL, depth_and_size, levels_of_brackets
from flake8_pitfalls.semantics.syntax import statements, walk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import libcst as cst

    from flake8_pitfalls.semantics.bare_places import BarePlaces
    from flake8_pitfalls.semantics.bare_statements import Statements
    from flake8_pitfalls.semantics.left_out import LeftOutBlock
    from flake8_pitfalls.semantics.parsed_places import ParsedPlaces
    from flake8_pitfalls.semantics.scopes import ScopeTree
    from flake8_pitfalls.semantics.store import Variable

DEEPEST_TREE = 800
"""LibCST's native parser overflows the stack at some 15 000 levels; CPython 3.12 stops its code generator at 1 500."""

MOST_WORK = 25_000_000
"""About as many microseconds: what no file written by a person comes near to."""
MOST_NODES = 250_000
"""So many for each megabyte of text, or for less text, take about a gigabyte: a literal of 125 000 elements does.

Code that is no literal has fewer.
"""
_MEGABYTE = 1_000_000
_LONG = 10_000
"""The characters from which on the brackets of a statement are counted."""

_LINE_END = re.compile(r"\r\n?|\n")
_WORD = re.compile(r"\w+")


class SourceModule:
    """The text of one module, what its ``ast`` says, and its top-level statements."""

    def __init__(
        self,
        text: str,
        tree: ast.Module,
        filename: str = "-",
        needed: Collection[int] | None = None,
        attributes: frozenset[str] | None = None,
    ) -> None:
        self.needed = needed
        """The lines of candidates, without which methods may be left out; ``None`` if everything is needed."""
        self.attributes = attributes
        """The class attributes that are candidates; ``None`` if all are."""
        self.text = text
        self.tree = tree
        self.filename = filename
        self.memo: dict[str, Any] = {}
        """What rules found out about the module and will ask for again, by names of theirs."""
        self._work = 0
        self._nodes = 0
        self._searched: dict[re.Pattern[str], re.Match[str] | None] = {}
        self._looked_for: dict[str, bool] = {}

    def spend(self, microseconds: int) -> None:
        """Note work that some code takes more than once, such as looking at all of a function for each closure in it.

        The estimates are rough, and the same on every machine. Raises
        :class:`~flake8_pitfalls.errors.TooMuchWork` when it's too much.
        """
        self._work += microseconds
        if self._work > MOST_WORK:
            raise TooMuchWork("it has too many pitfalls or ways through them in one place: split it")

    def make_room(self, count: int) -> None:
        """Note that some nodes of ``ast`` are about to get a tree of LibCST, whose nodes take kilobytes.

        Raises :class:`~flake8_pitfalls.errors.TooMuchWork` when it's too much.
        """
        self._nodes += count
        if self._nodes > MOST_NODES * max(1, len(self.text) / _MEGABYTE):
            raise TooMuchWork("the code to analyse is too large for the memory: move large literals to a data file")

    @cached_property
    def needed_lines(self) -> list[int]:
        """The lines of candidates, in order."""
        return sorted(self.needed or ())

    @cached_property
    def needed_classes(self) -> frozenset[str] | None:
        """The names of the classes on the lines of candidates; ``None`` if all are needed."""
        if self.needed is None:
            return None
        lines = {line for line in self.needed if "class" in self.line_text(line)}
        if not lines:
            return frozenset()
        return frozenset(
            node.name for node in statements(self.tree) if isinstance(node, ast.ClassDef) and node.lineno in lines
        )

    @property
    def is_stub(self) -> bool:
        """Whether this is a type stub, whose defaults nobody evaluates (PEP 484)."""
        return self.filename.endswith(".pyi")

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of each line; lines end where Python's tokenizer ends them (not at form feeds)."""
        if "\r" not in self.text:
            starts = list(accumulate(map(len, io.StringIO(self.text)), initial=0))
            return starts if not self.text or self.text.endswith("\n") else starts[:-1]
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    def position(self, offset: int) -> tuple[int, int]:
        """The line, counted from 1, and the column, counted from 0 in characters, of an offset."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1]

    def line_text(self, line: int) -> str:
        """The text of a line, counted from 1."""
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[self.line_starts[line - 1] : end]

    def offset(self, line: int, column: int) -> int:
        """The offset of a place that ``ast`` knows by its line, from 1, and its column, from 0 in bytes of UTF-8."""
        start = self.line_starts[line - 1]
        before = self.text[start : start + column]
        return start + len(before if before.isascii() else before.encode()[:column].decode(errors="ignore"))

    @cached_property
    def facts(self) -> ModuleFacts:
        """What the module binds and imports."""
        return ModuleFacts(self.tree, self.text)

    @cached_property
    def statements(self) -> list[TopLevelStatement]:
        """The top-level statements; those that share a line are taken as one."""
        groups: list[tuple[int, list[ast.stmt]]] = []
        last_line = 0
        for node in self.tree.body:
            first_line = self._first_line(node)
            if first_line <= last_line:
                groups[-1][1].append(node)
            else:
                groups.append((first_line, [node]))
            last_line = max(last_line, node.end_lineno or node.lineno)
        ends = [self.line_starts[first_line - 1] for first_line, _ in groups[1:]] + [len(self.text)]
        return [
            TopLevelStatement(self, self.line_starts[first_line - 1], end, nodes)
            for (first_line, nodes), end in zip(groups, ends, strict=True)
        ]

    def _first_line(self, node: ast.stmt) -> int:
        decorators = getattr(node, "decorator_list", ())
        line: int = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        while decorators and line > 1 and not self.line_text(line).lstrip().startswith("@"):
            line -= 1  # A decorator may stand below its `@`, in parentheses.
        return line

    def statement_at(self, line: int) -> TopLevelStatement:
        """The top-level statement that covers a line, counted from 1."""
        return self.statements[max(0, bisect_right(self._starts, self.line_starts[line - 1]) - 1)]

    @cached_property
    def _starts(self) -> list[int]:
        return [statement.start for statement in self.statements]

    def definition(self, name: str) -> tuple[TopLevelStatement, cst.CSTNode] | None:
        """The function or class that a module-level name always means, if it's defined once in this module."""
        node = self.facts.single_definition(name)
        if node is None:
            return None
        statement = self.statement_at(node.lineno)
        bindings = statement.scopes.root.bindings.get(name, [])
        return (statement, bindings[0].node) if len(bindings) == 1 else None

    @cached_property
    def comments(self) -> dict[int, str]:
        """The comment on each line that has one, for questions about a few findings: tokenizing is slow."""
        found: dict[int, str] = {}
        with contextlib.suppress(tokenize.TokenError, IndentationError, SyntaxError):
            for token in tokenize.generate_tokens(io.StringIO(self.text, newline="").readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = token.string
        return found

    def forget(self) -> None:
        """Give up all that was found out, whose parts refer to each other, so that no collector has to look for it."""
        for statement in self.__dict__.get("statements", ()):
            if "scopes" in statement.__dict__:
                statement.scopes.forget()
            statement.__dict__.clear()
        self.__dict__.clear()

    def walk_ast(self) -> Iterator[ast.AST]:
        """All nodes of flake8's tree, for questions about the module as a whole."""
        return iter(self._ast_nodes)

    @cached_property
    def words(self) -> frozenset[str]:
        """What stands between word boundaries anywhere in the text, in comments and strings too."""
        return frozenset(_WORD.findall(self.text))

    def statements_with(self, word: str) -> list[TopLevelStatement]:
        """The top-level statements in whose text a word stands."""
        return self._statements_by_word.get(word, [])

    @cached_property
    def _statements_by_word(self) -> dict[str, list[TopLevelStatement]]:
        found: dict[str, list[TopLevelStatement]] = {}
        for statement in self.statements:
            for word in set(_WORD.findall(statement.text)):
                found.setdefault(word, []).append(statement)
        return found

    def statements_from(self, statement: TopLevelStatement) -> Iterator[TopLevelStatement]:
        """A top-level statement and those behind it."""
        return map(self.statements.__getitem__, range(self.place_of(statement), len(self.statements)))

    def place_of(self, statement: TopLevelStatement) -> int:
        """The number of a top-level statement."""
        return bisect_left(self._starts, statement.start)

    def search(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Where a pattern, one of a few, first matches in the text; asked for each candidate, answered once."""
        if pattern not in self._searched:
            self._searched[pattern] = pattern.search(self.text)
        return self._searched[pattern]

    def has_text(self, text: str) -> bool:
        """Whether some text, one of a few, stands anywhere in the module."""
        if text not in self._looked_for:
            self._looked_for[text] = text in self.text
        return self._looked_for[text]

    def names(self, name: str) -> list[ast.Name]:
        """The uses of a name, in the order of :meth:`walk_ast`."""
        return self._names.get(name, [])

    @cached_property
    def _names(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in self._ast_nodes:
            if isinstance(node, ast.Name):
                found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def changing_attributes(self) -> frozenset[str]:
        """The names of attributes that are assigned outside constructors anywhere in the module, and of properties."""
        found: set[str] = set()
        stack: list[ast.AST] = [self.tree]
        while stack:
            node = stack.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if node.name in {"__init__", "__new__", "__post_init__"}:
                    continue
                if any("property" in ast.dump(decorator) for decorator in node.decorator_list):
                    found.add(node.name)
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                found.add(node.attr)
            stack.extend(ast.iter_child_nodes(node))
        return frozenset(found)

    def attributes_made_by(self, makers: frozenset[str]) -> frozenset[str]:
        """The names of attributes that are assigned a call of one of some dotted names, anywhere in the module."""
        return frozenset(
            target.attr
            for node in self._ast_nodes
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and self.facts.dotted(node.value.func) in makers
            for target in node.targets
            if isinstance(target, ast.Attribute)
        )

    @cached_property
    def names_in_functions(self) -> frozenset[str]:
        """The names that functions and lambdas of the module read."""
        return frozenset(
            name.id
            for node in self._ast_nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Load)
        )

    @cached_property
    def _ast_nodes(self) -> list[ast.AST]:
        return list(walk(self.tree))


class TopLevelStatement:
    """The lines from one top-level statement to the next, as a module of their own."""

    def __init__(self, module: SourceModule, start: int, end: int, nodes: list[ast.stmt]) -> None:
        self.module = module
        self.start = start
        self.end = end
        self.nodes = nodes
        self.memo: dict[str, Any] = {}
        """What rules found out about the statement and will ask for again."""
        self.variables: dict[cst.Name, Variable] = {}
        """What names mean, and below what expressions stand for: filled by those who ask."""
        self.origins: dict[cst.CSTNode, str | None] = {}
        self._known_nodes: list[cst.CSTNode] | None = None
        self.used_by: dict[cst.CSTNode, frozenset[tuple[object, str]]] = {}
        """For functions, the variables of the code around that they use: filled by those who ask."""

    @property
    def text(self) -> str:
        """The lines of the statement."""
        return self.module.text[self.start : self.end]

    @cached_property
    def tree(self) -> cst.Module:
        """The LibCST tree.

        Raises :class:`~flake8_pitfalls.errors.CannotAnalyse` when the code is nested too deep for LibCST or when
        LibCST refuses it.
        """
        import libcst as cst

        # A bare tree takes much less than what is counted here. A fix needs the tree of the parser, though, and what a
        # fix gives up, a report gives up too: both have to know the same files, and see the same findings in them.
        depth, count = depth_and_size(self.nodes)
        if depth > DEEPEST_TREE:
            raise CannotAnalyse(f"the statement on line {self.nodes[0].lineno} is nested too deeply for LibCST")
        if len(self.text) > _LONG:
            self.module.spend(MICROSECONDS_A_LEVEL * levels_of_brackets(self.text))
        self.module.make_room(count)
        if self._maker is not None:
            return self._maker.top_level(self.nodes, self.text, self.module.needed_lines)
        try:
            # LibCST doesn't know a lone carriage return.
            return cst.parse_module(re.sub(r"\r(?!\n)", "\n", self.text))
        except cst.ParserSyntaxError as error:
            raise CannotAnalyse(f"LibCST can't parse the statement on line {self.nodes[0].lineno}") from error

    @cached_property
    def _maker(self) -> Statements | None:
        """What makes a tree without layout, if that's enough."""
        if self.module.needed is None:
            return None
        from flake8_pitfalls.semantics.bare_statements import Statements

        return Statements(self.module, self._looked_into)

    @cached_property
    def scopes(self) -> ScopeTree:
        """The scopes of this statement."""
        from flake8_pitfalls.semantics.scopes import ScopeTree

        return ScopeTree(self.tree, annotations_are_evaluated=not self.module.facts.has_future_annotations)

    @cached_property
    def order(self) -> dict[cst.CSTNode, float]:
        """The place of each node in the order of the source: a tenth of the cost of positions."""
        return {node: place for place, node in enumerate(self.known_nodes())}

    def known_nodes(self) -> list[cst.CSTNode]:
        """The nodes of the statement, without those of methods that were left out."""
        if self._known_nodes is None:
            from flake8_pitfalls.semantics.walk import walk_known

            self._known_nodes = list(walk_known(self.tree))
        return self._known_nodes

    @cached_property
    def parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        """The parent of each node."""
        from flake8_pitfalls.semantics.walk import parents

        return parents(self.tree)

    def _looked_into(self, block: LeftOutBlock) -> None:
        """Add a method that was left out to what is known."""
        from flake8_pitfalls.semantics import walk

        if "scopes" in self.__dict__:
            self.scopes.add(block)
        if "parents" in self.__dict__:
            self.parents.update(walk.parents(block))
        if "order" in self.__dict__:
            nodes = list(walk.walk(block))
            start = self.order[block]
            self.order.update((node, start + place / len(nodes)) for place, node in enumerate(nodes))
        self._known_nodes = None

    @cached_property
    def _places(self) -> BarePlaces | ParsedPlaces:
        if self._maker is not None:
            from flake8_pitfalls.semantics.bare_places import BarePlaces

            return BarePlaces(self.module, self._maker)
        from flake8_pitfalls.semantics.parsed_places import ParsedPlaces

        return ParsedPlaces(self)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end offset of a node in the module's text, without its parentheses and outer whitespace."""
        return self._places.span(node)

    def span_in_ast(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end offset in the eyes of ``ast`` and of flake8: a tuple or generator has its parentheses."""
        return self._places.span_in_ast(node)

    def start_of(self, node: cst.CSTNode) -> int:
        """Where an expression starts in the eyes of ``ast`` and of flake8."""
        return self.span_in_ast(node)[0]

    def line(self, node: cst.CSTNode) -> int:
        """The line of a node in the file, counted from 1; for an argument, that of its name or value."""
        import libcst as cst

        if isinstance(node, cst.Arg):
            return self.module.position(self.start_of(node.keyword or node.value))[0]
        return self._places.line(node)

    def source(self, node: cst.CSTNode) -> str:
        """The text of a node as it stands in the file, without its parentheses."""
        return self._places.source(node)

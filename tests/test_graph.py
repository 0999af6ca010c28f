"""Tests of the control-flow graph: what may run after what, and that CPython runs code only in these orders."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from textwrap import dedent, indent

import libcst as cst
import pytest

from flake8_pitfalls.semantics.graph import Graph, Kind, Node, constant_truth, passes_of
from flake8_pitfalls.semantics.walk import parents, walk


def graph_of(source: str) -> Graph:
    """The graph of a function's body; a call of ``stop`` never returns."""
    module = cst.parse_module("def f():\n" + indent(dedent(source), "    "))
    function = module.body[0]
    assert isinstance(function, cst.FunctionDef)
    return Graph(function, lambda call: isinstance(call.func, cst.Name) and call.func.value == "stop")


def label(node: Node) -> str:
    """How a node of the graph is called here; empty for those that only connect others."""

    def code(*parts: cst.CSTNode) -> str:
        texts = [cst.Module([]).code_for_node(part).strip("; ") for part in parts]
        return ",".join(re.sub(r"(?<=\w)\(\)$", "", text) for text in texts)

    match node.kind:
        case Kind.EXIT:
            return "end"
        case Kind.HEAD | Kind.NOTHING:
            return ""
        case Kind.ENTER:
            return f"with({code(node.node.item)})"  # type: ignore[attr-defined]
        case Kind.LEAVE:
            return f"leave({code(node.node.item)})"  # type: ignore[attr-defined]
        case Kind.CAUGHT:
            caught = node.node.type  # type: ignore[attr-defined]
            return f"except({code(caught) if caught else ''})"
        case Kind.UNBIND:
            return f"unbind({code(node.node.name.name)})"  # type: ignore[attr-defined]
        case Kind.DEFINE | Kind.CLASS | Kind.CLASS_END:
            return f"{node.kind.name.lower()}({node.node.name.value})"  # type: ignore[attr-defined]
        case Kind.CASE:
            return f"case({code(node.node.pattern)})"  # type: ignore[attr-defined]
    return code(*node.parts())


def ways(source: str) -> set[str]:
    """All ways from the start to the end on which no node comes more than twice; ``!`` is an exception.

    The letters a to e, at the end of a line, stand for calls, since reading a variable isn't taken to fail.
    """
    graph = graph_of(re.sub(r"(?m)\b([a-e])$", r"\1()", source))
    found: set[str] = set()
    stack: list[tuple[Node, tuple[Node, ...], str]] = [(graph.entry, (), "")]
    while stack:
        node, before, text = stack.pop()
        if before.count(node) == 2:
            continue
        way = f"{text} {label(node)}".strip()
        if node is graph.exit:
            found.add(way.removesuffix("end").strip())
        for successor, _ in node.successors:
            stack.append((successor, (*before, node), way))
        if node.kind is not Kind.NOTHING:
            stack.extend((handler, (*before, node), f"{way}!") for handler in node.raises_to)
    return found


def calm(source: str) -> set[str]:
    """The ways without an exception."""
    return {way for way in ways(source) if "!" not in way}


class TestStatements:
    def test_one_after_the_other(self) -> None:
        assert ways("a\nb; c\nd") == {"a b c d"}

    def test_return_ends_it(self) -> None:
        assert ways("a\nreturn b\nc") == {"a return b"}

    def test_without_handlers_an_exception_ends_it(self) -> None:
        assert ways("a\nraise b\nc") == set()

    def test_calls_that_never_return(self) -> None:
        assert ways("a\nif t:\n    stop()\nb") == {"a t b"}
        assert ways("a\nif t:\n    stops()\nb") == {"a t stops b", "a t b"}

    def test_assert_goes_on_if_it_holds(self) -> None:
        assert ways("assert t\na") == {"t a"}
        assert ways("try:\n    assert t\nexcept E:\n    a") == {"t", "t! except(E) a"}

    def test_definitions(self) -> None:
        assert ways("def g():\n    a\nb") == {"define(g) b"}
        assert ways("class C(D):\n    a\n    b\nc") == {"class(C) a b class_end(C) c"}

    def test_lambda(self) -> None:
        (statement,) = cst.parse_module("lambda: a + b").body
        node = next(node for node in walk(statement) if isinstance(node, cst.Lambda))
        graph = Graph(node, lambda _: False)
        assert graph.entry.kind is Kind.RESULT
        assert graph.entry.mentions == {"a", "b"}
        assert graph.entry.successors == [(graph.exit, None)]


class TestBranches:
    def test_if(self) -> None:
        assert ways("if t:\n    a\nb") == {"t a b", "t b"}
        assert ways("if t:\n    a\nelse:\n    b\nc") == {"t a c", "t b c"}
        assert ways("if t:\n    a\nelif u:\n    b\nelse:\n    c") == {"t a", "t u b", "t u c"}

    def test_constant_conditions(self) -> None:
        assert ways("if True:\n    a\nelse:\n    b") == {"True a"}
        assert ways("if not 1:\n    a\nelse:\n    b") == {"not 1 b"}

    def test_outcomes_are_on_the_edges(self) -> None:
        graph = graph_of("if t:\n    a\nelse:\n    b")
        assert {(label(node), outcome) for node, outcome in graph.entry.successors} == {("a", True), ("b", False)}

    def test_match(self) -> None:
        source = "match s:\n    case 1:\n        a\n    case 2:\n        b\nc"
        assert ways(source) == {"s case(1) a c", "s case(2) b c", "s c"}

    def test_match_with_a_case_for_everything(self) -> None:
        assert ways("match s:\n    case 1:\n        a\n    case _:\n        b\nc") == {"s case(1) a c", "s case(_) b c"}
        assert ways("match s:\n    case 1:\n        a\n    case x:\n        b\nc") == {"s case(1) a c", "s case(x) b c"}
        assert ways("match s:\n    case 1 | _:\n        a\nc") == {"s case(1 | _) a c"}

    def test_match_with_guards(self) -> None:
        source = "match s:\n    case 1 if t:\n        a\n    case x if u:\n        b\nc"
        assert ways(source) == {
            *("s case(1) t a c", "s case(1) t case(x) u b c", "s case(1) t case(x) u c", "s case(1) t c"),
            *("s case(x) u b c", "s case(x) u c", "s c"),
        }


class TestLoops:
    def test_for(self) -> None:
        assert ways("for x in xs:\n    a\nb") == {"xs b", "xs x a b"}
        assert ways("for x in xs:\n    a\nelse:\n    b\nc") == {"xs b c", "xs x a b c"}

    def test_break_leaves_without_the_else(self) -> None:
        source = "for x in xs:\n    if t:\n        break\nelse:\n    b\nc"
        assert ways(source) == {"xs b c", "xs x t b c", "xs x t c", "xs x t x t c"}

    def test_continue(self) -> None:
        assert ways("for x in xs:\n    if t:\n        continue\n    a\nb") == {"xs b", "xs x t b", "xs x t a b"}

    def test_break_and_continue_belong_to_the_innermost_loop(self) -> None:
        source = "for x in xs:\n    for y in ys:\n        break\n    a\nb"
        assert ways(source) == {"xs b", "xs x ys a b", "xs x ys y a b"}
        source = "for x in xs:\n    for y in ys:\n        a\n    else:\n        continue\n    b\nc"
        assert ways(source) == {"xs c", "xs x ys c", "xs x ys y a c"}

    def test_while(self) -> None:
        assert ways("while t:\n    a\nb") == {"t b", "t a t b"}
        assert ways("while t:\n    a\nelse:\n    b\nc") == {"t b c", "t a t b c"}

    def test_while_true_ends_with_break_only(self) -> None:
        assert ways("while True:\n    a\nb") == set()
        assert ways("while True:\n    a\n    if t:\n        break\nelse:\n    b\nc") == {
            "True a t c",
            "True a t True a t c",
        }
        assert ways("while 0:\n    a\nb") == {"0 b"}

    @pytest.mark.parametrize("iterable", ["[1]", "(1,)", "{1}", "'x'", "range(1)"])
    def test_loops_of_one_pass(self, iterable: str) -> None:
        assert ways(f"for x in {iterable}:\n    a\nelse:\n    b\nc") == {f"{iterable} x a b c"}
        assert ways(f"for x in {iterable}:\n    continue\nelse:\n    b\nc") == {f"{iterable} x b c"}
        assert ways(f"for x in {iterable}:\n    break\nelse:\n    b\nc") == {f"{iterable} x c"}

    @pytest.mark.parametrize("iterable", ["[]", "()", "''", "range(0)"])
    def test_loops_without_a_pass(self, iterable: str) -> None:
        assert ways(f"for x in {iterable}:\n    a\nb") == {f"{iterable} b"}


class TestTry:
    def test_handlers(self) -> None:
        source = "try:\n    a\nexcept E:\n    b\nexcept F:\n    c\nelse:\n    d\ne"
        assert ways(source) == {"a d e", "a! except(E) b e", "a! except(F) c e"}

    def test_the_else_is_not_protected(self) -> None:
        assert ways("try:\n    a\nexcept E:\n    b\nelse:\n    raise c\nd") == {"a! except(E) b d"}

    def test_what_no_handler_catches_goes_on(self) -> None:
        inner = "try:\n    try:\n        a\n    except {}:\n        b\nexcept F:\n    c"
        assert "a! except(F) c" in ways(inner.format("E"))
        assert "a! except(F) c" not in ways(inner.format("Exception"))
        assert "a! except(F) c" not in ways(inner.replace(" {}", "").format())

    def test_names_of_exceptions_are_unbound_on_every_way(self) -> None:
        source = "for x in xs:\n    try:\n        a\n    except E as e:\n        {}\nb"
        for last in ("c", "continue", "break"):
            (way,) = (way for way in ways(source.format(last)) if way.count("!") == 1 and way.count("x ") == 1)
            assert way == f"xs x a! except(E) {'c ' if last == 'c' else ''}unbind(e) b"
        assert ways("try:\n    a\nexcept E as e:\n    return c\nb") == {"a b", "a! except(E) return c unbind(e)"}

    def test_exception_groups(self) -> None:
        assert ways("try:\n    a\nexcept* E:\n    b\nc") == {"a c", "a! except(E) b c"}

    def test_raise_goes_to_the_handler(self) -> None:
        assert ways("try:\n    raise a\nexcept E:\n    b\nc") >= {"raise a except(E) b c"}

    def test_raise_in_a_handler_leaves(self) -> None:
        assert calm("try:\n    a\nexcept E:\n    raise\nb") == {"a b"}

    def test_what_is_not_taken_to_fail(self) -> None:
        assert ways("try:\n    x = y\n    pass\n    z = lambda: a()\nexcept E:\n    b") == {"x = y pass z = lambda: a"}


class TestFinally:
    def test_it_runs_on_every_way(self) -> None:
        assert ways("try:\n    a\nfinally:\n    b\nc") == {"a b c"}
        assert ways("try:\n    a\nexcept E:\n    b\nfinally:\n    c\nd") == {"a c d", "a! except(E) b c d"}

    def test_return_goes_through_it_and_no_further(self) -> None:
        assert ways("try:\n    return a\nfinally:\n    b\nc") == {"return a b"}
        assert ways("try:\n    if t:\n        return a\nfinally:\n    b\nc") == {"t return a b", "t b c"}

    def test_return_goes_through_all_of_them(self) -> None:
        source = "try:\n    try:\n        return a\n    finally:\n        b\nfinally:\n    c\nd"
        assert ways(source) == {"return a b c"}

    def test_break_and_continue_go_through_those_inside_their_loop(self) -> None:
        loop = "for x in xs:\n        try:\n            {}\n        finally:\n            a"
        source = f"try:\n    {loop}\n    b\nfinally:\n    c"
        assert calm(source.format("break")) == {"xs b c", "xs x a b c"}
        assert calm(source.format("continue")) == {"xs b c", "xs x a b c"}
        assert calm(source.format("return r")) == {"xs b c", "xs x return r a c"}

    def test_an_exception_goes_through_it_to_the_handler(self) -> None:
        source = "try:\n    try:\n        a\n    finally:\n        b\n    c\nexcept E:\n    d"
        found = ways(source)
        assert "a! b except(E) d" in found
        assert "a! b c" not in found
        assert "a b c" in found

    def test_return_in_it_swallows_the_exception(self) -> None:
        assert ways("try:\n    a\nfinally:\n    return b\nc") >= {"a return b"}
        source = "for x in xs:\n    try:\n        raise a\n    finally:\n        continue\nb"
        assert ways(source) >= {"xs b"}

    def test_a_copy_for_each_way(self) -> None:
        graph = graph_of("for x in xs:\n    try:\n        if t:\n            return a\n    finally:\n        b\nc")
        tree = graph.owner
        (last,) = (node for node in walk(tree) if isinstance(node, cst.Name) and node.value == "b")
        copies = graph.nodes_with(last, parents(tree))
        assert len(copies) == len(set(copies)) >= 2
        assert {node.kind for node in copies} == {Kind.STATEMENT}


class TestWith:
    def test_enter_and_leave(self) -> None:
        assert ways("with m as x, n:\n    a\nb") == {"with(m) with(n) a leave(n) leave(m) b"}

    def test_return_leaves_it(self) -> None:
        assert ways("with m:\n    return a\nb") == {"with(m) return a leave(m)"}

    def test_break_leaves_it(self) -> None:
        assert ways("for x in xs:\n    with m:\n        break\nb") == {"xs b", "xs x with(m) leave(m) b"}

    @pytest.mark.parametrize("manager", ["suppress(E)", "contextlib.suppress(E)", "self.assertRaises(E)", "raises(E)"])
    def test_what_ends_exceptions(self, manager: str) -> None:
        found = ways(f"with {manager}:\n    a\nb")
        assert found == {f"with({manager}) a leave({manager}) b", f"with({manager}) a! leave({manager}) b"}

    def test_return_in_suppress(self) -> None:
        # The expression of the return may fail, and then the code goes on behind the block.
        assert ways("with suppress(E):\n    return a\nb") == {
            "with(suppress(E)) return a leave(suppress(E))",
            "with(suppress(E)) return a! leave(suppress(E)) b",
        }

    def test_others_let_exceptions_through(self) -> None:
        assert ways("try:\n    with m:\n        a\n    b\nexcept E:\n    c") >= {"with(m) a! leave(m) except(E) c"}
        assert "with(m) a! leave(m) b" not in ways("try:\n    with m:\n        a\n    b\nexcept E:\n    c")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *[("True", True), ("False", False), ("None", False), ("1", True), ("0", False), ("not 0", True)],
        *[("x", None), ("not x", None), ("'text'", None), ("1.0", None)],
    ],
)
def test_constant_truth(source: str, expected: bool | None) -> None:
    assert constant_truth(cst.parse_expression(source)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *[("[]", 0), ("[x]", 1), ("[*x]", None), ("[x, y]", None), ("(x,)", 1), ("''", 0), ("'ab'", None)],
        *[("range(1)", 1), ("range(2)", None), ("range(0, 1)", None), ("range(n)", None), ("xs", None), ("f(1)", None)],
    ],
)
def test_passes(source: str, expected: int | None) -> None:
    assert passes_of(cst.parse_expression(source)) == expected


# -- what CPython does ---------------------------------------------------------------------------------------------


class Error(Exception):
    """What the random programs raise."""


class Other(Exception):
    """What they don't raise."""


SIMPLE = ["<v>", "<v>", "return <v>", "raise <error>"]
IN_LOOPS = ["break", "continue"]
COMPOUND = [
    "if <b>:\n    BODY\nelif <b>:\n    BODY\nelse:\n    BODY",
    "for x in <some>:\n    LOOP\nelse:\n    BODY",
    "for x in [0]:\n    LOOP\nelse:\n    BODY",
    "while <b>:\n    <count>\n    LOOP\nelse:\n    BODY",
    "while True:\n    <count>\n    LOOP",
    "try:\n    BODY\nexcept Other:\n    BODY\nexcept Error as e:\n    BODY\nelse:\n    BODY",
    "try:\n    BODY\nexcept Other:\n    BODY",
    "try:\n    BODY\nexcept Exception:\n    BODY",
    "try:\n    BODY\nfinally:\n    BODY",
    "try:\n    BODY\nexcept Error:\n    BODY\nfinally:\n    BODY",
    "with manager(<v>) as m, manager(<v>):\n    BODY",
    "with suppress(Error, <cls>):\n    BODY",
    "match <n>:\n    case 0:\n        BODY\n    case 1 if <b>:\n        BODY",
    "match <n>:\n    case 0:\n        BODY\n    case _:\n        BODY",
]
"""Statements of random programs; ``LOOP`` is a block in which ``break`` may stand, ``<v>`` a call."""


def jumps(statement: str) -> bool:
    return statement.startswith(("return", "raise", "break", "continue"))


class Programs:
    """Makes random bodies of functions; each call ``v(3)`` in one of them has a number of its own."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def block(self, depth: int, *, loop: bool = False) -> str:
        statements: list[str] = []
        while not statements or (len(statements) < 3 and self._random.random() < 0.6 and not jumps(statements[-1])):
            statements.append(self._statement(depth, loop=loop))
        return "\n".join(statements)

    def _statement(self, depth: int, *, loop: bool) -> str:
        simple = [*SIMPLE, *IN_LOOPS] if loop else SIMPLE
        template = self._random.choice(COMPOUND if depth and self._random.random() < 0.7 else simple)

        def fill(match: re.Match[str]) -> str:
            if match["call"]:
                self._number += 1
                return f"{match['call']}({self._number})"
            block = self.block(depth - 1, loop=loop or match["block"] == "LOOP")
            return indent(block, match["space"])

        return re.sub(r"<(?P<call>\w+)>|(?P<space> +)(?P<block>BODY|LOOP)", fill, template)


class Ended(BaseException):
    """Ends a program that runs for too long."""


def execute(source: str, seed: int) -> tuple[list[tuple[int, object]], bool]:
    """The numbers of the calls with what they returned, ``Error`` if that was raised; and whether the code ended."""
    chance = random.Random(seed)
    trace: list[tuple[int, object]] = []

    def seen(number: int, result: object, *, may_fail: bool = True) -> object:
        if len(trace) > 60:
            raise Ended
        failed = may_fail and chance.random() < 0.15
        trace.append((number, Error if failed else result))
        if failed:
            raise Error
        return result

    @contextmanager
    def manager(_: object) -> Iterator[None]:
        yield

    functions: dict[str, Callable[[int], object]] = {
        "v": lambda number: seen(number, None),
        "count": lambda number: seen(number, None, may_fail=False),
        "b": lambda number: seen(number, chance.random() < 0.5),
        "n": lambda number: seen(number, chance.randrange(3)),
        "some": lambda number: seen(number, range(chance.randrange(3))),
        "error": lambda number: seen(number, Error(), may_fail=False),
        "cls": lambda number: seen(number, Other),
    }
    names = {**functions, "Error": Error, "Other": Other, "suppress": suppress, "manager": manager}
    exec("def f():\n" + indent(source, "    "), names)
    try:
        names["f"]()  # type: ignore[operator]
    except (Error, RuntimeError):
        return trace, False
    except Ended:
        return trace, False
    return trace, True


@lru_cache(100_000)
def number_in(node: Node) -> int | None:
    """The number of the call in a node of the graph."""
    for part in node.parts():
        for call in walk(part):
            if isinstance(call, cst.Call) and isinstance(call.args[0].value, cst.Integer):
                return call.args[0].value.evaluated_value
    return None


def after(node: Node, result: object) -> list[Node]:
    """What may run after a call."""
    if result is Error:
        return list(node.raises_to)
    if isinstance(result, Error):
        return [successor for successor, _ in node.successors]
    return [successor for successor, outcome in node.successors if outcome is None or outcome is result]


def reachable(nodes: list[Node]) -> set[Node]:
    """The nodes with a call, and the end, that may come next."""
    found: set[Node] = set()
    seen: set[Node] = set()
    while nodes:
        node = nodes.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.kind is Kind.EXIT or number_in(node) is not None:
            found.add(node)
        else:
            nodes.extend(successor for successor, _ in node.successors)
    return found


def is_walk(graph: Graph, trace: list[tuple[int, object]], *, ended: bool) -> bool:
    """Whether the graph has a way on which these calls come in this order."""
    possible = reachable([graph.entry])
    for number, result in trace:
        here = [node for node in possible if number_in(node) == number]
        if not here:
            return False
        possible = reachable([successor for node in here for successor in after(node, result)])
    return not ended or graph.exit in possible


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python 3.14 warns of 'return' in 'finally'.
@pytest.mark.parametrize("part", range(8))
def test_what_python_does_is_a_way_through_the_graph(part: int) -> None:
    ran = 0
    for seed in range(part * 40, part * 40 + 40):
        source = Programs(seed).block(3)
        graph = graph_of(source)
        for run in range(12):
            trace, ended = execute(source, run)
            ran += len(trace) > 2
            assert is_walk(graph, trace, ended=ended), f"{source}\n{trace}"
    assert ran > 50


def test_an_impossible_trace_is_no_way() -> None:
    graph = graph_of("v(1)\nreturn v(2)\nv(3)")
    assert is_walk(graph, [(1, None), (2, None)], ended=True)
    assert not is_walk(graph, [(1, None)], ended=True)
    assert not is_walk(graph, [(1, None), (2, None), (3, None)], ended=False)


# -- size ----------------------------------------------------------------------------------------------------------


def test_long_chains_of_branches() -> None:
    branches = "".join(f"elif t{number}:\n    a{number}\n" for number in range(300))
    assert len(calm(f"if t:\n    a\n{branches}")) == 302


def test_nested_finally_blocks_end() -> None:
    source = "return 0"
    for depth in range(12):
        source = f"try:\n{indent(source, '    ')}\nfinally:\n    a{depth}"
    assert calm(source) == {"return 0 " + " ".join(f"a{depth}" for depth in range(12))}

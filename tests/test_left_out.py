"""Methods that are left out until somebody looks into them, and the places of nodes found without generating it all."""

from __future__ import annotations

import ast
import inspect
import json.decoder
import logging
import random
import shutil
import sys
import textwrap
from types import ModuleType

import libcst as cst
import pytest

from flake8_pitfalls.semantics.left_out import LeftOutBlock
from flake8_pitfalls.semantics.module import SourceModule, TopLevelStatement
from flake8_pitfalls.semantics.parsed_places import ParsedPlaces
from flake8_pitfalls.semantics.scopes import Scope
from flake8_pitfalls.semantics.walk import children, is_left_out, walk
from tests.test_bare import pairs

SHOP = (
    textwrap.dedent(
        '''
        class Shop:
            """Sells."""

            names = []

            @property
            def open(self):
                # Not on Sundays.

                day = today()  # which?
                if day == 6:
                    return [name for name in self.names
                            if name]
                def inner(x=[]): return x, day
                return inner

            class Till:
                async def count(self, *, coins=()):
                    total = 0
                    for coin in coins:
                        total += coin  # ünï
                    return total

            def close(self):
                """Closes."""
                with self.lock:
                    print("closed"); self.names = [
                        "nobody",
                    ]
                # the end

            def short(self): return 1


        after = 1
        '''
    )
    + "\n" * 30
)
SHOP = SHOP.replace("class Till:", "class Till:\n" + "        # nothing\n" * 20)


def statement(text: str, needed: list[int] | None) -> TopLevelStatement:
    return SourceModule(text, ast.parse(text), "shop.py", needed).statements[0]


def left_out(node: TopLevelStatement) -> list[LeftOutBlock]:
    return [part for part in node.known_nodes() if isinstance(part, LeftOutBlock)]


def shape(scope: Scope) -> object:
    """All that a scope knows, with names for nodes."""
    return (
        scope.kind,
        {name: [read.value for read in reads] for name, reads in scope.reads.items()},
        {name: [binding.kind for binding in bindings] for name, bindings in scope.bindings.items()},
        sorted(scope.local_names),
        [shape(child) for child in scope.children],
    )


class TestLeftOut:
    def test_methods_without_needed_lines_are_left_out(self):
        pruned = statement(SHOP, [2])
        assert [block.source.split()[0] for block in left_out(pruned)] == ["day", "total", '"""Closes."""']

    def test_methods_with_needed_lines_are_there(self):
        line = next(number for number, line in enumerate(SHOP.splitlines(), 1) if "total = 0" in line)
        assert len(left_out(statement(SHOP, [line]))) == 2

    @pytest.mark.parametrize("first", ["tree", "scopes", "parents", "order"])
    def test_looking_into_them_gives_the_whole_tree(self, first):
        pruned, whole = statement(SHOP, [2]), statement(SHOP, None)
        getattr(pruned, first)
        blocks = left_out(pruned)
        for block in blocks:
            assert block.body
        assert not any(map(is_left_out, blocks))
        assert len(list(pairs(whole.tree, pruned.tree))) > 100
        assert shape(pruned.scopes.root) == shape(whole.scopes.root)
        assert all(pruned.parents[child] is node for node in walk(pruned.tree) for child in children(node))
        inside = [node for node in walk(pruned.tree) if isinstance(node, cst.BaseSmallStatement)]
        assert [pruned.order[node] for node in inside] == sorted({pruned.order[node] for node in inside})

    @pytest.mark.parametrize("ask", ["reads", "bindings", "children"])
    def test_asking_for_a_scope_has_it_found(self, ask):
        pruned, whole = statement(SHOP, [2]), statement(SHOP, None)
        method, same = (next(iter(one.scopes.root.children[0].children)) for one in (pruned, whole))
        assert {type(method).__name__, type(same).__name__} == {"LeftOutScope", "Scope"}
        assert len(getattr(method, ask)) == len(getattr(same, ask))
        assert shape(method) == shape(same)
        assert len(left_out(pruned)) == 3
        assert sum(map(is_left_out, left_out(pruned))) == 2

    def test_spans_are_those_of_the_file(self):
        pruned = statement(SHOP, [2])
        assert pruned.source(next(node for node in pruned.known_nodes() if isinstance(node, cst.List))) == "[]"
        names = [node for node in walk(pruned.tree) if isinstance(node, cst.Name) and node.value == "nobody"]
        assert not names
        strings = [node for node in walk(pruned.tree) if isinstance(node, cst.SimpleString)]
        assert [pruned.source(node) for node in strings] == [node.value for node in strings]

    def test_what_declares_globals_stays(self):
        text = SHOP.replace("total = 0", "global total\n            total = 0")
        assert len(left_out(statement(text, [2]))) == 2

    @pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x1c", "\v"], ids=repr)
    def test_only_what_ends_a_line_for_python_does_here(self, mark):
        text = SHOP.replace("Sells.", f"Sells {mark} things.")
        assert [block.source for block in left_out(statement(text, [2]))] == [
            block.source for block in left_out(statement(SHOP, [2]))
        ]

    @pytest.mark.parametrize("gap", ["\t", " \\\n "], ids=repr)
    def test_declarations_may_be_spaced_oddly(self, gap):
        text = SHOP.replace("total = 0", f"global{gap}total\n            total = 0")
        assert len(left_out(statement(text, [2]))) == 2

    @pytest.mark.parametrize("module", [json.decoder, logging, shutil, inspect], ids=lambda module: module.__name__)
    def test_classes_of_the_standard_library_are_the_same_in_the_end(self, module):
        text = inspect.getsource(module)
        tree = ast.parse(text)
        pruned = SourceModule(text, tree, "module.py", [])
        whole = SourceModule(text, tree, "module.py")
        for one, other in zip(pruned.statements, whole.statements, strict=True):
            if isinstance(one.nodes[0], ast.ClassDef):
                assert shape(one.scopes.root) == shape(other.scopes.root)
                assert len(list(pairs(other.tree, one.tree))) > 5


ODD = '''\
@decorate([1], key=(2))
async def first(a: "ä" = ("ö"), *, b={}) -> None:
\tif a: pass
\telif (b ==
\t\t\t2):
\t\ttry:
\t\t\treturn [x for x in (yield)], lambda: "ü"
\t\texcept (ValueError, TypeError) as error:  # why
\t\t\traise
\t\telse: x = 1; y = (2)
\t\tfinally:
\t\t\tdel x
\telse:
\t\tasync with a as b, (c) as d:
\t\t\tprint(b
\t\t\t, d)
\tmatch a:
\t\tcase [1, {"k": v}] if v > 1:
\t\t\tv += 1
\t\tcase _:
\t\t\twhile True: break
\t\t\telse:
\t\t\t\tpass
class Second(Base, metaclass=Meta): x: int = 3; y = """
  text""" ; z = (
    1)
for i in (1, 2): print(i)
'''


class TestPlaces:
    def compare(self, text: str, share: float = 1) -> tuple[int, int]:
        """How many places are found and how many aren't; those that are have to be right."""
        found = missing = 0
        generator = random.Random(1)
        for one in SourceModule(text, ast.parse(text)).statements:
            places = ParsedPlaces(one)
            for node in walk(one.tree):
                if generator.random() < share:
                    place = places.span_nearby(node)
                    if place is None:
                        missing += 1
                        continue
                    found += 1
                    assert place == places.span_in_all(node)
        return found, missing

    def test_all_kinds_of_statements(self):
        found, missing = self.compare(ODD)
        assert found > 100
        assert missing < found / 3

    @pytest.mark.parametrize("change", [("\n", "\r\n"), ("\t", "    "), ("ä", "\U0001f600")], ids=repr)
    def test_other_characters(self, change):
        assert self.compare(ODD.replace(*change))[0] > 100

    @pytest.mark.parametrize("module", [json.decoder, shutil, textwrap], ids=lambda module: module.__name__)
    def test_files_of_the_standard_library(self, module: ModuleType):
        found, missing = self.compare(inspect.getsource(module), 0.2)
        assert found > missing

    def test_where_libcst_changes_the_text_there_is_no_answer(self):
        text = "def f(a=\f[]):\n    return a\n"
        one = SourceModule(text, ast.parse(text)).statements[0]
        value = next(node for node in walk(one.tree) if isinstance(node, cst.List))
        assert text[slice(*one.span(value))] == "[]"

    def test_deep_expressions(self):
        text = f"x = {'(' * 150}[]{')' * 150}\n" + "".join(f"{'-' * 500}{number}\n" for number in range(3))
        limit = sys.getrecursionlimit()
        assert self.compare(text)[0] > 500
        assert sys.getrecursionlimit() == limit

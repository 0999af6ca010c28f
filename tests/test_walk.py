"""Tests of the read-only traversal of LibCST trees."""

from __future__ import annotations

import dataclasses
import inspect

import libcst as cst
import pytest

from flake8_pitfalls.semantics.walk import children, parents, walk

# Every kind of node that contains others, with the parts of each in an order that only the source tells.
PROGRAM = """\
from __future__ import annotations as n1
import n2.n3 as n4, n5
from ..n6.n7 import (n8 as n9, n10)
from n11 import *
@n12(n13)
@n14
async def n15(n16: n17 = n18, /, n19=n20, *n21: n22, n23: n24 = n25, n26, **n27: n28) -> n29:
    async for n30 in n31:
        await n32
    else:
        yield n33
    async with n34 as n35, n36 as (n37, [n38, *n39]):
        yield
    return n40
@n41
class n42(n43, *n44, n45=n46, **n47):
    n48: n49 = n50
    n51: n52
def n53(*, n54): global n55, n56; nonlocal n57
if n58: pass
elif n59: ...
else: n60
while n61:
    break
    continue
else:
    del n62, n63.n64
try:
    raise n65 from n66
except n67 as n68:
    raise
else:
    n69
finally:
    assert n70, n71
try:
    n72
except* n73 as n74:
    n75
n76 = n77.n78, n79 = n80 if n81 else n82
n83 += n84
n85(n86, *n87, n88=n89, **n90)[n91:n92:n93, n94, *n95]
(n96 := n97) and not n98 or -n99 + n100 @ n101
n102 < n103 is not n104 not in n105
lambda n106, n107=n108, *n109, n110, **n111: n112
[n113 for n114 in n115 if n116 if n117 async for n118 in n119]
{n120 for n121 in n122}, {n123: n124 for n125 in n126}, (n127 for n128 in n129)
{n130: n131, **n132}, {n133, *n134}, [], (n135,)
f"{n136!r:>{n137}} {n138=}" "" rf'{n139}'
match n140:
    case n141.n142 | {1: n143, "": n144, **n145} as n146 if n147:
        n148
    case n149(n150, n151=n152) | [n153, *n154] | (n155, None) | -1 | _:
        n156
def n157[n158: n159 = n160, *n161, **n162](n163: n164) -> n165: yield from n166
class n167[n168](n169, n170=n171): n172
type n173[n174] = n175
"""


def code_of(name: cst.CSTNode) -> str:
    return name.value if isinstance(name, cst.Name) else type(name).__name__


def test_names_are_met_in_source_order() -> None:
    names = [node.value for node in walk(cst.parse_module(PROGRAM)) if isinstance(node, cst.Name)]
    numbered = [name for name in names if name.startswith("n")]
    assert numbered == [f"n{number}" for number in range(1, len(numbered) + 1)]
    assert len(numbered) == 175
    assert [name for name in names if name not in numbered] == ["__future__", "annotations", "None"]


def test_nodes_that_are_not_code_are_not_met() -> None:
    unwanted = (
        *(cst.BaseParenthesizableWhitespace, cst.TrailingWhitespace, cst.EmptyLine, cst.Comment, cst.Newline),
        *(cst.Comma, cst.Colon, cst.Semicolon, cst.Dot, cst.AssignEqual, cst.Asynchronous, cst.ParamStar),
        *(cst.LeftParen, cst.RightParen, cst.LeftSquareBracket, cst.RightSquareBracket, cst.ParamSlash),
        *(cst.BaseBinaryOp, cst.BaseBooleanOp, cst.BaseCompOp, cst.BaseUnaryOp, cst.BaseAugOp, cst.BitOr),
    )
    assert [node for node in walk(cst.parse_module(PROGRAM)) if isinstance(node, unwanted)] == []


def test_everything_else_is_met() -> None:
    """Compare with LibCST's own, slower, `children`."""
    module = cst.parse_module(PROGRAM)
    everything: list[cst.CSTNode] = []
    stack: list[cst.CSTNode] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, (cst.BaseExpression, cst.BaseStatement, cst.BaseSmallStatement, cst.MatchPattern)):
            everything.append(node)
        stack.extend(node.children)
    assert set(everything) - set(walk(module)) == set()


def test_every_field_of_every_node_class_is_known() -> None:
    """A field that's new in LibCST has to be added to the traversal, or to this list of those that aren't code."""
    not_code = {
        *(
            "asynchronous",
            "colon",
            "comma",
            "comment",
            "conversion",
            "default_indent",
            "default_newline",
            "dot",
            "empty_lines",
            "encoding",
            "end",
            "equal",
        ),
        *(
            "first_colon",
            "first_line",
            "footer",
            "has_trailing_newline",
            "header",
            "indent",
            "last_line",
            "lbrace",
            "lbracket",
            "leading_lines",
        ),
        *(
            "leading_whitespace",
            "lines_after_decorators",
            "lpar",
            "newline",
            "operator",
            "posonly_ind",
            "rbrace",
            "rbracket",
            "relative",
            "rpar",
        ),
        *("second_colon", "semicolon", "separator", "star", "start", "trailing_comma", "trailing_whitespace"),
    }
    sentinel = cst.Name("x")
    for _, node_class in inspect.getmembers(cst, inspect.isclass):
        if not issubclass(node_class, cst.CSTNode) or not dataclasses.is_dataclass(node_class):
            continue
        for field in dataclasses.fields(node_class):
            if field.name in not_code or field.name.startswith("whitespace") or field.type is str:
                continue
            node = object.__new__(node_class)
            for other in dataclasses.fields(node_class):
                object.__setattr__(node, other.name, None)
            object.__setattr__(node, field.name, sentinel)
            assert children(node) == [sentinel], f"{node_class.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a if b else c", ["a", "b", "c"]),
        ("{a: b for c in d}", ["a", "b", "CompFor"]),
        ("lambda a, *, b: c", ["Parameters", "c"]),
        ("a.b", ["a", "b"]),
        ("f(a, b=c)", ["f", "Arg", "Arg"]),
        ("(a, *b)", ["Element", "StarredElement"]),
        ("'text'", []),
    ],
)
def test_children_are_direct_and_in_source_order(source: str, expected: list[str]) -> None:
    assert [code_of(child) for child in children(cst.parse_expression(source))] == expected


def test_parents_lead_from_every_node_to_the_root() -> None:
    module = cst.parse_module(PROGRAM)
    parent_of = parents(module)
    assert set(parent_of) == set(walk(module)) - {module}
    assert all(node in children(parent) for node, parent in parent_of.items())


def test_depth_is_no_problem() -> None:
    depth = 10_000
    node: cst.BaseExpression = cst.Name("x")
    for _ in range(depth):
        node = cst.Attribute(node, cst.Name("y"))
    assert sum(1 for _ in walk(node)) == 2 * depth + 1
    assert len(parents(node)) == 2 * depth

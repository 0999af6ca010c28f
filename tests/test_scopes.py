"""Tests of scopes: what they bind, and that CPython's compiler agrees."""

from __future__ import annotations

import symtable
import sys
import sysconfig
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import libcst as cst
import pytest

from flake8_pitfalls.semantics.scopes import BindingKind, Scope, ScopeKind, ScopeTree
from flake8_pitfalls.semantics.walk import walk

INLINES_COMPREHENSIONS = sys.version_info >= (3, 12)
HAS_ANNOTATION_BLOCKS = sys.version_info >= (3, 14)


def tree_of(source: str) -> ScopeTree:
    return ScopeTree(cst.parse_module(dedent(source)))


def name_of(scope: Scope) -> str:
    """Return the name that `symtable` has for a scope."""
    by_node = {
        cst.Module: "top",
        cst.Lambda: "lambda",
        cst.ListComp: "listcomp",
        cst.SetComp: "setcomp",
        cst.DictComp: "dictcomp",
        cst.GeneratorExp: "genexpr",
    }
    if isinstance(scope.node, (cst.FunctionDef, cst.ClassDef)):
        return scope.node.name.value
    return by_node.get(type(scope.node), "type")


def scope_named(tree: ScopeTree, name: str) -> Scope:
    (scope,) = (scope for scope in tree.all_scopes() if name_of(scope) == name)
    return scope


def kinds(scope: Scope, name: str) -> list[BindingKind]:
    return [binding.kind for binding in scope.bindings.get(name, [])]


def name_node(tree: ScopeTree, name: str, index: int = 0) -> cst.Name:
    return [node for node in walk(tree.root.node) if isinstance(node, cst.Name) and node.value == name][index]


# Comparison with CPython


@dataclass
class Block:
    """What the names in a scope mean, whoever says so."""

    name: str
    local: set[str]
    free: set[str]
    unbound_or_global: set[str]
    children: list[Block] = field(default_factory=list)
    can_be_inlined: bool = False

    def known(self) -> set[str]:
        return self.local | self.free | self.unbound_or_global

    def inline_comprehensions(self) -> None:
        """Merge comprehensions into the block that contains them, as `symtable` does since Python 3.12 (PEP 709)."""
        children: list[Block] = []
        for child in self.children:
            child.inline_comprehensions()
            if not child.can_be_inlined:
                children.append(child)
                continue
            children += child.children
            known = self.known()
            self.local |= child.local - known
            self.free |= child.free - known
            self.unbound_or_global |= child.unbound_or_global - known
        self.children = children

    def summary(self, path: tuple[str, ...] = ()) -> Counter[tuple[object, ...]]:
        path = (*path, self.name)
        is_module = len(path) == 1
        # For modules, the difference between local and global makes no sense.
        summary: Counter[tuple[object, ...]] = Counter()
        others = () if is_module else (frozenset(self.free), frozenset(self.unbound_or_global))
        summary[(path, frozenset(self.local), *others)] += 1
        for child in self.children:
            summary += child.summary(path)
        return summary


def declared_global(scope: Scope) -> set[str]:
    return scope.global_names.union(*(declared_global(child) for child in scope.children))


def our_block(scope: Scope) -> Block:
    used = {*scope.reads, *scope.assigned_names, *scope.global_names, *scope.nonlocal_names}
    if "super" in scope.reads and scope.kind is not ScopeKind.CLASS:
        used.add("__class__")
    local = set(scope.local_names)
    if scope.kind is ScopeKind.MODULE:
        local |= declared_global(scope)
    children = [our_block(child) for child in scope.children]
    free = set(scope.free_variables)
    can_be_inlined = isinstance(scope.node, (cst.ListComp, cst.SetComp, cst.DictComp))
    block = Block(name_of(scope), local, free, used - local - free, children, can_be_inlined)
    if INLINES_COMPREHENSIONS and scope.kind is ScopeKind.MODULE:
        block.inline_comprehensions()
    return block


def cpython_block(table: symtable.SymbolTable, *, is_module: bool = True) -> Block:
    implicit = {"__classdict__", "__type_params__", "__conditional_annotations__"}
    symbols = [symbol for symbol in table.get_symbols() if symbol.get_name() not in implicit]
    symbols = [symbol for symbol in symbols if not symbol.get_name().startswith(".")]
    # The type has the values of an enumeration since Python 3.13, and names of functions for PEP 695 before.
    kind = str(getattr(table.get_type(), "value", table.get_type()))
    name = table.get_name() if kind in {"module", "function", "class"} else "type"
    # Global variables needn't be bound in the module itself.
    local = {
        symbol.get_name() for symbol in symbols if symbol.is_local() or (is_module and symbol.is_declared_global())
    }
    free = {symbol.get_name() for symbol in symbols if symbol.is_free()}
    is_global = {symbol.get_name() for symbol in symbols if symbol.is_global()}
    if name == "top" and not is_module:
        # Symtable takes any function of this name for a module, whose local variables are global.
        is_global -= local
    children = [cpython_block(child, is_module=False) for child in table.get_children()]
    return Block(name, local, free, is_global, children)


def disagreements(source: str) -> list[tuple[str, object]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = cpython_block(symtable.symtable(source, "example.py", "exec")).summary()
    ours = our_block(ScopeTree(cst.parse_module(source)).root).summary()
    return [*(("ours", block) for block in ours - theirs), *(("CPython's", block) for block in theirs - ours)]


PROGRAMS = {
    "closure": """
        x = 1
        def f(a, /, b, *c, d, **e):
            def g():
                def h(): return a, c, e, x, unknown
                return h
            return g
    """,
    "parameters hide names": """
        def f(x, y=lambda x: x):
            return lambda x, z=x: (x, y, z)
    """,
    "class scope is invisible to functions": """
        def f():
            x = 1
            class C:
                x = x
                y = 2
                def m(self): return x, y
                z = lambda: (x, y)
                w = [x for _ in y if x]
                v = {x: y for x in x for y in x}
    """,
    "class of the same name as a free variable": """
        def f():
            x = 1
            class C:
                x = 2
                class D:
                    def m(self): return x
    """,
    "implicit __class__": """
        class C:
            a = __class__
            def m(self): return super().m()
            def n(self): return __class__
            def o(self):
                def p(): return [super for _ in __class__]
            class D:
                b = __class__
                def q(self): super()
        def f(): super()
    """,
    "global": """
        def f():
            global x, y
            x = 1
            def g(): return x, y
            class C:
                global z
                z = 1
                def m(self): return z
        def h(): return x
    """,
    "global between function and variable": """
        def f():
            x = 1
            def g():
                global x
                def h(): return x
    """,
    "global after the function that uses it": """
        def f():
            def g(): return x
            global x
            x = 1
    """,
    "nonlocal": """
        def f():
            def g():
                def h():
                    nonlocal x, y
                    x += 1
                    del y
            x = y = 0
            class C:
                nonlocal x
                x = 2
                def m(self): return x
    """,
    "comprehensions": """
        def f(xs, n):
            a = [x + n for x in xs]
            b = {x: y for x in xs if n for y in x if y}
            c = {(x, y) for x, *y in [z for z in xs]}
            d = ([x for x in y] for y in xs)
            return lambda: [xs for xs in n for n in xs]
    """,
    "walrus": """
        def f(xs):
            a = [y := x for x in xs if (z := x)]
            b = [[w := x + v for x in xs] for v in xs]
            return lambda: (y, [u := z for _ in w])
        [t := 1 for _ in []]
        def g():
            global s
            [s := 1 for _ in []]
            def h(): return s
        def i():
            r = 1
            def j():
                nonlocal r
                return [(r := x) for x in []]
    """,
    "except, with, for, import, del": """
        def f():
            try: pass
            except (A, B) as e: pass
            with open() as a, b() as (c, [d, *g]), h() as i.j, k() as l[m]: pass
            for n, o.p, q[r] in s: pass
            else: t
            import u.v, w.x as y
            from z.aa import bb as cc, dd
            del ee, (ff, gg[hh]), ii.jj
            return lambda: (e, a, d, n, u, y, cc, dd, ee, ff)
    """,
    "except group": """
        def f():
            try: pass
            except* A as e: pass
            return lambda: e
    """,
    "assignments": """
        def f():
            a = b.c = d[e] = g, (h, *i) = j
            k += l
            m.n += o
            p: q
            r: s = t
            u = v
            z.aa: bb
            cc[dd]: ee = 1
            return lambda: (a, h, i, k, p, r, u)
    """,
    "match": """
        def f(s):
            match s:
                case 1 | -1 | None | "": pass
                case a: pass
                case {"k": b, K.l: c, **d}: pass
                case [e, *g, _] | (e, *g, _) | (e, g): pass
                case C(h, i=j) | D.C(h, i=j) if k: pass
                case (1 | 2) as l: pass
                case [*_]: pass
            return lambda: (a, b, c, d, e, g, h, j, l)
    """,
    "mangling": """
        class _C:
            __a = 1
            import __b, __c.d, e as __f
            def __g(self, __h, *__i, **__j):
                global __k
                __k = __l = __h
                def m():
                    nonlocal __l
                    __l = __a__ = __n
                    class __: __o = __p
                    class D: __q = __r
                try: pass
                except __E as __s: pass
                match __t:
                    case {**__u}: pass
                return __class__, [__v for __v in __w], self.__x
            class __D(__E, m=__F): __y = __z
    """,
    "evaluated in the enclosing scope": """
        def f(a, b, c):
            @a
            def g(x: b = c, *y: b, **z: b) -> b: pass
            @a
            class D(b, m=c):
                a = b = c = 1
                @a
                def h(self, x: b = c) -> b: return a, b, c
                class E(a, m=b): pass
                i = lambda x=a: b
    """,
    "unevaluated annotations": """
        from __future__ import annotations
        def f(a):
            x: a = 1
            def g(y: a, *z: x) -> x:
                w: y
            return g
    """,
    "strings and calls": """
        def f(a, b, c):
            return lambda: (f"{a!r:>{b}} {c=}", d(e=a, **b)[c:a:b].a, print(*c, end="") )
    """,
    "async": """
        async def f(xs):
            async with a as b: pass
            async for c in xs: await b
            return [d async for d in c if await d], (lambda: (yield b))
    """,
    "normalized names": """
        def f():
            ﬁn = 1
            def g(): return fin
    """,
}
TYPE_PARAMETER_PROGRAMS = {
    "generic function": """
        def f(T0):
            def g[T: T0, *Ts, **P](x: T = T0, *y: *Ts, **z: P.kwargs) -> T0:
                return T, lambda: Ts
            return g
    """,
    "generic class": """
        def f(x):
            @x
            class C[T: (int, x)](x, Base[T], m=x):
                a: T
                def m[S](self, b: S, c: T, d: a) -> S:
                    return S, T, a, x
    """,
    "type alias": """
        def f(x):
            type A = x
            type B[T, U: T] = A | B[T] | x
            class C:
                y = 1
                type D = y
                type E[T: y] = (y, T)
    """,
    "annotation scopes see the names of the class": """
        class C:
            K = int
            def m[S: (K, int)](self, a: S, b: K = K) -> K: return K, __class__
            class D[U: K](K, m=K):
                def g(self): return U, K
                class E[V: K]: pass
    """,
    "mangling in a generic class": """
        class C[__T](list[__T]): __a: __T
        class D:
            def m[__S](self, x: __S): pass
            type __A = __B
    """,
}
TYPE_DEFAULT_PROGRAMS = {
    "defaults of type parameters": """
        def f(x):
            def g[T: x = (x, int), *Ts = x, **P = [T]](a: T = x): pass
            class C:
                y = 1
                class D[T = y]: pass
                type E[T: y = y] = T
    """,
    "functions in annotation scopes": """
        def f(x):
            class C:
                y = 1
                type A[T] = lambda: (x, y, T)
                type B[T] = ((x, y, z, T) for z in y)
                def m[S: (lambda: (x, y))](self): pass
    """,
    "private names in a generic class": """
        class D:
            class C[__S, T: (__X, __S), U = __Y](__Z, lambda: (__S, __Z)):
                a = __Z, __S
            def f[T: __X, __T = __Y](a: __T = __Z): return __Z
            type __A[__B: __C] = (__B, __D)
    """,
}
ALL_PROGRAMS = (PROGRAMS, TYPE_PARAMETER_PROGRAMS, TYPE_DEFAULT_PROGRAMS)
VERSION_PROGRAMS = (
    PROGRAMS
    | (TYPE_PARAMETER_PROGRAMS if sys.version_info >= (3, 12) else {})
    | (TYPE_DEFAULT_PROGRAMS if sys.version_info >= (3, 13) else {})
)


@pytest.mark.skipif(HAS_ANNOTATION_BLOCKS, reason="symtable moves annotations to blocks of their own (PEP 649)")
@pytest.mark.parametrize("source", VERSION_PROGRAMS.values(), ids=VERSION_PROGRAMS.keys())
def test_cpython_agrees(source: str) -> None:
    assert disagreements(dedent(source)) == []


@pytest.mark.skipif(HAS_ANNOTATION_BLOCKS, reason="symtable moves annotations to blocks of their own (PEP 649)")
def test_cpython_agrees_on_the_standard_library() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    packages = (
        "asyncio",
        "collections",
        "concurrent",
        "ctypes",
        "email",
        "importlib",
        "json",
        "multiprocessing",
        "xml",
    )
    paths = sorted(library.glob("*.py")) + [path for name in packages for path in sorted(library.glob(f"{name}/*.py"))]
    # The largest modules take long and show nothing new.
    paths = [path for path in paths if path.stat().st_size < 40_000][:150]
    for path in paths:
        assert disagreements(path.read_text(encoding="utf-8")) == [], path.name
    assert len(paths) == 150


# What the compiler doesn't tell


@pytest.mark.parametrize(
    ("source", "kind", "node_class"),
    [
        ("def f(x): pass", BindingKind.PARAMETER, cst.Param),
        ("def f(*x): pass", BindingKind.PARAMETER, cst.Param),
        ("def f(): x = 1", BindingKind.ASSIGNMENT, cst.Name),
        ("def f(): y, (*x, z) = 1", BindingKind.ASSIGNMENT, cst.Name),
        ("def f(): x: int = 1", BindingKind.ASSIGNMENT, cst.Name),
        ("def f(): x: int", BindingKind.ANNOTATION, cst.Name),
        ("def f(): x += 1", BindingKind.AUGMENTED, cst.Name),
        ("def f():\n for x in y: pass", BindingKind.FOR, cst.Name),
        ("def f():\n with y as x: pass", BindingKind.WITH, cst.Name),
        ("def f():\n try: pass\n except y as x: pass", BindingKind.EXCEPT, cst.Name),
        ("def f(): import x.y", BindingKind.IMPORT, cst.ImportAlias),
        ("def f(): import z.y as x", BindingKind.IMPORT, cst.ImportAlias),
        ("def f(): from z import y as x", BindingKind.IMPORT, cst.ImportAlias),
        ("def f():\n def x(): pass", BindingKind.DEF, cst.FunctionDef),
        ("def f():\n class x: pass", BindingKind.CLASS, cst.ClassDef),
        ("def f(): (x := 1)", BindingKind.WALRUS, cst.Name),
        ("def f(): [[x := 1 for y in z] for y in z]", BindingKind.WALRUS, cst.Name),
        ("def f():\n match y:\n  case [*x]: pass", BindingKind.MATCH, cst.Name),
        ("def f():\n match y:\n  case {**x}: pass", BindingKind.MATCH, cst.Name),
        ("def f():\n match y:\n  case x: pass", BindingKind.MATCH, cst.Name),
        ("def f(): del x", BindingKind.DELETE, cst.Name),
        ("def f():\n type x = int", BindingKind.TYPE_ALIAS, cst.TypeAlias),
    ],
)
def test_binding_in_a_function(source: str, kind: BindingKind, node_class: type[cst.CSTNode]) -> None:
    (binding,) = scope_named(tree_of(source), "f").bindings["x"]
    assert binding.kind is kind
    assert type(binding.node) is node_class
    assert binding.name == "x"


@pytest.mark.parametrize("parameter", ["x", "x: int", "*x", "**x"])
def test_type_parameters_are_bound_in_an_annotation_scope(parameter: str) -> None:
    function = scope_named(tree_of(f"def f[{parameter}](): return x"), "f")
    assert function.parent is not None
    assert function.parent.kind is ScopeKind.TYPE
    assert function.lookup("x") is function.parent
    assert kinds(function.parent, "x") == [BindingKind.TYPE_PARAMETER]


@pytest.mark.parametrize("source", ["x.y: int", "x.y = 1", "x[0] += 1", "del x.y", "f(x=1)", "y.x", "None"])
def test_what_binds_nothing(source: str) -> None:
    tree = tree_of(f"def f(): {source}")
    assert scope_named(tree, "f").bindings == {}


def test_parenthesized_annotation_without_value_binds_nothing() -> None:
    """LibCST's parser doesn't know this syntax, but its nodes do."""
    target = cst.Name("x", lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    statement = cst.AnnAssign(target, cst.Annotation(cst.Name("int")), None)
    tree = ScopeTree(cst.Module([cst.SimpleStatementLine([statement])]))
    assert tree.root.bindings == {}
    assert set(tree.root.reads) == {"int"}
    assert tree.scope_of(target) is tree.root


def test_bindings_belong_to_the_scope_of_the_variable() -> None:
    tree = tree_of("""
        def f():
            global x
            x = 1
            def g():
                nonlocal y
                y += 1
                [y := 2 for z in ()]
            y = 3
        x = 2
    """)
    f, g = scope_named(tree, "f"), scope_named(tree, "g")
    assert [(binding.scope, binding.kind) for binding in tree.root.bindings["x"]] == [
        (f, BindingKind.ASSIGNMENT),
        (tree.root, BindingKind.ASSIGNMENT),
    ]
    assert [(binding.scope, binding.kind) for binding in f.bindings["y"]] == [
        (g, BindingKind.AUGMENTED),
        (g.children[0], BindingKind.WALRUS),
        (f, BindingKind.ASSIGNMENT),
    ]
    assert g.bindings == {}
    assert g.assigned_names == {"y"}
    assert g.nonlocal_names == {"y"}
    assert f.global_names == {"x"}


def test_lookup() -> None:
    tree = tree_of("""
        m = 1
        def f(a):
            class C:
                b = 1
                def g(self): return m, a, b, __class__, unknown, len
            return C
    """)
    g, f, c = (scope_named(tree, name) for name in ("g", "f", "C"))
    assert g.lookup("self") is g
    assert g.lookup("a") is f
    assert g.lookup("m") is tree.root
    assert g.lookup("b") is None
    assert c.lookup("b") is c
    assert g.lookup("__class__") is c
    assert c.lookup("__class__") is None
    assert g.lookup("unknown") is g.lookup("len") is None
    assert g.free_variables == {"a", "__class__"}
    assert f.free_variables == frozenset()
    assert g.module_scope is tree.root


def test_lookup_of_a_global_that_nothing_binds() -> None:
    assert scope_named(tree_of("def f():\n global x\n x"), "f").lookup("x") is None


def test_private_names() -> None:
    tree = tree_of("""
        class _C:
            __x = 1
            def m(self, __y): return __x, __y
        def f(): return __x
    """)
    c, m = scope_named(tree, "_C"), scope_named(tree, "m")
    assert kinds(c, "_C__x") == [BindingKind.ASSIGNMENT]
    assert c.lookup("__x") is c.lookup("_C__x") is c
    assert m.lookup("__y") is m
    assert set(m.reads) == {"_C__x", "_C__y"}
    assert m.stored_name("__x") == "_C__x"
    assert m.stored_name("__init__") == "__init__"
    assert scope_named(tree, "f").stored_name("__x") == "__x"


@pytest.mark.parametrize("name", ["decorator", "default", "annotation", "result", "base", "keyword"])
def test_what_a_definition_evaluates_in_the_enclosing_scope(name: str) -> None:
    tree = tree_of("""
        @decorator
        def f(x: annotation = default) -> result: body
        class C(base, m=keyword): body
        lambda x=default: body
    """)
    assert tree.scope_of(name_node(tree, name)) is tree.root
    assert tree.scope_of(name_node(tree, "body")) is scope_named(tree, "f")
    assert tree.scope_of(name_node(tree, "body", 1)) is scope_named(tree, "C")
    assert tree.scope_of(name_node(tree, "body", 2)) is scope_named(tree, "lambda")


def test_what_a_generic_function_evaluates_where() -> None:
    tree = tree_of("""
        @decorator
        def f[T: bound](x: annotation = default) -> result: body
    """)
    f = scope_named(tree, "f")
    for name in ("decorator", "default", "f"):
        assert tree.scope_of(name_node(tree, name)) is tree.root
    for name in ("annotation", "result", "T"):
        assert tree.scope_of(name_node(tree, name)) is f.parent
    assert tree.scope_of(name_node(tree, "bound")).parent is f.parent
    assert tree.scope_of(name_node(tree, "x")) is tree.scope_of(name_node(tree, "body")) is f


def test_the_first_iterable_is_evaluated_in_the_enclosing_scope() -> None:
    tree = tree_of("[element for target in first if condition for other in second]")
    (comprehension,) = tree.root.children
    assert tree.scope_of(name_node(tree, "first")) is tree.root
    for name in ("element", "target", "condition", "other", "second"):
        assert tree.scope_of(name_node(tree, name)) is comprehension
    assert set(comprehension.reads) == {"element", "condition", "second"}


def test_definitions_are_in_the_scope_of_their_names() -> None:
    tree = tree_of("def f():\n class C: pass")
    f, c = scope_named(tree, "f"), scope_named(tree, "C")
    assert tree.scope_of(f.node) is tree.root
    assert tree.scope_of(c.node) is f
    assert tree.scope_for(c.node) is c
    assert tree.scope_for(tree.root.node) is tree.root
    assert tree.all_scopes() == [tree.root, f, c]
    assert f.children == [c]
    assert c.parent is f


@pytest.mark.parametrize("source", [source for programs in ALL_PROGRAMS for source in programs.values()])
def test_every_node_has_a_scope(source: str) -> None:
    tree = tree_of(source)
    for node in walk(tree.root.node):
        assert tree.scope_of(node) in tree.all_scopes()


def test_reads_are_in_source_order_and_leave_out_what_is_not_a_variable() -> None:
    tree = tree_of("""
        import a.b
        x.y(z=x, w=None)
        match x:
            case C(k=True): x += y
    """)
    assert {name: len(nodes) for name, nodes in tree.root.reads.items()} == {"x": 3, "C": 1, "y": 1}
    assert tree.root.reads["x"] == [name_node(tree, "x", index) for index in range(3)]


def test_star_imports() -> None:
    tree = tree_of("from a import *\nfrom b import c")
    assert [type(node.names) for node in tree.root.star_imports] == [cst.ImportStar]
    assert set(tree.root.bindings) == {"c"}


def test_unevaluated_annotations() -> None:
    tree = tree_of("""
        from __future__ import annotations
        def f(x: a[lambda: b] = c) -> d: y: e = g
    """)
    assert set(tree.root.annotation_reads) == {"a", "d"}
    assert set(tree.root.reads) == {"c"}
    assert set(scope_named(tree, "f").annotation_reads) == {"e"}
    assert set(scope_named(tree, "f").reads) == {"g"}
    assert set(scope_named(tree, "lambda").annotation_reads) == {"b"}


def test_unevaluated_annotations_in_a_part_of_a_module() -> None:
    tree = ScopeTree(cst.parse_module("def f(x: a): pass"), annotations_are_evaluated=False)
    assert set(tree.root.annotation_reads) == {"a"}


@pytest.mark.parametrize(
    "source", ["nonlocal x\nx = 1", "def f():\n nonlocal x\n x = 1", "class C: [x := 1 for y in z]"]
)
def test_what_is_not_python_does_not_hurt(source: str) -> None:
    tree = tree_of(source)
    assert sum(len(scope.bindings.get("x", [])) for scope in tree.all_scopes()) == 1


def test_depth_is_no_problem() -> None:
    depth = 10_000
    node: cst.BaseExpression = cst.Name("x")
    for _ in range(depth):
        node = cst.UnaryOperation(cst.Not(), cst.Lambda(cst.Parameters(), node))
    function = cst.Lambda(cst.Parameters([cst.Param(cst.Name("x"))]), node)
    tree = ScopeTree(cst.Module([cst.SimpleStatementLine([cst.Expr(function)])]))
    assert len(tree.all_scopes()) == depth + 2
    assert tree.all_scopes()[-1].lookup("x") is tree.scope_for(function)
    assert all(scope.free_variables == {"x"} for scope in tree.all_scopes()[2:])


def test_depth_of_targets_is_no_problem() -> None:
    target: cst.BaseAssignTargetExpression = cst.Name("x")
    for _ in range(10_000):
        target = cst.Tuple([cst.Element(target)])
    statement = cst.Assign([cst.AssignTarget(target)], cst.Name("y"))
    tree = ScopeTree(cst.Module([cst.SimpleStatementLine([statement])]))
    assert set(tree.root.bindings) == {"x"}

"""Tests of what is reported about ``__metaclass__``; most programs are in fixtures/metaclass/detect."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from abc import ABCMeta
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from flake8_pitfalls.rules.finding import Finding
from tests.fixtures import FIXTURES, OPTIONAL, Report, detect_programs, fix_programs, marks, name_of, output
from tests.support import flake8, write

RULE = "metaclass"
PROGRAMS = detect_programs(RULE)
ALL = frozenset({"PIT305"})


def findings(source: str, filename: str = "a.py") -> list[Finding]:
    """What is reported in a text, ``PIT305`` included."""
    return Linter(Options(target_version=(3, 10)), ALL).findings(source, ast.parse(source), filename)


def codes(source: str) -> list[str]:
    return [finding.code for finding in findings(source)]


def places(source: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in findings(source)]


def message(source: str) -> str:
    """What the only report says."""
    (found,) = findings(source)
    return found.message


def in_class(body: str, header: str = "class C(object):") -> str:
    return f"{header}\n{indent(body, '    ')}\n"


@pytest.mark.parametrize("optional", [True, False])
def test_reports_are_the_marks(optional: bool) -> None:
    form = "--format=%(path)s:%(row)d:%(code)s"
    options = ["--isolated", "--select=PIT", *([OPTIONAL] if optional else []), form]
    found = flake8(*options, "--exclude=*.fixed.py,*.unsafe.py", f"{RULE}/detect", cwd=FIXTURES).text.splitlines()
    split = [line.rsplit(":", 2) for line in found]
    expected = Counter(mark for program in PROGRAMS for mark in marks(program) if optional or mark.code != "PIT305")
    assert Counter(Report(path, int(row), code) for path, row, code in split) == expected
    assert {code for *_, code in split} == {f"PIT30{number}" for number in range(1, 6 if optional else 5)}


def test_all_kinds_of_programs_are_there() -> None:
    themes = {program.parent.name for program in PROGRAMS}
    marked = {program.parent.name for program in PROGRAMS if list(marks(program))}
    assert themes - marked == {"legitimate"}
    for program in PROGRAMS:
        assert re.search(rb"metaclass", program.read_bytes()), name_of(program)


def behaviour(program: Path) -> str:
    """What a program prints, and the exception that ends it."""
    try:
        return output(program)
    except ImportError as error:
        return f"{type(error).__name__}\n"


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_programs_behave_as_recorded(program: Path) -> None:
    meant, wrong = (program.with_suffix(suffix) for suffix in (".out", ".wrong"))
    assert behaviour(program) == (wrong if wrong.exists() else meant).read_text("utf-8")
    if wrong.exists():
        assert wrong.read_text("utf-8") != meant.read_text("utf-8")
        assert list(marks(program))


def test_programs_that_python_3_runs_otherwise_have_more_than_style_to_report() -> None:
    """A PIT305 alone changes nothing: the helpers work."""
    wrong = [program for program in PROGRAMS if program.with_suffix(".wrong").exists()]
    assert len(wrong) > 60
    for program in wrong:
        if program.parent.name != "helpers":
            assert {mark.code for mark in marks(program)} - {"PIT305"}, name_of(program)


def test_programs_of_other_versions_are_marked_as_well() -> None:
    programs = [program for program in fix_programs(RULE) if program.parent.name == "py312"]
    assert bool(programs) is (sys.version_info >= (3, 12))
    for program in programs:
        source = program.read_text()
        assert [(mark.line, mark.code) for mark in marks(program)] == places(source)


# -- a class body (MC101 to MC104, MC108, MC109) -------------------------------------------------------------------

IGNORED = [
    "__metaclass__ = M",
    "__metaclass__: type = M",
    "__metaclass__ = lib.M",
    "__metaclass__ = make(1)",
    "__metaclass__ = M if ok else type",
    "__metaclass__ = lambda n, b, ns: type(n, b, ns)",
    "a = __metaclass__ = M",
    "__metaclass__ = a = M",
    "(__metaclass__) = M",
    "__metaclass__ = (\n    M\n)",
    "__metaclass__ = \\\n    M",
    "__metaclass__ = M,",
    "__metaclass__ = M; a = 1",
    "'doc'\n__metaclass__ = M",
    "a = 1\n\n__metaclass__ = M",
    # Bound in another way.
    "__metaclass__, a = M, 1",
    "[__metaclass__, a] = M, 1",
    "*__metaclass__, a = M, 1",
    "import abc as __metaclass__",
    "from abc import ABCMeta as __metaclass__",
    "from lib import __metaclass__",
    "for __metaclass__ in (M,): pass",
    "with ok as __metaclass__: pass",
    "(__metaclass__ := M)",
    "if ok:\n    __metaclass__ = M",
    "if ok:\n    pass\nelse:\n    __metaclass__ = M",
    "try:\n    __metaclass__ = M\nfinally:\n    pass",
    "while ok:\n    __metaclass__ = M",
    "with ok:\n    __metaclass__ = M",
    "match ok:\n    case __metaclass__: pass",
    "locals()['__metaclass__'] = M",
    "vars()['__metaclass__'] = M",
    "class __metaclass__(type):\n    pass",
    "def __metaclass__(name, bases, namespace):\n    return type(name, bases, namespace)",
    "def __metaclass__(*args):\n    return type(*args)",
    # What looks like a test for Python 2, but isn't.
    "if six.PY3:\n    __metaclass__ = M",
    "if not six.PY2:\n    __metaclass__ = M",
    "if six.PY2:\n    pass\nelse:\n    __metaclass__ = M",
    "if sys.version_info[0] >= 3:\n    __metaclass__ = M",
    "if sys.version_info >= (3, 6):\n    __metaclass__ = M",
    "if sys.version_info < (3, 10):\n    __metaclass__ = M",
    "if six.PY2 or ok:\n    __metaclass__ = M",
]


@pytest.mark.parametrize("body", IGNORED)
def test_ignored_metaclass(body: str) -> None:
    assert codes(in_class(body)) == ["PIT301"]
    nested = f"def f(M, make, ok):\n{indent(in_class(body, 'class C:'), '    ')}"
    assert codes(nested) == ["PIT301"]


@pytest.mark.parametrize(
    "header", ["class C:", "class C():", "class C(object):", "class C(A, B):", "class C(*A):", "class C(A, x=1):"]
)
def test_headers_make_no_difference(header: str) -> None:
    assert codes(in_class("__metaclass__ = M", header)) == ["PIT301"]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("__metaclass__ = A\n__metaclass__ = B", [3]),
        ("__metaclass__ = A\nx = 1\n__metaclass__ = B\n__metaclass__ = A", [5]),
        ("__metaclass__ = A\nif ok:\n    __metaclass__ = B", [2, 4]),
        ("if ok:\n    __metaclass__ = B\n__metaclass__ = A", [4]),
        ("if ok:\n    __metaclass__ = A\nelse:\n    __metaclass__ = B", [3, 5]),
        ("if six.PY2:\n    __metaclass__ = A\nelse:\n    __metaclass__ = B", [5]),
    ],
)
def test_what_python_2_would_have_gone_by(body: str, lines: list[int]) -> None:
    assert places(in_class(body)) == [(line, "PIT301") for line in lines]


def test_every_class_has_a_report_of_its_own() -> None:
    source = (
        "class A:\n    __metaclass__ = M\n    class B:\n        __metaclass__ = M\n    def f(self):\n"
        "        class C:\n            __metaclass__ = M\n        return C\nclass D: __metaclass__ = M\n"
    )
    assert places(source) == [(line, "PIT301") for line in (2, 4, 7, 9)]
    assert len({finding.fingerprint for finding in findings(source)}) == 4


USELESS = [
    ("", "type"),
    ("import builtins\n", "builtins.type"),
    ("from builtins import type as t\n", "t"),
    ("import six.moves.builtins as b, builtins\n", "builtins.type"),
]


@pytest.mark.parametrize(("start", "value"), USELESS)
def test_type_does_nothing(start: str, value: str) -> None:
    for header in ("class C:", "class C(object):", "class C(A):", "class C(metaclass=M):"):
        assert codes(start + in_class(f"__metaclass__ = {value}", header)) == ["PIT302"]
    assert codes(f"{start}__metaclass__ = {value}\n") == ["PIT303"]


@pytest.mark.parametrize("start", ["class type: pass\n", "from lib import type\n", "type = make()\n"])
def test_another_type_does_something(start: str) -> None:
    assert codes(start + in_class("__metaclass__ = type")) == ["PIT301"]


LEFT_OVER = [
    "class C(object, metaclass=ABCMeta):",
    "class C(Base):",
    "class C(Derived):",
    "class C(Generic, Derived):",
    "class C(ABC):",
    "class C(abc.ABC):",
    "class C(dict, abc.ABC):",
    "class C(typing.Protocol):",
    "class C(typing.Protocol[int]):",
    "class C(typing.SupportsInt):",
    "class C(collections.abc.Mapping):",
    "class C(collections.abc.Mapping[str, int]):",
    "class C(collections.UserDict):",
    "class C(collections.ChainMap):",
    "class C(io.IOBase):",
    "class C(io.RawIOBase):",
    "class C(io.TextIOBase):",
    "class C(numbers.Number):",
    "class C(fractions.Fraction):",
    "class C(contextlib.AbstractContextManager):",
    "class C(contextlib.ExitStack):",
    "class C(contextlib.suppress):",
    "class C(os.PathLike):",
    "class C(importlib.abc.Loader):",
    "class C(importlib.resources.abc.Traversable):",
    "class C(selectors.DefaultSelector):",
    "class C(selectors.BaseSelector):",
    "class C(configparser.ConfigParser):",
    "class C(shelve.Shelf):",
    "class C(weakref.WeakValueDictionary):",
    "class C(weakref.WeakKeyDictionary):",
    "class C(email.policy.EmailPolicy):",
    "class C(tempfile.SpooledTemporaryFile):",
    "class C(gzip.GzipFile):",
    "class C(bz2.BZ2File):",
    "class C(lzma.LZMAFile):",
    "class C(http.client.HTTPResponse):",
    "class C(zipfile.ZipExtFile):",
]
KNOWN = (
    "import abc, bz2, collections, collections.abc, configparser, contextlib, email.policy, fractions, gzip\n"
    "import http.client, importlib.abc, importlib.resources.abc, io, lzma, numbers, os, selectors, shelve, tempfile\n"
    "import typing, weakref, zipfile\nfrom abc import ABC, ABCMeta\n"
    "class Base(object, metaclass=ABCMeta): pass\nclass Derived(Base): pass\nclass Generic(object): pass\n"
)


@pytest.mark.parametrize("header", LEFT_OVER)
def test_the_class_has_that_metaclass_already(header: str) -> None:
    assert codes(KNOWN + in_class("__metaclass__ = ABCMeta", header)) == ["PIT302"]
    assert codes(KNOWN + in_class("__metaclass__ = abc.ABCMeta", header)) == ["PIT302"]
    assert codes(KNOWN + in_class("__metaclass__ = Other", header)) == ["PIT301"]


@pytest.mark.parametrize("header", [header for header in LEFT_OVER if "." in header and "[int]" not in header])
def test_the_table_of_abstract_classes_is_right(header: str) -> None:
    """The classes are made to see that ``ABCMeta`` makes them."""
    namespace: dict[str, type] = {}
    exec(f"{KNOWN}{header}\n    pass\n", namespace)
    assert inspect.getmro(type(namespace["C"]))[-3] is ABCMeta


@pytest.mark.parametrize(
    "header",
    [
        "class C(object):",
        "class C(Generic):",
        "class C(dict):",
        "class C(Exception):",
        "class C(typing.Generic[int]):",
        "class C(io.StringIO):",
        "class C(collections.OrderedDict):",
        "class C(lib.ABC):",
        "class C(make()):",
    ],
)
def test_other_bases_have_another_metaclass(header: str) -> None:
    assert codes(KNOWN + in_class("__metaclass__ = ABCMeta", header)) == ["PIT301"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class C(object, metaclass=A):\n    __metaclass__ = B\n", "PIT301"),
        ("class C(object, metaclass=A):\n    __metaclass__ = A\n", "PIT302"),
        ("import lib\nclass C(metaclass=lib.A):\n    __metaclass__ = lib.A\n", "PIT302"),
        ("from lib import A\nimport lib\nclass C(metaclass=lib.A):\n    __metaclass__ = A\n", "PIT302"),
        ("from lib import A\nimport other\nclass C(metaclass=other.A):\n    __metaclass__ = A\n", "PIT301"),
        ("class A(type): pass\nclass B(A): pass\nclass C(metaclass=A):\n    __metaclass__ = B\n", "PIT301"),
        ("class A(type): pass\nclass D(metaclass=A): pass\nclass C(D):\n    __metaclass__ = A\n", "PIT302"),
    ],
)
def test_keyword_and_attribute(source: str, expected: str) -> None:
    assert codes(source) == [expected]


@pytest.mark.parametrize("helper", ["class C(six.with_metaclass(M)):", "@six.add_metaclass(M)\nclass C(object):"])
def test_helper_and_attribute(helper: str) -> None:
    assert sorted(codes("import six\n" + in_class("__metaclass__ = M", helper))) == ["PIT302", "PIT305"]
    assert sorted(codes("import six\n" + in_class("__metaclass__ = N", helper))) == ["PIT301", "PIT305"]


# -- a module (MC105 to MC107) -------------------------------------------------------------------------------------

MODULE = [
    "__metaclass__ = type",
    "__metaclass__: type = type",
    "__metaclass__ = a = type",
    "from __future__ import division; __metaclass__ = type",
    "if ok:\n    __metaclass__ = type",
    "try:\n    __metaclass__ = type\nexcept NameError:\n    pass",
    "__metaclass__ = M",
    "__metaclass__ = lib.M",
    "__metaclass__ += M",
    "__metaclass__, a = M, 1",
    "from lib import __metaclass__",
    "from lib import M as __metaclass__",
    "import lib as __metaclass__",
    "from _pyio import __metaclass__",
    "from _pyio import open, __metaclass__",
    "def __metaclass__(name, bases, namespace):\n    return type(name, bases, namespace)",
    "class __metaclass__(type):\n    pass",
    "globals()['__metaclass__'] = M",
    "for __metaclass__ in (M,):\n    pass",
]


@pytest.mark.parametrize("source", MODULE)
def test_module_variable(source: str) -> None:
    assert codes(source + "\n") == ["PIT303"]
    assert codes(f"'''doc'''\n\n{source}\n\nclass C:\n    pass\n") == ["PIT303"]


GOVERNED = [
    ("class C: pass", ["C"]),
    ("class C(): pass", ["C"]),
    ("class C(object): pass", []),
    ("class C(metaclass=M): pass", []),
    ("class C(D): pass", []),
    ("class C:\n    __metaclass__ = N", []),
    ("class C(object):\n    class D: pass", ["D"]),
    ("class C:\n    class D: pass", ["C", "D"]),
    ("def f():\n    class C: pass", ["C"]),
    ("if ok:\n    class C: pass", ["C"]),
    ("class C:\n    def f(self):\n        class D: pass\nclass E: pass", ["C", "D", "E"]),
    ("import six\n@six.add_metaclass(N)\nclass C: pass", []),
    ("@deco\nclass C: pass", ["C"]),
    ("import sys\nif sys.version_info[0] == 2:\n    class C: pass", []),
]


@pytest.mark.parametrize(("rest", "names"), GOVERNED)
def test_classes_that_a_module_variable_created(rest: str, names: list[str]) -> None:
    (found,) = [finding for finding in findings(f"class A: pass\n__metaclass__ = M\n{rest}\n") if finding.line == 2]
    assert found.code == "PIT303"
    assert re.findall(r"'(\w)'", found.message) == names
    assert ("no class without bases follows" in found.message) is (not names)


# -- what isn't meant (silent) -------------------------------------------------------------------------------------

GUARDS = [
    "six.PY2",
    "PY2",
    "not PY3",
    "not six.PY3",
    "compat.PY2",
    "sys.version_info[0] == 2",
    "sys.version_info[0] < 3",
    "sys.version_info.major == 2",
    "sys.version_info.major < 3",
    "sys.version_info < (3,)",
    "sys.version_info < (3, 0)",
    "(sys.version_info < (3,))",
    "(six.PY2)",
    "version_info[0] == 2",
    "str is bytes",
    "bytes is str",
]
OPPOSITES = [
    "six.PY3",
    "PY3",
    "not PY2",
    "sys.version_info[0] >= 3",
    "sys.version_info[0] == 3",
    "sys.version_info.major >= 3",
    "sys.version_info >= (3,)",
    "sys.version_info >= (3, 0)",
    "sys.version_info[0] > 2",
]


@pytest.mark.parametrize("test", GUARDS)
def test_python_2_code(test: str) -> None:
    for value in ("M", "type"):
        assert codes(f"if {test}:\n    __metaclass__ = {value}\n") == []
        assert codes(f"if {test}:\n    __metaclass__ = {value}\nelse:\n    x = 1\n") == []
        assert codes(in_class(f"if {test}:\n    __metaclass__ = {value}")) == []
        assert codes(f"if {test}:\n    class C:\n        __metaclass__ = {value}\n") == []
        assert codes(f"if {test}:\n    if ok:\n        __metaclass__ = {value}\n") == []
        assert codes(f"if {test}:\n    pass\nelse:\n    __metaclass__ = {value}\n") == ["PIT303"]


@pytest.mark.parametrize("test", OPPOSITES)
def test_the_other_branch_of_python_3_code(test: str) -> None:
    assert codes(f"if {test}:\n    pass\nelse:\n    __metaclass__ = type\n") == []
    assert codes(f"if {test}:\n    pass\nelif ok:\n    __metaclass__ = type\n") == []
    assert codes(f"if {test}:\n    __metaclass__ = type\n") == ["PIT303"]


SILENT = [
    "x = '__metaclass__'",
    "# __metaclass__ = type",
    "names = {'__metaclass__': type}",
    "names = ['__slots__', '__metaclass__']",
    "exec(code, {'__metaclass__': type, '__name__': 'x'})",
    "glb = {'__metaclass__': type}\nexec(code, glb)",
    "glb = {}\nglb['__metaclass__'] = type\nexec(code, glb)",
    "def f(cls):\n    return cls.__metaclass__",
    "def f(cls):\n    return getattr(cls, '__metaclass__', None)",
    "def f(cls):\n    return hasattr(cls, '__metaclass__')",
    "def f(ns):\n    return ns.get('__metaclass__') or '__metaclass__' in ns",
    "def f(x):\n    x.__metaclass__ = type",
    "def f():\n    __metaclass__ = type\n    return __metaclass__",
    "def f():\n    __metaclass__ = 1\n    def g():\n        nonlocal __metaclass__\n        __metaclass__ = 2",
    "class C:\n    @property\n    def __metaclass__(self):\n        return type(self)",
    "class C:\n    def __metaclass__(self):\n        return 1",
    "class C:\n    @staticmethod\n    def __metaclass__(a, b, c):\n        return 1",
    "class C:\n    __metaclass__: type",
    "class C:\n    def f(self):\n        __metaclass__ = type\n        return __metaclass__",
    "class C:\n    def f(self):\n        self.__metaclass__ = type",
    "class C:\n    metaclass = type\n    __metaclasses__ = []\n    _metaclass_ = type",
    "class C(object, metaclass=M): pass",
    "def apply(cls):\n    return cls.__metaclass__(cls.__name__, cls.__bases__, dict(vars(cls)))\n\n\n"
    "@apply\nclass C:\n    __metaclass__ = M",
    "from mine import with_metaclass\nclass C(with_metaclass(M)): pass",
    "def with_metaclass(*a):\n    return object\nclass C(with_metaclass(M)): pass",
    "class C(tools.with_metaclass(M)): pass",
    "import six\nclass C(six.with_meta(M)): pass",
    "import six\nX = six.with_metaclass(M, object)",
    "import six\n@six.python_2_unicode_compatible\nclass C: pass",
    "def f(type):\n    class C(metaclass=type): pass",
    "C.__metaclass__ = M",
    "import lib\nlib.C.__metaclass__ = M\nprint(lib.C.__metaclass__)",
    "class C: pass\nclass D:\n    def f(self):\n        return self.__metaclass__",
    "class C(lib.B): pass\nprint(C.__metaclass__)",
    "class C: pass\ntry:\n    m = C.__metaclass__\nexcept AttributeError:\n    m = type",
    "type('C', (), {'__meta__': 1})",
    "type('C', (), {'a': ('__metaclass__', 1)})",
    "make('C', (), {'__metaclass__': M})",
    "d = {'__metaclass__': M}\nprint(d)",
    "",
]


@pytest.mark.parametrize("source", SILENT)
def test_legitimate_uses(source: str) -> None:
    assert codes(source + "\n") == []


# -- uses (MC110 to MC112) -----------------------------------------------------------------------------------------

LATE = [
    "C.__metaclass__ = M",
    "C.__metaclass__: type = M",
    "x = C.__metaclass__ = M",
    "setattr(C, '__metaclass__', M)",
    "def f():\n    C.__metaclass__ = M",
    "def f():\n    class D: pass\n    D.__metaclass__ = M\n    return D",
    "type('D', (), {'__metaclass__': M})",
    "type('D', (C,), dict(__metaclass__=M))",
    "type('D', (C,), {'a': 1, **{'__metaclass__': M}})",
    "type.__new__(type, 'D', (), {'__metaclass__': M})",
    "def f():\n    ns = {'__metaclass__': M}\n    return type('D', (), ns)",
    "def f():\n    ns = {}\n    ns['__metaclass__'] = M\n    return type('D', (), ns)",
    "ns = {'__metaclass__': M}\nD = type('D', (), ns)",
    "ns = {}\nns['__metaclass__'] = M\nD = type('D', (), dict(ns))",
]


@pytest.mark.parametrize("source", LATE)
def test_no_effect_in_any_version(source: str) -> None:
    (found,) = findings(f"class C: pass\n{source}\n")
    assert found.code == "PIT304"
    assert "has no effect" in found.message


READ = [
    "C.__metaclass__",
    "print(C.__metaclass__.__name__)",
    "class D(C.__metaclass__): pass",
    "f'{C.__metaclass__}'",
    "getattr(C, '__metaclass__')",
    "hasattr(C, '__metaclass__')",
    "object.__metaclass__",
    "dict.__metaclass__",
    "Exception.__metaclass__",
    "import collections\ncollections.OrderedDict.__metaclass__",
    "from threading import Thread as T\nT.__metaclass__",
    "def f():\n    return C.__metaclass__",
    "class D(C): pass\nD.__metaclass__",
]


@pytest.mark.parametrize("source", READ)
def test_reading_what_is_not_there(source: str) -> None:
    assert codes(f"class C: pass\n{source}\n") == ["PIT304"]


@pytest.mark.parametrize(
    "start",
    [
        "class C:\n    __metaclass__ = M\n",
        "class C:\n    if ok:\n        __metaclass__ = M\n",
        "class B:\n    __metaclass__ = M\nclass C(B): pass\n",
        "class C: pass\nC.__metaclass__ = M\n",
        "class C: pass\nsetattr(C, '__metaclass__', M)\n",
        "class C:\n    locals()['__metaclass__'] = M\n",
        "class C:\n    @property\n    def __metaclass__(self): return 1\n",
        "class M(type):\n    __metaclass__ = 1\nclass C(metaclass=M): pass\n",
        "from lib import B\nclass C(B): pass\n",
        "from lib import M\nclass C(metaclass=M): pass\n",
        "from lib import deco\n@deco\nclass C: pass\n",
        "def C(): pass\n",
        "C = make()\n",
        "if ok:\n    class C: pass\nelse:\n    C = other\n",
    ],
)
def test_reading_what_may_be_there(start: str) -> None:
    source = f"{start}\nprint(C.__metaclass__)\n"
    assert source.count("\n") not in {line for line, _ in places(source)}


# -- helpers (MC113 to MC116) --------------------------------------------------------------------------------------

HELPERS = [
    ("import six", "class C(six.with_metaclass(M)): pass"),
    ("import six as s", "class C(s.with_metaclass(M)): pass"),
    ("from six import with_metaclass", "class C(with_metaclass(M, A)): pass"),
    ("from six import with_metaclass as wm", "class C(wm(M, A, B)): pass"),
    ("from future.utils import with_metaclass", "class C(with_metaclass(M, object)): pass"),
    ("import future.utils", "class C(future.utils.with_metaclass(M)): pass"),
    ("from django.utils import six", "class C(six.with_metaclass(M, object)): pass"),
    ("from django.utils.six import with_metaclass", "class C(with_metaclass(M)): pass"),
    ("from six import with_metaclass", "class C(with_metaclass(M, *A)): pass"),
    ("from six import with_metaclass", "class C(with_metaclass(M, A), object): pass"),
    ("from six import with_metaclass", "class C(with_metaclass(M, A), B): pass"),
    ("from six import with_metaclass", "class C(B, with_metaclass(M)): pass"),
    ("from six import with_metaclass", "class C(with_metaclass(*A)): pass"),
    ("def f():\n    from six import with_metaclass", "    class C(with_metaclass(M)): pass"),
    ("import six", "@six.add_metaclass(M)\nclass C(object): pass"),
    ("from six import add_metaclass", "@add_metaclass(M)\nclass C: pass"),
    ("from six import add_metaclass as am", "@am(metaclass=M)\nclass C(A): pass"),
    ("from six import add_metaclass", "@deco\n@add_metaclass(M)\nclass C: pass"),
    ("from six import add_metaclass", "@add_metaclass(*A)\nclass C: pass"),
    ("", "class C(metaclass=type): pass"),
    ("", "class C(A, metaclass=type, x=1): pass"),
    ("import builtins", "class C(metaclass=builtins.type): pass"),
    ("from builtins import type as t", "class C(metaclass=t): pass"),
]


@pytest.mark.parametrize(("start", "definition"), HELPERS)
def test_python_2_style(start: str, definition: str) -> None:
    source = f"{start}\n{definition}\n"
    assert codes(source) == ["PIT305"]
    assert [f.code for f in Linter(Options()).findings(source, ast.parse(source), "a.py")] == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], []),
        (["--select=PIT3"], []),
        (["--select=PIT30"], ["PIT305"]),
        (["--extend-select=PIT305"], ["PIT305"]),
        (["--extend-select=PIT305", "--extend-ignore=PIT305"], []),
    ],
)
def test_the_optional_code(tmp_path: Path, options: list[str], expected: list[str]) -> None:
    write(tmp_path / "a.py", "class C(metaclass=type):\n    pass\n")
    found = flake8("--isolated", "--format=%(code)s", *options, "a.py", cwd=tmp_path).text.split()
    assert [code for code in found if code.startswith("PIT")] == expected


# -- messages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "header", "creator"),
    [
        ("", "class C:", "type"),
        ("", "class C(object):", "type"),
        ("", "class C(dict, Exception):", "type"),
        ("class B: pass\n", "class C(B):", "type"),
        ("class B(metaclass=N): pass\n", "class C(B):", "N"),
        ("class A(metaclass=lib.N): pass\nclass B(A): pass\n", "class C(B):", "lib.N"),
        ("import io\n", "class C(io.IOBase):", "ABCMeta"),
        ("from lib import B\n", "class C(B):", "the metaclass of B"),
        ("import lib\n", "class C(object, lib.B):", "the metaclass of lib.B"),
        ("from lib import B\nclass A(B): pass\n", "class C(A):", "the metaclass of B"),
    ],
)
def test_messages_name_what_creates_the_class(start: str, header: str, creator: str) -> None:
    assert f"Python 3 ignores '__metaclass__ = M': class 'C' is created by {creator}" in message(
        start + in_class("__metaclass__ = M", header)
    )


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("class C:", "class C(metaclass=M)"),
        ("class C():", "class C(metaclass=M)"),
        ("class C(object):", "class C(object, metaclass=M)"),
        ("class C(A, lib.B):", "class C(A, lib.B, metaclass=M)"),
        ("class C(A[int], x=1):", "class C(A[int], x=1, metaclass=M)"),
    ],
)
def test_messages_show_the_header_to_write(header: str, shown: str) -> None:
    assert f"use '{shown}'" in message(in_class("__metaclass__ = M", header))


def test_messages_name_abstract_methods() -> None:
    methods = (
        "__metaclass__ = ABCMeta\n@abstractmethod\ndef area(self): ...\n@abc.abstractmethod\ndef name(self): ...\n"
        "@abstractproperty\ndef color(self): ...\n@property\n@abstractmethod\ndef size(self): ...\ndef other(self): ..."
    )
    source = "import abc\nfrom abc import ABCMeta, abstractmethod, abstractproperty\n" + in_class(methods)
    assert "abstract methods (area, name, color, size) are not enforced" in message(source)
    for other in (source.replace("__ = ABCMeta", "__ = M"), source.replace("abstract", "concrete")):
        assert "not enforced" not in message(other)


def test_messages_name_the_contradiction() -> None:
    text = message("class C(metaclass=A):\n    __metaclass__ = B\n")
    assert "Python 3 ignores '__metaclass__ = B'" in text
    assert "created by A" in text
    assert "contradicts" in text


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("class C:\n    __metaclass__ = type\n", ["'__metaclass__ = type' does nothing in Python 3"]),
        ("class C(metaclass=M):\n    __metaclass__ = M\n", ["left-over", "class 'C' has that metaclass already"]),
        ("__metaclass__ = type\n", ["'__metaclass__ = type' does nothing in Python 3"]),
        ("from _pyio import __metaclass__\n", ["ImportError in Python 3"]),
        ("class C:\n    class __metaclass__(type): pass\n", ["class 'C' is created by type", "'metaclass='"]),
        ("import six\nclass C(six.with_metaclass(M), B): pass\n", ["drop", "class 'C'", "lacks B"]),
        ("import six\nclass C(A, six.with_metaclass(M), B): pass\n", ["drop", "lacks A, B"]),
        ("import six\nclass C(six.with_metaclass(M, B)): pass\n", ["use 'metaclass='", "'C'"]),
        ("import six\n@six.add_metaclass(M)\nclass C: pass\n", ["twice", "'metaclass='", "'C'"]),
        ("class C(metaclass=type): pass\n", ["metaclass=type", "'C'"]),
        ("class C: pass\nC.__metaclass__ = M\n", ["setting C.__metaclass__ has no effect"]),
        ("type('C', (), {'__metaclass__': M})\n", ["call the metaclass"]),
        ("class C: pass\nC.__metaclass__\n", ["C.__metaclass__ raises AttributeError", "'type(C)'"]),
        ("class C: pass\nhasattr(C, '__metaclass__')\n", ["always false"]),
    ],
)
def test_messages(source: str, texts: list[str]) -> None:
    found = message(source)
    assert [text for text in texts if text not in found] == []
    assert "\n" not in found


def test_messages_are_one_line_and_not_too_long() -> None:
    value = "make(\n    'a very long value that nobody wants to see in a message',\n    1,\n)"
    bases = ", ".join(f"Base{number}" for number in range(60))
    assert len(message(in_class(f"__metaclass__ = {value}", f"class C({bases}):"))) < 250
    assert "\n" not in message(in_class(f"__metaclass__ = {value}", "class C(\n    A,  # why\n    B\n):"))


def test_columns(tmp_path: Path) -> None:
    source = (
        "class C: ä = 'ü'; __metaclass__ = M\nclass D:\n    class __metaclass__(type): pass\nü = __metaclass__ = M\n"
        "from a import (b,\n    c as __metaclass__)\nclass E: pass\nprint('ä', E.__metaclass__)\n"
    )
    write(tmp_path / "a.py", source)
    found = flake8("--isolated", "--select=PIT", "--format=%(row)d:%(col)d", "a.py", cwd=tmp_path).text.split()
    assert found == ["1:19", "3:11", "4:5", "6:5", "8:12"]


# -- suppressing ---------------------------------------------------------------------------------------------------

EACH = (
    "from six import with_metaclass\nclass A:\n    __metaclass__ = M{0}\nclass B:\n    __metaclass__ = type{0}\n"
    "__metaclass__ = M{0}\nA.__metaclass__ = N{0}\nclass C(with_metaclass(M)):{0}\n    pass\n"
)
EACH_CODES = ["PIT301", "PIT302", "PIT303", "PIT304", "PIT305"]


NOQA = {
    "": EACH_CODES,
    "  # noqa": [],
    "  # noqa: PIT3": [],
    "  # noqa: PIT301,PIT303": ["PIT302", "PIT304", "PIT305"],
    "  # noqa: E501": EACH_CODES,
}


def test_noqa(tmp_path: Path) -> None:
    for number, comment in enumerate(NOQA):
        write(tmp_path / f"a{number}.py", EACH.format(comment))
    options = ["--isolated", "--select=PIT", "--extend-select=PIT305", "--format=%(path)s:%(code)s"]
    found = flake8(*options, ".", cwd=tmp_path).text.split()
    expected = [f"./a{number}.py:{code}" for number, codes in enumerate(NOQA.values()) for code in codes]
    assert sorted(found) == expected


def test_per_file_ignores_and_stubs(tmp_path: Path) -> None:
    for name in ("a.py", "old/b.py", "c.pyi"):
        write(tmp_path / name, EACH.format(""))
    options = ["--select=PIT", "--extend-select=PIT305", "--format=%(path)s:%(code)s"]
    ignores = "--per-file-ignores=a.py:PIT301,PIT305 old/*:PIT3,PIT305"
    found = flake8("--isolated", *options, ignores, "a.py", "old", "c.pyi", cwd=tmp_path).text.split()
    assert sorted(found) == ["a.py:PIT302", "a.py:PIT303", "a.py:PIT304"]


# -- size and nonsense: these have to end, and to say something sensible -------------------------------------------


def test_a_class_that_derives_from_itself() -> None:
    source = "class C(C):\n    __metaclass__ = ABCMeta\nclass A(B):\n    __metaclass__ = M\nclass B(A):\n    pass\n"
    assert codes("from abc import ABCMeta\n" + source) == ["PIT301", "PIT301"]


def test_metaclasses_that_derive_from_each_other() -> None:
    source = (
        "import six\nclass M(N): pass\nclass N(M): pass\nclass O(O): pass\nclass A:\n    __metaclass__ = M\n"
        "class B(A):\n    __metaclass__ = N\n@six.add_metaclass(M)\nclass C: pass\n"
        "@six.add_metaclass(O)\nclass D: pass\n"
    )
    found = findings(source)
    assert [finding.code for finding in found] == ["PIT301", "PIT301", "PIT305", "PIT305"]
    assert all(finding.fix for finding in found)


def test_long_chains_of_bases() -> None:
    chain = "".join(f"class C{number}(C{number - 1}): pass\n" for number in range(1, 600))
    last = "class D(C599):\n    __metaclass__ = ABCMeta\n"
    start = "from abc import ABC, ABCMeta\n"
    assert codes(f"{start}class C0(ABC): pass\n{chain}{last}") == ["PIT302"]
    assert codes(f"{start}class C0(metaclass=ABCMeta): pass\n{chain}{last}") == ["PIT302"]
    (found,) = findings(f"{start}class C0: pass\n{chain}{last}")
    assert found.code == "PIT301"
    assert found.fix


def test_long_chains_of_metaclasses() -> None:
    chain = "".join(f"class M{number}(M{number - 1}): pass\n" for number in range(1, 400))
    source = f"import six\nclass M0(type): pass\n{chain}@six.add_metaclass(M399)\nclass C: pass\n"
    (found,) = findings(source)
    assert found.fix


def test_bases_that_meet_again_and_again() -> None:
    width, depth = 3, 14
    text = "".join(f"class C0_{place}: pass\n" for place in range(width))
    for level in range(1, depth):
        bases = ", ".join(f"C{level - 1}_{place}" for place in range(width))
        text += "".join(f"class C{level}_{place}({bases}): pass\n" for place in range(width))
    (found,) = findings(f"from abc import ABCMeta\n{text}class D(C{depth - 1}_0):\n    __metaclass__ = ABCMeta\n")
    assert found.code == "PIT301"
    assert found.fix


def test_many_classes() -> None:
    classes = "".join(f"class C{number}(object):\n    __metaclass__ = ABCMeta\n" for number in range(300))
    found = findings(f"from abc import ABCMeta\n{classes}")
    assert [finding.code for finding in found] == ["PIT301"] * 300
    assert all(finding.fix for finding in found)


def test_many_classes_after_a_module_variable() -> None:
    text = message("__metaclass__ = M\n" + "".join(f"class C{number}: pass\n" for number in range(300)))
    assert "and 296 more" in text


def test_deeply_nested_classes() -> None:
    text = "".join(f"{'    ' * depth}class C{depth}:\n{'    ' * (depth + 1)}__metaclass__ = M\n" for depth in range(40))
    assert codes(text) == ["PIT301"] * 40

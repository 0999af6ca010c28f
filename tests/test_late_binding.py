"""Tests of what is reported about late-binding closures; most programs are in fixtures/late_binding/detect."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from textwrap import indent

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from tests.fixtures import FIXTURES, OPTIONAL, Report, detect_programs, marks, name_of, output
from tests.support import flake8, write

RULE = "late_binding"
PROGRAMS = detect_programs(RULE)
ALL = frozenset({"PIT103"})


def codes(source: str, **options: frozenset[str]) -> list[str]:
    """What is reported in a text, ``PIT103`` included."""
    found = Linter(Options(target_version=(3, 10), **options), ALL).findings(source, ast.parse(source), "a.py")
    return [finding.code for finding in found]


def code(source: str, **options: frozenset[str]) -> str | None:
    """The only report in a text."""
    found = codes(source, **options)
    assert len(found) <= 1, found
    return found[0] if found else None


def in_loop(body: str) -> str:
    """A function with a loop around some statements that read ``i``."""
    return f"def f(rows, fs, thing, sink, ok):\n    for i in rows:\n{indent(body, '        ')}\n"


@pytest.mark.parametrize("optional", [True, False])
def test_reports_are_the_marks(optional: bool) -> None:
    form = "--format=%(path)s:%(row)d:%(col)d:%(code)s:%(text)s"
    options = ["--isolated", "--select=PIT", *([OPTIONAL] if optional else []), form]
    result = flake8(*options, "--exclude=*.fixed.py,*.unsafe.py", f"{RULE}/detect", cwd=FIXTURES).text
    found = [tuple(line.split(":", 4)) for line in result.splitlines()]
    expected = Counter(mark for program in PROGRAMS for mark in marks(program) if optional or mark.code != "PIT103")
    assert Counter(Report(path, int(row), code) for path, row, _, code, _ in found) == expected
    assert {code for *_, code, _ in found} == {"PIT101", "PIT102", *(["PIT103"] if optional else [])}
    for path, row, column, _, text in found:
        name = re.search(r"reads '(\w+)', which", text)
        assert name
        line = (FIXTURES / path).read_text().splitlines()[int(row) - 1]
        assert re.match(rf"{name[1]}\b", line[int(column) - 1 :])


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_programs_behave_as_marked(program: Path) -> None:
    meant, wrong = (program.with_suffix(suffix) for suffix in (".out", ".wrong"))
    certain = {mark.code for mark in marks(program)} - {"PIT103"}
    expected = (wrong if wrong.exists() else meant).read_text()
    assert output(program) == expected
    assert (expected != meant.read_text()) is wrong.exists()
    # With PIT103 alone the callee decides, and some of these programs do what they are meant to.
    assert wrong.exists() or not certain


def test_programs_without_marks_have_something_to_follow() -> None:
    """Without what they do with their closures, the harmless programs would prove nothing."""
    closures = (ast.Lambda, ast.GeneratorExp, ast.FunctionDef, ast.AsyncFunctionDef)
    for program in PROGRAMS:
        loops = [
            node
            for node in ast.walk(ast.parse(program.read_text()))
            if isinstance(node, (ast.For, ast.AsyncFor, ast.While, ast.comprehension))
        ]
        assert loops, name_of(program)
        assert any(isinstance(node, closures) for node in ast.walk(ast.parse(program.read_text()))), name_of(program)


# -- what is done with the closure ---------------------------------------------------------------------------------

KEPT = [
    "fs.append(lambda: i)",
    "fs.insert(0, lambda: i)",
    "fs.add(lambda: i)",
    "fs.put(lambda: i)",
    "fs.appendleft(lambda: i)",
    "fs.setdefault(i, lambda: i)",
    "fs.extend([lambda: i])",
    "fs.update(a=lambda: i)",
    "fs += [lambda: i]",
    "fs[i] = lambda: i",
    "fs[i] = [lambda: i]",
    "setattr(thing, i, lambda: i)",
    "globals()[i] = lambda: i",
    "fs.append((1, {'a': [lambda: i]}))",
    "thing.connect(lambda: i)",
    "thing.clicked.connect(lambda: i)",
    "thing.bind('<a>', lambda e: i)",
    "thing.after(10, lambda: i)",
    "thing.add_done_callback(lambda _: i)",
    "thing.addCleanup(lambda: i)",
    "sink(command=lambda: i)",
    "sink(callback=lambda: i)",
    "sink(on_click=lambda: i)",
    "import atexit\natexit.register(lambda: i)",
    "from atexit import register\nregister(lambda: i)",
    "import weakref\nweakref.finalize(i, lambda: i)",
    "import signal\nsignal.signal(2, lambda *a: i)",
    "import threading\nthreading.Thread(target=lambda: i).start()",
    "thing.submit(lambda: i)",
    "import threading\nfs.append(threading.Thread(target=lambda: i))",
    "import threading\nt = threading.Thread(target=lambda: i)\nt.start()\ni = 1",
    "from threading import Thread\nt = Thread(target=lambda: i)\nt.start()\ni += 1\nt.join()",
    "from threading import Thread\nt = Thread(target=lambda: i)\nt.start()\ni = rows.pop()\nt.join()",
    "from threading import Thread\nt = Thread(target=lambda: i)\nt.start()\ni = 1\nif ok():\n    t.join()",
    "import functools\nfs.append(functools.partial(lambda x: i, 1))",
    "fs.append((lambda: i) if ok else None)",
    "from collections import defaultdict\nfs.append(defaultdict(lambda: i))",
    "fs.append(ok or (lambda: i))",
    "def g():\n    return i\nfs.append(g)",
    "g = lambda: i\nh = g\nfs.append(h)",
    "fs.append(lambda: lambda: i)",
    "class C:\n    def m(self):\n        return i\nfs.append(C)",
    "class C:\n    m = lambda s: i\nfs.append(C())",
    "class C:\n    def m(self):\n        return i\nfs.append(C().m)",
    "@thing.route('/')\ndef g():\n    return i",
    "def g():\n    yield i\nfs.append(g)",
    "def g():\n    yield i\nfs.append(g())",
    "async def g():\n    return i\nfs.append(g())",
    "def g(x=lambda: i):\n    return x()\nfs.append(g)",
    "yield lambda: i",
    "fs.append(lambda x=lambda: i: x)",
    "fs.append(lambda: [i for _ in ok])",
    "def g(self):\n    return i\nfs.append(g.__get__(thing))",
    "def g(self):\n    return i\nif ok():\n    thing.draw = g.__get__(thing)",
    "fs.append((lambda self: i).__get__(thing))",
    "fs.append((lambda: i).__call__)",
    "g = lambda: i\ng()\nfs.append(g)",
    "while ok(i):\n    fs.append(lambda: i)",
    "fs.append(lambda: i)\ncontinue",
    "if ok(i):\n    g = lambda: i\ng()",
    "try:\n    return lambda: i\nfinally:\n    if ok:\n        continue",
]


@pytest.mark.parametrize("body", KEPT)
def test_kept(body: str) -> None:
    assert code(in_loop(body)) == "PIT101"


LAZY = [
    "fs.append(i for _ in ok)",
    "fs.append((x * i for x in ok))",
    "fs.append(map(lambda x: x + i, ok))",
    "fs[i] = filter(lambda x: x > i, ok)",
    "fs.append(zip(ok, (i for _ in ok)))",
    "fs.append(iter(lambda: i, 0))",
    "import itertools\nfs.append(itertools.takewhile(lambda x: x < i, ok))",
    "from itertools import groupby\nfs[i] = groupby(ok, lambda x: x % i)",
    "g = (i for _ in ok)\nfs.append(g)",
    "fs.append(x for x in ok for y in i)",
    "yield (i for _ in ok)",
    "fs.append(enumerate(i for _ in ok))",
    "fs.extend((x * i for x in y) for y in ok)",
    "fs.extend((y, [(x * i for x in y)]) for y in ok)",
    "fs.extend((x * i for x in y) if y else () for y in ok)",
]


@pytest.mark.parametrize("body", LAZY)
def test_kept_as_iterator(body: str) -> None:
    assert code(in_loop(body)) == "PIT102"


UNKNOWN = [
    "sink(lambda: i)",
    "thing.digest(lambda: i)",
    "sink(1, key=lambda: i)",
    "sink(*[lambda: i])",
    "sink(i for _ in ok)",
    "from lib import run\nrun(lambda: i)",
    "sink(lambda: i)()",
    "sink[0](lambda: i)",
    "ok(sink(lambda: i))",
    "@sink\ndef g():\n    return i\ng()",
    "sink({'a': lambda: i})",
    "sink(map(lambda x: i, ok))",
]


@pytest.mark.parametrize("body", UNKNOWN)
def test_unknown_callee(body: str) -> None:
    assert code(in_loop(body)) == "PIT103"


HARMLESS = [
    "(lambda: i)()",
    "g = lambda: i\ng()",
    "def g():\n    return i\ng()",
    "sorted(ok, key=lambda x: x + i)",
    "max(ok, key=lambda x: i)",
    "fs.sort(key=lambda x: i)",
    "list(map(lambda x: i, ok))",
    "any(i for _ in ok)",
    "sum(map(lambda x: x * i, ok))",
    "max(max(x * i for x in y) for y in ok)",
    "from itertools import chain\nfs.extend(chain.from_iterable((x * i for x in y) for y in ok))",
    "from itertools import chain\nfs.append(list(chain(*((x * i for x in y) for y in ok))))",
    "fs.append(max(map(sum, ((x * i for x in y) for y in ok))))",
    "fs.append({str(y): list(g) for y, g in ((y, (x * i for x in y)) for y in ok)})",
    "fs.extend(x for part in ((x * i for x in y) for y in ok) for x in part)",
    "fs.extend(tuple(x * i for x in y) for y in ok)",
    "for part in ((x * i for x in y) for y in ok):\n    print(*part)",
    "from itertools import chain\nprint(list(chain.from_iterable((x * i for x in y) for y in ok)))",
    "', '.join(i for _ in ok)",
    "for x in (i for _ in ok):\n    print(x)",
    "[*map(lambda x: i, ok)]",
    "a, b = (i for _ in ok)",
    "1 in (i for _ in ok)",
    "yield from (i for _ in ok)",
    "fs.extend(i for _ in ok)",
    "next(x for x in ok if x == i)",
    "import re\nre.sub('a', lambda m: i, ok)",
    "import functools\nfunctools.reduce(lambda a, b: a + i, ok)",
    "self.assertRaises(E, lambda: i)",
    "import pytest\npytest.raises(E, lambda: i)",
    "thing.apply(lambda x: i)",
    "thing.submit(lambda: i).result()",
    "from threading import Thread\nt = Thread(target=lambda: i)\nt.start()\nt.join()",
    "from threading import Thread\nt = Thread(target=lambda: i)\nt.start()\ni = 1\nt.join()",
    "print(lambda: i)",
    "g = [lambda: i]\ng[0]()",
    "table = {'a': lambda: i}\ntable['a']()",
    "from functools import cmp_to_key as k\nk(lambda a, b: i)",
    "class C:\n    def m(self):\n        return i\nC().m()",
    "def g():\n    yield i\nlist(g())",
    "assert (lambda: i)()",
    "def g(self):\n    return i\ng.__get__(thing)()\ng.__call__(thing)",
    "fs.append(lambda: i)\nbreak",
    "fs.append(lambda: i)\nreturn fs",
    "fs.append(lambda: i)\nraise E",
    "return lambda: i",
    "fs.append(lambda i=i: i)",
    "fs.append(lambda i: i)",
    "fs.append([i for _ in ok])",
    "fs.append((lambda x: x)(i))",
    "fs.append(x for x in i)",
    "def g(x=i):\n    return x\nfs.append(g)",
    "def g(x: i) -> i: ...\nfs.append(g)",
    "class C:\n    x = i\nfs.append(C)",
    "fs.append((lambda i: lambda: i)(i))",
    "import functools\nfs.append(functools.partial(sink, i))",
    "g = lambda: i",
    "thing.run = lambda: i",
    "thing.rows = (x for x in ok if x != i)",
    "for i in [1]:\n    fs.append(lambda: 1)",
    "fs.append(lambda: [i for i in ok])",
    "fs.append(lambda: (i := 1))",
]


@pytest.mark.parametrize("body", HARMLESS)
def test_run_at_once_or_not_captured(body: str) -> None:
    assert codes(in_loop(body)) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("signal.signal(signal.SIGINT, lambda *_: i)", None),
        ("signal.signal(i, lambda *_: i)", "PIT101"),
        ("thing.number = i\nsignal.signal(thing.number, lambda *_: i)", "PIT101"),
        ("if ok():\n    signal.signal(signal.SIGINT, lambda *_: i)", "PIT101"),
        ("if ok():\n    h = signal.signal(signal.SIGINT, lambda *_: i)\n    signal.signal(signal.SIGINT, h)", None),
        ("if ok():\n    h = signal.signal(signal.SIGINT, lambda *_: i)\n    signal.signal(signal.SIGHUP, h)", "PIT101"),
    ],
)
def test_a_handler_of_a_signal_replaces_the_one_before(body: str, expected: str | None) -> None:
    assert code("import signal\n" + in_loop(body)) == expected


@pytest.mark.parametrize(
    "loop",
    [
        "for i in [1]:\n    fs.append(lambda: i)",
        "for _ in rows:\n    i = 1\n    fs.append(lambda: i)",
        "for _ in rows:\n    import os as i\n    fs.append(lambda: i)",
        "i = 1\nfor _ in rows:\n    fs.append(lambda: i)",
        "for i in rows:\n    pass\nelse:\n    fs.append(lambda: i)",
        "for i in rows:\n    pass\nfs.append(lambda: i)",
    ],
)
def test_the_same_value_each_time(loop: str) -> None:
    assert codes(f"def f(rows, fs):\n{indent(loop, '    ')}\n") == []


BINDINGS = [
    "for i in rows:\n    HERE",
    "for (a, *i), b in rows:\n    HERE",
    "for _ in rows:\n    i = _\n    HERE",
    "for _ in rows:\n    i: int = _\n    HERE",
    "i = 0\nfor _ in rows:\n    i += 1\n    HERE",
    "while (i := rows.pop()):\n    HERE",
    "for _ in rows:\n    with _ as i:\n        HERE",
    "for _ in rows:\n    try:\n        _()\n    except E as i:\n        HERE",
    "for _ in rows:\n    match _:\n        case [i, *_]:\n            HERE",
    "for _ in rows:\n    match _:\n        case {'a': 1, **i}:\n            HERE",
    "for _ in rows:\n    def i(): return _\n    i()\n    HERE",
    "for _ in rows:\n    class i: x = _\n    HERE",
    "for i in rows:\n    for j in rows:\n        HERE",
    "def g():\n    nonlocal_ = 1\n    for i in rows:\n        HERE",
    "async def g():\n    async for i in rows:\n        HERE",
    "async def g():\n    for _ in rows:\n        async with _ as i:\n            HERE",
]


@pytest.mark.parametrize("loop", BINDINGS)
def test_everything_that_binds(loop: str) -> None:
    body = indent(loop.replace("HERE", "fs.append(lambda: i)"), "    ")
    assert set(codes(f"def f(rows, fs):\n{body}\n")) == {"PIT101"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("[lambda: i for i in rows]", "PIT101"),
        ("{i: lambda: i for i in rows}", "PIT101"),
        ("{lambda: i for i in rows}", "PIT101"),
        ("[(i for _ in x) for i in rows]", "PIT102"),
        ("[map(lambda x: x + i, x) for i in rows]", "PIT102"),
        ("[lambda: j for i in rows for j in i]", "PIT101"),
        ("[lambda i=i: i for i in rows]", None),
        ("[(lambda: i)() for i in rows]", None),
        ("[sorted(i, key=lambda x: x - i) for i in rows]", None),
        ("[sum(i for _ in x) for i in rows]", None),
        ("[lambda: x for i in rows]", None),
    ],
)
def test_comprehensions(expression: str, expected: str | None) -> None:
    assert code(f"def f(rows, x):\n    return {expression}\n") == expected


# -- functions of the same file ------------------------------------------------------------------------------------

HELPERS = [
    ("def run(f):\n    return f()", "run(lambda: i)", None),
    ("def run(f, n=1):\n    for _ in range(n):\n        f()", "run(f=lambda: i)", None),
    ("def run(*fs):\n    for f in fs:\n        f()", "run(lambda: i, lambda: 1)", None),
    ("def run(**fs):\n    for f in fs.values():\n        f()", "run(a=lambda: i)", None),
    ("def inner(f):\n    f()\ndef run(f):\n    inner(f)", "run(lambda: i)", None),
    ("def run(f, n):\n    if n:\n        run(f, n - 1)\n    else:\n        f()", "run(lambda: i, 2)", None),
    ("class C:\n    def run(self, f):\n        f()", "C().run(lambda: i)", None),
    ("KEPT = []\ndef keep(f):\n    KEPT.append(f)", "keep(lambda: i)", "PIT101"),
    ("KEPT = {}\ndef keep(*, key, f):\n    KEPT[key] = f", "keep(key=i, f=lambda: i)", "PIT101"),
    ("KEPT = []\ndef inner(f):\n    KEPT.append(f)\ndef keep(f):\n    inner(f)", "keep(lambda: i)", "PIT101"),
    ("KEPT = []\ndef keep(f, n):\n    KEPT.append(f)\n    keep(f, n)", "keep(lambda: i, 2)", "PIT101"),
    ("def wrap(f):\n    return lambda: f()", "wrap(lambda: i)()", None),
    ("KEPT = []\ndef wrap(f):\n    return lambda: f()", "KEPT.append(wrap(lambda: i))", "PIT101"),
    ("KEPT = []\nclass C:\n    def __init__(self, f):\n        self.f = f", "KEPT.append(C(lambda: i))", "PIT101"),
    ("KEPT = []\nclass C:\n    def keep(self, f):\n        KEPT.append(f)", "C().keep(lambda: i)", "PIT101"),
    ("from lib import other\ndef ask(f):\n    other(f)", "ask(lambda: i)", "PIT103"),
    ("def ask(f, other):\n    other.call(f)", "ask(lambda: i, 1)", "PIT103"),
    ("def drop(f):\n    pass", "drop(lambda: i)", None),
    (
        "import functools\nKEPT = []\nclass C:\n    def partial(self, f):\n        f()",
        "KEPT.append(functools.partial(lambda: i))",
        "PIT101",
    ),
    ("def gen(f):\n    yield f()", "list(gen(lambda: i))", None),
    ("KEPT = []\ndef gen(f):\n    yield f()", "KEPT.append(gen(lambda: i))", "PIT101"),
    ("def forever(f):\n    forever(f)", "forever(lambda: i)", None),
    ("def ping(f):\n    pong(f)\ndef pong(f):\n    ping(f)", "ping(lambda: i)", None),
]


@pytest.mark.parametrize(("helpers", "call", "expected"), HELPERS)
def test_helpers(helpers: str, call: str, expected: str | None) -> None:
    assert code(f"{helpers}\nfor i in range(3):\n    {call}\n") == expected
    assert code(f"{helpers}\ndef go(rows):\n    for i in rows:\n        {call}\n") == expected


def test_deep_chains_of_helpers_end() -> None:
    chain = "".join(f"def f{number}(f):\n    f{number + 1}(f)\n    f{number + 1}(f)\n" for number in range(60))
    assert codes(f"{chain}def f60(f):\n    f()\nfor i in range(3):\n    f0(lambda: i)\n") == []
    assert code(f"KEPT = []\n{chain}def f60(f):\n    f()\nfor i in range(3):\n    KEPT.append(lambda: i)\n") == "PIT101"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def sorted(x, key):\n    KEPT.append(key)\nKEPT = []\n", "PIT101"),
        ("from lib import sorted\n", "PIT103"),
        ("import lib as sorted\n", "PIT103"),
        ("sorted = make()\n", "PIT103"),
        ("from builtins import sorted\n", None),
        ("", None),
    ],
)
def test_names_of_builtins(source: str, expected: str | None) -> None:
    assert code(f"{source}for i in range(3):\n    sorted([], key=lambda x: x - i)\n") == expected


@pytest.mark.parametrize("name", ["map", "filter", "zip"])
def test_lazy_builtins_of_the_user(name: str) -> None:
    loop = f"for i in range(3):\n    fs.append({name}(lambda x: i, []))\n"
    assert code(f"fs = []\n{loop}") == "PIT102"
    assert code(f"fs = []\ndef {name}(f, xs):\n    return [f(x) for x in xs]\n{loop}") is None


# -- options -------------------------------------------------------------------------------------------------------

CALLEES = [
    ("from lib import run\n", "run(lambda: i)", "lib.run"),
    ("from lib import run as go\n", "go(lambda: i)", "lib.run"),
    ("import lib\n", "lib.run(1, key=lambda: i)", "lib.run"),
    ("import lib.tools as t\n", "t.run(lambda: i)", "lib.tools.run"),
    ("", "thing.digest(lambda: i)", "digest"),
    ("import lib\n", "lib.Engine().digest(lambda: i)", "digest"),
    ("from lib import mark\n", "@mark\n    def g():\n        return i", "lib.mark"),
]


@pytest.mark.parametrize(("start", "call", "name"), CALLEES)
def test_configured_callees(start: str, call: str, name: str) -> None:
    source = f"{start}for i in range(3):\n    {call}\n"
    assert code(source, consuming_callees=frozenset({name})) is None
    assert code(source, retaining_callees=frozenset({name})) == "PIT101"
    for other in ("other.run", "other", f"x.{name}"):
        assert code(source, consuming_callees=frozenset({other})) == code(source)
        assert code(source, retaining_callees=frozenset({other})) == code(source)


def test_configured_callees_overrule_the_tables() -> None:
    source = "for i in range(3):\n    thing.connect(lambda: i)\n"
    assert code(source) == "PIT101"
    assert code(source, consuming_callees=frozenset({"connect"})) is None
    source = "for i in range(3):\n    thing.apply(lambda: i)\n"
    assert code(source) is None
    assert code(source, retaining_callees=frozenset({"apply"})) == "PIT101"


def test_options_on_the_command_line(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "import lib\nfor i in range(3):\n    lib.run(lambda: i)\n    lib.go(lambda: i)\n")
    command = ["--isolated", "--select=PIT", OPTIONAL, "--format=%(row)d:%(code)s"]
    assert flake8(*command, "a.py", cwd=tmp_path).text.split() == ["3:PIT103", "4:PIT103"]
    options = ["--pitfalls-consuming-callees=lib.run,x", "--pitfalls-retaining-callees=go"]
    assert flake8(*command, *options, "a.py", cwd=tmp_path).text.split() == ["4:PIT101"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], []),
        (["--select=PIT"], []),
        (["--select=PIT1"], []),
        (["--extend-select=PIT1"], []),
        (["--select=PIT10"], ["PIT103"]),
        (["--select=PIT103"], ["PIT103"]),
        (["--extend-select=PIT103"], ["PIT103"]),
        (["--extend-select=PIT10"], ["PIT103"]),
        (["--extend-select=PIT103", "--extend-ignore=PIT103"], []),
    ],
)
def test_the_optional_code(tmp_path: Path, options: list[str], expected: list[str]) -> None:
    write(tmp_path / "a.py", "def f(sink):\n    for i in range(3):\n        sink(lambda: i)\n")
    found = flake8("--isolated", "--format=%(code)s", *options, "a.py", cwd=tmp_path).text.split()
    assert [code for code in found if code.startswith("PIT")] == expected


# -- messages ------------------------------------------------------------------------------------------------------

MESSAGES = {
    "def f(xs):\n    fs = []\n    for x in xs:\n        fs.append(lambda: x)\n    return fs\n": (
        "4:27 PIT101 closure reads 'x', which the loop on line 3 rebinds; "
        "it outlives its iteration through append() on line 4"
    ),
    "def f(xs, self):\n    while xs:\n        x = xs.pop()\n        self.hooks[x] = lambda: [x, x]\n": (
        "4:34 PIT101 closure reads 'x', which the loop on line 2 rebinds; "
        "it outlives its iteration through 'self.hooks[x]' on line 4"
    ),
    "def f(xs):\n    for x in xs:\n        yield lambda: x\n": (
        "3:23 PIT101 closure reads 'x', which the loop on line 2 rebinds; "
        "it outlives its iteration through yield on line 3"
    ),
    "fs = [lambda y: y + x for x in range(3)]\n": (
        "1:21 PIT101 closure reads 'x', which the comprehension on line 1 rebinds; "
        "it outlives its iteration through the comprehension's result on line 1"
    ),
    "import atexit\nfor x in range(3):\n    @atexit.register\n    def f():\n        print(1)\n        print(x)\n": (
        "6:15 PIT101 closure reads 'x', which the loop on line 2 rebinds; "
        "it outlives its iteration through @atexit.register on line 3"
    ),
    "def keep(f):\n    KEPT.append(f)\nKEPT = []\nfor x in range(3):\n    keep(lambda: x)\n": (
        "5:18 PIT101 closure reads 'x', which the loop on line 4 rebinds; "
        "it outlives its iteration through append() on line 2"
    ),
    "def f(xs, ys):\n    fs = {}\n    for x in xs:\n        fs[x] = (y for y in ys if y == x)\n    return fs\n": (
        "4:40 PIT102 generator expression reads 'x', which the loop on line 3 rebinds; "
        "it outlives its iteration through 'fs[x]' on line 4"
    ),
    "def f(xs, ys):\n    for x in xs:\n        ys = filter(lambda y: y % x, ys)\n    return ys\n": (
        "3:35 PIT102 closure reads 'x', which the loop on line 2 rebinds; "
        "it outlives its iteration through 'ys' on line 3"
    ),
    "def f(xs, sink):\n    for x in xs:\n        sink.put_in(lambda: x)\n": (
        "3:29 PIT103 closure reads 'x', which the loop on line 2 rebinds; put_in() on line 3 may keep it"
    ),
    "def f(xs, sink):\n    for x in xs:\n        sink(\n            y for y in xs if\n            x == y)\n": (
        "5:13 PIT103 generator expression reads 'x', which the loop on line 2 rebinds; sink() on line 3 may keep it"
    ),
}


@pytest.mark.parametrize("stable", [False, True])
def test_messages(tmp_path: Path, stable: bool) -> None:
    for number, source in enumerate(MESSAGES):
        write(tmp_path / f"m{number}.py", source)
    options = [OPTIONAL, *(["--pitfalls-stable-messages"] if stable else [])]
    form = "--format=%(path)s %(row)d:%(col)d %(code)s %(text)s"
    found = flake8("--isolated", "--select=PIT", *options, form, ".", cwd=tmp_path).text
    expected = [re.sub(r" on line \d+", "", text) if stable else text for text in MESSAGES.values()]
    assert found.splitlines() == [f"./m{number}.py {message}" for number, message in enumerate(expected)]


def test_columns_count_characters(tmp_path: Path) -> None:
    source = "def f(fs, xs):\n    for é in xs:\n        fs['äöü'] = 'ü'; fs.append(lambda: é)\n"
    write(tmp_path / "a.py", source)
    found = flake8("--isolated", "--select=PIT", "--format=%(row)d:%(col)d", "a.py", cwd=tmp_path).text
    assert found.split() == [f"3:{source.splitlines()[2].index('é') + 1}"]


def test_one_report_for_each_variable() -> None:
    source = "def f(fs, xs):\n    for a, b in xs:\n        fs.append(lambda: (b, a, b, a))\n"
    found = Linter().findings(source, ast.parse(source), "a.py")
    assert [(finding.line, finding.column) for finding in found] == [(3, 27), (3, 30)]
    assert len({finding.fingerprint for finding in found}) == 2


def test_noqa_on_the_line_of_the_read(tmp_path: Path) -> None:
    source = "def f(fs, xs):\n    for x in xs:\n        fs.append(lambda: (A\n            x))B\n"
    for number, (first, second) in enumerate(
        [("", "  # noqa: PIT101"), ("  # noqa: PIT101", ""), ("", "  # noqa: E501")]
    ):
        write(tmp_path / f"a{number}.py", source.replace("A", f"1,{first}").replace("B", second))
    found = flake8("--isolated", "--select=PIT", "--format=%(path)s:%(row)d", ".", cwd=tmp_path).text
    assert found.split() == ["./a1.py:4", "./a2.py:4"]


def test_stubs_are_silent(tmp_path: Path) -> None:
    write(tmp_path / "a.pyi", "fs = [lambda: i for i in range(3)]\n")
    assert flake8("--isolated", "--select=PIT", "a.pyi", cwd=tmp_path).out == b""


# -- size: these only have to end ----------------------------------------------------------------------------------


def test_many_closures_in_a_function() -> None:
    kept = "".join(f"        fs.append(lambda: i + {number})\n" for number in range(1000))
    assert codes(f"def f(fs, rows):\n    for i in rows:\n{kept}") == ["PIT101"] * 1000


def test_many_closures_that_are_called() -> None:
    called = "".join(f"        g{n} = lambda: i + {n}\n        print(g{n}())\n" for n in range(300))
    assert codes(f"def f(rows):\n    for i in rows:\n{called}") == []


def test_deeply_nested_loops() -> None:
    depth = 18
    loops = "".join(f"{'    ' * (level + 1)}for i{level} in rows:\n" for level in range(depth))
    names = ", ".join(f"i{level}" for level in range(depth))
    inside = "    " * (depth + 1)
    assert codes(f"def f(fs, rows):\n{loops}{inside}fs.append(lambda: ({names}))\n") == ["PIT101"] * depth
    assert codes(f"def f(fs, rows):\n{loops}{inside}g = lambda: ({names})\n{inside}g()\n") == []


def test_many_branches() -> None:
    branches = "".join(
        f"        if rows[{n}]:\n            g{n} = lambda: i\n        else:\n            g{n} = print\n"
        for n in range(60)
    )
    calls = "".join(f"        g{n}()\n" for n in range(60))
    assert codes(f"def f(rows):\n    for i in rows:\n{branches}{calls}") == []


def test_many_exits() -> None:
    block = "fs.append(lambda: i)\n"
    for number in range(12):
        block = f"try:\n{indent(block, '    ')}except E{number}:\n    continue\nfinally:\n    x()\n"
    assert codes(f"def f(fs, rows, x):\n    for i in rows:\n{indent(block, '        ')}") == ["PIT101"]

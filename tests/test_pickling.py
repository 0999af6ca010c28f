"""Tests of what is reported about objects that can't be pickled; the programs are in fixtures/pickling/detect."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from tests.fixtures import FIXTURES, Report, detect_programs, marks, name_of
from tests.support import flake8, write

RULE = "pickling"
PROGRAMS = detect_programs(RULE)
ALL = frozenset({"PIT403"})
PRELUDE = "import multiprocessing, pickle, threading\nfrom concurrent.futures import ProcessPoolExecutor\n"
LAMBDA = "multiprocessing.Process(target=lambda: None).start()\n"


def codes(source: str, **options: str) -> list[str]:
    """What is reported in a text, ``PIT403`` included."""
    text = PRELUDE + source
    found = Linter(Options(target_version=(3, 10), **options), ALL).findings(text, ast.parse(text), "a.py")
    return [finding.code for finding in found]


@pytest.mark.parametrize("optional", [True, False])
def test_reports_are_the_marks(optional: bool) -> None:
    arguments = ["--isolated", "--select=PIT4", *(["--extend-select=PIT403"] if optional else [])]
    result = flake8(*arguments, "--format=%(path)s:%(row)d:%(code)s", f"{RULE}/detect", cwd=FIXTURES)
    found = {Report(path, int(row), code) for path, row, code in (line.split(":") for line in result.text.splitlines())}
    expected = {mark for program in PROGRAMS for mark in marks(program) if optional or mark.code != "PIT403"}
    assert found == expected
    assert {report.code for report in found} == {"PIT401", "PIT402", "PIT404", *(["PIT403"] if optional else [])}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_programs_behave_as_marked(program: Path, method: str) -> None:
    """Their assertions hold under every start method; what they need may be missing."""
    assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(program.read_bytes())))
    if method != "fork" and not any(mark.code == "PIT402" for mark in marks(program)):
        pytest.skip("nothing depends on the start method")
    script = (
        "import multiprocessing, runpy, sys\n"
        f"multiprocessing.set_start_method({method!r})\n"
        "runpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", script, str(program)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=40)
    except subprocess.TimeoutExpired:  # A process with threads that forks may deadlock: see os.fork().
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip(done.stderr.strip().rpartition("\n")[2])
    assert done.returncode == 0, done.stderr


MESSAGES = {
    "def f(pool: multiprocessing.pool.Pool):\n    def g(x): pass\n    return pool.map(g, [])\n": (
        "PIT401 nested function 'g' can't be pickled: Pool.map sends it to another process; define it at module level"
    ),
    "def f(e: ProcessPoolExecutor):\n    e.submit(lambda: 1)\n": (
        "PIT401 a lambda can't be pickled: ProcessPoolExecutor.submit sends it to another process; "
        "nothing is raised and the work isn't done; define it at module level"
    ),
    LAMBDA: (
        "PIT402 a lambda can't be pickled: Process sends its target to the new process, which fails on Windows, macOS, "
        "and on Linux from Python 3.14; make it a def"
    ),
    "def f():\n    c = multiprocessing.get_context('spawn')\n    c.Process(target=lambda: None).start()\n": (
        "PIT401 a lambda can't be pickled: Process sends its target to the new process, which isn't forked; "
        "define it at module level"
    ),
    "square = lambda x: x * x\nmultiprocessing.Pool().map(square, [])\n": (
        "PIT401 lambda 'square' can't be pickled: Pool.map sends it to another process; make it a def"
    ),
    "def f(pool: multiprocessing.pool.Pool):\n    pool.apply(print, (multiprocessing.Lock(),))\n": (
        "PIT401 the result of multiprocessing.Lock() can't be pickled: Pool.apply sends it to another process; "
        "hand it over by initializer and initargs, or let a Manager make it"
    ),
    "multiprocessing.Process(target=print, args=(threading.Event(),)).start()\n": (
        "PIT402 the result of threading.Event() can't be pickled: Process sends its arguments to the new process, "
        "which fails on Windows, macOS, and on Linux from Python 3.14; use multiprocessing.Event"
    ),
    "class C:\n    Inner = type('Inner', (), {})\npickle.dumps(C.Inner)\n": (
        "PIT401 type 'Inner', which is an attribute of a class, can't be pickled: pickle.dumps pickles it; "
        "define it at module level"
    ),
    "def f():\n    counts = {}\n    counts['a'] = lambda: 1\n    pickle.dumps(counts)\n": (
        "PIT401 a lambda on line 5 can't be pickled: pickle.dumps pickles it; define it at module level"
    ),
    "pickle.dumps({}.items())\n": (
        "PIT401 the result of items() can't be pickled: pickle.dumps pickles it; make a list of it"
    ),
    "def f():\n    import os\n    pickle.dumps(os)\n": (
        "PIT401 module 'os' on line 4 can't be pickled: pickle.dumps pickles it; import it where it's used"
    ),
    "def w(x):\n    class Bad(ValueError): ...\n    raise Bad\nmultiprocessing.Pool().map(w, [1])\n": (
        "PIT404 the worker's exception can't be pickled: Pool.map can't send local class 'Bad' back"
    ),
    "class C:\n    def __init__(self):\n        self.f = lambda: 1\npickle.dumps(C())\n": (
        "PIT401 an object whose attribute 'self.f' holds a lambda can't be pickled: pickle.dumps pickles it; "
        "make it a method, or leave it out by __getstate__"
    ),
    "if __name__ == '__main__':\n    def work(x): ...\n    multiprocessing.Pool().map(work, [])\n": (
        "PIT402 'work' only exists in this process: Pool.map sends it to another process, which fails on Windows, "
        "macOS, and on Linux from Python 3.14; define it at module level, outside the guard"
    ),
    "def deco(f):\n    def g(): ...\n    return g\ndef f(): ...\nT = type('U', (), {})\npickle.dumps(T)\n": (
        "PIT401 type 'U', which isn't bound to that name, can't be pickled: pickle.dumps pickles it; name it 'T'"
    ),
    "class C:\n    def __init__(self):\n        self.lock = threading.Lock()\npickle.dumps(C())\n": (
        "PIT401 an object whose attribute 'self.lock' holds the result of threading.Lock() can't be pickled: "
        "pickle.dumps pickles it; leave it out by __getstate__"
    ),
    "q = multiprocessing.Queue()\nq.put(lambda: 1)\n": (
        "PIT401 a lambda can't be pickled: Queue.put fails in a background thread, and the item never arrives; "
        "make it a def"
    ),
    "def g(x):\n    yield x\nmultiprocessing.Pool().map(g, [1])\n": (
        "PIT404 worker 'g' makes a generator, which hasn't run yet and can't be pickled: Pool.map can't send it back"
    ),
    "T = type('U', (), {})\n": (
        "PIT403 type 'U' is bound to 'T', so that pickle doesn't find it; its instances can't be pickled"
    ),
}


def test_messages(tmp_path: Path) -> None:
    for number, source in enumerate(MESSAGES):
        write(tmp_path / f"m{number:02}.py", PRELUDE + source)
    arguments = ["--isolated", "--select=PIT4", "--extend-select=PIT403", "--format=%(path)s %(code)s %(text)s", "."]
    found = flake8(*arguments, cwd=tmp_path).text
    expected = [f"./m{number:02}.py {message}" for number, message in enumerate(MESSAGES.values())]
    assert [line for line in found.splitlines() if "PIT403" not in line or line in expected] == sorted(expected)


def test_stable_messages_name_no_lines(tmp_path: Path) -> None:
    write(tmp_path / "a.py", "import pickle\nf = [lambda: 1]\npickle.dumps(f)\n")
    options = ["--isolated", "--select=PIT", "a.py"]
    assert "on line 2" in flake8(*options, cwd=tmp_path).text
    assert "line" not in flake8(*options, "--pitfalls-stable-messages", cwd=tmp_path).text


class TestStartMethod:
    @pytest.mark.parametrize(("method", "expected"), [("any", ["PIT402"]), ("fork", []), ("spawn", ["PIT401"])])
    def test_the_option_decides_where_the_code_does_not(self, method: str, expected: list[str]) -> None:
        assert codes(LAMBDA, start_method=method) == expected

    @pytest.mark.parametrize(("method", "expected"), [("fork", []), ("spawn", ["PIT401"]), ("forkserver", ["PIT401"])])
    @pytest.mark.parametrize("option", ["any", "fork", "spawn"])
    def test_the_code_decides_first(self, method: str, expected: list[str], option: str) -> None:
        assert codes(f"multiprocessing.set_start_method({method!r})\n{LAMBDA}", start_method=option) == expected
        context = LAMBDA.replace("multiprocessing", f"multiprocessing.get_context({method!r})")
        assert codes(context, start_method=option) == expected

    def test_tasks_do_not_depend_on_it(self) -> None:
        task = "multiprocessing.Pool().map(lambda x: x, [])\n"
        assert codes(task, start_method="fork") == codes(task, start_method="spawn") == ["PIT401"]

    def test_the_command_line(self, tmp_path: Path) -> None:
        write(tmp_path / "a.py", PRELUDE + LAMBDA)
        arguments = ["--isolated", "--select=PIT", "--format=%(code)s", "a.py"]
        assert flake8(*arguments, cwd=tmp_path).text.split() == ["PIT402"]
        assert flake8(*arguments, "--pitfalls-start-method=fork", cwd=tmp_path).text == ""
        assert flake8(*arguments, "--pitfalls-start-method=spawn", cwd=tmp_path).text.split() == ["PIT401"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(pool):\n    pool.map(lambda x: x, [])\n",
        "def f(pool=None):\n    pool = pool or multiprocessing.Pool()\n    pool.map(lambda x: x, [])\n",
        "from elsewhere import pool\npool.map(lambda x: x, [])\n",
        "from multiprocessing.dummy import Pool\nPool().map(lambda x: x, [])\n",
        "from multiprocessing.pool import ThreadPool\nThreadPool().map(lambda x: x, [])\n",
        "import dill as pickle\npickle.dumps(lambda: 1)\n",
        "try:\n    import dill as p\nexcept ImportError:\n    import pickle as p\np.dumps(lambda: 1)\n",
        "import copyreg\ncopyreg.pickle(type(lambda: 1), str)\npickle.dumps(lambda: 1)\n",
        "class C:\n    def __reduce__(self): ...\n    def __init__(self):\n"
        "        self.f = lambda: 1\npickle.dumps(C())\n",
        "from elsewhere import B\nclass C(B):\n    def __init__(self):\n"
        "        self.f = lambda: 1\npickle.dumps(C())\n",
        "def f(g):\n    pickle.dumps(g)\n    pickle.dumps([g])\n",
        "def f():\n    @unknown\n    def g(): ...\n    pickle.dumps(g)\n",
        "def f(ok):\n    g = len if ok else lambda x: x\n    pickle.dumps(g)\n",
        "def f():\n    def g(): ...\n    g.__qualname__ = 'len'\n    pickle.dumps(g)\n",
        "def f():\n    class pickle:\n        dumps = print\n    pickle.dumps(lambda: 1)\n",
        "class C(metaclass=M):\n    def __init__(self):\n        self.f = lambda: 1\npickle.dumps(C())\n",
        "class C:\n    def __init__(self):\n        self.f = lambda: 1\n    def stop(self):\n        del self.f\n"
        "pickle.dumps(C())\n",
        "def f(ok):\n    if ok:\n        from multiprocessing.dummy import Pool\n    else:\n"
        "        from multiprocessing import Pool\n    Pool().map(lambda x: x, [])\n",
        "import socket\nmultiprocessing.Pool().apply(print, (socket.socket(),))\n",
        "p = multiprocessing.Process(target=lambda: None)\np.run()\n",
        "class A:\n    def __init__(self):\n        self.pool = multiprocessing.Pool()\n"
        "    def go(self):\n        self.pool.map(lambda x: x, [])\na = A()\na.pool = print\n",
        "def f():\n    def deco(g):\n        g.__qualname__ = g.__name__\n        return g\n"
        "    @deco\n    def h(): ...\n    pickle.dumps(h)\n",
    ],
)
def test_what_is_not_known_is_not_reported(source: str) -> None:
    assert codes(source) == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (
            "class P(multiprocessing.get_context('spawn').Process): ...\n"
            "def f():\n    class Q(P): ...\n    Q().start()\n",
            "PIT401",
        ),
        ("def f():\n    class Q(multiprocessing.Process): ...\n    Q().start()\n", "PIT402"),
        (
            "class C(multiprocessing.Process):\n    def __init__(self, f):\n        self.f = f\nC(lambda: 1).start()\n",
            "PIT402",
        ),
        ("class E(ProcessPoolExecutor):\n    def go(self):\n        super().submit(lambda: 1)\n", "PIT401"),
        (
            "class C:\n    pool = multiprocessing.Pool()\n    @classmethod\n"
            "    def f(cls):\n        cls.pool.map(lambda x: x, [])\n",
            "PIT401",
        ),
        ("pools = [multiprocessing.Pool()]\nfor pool in pools:\n    pool.map(lambda x: x, [])\n", "PIT401"),
        ("def f() -> ProcessPoolExecutor: ...\nf().submit(lambda: 1)\n", "PIT401"),
        (
            "class C:\n    def __init__(self):\n        self.f = lambda: 1\n"
            "    def g(self):\n        pickle.dumps(vars(self))\n",
            "PIT401",
        ),
        ("here, there = multiprocessing.Pipe()\nthere.send(lambda: 1)\n", "PIT401"),
        ("def f():\n    global g\n    def g(x): ...\n    multiprocessing.Pool().map(g, [])\n", "PIT402"),
        ("from torch.utils.data import DataLoader\nDataLoader([lambda: 1], num_workers=2)\n", "PIT402"),
        ("import torch\ntorch.multiprocessing.spawn(lambda rank: None)\n", "PIT401"),
        ("from joblib import Memory\nmemory = Memory()\n@memory.cache\ndef f(g): ...\nf(lambda: 1)\n", "PIT401"),
        ("from sklearn.pipeline import make_pipeline as m\npickle.dumps(m(lambda: 1))\n", "PIT401"),
        ("async def f(x): ...\nProcessPoolExecutor().submit(f, 1)\n", "PIT404"),
        (
            "import contextlib\n@contextlib.contextmanager\ndef make():\n    pool = multiprocessing.Pool()\n"
            "    try:\n        yield pool\n    finally:\n        pool.close()\n"
            "with make() as p:\n    p.map(lambda x: x, [])\n",
            "PIT401",
        ),
    ],
)
def test_what_is_known_is_reported(source: str, code: str) -> None:
    assert codes(source) == [code]


IMPORTS = "from collections import OrderedDict, UserDict, UserList, defaultdict\n"


@pytest.mark.parametrize(
    ("expression", "bad"),
    [
        ("OrderedDict((k, 1) for k in 'ab')", False),
        ("OrderedDict((k, lambda: 1) for k in 'ab')", True),
        ("OrderedDict(map(lambda k: (k, 1), 'ab'))", False),
        ("OrderedDict([('a', lambda: 1)])", True),
        ("OrderedDict(a=lambda: 1)", True),
        ("UserDict((k, 1) for k in 'ab')", False),
        ("UserDict({'a': lambda: 1})", True),
        ("UserList(x for x in 'ab')", False),
        ("UserList([lambda: 1])", True),
        ("defaultdict(list, ((k, 1) for k in 'ab'))", False),
        ("defaultdict(lambda: 1, ((k, 1) for k in 'ab'))", True),
        ("defaultdict(list, {'a': lambda: 1})", True),
        ("dict(map(lambda k: (k, 1), 'ab'))", False),
        ("dict([('a', lambda: 1)])", True),
        ("[*map(lambda x: x, 'ab')]", False),
        ("(*filter(lambda x: x, 'ab'),)", False),
        ("{*(x for x in 'ab')}", False),
        ("[*[lambda: 1]]", True),
        ("[*(lambda: x for x in 'ab')]", True),
        ("[map(lambda x: x, 'ab')]", True),
        ("{**d}", False),
        ("dict(d)", False),
        ("{'a': d}", True),
        ("{**base}", True),
        ("{**base, 'f': None}", False),
        ("{**base, 'g': None}", True),
        ("{'f': None, **base}", True),
        ("{'f': lambda: 1, 'f': 2}", False),
        ("{'f': 1, 'f': lambda: 2}", True),
        ("{'f': lambda: 1} | {'f': 2}", False),
        ("{'f': lambda: 1} | {'g': 2}", True),
        ("[lambda: 1] * 2", True),
        ("[lambda: 1] * 0", False),
        ("{**unknown, 'f': lambda: 1}['f']", True),
        ("{'f': lambda: 1, **unknown}['f']", False),
        ("[*unknown, lambda: 1][0]", False),
    ],
)
def test_what_containers_hold(expression: str, bad: bool) -> None:
    start = f"{IMPORTS}d = defaultdict(lambda: 0, a=1)\nbase = {{'f': lambda: 1}}\n"
    assert codes(f"{start}pickle.dumps({expression})\n") == ["PIT401"] * bad


@pytest.mark.parametrize(
    ("between", "bad"),
    [
        ("strip(cfg)", False),
        ("look(cfg)", True),
        ("strip_indirectly(cfg)", False),
        ("self_made.strip(cfg)", False),
        ("print(cfg); len(cfg)", True),
        ("unknown.handle(cfg)", False),
        ("queue.append(cfg)", True),
        ("for k in list(cfg):\n    if callable(cfg[k]):\n        del cfg[k]", False),
        ("if unknown:\n    cfg.pop('f')", False),
        ("def clear():\n    cfg.clear()\nclear()", False),
        ("cfg.update(f=1)", False),
        ("cfg.update({'f': 1})", False),
        ("cfg.update(g=1)", True),
        ("cfg['f'] = None", False),
        ("cfg['g'] = None", True),
        ("def other():\n    cfg = {}\n    cfg.clear()\nother()", True),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_what_is_taken_out_of_containers(between: str, bad: bool, inside: bool) -> None:
    functions = (
        "from elsewhere import unknown, self_made\nqueue = []\n"
        "def strip(c):\n    c.pop('f')\ndef look(c):\n    return c['f']\ndef strip_indirectly(c):\n    strip(c)\n"
    )
    body = f"cfg = {{'f': lambda: 1, 'n': 1}}\n{between}\npickle.dumps(cfg)\n"
    if inside:
        body = "def main():\n" + "".join(f"    {line}\n" for line in body.splitlines())
    assert codes(functions + body) == ["PIT401"] * bad


def test_the_factory_may_be_taken_from_a_defaultdict() -> None:
    text = "def freeze(d):\n    d.default_factory = None\ndd = defaultdict(lambda: 0)\n"
    assert codes(f"{IMPORTS}{text}freeze(dd)\npickle.dumps(dd)\n") == []
    assert codes(f"{IMPORTS}{text}pickle.dumps(dd)\n") == ["PIT401"]


@pytest.mark.parametrize(
    ("called", "bad"),
    [
        ("if __name__ == '__main__':\n    setup()\n", True),
        ("def main():\n    setup()\n", True),
        ("setup()\n", False),
        ("if True:\n    setup()\n", False),
        ("S.setup()\n", False),
    ],
)
def test_functions_that_functions_make(called: str, bad: bool) -> None:
    text = "def setup():\n    global g\n    def g(x): ...\n    multiprocessing.Pool().map(g, [])\n"
    assert codes(text + called) == ["PIT402"] * bad


CLASS = "class C:\n    def __init__(self):\n        self.lock = threading.Lock()\n"


@pytest.mark.parametrize(
    ("before", "bad"),
    [
        ("c = C()\n", True),
        ("c = C()\ndelattr(c, 'lock')\n", False),
        ("c = C()\nsetattr(c, 'lock', None)\n", False),
        ("c = C()\nsetattr(c, 'other', None)\n", True),
        ("c = C()\nvars(c).pop('lock')\n", False),
        ("c = C()\nvars(c).pop('other')\n", True),
        ("c = C()\nc.__dict__.clear()\n", False),
        ("c = C()\ndel c.__dict__['lock']\n", False),
        ("c = C()\nd = vars(c)\ndel d['lock']\n", False),
        ("C.__getstate__ = lambda self: {}\nc = C()\n", False),
        ("setattr(C, '__reduce__', lambda self: (C, ()))\nc = C()\n", False),
        ("class D(C):\n    def __getstate__(self): return {}\nc = C()\n", True),
        ("class D(C):\n    def __getstate__(self): return {}\nc = D()\n", False),
        ("class B:\n    def __init_subclass__(cls): ...\nclass D(B, C): ...\nc = D()\n", False),
        ("class D(C):\n    def __setattr__(self, name, value): ...\nc = D()\n", False),
        ("class D(C):\n    def __new__(cls): return 1\nc = D()\n", False),
    ],
)
def test_attributes_of_instances(before: str, bad: bool) -> None:
    assert codes(f"{CLASS}{before}pickle.dumps(c)\n") == ["PIT401"] * bad


@pytest.mark.parametrize(
    ("fields", "bad"),
    [
        ("f: object\n", True),
        ("f: object\n    def __post_init__(self): self.f = self.f()\n", False),
        ("f: InitVar[object]\n", False),
        ("g: object = 1\n    f: object = lambda: 1\n", True),
        ("g: object = 1\n    f: ClassVar[object] = lambda: 1\n", False),
    ],
)
def test_fields_of_dataclasses(fields: str, bad: bool) -> None:
    start = "from dataclasses import dataclass, InitVar\nfrom typing import ClassVar\n@dataclass\nclass D:\n    "
    value = "1" if fields.startswith("g") else "lambda: 1"
    assert codes(f"{start}{fields}pickle.dumps(D({value}))\n") == ["PIT401"] * bad


@pytest.mark.parametrize(
    ("below", "bad"),
    [
        ("", True),
        ("class B(A):\n    def __getstate__(self): return {}\n", False),
        ("class B(A):\n    def __init__(self): ...\n", False),
        ("class B(A):\n    def __init__(self): super().__init__()\n", True),
        ("class B(A):\n    def other(self): ...\n", True),
    ],
)
def test_self_may_be_of_a_subclass(below: str, bad: bool) -> None:
    base = "class A:\n    def __init__(self): self.f = lambda: 1\n    def save(self): pickle.dumps(self)\n"
    assert codes(base + below) == ["PIT401"] * bad


def test_a_subclass_may_make_another_pool() -> None:
    base = (
        "class A:\n    def make(self): return ProcessPoolExecutor(1)\n"
        "    def go(self):\n        with self.make() as ex: ex.submit(lambda: 1)\n"
    )
    below = "class B(A):\n    def {}(self): return unknown()\n"
    assert codes(base) == codes(base + below.format("other")) == ["PIT401"]
    assert codes(base + below.format("make")) == []


@pytest.mark.parametrize(
    "before",
    [
        "if unknown: Pool = ThreadPool\n",
        "def f():\n    global Pool\n    Pool = ThreadPool\n",
        "multiprocessing.Pool = ThreadPool\n",
        "import elsewhere\nif unknown:\n    multiprocessing = elsewhere\n",
    ],
)
def test_names_that_are_bound_again(before: str) -> None:
    start = "from multiprocessing.pool import ThreadPool\n"
    pool = "multiprocessing.Pool" if "multiprocessing =" in before else "Pool"
    text = f"from multiprocessing import Pool\n{{}}{pool}().map(lambda x: x, [])\n"
    assert codes(start + text.format("")) == ["PIT401"]
    assert codes(start + text.format(before)) == []


def test_an_import_may_be_missing() -> None:
    text = "try:\n    from multiprocessing import Pool\nexcept ImportError:\n    Pool = None\n"
    assert codes(f"{text}Pool().map(lambda x: x, [])\n") == ["PIT401"]


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("def f():\n    {}\n", True),
        ("def f():\n    if multiprocessing.get_start_method() == 'fork':\n        {}\n", False),
        ("def f():\n    if multiprocessing.get_start_method() != 'fork':\n        return\n    {}\n", False),
        ("def f():\n    if sys.platform == 'win32':\n        print('!')\n    {}\n", True),
        ("@skipif(sys.platform == 'win32')\ndef f():\n    {}\n", False),
        ("M = 'fork'\nmultiprocessing.set_start_method(M)\ndef f():\n    {}\n", False),
        ("def f(m='fork'):\n    multiprocessing = multiprocessing_.get_context(m)\n    {}\n", False),
    ],
)
def test_the_code_around_may_decide_how_processes_start(source: str, bad: bool) -> None:
    text = source.format("multiprocessing.Process(target=lambda: None).start()")
    assert codes(f"import sys\nimport multiprocessing as multiprocessing_\n{text}") == ["PIT402"] * bad


@pytest.mark.parametrize(
    ("source", "bad"),
    [
        ("def test(self):\n    with self.assertRaisesMessage(E, '...'):\n        {}\n", False),
        ("def test(expectation):\n    with expectation:\n        {}\n", False),
        ("def test(lock):\n    with lock:\n        {}\n", True),
        ("def test():\n    expected = pytest.raises(E)\n    with expected:\n        {}\n", False),
        ("from pytest import raises as r\ndef test():\n    with r(E):\n        {}\n", False),
        ("def test():\n    with does_not_pickle():\n        {}\n", False),
        ("def test():\n    with pickles():\n        {}\n", True),
        ("def test():\n    def boom():\n        {}\n    with pytest.raises(E): boom()\n", False),
        ("def test(self):\n    def boom():\n        {}\n    self.assertRaises(E, boom)\n", False),
        ("def test():\n    def fine():\n        {}\n    fine()\n", True),
        ("def test():\n    with mock.patch('pickle.dumps'):\n        {}\n", False),
        ("def test():\n    with mock.patch('elsewhere.thing'):\n        {}\n", True),
        ("@patch('pickle.dumps', print)\ndef test():\n    {}\n", False),
        ("def test(monkeypatch):\n    monkeypatch.setattr(pickle, 'dumps', print)\n    {}\n", False),
    ],
)
def test_failures_that_tests_expect(source: str, bad: bool) -> None:
    start = (
        "import contextlib, pytest\nfrom unittest import mock\nfrom unittest.mock import patch\n"
        "@contextlib.contextmanager\ndef does_not_pickle():\n    try:\n        yield\n    except Exception: ...\n"
        "@contextlib.contextmanager\ndef pickles():\n    try:\n        yield\n    finally: ...\n"
    )
    assert codes(start + source.format("pickle.dumps(lambda: 1)")) == ["PIT401"] * bad


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("T = namedtuple('U', 'x')\n", ["PIT403"]),
        ("T = namedtuple('U', 'x')\nclass T(T): ...\n", []),
        ("T = namedtuple('U', 'x')\nclass Z(T): ...\n", []),
        ("T = namedtuple('U', 'x')\nclass Z(T): ...\nt = T(1)\n", ["PIT403"]),
        ("T = namedtuple('U', 'x')\ndef __getattr__(name): return T\n", []),
    ],
)
def test_names_of_types(source: str, expected: list[str]) -> None:
    assert codes(f"from collections import namedtuple\n{source}") == expected


@pytest.mark.parametrize(
    ("arguments", "bad"),
    [
        ("args=(x for x in 'ab')", False),
        ("args=map(lambda x: x, 'ab')", False),
        ("args=[lambda: 1]", True),
        ("kwargs=d", False),
        ("kwargs={'d': d}", True),
        ("kwargs=dict(f=lambda: 1)", True),
    ],
)
def test_processes_copy_their_arguments(arguments: str, bad: bool) -> None:
    start = f"{IMPORTS}d = defaultdict(lambda: 0, a=1)\n"
    assert codes(f"{start}multiprocessing.Process(target=print, {arguments}).start()\n") == ["PIT402"] * bad


def test_one_report_for_each_argument() -> None:
    assert (
        codes("e = ProcessPoolExecutor()\ne.submit(lambda: 1, lambda: 2, key=[lambda: 3, lambda: 4])\n")
        == ["PIT401"] * 3
    )


def test_a_report_starts_where_the_argument_does() -> None:
    text = f"{PRELUDE}multiprocessing.Pool().apply(\n    print,\n    args=(1, lambda: 2),\n)\n"
    (finding,) = Linter(Options(target_version=(3, 10))).findings(text, ast.parse(text), "a.py")
    assert (finding.line, finding.column) == (5, 9)


def test_fingerprints_survive_new_lines() -> None:
    text = f"{PRELUDE}def f():\n    pickle.dumps(lambda: 1)\n"
    linter = Linter(Options(target_version=(3, 10)))
    before, after = (linter.findings(source, ast.parse(source), "a.py") for source in (text, "\n" + text))
    assert [finding.fingerprint for finding in before] == [finding.fingerprint for finding in after]

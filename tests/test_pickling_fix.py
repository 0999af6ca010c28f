"""Tests of the fixes of what can't be pickled; the programs are in fixtures/pickling_fix."""

from __future__ import annotations

import ast
import pickle
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest

from flake8_pitfalls.fixes.apply import Outcome, Why, fix_text
from flake8_pitfalls.options import Options
from flake8_pitfalls.plugin import Linter
from tests.fixtures import FIXTURES, fixed
from tests.support import run as run_program

PROGRAMS = sorted(path for path in (FIXTURES / "pickling_fix").glob("*.py") if path.name.count(".") == 1)
HEAD = "import multiprocessing\nimport pickle\n"


def findings(text: str, filename: str = "a.py") -> list:
    linter = Linter(Options(target_version=(3, 10)), frozenset({"PIT403"}))
    found = linter.findings(text, ast.parse(text), filename)
    return [finding for finding in found if finding.code.startswith("PIT4")]


def fix(text: str, *, unsafe: bool = True, filename: str = "a.py") -> Outcome:
    def analyse(text: str) -> list:
        return findings(text, filename)

    wanted = [(finding.code, finding.line, finding.column) for finding in analyse(text)]
    assert wanted
    return fix_text(text, wanted, analyse, unsafe=unsafe)


def reasons(text: str, filename: str = "a.py") -> str:
    """Why nothing is fixed."""
    outcome = fix(text, filename=filename)
    assert outcome.text == text
    assert {left.why for left in outcome.left} == {Why.REFUSED}
    return "; ".join(sorted({left.reason for left in outcome.left}))


def program(body: str, *, before: str = "") -> str:
    """A function ``f(n)`` that pickles what its body calls ``work``."""
    code = indent(dedent(body).strip("\n"), "    ")
    return f"{HEAD}{before}\n\ndef f(n):\n{code}\n    return pickle.dumps(work)\n"


# -- programs that run ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
class TestProgram:
    @pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
    def test_it_is_fixed_as_expected(self, path: Path, unsafe: bool) -> None:
        outcome = fix(path.read_text(), unsafe=unsafe)
        assert outcome.text == fixed(path, unsafe=unsafe).read_text()
        assert not unsafe or not outcome.left

    def test_a_second_fix_changes_nothing(self, path: Path) -> None:
        assert findings(fixed(path).read_text()) == []

    def test_it_runs_when_it_is_fixed(self, path: Path, tmp_path: Path) -> None:
        copy = tmp_path / path.name
        copy.write_text(fixed(path).read_text())
        result = run_program(sys.executable, "-W", "error", path.name, cwd=tmp_path)
        assert (result.code, result.text) == (0, path.with_suffix(".out").read_text())


# -- what is refused -----------------------------------------------------------------------------------------------

REFUSED = {
    "def work(x, seen=[]):\n    return seen": "a default is made anew",
    "def work(x, seen=list()):\n    return seen": "a default is made anew",
    "def work(x, limit=LATE):\n    return limit": "'LATE' isn't bound yet",
    "T = int\ndef work(x: T):\n    return x": "an annotation reads 'T'",
    "def work(x):\n    nonlocal n\n    n += x": "'n' is nonlocal",
    "def work(x):\n    return eval('x')": "eval() may see variables",
    "def work(x):\n    return locals()": "locals() may see variables",
    "def work(x):\n    yield x": "it's a generator",
    "def work(x):\n    return x\nwork.count = 0": "the attribute 'count' of the function is used",
    "def work(x):\n    work.count += 1": "the attribute 'count' of the function is used",
    "if n:\n    def work(x): return x\nelse:\n    def work(x): return -x": "'work' is bound in several ways",
    "if n:\n    def work(x):\n        return x": "'work' is only defined on some paths",
    "found = []\ndef work(x):\n    found.append(x)": "'found' is changed",
    "found = {}\ndef work(x):\n    found[x] = 1": "'found' is changed",
    "found = []\ndef work(x):\n    here = found\n    here.append(x)": "'found' is changed",
    "found = []\ndef work(x):\n    add(found, x)": "'found' is changed",
    "found = []\nput = found.append\ndef work(x):\n    put(x)": "'put' changes an object",
    "rows = (i for i in range(n))\ndef work(x):\n    return sum(rows)": "'rows' is a generator",
    "lock = threading.Lock()\ndef work(x):\n    lock.acquire()": "'lock' can't be pickled either",
    "with open('a') as file:\n    def work(x):\n        return file.read()": "'file' can't be pickled either",
    "queue = multiprocessing.Queue()\ndef work(x):\n    queue.put(x)": "'queue' can only be given to a process when",
    "def work(x):\n    return late\nother = [work]\nlate = n\nlate = 2": "'late' may have no value",
    "k = 1\ndef work(x):\n    return k\ng = work\nk = 2": "'k' may change between",
    "if n:\n    k = 1\ndef work(x):\n    return x and k": "'k' may have no value where the function is used",
    "for k in n: print(k)\nwork = lambda: k": "'k' may have no value where the function is used",
    "import json\nm = threading\ndef work(x):\n    return m.local": "'m' is a module, which can't be pickled",
    "def work(x, k=n):\n    return k\nwork(1, 2)": "a call overrides a default",
    "try: import json as j\nexcept ImportError: import pickle as j\ndef work(x):\n    return j": "'j' is imported in",
    "def inner(x):\n    return x + n\ndef work(n):\n    return inner(n)": "'n' means something else",
    "work = lambda x: (yield x)": "it's a generator",
    "class work:\n    found = []": "an attribute of the class is made anew",
    "class work:\n    def g(self):\n        return n": "the class reads 'n'",
    "class work(metaclass=Meta):\n    pass": "a metaclass or another keyword",
    "class work(Base):\n    pass": "'Base' is told of its subclasses",
    "class work(Model):\n    pass": "the base 'Model' may register its subclasses",
    "@register\nclass work:\n    pass": "the decorator 'register' would run once",
    "class work:\n    count = 0\n    def g(self):\n        type(self).count += 1": "the class changes its",
    "class work:\n    limit = LATE": "'LATE' isn't bound yet",
    "class work:\n    def g(self, limit=LEVEL): ...": "'LEVEL' isn't bound yet where the definition would go, or may",
    "class work:\n    limit = OPTIONS['limit']": "'OPTIONS['limit']' may change after the import",
    "class work:\n    def g(self, seen=[]): ...": "a default of a method is made anew",
    "class work:\n    print(1)": "the body of the class does more than to define",
    "class work:\n    class B(Base): ...": "the class contains 'B', which would be made once",
    "class work:\n    @register\n    def g(self): ...": "the decorator 'register' would run once",
    "def work(x, limit=LEVEL): ...": "'LEVEL' isn't bound yet where the definition would go, or may change later",
    "def work(x, limit=OPTIONS['limit']): ...": "'OPTIONS['limit']' may change after the import",
    "def work(x): return n\nknown = {work: 1}": "it's compared, and no functools.partial is equal",
    "def work(x): return n\nknown = [work]\nprint(known[0].__name__)": "this module reads names of functions",
    "work = [i for i in range(n)], (i for i in range(n))": "generators and coroutines can't be pickled",
    "work = threading.Lock()": "locks, files, connections and modules stay in their process",
}
BEFORE = dedent(
    """\
    import threading
    from models import Model

    class Meta(type): pass

    class Base:
        def __init_subclass__(cls): pass

    class taken: pass

    def register(f): return f

    LEVEL = 1
    OPTIONS = {"limit": 2}

    def set_level(level):
        global LEVEL
        LEVEL = level

    def add(rows, x): rows.append(x)
    """
)


@pytest.mark.parametrize("body", REFUSED)
def test_refused(body: str) -> None:
    text = program(body, before=BEFORE) + "\nLATE = 1\n"
    assert REFUSED[body] in reasons(text)


@pytest.mark.parametrize("decorator", ["functools.lru_cache", "functools.lru_cache(maxsize=2)"])
def test_a_decorator_runs_once_at_import(decorator: str) -> None:
    text = program(f"@{decorator}\ndef work(x):\n    return x", before="import functools\n")
    assert "would run once, at import" in reasons(text)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("def work(a):\n    return a.__x", "'__x' is private to the class around it"),
        ("def work(a):\n    return super().f()", "super() and __class__ mean the class around it"),
        ("def work(a):\n    return __class__", "super() and __class__ mean the class around it"),
        ("def work(a):\n    self.x = a", "'self.x' is set"),
        ("def work(a):\n    self.found.append(a)", "'self.found' is changed"),
        ("def work(a):\n    return self.lock", "'self.lock' can't be pickled either"),
        ("def work(a):\n    return self.f()", "'self' holds what can't be pickled"),
    ],
)
def test_refused_in_a_method(body: str, reason: str) -> None:
    method = indent(f"def g(self):\n{indent(body, '    ')}\n    return pickle.dumps(work)\n", "    ")
    start = "    def __init__(self):\n        self.found = []\n        self.lock = threading.Lock()\n"
    start += "\n    def f(self): ...\n"
    assert reason in reasons(f"{HEAD}import threading\n\n\nclass A:\n{start}\n{method}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Point = namedtuple('Pt', 'x')\nPt = Point\n", "'Pt' is bound in this module too"),
        ("class A:\n    Point = namedtuple('Point', 'x')\n", "a type in a class isn't found by its name alone"),
        ("Point = namedtuple('A', 'x')\nPoint = namedtuple('B', 'x')\n", "'Point' is bound in several ways"),
    ],
)
def test_types_that_are_not_renamed(text: str, reason: str) -> None:
    found = [finding.fix for finding in findings(f"from collections import namedtuple\nimport pickle\n{text}")]
    assert all(reason in getattr(fix, "reason", "") for fix in found)


def test_a_comment_says_that_it_is_meant() -> None:
    text = program("def work(x):  # noqa: PIT401\n    return x")
    assert reasons(text) == "a noqa comment says that what is pickled is meant"


@pytest.mark.parametrize(
    ("body", "fixed"),
    [
        ("x = 1\np = Process(target=lambda: print(x))\nx = 2\np.start()", ""),
        ("x = 1\np = Process(target=lambda: print(-x))\nx = 2\np.start()", ""),
        ("ps = [Process(target=lambda: print(x)) for x in n]\nps[0].start()", ""),
        ("for x in n:\n    ps.append(Process(target=lambda: print(x)))\nps[0].start()", ""),
        ("x = 1\ndef g():\n    nonlocal x\n    x = 2\np = Process(target=lambda: print(x))\ng()\np.start()", ""),
        ("for x in n:\n    p = Process(target=lambda: print(x))\n    ps.append(p)\n    p.start()", "args=(x,)"),
        ("for x in n:\n    Process(target=lambda: print(x)).start()", "args=(x,)"),
        ("x = 1\nx = 2\np = Process(target=lambda: print(x))\nif ps:\n    p.start()", "args=(x,)"),
    ],
)
def test_processes_take_values_when_they_start(body: str, fixed: str) -> None:
    text = f"from multiprocessing import Process\n\n\ndef f(n, ps):\n{indent(body, '    ')}\n"
    assert (fixed in fix(text).text) if fixed else ("may change between" in reasons(text))


def test_what_a_spawned_process_does_not_have() -> None:
    text = f"{HEAD}\n\ndef f():\n    def work(x):\n        return x * K\n    pickle.dumps(work)\n"
    assert "'K' is bound under the __main__ guard" in reasons(
        f"{text}\n\nif __name__ == '__main__':\n    K = 1\n    f()\n"
    )


def test_a_test_runner_would_collect_it() -> None:
    text = f"import pytest\n{HEAD}\n\ndef f():\n    class TestCase:\n        pass\n    pickle.dumps(TestCase)\n"
    assert "a test runner would collect 'TestCase'" in reasons(text)


# -- one text for each form ----------------------------------------------------------------------------------------


def moved(body: str, before: str = "") -> str:
    """What comes of the function, without the head."""
    outcome = fix(program(body, before=before))
    assert outcome.left == []
    return outcome.text.removeprefix(HEAD)


FORMS = {
    "def work(x): return x": "\n\ndef work(x): return x\n\n\ndef f(n):\n    return pickle.dumps(work)\n",
    "def work(): return n": (
        "import functools\n\n\ndef work(n): return n\n\n\n"
        "def f(n):\n    return pickle.dumps(functools.partial(work, n))\n"
    ),
    "work = lambda: 1  # one": "\n\n# one\ndef work():\n    return 1\n\n\ndef f(n):\n    return pickle.dumps(work)\n",
    "work = lambda *a, k=2, **o: (a, k)": (
        "\n\ndef work(*a, k=2, **o):\n    return (a, k)\n\n\ndef f(n):\n    return pickle.dumps(work)\n"
    ),
    "work: object = lambda: 1": (
        "\n\ndef _work():\n    return 1\n\n\ndef f(n):\n    work: object = _work\n    return pickle.dumps(work)\n"
    ),
    "def work(x, k=n): return k": (
        "import functools\n\n\ndef _work(x, k): return k\n\n\n"
        "def f(n):\n    work = functools.partial(_work, k=n)\n    return pickle.dumps(work)\n"
    ),
    "def work(x, j=1, k=n): return k": (
        "import functools\n\n\ndef _work(x, j=1, k=None): return k\n\n\n"
        "def f(n):\n    work = functools.partial(_work, k=n)\n    return pickle.dumps(work)\n"
    ),
    "def work(*a, **o): return n, o": (
        "import functools\n\n\ndef work(n, /, *a, **o): return n, o\n\n\n"
        "def f(n):\n    return pickle.dumps(functools.partial(work, n))\n"
    ),
    "work = lambda **o: (n, o)": (
        "import functools\n\n\ndef work(n, /, **o):\n    return (n, o)\n\n\n"
        "def f(n):\n    return pickle.dumps(functools.partial(work, n))\n"
    ),
    "import json\ndef work(x): return json.dumps(x)": (
        "\n\ndef work(x): import json; return json.dumps(x)\n\n\n"
        "def f(n):\n    import json\n    return pickle.dumps(work)\n"
    ),
    "import os.path, json as j\nwork = lambda x: os.path.join(j, x)": (
        "\n\ndef work(x):\n    import os.path\n    import json as j\n    return os.path.join(j, x)\n\n\n"
        "def f(n):\n    import os.path, json as j\n    return pickle.dumps(work)\n"
    ),
}


@pytest.mark.parametrize("body", FORMS)
def test_form(body: str) -> None:
    assert moved(body) == FORMS[body]


def test_the_name_of_a_class_is_taken() -> None:
    text = fix(program("class work:\n    def g(self):\n        return work", before="def work(): ...\n")).text
    assert "\n\nclass _work:\n    def g(self):\n        return _work\n" in text
    assert text.endswith("    return pickle.dumps(_work)\n")


NAMED = {
    "STEP = 2; work = lambda: STEP; DOWN = 3  # three": (
        "STEP = 2\n\n\ndef work():\n    return STEP\n\n\nDOWN = 3  # three\n"
    ),
    "work: object = lambda: 1": "def _work():\n    return 1\n\n\nwork: object = _work\n",
    "twice = work = lambda: 1": "def _twice():\n    return 1\n\n\ntwice = work = _twice\n",
}


@pytest.mark.parametrize("line", NAMED)
def test_lambdas_of_the_module(line: str) -> None:
    assert fix(f"import pickle\n\n\n{line}\n\n\npickle.dumps(work)\n").text == (
        f"import pickle\n\n\n{NAMED[line]}\n\npickle.dumps(work)\n"
    )


def test_defaults_of_lambdas_of_classes() -> None:
    text = fix(
        "from multiprocessing import Pool\n\n\nclass A:\n    K = 1\n    work = lambda self, x, k=K: x\n\n"
        "    def run(self):\n        with Pool() as pool:\n            pool.map(self.work, 'ab')\n"
    ).text
    assert "    K = 1\n\n    def work(self, x, k=K):\n        return x\n\n    def run" in text


def test_all_that_an_object_holds_is_fixed_together() -> None:
    text = moved(
        "class Level(enum.Enum):\n    LOW = 1\n\nclass Entry:\n    size = 1\n\n"
        "one = defaultdict(lambda: [1])\nwork = (Entry(), Level.LOW, one)",
        "import enum\nfrom collections import defaultdict\n",
    )
    assert "\n\nclass Level(enum.Enum):\n    LOW = 1\n\n\nclass Entry:\n" in text
    assert "\n\ndef _default():\n    return [1]\n" in text


def test_a_constructor_of_which_nothing_is_left() -> None:
    text = (
        "import pickle\n\n\nclass Job:\n    def __init__(self):\n"
        "        self.run = lambda x: x + 1\n        self.stop = lambda x: x - 1\n\n\n"
        "text = pickle.dumps(Job())\n"
    )
    outcome = fix(text, unsafe=False)
    assert "def __init__(self):\n        pass\n" in outcome.text
    sys.modules["jobs"] = module = type(sys)("jobs")
    try:
        exec(outcome.text, module.__dict__)
        job = pickle.loads(module.text)
    finally:
        del sys.modules["jobs"]
    assert (job.run(1), job.stop(1)) == (2, 0)


def test_a_constructor_of_which_something_is_left() -> None:
    text = (
        "import pickle\n\n\nclass Job:\n    def __init__(self, x):\n"
        "        self.run = lambda: 1\n        self.stop = lambda: x\n\n\n"
        "text = pickle.dumps(Job(2))\n"
    )
    assert "pass" not in fix(text).text


def test_a_decorator_that_is_a_class() -> None:
    head = "import functools\nimport multiprocessing\n\n\nclass Counted:\n    def __init__(self, function):\n"
    head += "        functools.update_wrapper(self, function)\n        self.function = function\n\n"
    head += "    def __call__(self, x): ...\n"
    rest = "\n\n@Counted\ndef work(): ...\n\n\nmultiprocessing.Pool().map(work, 'ab')\n"
    fixed = f"{head}\n    def __reduce__(self):\n        return self.__qualname__\n{rest}"
    assert fix(f"{head}{rest}").text == fixed
    assert fix(f"{head}{rest}", unsafe=False).fixed == 0
    assert "makes an object that isn't found by name" in reasons(f"{head}{rest}Counted(len)\n")


def test_fixes_inside_other_reported_expressions() -> None:
    head = "import pickle\n\n\ndef f(n):\n    k = lambda: 1\n"
    text = fix(f"{head}    pickle.dumps([k, lambda: 2])\n    pickle.dumps([k, (i for i in n)])\n").text
    assert "pickle.dumps([k, _function])" in text


CALLS = {
    "pool.map(lambda r: r[1], n)": "pool.map(operator.itemgetter(1), n)",
    "pool.map(lambda r: r.a.b, n)": 'pool.map(operator.attrgetter("a.b"), n)',
    "pool.map(lambda r: r.get('a', 1), n)": "pool.map(operator.methodcaller(\"get\", 'a', 1), n)",
    "pool.map(lambda r: -r, n)": "pool.map(operator.neg, n)",
    "pool.starmap(lambda a, b: a + b, n)": "pool.starmap(operator.add, n)",
    "pool.map(lambda r: g(*r), n)": "pool.starmap(g, n)",
    "pool.map_async(lambda r: g(*r), n)": "pool.starmap_async(g, n)",
    "pool.imap(lambda r: g(r), n)": "pool.imap(g, n)",
    "pool.imap(lambda r: g(1, r), n)": "pool.imap(functools.partial(g, 1), n)",
    "pool.apply_async(lambda: g(n, k=2))": 'pool.apply_async(g, (n,), {"k": 2})',
    "pool.apply_async(lambda: g(), callback=print)": "pool.apply_async(g, callback=print)",
    "executor.submit(lambda: g(n, k=2))": "executor.submit(g, n, k=2)",
    "executor.submit(lambda: g(k=n))": "executor.submit(g, k=n)",
    "executor.map(lambda x: h.g(n, x), n)": "executor.map(functools.partial(h.g, n), n)",
    "Process(target=lambda: g(n, k=2)).start()": 'Process(target=g, args=(n,), kwargs={"k": 2}).start()',
    "Process(target=lambda: g()).start()": "Process(target=g).start()",
    "Process(target=(lambda: g(n))).start()": "Process(target=g, args=(n,)).start()",
}


@pytest.mark.parametrize("call", CALLS)
def test_calls_of_lambdas(call: str) -> None:
    head = "import functools\nimport operator\nfrom multiprocessing import Process\n"
    head += "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing.pool import Pool\n"
    head += "import h\n\n\ndef g(*args, k=0): ...\n\n\n"
    start = f"{head}def f(pool: Pool, executor: ProcessPoolExecutor, n):\n    "
    assert fix(f"{start}{call}\n").text == f"{start}{CALLS[call]}\n"


@pytest.mark.parametrize(
    "call",
    [
        "pool.map(lambda r: r.__a, n)",
        "pool.map(lambda r: r[n], n)",
        "pool.map(lambda r, s=1: r[0], n)",
        "pool.map(lambda r: g(r, n), n)",
        "pool.map(lambda r: g(r, r), n)",
        "pool.apply_async(lambda: g(g()))",
        "pool.imap(lambda r: g(*r), n)",
        "pool.apply(lambda r: r[0], kwds={'r': n})",
        "pool.apply(lambda r: g(r), (), {'r': n})",
    ],
)
def test_lambdas_that_need_a_function(call: str) -> None:
    start = "from multiprocessing.pool import Pool\n\n\ndef g(*args, k=0): ...\n\n\n"
    text = fix(f"{start}def f(pool: Pool, n):\n    {call}\n").text
    assert "lambda" not in text
    assert "def _task(" in text
    compile(text, "a.py", "exec")


FACTORIES = {
    "0": "int",
    "0.0": "float",
    "''": "str",
    "[]": "list",
    "{}": "dict",
    "()": "tuple",
    "set()": "set",
    "False": "bool",
    "None": "type(None)",
    "Box()": "Box",
    "Box(1)": "functools.partial(Box, 1)",
    "defaultdict(int)": "functools.partial(defaultdict, int)",
    "defaultdict(lambda: 0)": "functools.partial(defaultdict, int)",
    "deque(maxlen=3)": "functools.partial(deque, maxlen=3)",
    "float('inf')": "functools.partial(float, 'inf')",
    "7": "_default",
    "[0]": "_default",
    "Box(next(ids))": "_default",
    "Box([])": "_default",
}


@pytest.mark.parametrize("value", FACTORIES)
def test_factories(value: str) -> None:
    head = "import functools\nimport pickle\nfrom collections import defaultdict, deque\n\nids = iter('a')\n"
    head += "\n\nclass Box: ...\n\n\n"
    text = fix(f"{head}def f():\n    made = defaultdict(lambda: {value})\n    pickle.dumps(made)\n").text
    assert f"    made = defaultdict({FACTORIES[value]})\n" in text
    assert ("def _default():\n    return" in text) is (FACTORIES[value] == "_default")


def test_factories_of_factories() -> None:
    text = moved("work = defaultdict(lambda: defaultdict(lambda: [n]))", "from collections import defaultdict\n")
    assert "def _default(n):\n    return defaultdict(functools.partial(_default_2, n))\n" in text
    assert "def _default_2(n):\n    return [n]\n" in text


def test_line_ends_and_tabs_stay() -> None:
    text = "import pickle\r\n\r\n\r\ndef f(n):\r\n"
    text += "\tdef work(x):\r\n\t\treturn x * n\r\n\r\n\treturn pickle.dumps(work)\r\n"
    assert fix(text).text == (
        "import pickle\r\nimport functools\r\n\r\n\r\ndef work(n, x):\r\n\treturn x * n\r\n\r\n\r\n"
        "def f(n):\r\n\treturn pickle.dumps(functools.partial(work, n))\r\n"
    )


def test_it_goes_in_front_of_decorators_and_comments() -> None:
    text = "import pickle\nx = 1\n# About f.\n@print\ndef f():\n"
    text += "    # About work.\n    def work(): ...\n    pickle.dumps(work)\n"
    assert fix(text).text == (
        "import pickle\nx = 1\n\n\n# About work.\ndef work(): ...\n\n\n"
        "# About f.\n@print\ndef f():\n    pickle.dumps(work)\n"
    )


def test_annotations_that_are_not_evaluated() -> None:
    text = "from __future__ import annotations\nimport pickle\n\n\ndef f():\n    T = int\n"
    text += "    def work(x: T) -> T:\n        return x\n    pickle.dumps(work)\n"
    assert "\n\n\ndef work(x: T) -> T:\n    return x\n\n\ndef f():\n    T = int\n    pickle" in fix(text).text


def test_functools_means_something_else() -> None:
    text = fix(program("functools = 1\ndef work(x):\n    return n")).text
    assert text.startswith(f"{HEAD}import functools as _functools\n\n\ndef work(n, x):\n")
    assert text.endswith("    return pickle.dumps(_functools.partial(work, n))\n")


def test_existing_imports_are_used() -> None:
    assert "pickle.dumps(partial(work, n))" in moved("def work(x):\n    return n", "from functools import partial\n")
    assert "pickle.dumps(ft.partial(work, n))" in moved("def work(x):\n    return n", "import functools as ft\n")

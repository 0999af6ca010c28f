"""What the screen of PIT4xx leaves out, and what it doesn't."""

from __future__ import annotations

import ast
import textwrap

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.rules import analyse, report
from flake8_pitfalls.screen import Candidates, candidates
from flake8_pitfalls.semantics.module import SourceModule

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())
IMPORTS = (
    "import collections, copy, dataclasses, functools, itertools, multiprocessing, os, pickle, queue, sys, threading; "
    "from concurrent.futures import ProcessPoolExecutor; from multiprocessing import Manager, Pool, Process, Queue\n"
)
"""One line, so that what comes behind it starts on line 2."""


def lines(text: str) -> list[int]:
    return sorted(candidates(text, ast.parse(text), OPTIONS).families["pickling"])


def code(*body: str) -> str:
    return IMPORTS + "\n".join(textwrap.dedent(part).strip("\n") for part in body) + "\n"


@pytest.mark.parametrize(
    "body",
    [
        "def save(value, file):\n    pickle.dump(value, file)",
        "class Store:\n    def save(self, value):\n        with open(1) as f:\n            pickle.dump(value, f)",
        "def dump(value):\n    return value",
        "def f():\n    'call pickle.dumps(lambda: 1)'\n    # pickle.dumps(lambda: 1)",
        "async def save(a, value, /, *, c=1):\n    pickle.dumps(value, c)",
        "def dumps(): ...",
    ],
)
def test_nothing_can_be_wrong_here(body: str) -> None:
    assert lines(f"import pickle\n{body}\n") == []
    assert lines(code(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        # What isn't known.
        "def save(value: Local):\n    pickle.dumps(value)",
        "def save(value):\n    return pickle.dumps(value.name), pickle.dumps(obj=value), pickle.dumps(other)",
        "def save(value):\n    from x import value\n    pickle.dumps(value)",
        "try: pass\nexcept E as value:\n    pickle.dumps(value)",
        "pickle.dumps(f'{x}'), pickle.dumps(-x), pickle.dumps(x == y), pickle.dumps('%s' % x)",
        "from x import Thing, make\npickle.dumps([Thing(lambda: 1), make(x for x in y)])",
        "print(pickle.dumps(sum(x for x in y)), pickle.dumps(','.join(x for x in y)))",
        # The file isn't pickled.
        "pickle.dump(value, open('f', 'wb'))",
        "def f(s):\n    return pickle.dumps(s, key=lambda x: x)",
        # Functions and classes that are found by their names.
        "def work(x):\n    return [x]\nPool().map(work, range(3))\nProcess(target=work, args=(1,)).start()",
        "@functools.wraps(print)\ndef work(x):\n    return x\nProcess(target=work).start()",
        "class Worker:\n    def __init__(self, x):\n        self.x = x\n    def work(self): return self.x\n"
        "    def go(self):\n        Process(target=self.work).start()\n        pickle.dumps(self)",
        "class Own:\n    def __init__(self):\n        self.lock = threading.Lock()\n"
        "    def __getstate__(self): return {}\npickle.dumps(Own())",
        "class Case(unittest.TestCase):\n    def setUp(self): self.f = lambda: 1\n"
        "    def test(self): pickle.dumps(self)",
        "Point = collections.namedtuple('Point', 'x y')\npickle.dumps(Point(1, 2))",
        # What else is in the file doesn't get there.
        "def f():\n    value = lambda: 1\ndef g(value):\n    pickle.dumps(value)",
        "def f():\n    value = lambda: 1\ndef g():\n    value = [1]\n    pickle.dumps(value)",
        "lock = threading.Lock()\ndef f(lock):\n    pickle.dumps(lock)",
        "def f(x):\n    x.sort(key=lambda y: y)\n    return pickle.dumps(x)",
        "def f(path):\n    with open(path) as file:\n        data = file.read()\n    pickle.dumps(data)",
        "class A:\n    def __init__(self): self.lock = threading.Lock()\nclass B:\n"
        "    def __init__(self): self.n = [1]\n    def save(self): pickle.dumps(self)",
        # Locks may be shared with a process that is started.
        "lock = multiprocessing.Lock()\nProcess(target=print, args=(lock, Queue())).start()\n"
        "Pool(2, print, (lock,), context=multiprocessing.get_context('spawn'))",
        # No pool, no queue, no manager.
        "list(map(lambda x: x, y))",
        "import atexit\natexit.register(lambda: 1)",
        "class Manager:\n    def f(self):\n        self.dict[lambda: 1] = dict(a=1)",
        "def f(loop):\n    loop.run_in_executor(ProcessPoolExecutor(), print, 1)",
    ],
)
def test_what_can_be_pickled_is_left_out(body: str) -> None:
    assert lines(code(body)) == []


@pytest.mark.parametrize(
    "text",
    [
        "'''\nimport pickle\n'''\npickle.dumps(lambda: 1)\n",
        "'''\nimport shelve\n'''\nfrom pickle import Pickler\ns['a'] = lambda: 1\n",
        "import pickle\nclass Manager: ...\nqueue.append(lambda: 1)\nqueue.name = lambda: 1\n",
        "import multiprocessing\natexit.register(lambda: 1)\n",
        "from joblib import Memory, Parallel\nf(lambda: 1)\n",
    ],
)
def test_only_what_is_imported_pickles(text: str) -> None:
    assert lines(text) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("pickle.dumps(lambda: 1)", 2),
        ("def save(value=lambda: 1):\n    pickle.dumps(value)", 3),
        ("def save(value):\n    if value is None:\n        value = lambda: 1\n    pickle.dumps(value)", 5),
        ("def save(value):\n    def value(): ...\n    pickle.dumps(value)", 4),
        ("def save(value):\n    for value in [lambda: 1]:\n        pickle.dumps(value)", 4),
        ("def save(value):\n    return pickle.dumps([value, lambda: 1])", 3),
        ("def save(value):\n    return pickle.dumps(value), pickle.dumps(lambda: 1)", 3),
        ("def save(value):\n    return pickle.dumps \\\n        (lambda: 1)", 3),
        ("dumps = pickle.dumps\nsave = dumps\nsave(lambda: 1)", 4),
        ("def save(value):\n    return (pickle.dumps)(lambda: 1)", 3),
        ("def save(value):\n    return (pickle.dumps  # why (not)\n        (lambda: 1))", 3),
        ("@decorate(pickle.dumps(lambda: 1))\ndef f(): ...", 3),
        ("print(f'{pickle.dumps(lambda: 1)}')", 2),
        ("value = lambda: 1\ndef save(value=pickle.dumps(value)): ...", 3),
    ],
)
def test_something_may_be_wrong_here(body: str, line: int) -> None:
    assert line in lines(code(body))


LAMBDAS = """
def make():
    return lambda: 1
class Task:
    def __init__(self, what):
        self.what = what
    def run(self): ...
class Locked:
    def __init__(self):
        self.lock = threading.Lock()
    def work(self): ...
class Below(Locked): ...
@dataclasses.dataclass
class Data:
    lock: object = dataclasses.field(default_factory=threading.Lock)
def decorate(function):
    def wrapper(): ...
    return wrapper
@decorate
def decorated(): ...
def generate():
    yield 1
def bad_result(x):
    return lambda: x
Wrong = collections.namedtuple("Right", "x")
context = multiprocessing.get_context("spawn")
new_lock = threading.Lock
"""


@pytest.mark.parametrize(
    "body",
    [
        # What can't be pickled.
        "pickle.dumps(make())",
        "pickle.dumps(Task(lambda: 1))",
        "pickle.dumps(Task(what=lambda: 1).run)",
        "pickle.dumps(Locked())",
        "pickle.dumps(Below().work)",
        "pickle.dumps(Locked().__dict__), pickle.dumps(vars(Locked()))",
        "pickle.dumps(Data())",
        "pickle.dumps(decorated)",
        "pickle.dumps(generate())",
        "pickle.dumps(Wrong(1))",
        "pickle.dumps(context.Queue()), pickle.dumps(context.Pool())",
        "new = context.Lock\npickle.dumps(new())",
        "pickle.dumps(new_lock())",
        "pickle.dumps({'a': 1}.values())",
        "pickle.dumps(os), pickle.dumps(sys.stdout)",
        "pickle.dumps(queue.Queue())",
        "Pool().map(bad_result, [1])",
        "work = functools.partial(bad_result, 1)\nPool().apply(work)",
        "def f():\n    class Local: ...\n    pickle.dumps(Local())",
        "def f():\n    class Local:\n        def save(self): pickle.dumps(self)",
        "class C:\n    def __work(self): ...\n    def go(self): Process(target=self.__work).start()",
        "class C:\n    def __init__(self): self.f = lambda: 1\n    def go(self): Process(target=self.go).start()",
        "class C:\n    f = lambda: 1\n    def go(self): pickle.dumps(self.f)",
        "if __name__ == '__main__':\n    def guarded(): ...\n    Pool().map(guarded, [1])",
        "class P(Process):\n    def __init__(self):\n        super().__init__()\n        self.f = lambda: 1\n"
        "P().start()",
        "class P(Process):\n    def __init__(self):\n        super().__init__(target=lambda: 1)\nP().start()",
        # The ways that it takes.
        "x = [lambda: 1]\ny, z = x, 1\npickle.dumps(y)",
        "x = []\nx.append(lambda: 1)\nPool().map(print, x)",
        "x = {}\nx['a'] = lambda: 1\npickle.dumps(x)",
        "x = {}\nx.update({'a': lambda: 1})\npickle.dumps({**x})",
        "x = Task(1)\nx.other = lambda: 1\npickle.dumps(x)",
        "x = {'a': lambda: 1}\npickle.dumps(x['a']), Pool().map(print, x.values())",
        "[pickle.dumps(f) for f in [lambda: 1]]",
        "for name, f in [('a', lambda: 1)]: pickle.dumps(f)",
        "for f in make(), lambda: 1: Process(target=f).start()",
        "pickle.dumps([f for f in [lambda: 1]])",
        "if (f := lambda: 1): pickle.dumps(f)",
        "pickle.dumps(make() if x else lambda: 2)",
        "pickle.dumps([lambda: 1] * 2)",
        "pickle.dumps(dict(a=lambda: 1)), pickle.dumps(collections.defaultdict(lambda: 1))",
        "pickle.dumps(collections.ChainMap({'a': lambda: 1}))",
        "pickle.dumps(functools.partial(print, (x for x in y)))",
        "pickle.dumps(list(zip([lambda: 1], [2])))",
        "pickle.dumps(copy.copy(lambda: 1)), pickle.dumps(list(itertools.repeat(lambda: 1, 2)))",
        "def f():\n    global g\n    g = lambda: 1\n    def h(): ...\n    pickle.dumps(h)\nf()",
        "with threading.Lock() as lock: pickle.dumps(lock)",
        "def f(x):\n    def g(): return x\n    Process(target=g).start()",
        # What pickles it.
        "submit = ProcessPoolExecutor().submit\nsubmit(lambda: 1)",
        "with ProcessPoolExecutor() as pool: pool.map(lambda x: x, [1])",
        "Pool(2, lambda: 1)",
        "ProcessPoolExecutor(initializer=print, initargs=(lambda: 1,))",
        "Process(None, print, 'name', (lambda: 1,), {'a': lambda: 1}).start()",
        "Process(target=print, kwargs=dict(a=lambda: 1)).start()",
        "Queue().put(multiprocessing.Lock())",
        "Manager().dict(a=lambda: 1)",
        "n = Manager().Namespace()\nn.f = lambda: 1",
        "from multiprocessing.managers import BaseManager\nclass M(BaseManager): ...\n"
        "M.register('f', callable=lambda: 1)\nM().start()",
        "async def f(loop): await loop.run_in_executor(ProcessPoolExecutor(), lambda: 1)",
        "import shelve\ns = shelve.open('s')\ns['a'] = lambda: 1",
        "import joblib\njoblib.Parallel(n_jobs=2, backend='multiprocessing')(joblib.delayed(lambda: 1)() for x in y)",
        "import joblib\nmemory = joblib.Memory('m')\n@memory.cache\ndef cached(x): ...\ncached(lambda: 1)",
        "import joblib\nmemory = joblib.Memory('m')\nmemory.cache(print)(1, lambda: 1)",
        "from sklearn.pipeline import Pipeline\nPipeline([('a', lambda: 1), ('b', 2)], memory='m')",
    ],
)
def test_what_is_found_without_the_screen_is_found_with_it(body: str) -> None:
    text = code(LAMBDAS, body)
    tree = ast.parse(text)
    everything = Candidates({"pickling": Candidates.everything(tree).lines})
    expected = [each for each in analyse(SourceModule(text, tree), everything, OPTIONS) if each.code != "PIT403"]
    assert expected
    assert report(text, tree, "-", Candidates({"pickling": frozenset(lines(text))}), OPTIONS) == expected


def test_the_analysis_decides_where_there_is_too_much_to_follow() -> None:
    """A name that is bound a thousand times, and read as often, isn't followed each time."""
    text = IMPORTS + "x = lambda: 1\n" + "x = f()\npickle.dumps([x])\n" * 1000
    assert len(lines(text)) > 900
    assert lines(IMPORTS + "x = f()\npickle.dumps([x])\n" * 1000) == []


def test_aliases_that_go_in_circles() -> None:
    text = IMPORTS + "a = threading\nb = a.b\na = b.a\nb = a.c\npickle.dumps(a.b), pickle.dumps(a.Lock())\n"
    assert lines(text) == [6]

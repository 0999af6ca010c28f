"""How the time grows with the size of a file: generated files, each measured in a process of its own."""

from __future__ import annotations

import ast
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from tests.benchmarks.measure import ROOT, Trouble, environment, last_line
from tests.benchmarks.tables import number, table

SIZES = (1_000, 2_000, 10_000)
LARGE = 100_000
GOAL = 2.3
"""The factor that twice the size may take."""

TIME_LIMIT = 120
"""Seconds for one file."""
GIVEN_UP = -1.0
"""Stands for the seconds of a file that was given up, since it would take too long."""
STAGES = ("ast.parse", "report", "fix")

Times = dict[str, float]


def small_functions(lines: int) -> str:
    """Functions of five lines with nothing to find."""
    function = (
        "def f{0}(first, second=None):\n    if second is None:\n        second = []\n    return [first, *second]\n\n"
    )
    return "".join(function.format(place) for place in range(lines // 5))


def mixed_functions(lines: int) -> str:
    """Functions of ten lines that have a default which is only read, and a closure that ends in time."""
    function = (
        "def f{0}(first, known={{}}):\n    found = []\n    for item in first:\n"
        "        if item in known:\n            found.append(known[item])\n        else:\n"
        "            found.append(sorted(first, key=lambda other: other - item))\n"
        "    first = len(found)\n    return found, first\n\n"
    )
    return "".join(function.format(place) for place in range(lines // 10))


def one_function(lines: int) -> str:
    """One function with a default that is changed at its end, and closures here and there."""
    step = (
        "    if items[{0}]:\n        x{0} = items[{0}] + 1\n    else:\n        x{0} = None\n"
        "    items.sort(key=lambda item: item + x{0})\n"
    )
    steps = (step.format(place) for place in range(lines // 5))
    return "".join(["def f(items, seen=[]):\n", *steps, "    seen.append(items)\n    return seen\n"])


def one_class(lines: int) -> str:
    """One class whose methods use each other and share an attribute."""
    method = (
        "    def m{0}(self, items=()):\n        self.items.append({0})\n        found = self.m{1}(items)\n"
        "        return found\n\n"
    )
    methods = (method.format(place, place // 2) for place in range(lines // 5))
    return "".join(["class C:\n    items = []\n\n", *methods])


def nested_loops(lines: int) -> str:
    """Loops nested 18 deep, with closures on each level that read the variables of all loops around them."""
    depth = 18
    parts = ["def f(xs, out):\n"]
    for level in range(depth):
        indent = "    " * (level + 1)
        parts.append(f"{indent}for x{level} in xs:\n")
        names = " + ".join(f"x{outer}" for outer in range(level + 1))
        closures = range((lines - depth) // depth)
        parts += [f"{indent}    out.append(lambda: {names} + {place})\n" for place in closures]
    return "".join(parts)


def closures_in_loops(lines: int) -> str:
    """Functions with loops nested from 1 to 18 deep and a closure in each loop: as many closures as loops."""
    parts: list[str] = []
    count, place = 0, 0
    while count < lines:
        depth = place % 18 + 1
        parts.append(f"def f{place}(xs, out):\n")
        for level in range(depth):
            indent = "    " * (level + 1)
            parts.append(f"{indent}for x{level} in xs:\n{indent}    out.append(lambda: x{level})\n")
        count += 2 * depth + 1
        place += 1
    return "".join(parts)


def deep_expressions(lines: int) -> str:
    """Functions with a loop and a closure in an expression that is nested 30 deep."""
    depth = 30
    closing = ")" * depth
    function = "def f{0}(g, xs):\n    for x in xs:\n        use({1}lambda: x + {0}{2})\n\n"
    return "".join(function.format(place, "g(" * depth, closing) for place in range(lines // 4))


def one_loop(lines: int) -> str:
    """One loop that binds many variables, and a closure for each."""
    step = "        x{0} = i + {0}\n        out.append(lambda: x{0})\n"
    return "".join(["def f(xs, out):\n    for i in xs:\n", *(step.format(place) for place in range(lines // 2))])


def subclasses(lines: int) -> str:
    """Classes with a common base, whose constructors have a default that is changed."""
    subclass = "class C{0}(Base):\n    def __init__(self, items=[]):\n        items.append({0})\n\n"
    return "".join(["class Base:\n    pass\n\n", *(subclass.format(place) for place in range(lines // 4))])


def local_functions(lines: int) -> str:
    """Functions that hand a function of theirs to a pool, each of the same name."""
    function = "def f{0}(xs):\n    def work(x):\n        return x + {0}\n    return pool.map(work, xs)\n\n"
    head = "import multiprocessing\n\npool = multiprocessing.Pool()\n\n"
    return "".join([head, *(function.format(place) for place in range(lines // 5))])


def _repeated(head: str, part: str, count: int, tail: str = "") -> str:
    return head + "".join(part.replace("@", str(place)) for place in range(count)) + tail


def inherited_attributes(lines: int) -> str:
    """Classes with a common base, which share an attribute of one name and change it."""
    body = "    items = []\n\n    def add(self, item):\n        self.items.append(item)\n\n"
    return _repeated(f"class Base:\n{body}", f"class C@(Base):\n{body}", lines // 6)


def attributes(lines: int) -> str:
    """One class with an attribute of its own for each of its methods."""
    method = "    a@ = []\n\n    def m@(self):\n        self.a@.append(self.m@())\n\n"
    return _repeated("class C:\n", method, lines // 5)


def overrides(lines: int) -> str:
    """Classes that override a method of their base, with a default whose annotation has to be widened in all."""
    body = "    def run(self, items: list = []):\n        items.append(0)\n\n"
    return _repeated(f"class Base:\n{body}", f"class C@(Base):\n{body}", lines // 4)


def called_functions(lines: int) -> str:
    """One loop that makes functions and calls each at once."""
    step = "        def g@():\n            return x\n        h@.run(g@())\n"
    return _repeated("def f(xs):\n    for x in xs:\n", step, lines // 3)


def pickled_again(lines: int) -> str:
    """A name of the module that is bound to one lambda after another, each of which is pickled."""
    return _repeated("import pickle\n\n", "x = lambda: @\npickle.dumps(x)\n", lines // 2)


def pickled_lambdas(lines: int) -> str:
    """One function that hands lambdas to a pool."""
    head = "from concurrent.futures import ProcessPoolExecutor as Pool\n\ndef f(x):\n    with Pool() as pool:\n"
    return _repeated(head, "        pool.submit(lambda x: x + @, x)\n", lines)


def pickled_instances(lines: int) -> str:
    """Methods that pickle the instance, which has an attribute that can't be pickled."""
    head = "import pickle\n\nclass C:\n    def __init__(self):\n        self.run = lambda: 0\n\n"
    return _repeated(head, "    def m@(self):\n        pickle.dumps(self)\n\n", lines // 3)


def forwarded_parameters(lines: int) -> str:
    """One function that pickles its parameter again and again."""
    return _repeated("import pickle\n\ndef f(x):\n", "    pickle.dump(x, f@)\n", lines)


def imported_names(lines: int) -> str:
    """Functions each of which uses a name of the same import."""
    names = ", ".join(f"a{place}" for place in range(lines // 3))
    function = "def f@(items=[]):\n    items.append(a@)\n\n"
    return _repeated(f"from m import {names}\n\n", function, lines // 3)


def metaclasses(lines: int) -> str:
    """Classes each of which has a metaclass of its own."""
    return _repeated("", "class M@(type):\n    pass\n\nclass C@:\n    __metaclass__ = M@\n\n", lines // 6)


def functions_in_one(lines: int) -> str:
    """One function that defines others, each with a default that is changed."""
    part = "    def g@(items=[]):\n        items.append(x)\n        return items\n    x(g@)\n"
    return _repeated("def f(x):\n", part, lines // 4)


def many_parameters(lines: int) -> str:
    """One function with many parameters, one on each line, whose defaults are mutable."""
    return _repeated("def f(\n", "    a@=[],\n", lines, "):\n    a0.append(1)\n    return a0\n")


def bound_metaclasses(lines: int) -> str:
    """One class that binds its metaclass again and again."""
    return _repeated("class C:\n", "    __metaclass__ = M@\n", lines)


def module_metaclasses(lines: int) -> str:
    """A module that binds its metaclass again and again."""
    return "__metaclass__ = type\n" * lines


def classes_of_one_name(lines: int) -> str:
    """Classes each of which takes the name of its base."""
    return "class C(C):\n    items = []\n    def add(self):\n        self.items.append(0)\n" * (lines // 4)


def collected_lambdas(lines: int) -> str:
    """Lists of lambdas at module level, bound to one name."""
    return "fs = [lambda: i for i in range(3)]\n" * lines


def many_findings(count: int) -> str:
    """A finding of each family in turn; the size is the number of findings, not of lines."""
    shapes = (
        "def f{0}(items=[]):\n    items.append({0})\n    return items\n\n",
        "def f{0}(items):\n    return [lambda: item + {0} for item in items]\n\n",
        "class C{0}:\n    __metaclass__ = Meta\n\n",
        "def f{0}(file):\n    pickle.dump(lambda: {0}, file)\n\n",
    )
    return "import pickle\n\n" + "".join(shapes[place % len(shapes)].format(place) for place in range(count))


SHAPES: dict[str, Callable[[int], str]] = {
    "small functions": small_functions,
    "functions with candidates": mixed_functions,
    "one function": one_function,
    "one class": one_class,
    "closures in loops": closures_in_loops,
    "closures in one nest": nested_loops,
    "variables of one loop": one_loop,
    "subclasses of one class": subclasses,
    "pickled local functions": local_functions,
    "deep expressions": deep_expressions,
    "inherited attributes": inherited_attributes,
    "attributes of one class": attributes,
    "overrides of one method": overrides,
    "functions called in one loop": called_functions,
    "one name pickled again": pickled_again,
    "lambdas pickled in one function": pickled_lambdas,
    "instances pickled by their methods": pickled_instances,
    "one parameter pickled again": forwarded_parameters,
    "names of one import": imported_names,
    "metaclasses": metaclasses,
    "functions in one function": functions_in_one,
    "parameters of one function": many_parameters,
    "metaclasses of one class": bound_metaclasses,
    "metaclasses of the module": module_metaclasses,
    "classes of one name": classes_of_one_name,
    "lambdas collected in the module": collected_lambdas,
    "as many findings": many_findings,
}


def show(*, large: bool = False) -> str:
    """A table of the times for each shape and size, and of the factor for each doubling of the size."""
    sizes = (*SIZES, LARGE) if large else SIZES
    rows: list[list[str]] = []
    for name in SHAPES:
        times = [_in_process(name, size) for size in sizes]
        stages = [stage for stage in STAGES if any(stage in found for found in times)]
        rows.extend([f"{name}: {stage}", *_cells([found.get(stage) for found in times], sizes)] for stage in stages)
    headers = ["Seconds for files of size", *map(str, sizes), "per doubling"]
    return table(headers, rows) + f"\n\n(goal: at most {GOAL} per doubling)"


def _cells(seconds: Sequence[float | None], sizes: Sequence[int]) -> list[str]:
    cells = [_cell(value) for value in seconds]
    factors = [
        (after / before) ** (1 / math.log2(larger / smaller))
        for before, after, smaller, larger in zip(seconds, seconds[1:], sizes, sizes[1:], strict=False)
        if before and after and GIVEN_UP not in {before, after}
    ]
    return [*cells, f"{max(factors):.2f}" if factors else "?"]


def _cell(seconds: float | None) -> str:
    if seconds is None:
        return f"> {TIME_LIMIT}"
    return "given up" if seconds == GIVEN_UP else number(seconds)


def _in_process(name: str, size: int) -> Times:
    """The times of one file; what took too long, and what comes after it, is missing."""
    print(f"{name}, {size}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", __name__, name, str(size)]
    env = {**environment(), "PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=env, timeout=TIME_LIMIT
        )
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b""
        return _times(output.decode() if isinstance(output, bytes) else output)
    if done.returncode:
        raise Trouble(f"{name} of size {size} failed: {last_line(done.stderr)}")
    return _times(done.stdout)


def _times(output: str) -> Times:
    return {stage: seconds for line in output.splitlines() for stage, seconds in json.loads(line).items()}


def _measure(name: str, size: int) -> None:
    """Print the seconds of each stage as soon as they are known."""
    from flake8_pitfalls.errors import CannotAnalyse
    from flake8_pitfalls.rules import report
    from flake8_pitfalls.screen import candidates
    from tests.benchmarks.stages import OPTIONS, fix, warm_up

    text = SHAPES[name](size)
    start = time.process_time()
    tree = ast.parse(text)
    _print("ast.parse", start)
    warm_up()
    start = time.process_time()
    possible = candidates(text, tree, OPTIONS)
    try:
        findings = report(text, tree, "-", possible, OPTIONS) if possible else []
    except CannotAnalyse:
        print(json.dumps({"report": GIVEN_UP, "fix": GIVEN_UP}), flush=True)
        return
    _print("report", start)
    if findings:
        start = time.process_time()
        fix(text, findings, "-")
        _print("fix", start)


def _print(stage: str, start: float) -> None:
    print(json.dumps({stage: time.process_time() - start}), flush=True)


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))

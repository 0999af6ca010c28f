"""PIT4xx: what can't be pickled."""

from __future__ import annotations

from flake8_pitfalls.rules.codes.code import Code

_PICKLING_OPTIONS = ("--pitfalls-start-method", "--pitfalls-stable-messages", "--pitfalls-unsafe-fixes")
_WHAT_CAN_BE_PICKLED = (
    "pickle: what can be pickled and unpickled?",
    "https://docs.python.org/3/library/pickle.html#what-can-be-pickled-and-unpickled",
)
_START_METHODS = (
    "multiprocessing: contexts and start methods",
    "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
)
_PROGRAMMING_GUIDELINES = (
    "multiprocessing: programming guidelines",
    "https://docs.python.org/3/library/multiprocessing.html#programming-guidelines",
)
_WHAT_IS_REPORTED = (
    "*Can't be pickled* are lambdas, nested functions, local classes and their instances; functions whose decorator "
    "lacks ``functools.wraps``, and other objects whose name stands for something else; private methods; generators, "
    "coroutines, modules, open files, locks, connections, pools and executors; and whatever holds one of those: "
    "containers, ``partial`` objects, ``defaultdict(lambda: ...)``, and instances with such an attribute. A class that "
    "says itself what is pickled (``__getstate__``, ``__reduce__``) is not judged.",
)

CODES: dict[str, Code] = {
    "PIT401": Code(
        "An object that can't be pickled is pickled.",
        "Functions and classes are pickled by their names, and the other process looks them up in the module. What was "
        "made inside a function, or by a lambda, isn't found there, so that sending it fails on every platform. The "
        "error often comes late, or not at all if nobody asks for the result. Define it at module level.",
        bad=(
            "from multiprocessing import Pool\n"
            "\n"
            "\n"
            "def squares(numbers):\n"
            "    def square(number):\n"
            "        return number * number\n"
            "\n"
            "    with Pool() as pool:\n"
            "        return pool.map(square, numbers)\n"
            "\n"
            "\n"
            'if __name__ == "__main__":\n'
            "    try:\n"
            "        print(squares([1, 2, 3]))\n"
            "    except Exception:\n"
            '        print("square() could not be sent")\n'
        ),
        good=(
            "from multiprocessing import Pool\n"
            "\n"
            "\n"
            "def square(number):\n"
            "    return number * number\n"
            "\n"
            "\n"
            "def squares(numbers):\n"
            "    with Pool() as pool:\n"
            "        return pool.map(square, numbers)\n"
            "\n"
            "\n"
            'if __name__ == "__main__":\n'
            "    try:\n"
            "        print(squares([1, 2, 3]))\n"
            "    except Exception:\n"
            '        print("square() could not be sent")\n'
        ),
        details=(
            "*Is pickled* means: sent to the workers of a ``multiprocessing.Pool``, a ``ProcessPoolExecutor`` or "
            "``run_in_executor`` with one, put into a queue, a pipe or a manager's proxy, or given to ``pickle``, "
            "``shelve``, ``joblib.dump``, ``torch.save``, joblib's multiprocessing backend, ``torch.multiprocessing"
            ".spawn``, ``tqdm``'s ``process_map``, or a process that is certainly started by spawn or forkserver. "
            '``get_context("fork")`` doesn\'t help a task: its process runs already.',
            *_WHAT_IS_REPORTED,
            "*Nothing is raised and the work isn't done*, says the message where nobody looks at the result of "
            "``apply_async``, ``map_async``, ``imap`` or ``submit``, which would raise the error.",
            "The receiver has to be known: by its construction, ``with``, an attribute of the class, an annotation, a "
            "context or a function of the same file. Nothing is said of an unknown one and of threads, nor of dill, "
            "cloudpickle, multiprocess, pathos, loky and joblib's own backend, which pickle functions as well.",
            "Not reported either: callbacks, which stay in their process; what happens in ``pytest.raises``, "
            "``assertRaises`` and ``suppress`` and in tests that are expected to fail; and ``pickle.dumps`` in a "
            "``try`` whose handlers get its exceptions.",
        ),
        fix=(
            "A nested function, a lambda or a local class moves to module level. Variables that a function only reads "
            "become parameters, which are passed as arguments or by ``functools.partial``. A lambda becomes such a "
            "function, or what it calls; the factory of a ``defaultdict`` a type where one does the same.",
            "That is safe, unless a variable gets another value in between, an object is pickled as a whole or may be "
            "changed in the other process, or the function is returned. Adding ``functools.wraps`` and renaming a type "
            "are unsafe.",
            "It is refused, with the reason, when the function changes what it reads, or reads what can't be pickled "
            "either; when making it once, at import, isn't the same as making it in each call; and for locks, files, "
            "generators, private methods and objects that hold them.",
        ),
        fixable="safe, unsafe or none",
        options=_PICKLING_OPTIONS,
        compared=("flake8-bugbear, ruff, pylint and mypy have no such rule.",),
        references=(_WHAT_CAN_BE_PICKLED, _PROGRAMMING_GUIDELINES),
    ),
    "PIT402": Code(
        "An object that can't be pickled is sent to a new process, which only works by fork.",
        "A process that is started by fork inherits everything, one that is started by spawn or forkserver gets it "
        "pickled. Spawn is the default on Windows and macOS, forkserver on Linux from Python 3.14, so that code which "
        "works on Linux today fails elsewhere and tomorrow. Define it at module level.",
        bad=(
            "import multiprocessing\n"
            "\n"
            "\n"
            "def start(job):\n"
            "    def work():\n"
            '        print("working on", job)\n'
            "\n"
            "    process = multiprocessing.Process(target=work)\n"
            "    process.start()\n"
            "    process.join()\n"
            "\n"
            "\n"
            'if __name__ == "__main__":\n'
            '    for method in ("fork", "spawn"):\n'
            "        multiprocessing.set_start_method(method, force=True)\n"
            "        try:\n"
            "            start(method)\n"
            "        except Exception:\n"
            '            print("work() could not be sent")\n'
        ),
        good=(
            "import multiprocessing\n"
            "\n"
            "\n"
            "def work(job):\n"
            '    print("working on", job)\n'
            "\n"
            "\n"
            "def start(job):\n"
            "    process = multiprocessing.Process(target=work, args=(job,))\n"
            "    process.start()\n"
            "    process.join()\n"
            "\n"
            "\n"
            'if __name__ == "__main__":\n'
            '    for method in ("fork", "spawn"):\n'
            "        multiprocessing.set_start_method(method, force=True)\n"
            "        try:\n"
            "            start(method)\n"
            "        except Exception:\n"
            '            print("work() could not be sent")\n'
        ),
        details=(
            "Reported are the target and the arguments of a ``Process``, instances of its subclasses, ``initializer`` "
            "and ``initargs`` of pools and executors, what ``DataLoader`` sends to its workers, the callables that a "
            "``BaseManager`` registers, and, also as tasks, names that only exist under "
            '``if __name__ == "__main__":``.',
            'With ``get_context("spawn")``, ``set_start_method("spawn")`` or ``mp_context=`` it is PIT401; with '
            "``\"fork\"`` it isn't reported. ``--pitfalls-start-method`` says the same for code that doesn't.",
            "Not reported: a ``Process`` that is never started, a ``DataLoader`` without workers, and whatever isn't "
            "reported as PIT401 either. Locks and queues of ``multiprocessing`` may be given to a process when it's "
            "started.",
        ),
        fix=(
            "As for PIT401. The variables that a target reads are passed by ``args=``; queues and locks of "
            '``multiprocessing`` are passed so as well. What is defined under ``if __name__ == "__main__":`` moves in '
            "front of it.",
        ),
        fixable="safe, unsafe or none",
        options=_PICKLING_OPTIONS,
        compared=("flake8-bugbear, ruff, pylint and mypy have no such rule.",),
        references=(_START_METHODS, _PROGRAMMING_GUIDELINES, _WHAT_CAN_BE_PICKLED),
    ),
    "PIT403": Code(
        "A type is bound to another name than its own, so that its instances can't be pickled.",
        "Pickle looks a class up by its own name, the one that was passed to namedtuple, Enum, type, NamedTuple or "
        "make_dataclass. If the module doesn't have that name, or the class is an attribute of another one, pickling "
        "an instance fails. Use one name for both.",
        bad=(
            "import pickle\n"
            "from collections import namedtuple\n"
            "\n"
            'Point = namedtuple("Coordinates", "x y")\n'
            "\n"
            "try:\n"
            "    print(len(pickle.dumps(Point(1, 2))) > 0)\n"
            "except pickle.PicklingError:\n"
            '    print("a point can\'t be pickled")\n'
        ),
        good=(
            "import pickle\n"
            "from collections import namedtuple\n"
            "\n"
            'Point = namedtuple("Point", "x y")\n'
            "\n"
            "try:\n"
            "    print(len(pickle.dumps(Point(1, 2))) > 0)\n"
            "except pickle.PicklingError:\n"
            '    print("a point can\'t be pickled")\n'
        ),
        details=(
            "This code is off by default, since most of these types are never pickled; where one certainly is, that is "
            "PIT401. It is switched on by ``extend-select = PIT403`` or ``PIT40``; ``PIT`` and ``PIT4`` are not "
            "enough.",
            "Not reported: a type whose name is bound in the module as well, one that says its ``module`` or "
            "``qualname``, and types that are made in functions. mypy reports some of these types too (``name-match`` "
            "and ``misc``).",
        ),
        fix=(
            "The name in the call becomes the one that it's bound to, and an ``Enum`` in a class gets ``qualname=``. "
            "That is unsafe: representations and error messages change, and pickles from elsewhere have the old name.",
            "It is refused when the name isn't a plain string or is bound in several ways, and for the other types in "
            "a class, which need a class statement.",
        ),
        fixable="unsafe or none",
        options=_PICKLING_OPTIONS[1:],
        compared=(
            "mypy reports a ``namedtuple``, ``NamedTuple`` or ``Enum`` that is bound to another name (``name-match`` "
            "and ``misc``), but no ``type()``, and no type that is an attribute of a class. flake8-bugbear, ruff and "
            "pylint have no such rule.",
        ),
        references=(_WHAT_CAN_BE_PICKLED,),
        on_by_default=False,
    ),
    "PIT404": Code(
        "A worker of a process pool returns what can't be pickled.",
        "The result of a worker is pickled on its way back. Generators, coroutines, lambdas, nested functions and "
        "instances of local classes never arrive; a generator function or coroutine hasn't even run. Return a list or "
        "another plain object.",
        bad=(
            "from multiprocessing import Pool\n"
            "\n"
            "\n"
            "def words(line):\n"
            "    for word in line.split():\n"
            "        yield word.lower()\n"
            "\n"
            "\n"
            "def count(lines):\n"
            "    with Pool() as pool:\n"
            "        return sum(len(list(found)) for found in pool.map(words, lines))\n"
            "\n"
            "\n"
            'if __name__ == "__main__":\n'
            "    try:\n"
            '        print(count(["The quick", "brown fox"]))\n'
            "    except Exception:\n"
            '        print("the words could not be sent back")\n'
        ),
        details=(
            "Reported is a worker that the same file defines, where it is handed to the pool or executor, if something "
            "that it returns, or an instance of a local class that it raises, can't be pickled. What that means is "
            "said at PIT401.",
            "Not reported: a worker with a decorator that may make something else of it, and exceptions that a "
            "``try`` in the worker may catch.",
        ),
        fix=("Never fixed: what to return instead depends on what the result is for.",),
        options=_PICKLING_OPTIONS[1:2],
        compared=("flake8-bugbear, ruff, pylint and mypy have no such rule.",),
        references=(_WHAT_CAN_BE_PICKLED,),
    ),
}

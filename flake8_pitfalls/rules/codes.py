"""The codes and what they say: ``--explain`` prints it, and the pages of the documentation are made from it.

Texts are reStructuredText without roles, so that they read well in a terminal too.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A code's documentation."""

    summary: str
    """One line."""
    text: str
    """What it is about, why that's bad and what to do, in one paragraph."""
    bad: str = ""
    """Code that is reported."""
    good: str = ""
    """What a fix makes of it."""
    fix: tuple[str, ...] = ()
    """What is fixed and how safe that is, one paragraph each."""
    fixable: str = "no"
    """The same in a word or two, for a table."""
    details: tuple[str, ...] = ()
    """What exactly is reported and what isn't, one paragraph each."""
    options: tuple[str, ...] = ()
    """Options that change what is reported or fixed."""
    references: tuple[tuple[str, str], ...] = ()
    """Titles and addresses of further reading."""
    on_by_default: bool = True


_DEFAULTS = (
    "Python reference: function definitions",
    "https://docs.python.org/3/reference/compound_stmts.html#function-definitions",
)
_FAQ = (
    "Programming FAQ: Why are default values shared between objects?",
    "https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects",
)
_LATE_BINDING = (
    "Programming FAQ: Why do lambdas defined in a loop with different values all return the same result?",
    "https://docs.python.org/3/faq/programming.html"
    "#why-do-lambdas-defined-in-a-loop-with-different-values-all-return-the-same-result",
)
_NAMES = (
    "Python reference: resolution of names",
    "https://docs.python.org/3/reference/executionmodel.html#resolution-of-names",
)
_GENERATORS = ("PEP 289: generator expressions", "https://peps.python.org/pep-0289/")
_CLOSURE_OPTIONS = (
    "--pitfalls-consuming-callees",
    "--pitfalls-retaining-callees",
    "--pitfalls-closure-fix",
    "--pitfalls-stable-messages",
    "--pitfalls-unsafe-fixes",
)
_OPTIONS = (
    "--pitfalls-extend-mutable-calls",
    "--pitfalls-extend-immutable-calls",
    "--pitfalls-target-version",
    "--pitfalls-stable-messages",
    "--pitfalls-unsafe-fixes",
)
_METACLASSES = (
    "Python reference: metaclasses",
    "https://docs.python.org/3/reference/datamodel.html#metaclasses",
)
_OLD_METACLASSES = (
    "Python 2.7 reference: customizing class creation",
    "https://docs.python.org/2.7/reference/datamodel.html#customizing-class-creation",
)
_PEP_3115 = ("PEP 3115: metaclasses in Python 3000", "https://peps.python.org/pep-3115/")
_METACLASS_OPTIONS = ("--pitfalls-unsafe-fixes",)

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
    "PIT000": Code(
        "A file could not be analysed.",
        "The message says why: the code is nested too deeply, or a failure of the analysis itself. None of the other "
        "codes can be trusted to be absent from such a file. There is no fix.",
        details=(
            "Files with syntax errors are left to flake8, which reports them as E999. The command flake8-pitfalls ends "
            "with exit code 2 when it reports PIT000, E902 or E999.",
            "A failure of the analysis is a bug of flake8-pitfalls: please report it, with the file if you can.",
        ),
    ),
    "PIT101": Code(
        "A closure made in a loop outlives its iteration and reads a name that the loop rebinds.",
        "A closure looks a variable up when it runs, not when it is made, and a loop has one variable for all of its "
        "iterations. So the closures that run later all read what the last iteration left in it. Bind the value when "
        "the closure is made, with a keyword-only default.",
        bad="adders = []\nfor number in (1, 10, 100):\n    adders.append(lambda amount: amount + number)\n",
        good=(
            "adders = []\n"
            "for number in (1, 10, 100):\n"
            "    adders.append(lambda amount, *, number=number: amount + number)\n"
        ),
        details=(
            "Reported are a closure and a variable if a way through the program leads from the making of the closure "
            "over another binding of the variable to a run of the closure's body that reads it. The report stands "
            "where the closure reads the variable first. Its message names what keeps the closure.",
            "*Closures* are lambdas, functions, and the methods of a class that is made in the loop. *Loops* are "
            "``for``, ``while`` and comprehensions. Every binding counts: loop targets, assignments, ``:=``, "
            "``with``, ``except``, ``import``, ``match``, ``def``, ``class`` and ``del``.",
            "*Outlives its iteration* means that the closure is stored in a container, an attribute or a variable "
            "and used later, returned, yielded, registered as a callback (``connect``, ``command=``, ``on_click=``), "
            "or given to a thread or task that the iteration doesn't wait for. Functions and methods of the same "
            "file are followed. A coroutine or generator function that is called hasn't run yet.",
            "Not reported: a closure that only runs in its iteration, because it is called there or passed to "
            "``sorted(key=...)``, ``re.sub``, ``assertRaises`` and the like, or because its thread is joined or its "
            "task awaited there.",
            "Not reported either: a variable that gets the same value in each iteration; a loop that always ends "
            "after the closure is made; a closure that the next iteration replaces, so that only the last one runs, "
            "with the last value; and what is evaluated when the closure is made, such as defaults and decorators.",
        ),
        fix=(
            "All loop variables that the closure reads become keyword-only parameters: ``*, number=number``. No caller "
            "can overwrite those by passing one argument more, as Qt does. The fix is safe.",
            "Where a parameter would be in the way, the closure is made by a function that gets the values as "
            "arguments: below decorators, beside ``**kwargs``, and where somebody reads signatures. That is unsafe. "
            "With ``--pitfalls-closure-fix=factory`` all closures are fixed like that; for a lambda that needs no "
            "factory it is safe.",
            "It is refused, with the reason, when the closure may have to see a later binding or when a default would "
            "hold another value: see the page on fixes.",
        ),
        fixable="safe or unsafe",
        options=_CLOSURE_OPTIONS,
        references=(_LATE_BINDING, _NAMES),
    ),
    "PIT102": Code(
        "A lazy iterator made in a loop outlives its iteration and reads a name that the loop rebinds.",
        "A generator expression runs when it is iterated over, and so do the functions passed to map, filter and most "
        "of itertools. One that is kept for later reads what the last iteration left in the variable, as for PIT101.",
        bad=("scaled = []\nfor factor in (1, 10, 100):\n    scaled.append(factor * number for number in (1, 2, 3))\n"),
        good=(
            "scaled = []\n"
            "for factor in (1, 10, 100):\n"
            "    scaled.append((lambda factor: (factor * number for number in (1, 2, 3)))(factor))\n"
        ),
        details=(
            "The first iterable of a generator expression is evaluated at once, everything else in it later: in "
            "``(x for x in first for y in second)`` only ``first`` is safe.",
            "Not reported: an iterator that is used up in its iteration, by ``list``, ``sum``, ``any``, ``join``, "
            "``extend``, a ``for`` loop, unpacking and so on. Everything that is said of PIT101 holds as well.",
        ),
        fix=(
            "A generator expression is made inside a function that gets the values as arguments: ``(lambda k: (...))"
            "(k)``. That is unsafe. It is refused if the expression binds a name by ``:=``, or if its first iterable "
            "contains ``await`` or ``yield``.",
            "A lambda or function that was passed to ``map``, ``filter`` or ``itertools`` is fixed as for PIT101. "
            "Iterators never become lists, since those would run at once.",
        ),
        fixable="safe or unsafe",
        options=_CLOSURE_OPTIONS,
        references=(_GENERATORS, _LATE_BINDING, _NAMES),
    ),
    "PIT103": Code(
        "A closure made in a loop is handed to a callee that may keep it.",
        "It is PIT101 or PIT102 if the callee keeps the closure and runs it later, and harmless if the callee runs it "
        "at once. The callee can't be resolved, so nobody knows. Say which it is with one of the options, or bind the "
        "value when the closure is made.",
        bad='import plugins\n\nfor name in ("a", "b"):\n    plugins.plan(lambda: print(name))\n',
        details=(
            "This code is off by default. It is switched on by ``extend-select = PIT103`` or a shorter code that is "
            "longer than that of the family, ``PIT10``; ``PIT`` and ``PIT1`` are not enough.",
            "Callees that the file defines are followed, and a table says what well-known ones do; neither is reported "
            "here. Reported as well are a closure under an unknown decorator, if the function's name is used elsewhere "
            "(else the decorator must be what keeps it, and that's PIT101), and one whose way is too long to follow.",
        ),
        fix=("Never fixed, since it isn't known whether anything is wrong.",),
        options=_CLOSURE_OPTIONS[:2] + _CLOSURE_OPTIONS[3:4],
        references=(_LATE_BINDING, _NAMES),
        on_by_default=False,
    ),
    "PIT201": Code(
        "A mutable default is changed, or certainly gets out.",
        "A default is made once, when the function is defined, and shared by all calls. When the function changes it, "
        "or hands it to somebody who may, calls see what other calls left behind. Use None as the default and make the "
        "object in the body.",
        bad=("def put(item, basket=[]):\n    basket.append(item)\n    return basket\n"),
        good=(
            "def put(item, basket=None):\n"
            "    if basket is None:\n"
            "        basket = []\n"
            "    basket.append(item)\n"
            "    return basket\n"
        ),
        details=(
            "*Changed* means that the function itself can change the object, also through another name, a loop "
            "variable, an augmented assignment, or a function of the same file that changes its parameter. An iterator "
            "that is used up counts as changed.",
            "*Gets out* means that the object is returned, yielded, stored in an attribute, a global variable or a "
            "container, handed out or changed by a nested function that outlives the call, or passed to a callee that "
            "is known to keep or change it.",
            "The order of the statements counts: a default that is replaced by a copy on every path before it is "
            "changed is PIT202. With an empty default, ``items = items or []`` replaces it too; with another one, it "
            "doesn't.",
            "A default that only reads a variable, such as ``name=name``, is not reported unless the variable is "
            "bound to one mutable object. Stub files (``.pyi``) are not reported.",
        ),
        fix=(
            "The default becomes ``None``, and a guard under the docstring makes the object: ``if basket is None: "
            "basket = []``. An annotation is widened, ``list[int]`` to ``list[int] | None``; ``Optional`` is used when "
            "the target version asks for it. The fix is safe when the expression has no effect and reads no state.",
            "It is unsafe when the expression reads other names, calls a class of the same file or takes time, or when "
            "callers may have passed ``None`` already.",
            "It is refused, with the reason, when it would change what the program does: see the page on fixes.",
        ),
        fixable="safe or unsafe",
        options=_OPTIONS,
        references=(_DEFAULTS, _FAQ),
    ),
    "PIT202": Code(
        "A mutable default is shared, but only read, copied, handed on, or kept on purpose.",
        "The default is one object for all calls, as for PIT201, but nothing in sight changes it. It works until "
        "somebody changes it. Use an immutable object such as () or frozenset(), or None and an object made in the "
        "body.",
        bad=(
            "from collections.abc import Sequence\n"
            "\n"
            "\n"
            "def total(prices: list[int], discounts: Sequence[int] = []) -> int:\n"
            "    return sum(prices) - sum(discounts)\n"
        ),
        good=(
            "from collections.abc import Sequence\n"
            "\n"
            "\n"
            "def total(prices: list[int], discounts: Sequence[int] = ()) -> int:\n"
            "    return sum(prices) - sum(discounts)\n"
        ),
        details=(
            "*Handed on* means passed to a callee that can't be resolved and is not known to keep what it gets; the "
            "message names it. Whether that is harmless depends on the callee.",
            "*Kept on purpose* means state that is meant to last from call to call: a parameter whose name says so "
            "(``cache``, ``memo``, a leading underscore), a dictionary whose keys are both looked up and stored, or a "
            "counter such as ``n=[0]``. The message names the idiom. Such a default is never fixed.",
            "To be told about PIT201 only, ignore this code: ``extend-ignore = PIT202``.",
        ),
        fix=(
            "If the annotation promises that the object is only read (``Sequence``, ``Iterable``, ``Mapping``, ...) "
            "and every use is one that an immutable object serves as well, the default becomes ``()``, ``frozenset()`` "
            "or ``MappingProxyType({})``. That is safe.",
            "Without an annotation the same is unsafe, since whoever inspects the default sees another type. "
            "In all other cases the fix is the one of PIT201, with the same conditions.",
        ),
        fixable="safe or unsafe",
        options=_OPTIONS,
        references=(_DEFAULTS, _FAQ),
    ),
    "PIT203": Code(
        "A mutable object is the default in another place where one object is shared.",
        "Defaults of fields, the value of dict.fromkeys, the default of a ContextVar and the like are one object for "
        "all that use them, just as defaults of parameters are. Use a factory or a comprehension.",
        bad='votes = dict.fromkeys(["yes", "no"], [])\nvotes["yes"].append("Ann")\n',
        good='votes = {key: [] for key in ["yes", "no"]}\nvotes["yes"].append("Ann")\n',
        details=(
            "Reported are: fields of dataclasses, attrs classes, ``NamedTuple`` and ``namedtuple(defaults=...)``; "
            "``default=`` of Django fields and of SQLAlchemy columns; defaults of argparse and optparse options; "
            "``dict.fromkeys(keys, [])``; ``[[]] * n``; ``ContextVar(default=[])``; ``functools.partial(f, x=[])``; "
            "``Mock(return_value=[])``; attributes made by ``type()``; ``__defaults__`` and ``__kwdefaults__``; a "
            "cached function that returns a new mutable object; and class attributes that a method changes through an "
            "instance.",
            "Where the object can be followed, it is reported only when it is changed or gets out. Pydantic, msgspec "
            "and click, where such a default does no harm, are not reported.",
        ),
        fix=(
            "A default of a dataclass field becomes ``field(default_factory=list)``. That is safe, since Python "
            "refuses to create a dataclass with a list, dict or set as a default. For other objects it is unsafe.",
            "Unsafe: the factories of attrs, Django and SQLAlchemy; ``[[]] * n`` becomes ``[[] for _ in range(n)]``, "
            "and ``dict.fromkeys(keys, [])`` becomes ``{key: [] for key in keys}``.",
            "All others are refused; the reason says what to write instead.",
        ),
        fixable="safe, unsafe or none",
        options=_OPTIONS,
        references=(
            (
                "dataclasses: mutable default values",
                "https://docs.python.org/3/library/dataclasses.html#mutable-default-values",
            ),
            (
                "Programming FAQ: How do I create a multidimensional list?",
                "https://docs.python.org/3/faq/programming.html#how-do-i-create-a-multidimensional-list",
            ),
            (
                "Python tutorial: class and instance variables",
                "https://docs.python.org/3/tutorial/classes.html#class-and-instance-variables",
            ),
            ("dict.fromkeys", "https://docs.python.org/3/library/stdtypes.html#dict.fromkeys"),
            ("contextvars.ContextVar", "https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar"),
        ),
    ),
    "PIT301": Code(
        "A class body sets __metaclass__, which Python 3 ignores.",
        "In Python 2 the attribute named the metaclass of the class. In Python 3 it's an attribute like any other: no "
        "error, no warning, and the metaclass doesn't run. Abstract methods aren't enforced, registries stay empty. "
        "Name the metaclass in the header of the class.",
        bad=(
            "from abc import ABCMeta, abstractmethod\n"
            "\n"
            "\n"
            "class Shape(object):\n"
            "    __metaclass__ = ABCMeta\n"
            "\n"
            "    @abstractmethod\n"
            "    def area(self):\n"
            "        pass\n"
        ),
        good=(
            "from abc import ABCMeta, abstractmethod\n"
            "\n"
            "\n"
            "class Shape(object, metaclass=ABCMeta):\n"
            "    @abstractmethod\n"
            "    def area(self):\n"
            "        pass\n"
        ),
        details=(
            "All that left a metaclass in the namespace of the class for Python 2 is reported: an assignment, "
            "annotated, chained, augmented or under a condition; unpacking; the target of ``for`` or ``with``; an "
            "import; a nested class; a nested function that takes three arguments; and "
            '``locals()["__metaclass__"] = M``. If there are several, the last one counts.',
            "The message says what creates the class in Python 3. If the metaclass is ``ABCMeta``, it also lists the "
            "abstract methods of the class. If the class names another metaclass as well, it says that the two "
            "contradict each other.",
            "Not reported: what only Python 2 runs, such as the body of ``if six.PY2:`` or "
            "``if sys.version_info[0] == 2:``; a property, a method, or an annotation without a value; and a class "
            "with a decorator of the same file that uses the attribute. An attribute that does nothing "
            "is PIT302. Stub files (``.pyi``) are not reported.",
        ),
        fix=(
            "The statement goes, and ``metaclass=M`` comes into the header, in the layout that the header has. That is "
            "unsafe: the metaclass starts to create the class and its subclasses. Classes that were never complete can "
            "no longer be instantiated, and bases with another metaclass that the file doesn't show are a conflict.",
            "It is refused, with the reason, when the class has another metaclass already, when a conflict is certain, "
            "when the value would mean something else in the header, or when the file uses the attribute: see the "
            "page on fixes.",
        ),
        fixable="unsafe or none",
        options=_METACLASS_OPTIONS,
        references=(_METACLASSES, _OLD_METACLASSES, _PEP_3115),
    ),
    "PIT302": Code(
        "A class body sets __metaclass__ to what creates the class anyway.",
        "The attribute does nothing, and never will: it is type, or the metaclass that the class has already. Delete "
        "it.",
        bad=('from abc import ABC, ABCMeta\n\n\nclass Shape(ABC):\n    __metaclass__ = ABCMeta\n\n    name = "none"\n'),
        good='from abc import ABC, ABCMeta\n\n\nclass Shape(ABC):\n    name = "none"\n',
        details=(
            "In Python 2, ``__metaclass__ = type`` made a class without bases a new-style class. In Python 3 all "
            "classes are. Names are resolved: ``type`` has to be the builtin one.",
            "A class *has the metaclass already* if it names the same one by ``metaclass=``, ``with_metaclass()`` or "
            "``add_metaclass()``, or derives from a class of the same file that does. For ``ABCMeta`` it's also enough "
            "to derive from a class of the standard library that is known to have it, such as ``abc.ABC``, "
            "``typing.Protocol``, ``io.RawIOBase`` and those of ``collections.abc``.",
        ),
        fix=(
            "The statement is deleted. That is safe; it's unsafe for a protocol that is ``runtime_checkable``, since "
            "``isinstance()`` asks for all attributes of a protocol.",
            "It is refused when the file uses the attribute, when it's set under a condition, and when a field of a "
            "dataclass would go.",
        ),
        fixable="safe or unsafe",
        options=_METACLASS_OPTIONS,
        references=(_METACLASSES, _OLD_METACLASSES),
    ),
    "PIT303": Code(
        "A module sets __metaclass__, which Python 3 ignores.",
        "In Python 2 the global variable named the metaclass of all classes without bases that followed in the module. "
        "Python 3 doesn't look at it. Name the metaclass in the headers of the classes; if it's type, delete the "
        "variable.",
        bad=(
            "from shop import Table\n"
            "\n"
            "__metaclass__ = Table\n"
            "\n"
            "\n"
            "class Author:\n"
            "    pass\n"
            "\n"
            "\n"
            "class Shelf(list):\n"
            "    pass\n"
        ),
        good=(
            "from shop import Table\n\n\nclass Author(metaclass=Table):\n    pass\n\n\nclass Shelf(list):\n    pass\n"
        ),
        details=(
            "Assignments, imports, classes, and functions with three parameters of that name at the top level are "
            'reported, also under a condition, and ``globals()["__metaclass__"] = M``. The message lists the classes '
            "that Python 2 would have created by it: those below that have no bases, also inside of other classes and "
            "of functions.",
            "``from _pyio import __metaclass__``, which editors have inserted on their own, is an ImportError in "
            "Python 3. What only Python 2 runs isn't reported, as for PIT301, nor are dictionaries that are given to "
            "``exec()``.",
        ),
        fix=(
            "Safe: ``__metaclass__ = type`` is deleted, and so is another value if no class without bases follows, and "
            "the name in ``from _pyio import __metaclass__``.",
            "Unsafe: with another value, ``metaclass=M`` comes into the headers of all those classes.",
            "It is refused in an ``__init__.py``, whose names other modules may import; when the file uses the name; "
            "when it's bound more than once, or in another way than by a plain assignment; and when the value isn't a "
            "name or means something else where one of the classes stands.",
        ),
        fixable="safe, unsafe or none",
        options=_METACLASS_OPTIONS,
        references=(_OLD_METACLASSES, _METACLASSES),
    ),
    "PIT304": Code(
        "__metaclass__ is set where it has no effect, or read where it doesn't exist.",
        "Setting the attribute of a class that exists already does nothing, in Python 2 as in Python 3, nor does the "
        "key in the namespace of a class that a call makes. Reading the attribute fails in Python 3, unless somebody "
        "has set it. Use the header of the class, call the metaclass, or ask for type(C).",
        bad="class Shape:\n    pass\n\n\nprint(Shape.__metaclass__)\n",
        good="class Shape:\n    pass\n\n\nprint(type(Shape))\n",
        details=(
            'Set: ``C.__metaclass__ = M`` and ``setattr(C, "__metaclass__", M)`` for a class of the same file; the key '
            "in a dictionary that ``type()``, ``types.new_class()`` or ``__new__()`` gets as a namespace.",
            "Read: ``C.__metaclass__``, and ``getattr`` and ``hasattr`` with that name, where C is certainly a class "
            "without the attribute: one of the same file that doesn't set it and whose bases are known, a builtin "
            "class, or one of the standard library whose name begins with a capital letter. It isn't reported in a "
            "``try`` that catches the AttributeError.",
        ),
        fix=(
            "``C.__metaclass__`` and the ``getattr`` become ``type(C)``. That is unsafe: it's the metaclass that "
            "Python 3 uses, which may not be the one that was meant.",
            "All others are refused.",
        ),
        fixable="unsafe or none",
        options=_METACLASS_OPTIONS,
        references=(_METACLASSES, _OLD_METACLASSES),
    ),
    "PIT305": Code(
        "A metaclass is named by a helper for Python 2, or needlessly.",
        "The functions with_metaclass and add_metaclass of six and future name a metaclass in a way that Python 2 "
        "understands as well. Code that needs no Python 2 can say it in the header of the class, and metaclass=type "
        "says nothing.",
        bad=("import six\nfrom abc import ABCMeta\n\n\nclass Shape(six.with_metaclass(ABCMeta, object)):\n    pass\n"),
        good="from abc import ABCMeta\n\n\nclass Shape(metaclass=ABCMeta):\n    pass\n",
        details=(
            "This code is off by default. It is switched on by ``extend-select = PIT305`` or ``PIT30``; ``PIT`` and "
            "``PIT3`` are not enough.",
            "The functions are found under any name that an import gives them, in ``six``, ``future.utils`` and "
            "``past.utils``. Copies are found in modules that are called ``six`` or ``compat`` or much the same, and "
            "in the file itself.",
            "``class C(with_metaclass(M, A), B)`` is reported with another message: the class doesn't get the base "
            "``B``, in Python 2 and in Python 3. So it's wrong, and not only old.",
            "``add_metaclass`` makes the class twice: once without the metaclass, then again with it.",
        ),
        fix=(
            "The helper goes, and ``metaclass=M`` comes into the header. If nothing else uses the helper, its import "
            "goes too. That is safe for ``with_metaclass``, and unsafe for a copy that may work in another way. "
            "Deleting ``metaclass=type`` is safe.",
            "For ``add_metaclass`` it's safe unless making the class once may be seen: with bases that aren't "
            "known or have ``__init_subclass__``, ``super()`` in a method, or a metaclass that may have "
            "``__prepare__``.",
            "It is refused, with the reason, when the class has other bases beside ``with_metaclass()``, keywords or "
            "a second metaclass, when decorators stand below ``add_metaclass``, and when a comment would be lost.",
        ),
        fixable="safe, unsafe or none",
        options=_METACLASS_OPTIONS,
        references=(("six: with_metaclass and add_metaclass", "https://six.readthedocs.io/"), _METACLASSES),
        on_by_default=False,
    ),
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
        references=(_WHAT_CAN_BE_PICKLED, _PROGRAMMING_GUIDELINES),
    ),
    "PIT402": Code(
        "An object that can't be pickled is sent to a new process, which only works by fork.",
        "A process that is started by fork inherits everything, one that is started by spawn or forkserver gets it "
        "pickled. Spawn is the default on Windows and macOS, forkserver on Linux from Python 3.14, so that code which "
        "works on Linux today fails elsewhere and tomorrow. Define it at module level.",
        bad=(
            "from multiprocessing import Process\n"
            "\n"
            "\n"
            "def start(jobs):\n"
            "    def work(job):\n"
            "        print(job)\n"
            "\n"
            "    for job in jobs:\n"
            "        Process(target=work, args=(job,)).start()\n"
        ),
        good=(
            "from multiprocessing import Process\n"
            "\n"
            "\n"
            "def work(job):\n"
            "    print(job)\n"
            "\n"
            "\n"
            "def start(jobs):\n"
            "    for job in jobs:\n"
            "        Process(target=work, args=(job,)).start()\n"
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
        references=(_START_METHODS, _PROGRAMMING_GUIDELINES, _WHAT_CAN_BE_PICKLED),
    ),
    "PIT403": Code(
        "A type is bound to another name than its own, so that its instances can't be pickled.",
        "Pickle looks a class up by its own name, the one that was passed to namedtuple, Enum, type, NamedTuple or "
        "make_dataclass. If the module doesn't have that name, or the class is an attribute of another one, pickling "
        "an instance fails. Use one name for both.",
        bad=('from collections import namedtuple\n\nPoint = namedtuple("Coordinates", "x y")\n'),
        good=('from collections import namedtuple\n\nPoint = namedtuple("Point", "x y")\n'),
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
            "        return sum(map(len, pool.map(words, lines)))\n"
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
        references=(_WHAT_CAN_BE_PICKLED,),
    ),
}

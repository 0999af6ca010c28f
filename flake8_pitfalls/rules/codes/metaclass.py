"""PIT3xx: metaclasses of Python 2."""

from __future__ import annotations

from flake8_pitfalls.rules.codes.code import Code

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

CODES: dict[str, Code] = {
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
            "\n"
            "\n"
            "try:\n"
            "    Shape()\n"
            "except TypeError:\n"
            '    print("a shape needs an area")\n'
            "else:\n"
            '    print("a shape without an area")\n'
        ),
        good=(
            "from abc import ABCMeta, abstractmethod\n"
            "\n"
            "\n"
            "class Shape(object, metaclass=ABCMeta):\n"
            "    @abstractmethod\n"
            "    def area(self):\n"
            "        pass\n"
            "\n"
            "\n"
            "try:\n"
            "    Shape()\n"
            "except TypeError:\n"
            '    print("a shape needs an area")\n'
            "else:\n"
            '    print("a shape without an area")\n'
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
        compared=(
            "flake8-bugbear, ruff and pylint 4 don't report this; ruff's UP001 is about ``__metaclass__ = type`` "
            "only. Older versions of pylint had W1623 (``metaclass-assignment``); a comment for it refuses the fix. "
            "``2to3 -f metaclass``, which Python 3.13 has no more, moved the metaclass to the header without asking "
            "whether that fits.",
        ),
        references=(_METACLASSES, _OLD_METACLASSES, _PEP_3115),
    ),
    "PIT302": Code(
        "A class body sets __metaclass__ to what creates the class anyway.",
        "The attribute does nothing, and never will: it is type, or the metaclass that the class has already. Delete "
        "it.",
        bad=(
            "from abc import ABC, ABCMeta\n"
            "\n"
            "\n"
            "class Shape(ABC):\n"
            "    __metaclass__ = ABCMeta\n"
            "\n"
            '    name = "none"\n'
            "\n"
            "\n"
            "print(type(Shape).__name__)\n"
        ),
        good=(
            'from abc import ABC, ABCMeta\n\n\nclass Shape(ABC):\n    name = "none"\n\n\nprint(type(Shape).__name__)\n'
        ),
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
        fixable="safe, unsafe or none",
        options=_METACLASS_OPTIONS,
        compared=(
            "UP001 of ruff reports ``__metaclass__ = type``, and no metaclass that the class has anyway. Its fix "
            "takes the comment on the line away, lets a string below become the docstring, and doesn't ask whether "
            "the file reads the attribute. A ``# noqa: UP001`` doesn't suppress this report, but refuses its fix.",
        ),
        references=(_METACLASSES, _OLD_METACLASSES),
    ),
    "PIT303": Code(
        "A module sets __metaclass__, which Python 3 ignores.",
        "In Python 2 the global variable named the metaclass of all classes without bases that followed in the module. "
        "Python 3 doesn't look at it. Name the metaclass in the headers of the classes; if it's type, delete the "
        "variable.",
        bad=(
            "class Table(type):\n"
            "    def __init__(cls, name, bases, namespace):\n"
            "        super().__init__(name, bases, namespace)\n"
            "        cls.table = name.lower()\n"
            "\n"
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
            "\n"
            "\n"
            'print([hasattr(cls, "table") for cls in (Author, Shelf)])\n'
        ),
        good=(
            "class Table(type):\n"
            "    def __init__(cls, name, bases, namespace):\n"
            "        super().__init__(name, bases, namespace)\n"
            "        cls.table = name.lower()\n"
            "\n"
            "\n"
            "class Author(metaclass=Table):\n"
            "    pass\n"
            "\n"
            "\n"
            "class Shelf(list):\n"
            "    pass\n"
            "\n"
            "\n"
            'print([hasattr(cls, "table") for cls in (Author, Shelf)])\n'
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
        compared=(
            "UP001 of ruff reports and deletes ``__metaclass__ = type``, at the top level of a module too. No other "
            "metaclass of a module is reported by flake8-bugbear, ruff or pylint 4.",
        ),
        references=(_OLD_METACLASSES, _METACLASSES),
    ),
    "PIT304": Code(
        "__metaclass__ is set where it has no effect, or read where it doesn't exist.",
        "Setting the attribute of a class that exists already does nothing, in Python 2 as in Python 3, nor does the "
        "key in the namespace of a class that a call makes. Reading the attribute fails in Python 3, unless somebody "
        "has set it. Use the header of the class, call the metaclass, or ask for type(C).",
        bad=('class Shape:\n    pass\n\n\nprint(getattr(Shape, "__metaclass__", None))\n'),
        good=("class Shape:\n    pass\n\n\nprint(type(Shape))\n"),
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
        compared=("flake8-bugbear, ruff and pylint have nothing of the kind.",),
        references=(_METACLASSES, _OLD_METACLASSES),
    ),
    "PIT305": Code(
        "A metaclass is named by a helper for Python 2, or needlessly.",
        "The functions with_metaclass and add_metaclass of six and future name a metaclass in a way that Python 2 "
        "understands as well. Code that needs no Python 2 can say it in the header of the class, and metaclass=type "
        "says nothing.",
        bad=(
            "from abc import ABCMeta\n"
            "\n"
            "\n"
            "def with_metaclass(meta, *bases):\n"
            '    return meta("temporary", bases, {})\n'
            "\n"
            "\n"
            "class Shape(with_metaclass(ABCMeta, object)):\n"
            "    pass\n"
            "\n"
            "\n"
            "print([cls.__name__ for cls in Shape.__mro__])\n"
        ),
        good=(
            "from abc import ABCMeta\n"
            "\n"
            "\n"
            "def with_metaclass(meta, *bases):\n"
            '    return meta("temporary", bases, {})\n'
            "\n"
            "\n"
            "class Shape(metaclass=ABCMeta):\n"
            "    pass\n"
            "\n"
            "\n"
            "print([cls.__name__ for cls in Shape.__mro__])\n"
        ),
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
        compared=(
            "UP050 of ruff reports ``metaclass=type``. pyupgrade rewrites the helpers of six; it isn't a linter, and "
            "rewrites without a report.",
        ),
        references=(("six: with_metaclass and add_metaclass", "https://six.readthedocs.io/"), _METACLASSES),
        on_by_default=False,
    ),
}

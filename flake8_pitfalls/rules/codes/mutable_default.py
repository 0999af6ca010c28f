"""PIT2xx: mutable defaults and their relatives."""

from __future__ import annotations

from flake8_pitfalls.rules.codes.code import Code

_DEFAULTS = (
    "Python reference: function definitions",
    "https://docs.python.org/3/reference/compound_stmts.html#function-definitions",
)
_FAQ = (
    "Programming FAQ: Why are default values shared between objects?",
    "https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects",
)
_ANNOTATIONS = (
    "PEP 563: postponed evaluation of annotations",
    "https://peps.python.org/pep-0563/",
)
_OPTIONS = (
    "--pitfalls-extend-mutable-calls",
    "--pitfalls-extend-immutable-calls",
    "--pitfalls-target-version",
    "--pitfalls-stable-messages",
    "--pitfalls-unsafe-fixes",
)

CODES: dict[str, Code] = {
    "PIT201": Code(
        "A mutable default is changed, or certainly gets out.",
        "A default is made once, when the function is defined, and shared by all calls. When the function changes it, "
        "or hands it to somebody who may, calls see what other calls left behind. Use None as the default and make the "
        "object in the body.",
        bad=(
            "def put(item, basket=[]):\n"
            "    basket.append(item)\n"
            "    return basket\n"
            "\n"
            "\n"
            'print("Ann:", put("apples"))\n'
            'print("Bob:", put("bread"))\n'
        ),
        good=(
            "def put(item, basket=None):\n"
            "    if basket is None:\n"
            "        basket = []\n"
            "    basket.append(item)\n"
            "    return basket\n"
            "\n"
            "\n"
            'print("Ann:", put("apples"))\n'
            'print("Bob:", put("bread"))\n'
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
            "the target version asks for it and the file's annotations are evaluated. The fix is safe when the "
            "expression has no effect and reads no state.",
            "It is unsafe when the expression reads other names, calls a class of the same file or takes time, or when "
            "callers may have passed ``None`` already.",
            "It is refused, with the reason, when it would change what the program does: see the page on fixes.",
        ),
        fixable="safe, unsafe or none",
        options=_OPTIONS,
        compared=(
            "B006 of flake8-bugbear and ruff and W0102 (``dangerous-default-value``) of pylint report a mutable "
            "default by its shape, whatever becomes of it: PIT201 and PIT202 alike. B006 doesn't see a default that "
            "names a global list, W0102 no iterators. B008 reports all calls but those that it knows, mutable or not; "
            "here only calls that make a mutable object are.",
            "ruff's fix of B006 puts None into the signature without asking what the default is for. Here it's "
            "refused where a memo would forget or None has a meaning already.",
            "A comment for one of them, such as ``# noqa: B006``, doesn't suppress this report, but refuses its fix.",
        ),
        references=(_DEFAULTS, _FAQ, _ANNOTATIONS),
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
            "\n"
            "\n"
            "print(total([10, 20]), total([10, 20], [5]))\n"
        ),
        good=(
            "from collections.abc import Sequence\n"
            "\n"
            "\n"
            "def total(prices: list[int], discounts: Sequence[int] = ()) -> int:\n"
            "    return sum(prices) - sum(discounts)\n"
            "\n"
            "\n"
            "print(total([10, 20]), total([10, 20], [5]))\n"
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
        fixable="safe, unsafe or none",
        options=_OPTIONS,
        compared=(
            "B006 of flake8-bugbear and ruff and W0102 of pylint don't tell these defaults from those of PIT201. "
            "ruff's fix of B006 makes a memo forget; here state that is kept on purpose stays.",
        ),
        references=(_DEFAULTS, _FAQ, _ANNOTATIONS),
    ),
    "PIT203": Code(
        "A mutable object is the default in another place where one object is shared.",
        "Defaults of fields, the value of dict.fromkeys, the default of a ContextVar and the like are one object for "
        "all that use them, just as defaults of parameters are. Use a factory or a comprehension.",
        bad=('votes = dict.fromkeys(["yes", "no"], [])\nvotes["yes"].append("Ann")\nprint(votes)\n'),
        good=('votes = {key: [] for key in ["yes", "no"]}\nvotes["yes"].append("Ann")\nprint(votes)\n'),
        details=(
            "Reported are: fields of dataclasses, attrs classes, ``NamedTuple`` and ``namedtuple(defaults=...)``; "
            "``default=`` of Django fields and of SQLAlchemy columns; ``dict.fromkeys(keys, [])``; ``[[]] * n``; "
            "``ContextVar(default=[])``; ``__defaults__`` and ``__kwdefaults__``; and class attributes that a method "
            "changes through an instance.",
            "Others do harm only where somebody changes the object, and are reported if the file does: defaults of "
            "argparse and optparse options (``options.paths.append(path)``), the result of a cached function "
            "(``load(path).clear()``), ``Mock(return_value=[])``, attributes that ``type()`` makes, and "
            "``functools.partial(f, x=[])`` if ``f`` is a function of the file that changes ``x`` or hands it out.",
            "``rows = [[]] * n`` in front of a loop that assigns each element anew is not reported. Neither are class "
            "attributes that a method also uses as ``cls.items``, or in which instances keep themselves "
            "(``self.known.append(self)``), and options of a parser that a function makes for one run.",
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
        compared=(
            "flake8-bugbear reports ``ContextVar`` (B039) and ``dict.fromkeys`` (B046), ruff ``ContextVar`` (B039), "
            "``dict.fromkeys`` (RUF024), and fields of dataclasses (RUF008, RUF009), all by their shape. RUF012 "
            "reports mutable class attributes, changed or not; here they are reported if a method changes them "
            "through an instance. None of them reports ``[[]] * n`` or ``functools.partial(f, x=[])``.",
        ),
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
}

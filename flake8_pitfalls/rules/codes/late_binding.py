"""PIT1xx: closures made in loops."""

from __future__ import annotations

from flake8_pitfalls.rules.codes.code import Code

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

CODES: dict[str, Code] = {
    "PIT101": Code(
        "A closure made in a loop outlives its iteration and reads a name that the loop rebinds.",
        "A closure looks a variable up when it runs, not when it is made, and a loop has one variable for all of its "
        "iterations. So the closures that run later all read what the last iteration left in it. Bind the value when "
        "the closure is made, with a keyword-only default.",
        bad=(
            "adders = []\n"
            "for number in (1, 10, 100):\n"
            "    adders.append(lambda amount: amount + number)\n"
            "\n"
            "print([add(1) for add in adders])\n"
        ),
        good=(
            "adders = []\n"
            "for number in (1, 10, 100):\n"
            "    adders.append(lambda amount, *, number=number: amount + number)\n"
            "\n"
            "print([add(1) for add in adders])\n"
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
        fixable="safe, unsafe or none",
        options=_CLOSURE_OPTIONS,
        compared=(
            "B023 of flake8-bugbear and ruff and W0640 (``cell-var-from-loop``) of pylint report a closure that reads "
            "a loop variable by where it stands, unless a few well-known callees get it. So they also report closures "
            "that run before their iteration ends, such as the target of a thread that is joined. None of them fixes "
            "anything.",
            "A comment for one of them, such as ``# noqa: B023``, doesn't suppress this report, but refuses its fix.",
        ),
        references=(_LATE_BINDING, _NAMES),
    ),
    "PIT102": Code(
        "A lazy iterator made in a loop outlives its iteration and reads a name that the loop rebinds.",
        "A generator expression runs when it is iterated over, and so do the functions passed to map, filter and most "
        "of itertools. One that is kept for later reads what the last iteration left in the variable, as for PIT101.",
        bad=(
            "scaled = []\n"
            "for factor in (1, 10, 100):\n"
            "    scaled.append(factor * number for number in (1, 2, 3))\n"
            "\n"
            "print([list(numbers) for numbers in scaled])\n"
        ),
        good=(
            "scaled = []\n"
            "for factor in (1, 10, 100):\n"
            "    scaled.append((lambda factor: (factor * number for number in (1, 2, 3)))(factor))\n"
            "\n"
            "print([list(numbers) for numbers in scaled])\n"
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
        fixable="safe, unsafe or none",
        options=_CLOSURE_OPTIONS,
        compared=(
            "B023 of flake8-bugbear and ruff and W0640 of pylint don't report generator expressions. For a lambda in "
            "``map()``, W0640 does, and B023 takes it that ``map()`` runs it at once.",
        ),
        references=(_GENERATORS, _LATE_BINDING, _NAMES),
    ),
    "PIT103": Code(
        "A closure made in a loop is handed to a callee that may keep it.",
        "It is PIT101 or PIT102 if the callee keeps the closure and runs it later, and harmless if the callee runs it "
        "at once. The callee can't be resolved, so nobody knows. Say which it is with one of the options, or bind the "
        "value when the closure is made.",
        bad=(
            "def plan_all(plan, names):\n"
            "    for name in names:\n"
            "        plan(lambda: print(name))\n"
            "\n"
            "\n"
            "later = []\n"
            'plan_all(later.append, ["a", "b"])\n'
            "for job in later:\n"
            "    job()\n"
        ),
        details=(
            "This code is off by default. It is switched on by ``extend-select = PIT103`` or a shorter code that is "
            "longer than that of the family, ``PIT10``; ``PIT`` and ``PIT1`` are not enough.",
            "Callees that the file defines are followed, and a table says what well-known ones do; neither is reported "
            "here. Reported as well are a closure under an unknown decorator, if the function's name is used elsewhere "
            "(else the decorator must be what keeps it, and that's PIT101), and one whose way is too long to follow.",
        ),
        fix=("Never fixed, since it isn't known whether anything is wrong.",),
        options=_CLOSURE_OPTIONS[:2] + _CLOSURE_OPTIONS[3:4],
        compared=(
            "B023 of flake8-bugbear and ruff and W0640 of pylint report these closures as they report those that are "
            "certainly kept.",
        ),
        references=(_LATE_BINDING, _NAMES),
        on_by_default=False,
    ),
}

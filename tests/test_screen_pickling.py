"""What the screen of PIT4xx leaves out, and what it doesn't."""

from __future__ import annotations

import ast

import pytest

from flake8_pitfalls.options import Options
from flake8_pitfalls.screen import candidates

OPTIONS = Options(target_version=(3, 10), optional_codes=frozenset())


def lines(text: str) -> list[int]:
    return sorted(candidates(text, ast.parse(text), OPTIONS).families["pickling"])


@pytest.mark.parametrize(
    "body",
    [
        "def save(value, file):\n    pickle.dump(value, file)\n",
        "class Store:\n    def save(self, value):\n        with open(1) as f:\n            pickle.dump(value, f)\n",
        "def dump(value):\n    return value\n",
        "def f():\n    'call pickle.dumps(lambda: 1)'\n    # pickle.dumps(lambda: 1)\n",
        "async def save(a, value, /, *, c=1):\n    pickle.dumps(value, c)\n",
        "def dumps(): ...\n",
    ],
)
def test_nothing_can_be_wrong_here(body):
    assert lines("import pickle\n" + body) == []


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("pickle.dumps(lambda: 1)\n", 2),
        ("def save(value=lambda: 1):\n    pickle.dumps(value)\n", 3),
        ("def save(value: Local):\n    pickle.dumps(value)\n", 3),
        ("def save(value):\n    if value is None:\n        value = lambda: 1\n    pickle.dumps(value)\n", 5),
        ("def save(value):\n    def value(): ...\n    pickle.dumps(value)\n", 4),
        ("def save(value):\n    for value in [lambda: 1]:\n        pickle.dumps(value)\n", 4),
        ("def save(value):\n    from x import value\n    pickle.dumps(value)\n", 4),
        ("def save(value):\n    try: pass\n    except E as value:\n        pickle.dumps(value)\n", 5),
        ("class Store:\n    def save(self):\n        pickle.dumps(self)\n", 4),
        ("def save(value):\n    return pickle.dumps([value, lambda: 1])\n", 3),
        ("def save(value):\n    return pickle.dumps(value.name)\n", 3),
        ("def save(value):\n    return pickle.dumps(obj=value)\n", 3),
        ("def save(value):\n    return pickle.dumps(value), pickle.dumps(other)\n", 3),
        ("def save(value):\n    return pickle.dumps \\\n        (other)\n", 3),
        ("dumps = pickle.dumps\nsave = dumps\nsave(lambda: 1)\n", 4),
        ("def save(value):\n    return (pickle.dumps)(other)\n", 3),
        ("def save(value):\n    return (pickle.dumps  # why (not)\n        (other))\n", 3),
        ("@decorate(pickle.dumps(x))\ndef f(): ...\n", 3),
        ("print(f'{pickle.dumps(x)}')\n", 2),
    ],
)
def test_something_may_be_wrong_here(body, line):
    assert line in lines("import pickle\n" + body)


def test_other_modules_are_looked_at_whatever_is_passed():
    text = "from multiprocessing import Queue\nimport pickle\ndef f(value, queue: Queue):\n    queue.put(value)\n"
    assert lines(text) == [4]

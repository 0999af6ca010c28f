"""What the screen looks for on behalf of PIT2xx. This module must stay cheap to import: no LibCST."""

from __future__ import annotations

import re

MUTABLE_CALLS: dict[str, str] = {
    **{f"builtins.{name}": f"builtins.{name}" for name in ("list", "dict", "set", "bytearray")},
    "builtins.sorted": "builtins.list",
    "builtins.dict.fromkeys": "builtins.dict",
    "collections.OrderedDict.fromkeys": "collections.OrderedDict",
    **{f"builtins.{name}": "iterator" for name in ("iter", "map", "filter", "zip", "enumerate", "reversed")},
    **{
        f"collections.{name}": f"collections.{name}"
        for name in ("deque", "defaultdict", "OrderedDict", "Counter", "ChainMap", "UserDict", "UserList")
    },
    **{
        f"typing.{alias}": kind
        for alias, kind in {
            "List": "builtins.list",
            "Dict": "builtins.dict",
            "Set": "builtins.set",
            "Deque": "collections.deque",
            "DefaultDict": "collections.defaultdict",
            "OrderedDict": "collections.OrderedDict",
            "Counter": "collections.Counter",
            "ChainMap": "collections.ChainMap",
        }.items()
    },
    "argparse.Namespace": "types.SimpleNamespace",
    "array.array": "array.array",
    "io.StringIO": "io.StringIO",
    "io.BytesIO": "io.BytesIO",
    "types.SimpleNamespace": "types.SimpleNamespace",
    **{f"weakref.{name}": f"weakref.{name}" for name in ("WeakKeyDictionary", "WeakValueDictionary", "WeakSet")},
    **{
        f"itertools.{name}": "iterator"
        for name in (
            *("accumulate", "batched", "chain", "chain.from_iterable", "combinations", "compress", "count", "cycle"),
            *("dropwhile", "filterfalse", "groupby", "islice", "pairwise", "permutations", "product", "repeat"),
            *("starmap", "takewhile", "zip_longest"),
        )
    },
    **{f"queue.{name}": "queue.Queue" for name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")},
}
"""Calls that make a mutable object, by dotted name, and the kind of object they make (see ``semantics.callees``)."""

LIST_METHODS = frozenset({"split", "rsplit", "splitlines"})
"""Methods of string and bytes literals that return a list."""

READ_ONLY = {
    f"{module}.{name}": kinds
    for module in ("typing", "collections.abc", "typing_extensions")
    for name, kinds in {
        "Sequence": {"builtins.list"},
        "Iterable": {"builtins.list", "builtins.set"},
        "Collection": {"builtins.list", "builtins.set"},
        "Mapping": {"builtins.dict"},
        "AbstractSet": {"builtins.set"},
        "Set": {"builtins.set"},
    }.items()
    if (module, name) != ("typing", "Set")
}
"""Types that promise not to change the object, and the defaults that an immutable object can replace."""

COPYING_CALLS = frozenset({"copy.copy", "copy.deepcopy"})
"""Calls that make a copy of what they're given."""

MAPPINGS_WITH_FROMKEYS = frozenset(
    {"builtins.dict", *(f"collections.{name}" for name in ("OrderedDict", "defaultdict", "UserDict", "ChainMap"))}
)
"""Classes whose ``fromkeys`` gives all keys one value."""

CACHES = frozenset({"functools.cache", "functools.lru_cache"})
"""Decorators that hand out one result to all callers."""

_SHARED_BY_NAME = r"(?i:cache|memo(?!ry)|regist|instances|singleton|shared|global)|^[A-Z][A-Z0-9_]*$|^__\w+__$"
_SHARED_BY_TYPE = r"(?:Memoi[sz]|Cache|Regist(?:ry|rar)|Singleton|Shared)"


def is_made_to_be_shared(type_name: str) -> bool:
    """Whether the name of a type says that its objects are for many users: ``MemoizedFiles``."""
    return re.search(_SHARED_BY_TYPE, type_name) is not None


def belongs_to_the_class(name: str) -> bool:
    """Whether the name of a class attribute says that the object belongs to the class."""
    return re.search(_SHARED_BY_NAME, name) is not None

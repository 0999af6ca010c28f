"""What well-known callables and methods do with the mutable objects they are given.

A callable that isn't listed is unresolved: an argument is handed on to it. Sources: the Python library reference, and
for containers "Mutable Sequence Types", "Set Types" and "Mapping Types" in "Built-in Types".
"""

from __future__ import annotations

from typing import NamedTuple

_SEQUENCE = "append extend insert remove pop clear sort reverse __setitem__ __delitem__ __iadd__ __imul__"
_MAPPING = "clear pop popitem setdefault update __setitem__ __delitem__ __ior__"
_SET = (
    "add discard remove pop clear update intersection_update difference_update symmetric_difference_update"
    " __iand__ __ior__ __isub__ __ixor__"
)
_STREAM = (
    "write writelines writerow writerows truncate seek read readline readlines readinto read1 close detach __next__"
)

CHANGING_METHODS: dict[str, frozenset[str]] = {
    kind: frozenset(names.split())
    for kind, names in {
        "builtins.list": _SEQUENCE,
        "builtins.dict": _MAPPING,
        "builtins.set": _SET,
        "builtins.bytearray": _SEQUENCE,
        "collections.deque": f"{_SEQUENCE} appendleft extendleft popleft rotate",
        "collections.defaultdict": f"{_MAPPING} __getitem__ __missing__",
        "collections.OrderedDict": f"{_MAPPING} move_to_end",
        "collections.Counter": f"{_MAPPING} subtract",
        "collections.ChainMap": _MAPPING,
        "collections.UserDict": _MAPPING,
        "collections.UserList": _SEQUENCE,
        "array.array": f"{_SEQUENCE} frombytes fromfile fromlist fromunicode byteswap",
        "io.StringIO": _STREAM,
        "io.BytesIO": f"{_STREAM} getbuffer",
        "weakref.WeakKeyDictionary": _MAPPING,
        "weakref.WeakValueDictionary": _MAPPING,
        "weakref.WeakSet": _SET,
        "types.SimpleNamespace": "",
        "builtins.tuple": "",
        "queue.Queue": "put put_nowait get get_nowait",
        "iterator": "__next__ send throw close",
    }.items()
}
"""For each kind of object the methods that change it."""

WITHOUT_ATTRIBUTES = frozenset(
    {
        *("builtins.list", "builtins.dict", "builtins.set", "builtins.bytearray", "builtins.tuple"),
        *("collections.deque", "array.array", "iterator"),
    }
)
"""Types whose objects have no attributes that could be set: where code sets one, it gets another object."""

ANY_CHANGING_METHOD = frozenset().union(*CHANGING_METHODS.values()) - {"read", "close", "seek", "__getitem__"}

ELEMENT_METHODS = frozenset({"get", "pop", "popleft", "popitem", "setdefault", "__getitem__"})
"""Methods whose result is an element of the container."""
VIEW_METHODS = frozenset({"values", "copy", "elements", "__iter__", "__copy__", "union", "__reversed__"})
"""Methods whose result holds or yields the container's elements."""
KEEPING_ONE = frozenset({"append", "add", "appendleft", "push", "put_nowait"})
"""Those of them that take exactly one argument; with more it's another method of the same name."""
KEEPING_METHODS = frozenset(
    {"append", "add", "appendleft", "insert", "push", "put", "put_nowait", "setdefault", "__setitem__", "setlist"}
)
"""Methods of other objects that keep their arguments."""
ABSORBING_METHODS = frozenset({"extend", "extendleft", "update", "__iadd__", "__ior__"})
"""Methods of other objects that keep the elements of their arguments, and their keyword arguments."""
CHANGING_THEIR_ARGUMENT = frozenset({"shuffle", "readinto", "recv_into"})
"""Methods of other objects that change what they're given, by whatever object they're called on."""
READING_METHODS = frozenset(
    {
        *("join", "format", "format_map", "encode", "startswith", "endswith", "count", "index", "isdisjoint"),
        *("issubset", "issuperset", "intersection", "difference", "symmetric_difference"),
        *("debug", "info", "warning", "warn", "error", "critical", "exception", "log", "writelines", "execute"),
        *("assertEqual", "assertTrue", "assertFalse", "assertIn", "assertIs", "assertNotIn", "assertNotEqual"),
    }
)
"""Methods of other objects that are known by their names to only read their arguments."""
TASK_CLASSES = frozenset({"Thread", "Timer", "Process"})
"""Classes whose instances run the callable they get as ``target``."""
TASK_METHODS = frozenset({"submit", "to_thread", "call_soon", "call_soon_threadsafe", "apply_async", "run_sync"})
"""Methods and functions that run the callable they get first, once."""


class Callee(NamedTuple):
    """What a callable does with its arguments; positions count from 0."""

    changes: tuple[int | str, ...] = ()
    """Positions or keywords of the arguments that are changed."""
    keeps: tuple[int, ...] = ()
    """Arguments that are stored where others can reach them."""
    gives: str = ""
    """What the result holds: ``argument``, ``element``, ``copy``, ``wrap``, ``lazy`` (it yields them), or nothing."""
    consumes: bool = True
    """Whether an iterator among the arguments is used up."""
    stores_into_first: bool = False
    """Whether the other arguments are put into the first one."""


_READS = Callee()
_LOOKS = Callee(consumes=False)
_COPIES = Callee(gives="copy")
_LAZY = Callee(gives="lazy", consumes=False)
_ELEMENT = Callee(gives="element")
_WRAPS = Callee(gives="wrap", consumes=False)
_CHANGES_FIRST = Callee(changes=(0,))
_PUTS_INTO_FIRST = Callee(changes=(0,), stores_into_first=True, gives="element")


def _all(module: str, names: str, callee: Callee) -> dict[str, Callee]:
    return {f"{module}.{name}": callee for name in names.split()}


CALLEES: dict[str, Callee] = {
    **_all("builtins", "all any bytes bytearray sum complex float int frozenset.union", _READS),
    **_all(
        "builtins",
        "abs ascii bin bool callable chr dir divmod format hasattr hash help hex id isinstance issubclass len oct open"
        " ord pow range repr round slice str type",
        _LOOKS,
    ),
    **_all("builtins", "list set tuple frozenset sorted dict", _COPIES),
    **_all("builtins", "enumerate filter iter map reversed zip", _LAZY),
    **_all("builtins", "max min", Callee(gives="argument or element")),
    **_all("builtins", "next", Callee(gives="argument or element")),
    "builtins.getattr": Callee(gives="argument", consumes=False),
    "builtins.memoryview": Callee(gives="argument", consumes=False),
    "builtins.print": Callee(changes=("file",), consumes=False),
    "builtins.object.__setattr__": Callee(changes=(0,), keeps=(2,), consumes=False),
    "builtins.setattr": Callee(changes=(0,), keeps=(2,), consumes=False),
    "builtins.delattr": _CHANGES_FIRST,
    "builtins.exec": Callee(changes=(1, 2), consumes=False),
    "builtins.eval": Callee(changes=(1,), consumes=False),
    **_all("collections", "deque OrderedDict Counter defaultdict UserDict UserList", _COPIES),
    "collections.ChainMap": Callee(gives="first argument", consumes=False),
    "contextlib.nullcontext": Callee(gives="argument", consumes=False),
    "contextlib.closing": Callee(gives="argument", consumes=False),
    **_all("contextlib", "redirect_stdout redirect_stderr", Callee(changes=(0,), consumes=False)),
    "csv.writer": Callee(gives="argument", consumes=False),
    "copy.copy": _COPIES,
    "copy.deepcopy": _LOOKS,
    "typing.cast": Callee(gives="argument", consumes=False),
    "types.MappingProxyType": _WRAPS,
    "types.SimpleNamespace": _WRAPS,
    "functools.partial": _WRAPS,
    "functools.reduce": Callee(gives="argument or element"),
    **_all(
        "itertools",
        "accumulate batched chain chain.from_iterable combinations compress cycle dropwhile filterfalse groupby islice"
        " pairwise permutations product repeat starmap takewhile tee zip_longest",
        _LAZY,
    ),
    **_all("heapq", "heappush heappushpop heapreplace", _PUTS_INTO_FIRST),
    **_all("heapq", "heapify heappop heappush_max heappop_max heapify_max", Callee(changes=(0,), gives="element")),
    **_all("heapq", "nlargest nsmallest merge", _COPIES),
    **_all("bisect", "insort insort_left insort_right", _PUTS_INTO_FIRST),
    **_all("bisect", "bisect bisect_left bisect_right", _READS),
    "random.shuffle": _CHANGES_FIRST,
    "random.choice": _ELEMENT,
    **_all("random", "sample choices", _COPIES),
    **_all("operator", "setitem iadd iconcat ior iand ixor isub imul delitem", _PUTS_INTO_FIRST),
    "operator.getitem": _ELEMENT,
    **_all("operator", "contains countOf indexOf length_hint", _READS),
    "struct.pack_into": Callee(changes=(1,)),
    "json.dumps": _LOOKS,
    **_all("json", "dump", Callee(changes=(1, "fp"), consumes=False)),
    **_all("pickle", "dump", Callee(changes=(1, "file"), consumes=False)),
    "pickle.dumps": _LOOKS,
    "pprint.pformat": _LOOKS,
    **_all("pprint", "pprint pp", Callee(changes=(1, "stream"), consumes=False)),
    **_all("logging", "debug info warning warn error critical exception log", _LOOKS),
    "warnings.warn": _LOOKS,
    **_all("os.path", "join exists isfile isdir commonprefix commonpath", _READS),
    **_all("subprocess", "run call check_call check_output Popen", _READS),
    **_all("math", "fsum prod dist hypot", _READS),
    **_all("statistics", "mean median mode stdev variance pstdev pvariance fmean", _READS),
    **_all("numpy", "array sum mean max min prod zeros ones concatenate stack vstack hstack", _READS),
}
"""What well-known callables do, by dotted name."""

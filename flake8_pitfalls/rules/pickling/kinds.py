"""The things that pickle, or that something is pickled for, and the names by which they are made."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

import libcst as cst


class Start(enum.Enum):
    """How processes are started."""

    DEFAULT = "as the platform, or the program, decides"
    FORK = "fork"
    SPAWN = "spawn or forkserver"
    UNKNOWN = "in a way that the code decides, but isn't known"


class Kind(enum.Enum):
    """The things whose methods pickle."""

    POOL = "Pool"
    EXECUTOR = "ProcessPoolExecutor"
    PROCESS = "Process"
    QUEUE = "Queue"
    SYNCHRONIZED = "lock"
    PIPE = "Pipe"
    CONNECTION = "Connection"
    MANAGER = "Manager"
    BASE_MANAGER = "BaseManager"
    PROXY = "proxy"
    PICKLER = "Pickler"
    SHELF = "shelf"
    CONTEXT = "context"
    PARALLEL = "Parallel"
    MEMORY = "Memory"
    CACHED = "a function of Memory.cache"
    THREADS = "threads"


@dataclass(frozen=True)
class Receiver:
    """A thing whose methods pickle."""

    kind: Kind
    api: str
    """How messages call it."""
    start: Start = Start.DEFAULT
    made_by: cst.Call | None = None
    """The call that makes it, if that is the same on all ways."""
    overridden: frozenset[str] = frozenset()
    """Methods that a class of this file gives another meaning."""

    def same_as(self, other: Receiver) -> bool:
        """Whether the difference, if any, is only where it was made."""
        return (self.kind, self.api, self.start) == (other.kind, other.api, other.start)


class Named(NamedTuple):
    """What a callable is: its dotted name, and by what context it's reached."""

    name: str
    start: Start = Start.DEFAULT
    overridden: frozenset[str] = frozenset()


CONSTRUCTORS: dict[str, tuple[Kind, str]] = {
    "multiprocessing.Pool": (Kind.POOL, "Pool"),
    "multiprocessing.Process": (Kind.PROCESS, "Process"),
    **{f"multiprocessing.{name}": (Kind.QUEUE, name) for name in ("Queue", "JoinableQueue", "SimpleQueue")},
    **{
        f"multiprocessing.{name}": (Kind.SYNCHRONIZED, name)
        for name in (
            *("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event", "Barrier", "Value", "Array"),
            *("RawValue", "RawArray"),
        )
    },
    "multiprocessing.Pipe": (Kind.PIPE, "Pipe"),
    "multiprocessing.connection.Pipe": (Kind.PIPE, "Pipe"),
    "multiprocessing.connection.Client": (Kind.CONNECTION, "Connection"),
    "multiprocessing.connection.Connection": (Kind.CONNECTION, "Connection"),
    "multiprocessing.Manager": (Kind.MANAGER, "Manager"),
    "multiprocessing.SyncManager": (Kind.MANAGER, "Manager"),
    "multiprocessing.BaseManager": (Kind.BASE_MANAGER, "BaseManager"),
    "concurrent.futures.ProcessPoolExecutor": (Kind.EXECUTOR, "ProcessPoolExecutor"),
    "pickle.Pickler": (Kind.PICKLER, "Pickler"),
    "shelve.open": (Kind.SHELF, "shelve"),
    **{f"shelve.{name}": (Kind.SHELF, "shelve") for name in ("Shelf", "BsdDbShelf", "DbfilenameShelf")},
    "joblib.Parallel": (Kind.PARALLEL, "Parallel"),
    "joblib.Memory": (Kind.MEMORY, "Memory"),
}
"""What callables of some dotted names make, and how messages call it."""
CONTEXTS = {
    "ForkContext": Start.FORK,
    "SpawnContext": Start.SPAWN,
    "ForkServerContext": Start.SPAWN,
    "DefaultContext": Start.DEFAULT,
}
"""The classes of the contexts of multiprocessing, and how their processes start."""
PROXY_TYPES = {
    "DictProxy": "dict",
    "ListProxy": "list",
    "NamespaceProxy": "Namespace",
    "ValueProxy": "Value",
}
"""The types of the proxies that managers give, by the names of annotations."""
OF_CONTEXTS = frozenset(name.rpartition(".")[2] for name in CONSTRUCTORS) | {"get_context", "set_start_method"}
"""What is called as an attribute of a context."""
MANAGER_METHODS = frozenset({"dict", "list", "Namespace", "Value", "Array"})
"""The methods of managers that give proxies, besides those that give queues."""
_METHODS_OF_START = {"fork": Start.FORK, "spawn": Start.SPAWN, "forkserver": Start.SPAWN}


def start_named(text: str | None) -> Start:
    """What the name of a start method means."""
    return _METHODS_OF_START.get(text or "", Start.DEFAULT)

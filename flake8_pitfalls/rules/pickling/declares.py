"""Names that PIT4xx knows: what pickles, and what can't be pickled. This module must not import LibCST."""

from __future__ import annotations

import re

_CANONICAL = (
    ("torch.multiprocessing.spawn.", "torch.multiprocessing."),
    ("torch.multiprocessing.pool.", "multiprocessing."),
    ("torch.multiprocessing.queue.", "multiprocessing."),
    ("torch.multiprocessing.", "multiprocessing."),
    ("billiard.pool.", "multiprocessing."),
    ("billiard.", "multiprocessing."),
    ("multiprocessing.pool.Pool", "multiprocessing.Pool"),
    ("multiprocessing.context.", "multiprocessing."),
    ("multiprocessing.process.BaseProcess", "multiprocessing.Process"),
    ("multiprocessing.process.", "multiprocessing."),
    ("multiprocessing.queues.", "multiprocessing."),
    ("multiprocessing.managers.", "multiprocessing."),
    ("multiprocessing.synchronize.", "multiprocessing."),
    ("multiprocessing.sharedctypes.", "multiprocessing."),
    ("concurrent.futures.process.", "concurrent.futures."),
    ("concurrent.futures.thread.", "concurrent.futures."),
    ("futures.ProcessPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
    ("six.moves.cPickle.", "pickle."),
    ("cPickle.", "pickle."),
    ("_pickle.", "pickle."),
    ("sklearn.externals.joblib.", "joblib."),
    ("joblib.parallel.", "joblib."),
    ("joblib.numpy_pickle.", "joblib."),
    ("joblib.hashing.", "joblib."),
    ("joblib.memory.", "joblib."),
    ("torch.serialization.", "torch."),
    ("torch.utils.data.dataloader.", "torch.utils.data."),
    ("torch.utils.data.dataset.", "torch.utils.data."),
    ("torch.nn.modules.module.", "torch.nn."),
    ("tqdm.contrib.concurrent.", "tqdm.contrib.concurrent."),
    ("typing_extensions.", "typing."),
)
_TORCH_OWN = frozenset(
    f"torch.multiprocessing.{name}" for name in ("spawn", "start_processes", "spawn.spawn", "spawn.start_processes")
)


def canonical(name: str) -> str:
    """One name for a thing that can be imported from several places."""
    if name in _TORCH_OWN:
        return name.replace("multiprocessing.spawn.", "multiprocessing.")
    for prefix, replacement in _CANONICAL:
        if name.startswith(prefix):
            return replacement + name[len(prefix) :]
    return name


PICKLING_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "pickle.dump": ("obj",),
    "pickle.dumps": ("obj",),
    "joblib.dump": ("value",),
    "joblib.hash": ("obj",),
    "torch.save": ("obj",),
}
"""Functions that pickle their first argument, and the keyword by which it may be passed."""

SYNCHRONIZED = frozenset(
    f"multiprocessing.{name}"
    for name in (
        *("Queue", "JoinableQueue", "SimpleQueue", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"),
        *("Event", "Barrier", "Value", "Array", "RawValue", "RawArray"),
    )
)
"""What is only shared with a process when that is started."""

PROCESS_OWNERS = frozenset({"multiprocessing.Pool", "multiprocessing.Manager", "multiprocessing.SyncManager"})
"""What can't be sent to any process."""

RESOURCES = frozenset(
    {
        *("builtins.open", "io.open", "codecs.open", "os.fdopen", "gzip.open", "bz2.open", "lzma.open", "tarfile.open"),
        *("io.FileIO", "gzip.GzipFile", "bz2.BZ2File", "lzma.LZMAFile", "zipfile.ZipFile", "tarfile.TarFile"),
        *("tempfile.TemporaryFile", "tempfile.NamedTemporaryFile"),
        *(
            f"threading.{name}"
            for name in (
                *("Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "Thread"),
                *("Timer", "local"),
            )
        ),
        *("_thread.allocate_lock", "thread.allocate_lock"),
        *("queue.Queue", "queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue"),
        *("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
        *("multiprocessing.pool.ThreadPool", "multiprocessing.dummy.Pool"),
        *("sqlite3.connect", "sqlite3.Connection", "subprocess.Popen", "contextvars.ContextVar"),
        *("types.MappingProxyType", "weakref.ref", "weakref.WeakValueDictionary"),
        *("weakref.WeakKeyDictionary", "weakref.WeakSet", "builtins.memoryview"),
        *("asyncio.get_event_loop", "asyncio.new_event_loop", "asyncio.get_running_loop"),
        *("mmap.mmap", "select.epoll", "select.poll", "csv.reader", "csv.writer", "os.scandir"),
    }
)
"""Calls whose result can't be pickled by anything."""

SOCKETS = frozenset({"socket.socket", "socket.create_connection", "socket.create_server"})
"""Calls whose result can be sent to a process, but not pickled otherwise."""

STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.stdin"})

PICKLABLE_BY_CLOUDPICKLE = frozenset(
    {
        *("builtins.open", "io.open", "codecs.open", "os.fdopen", "builtins.memoryview", "types.MappingProxyType"),
        "weakref.WeakSet",
    }
)
"""Those of them that joblib sends to its processes all the same."""

TYPE_MAKERS: dict[str, str] = {
    "collections.namedtuple": "typename",
    "typing.NamedTuple": "typename",
    "builtins.type": "name",
    "types.new_class": "name",
    "dataclasses.make_dataclass": "cls_name",
    **{f"enum.{name}": "value" for name in ("Enum", "IntEnum", "Flag", "IntFlag", "StrEnum")},
}
"""Calls that make a class under the name that is their first argument, and that argument's keyword."""

KNOWN_BASES = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in (
                *("object", "dict", "list", "set", "tuple", "str", "int", "float", "frozenset", "bytes"),
                *("Exception", "BaseException", "ValueError", "TypeError", "RuntimeError", "KeyError"),
            )
        ),
        *("abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple", "collections.OrderedDict"),
        *("collections.UserDict", "collections.UserList", "collections.abc.Callable", "collections.abc.Iterator"),
        *("torch.nn.Module", "torch.utils.data.Dataset", "torch.utils.data.IterableDataset"),
        *("torch.utils.data.Sampler", "pytorch_lightning.LightningDataModule", "multiprocessing.Process"),
        *("sklearn.base.BaseEstimator", "sklearn.base.TransformerMixin", "sklearn.base.ClassifierMixin"),
        *("sklearn.base.RegressorMixin", "sklearn.base.ClusterMixin", "enum.Enum", "typing.TypedDict"),
    }
)
"""Base classes that pickle the attributes of their instances as they are."""

CUSTOM_PICKLING = frozenset(
    {
        *("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__copy_reg__"),
        "__getattribute__",
    }
)
"""Methods by which a class decides itself what is pickled."""
CUSTOM_REDUCTION = frozenset({"__reduce__", "__reduce_ex__"})
"""Those by which an instance of a local class can be pickled."""

HOLDERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "reversed", "map", "filter", "zip")),
        *("builtins.enumerate", "collections.deque", "collections.OrderedDict", "collections.Counter"),
        *("types.SimpleNamespace", "argparse.Namespace", "functools.partial", "functools.partialmethod"),
        *("copy.copy", "copy.deepcopy", "functools.lru_cache", "functools.cache", "collections.defaultdict"),
        *("collections.ChainMap", "collections.UserDict", "collections.UserList", "builtins.staticmethod"),
        *("itertools.chain", "itertools.repeat", "itertools.cycle", "operator.itemgetter", "types.MethodType"),
        *("sklearn.pipeline.make_pipeline", "sklearn.pipeline.make_union", "sklearn.metrics.make_scorer"),
        *("sklearn.compose.make_column_transformer", "numpy.vectorize"),
    }
)
"""Calls whose result can't be pickled if one of their arguments can't."""
LIBRARIES = ("sklearn.", "torchvision.", "torch.nn.", "torch.utils.data.")
"""Libraries whose objects keep what they are made with."""
ITERATING = frozenset(
    {
        *(f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "zip", "enumerate", "reversed")),
        *("collections.deque", "collections.Counter", "collections.UserList", "itertools.chain", "itertools.cycle"),
    }
)
"""Those of them that hold the elements of their arguments."""
REGROUPING = frozenset(
    {
        *(f"builtins.{name}" for name in ("zip", "enumerate", "reversed", "list", "tuple", "iter", "set")),
        *("itertools.chain", "itertools.product", "itertools.cycle", "itertools.zip_longest"),
    }
)
DICTIONARIES = frozenset(
    {"builtins.dict", "collections.OrderedDict", "collections.UserDict", "collections.Counter", "collections.ChainMap"}
)
"""Calls that make mappings which hold nothing but what they are given."""


def holds_arguments(name: str) -> bool:
    """Whether what a call returns is pickled with the arguments of the call: estimators, for instance, are."""
    return name in HOLDERS or (name.startswith(LIBRARIES) and name.rpartition(".")[2][:1].isupper())


OPAQUE = re.compile(
    r"copy_?reg\.(?:pickle|constructor)|from copy_?reg|ForkingPickler|multiprocessing\.reduction|\.reducer\b"
    r"|reducer_override|dispatch_table|persistent_id|pickle\.(?:dumps?|Pickler)\s*=[^=]|dill\.extend|dill\.settings"
)
"""Text of files that teach pickle something, of which this family says nothing."""

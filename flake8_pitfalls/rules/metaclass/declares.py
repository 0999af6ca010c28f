"""What is known by name: base classes with a metaclass, decorators that make fields, comments that talk to tools."""

from __future__ import annotations

NAME = "__metaclass__"

_ABC_MODULES = {
    "abc": "ABC",
    "typing": "Protocol SupportsAbs SupportsBytes SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound"
    " AbstractSet AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator Awaitable Collection Container"
    " ContextManager Coroutine Generator Hashable ItemsView Iterable Iterator KeysView Mapping MappingView"
    " MutableMapping MutableSequence MutableSet Reversible Sequence Sized ValuesView",
    "typing_extensions": "Protocol Iterable Iterator Mapping Sequence Collection Sized Hashable",
    "collections": "ChainMap UserDict UserList UserString",
    "io": "IOBase RawIOBase BufferedIOBase TextIOBase",
    "fractions": "Fraction",
    "contextlib": "AbstractContextManager AbstractAsyncContextManager ExitStack AsyncExitStack suppress closing"
    " nullcontext redirect_stdout redirect_stderr aclosing",
    "os": "PathLike",
    "selectors": "BaseSelector DefaultSelector SelectSelector PollSelector EpollSelector KqueueSelector",
    "configparser": "RawConfigParser ConfigParser SectionProxy",
    "shelve": "Shelf BsdDbShelf DbfilenameShelf",
    "weakref": "WeakKeyDictionary WeakValueDictionary",
    "tempfile": "SpooledTemporaryFile",
    "gzip": "GzipFile",
    "bz2": "BZ2File",
    "lzma": "LZMAFile",
    "http.client": "HTTPResponse",
    "zipfile": "ZipExtFile",
}
ABC_CLASSES = frozenset(f"{module}.{name}" for module, names in _ABC_MODULES.items() for name in names.split())
ABC_PREFIXES = ("collections.abc.", "numbers.", "importlib.abc.", "importlib.resources.abc.", "email.policy.")
"""Classes of the standard library whose metaclass is ``ABCMeta``."""

FOREIGN_METACLASSES = {
    **{f"enum.{name}": "enum.EnumMeta" for name in ["Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"]},
    **{
        f"{module}.{name}": f"typing.{name}Meta"
        for module in ("typing", "typing_extensions")
        for name in ("NamedTuple", "TypedDict", "Any")
    },
    **{f"ctypes.{name}": f"_ctypes.{name}" for name in ("Structure", "Union", "Array")},
    "ctypes.BigEndianStructure": "_ctypes.Structure",
    "ctypes.LittleEndianStructure": "_ctypes.Structure",
}
"""Classes of the standard library that have a metaclass of their own, with which another one clashes."""
FOREIGN_PREFIXES = ("PyQt4.", "PyQt5.", "PyQt6.", "PySide.", "PySide2.", "PySide6.", "sip.")

PLAIN_CLASSES = frozenset(
    {
        *("typing.Generic", "typing_extensions.Generic", "threading.Thread", "threading.local", "unittest.TestCase"),
        *("logging.Handler", "logging.Formatter", "logging.Filter", "logging.Logger", "logging.LoggerAdapter"),
        *("collections.OrderedDict", "collections.defaultdict", "collections.deque", "collections.Counter"),
        *("json.JSONEncoder", "json.JSONDecoder", "argparse.Action", "argparse.ArgumentParser", "random.Random"),
        *("decimal.Decimal", "datetime.datetime", "datetime.date", "datetime.tzinfo", "html.parser.HTMLParser"),
        *("ast.NodeVisitor", "ast.NodeTransformer", "cmd.Cmd", "string.Formatter", "string.Template"),
        *("socketserver.BaseRequestHandler", "socketserver.TCPServer", "pickle.Pickler", "pickle.Unpickler"),
        *("io.StringIO", "io.BytesIO", "multiprocessing.Process", "queue.Queue", "types.ModuleType"),
    }
)
"""Classes of other modules that ``type`` creates, apart from the builtins."""

PURE_DECORATORS = frozenset({"functools.total_ordering", "typing.final", "typing.runtime_checkable"})
"""Class decorators that don't care which metaclass a class has."""

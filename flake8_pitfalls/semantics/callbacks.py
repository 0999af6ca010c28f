"""What well-known callables and methods do with the functions and lazy iterators they are given.

What isn't listed is unknown: it may run them at once, or keep them. Sources: the Python library reference and the
documentation of the libraries named. This module must not import LibCST: the screen reads it too.
"""

from __future__ import annotations

import enum


class Role(enum.Enum):
    """What happens to a function or lazy iterator that is passed."""

    RUNS = "it has run when the call returns"
    KEEPS = "it's stored and runs later"
    IGNORES = "it's only looked at"
    WRAPS = "the result runs it when called or used"
    LAZY = "the result runs it when iterated"
    COPIES = "iterators are used up, containers are copied into the result"
    PICKS = "iterators are used up, the result is an element"
    AWAITS = "it has run when the result is awaited"
    STARTS = "it runs from now on; it has run when the result is joined or awaited"
    WORK = "the result runs it once it's started"
    ADDS = "it's put into the first argument"


def _names(module: str, names: str, role: Role) -> dict[str, Role]:
    return {f"{module}.{name}": role for name in names.split()}


CALLEES: dict[str, Role] = {
    # -- builtins ------------------------------------------------------------------------------------------------
    **_names("builtins", "list tuple set frozenset sorted dict reversed.list", Role.COPIES),
    **_names("builtins", "min max next", Role.PICKS),
    **_names("builtins", "all any sum bytes bytearray exec eval breakpoint", Role.RUNS),
    **_names("builtins", "map filter zip enumerate iter reversed aiter", Role.LAZY),
    **_names(
        "builtins",
        "callable id type isinstance issubclass len repr str print hash bool hasattr dir vars help ascii format",
        Role.IGNORES,
    ),
    **_names("builtins", "property staticmethod classmethod super getattr", Role.WRAPS),
    "builtins.anext": Role.AWAITS,
    # -- functools, itertools, operator, collections, heapq, bisect ------------------------------------------------
    "functools.reduce": Role.RUNS,
    "functools.wraps": Role.IGNORES,
    "functools.update_wrapper": Role.WRAPS,
    **_names(
        "functools",
        "partial partialmethod cmp_to_key lru_cache cache cached_property singledispatch singledispatchmethod"
        " total_ordering",
        Role.WRAPS,
    ),
    **_names(
        "itertools",
        "accumulate batched chain chain.from_iterable combinations combinations_with_replacement compress count cycle"
        " dropwhile filterfalse groupby islice pairwise permutations product repeat starmap takewhile tee zip_longest",
        Role.LAZY,
    ),
    **_names("operator", "call contains countOf indexOf length_hint", Role.RUNS),
    **_names("collections", "deque OrderedDict Counter UserList UserDict ChainMap", Role.COPIES),
    "collections.defaultdict": Role.WRAPS,
    **_names("heapq", "nlargest nsmallest", Role.COPIES),
    **_names("heapq", "heappush heappushpop heapreplace", Role.ADDS),
    **_names("heapq", "heappop heapify", Role.PICKS),
    "heapq.merge": Role.LAZY,
    **_names("bisect", "bisect bisect_left bisect_right", Role.RUNS),
    **_names("bisect", "insort insort_left insort_right", Role.ADDS),
    # -- text, numbers, tests --------------------------------------------------------------------------------------
    **_names("re", "sub subn", Role.RUNS),
    **_names("math", "fsum prod dist sumprod hypot", Role.RUNS),
    **_names("statistics", "mean fmean median mode stdev pstdev variance pvariance quantiles multimode", Role.RUNS),
    **_names("random", "choice sample choices shuffle", Role.PICKS),
    **_names("timeit", "timeit repeat", Role.RUNS),
    "timeit.Timer": Role.WRAPS,
    "difflib.SequenceMatcher": Role.RUNS,
    **_names("cProfile", "run runctx", Role.RUNS),
    **_names("os.path", "join commonpath commonprefix", Role.RUNS),
    **_names("subprocess", "run call check_call check_output Popen", Role.RUNS),
    **_names("json", "dumps dump loads load", Role.RUNS),
    **_names("pickle", "dumps dump loads load", Role.IGNORES),
    "os.walk": Role.LAZY,
    "shutil.copytree": Role.RUNS,
    "array.array": Role.RUNS,
    "warnings.warn": Role.IGNORES,
    "copy.copy": Role.WRAPS,
    "copy.deepcopy": Role.WRAPS,
    "typing.cast": Role.WRAPS,
    **_names("inspect", "signature getsource getdoc isfunction iscoroutinefunction unwrap", Role.IGNORES),
    **_names("typing", "get_type_hints no_type_check final override", Role.WRAPS),
    **_names("pytest", "raises warns deprecated_call", Role.RUNS),
    "pytest.param": Role.WRAPS,
    **_names(
        "unittest.mock",
        "Mock MagicMock AsyncMock NonCallableMock PropertyMock create_autospec patch.object",
        Role.WRAPS,
    ),
    # -- threads, processes, tasks ---------------------------------------------------------------------------------
    **_names("threading", "Thread Timer", Role.WORK),
    **_names("multiprocessing", "Process", Role.WORK),
    **_names("_thread", "start_new_thread", Role.KEEPS),
    **_names("threading", "settrace setprofile", Role.KEEPS),
    **_names("concurrent.futures", "wait as_completed", Role.RUNS),
    **_names("asyncio", "create_task ensure_future run_coroutine_threadsafe", Role.STARTS),
    **_names("asyncio", "gather wait wait_for shield to_thread as_completed", Role.AWAITS),
    "asyncio.run": Role.RUNS,
    **_names("asyncio", "start_server start_unix_server", Role.KEEPS),
    **_names("asyncio", "iscoroutine iscoroutinefunction", Role.IGNORES),
    **_names("trio", "run from_thread.run from_thread.run_sync", Role.RUNS),
    **_names("trio", "to_thread.run_sync", Role.AWAITS),
    **_names("anyio", "run from_thread.run from_thread.run_sync", Role.RUNS),
    **_names("anyio", "to_thread.run_sync to_process.run_sync", Role.AWAITS),
    **_names("joblib", "delayed", Role.WRAPS),
    # -- things that outlive their caller --------------------------------------------------------------------------
    **_names("atexit", "register", Role.KEEPS),
    **_names("weakref", "finalize ref proxy WeakMethod", Role.KEEPS),
    **_names("signal", "signal", Role.KEEPS),
    **_names("sys", "settrace setprofile addaudithook set_asyncgen_hooks", Role.KEEPS),
    **_names("codecs", "register register_error", Role.KEEPS),
    **_names("copyreg", "pickle", Role.KEEPS),
    **_names("gc", "callbacks.append", Role.KEEPS),
    **_names("types", "MethodType SimpleNamespace FunctionType coroutine DynamicClassAttribute", Role.WRAPS),
    **_names("contextlib", "contextmanager asynccontextmanager closing nullcontext aclosing", Role.WRAPS),
    **_names("dataclasses", "field replace dataclass make_dataclass", Role.WRAPS),
    **_names("abc", "abstractmethod", Role.WRAPS),
    **_names("typing", "overload runtime_checkable", Role.WRAPS),
    # -- libraries -------------------------------------------------------------------------------------------------
    **_names("numpy", "vectorize frompyfunc", Role.WRAPS),
    **_names("jax", "jit grad vmap pmap value_and_grad jacfwd jacrev hessian checkpoint", Role.WRAPS),
    **_names("numba", "jit njit vectorize guvectorize cuda.jit", Role.WRAPS),
    **_names("torch", "no_grad compile jit.script vmap", Role.WRAPS),
    **_names("tensorflow", "function", Role.WRAPS),
    **_names("sympy", "lambdify Lambda", Role.WRAPS),
    **_names("PyQt5.QtCore", "QTimer.singleShot", Role.KEEPS),
    **_names("PyQt6.QtCore", "QTimer.singleShot", Role.KEEPS),
    **_names("PySide2.QtCore", "QTimer.singleShot", Role.KEEPS),
    **_names("PySide6.QtCore", "QTimer.singleShot", Role.KEEPS),
    **_names("gevent", "spawn spawn_later", Role.STARTS),
    **_names("gevent", "joinall wait", Role.RUNS),
    **_names("twisted.internet.task", "LoopingCall", Role.WRAPS),
    **_names("twisted.internet.threads", "deferToThread", Role.KEEPS),
    **_names("django.db.transaction", "on_commit", Role.KEEPS),
    **_names("django.utils.functional", "lazy SimpleLazyObject cached_property keep_lazy", Role.WRAPS),
    **_names("schedule", "every.do", Role.KEEPS),
}
"""What well-known callables do, by dotted name."""

RUNNING_MODULES = (
    *("scipy.optimize", "scipy.integrate", "scipy.ndimage", "scipy.stats", "numpy", "networkx", "pandas.testing"),
    *("jax.lax", "jax.tree_util", "jax.tree", "sympy.testing", "sympy.utilities.pytest", "numpy.testing"),
    *("more_itertools.consume", "nose.tools", "tree"),
)
"""Modules whose functions run the functions they are given before they return, unless listed above."""

RUNNING_NAMES = frozenset(
    {
        *("raises", "assert_raises", "assert_raises_regex", "assert_raises_regexp", "assert_warns", "assertRaises"),
        *(
            "assertRaisesRegex",
            "assertRaisesRegexp",
            "assertWarns",
            "assertWarnsRegex",
            "assertLogs",
            "failUnlessRaises",
        ),
        *("assert_raises_rpc_error", "raises_regex", "warns_deprecated_sympy", "fsum"),
        *("Matrix", "ImmutableMatrix", "SparseMatrix", "ImmutableDenseMatrix", "ImmutableSparseMatrix"),
    }
)
"""Functions and methods known by their last name, from whatever module they come."""

RUNNING_METHODS = frozenset(
    {
        # pandas, polars, dask, xarray
        *("apply", "applymap", "transform", "agg", "aggregate", "map", "pipe", "assign", "rename", "combine"),
        *("map_rows", "map_elements", "map_blocks", "sort_values", "groupby", "parallel_apply", "progress_apply"),
        *("apply_ufunc", "map_partitions", "rename_axis", "set_axis", "where", "mask"),
        # list.sort, re.Pattern.sub, str.join, containers that take the elements of an iterator
        *("sort", "sub", "subn", "join", "union", "intersection", "difference", "symmetric_difference"),
        *(
            "issubset",
            "issuperset",
            "isdisjoint",
            "intersection_update",
            "difference_update",
            "writelines",
            "writerows",
        ),
        *("executemany", "fromiter", "from_iterable", "issuperset", "symmetric_difference_update", "fromkeys"),
        # pools that block, event loops that run until done
        *("starmap", "run_until_complete", "timeit", "runcall", "run_sync", "retry_call", "wait_for"),
    }
)
"""Methods of unknown objects that run what they are given before they return."""

COPYING_METHODS = frozenset({"extend", "extendleft", "update"})
"""Methods that use up iterators and put the elements of their arguments into the receiver."""

STORING_METHODS = frozenset(
    {
        *("append", "add", "appendleft", "insert", "push", "put", "put_nowait", "setdefault", "__setitem__", "setlist"),
        *("appendall", "enqueue", "add_nowait", "send", "send_nowait"),
    }
)
"""Methods of containers and queues that store their arguments in the receiver."""

KEEPING_METHODS = frozenset(
    {
        # GUI toolkits: tkinter, Qt, wx, GTK, Kivy, ipywidgets, Bokeh, matplotlib
        *("connect", "bind", "bind_all", "bind_class", "tag_bind", "protocol", "trace", "trace_add", "trace_variable"),
        *("after", "after_idle", "after_cancel_callback", "add_command", "add_checkbutton", "add_radiobutton"),
        *("singleShot", "addAction", "Bind", "Connect", "CallAfter", "CallLater", "idle_add", "timeout_add"),
        *("on_click", "on_change", "on_event", "on_submit", "on_msg", "on_trait_change", "observe", "mpl_connect"),
        *("on_clicked", "on_changed", "on_select", "onclick", "on_press", "new_timer", "js_on_change", "on_displayed"),
        *("schedule_once", "schedule_interval", "fbind", "set_trace_callback", "createcommand"),
        # callbacks and events in general
        *("add_done_callback", "add_callback", "add_callbacks", "addCallback", "addErrback", "addBoth", "addCallbacks"),
        *(
            "add_handler",
            "addHandler",
            "add_listener",
            "addListener",
            "add_observer",
            "addObserver",
            "addEventListener",
        ),
        *("subscribe", "register", "register_callback", "register_handler", "register_function", "add_hook", "on"),
        *(
            "once",
            "listen",
            "when",
            "attach",
            "hook",
            "set_callback",
            "setCallback",
            "set_handler",
            "add_event_handler",
        ),
        *("register_forward_hook", "register_hook", "register_backward_hook", "register_full_backward_hook"),
        *("register_forward_pre_hook", "registerProducer", "addSystemEventTrigger", "notifyFinish"),
        *("add_event_listener", "on_message", "on_connect", "add_signal_handler", "add_signal_receiver", "add_watch"),
        *("register_error_handler", "before_request", "after_request", "teardown_request", "errorhandler"),
        # event loops and schedulers
        *("call_soon", "call_later", "call_at", "call_soon_threadsafe", "callLater", "callFromThread", "callInThread"),
        *("callWhenRunning", "add_reader", "add_writer", "add_timeout", "enter", "enterabs", "add_job", "schedule"),
        *("spawn_callback", "add_future", "run_later", "start_soon_later", "on_commit", "deferLater"),
        # web frameworks, command lines
        *("add_url_rule", "add_api_route", "add_route", "add_view", "add_get", "add_post", "route", "add_resource"),
        *("add_template_filter", "add_template_global", "register_blueprint", "add_websocket_route"),
        # tests, cleanup
        *("addCleanup", "addClassCleanup", "addModuleCleanup", "addfinalizer", "addAsyncCleanup", "add_finalizer"),
        *(
            "useFixture",
            "addTypeEqualityFunc",
            "add_cleanup",
            "set_defaults",
            "addFilter",
            "add_filter",
            "setdefaulthook",
        ),
    }
)
"""Methods of unknown objects that keep what they are given and run it later."""

CONTEXT_METHODS = frozenset(
    {"callback", "push", "push_async_callback", "push_async_exit", "enter_context", "enter_async_context"}
)
"""Methods of an exit stack: what they are given runs when the stack is left."""

STARTING_METHODS = frozenset(
    {
        *("submit", "create_task", "ensure_future", "start_soon", "apply_async", "map_async", "starmap_async", "spawn"),
        *("run_in_executor", "spawn_later", "create_background_task", "start_task", "imap", "imap_unordered"),
    }
)
"""Methods that start what they are given; the result, or the end of the receiver's ``with`` block, waits for it."""

JOINING_METHODS = frozenset({"join", "result", "wait", "get", "exception", "communicate", "wait_for", "cancel"})
"""Methods of threads, tasks and futures after which the work is done."""

AWAITING_METHODS = frozenset({"to_thread", "gather", "run_in_threadpool"})

IGNORING_METHODS = frozenset(
    {
        *("debug", "info", "warning", "warn", "error", "critical", "exception", "log", "count"),
        *("index", "assertEqual", "assertTrue", "assertFalse", "assertIs", "assertIsNone", "assertIsNotNone"),
        *("assertIn", "assertIsInstance", "write", "isEnabledFor", "fail", "assertIsNot"),
    }
)
"""Methods of unknown objects that neither run nor keep what they are given."""

RELEASING_METHODS = frozenset(
    {
        *("disconnect", "unbind", "unsubscribe", "removeHandler", "remove_listener", "removeListener", "deregister"),
        *("unregister", "remove_callback", "remove_done_callback", "off", "remove_handler", "removeObserver", "detach"),
        *("remove", "discard", "remove_observer", "unobserve", "removeEventListener", "mpl_disconnect", "removeFilter"),
    }
)
"""Methods that undo what one of the keeping methods did."""

COMMON_METHODS = (
    STORING_METHODS
    | COPYING_METHODS
    | RUNNING_METHODS
    | JOINING_METHODS
    | IGNORING_METHODS
    | {"connect", "pop", "start"}
)
"""Methods that so many classes have that a class of the file which has one says nothing about an unknown object."""

ELEMENT_METHODS = frozenset({"get", "pop", "popleft", "popitem", "setdefault", "__getitem__", "get_nowait"})
"""Methods whose result is an element of the receiver."""
VIEW_METHODS = frozenset({"values", "copy", "items", "__iter__", "elements", "keys"})
"""Methods whose result holds the elements of the receiver."""

CONTAINER_MAKERS = frozenset(
    {
        *("builtins.list", "builtins.dict", "builtins.set", "builtins.sorted", "collections.deque"),
        *("collections.defaultdict", "collections.OrderedDict", "collections.Counter", "queue.Queue"),
        *("queue.LifoQueue", "queue.PriorityQueue", "queue.SimpleQueue", "asyncio.Queue", "types.SimpleNamespace"),
        *("contextlib.ExitStack", "contextlib.AsyncExitStack", "collections.UserDict", "collections.UserList"),
    }
)
"""Callables that make a new, empty or filled container."""

EXECUTORS = frozenset(
    {
        *("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.ProcessPoolExecutor"),
        *("concurrent.futures.thread.ThreadPoolExecutor", "concurrent.futures.process.ProcessPoolExecutor"),
        "concurrent.futures.Executor",
    }
)
"""Classes whose ``map`` returns before the work is done."""

TRANSPARENT_DECORATORS = frozenset(
    {
        *("builtins.staticmethod", "builtins.classmethod", "builtins.property", "functools.wraps"),
        *("functools.lru_cache", "functools.cache", "functools.cached_property", "functools.total_ordering"),
        *("functools.singledispatch", "functools.singledispatchmethod", "functools.partial"),
        *("contextlib.contextmanager", "contextlib.asynccontextmanager", "contextlib.suppress"),
        *("typing.no_type_check", "typing.overload", "typing.final", "typing.override", "typing.cast"),
        *("abc.abstractmethod", "dataclasses.dataclass", "numba.jit", "numba.njit", "jax.jit", "torch.no_grad"),
        *("types.coroutine", "tensorflow.function", "torch.inference_mode", "attr.s", "attrs.define"),
        *("typing.runtime_checkable", "unittest.skip", "unittest.skipIf", "unittest.skipUnless"),
        *("unittest.mock.patch", "unittest.mock.patch.object", "unittest.mock.patch.dict", "tenacity.retry"),
        *(
            "jax.experimental.pallas.when",
            "twisted.internet.defer.inlineCallbacks",
            "asyncio.coroutine",
            "numpy.vectorize",
        ),
    }
)
"""Decorators that return a function which runs the decorated one when it's called, and keep nothing."""

CALLBACK_KEYWORDS = frozenset({"command", "callback", "postcommand", "validatecommand", "invalidcommand", "errback"})


def is_callback_keyword(name: str) -> bool:
    """Whether an argument of this name is kept as a callback: ``command=``, ``on_click=``."""
    return name in CALLBACK_KEYWORDS or name.startswith("on_")


def role_of(dotted: str) -> Role | None:
    """What a callable with a dotted origin does; ``None`` if that isn't known."""
    role = CALLEES.get(dotted)
    if role is not None:
        return role
    if dotted.rpartition(".")[2] in RUNNING_NAMES:
        return Role.RUNS
    return Role.RUNS if dotted.startswith(tuple(f"{module}." for module in RUNNING_MODULES)) else None

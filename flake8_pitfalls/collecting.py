"""The garbage collector, which looks through a growing tree again and again although nothing in it is garbage."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Put the garbage collector off within the block."""
    import gc

    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def collect() -> None:
    """Give back what is garbage, where the collector is put off and a lot of garbage is known to be."""
    import gc

    gc.collect()


@functools.cache
def spare_what_stays(_what: str) -> None:
    """Exempt what there is now from the collector's rounds: the modules that were imported stay as long as the process.

    It's done once for each ``_what`` in a process: what was garbage in a cycle by then is never given back.
    """
    import gc

    gc.freeze()

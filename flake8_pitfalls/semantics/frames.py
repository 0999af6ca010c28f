"""Deep recursion, for what goes through trees from level to level."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_FRAMES = 50_000
"""A handful of Python frames for each level of a tree; they are cheap since 3.11."""


@contextmanager
def enough_frames() -> Iterator[None]:
    """Let functions go as deep within the block as the parser did."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)

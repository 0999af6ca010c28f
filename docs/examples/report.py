"""Defaults that nothing in sight changes: what is only read is harmless, what is handed on depends on others."""

from collections.abc import Callable, Sequence


def total(prices: list[int], discounts: Sequence[int] = []) -> int:  # PIT202
    """Read the default, and do nothing else with it."""
    return sum(prices) - sum(discounts)


def report(layout: Callable[[list[str]], str], columns: list[str] = []) -> str:  # PIT202
    """Hand the default on, to whatever the caller passed."""
    return layout(columns)


def numbered(columns: list[str]) -> str:
    """Put a number in front of the columns; here the list changes."""
    columns.insert(0, "#")
    return " ".join(columns)


print(total([5, 7]), total([5, 7], [2]))
print(report(numbered))
print(report(numbered))

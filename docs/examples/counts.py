"""A dictionary that can be used, but not stored: its factory is a lambda."""

import pickle
from collections import defaultdict


def count(text):
    """Count which letters follow which."""
    counts = defaultdict(lambda: defaultdict(lambda: 0))
    for first, second in zip(text, text[1:]):
        counts[first][second] += 1
    return counts


def stored(text):
    """Count, and bring the counts in a form that can be stored."""
    return pickle.dumps(count(text))  # PIT401


if __name__ == "__main__":
    try:
        print("stored and read:", pickle.loads(stored("banana"))["a"]["n"])
    except Exception:
        print("the counts could not be stored")

"""Objects that can't be pickled, about which a person has to decide: they're reported, and left alone."""

import threading
from multiprocessing import Pool


def lengths(words):
    """Collect something in a list: each process would collect it in a list of its own."""
    found = []

    def note(word):
        found.append(len(word))

    with Pool(1) as pool:
        pool.map(note, words)  # PIT401, not fixed
    return found


class Counter:
    """An object that holds a lock: locks stay in their process."""

    def __init__(self):
        self.lock = threading.Lock()

    def length(self, word):
        """How long a word is."""
        with self.lock:
            return len(word)

    def lengths(self, words):
        """How long some words are."""
        with Pool(1) as pool:
            return pool.map(self.length, words)  # PIT401, not fixed


def letters(word):
    """A generator: it hasn't run when the worker returns it."""
    yield from word


def all_letters(words):
    """All letters of some words."""
    with Pool(1) as pool:
        return [*map(list, pool.map(letters, words))]  # PIT404, not fixed


if __name__ == "__main__":
    for work in (lengths, Counter().lengths, all_letters):
        try:
            print(work(["one", "three"]))
        except Exception:
            print("not done")

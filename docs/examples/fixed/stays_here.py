"""Lambdas and nested functions that are never pickled: nothing is reported here."""

import copy
import pickle
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pool
from multiprocessing.pool import ThreadPool


def add_up(numbers):
    """The task of a pool: a function of the module."""
    return sum(numbers)


def totals(rows, factor):
    """What the parent does with arguments and results isn't sent: only the elements are."""
    found = []
    with Pool(1) as pool:
        scaled = ([factor * number for number in row] for row in rows)
        pool.map_async(add_up, scaled, callback=lambda sums: found.extend(sums)).wait()
    return found


def in_threads(numbers, factor):
    """Threads share their objects."""
    with ThreadPool(1) as pool, ThreadPoolExecutor(1) as executor:
        tripled = pool.map(lambda number: number * factor, numbers)
        return executor.submit(lambda: sum(tripled)).result()


def plain_counts(words):
    """A dictionary that is made of the other one has no factory."""
    counts = defaultdict(lambda: 0)
    for word in words:
        counts[word] += 1
    copy.deepcopy(counts)
    return pickle.loads(pickle.dumps(dict(counts)))


if __name__ == "__main__":
    print(totals([[1, 2], [3]], 10), in_threads([1, 2], 3), plain_counts(["one", "two", "one"]))

"""A defaultdict with a lambda, stored"""

import pickle
from collections import defaultdict


def stored():
    counts = defaultdict(lambda: 0)
    counts["a"] += 1
    return pickle.dumps(counts)


if __name__ == "__main__":
    try:
        print(pickle.loads(stored())["b"] == 0)
    except Exception:
        print(False)

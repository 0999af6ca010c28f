"""A generator function as the task of a pool"""

from multiprocessing import Pool


def words(line):
    yield from line.split()


def count(lines):
    with Pool(1) as pool:
        return sum(len(list(found)) for found in pool.map(words, lines))


if __name__ == "__main__":
    try:
        print(count(["the quick", "fox"]) == 3)
    except Exception:
        print(False)

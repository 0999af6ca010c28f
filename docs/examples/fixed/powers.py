"""A nested function as the task of a pool: it can't be sent to the workers."""

from multiprocessing import Pool
import functools


def power(exponent, number):
    return number**exponent


def powers(numbers, exponent):
    """Raise all numbers to a power."""

    with Pool(1) as pool:
        return pool.map(functools.partial(power, exponent), numbers)  # PIT401


if __name__ == "__main__":
    try:
        print("powers:", powers([1, 2, 3], 2))
    except Exception:
        print("the function could not be sent")

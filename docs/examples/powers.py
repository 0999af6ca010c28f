"""A nested function as the task of a pool: it can't be sent to the workers."""

from multiprocessing import Pool


def powers(numbers, exponent):
    """Raise all numbers to a power."""

    def power(number):
        return number**exponent

    with Pool(1) as pool:
        return pool.map(power, numbers)  # PIT401


if __name__ == "__main__":
    try:
        print("powers:", powers([1, 2, 3], 2))
    except Exception:
        print("the function could not be sent")

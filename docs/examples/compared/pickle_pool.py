"""A nested function as the task of a pool"""

from multiprocessing import Pool


def squares(numbers):
    def square(number):
        return number * number

    with Pool(1) as pool:
        return pool.map(square, numbers)


if __name__ == "__main__":
    try:
        print(squares([1, 2]) == [1, 4])
    except Exception:
        print(False)

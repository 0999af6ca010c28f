"""A nested function as the task of a pool that is a parameter"""

from multiprocessing import Pool


def squares(pool, numbers):
    def square(number):
        return number * number

    return pool.map(square, numbers)


if __name__ == "__main__":
    with Pool(1) as made:
        try:
            print(squares(made, [1, 2]) == [1, 4])
        except Exception:
            print(False)

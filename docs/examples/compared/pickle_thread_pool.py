"""Correct: a nested function as the task of a pool of threads"""

from multiprocessing.pool import ThreadPool


def squares(numbers):
    def square(number):
        return number * number

    with ThreadPool(1) as pool:
        return pool.map(square, numbers)


print(squares([1, 2]) == [1, 4])

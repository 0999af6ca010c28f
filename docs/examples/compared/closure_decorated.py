"""A decorated function in a loop, kept in a list"""

import functools


def twice(function):
    @functools.wraps(function)
    def wrapper():
        return 2 * function()

    return wrapper


made = []
for number in (1, 2, 3):

    @twice
    def double():
        return number

    made.append(double)

print([each() for each in made] == [2, 4, 6])

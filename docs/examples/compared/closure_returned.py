"""Correct: a loop that ends when the closure is made"""

def first_even(numbers):
    for number in numbers:
        if number % 2 == 0:
            return lambda: number
    return None


print(first_even([1, 2, 3])() == 2)

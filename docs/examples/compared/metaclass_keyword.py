"""Correct, but needless: metaclass=type in the header of a class"""

class Shape(metaclass=type):
    sides = 4


print(Shape.sides == 4)

"""Correct, but needless: __metaclass__ = type in the body of a class"""

class Shape:
    __metaclass__ = type

    sides = 4


print(Shape.sides == 4)

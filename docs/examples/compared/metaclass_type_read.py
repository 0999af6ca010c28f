"""Correct: __metaclass__ = type, which the file reads"""

class Shape:
    __metaclass__ = type

    sides = 4


class Square(Shape.__metaclass__("Base", (), {})):
    pass


print(Square().__class__ is Square)

"""An abstract class written for Python 2: nobody notices that a shape is incomplete."""

from abc import ABC, ABCMeta, abstractmethod


class Shape(metaclass=ABCMeta):  # PIT301
    """Something that has an area."""

    @abstractmethod
    def area(self):
        """Tell how large it is."""


class Circle(Shape):
    """A shape whose author forgot the area."""


class Named(ABC):  # PIT302
    """A class that says the same a second time, in today's way."""

    name = "none"


try:
    print("area:", Circle().area())
except TypeError:
    print("a circle without an area can't be made")
print("name:", Named().name)

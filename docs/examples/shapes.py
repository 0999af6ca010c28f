"""An abstract class written for Python 2: nobody notices that a shape is incomplete."""

from abc import ABC, ABCMeta, abstractmethod


class Shape:
    """Something that has an area."""

    __metaclass__ = ABCMeta  # PIT301

    @abstractmethod
    def area(self):
        """Tell how large it is."""


class Circle(Shape):
    """A shape whose author forgot the area."""


class Named(ABC):
    """A class that says the same a second time, in today's way."""

    __metaclass__ = ABCMeta  # PIT302

    name = "none"


try:
    print("area:", Circle().area())
except TypeError:
    print("a circle without an area can't be made")
print("name:", Named().name)

"""A metaclass named in the body of a class"""

from abc import ABCMeta, abstractmethod


class Shape:
    __metaclass__ = ABCMeta

    @abstractmethod
    def area(self):
        """Nothing in general."""


try:
    Shape()
    print(False)
except TypeError:
    print(True)

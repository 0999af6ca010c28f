"""Correct, but needless: with_metaclass() of six"""

from abc import ABCMeta

try:
    import six
except ImportError:
    print(True)
else:

    class Shape(six.with_metaclass(ABCMeta, object)):
        pass

    print(type(Shape) is ABCMeta)

"""Metaclasses about which a person has to decide: they're reported, and left alone."""


class Counting(type):
    """One metaclass."""


class Tracing(type):
    """Another one."""


class Both(metaclass=Counting):
    """A class with a metaclass for Python 3 and another for Python 2."""

    __metaclass__ = Tracing  # PIT301, not fixed


class Counted(metaclass=Counting):
    """A class with one metaclass only."""


class Child(Counted):
    """A class that wants another metaclass than its base has."""

    __metaclass__ = Tracing  # PIT301, not fixed


class Local:
    """A class that defines its metaclass inside."""

    class __metaclass__(Tracing):  # PIT301, not fixed
        pass


class Late:
    """A class that gets the attribute when it's made already: that never had an effect."""


Late.__metaclass__ = Tracing  # PIT304, not fixed

print([type(made).__name__ for made in (Both, Child, Local, Late)])

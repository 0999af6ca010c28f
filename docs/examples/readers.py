"""A registry that a metaclass fills, written for Python 2: it stays empty."""

readers = {}


class Registering(type):
    """Remember which class reads which files."""

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        if "suffix" in namespace:
            readers[cls.suffix] = name


class Reader(object):
    """What all readers have in common."""

    __metaclass__ = Registering  # PIT301


class CsvReader(Reader):
    """Read tables."""

    suffix = ".csv"


class JsonReader(Reader):
    """Read trees."""

    suffix = ".json"


print("readers:", readers)

"""A metaclass for a whole module, written for Python 2: Python 3 doesn't look at the variable."""


class Table(type):
    """Show a class by the name of its table."""

    def __repr__(cls):
        return f"table {cls.__name__.lower()}s"


__metaclass__ = Table  # PIT303


class Author:
    """Who wrote it."""


class Book:
    """What was written."""


class Shelf(list):
    """Not a table: in Python 2 the variable counted for classes without bases only."""


print(Author, Book, Shelf())

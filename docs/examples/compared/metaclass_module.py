"""A metaclass for a whole module"""

class Table(type):
    def name(cls):
        return cls.__name__.lower()


__metaclass__ = Table


class Author:
    pass


print(hasattr(Author, "name"))

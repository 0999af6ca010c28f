"""Reading __metaclass__ of a class that has none"""

class Shape:
    pass


print(getattr(Shape, "__metaclass__", None) is type)

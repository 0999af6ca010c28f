"""A namedtuple that is bound to another name"""

import pickle
from collections import namedtuple

Point = namedtuple("Coordinates", "x y")

try:
    print(pickle.loads(pickle.dumps(Point(1, 2))).x == 1)
except pickle.PicklingError:
    print(False)

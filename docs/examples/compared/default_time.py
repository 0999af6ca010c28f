"""A default that is the time of the import"""

import time


def stamp(now=time.monotonic()):
    return now


first = stamp()
time.sleep(0.01)
print(stamp() > first)

"""A list in functools.partial()"""

from functools import partial


def put(item, basket):
    basket.append(item)
    return basket


buy = partial(put, basket=[])
buy("apples")

print(buy("bread") == ["bread"])

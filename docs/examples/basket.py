"""A default that the function changes: the second customer pays for the first one's items."""


def put(item, basket=[]):  # PIT201
    """Put an item into a basket, by default into a new one."""
    basket.append(item)
    return basket


print("Ann:", put("apples"))
print("Bob:", put("bread"))

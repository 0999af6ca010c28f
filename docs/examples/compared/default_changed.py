"""A default that the function changes"""

def put(item, basket=[]):
    basket.append(item)
    return basket


put("apples")
print(put("bread") == ["bread"])

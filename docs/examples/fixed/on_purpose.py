"""Defaults whose fix would change what the program does: they're reported, and left alone."""


def square(number, cache={}):  # PIT202, not fixed
    """Remember results from call to call, on purpose."""
    if number not in cache:
        print("computing", number)
        cache[number] = number**2
    return cache[number]


def tagged(name, tags=[]):  # PIT201, not fixed
    """Tag a name; None is a value of its own here."""
    if tags is None:
        return name
    tags.append(name)
    return ",".join(tags)


print(square(3), square(3))
print(tagged("a", None), tagged("b"), tagged("c"))

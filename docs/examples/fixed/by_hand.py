"""Closures for which a default would be wrong: they're reported, and left alone."""


def labels(names):
    """Make functions that return labels; the label is put together after the function is made."""
    found = []
    for name in names:
        found.append(lambda: label)  # PIT101, not fixed
        label = f"<{name}>"
    return found


def countdowns(steps):
    """Make functions that call themselves by a name which the loop binds to the next one."""
    found = []
    for step in steps:

        def countdown(number):
            rest = countdown(number - 1) if number > 1 else []  # PIT101, not fixed
            return [number * step, *rest]  # PIT101, not fixed

        found.append(countdown)
    return found


print([label() for label in labels(["Ann", "Bob"])])
print([countdown(3) for countdown in countdowns([1, 10])])

"""A default that is used up: an iterator yields its items once, however often the function is called."""


def launch(seconds=map(str, range(3, 0, -1))):  # PIT201, not fixed
    """Count down."""
    return " ".join([*seconds, "go!"])


print(launch())
print(launch())

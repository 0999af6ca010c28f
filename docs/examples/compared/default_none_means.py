"""Correct: None has a meaning, so it can't be the default"""

def show(tags=[]):
    return "unknown" if tags is None else ", ".join(tags) or "none"


print([show(), show(None), show(["a"])] == ["none", "unknown", "a"])

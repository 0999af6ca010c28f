"""A default that is used up"""

def number_lines(lines, numbers=iter(range(1, 100))):
    return [f"{number} {line}" for line, number in zip(lines, numbers)]


number_lines(["a"])
print(number_lines(["b"]) == ["1 b"])

"""The shortest of all: a comprehension that makes three functions, which share one variable."""

functions = [lambda: i for i in range(3)]  # PIT101

print([function() for function in functions])

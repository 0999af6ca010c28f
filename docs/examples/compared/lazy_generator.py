"""A generator expression in a loop, used after it"""

made = []
for factor in (1, 10):
    made.append(factor * number for number in (1, 2))

print([list(each) for each in made] == [[1, 2], [10, 20]])

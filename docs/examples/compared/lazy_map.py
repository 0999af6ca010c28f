"""map() in a loop, used after it"""

made = []
for factor in (1, 10):
    made.append(map(lambda number: factor * number, (1, 2)))

print([list(each) for each in made] == [[1, 2], [10, 20]])

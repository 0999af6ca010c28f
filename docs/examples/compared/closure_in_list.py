"""A lambda in a loop, kept in a list"""

made = []
for number in (1, 2, 3):
    made.append(lambda: number)

print([each() for each in made] == [1, 2, 3])

"""A lambda in a comprehension"""

made = [lambda: number for number in (1, 2, 3)]

print([each() for each in made] == [1, 2, 3])

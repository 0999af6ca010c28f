"""A lambda in a while loop, reading what the body assigns"""

made = []
rest = [1, 2, 3]
while rest:
    number = rest.pop(0)
    made.append(lambda: number)

print([each() for each in made] == [1, 2, 3])

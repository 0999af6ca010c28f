"""A lambda in a loop, passed to a function that is a parameter"""

def plan_all(plan, numbers):
    for number in numbers:
        plan(lambda: number)


made = []
plan_all(made.append, (1, 2, 3))
print([each() for each in made] == [1, 2, 3])

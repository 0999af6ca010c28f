"""Correct: a function that is called where it's made"""

found = []
for number in (1, 2, 3):

    def doubled():
        return 2 * number

    found.append(doubled())

print(found == [2, 4, 6])

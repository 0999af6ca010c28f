"""Correct: a function that is the key of sorted()"""

found = []
for sign in (1, -1):

    def key(number):
        return sign * number

    found.append(sorted((1, 2), key=key))

print(found == [[1, 2], [2, 1]])

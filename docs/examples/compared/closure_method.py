"""The method of a class made in a loop"""

classes = []
for number in (1, 2, 3):

    class Row:
        def value(self):
            return number

    classes.append(Row)

print([each().value() for each in classes] == [1, 2, 3])

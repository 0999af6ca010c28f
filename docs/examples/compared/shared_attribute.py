"""A class attribute that a method changes through an instance"""

class Stack:
    items = []

    def push(self, item):
        self.items.append(item)


Stack().push(1)
print(Stack().items == [])

"""Functions made in a loop: all adders add the last number."""

adders = []
for number in (1, 10, 100):

    def add(amount, *, number=number):
        """Add the number of this adder."""
        return amount + number  # PIT101

    adders.append(add)

print([add(5) for add in adders])

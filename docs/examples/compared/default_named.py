"""A default that is a global list"""

NOBODY = []


def invite(name, guests=NOBODY):
    guests.append(name)
    return guests


invite("Ann")
print(invite("Bob") == ["Bob"])

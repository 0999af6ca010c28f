"""A class decorator that wraps every method in a loop: all wrappers call the last one."""

import functools
import inspect


def traced(cls):
    """Let every method of a class tell that it's called."""
    for name, method in inspect.getmembers(cls, inspect.isfunction):

        @functools.wraps(method)
        def wrapper(self, *args):
            print("calling", name)  # PIT101
            return method(self, *args)  # PIT101

        setattr(cls, name, wrapper)
    return cls


@traced
class Account:
    """Somebody's money."""

    balance = 0

    def deposit(self, amount):
        """Put money in."""
        self.balance += amount

    def withdraw(self, amount):
        """Take money out."""
        self.balance -= amount


account = Account()
account.deposit(100)
account.withdraw(30)
print("balance:", account.balance)

"""Correct: a default that remembers results"""

calls = []


def slow(number, memo={}):
    if number not in memo:
        calls.append(number)
        memo[number] = number * number
    return memo[number]


print(slow(3) == slow(3) == 9 and calls == [3])

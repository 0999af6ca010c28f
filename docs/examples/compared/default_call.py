"""A default made by a call"""

from collections import Counter


def count(word, seen=Counter()):
    seen[word] += 1
    return seen[word]


count("a")
print(count("a") == 1)

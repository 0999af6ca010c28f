"""Correct: a default that is copied before it's changed"""

def with_end(words, ends=["."]):
    ends = list(ends)
    ends.insert(0, "!")
    return words + ends


with_end([])
print(with_end(["Go"]) == ["Go", "!", "."])

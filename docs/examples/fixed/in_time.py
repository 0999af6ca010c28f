"""Closures in loops that do no harm: each runs before the loop goes on, or reads what it should. No reports here."""

import re
from threading import Thread

words = ["pear", "fig", "apple"]
for letter in "ae":
    print(sorted(words, key=lambda word: word.count(letter)))
    print(re.sub("[aeiou]", lambda match: match[0].upper() if match[0] == letter else ".", "pear"))
    print(sum(letter in word for word in words))

for word in words:

    def shout():
        """Only called in the iteration that made it."""
        return word.upper()

    print(shout(), end=" ")
    thread = Thread(target=lambda: print(word))
    thread.start()
    thread.join()

checks = []
for word in words:
    if word.startswith("f"):
        checks.append(lambda text: text == word)
        break
print(checks[0]("fig"))

for word in words:
    last = lambda: word
print(last())

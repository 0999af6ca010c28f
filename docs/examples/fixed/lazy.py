"""Lazy iterators made in a loop: they read the variable when they're used, and that's after the loop."""

scaled = []
for factor in (1, 10, 100):
    scaled.append((lambda factor: (factor * number for number in (1, 2, 3)))(factor))  # PIT102

print([list(numbers) for numbers in scaled])

words = ["rust", "ruby", "lua"]
for letter in "ru":
    words = filter(lambda word, *, letter=letter: letter in word, words)  # PIT102

print(list(words))

"""Callbacks made in a loop: whichever button is clicked, the last one answers."""


class Button:
    """A button as GUI toolkits have it: it keeps a callback, and tells it whether the button is checked."""

    def __init__(self, label):
        self.label = label

    def connect(self, callback):
        """Call this on a click."""
        self.callback = callback

    def click(self):
        """Do what happens when the user clicks."""
        self.callback(False)


buttons = [Button("one"), Button("two"), Button("three")]
for button in buttons:
    button.connect(lambda checked, *, button=button: print("clicked:", button.label))  # PIT101

for each in buttons:
    each.click()

"""Correct: a thread that is joined in the iteration"""

import threading

found = []
for number in (1, 2, 3):
    thread = threading.Thread(target=lambda: found.append(number))
    thread.start()
    thread.join()

print(found == [1, 2, 3])

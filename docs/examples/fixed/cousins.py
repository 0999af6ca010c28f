"""Other places where one mutable object is shared."""

from contextvars import Context, ContextVar


class Dog:
    """An attribute of the class, changed through an instance, belongs to all dogs."""

    tricks: list[str] = []  # PIT203, not fixed

    def learn(self, trick: str) -> None:
        """Learn a trick."""
        self.tricks.append(trick)


rex, fido = Dog(), Dog()
rex.learn("roll over")
print("fido's tricks:", fido.tricks)

votes = {key: [] for key in ["yes", "no"]}  # PIT203
votes["yes"].append("Ann")
print("votes:", votes)

board = [[" "] * 3 for _ in range(2)]  # PIT203
board[0][0] = "x"
print("board:", board)

log: ContextVar[list[str]] = ContextVar("log", default=[])  # PIT203, not fixed


def handle(request: str) -> list[str]:
    """Note a request in the log of its context."""
    log.get().append(request)
    return log.get()


print("log:", Context().run(handle, "first"))
print("log:", Context().run(handle, "second"))

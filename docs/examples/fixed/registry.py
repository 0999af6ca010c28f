"""A default that gets out: it's kept on the instance, and changed much later by somebody else."""


class Team:
    """A team and its members."""

    def __init__(self, name: str, members: list[str] | None = None) -> None:  # PIT201
        if members is None:
            members = []
        self.name = name
        self.members = members

    def __str__(self) -> str:
        return f"{self.name}: {', '.join(self.members) or 'nobody'}"


red, blue = Team("red"), Team("blue")
red.members.append("Ann")
print(red)
print(blue)

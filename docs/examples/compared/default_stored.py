"""A default that is kept on the instance"""

class Team:
    def __init__(self, members=[]):
        self.members = members


Team().members.append("Ann")
print(Team().members == [])

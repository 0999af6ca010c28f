"""dict.fromkeys() with a list"""

votes = dict.fromkeys(["yes", "no"], [])
votes["yes"].append("Ann")

print(votes["no"] == [])

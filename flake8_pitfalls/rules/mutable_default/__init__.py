"""PIT2xx: mutable default arguments, and other places where one mutable object is shared.

``declares`` and ``candidates`` tell the screen what to look for and don't import LibCST; ``rule`` is the rule.
"""

"""PIT1xx: closures made in a loop that read a variable which the loop binds again."""

"""Where a closure goes, and whether its body can run after a variable that it reads was bound again."""

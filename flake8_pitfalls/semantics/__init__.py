"""What the code means: scopes, names, flow and escape, computed on demand."""

"""flake8-pitfalls: Python pitfalls, followed to where they bite, reported by flake8 and fixed on request."""

__version__ = "0.1.0"

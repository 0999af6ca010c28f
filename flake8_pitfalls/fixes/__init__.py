"""Fixes: what they are, how they are applied, verified and written."""

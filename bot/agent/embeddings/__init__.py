"""Texts as vectors, so that what means the same is found by other words."""

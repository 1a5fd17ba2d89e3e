"""Usher killed and cut off wherever a turn can be."""

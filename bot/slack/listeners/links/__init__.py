"""Temporary chat links: made, and looked after, by their creator."""

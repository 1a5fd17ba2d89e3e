"""Turns that end before their answer does."""

"""Baselines: the same things done with the libraries alone, each in a process of its own."""

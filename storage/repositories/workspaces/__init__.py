"""Workspaces, and who did what in them."""

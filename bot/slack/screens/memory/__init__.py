"""Screens of what a member may find again, has noted, and can have forgotten."""

"""Temporary chat links and their guests' sessions."""

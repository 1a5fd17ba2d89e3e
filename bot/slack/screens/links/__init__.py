"""Temporary chat links, as their creator sees them."""

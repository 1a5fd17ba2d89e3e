"""Requests as people type them, and the real tools that fit them."""

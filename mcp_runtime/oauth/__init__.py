"""Signing in to servers by OAuth: found out, begun, finished in any process, kept fresh, ended."""

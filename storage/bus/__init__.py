"""Nudges between equal processes: in memory, or over PostgreSQL."""

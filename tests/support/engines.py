"""Tests for which it matters on which engine they run, where most run on SQLite alone."""

import pytest

on_each_engine = pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
"""What is decided by transactions that meet, and, together, every statement that the product makes."""

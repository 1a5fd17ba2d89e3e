"""Alembic's revisions: what the tables were, in plain types that never change."""

"""Alembic's revisions: what the tables were, in plain types that never change."""

from pathlib import Path

FOLDER = Path(__file__).parent


def revisions() -> list[str]:
    """All that this version knows, oldest first: each is what its file's name begins with."""
    return sorted(path.name.partition("_")[0] for path in (FOLDER / "versions").rglob("[0-9]*_*.py"))

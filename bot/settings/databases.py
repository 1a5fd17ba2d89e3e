"""Rules for the database's address, and for the role that owns its tables."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def database_url(value: str) -> str:
    try:
        parsed = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL, such as sqlite+aiosqlite:///usher.db") from None
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise ValueError("has to begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ValueError("has to name a file: what is kept in memory would not survive a restart")
    return value


def owner_url(value: str | None) -> str | None:
    if value is None:
        return value
    if not database_url(value).startswith("postgresql"):
        raise ValueError("is for PostgreSQL alone: leave it out on SQLite")
    return value


def of_the_same_database(owner: str, url: str) -> None:
    """Raises ValueError unless the two differ in their role alone."""
    first, second = make_url(owner), make_url(url)
    if (first.host, first.port, first.database) != (second.host, second.port, second.database):
        raise ValueError("has to name the same host, port and database as DATABASE_URL")
    if first.username == second.username:
        raise ValueError("has to name another role than DATABASE_URL: a table's owner is let through every policy")


def role_of(url: str) -> str:
    return make_url(url).username or ""

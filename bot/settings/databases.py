"""What is set of the database: its address, and the role that owns its tables."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


def _address(value: str) -> str:
    try:
        parsed = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL, such as sqlite+aiosqlite:///usher.db") from None
    if parsed.drivername not in ("sqlite+aiosqlite", "postgresql+asyncpg"):
        raise ValueError("has to begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    if parsed.drivername.startswith("sqlite") and parsed.database in (None, "", ":memory:"):
        raise ValueError("has to name a file: what is kept in memory would not survive a restart")
    return value


def _owners_address(value: str | None) -> str | None:
    if value is None:
        return value
    if not _address(value).startswith("postgresql"):
        raise ValueError("is for PostgreSQL alone: leave it out on SQLite")
    return value


def _check_alike(owner: str, url: str) -> None:
    """Raises ValueError unless the two differ in their role alone."""
    first, second = make_url(owner), make_url(url)
    if (first.host, first.port, first.database) != (second.host, second.port, second.database):
        raise ValueError("has to name the same host, port and database as DATABASE_URL")
    if first.username == second.username:
        raise ValueError("has to name another role than DATABASE_URL: a table's owner is let through every policy")


class DatabaseSettings(BaseSettings):
    database_url: Annotated[str, AfterValidator(_address)] = Field("sqlite+aiosqlite:///usher.db", repr=False)
    database_owner_url: Annotated[str | None, AfterValidator(_owners_address)] = Field(default=None, repr=False)
    """Who owns the tables where Usher works as a role that does not: for `usher migrate` alone."""

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def database_role(self) -> str:
        """On PostgreSQL, as which Usher works."""
        return make_url(self.database_url).username or ""

    @field_validator("database_owner_url")
    @classmethod
    def _another_role(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if value and "database_url" in so_far.data:
            _check_alike(value, so_far.data["database_url"])
        return value

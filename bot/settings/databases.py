"""What is set of the database: its address, and the role that owns its tables."""

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from storage.engines.address import SCHEMES, Address


def _address(value: str) -> str:
    """As all the rest reads it; raises ValueError with what is not understood."""
    if value.partition("://")[0] in SCHEMES:
        return Address.of(value).url()
    try:
        parsed = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("is not a database URL, such as sqlite+aiosqlite:///usher.db") from None
    if parsed.drivername != "sqlite+aiosqlite":
        raise ValueError("has to begin with sqlite+aiosqlite:///, postgresql:// or postgresql+asyncpg://")
    if parsed.database in (None, "", ":memory:"):
        raise ValueError("has to name a file: what is kept in memory would not survive a restart")
    return value


def _of_postgres(value: str | None) -> str | None:
    if value is None:
        return value
    if not _address(value).startswith("postgresql"):
        raise ValueError("is for PostgreSQL alone: leave it out on SQLite")
    return _address(value)


def _check_alike(owner: str, url: str) -> None:
    """Raises ValueError unless the two differ in their role alone."""
    first, second = Address.of(owner), Address.of(url)
    if (first.hosts, first.database) != (second.hosts, second.database) and not second.is_pooled:
        raise ValueError("has to name the same host, port and database as DATABASE_URL")
    if first.user == second.user:
        raise ValueError("has to name another role than DATABASE_URL: a table's owner is let through every policy")


class DatabaseSettings(BaseSettings):
    database_url: Annotated[str, AfterValidator(_address)] = Field("sqlite+aiosqlite:///usher.db", repr=False)
    database_owner_url: Annotated[str | None, AfterValidator(_of_postgres)] = Field(default=None, repr=False)
    """Who owns the tables where Usher works as a role that does not: for `usher migrate` alone."""
    database_listen_url: Annotated[str | None, AfterValidator(_of_postgres)] = Field(default=None, repr=False)
    """The way past a pooler, through which no notification comes; None: as `database_url`."""

    @property
    def is_postgres(self) -> bool:
        return self.database_url.startswith("postgresql")

    @property
    def database_role(self) -> str:
        """On PostgreSQL, as which Usher works."""
        return make_url(self.database_url).username or ""

    @field_validator("database_listen_url")
    @classmethod
    def _beside_postgres(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if value and so_far.data.get("database_url", "").startswith("sqlite"):
            raise ValueError("is for PostgreSQL alone: leave it out on SQLite")
        return value

    @field_validator("database_owner_url")
    @classmethod
    def _another_role(cls, value: str | None, so_far: ValidationInfo) -> str | None:
        if value and "database_url" in so_far.data:
            _check_alike(value, so_far.data["database_url"])
        return value

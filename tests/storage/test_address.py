"""`DATABASE_URL` as people write it: it works everywhere alike, or is refused by the name of what is not understood."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from bot.running.backup import pg_dump
from bot.settings import Settings, SettingsError
from storage.bus.postgres import PostgresBus
from storage.database import Database
from storage.engines.address import Address, NotUnderstood
from storage.engines.postgres import connect
from storage.migrate import migrate
from tests.house.test_settings import ENOUGH, KEY
from tests.support.postgres import Postgres
from tests.support.way import PostgresWay, opened

WRITTEN = {
    "postgresql://u:p/w@db/usher": ((("db", 5432),), "u", "p/w", "usher"),
    "postgres://u:p%40ss%2Fw@db/usher": ((("db", 5432),), "u", "p@ss/w", "usher"),
    "postgresql://u@db:6543/usher?sslmode=require&channel_binding=prefer": ((("db", 6543),), "u", None, "usher"),
    "postgresql+asyncpg://u:p@[::1]:5433/usher?ssl=prefer": ((("::1", 5433),), "u", "p", "usher"),
    "postgresql://u@one:1,two:2/usher?target_session_attrs=read-write": ((("one", 1), ("two", 2)), "u", None, "usher"),
    "postgresql://u@/usher?host=one,two&port=7": ((("one", 7), ("two", 7)), "u", None, "usher"),
    "postgresql://u@/usher?host=one:1&host=two:2": ((("one", 1), ("two", 2)), "u", None, "usher"),
    "postgresql://u@%2Frun%2Fpg/usher": ((("/run/pg", 5432),), "u", None, "usher"),
    "postgresql:///usher?host=/run/pg&port=6000&user=u&password=p%25": ((("/run/pg", 6000),), "u", "p%", "usher"),
    "postgresql://u:p+q%23@db/usher?application_name=of%20mine&connect_timeout=3": (
        (("db", 5432),),
        "u",
        "p+q#",
        "usher",
    ),
}
REFUSED = {
    "ssl=true": "ssl=true",
    "sslmode=sure": "sslmode=sure",
    "sslmode=verify-full&sslrootcert=/no/such.crt": "/no/such.crt",
    "sslmode=require&sslrootcert=system": "verify-full",
    "sslcert=/no/such.crt": "sslcert",
    "channel_binding=require": "channel_binding=prefer",
    "target_session_attrs=standby": "target_session_attrs",
    "pgbouncer=true": "statement_cache_size=0",
    "keepalives_idle=5": "leave it out",
    "schema=public": "Known are",
    "prepared_statement_cache_size=none": "whole number",
    "port=db": "port",
}


@pytest.mark.parametrize("written", WRITTEN)
def test_what_people_write_is_understood_and_stays_so_once_it_is_put_in_one_form(written: str) -> None:
    address = Address.of(written)
    assert (address.hosts, address.user, address.password, address.database) == WRITTEN[written]
    assert Address.of(address.url()) == address and Address.of(sa.make_url(address.url())) == address
    assert not address.password or address.password not in repr(address)


@pytest.mark.parametrize("query", REFUSED)
def test_what_is_not_understood_is_refused_by_its_name_and_no_password_is_told(query: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        Address.of(f"postgresql://u:hidden-one@db/usher?{query}")
    assert REFUSED[query] in str(caught.value) and "hidden-one" not in str(caught.value)


@pytest.mark.parametrize(("written", "cure"), [("hid@den", "%40"), ("hid?den", "%3F")])
def test_a_password_that_cannot_be_read_is_told_how_to_be_written_and_not_shown(written: str, cure: str) -> None:
    with pytest.raises(NotUnderstood, match=cure) as caught:
        Address.of(f"postgresql://u:{written}@db/usher")
    assert "den" not in str(caught.value)


def test_settings_name_what_they_do_not_understand() -> None:
    listen = "DATABASE_LISTEN_URL is for PostgreSQL alone: leave it out on SQLite"
    given = {**ENOUGH, "DATABASE_LISTEN_URL": "postgres://u:hidden@db/usher"}
    for more, said in (
        ({"DATABASE_URL": "postgres://u:hidden@db/usher?pool=1"}, "DATABASE_URL has an option pool that is not known"),
        ({"DATABASE_URL": "sqlite+aiosqlite:///usher.db"}, listen),
    ):
        with pytest.raises(SettingsError) as caught:
            Settings.read({**given, **more})
        assert any(line.startswith(said) for line in caught.value.lines) and "hidden" not in str(caught.value)
    understood = Settings.read({**given, "DATABASE_URL": "postgres://u@db/usher", "SECRET_KEY": KEY})
    assert understood.database_url == "postgresql+asyncpg://u@db:5432/usher" and understood.is_postgres


def test_postgresqls_own_programs_are_told_the_same_without_the_password() -> None:
    url = (
        "postgresql://u:hidden@one:1,two/usher?ssl=require&prepared_statement_cache_size=0&target_session_attrs=primary"
    )
    told = shlex.split(pg_dump(url, Path("/b"), datetime(2026, 1, 1, tzinfo=UTC)))
    assert told[-1] == "--dbname=postgresql://u@one:1,two/usher?target_session_attrs=primary&sslmode=require"


@pytest.mark.parametrize(
    "query",
    [
        "ssl=prefer",
        "sslmode=disable",
        "sslmode=allow",
        "prepared_statement_cache_size=0",
        "statement_cache_size=0&application_name=mine",
        "target_session_attrs=primary&connect_timeout=5&options=-c%20search_path%3Dpublic",
    ],
)
async def test_questions_listening_and_migrations_all_go_by_one_address(postgres_url: str, query: str) -> None:
    socket = Address.of(postgres_url)
    # A host that is not there goes before: the next is taken.
    url = f"postgres://{socket.user}@/{socket.database}?host=/no/such/folder,{quote(socket.hosts[0][0])}&{query}"
    await migrate(url)
    db = Database(url)
    async with db.read() as tables:
        assert await tables.workspaces.ids() == []
        assert await tables.workspaces.ids() == []
    async with PostgresBus(db.engine).listening() as bus, PostgresBus(db.engine).listening() as far:
        with far.follow("topic") as bell:
            await bus.tell("topic", "news")
            assert await bell.wait(60)
            assert bell.take() == ["news"]
    await db.close()


@pytest.mark.parametrize("mode", ["require", "verify-full&sslrootcert=system"])
async def test_a_server_without_tls_is_not_spoken_to_where_tls_was_asked_for(postgres: Postgres, mode: str) -> None:
    async with opened(PostgresWay(postgres.url("postgres"))) as way:
        with pytest.raises(ConnectionError):
            await connect(Address.of(way.url.replace("disable", mode)))

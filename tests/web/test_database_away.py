"""A database that goes away for a while: every door says so in the product's own words, and all is well afterwards."""

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from bot.services import tokens
from storage.database import Database
from storage.tables import Session
from tests.support.gemini import Scripted
from tests.support.postgres import Postgres
from tests.web.caller import PAGE
from tests.web.sidecar import House, running

TICKET = f"/connect/{tokens.mint(tokens.Kind.TICKET)}"


@pytest.fixture
async def house(postgres_db: Database, gemini: Scripted) -> AsyncIterator[House]:
    async with running(postgres_db, gemini) as house:
        yield house


class Door:
    """Lets the cluster take no connection to this database, or takes them again."""

    def __init__(self, postgres: Postgres, db: Database) -> None:
        self._postgres = postgres
        self._name = sa.make_url(str(db.engine.url)).database

    def shut(self) -> None:
        self._postgres.psql(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        self._postgres.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")  # noqa: S608

    def open(self) -> None:
        self._postgres.psql(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")


@pytest.fixture
def door(postgres: Postgres, postgres_db: Database) -> Door:
    return Door(postgres, postgres_db)


async def test_every_door_says_that_it_is_away_and_when_to_come_again(house: House, door: Door) -> None:
    guest, link = await house.guest(max_sessions=3), (await house.link()).url
    door.shut()
    asked = [
        ("GET", link, {}),
        ("POST", link + "/start", {"key": "k" * 24, "name": "", "consent": True}),
        ("GET", guest.chat, {}),
        ("POST", guest.chat + "messages", {"text": "Hello", "client_id": "c" * 12}),
        ("GET", guest.chat + "events", {}),
        ("GET", guest.chat + "state?after=", {}),
        ("POST", guest.chat + "stop", {}),
        ("POST", guest.chat + "end", {}),
        ("GET", guest.chat + "transcript", {}),
        ("GET", house.url + TICKET, {}),
        ("POST", house.url + TICKET, {"token": "s"}),
        ("GET", "/metrics", {}),
    ]
    assert (await guest.ask("GET", "/healthz")).status == 200  # or an outage would restart every process at once
    for method, path, body in asked:
        for headers in ({}, PAGE):
            given = {"json": body} if method == "POST" else {}
            answer = await guest.ask(method, path, headers=headers, **given)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5"), (method, path)
            assert "Cache-Control" in answer.headers and "Nothing is lost" in answer.text
            assert ("<h1>" in answer.text) is (method == "GET" and headers == PAGE), (method, path)
            if "<h1>" not in answer.text:
                assert (answer.json["code"], answer.json["retry_after"]) == ("away", 5)
    assert (await guest.ask("GET", "/healthz")).status == 200
    door.open()
    assert (await guest.say("I am still here")).status == 202
    assert "I am still here" in (await guest.ask("GET", guest.chat + "transcript")).text


async def test_a_form_without_scripts_gets_a_page(house: House, door: Door) -> None:
    guest = await house.guest()
    page = await guest.ask("GET", guest.chat, headers=PAGE)
    fields = {"text": "Hello", "client_id": page.hidden("client_id"), "form": page.hidden("form")}
    door.shut()
    answer = await guest.ask("POST", guest.chat + "messages", data=fields, headers=PAGE)
    assert answer.status == 503 and "<h1>" in answer.text
    door.open()
    again = await guest.ask("POST", guest.chat + "messages", data=fields, headers=PAGE)
    assert again.status == 303


async def test_an_open_stream_says_goodbye_and_is_read_on_afterwards(house: House, door: Door) -> None:
    guest = await house.guest()
    async with house.db.read() as tables:
        conversation_id = await tables.session.scalar(sa.select(Session.conversation_id))
    async with guest.asking("GET", guest.chat + "events") as stream:
        await stream.content.readuntil(b"\n\n")
        door.shut()
        await house.bus.tell(f"conversation:{conversation_id}")
        told = b""
        while b"event: bye" not in told:
            told = await stream.content.readuntil(b"\n\n")
        assert b'"restart"' in told
        assert await stream.content.read() == b""
    door.open()
    assert (await guest.ask("GET", guest.chat + "state?after=")).status == 200

"""What a caller can hold of this process by holding a connection: so long, and so many."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.slack.edge import http_mode
from bot.web import server
from bot.web.edge import crowd, guards
from bot.web.edge.callers import networks
from bot.web.edge.crowd import Crowd
from storage.database import Database
from tests.support.gemini import Scripted
from tests.web.caller import OWN, Caller
from tests.web.sidecar import House, running

HALF = '{"half":'


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (guards, http_mode):
        monkeypatch.setattr(module, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(server, "_LINGERING_SECONDS", 0.2)


@pytest.fixture
async def impatient(sqlite_db: Database, gemini: Scripted, hasty: None) -> AsyncIterator[House]:
    async with running(sqlite_db, gemini) as house:
        yield house


def posts() -> list[str]:
    """Where something may be sent to, by what the server itself is given."""
    return sorted({route.path for route in server._routes() if route.method == "POST"})


async def test_half_a_body_is_held_nowhere_for_long(impatient: House) -> None:
    guest = await impatient.guest()
    link = guest.chat.split("/")[3]
    paths = [path.replace("{link_id}", link).replace("{token}", "tc_x").replace("{ticket}", "x") for path in posts()]
    assert len(paths) > 10
    await asyncio.gather(*(_sent_in_half(impatient, guest, path) for path in paths))


async def _sent_in_half(house: House, guest: Caller, path: str) -> None:
    cookie = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    head = {**OWN, "Host": "x", "Content-Type": "application/json", "Content-Length": "100", "Cookie": cookie}
    reader, writer = await _connected(house)
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", HALF]
    writer.write("\r\n".join(lines).encode())
    async with asyncio.timeout(60):  # until it is closed from the other side
        told = await reader.read()
    writer.close()
    assert told.startswith(b"HTTP/1.1 4"), path


async def _connected(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(house.url.rsplit(":", 1)[1]))


async def test_half_a_message_is_told_to_have_come_too_slowly(impatient: House) -> None:
    guest = await impatient.guest()

    async def slowly() -> AsyncIterator[bytes]:
        yield HALF.encode()
        await asyncio.sleep(120)

    headers = {"Content-Type": "application/json"}
    answer = await guest.ask("POST", guest.chat + "messages", data=slowly(), headers=headers)
    assert answer.status == 408 and answer.json["text"] == "That came in too slowly. Please send it again."


def taken(found: Crowd, peers: list[str]) -> list[Any]:
    handlers = [object() for _ in peers]
    return [handler for handler, peer in zip(handlers, peers, strict=True) if found.takes(handler, peer)]  # type: ignore[arg-type]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MOST", {32: 3, 64: 3, 48: 5})


def test_one_network_has_so_many_connections_and_others_have_theirs(small: None) -> None:
    found = Crowd((), descriptors=1000)
    mine = taken(found, ["203.0.113.9"] * 5)
    assert len(mine) == 3 and len(taken(found, ["203.0.113.10"])) == 1
    found.leave(mine[0])
    found.leave(mine[0])  # once more says nothing
    assert len(taken(found, ["203.0.113.9"] * 2)) == 1
    assert (found.open, found.refused) == (4, 3)


def test_who_has_many_small_networks_of_ipv6_has_one_larger_one(small: None) -> None:
    found = Crowd((), descriptors=1000)
    assert len(taken(found, ["2001:db8:1:1::1"] * 4)) == 3
    assert len(taken(found, [f"2001:db8:1:{number}::1" for number in range(2, 9)])) == 2
    assert len(taken(found, ["2001:db8:2::1"])) == 1


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.0.0.7", "::ffff:10.0.0.7", "", "/run/socket"])
def test_proxies_and_this_machine_may_have_all_that_there_are(small: None, peer: str) -> None:
    found = Crowd(networks(["10.0.0.0/8"]), descriptors=50)
    assert len(taken(found, [peer] * 60)) == found.most == 40


def test_that_they_are_too_many_is_told_once_until_it_is_quiet(small: None, caplog: pytest.LogCaptureFixture) -> None:
    found = Crowd((), descriptors=1000)
    with caplog.at_level(logging.WARNING):
        mine = taken(found, ["203.0.113.9"] * 9)
        assert len(caplog.records) == 1
        for each in mine:
            found.leave(each)
        taken(found, ["203.0.113.9"] * 9)
    assert len(caplog.records) == 2 and "203.0.113" not in caplog.text


async def test_one_connection_too_many_is_closed_at_once(sqlite_db: Database, gemini: Scripted, hasty: None) -> None:
    async with running(sqlite_db, gemini) as house:
        house.crowd.most = house.crowd.open + 3
        held = [await _connected(house) for _ in range(3)]
        reader, writer = await _connected(house)
        with pytest.raises(ConnectionResetError):
            if await reader.read() == b"":
                raise ConnectionResetError
        for _, each in (*held, (reader, writer)):
            each.close()
        async with asyncio.timeout(60):
            while house.crowd.open > 0:
                await asyncio.sleep(0.01)
        assert (await Caller(house.url).ask("GET", "/healthz")).status == 200

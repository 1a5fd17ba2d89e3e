"""Whoever has to sign in again is asked in one message, which says afterwards how it went."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.services.tickets import Entry
from bot.slack.acts.connections import sign_in_notes
from bot.slack.acts.connections.sign_in_notes import SignInNotes
from mcp_runtime.specs import TOKEN
from storage.database import Database
from storage.schema import now
from storage.tables import Connection
from tests.mcp_runtime.hand_made import HandMade, plain, reply, running
from tests.slack.test_states import connect
from tests.support.slack import DM, OWNER, PATIENCE, TEAM, Usher, said

ASKED, WELL, GONE = "*Odd* needs you to sign in again", "*Odd* lets me in again", "*Odd* is disconnected"


@pytest.fixture
async def odd() -> AsyncIterator[HandMade]:
    async with running(HandMade()) as server:
        yield server


def notes(usher: Usher) -> list[str]:
    """All that were ever written, as they read now."""
    told = (said(each) for each in usher.slack.messages(DM, OWNER))
    return [each for each in told if any(words in each for words in (ASKED, WELL, GONE))]


async def refused(usher: Usher, odd: HandMade) -> str:
    """Its server takes the token no more, which was met twice."""
    connection_id = await connect(usher, odd)
    odd.on_any = reply(plain(401))
    for _ in range(2):
        assert not (await usher.services.connections.test(usher.member, connection_id)).ok
        await usher.message_with(ASKED)
    assert len(notes(usher)) == 1
    return connection_id


async def test_it_is_one_message_and_another_only_after_it_was_well_again(usher: Usher, odd: HandMade) -> None:
    connection_id = await refused(usher, odd)
    odd.on_any = None
    assert (await usher.services.connections.test(usher.member, connection_id)).ok
    closed = await usher.message_with(WELL)
    assert "Sign in again" not in said(closed) and len(notes(usher)) == 1

    odd.on_any = reply(plain(401))
    await usher.services.connections.test(usher.member, connection_id)
    await usher.message_with(ASKED)
    assert [ASKED in each for each in notes(usher)] == [False, True]


async def test_its_button_leads_to_the_sign_in_which_closes_it(usher: Usher, odd: HandMade) -> None:
    connection_id = await refused(usher, odd)
    await usher.press(await usher.message_with(ASKED), "connection.sign_in")
    await usher.modal_with("enter the token for Odd")
    odd.on_any = None
    page = await usher.services.connections.sign_in(usher.member, connection_id, Entry.PAGE, view={})
    await usher.services.connections.finish(page.url.rpartition("/")[2], {TOKEN: "a-newer-token"})
    assert await usher.message_with(WELL) and len(notes(usher)) == 1


async def test_what_is_disconnected_asks_for_nothing_and_asks_again_when_that_is_undone(
    usher: Usher, odd: HandMade
) -> None:
    connection_id = await refused(usher, odd)
    await usher.services.connections.leave(usher.member, connection_id)
    await usher.message_with(GONE)
    await usher.services.connections.keep(usher.member, connection_id)
    await usher.message_with(ASKED)
    assert [GONE in each for each in notes(usher)] == [True, False]
    await usher.services.connections.disconnect(usher.member, connection_id)
    assert await usher.slack.when(lambda: [GONE in each for each in notes(usher)] == [True, True], PATIENCE)


async def test_a_message_that_was_deleted_is_in_nobodys_way(usher: Usher, odd: HandMade) -> None:
    connection_id = await connect(usher, odd)
    async with usher.services.db.begin() as tables:
        note = {"channel": DM, "ts": "1700000000.000100"}
        await tables.connections.update(TEAM, connection_id, sign_in_note=note)
    await SignInNotes(usher.client, usher.services.db).follow({"workspace": TEAM, "connection": connection_id})
    assert (await usher.services.connections.own(usher.member, connection_id)).sign_in_note == {}
    assert [error for _, error, _ in usher.slack.refusals] == ["message_not_found"]
    usher.slack.refusals.clear()


async def test_two_processes_that_hear_of_it_at_once_ask_once(
    usher: Usher, client: AsyncWebClient, postgres_db: Database
) -> None:
    whose = {"workspace_id": TEAM, "member_id": OWNER}
    one = Connection(**whose, card="custom", title="Odd", slug="odd", spec={}, status="sign_in")
    async with postgres_db.begin() as tables:
        await tables.workspaces.ensure(TEAM)
        await tables.connections.add(one)
    job = {"workspace": TEAM, "connection": one.id}
    await asyncio.gather(*(SignInNotes(client, postgres_db).follow(job) for _ in range(4)))
    assert len(notes(usher)) == 1
    async with postgres_db.read() as tables:
        told = await tables.connections.get(TEAM, one.id)
    assert told and told.sign_in_note["channel"] == DM and told.sign_in_note_held is None


async def test_a_process_that_died_while_it_asked_is_in_nobodys_way_for_long(
    usher: Usher, odd: HandMade, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_notes, "LOOKS", 1)
    monkeypatch.setattr(sign_in_notes, "LOOK_SECONDS", 0.0)
    connection_id = await connect(usher, odd)
    job, ours = {"workspace": TEAM, "connection": connection_id}, SignInNotes(usher.client, usher.services.db)

    async def held(until: datetime) -> None:
        async with usher.services.db.begin() as tables:
            await tables.connections.update(TEAM, connection_id, status="sign_in", sign_in_note_held=until)

    await held(now() + timedelta(minutes=1))
    with pytest.raises(sign_in_notes.Busy):
        await ours.follow(job)
    assert notes(usher) == []
    await held(now() - timedelta(minutes=1))
    await ours.follow(job)
    assert len(notes(usher)) == 1

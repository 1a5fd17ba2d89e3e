"""A process that dies between a post and its note, 429 on all methods, lost sockets, repeats: nobody sees any of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.chats import Chats
from bot.services.chats.members.showing import ASKED, Showing
from bot.services.links import Draft
from bot.slack.edge.calls.client import PacedClient
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.tables import Approval, Conversation, Turn
from tests.slack.test_guest_threads import arrived, says
from tests.support.gemini import Scripted
from tests.support.slack import DM, GENERAL, OWNER, PATIENCE, Usher, pressable, running_usher, said

PASSED_OVER = frozenset({"auth.test", "apps.connections.open"})
"""Asked when a process starts, before any turn."""


async def asked(usher: Usher, number: int) -> dict[str, Any]:
    usher.gemini.will_call(("notes__add_note", {"text": f"tea {number}"}), saying=f"One moment {number}.")
    await usher.slack.person_says(OWNER, DM, f"add a note: tea {number}")
    return await usher.slack.when(lambda: open_question(usher.slack), PATIENCE)  # type: ignore[no-any-return]


def open_question(slack: LocalSlack) -> dict[str, Any] | None:
    there = slack.messages(DM, OWNER)
    return next((each for each in there if "approval.approve" in dict(map(reversed, pressable(each)))), None)  # type: ignore[arg-type]


async def answered(usher: Usher, number: int, question: dict[str, Any]) -> None:
    usher.gemini.will_say(f"Added {number}.")
    await usher.press(question, "approval.approve")
    await usher.message_with(f"Added {number}.")
    await usher.slack.when(lambda: open_question(usher.slack) is None, PATIENCE)


async def told(db: Database) -> bool:
    """Whether what there is of turns is shown to its end."""
    async with db.read() as tables:
        return all(await tables.session.scalars(sa.select(Turn.told)))


def read(slack: LocalSlack) -> str:
    ours = [each for each in slack.messages(DM, OWNER) if each["by_app"]]
    assert not [each for each in ours if each["streaming"] or each["broken"]]
    assert all(each["parts"] or each["blocks"] or each["text"] for each in ours)
    return "\n".join(said({**each, "text": ""} if each["parts"] or each["blocks"] else each) for each in ours)


async def test_every_method_that_a_turn_uses_may_be_limited(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await answered(usher, 1, await asked(usher, 1))
    used = {each.method for each in usher.slack.calls} - PASSED_OVER
    assert used >= {"chat.startStream", "chat.appendStream", "chat.stopStream", "chat.postMessage", "chat.update"}
    for method in used:
        usher.slack.will_limit(method, retry_after=0)
    question = await asked(usher, 2)
    for method in used:
        usher.slack.will_limit(method, retry_after=0)
    await answered(usher, 2, question)
    whole = read(usher.slack)
    counts = {words: whole.count(words) for words in ("One moment 2.", "Added 2.", "One moment 1.", "Added 1.")}
    assert set(counts.values()) == {1}, counts


async def test_sockets_change_and_events_are_repeated_in_the_middle_of_a_turn(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    sockets = usher.slack.workspace.sockets
    first = sockets.open[0]
    question = await asked(usher, 1)
    await sockets.refresh()
    await usher.slack.when(lambda: sockets.open and first not in sockets.open, PATIENCE)
    heard = {"type": "message", "channel_type": "im", "channel": DM, "user": OWNER}
    again = {**heard, "ts": question["thread_ts"], "text": "add a note: tea 1"}
    for number in range(3):
        payload = {"type": "event_callback", "team_id": "T0LOCAL", "event_id": f"again{number}", "event": again}
        await sockets.deliver("events_api", payload)
    await answered(usher, 1, question)
    whole = read(usher.slack)
    assert (whole.count("One moment 1."), whole.count("Added 1."), whole.count("Approved by")) == (1, 1, 1)
    assert len(usher.gemini.asked) == 2


def death() -> tuple[asyncio.Event, Callable[..., Awaitable[None]]]:
    """When it was come to, and what hangs there until its process is closed."""
    reached = asyncio.Event()

    async def dies(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    return reached, dies


@pytest.mark.parametrize("note", ["shown", "asked_in"])
async def test_what_a_process_put_up_and_could_not_note_any_more_stands_there_once(
    slack: LocalSlack,
    client: PacedClient,
    sqlite_db: Database,
    gemini: Scripted,
    notes: str,
    note: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message that is streamed into, and the question."""
    reached, dies = death()
    async with running_usher(slack, client, sqlite_db, gemini) as first:
        await first.connect_notes(notes)
        with monkeypatch.context() as patch:
            patch.setattr(Chats, note, dies)
            gemini.will_call(("notes__add_note", {"text": "tea 1"}), saying="One moment 1.")
            await slack.person_says(OWNER, DM, "add a note: tea 1")
            await asyncio.wait_for(reached.wait(), PATIENCE)
            await first.worker.close(0)
    if note == "shown":
        gemini.server.script.clear()
        gemini.will_call(("notes__add_note", {"text": "tea 1"}), saying="One moment 1.")
    async with running_usher(slack, client, sqlite_db, gemini) as second:
        question = await slack.when(lambda: open_question(slack), PATIENCE)
        async with asyncio.timeout(PATIENCE):
            while not await told(sqlite_db):
                await asyncio.sleep(0.01)
        await answered(second, 1, question)
    whole = read(slack)
    assert (whole.count("One moment 1."), whole.count("Approved by"), whole.count("Added 1.")) == (1, 1, 1)


async def in_a_channel(usher: Usher, notes: str) -> None:
    """What is read there and what is to be written are asked about in the direct message."""
    connection_id = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        await tables.tools.set_policy(usher.member.workspace, connection_id, "list_notes", "always")
    usher.gemini.will_call(("notes__list_notes", {}))
    usher.gemini.will_call(("notes__add_note", {"text": "tea"}))
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> copy my notes")


async def on_a_link(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    [tool] = [each for each in await usher.services.links.candidates(usher.member) if each.name == "list_notes"]
    made = await usher.services.links.create(usher.member, Draft("Support", tools=((tool.connection_id, tool.name),)))
    usher.gemini.will_call(("notes__list_notes", {}))
    await says(usher, await arrived(usher, "Visitor", made.url), "Which notes are there?")


@pytest.mark.parametrize(
    ("begin", "whose", "asks"),
    [(in_a_channel, Showing, "showing.here"), (in_a_channel, Chats, "approval."), (on_a_link, Chats, "approval.")],
)
async def test_a_question_in_the_direct_message_that_could_not_be_noted_stands_there_once(
    slack: LocalSlack,
    client: PacedClient,
    sqlite_db: Database,
    gemini: Scripted,
    notes: str,
    begin: Callable[[Usher, str], Awaitable[None]],
    whose: type,
    asks: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reached, dies = death()
    async with running_usher(slack, client, sqlite_db, gemini) as first:
        with monkeypatch.context() as patch:
            patch.setattr(whose, "asked_in", dies)
            await begin(first, notes)
            await asyncio.wait_for(reached.wait(), PATIENCE)
            async with asyncio.timeout(PATIENCE):
                while not await over(sqlite_db):
                    await asyncio.sleep(0.01)
            await first.worker.close(0)
    async with running_usher(slack, client, sqlite_db, gemini):
        async with asyncio.timeout(PATIENCE):
            while not await noted(sqlite_db, whose):
                await asyncio.sleep(0.01)
        assert len([each for each in slack.messages(DM, OWNER) if asks in str(list(pressable(each)))]) == 1


async def over(db: Database) -> bool:
    async with db.read() as tables:
        return bool(await tables.session.scalar(sa.select(Turn.ended_at.is_not(None))))


async def noted(db: Database, whose: type) -> bool:
    """Where it stands."""
    async with db.read() as tables:
        if whose is Showing:
            places = await tables.session.scalars(sa.select(Conversation.place))
            return any((place.get(ASKED) or {}).get("ts") for place in places)
        return bool(await tables.session.scalar(sa.select(Approval.message)))

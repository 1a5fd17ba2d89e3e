"""A process that dies between a post and its note, 429 on all methods, lost sockets, repeats: nobody sees any of it."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.chats import Chats
from bot.slack.edge.calls.client import PacedClient
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.tables import Turn
from tests.support.gemini import Scripted
from tests.support.slack import DM, OWNER, PATIENCE, Usher, pressable, running_usher, said

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
    reached = asyncio.Event()

    async def dies(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.Event().wait()

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

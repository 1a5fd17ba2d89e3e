"""A chat is deleted: what Usher had put of it into Slack goes, and its host is told of what only people can delete."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.services.limits import rates
from bot.services.links import Guest
from bot.services.links.hosting import counting, mirroring
from bot.services.links.results.summaries import Summaries
from bot.slack.acts.guests import counted, erased_threads, guest_threads
from bot.slack.edge.calls.client import web_client
from bot.slack.screens.guests import guest_threads as screens
from playground.slack.server import LocalSlack
from storage.database import Database
from tests.slack.test_guest_threads import arrived, followed, log_with, says
from tests.support.gemini import Scripted
from tests.support.slack import DM, MANIFEST, OWNER, PATIENCE, Usher, running_usher, said


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here counts Slack's messages a second, nor a guest's."""
    monkeypatch.setattr(guest_threads, "APART", 0.02)
    monkeypatch.setattr(mirroring, "TOGETHER", timedelta(0))
    monkeypatch.setitem(rates.MESSAGES, "session:second", rates.MESSAGES["session:minute"])
    monkeypatch.setattr(erased_threads, "NEXT", timedelta(0))
    monkeypatch.setattr(counting, "TOGETHER", timedelta(0))
    monkeypatch.setattr(counted, "APART", 0.02)


def shown(usher: Usher) -> str:
    return said({"blocks": [[each["text"], each["blocks"], each["files"]] for each in usher.slack.messages(DM)]})


async def forgotten(usher: Usher, name: str) -> None:
    """The count of the link's guests is drawn anew by itself."""
    await usher.slack.when(lambda: name not in shown(usher))


async def fresh(usher: Usher, guest: Guest) -> Guest:
    async with usher.services.db.read() as tables:
        session = await tables.sessions.get(guest.workspace, guest.session.id)
    assert session
    return Guest(guest.link, session)


async def test_what_a_guest_deletes_leaves_slack_too(usher: Usher) -> None:
    guest, other = await arrived(usher, "Zebulon"), await arrived(usher, "Somebody")
    root = await followed(usher, guest)
    usher.gemini.will_say("Another chat.")
    await says(usher, other, "Hello from elsewhere")
    await usher.message_with("Another chat.")
    assert "Zebulon" in shown(usher)
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    told = await usher.message_with("A guest has deleted their chat")
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    assert "Nothing of it is left" in said(told) and told["thread_ts"] is None
    await forgotten(usher, "Zebulon")
    assert "Good morning!" not in shown(usher)
    assert "Hello from elsewhere" in shown(usher) and usher.slack.refusals == []


async def test_what_a_killed_process_had_put_up_and_not_noted_goes_too(usher: Usher) -> None:
    guest = await arrived(usher, "Zebulon")
    root = await followed(usher, guest)
    stray = await usher.client.chat_postMessage(channel=DM, text="stray", blocks=screens.root(guest))
    await usher.client.chat_postMessage(channel=DM, thread_ts=stray["ts"], text="Zebulon wrote under it")
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    await forgotten(usher, "Zebulon")
    assert stray["ts"] not in [each["ts"] for each in usher.slack.messages(DM)] and usher.slack.refusals == []


async def test_files_go_with_their_messages_after_the_end_too(usher: Usher) -> None:
    guest = await arrived(usher, "Zebulon")
    root = await followed(usher, guest)
    await usher.services.links.end(guest)
    await usher.slack.when(lambda: any(each["files"] for each in usher.slack.messages(DM)))
    ended = await usher.message_with("guest.delete")
    assert ended["ts"] == root["ts"] and "has ended" in said(ended)
    await usher.press(ended, "guest.delete")
    await usher.message_with("is deleted")
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    assert not any(each["files"] for each in usher.slack.messages(DM))
    await forgotten(usher, "Zebulon")
    assert (await fresh(usher, guest)).reason == "erased"


async def test_what_a_person_wrote_there_is_listed_to_them_with_links(usher: Usher) -> None:
    guest = await arrived(usher)
    root = await followed(usher, guest)
    await usher.slack.person_says(OWNER, DM, "You said hello, did you?", thread_ts=root["ts"])
    await log_with(usher, guest, "You said hello")
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    told = await usher.message_with("A guest has deleted their chat")
    own = next(each for each in usher.slack.messages(DM) if "did you?" in said(each))
    assert "I cannot delete what people wrote" in said(told) and own["ts"].replace(".", "") in said(told)
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    assert "did you?" in shown(usher) and "Good morning!" not in shown(usher)


async def test_a_long_thread_goes_part_by_part(usher: Usher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erased_threads, "AT_ONCE", 2)
    guest = await arrived(usher, "Zebulon")
    root = await followed(usher, guest)
    for number in (2, 3):
        usher.gemini.will_say(f"Answer {number}.")
        await says(usher, guest, f"Question {number}", number)
        await usher.message_with(f"Answer {number}.")
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    await forgotten(usher, "Zebulon")
    assert not any(words in shown(usher) for words in ("Answer", "Question"))
    assert shown(usher).count("A guest has deleted") == 1


async def test_a_thread_out_of_reach_is_told(tmp_path: Path, sqlite_db: Database, gemini: Scripted) -> None:
    granted = set(MANIFEST["oauth_config"]["scopes"]["bot"]) - {"im:history"}
    async with (
        LocalSlack(tmp_path / "old", manifest=MANIFEST, granted=granted, generosity=None) as slack,
        ClientSession() as session,
        running_usher(slack, web_client(slack.bot_token, session, slack.api_url), sqlite_db, gemini) as usher,
    ):
        guest = await arrived(usher)
        await followed(usher, guest)
        await usher.services.links.erasing.by_guest(await fresh(usher, guest))
        told = await usher.message_with("A guest has deleted their chat")
        assert "could not reach its thread" in said(told)


async def test_what_was_on_its_way_to_slack_when_a_chat_was_deleted_goes_too(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    attaching, go_on, attached = asyncio.Event(), asyncio.Event(), asyncio.Event()
    attach, deleted = guest_threads.GuestThreads.attach, erased_threads.ErasedThreads._tell

    async def held_up(self: guest_threads.GuestThreads, guest: Guest, transcript: str) -> None:
        attaching.set()
        await go_on.wait()
        await attach(self, guest, transcript)
        attached.set()

    async def meanwhile(self: erased_threads.ErasedThreads, *told: Any) -> None:
        go_on.set()
        await attached.wait()
        await deleted(self, *told)

    monkeypatch.setattr(guest_threads.GuestThreads, "attach", held_up)
    monkeypatch.setattr(erased_threads.ErasedThreads, "_tell", meanwhile)
    guest = await arrived(usher, "Zebulon")
    await followed(usher, guest)
    await usher.services.links.end(guest)
    await asyncio.wait_for(attaching.wait(), PATIENCE)
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    await asyncio.wait_for(attached.wait(), PATIENCE)
    await usher.slack.when(lambda: not any(each["files"] for each in usher.slack.messages(DM)))
    await forgotten(usher, "Zebulon")
    assert shown(usher).count("A guest has deleted") == 1


async def test_what_came_of_a_chat_is_not_told_once_it_is_deleted(
    usher: Usher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, go_on, given_up = asyncio.Event(), asyncio.Event(), asyncio.Event()
    of, due = Summaries.of, erased_threads.ErasedThreads.due

    async def held_up(self: Summaries, *about: Any) -> Any:
        asking.set()
        await go_on.wait()
        return await of(self, *about)

    async def looked(self: erased_threads.ErasedThreads, *whose: str) -> bool:
        if found := await due(self, *whose):
            given_up.set()
        return found

    monkeypatch.setattr(Summaries, "of", held_up)
    monkeypatch.setattr(erased_threads.ErasedThreads, "due", looked)
    guest = await arrived(usher, "Zebulon")
    root = await followed(usher, guest)
    await usher.services.links.end(guest)
    await asyncio.wait_for(asking.wait(), PATIENCE)
    await usher.services.links.erasing.by_guest(await fresh(usher, guest))
    await usher.slack.when(lambda: all(each["ts"] != root["ts"] for each in usher.slack.messages(DM)))
    go_on.set()
    await asyncio.wait_for(given_up.wait(), PATIENCE)
    posted = usher.slack.of("chat.postMessage")
    assert not any("has ended" in str(each.get("text")) for each in posted)
    assert not usher.slack.of("files.getUploadURLExternal") and usher.slack.refusals == []

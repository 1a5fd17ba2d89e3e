"""A chat is deleted: what Usher had put of it into Slack goes, and its host is told of what only people can delete."""

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.services.limits import rates
from bot.services.links import Guest
from bot.services.links.hosting import counting, mirroring
from bot.slack.acts.guests import counted, erased_threads, guest_threads
from bot.slack.edge.calls.client import web_client
from playground.slack.server import LocalSlack
from storage.database import Database
from tests.slack.test_guest_threads import arrived, followed, log_with, says
from tests.support.gemini import Scripted
from tests.support.slack import DM, MANIFEST, OWNER, Usher, running_usher, said


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

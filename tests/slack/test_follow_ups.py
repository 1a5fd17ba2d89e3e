"""A reply in a channel's thread that mentions nobody: told once how to go on, and otherwise let pass."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.slack.edge.calls.client import web_client
from bot.slack.screens.follow_ups import HOW_TO_GO_ON
from playground.slack.core.people import Channel
from playground.slack.server import LocalSlack
from storage.database import Database
from storage.repositories.conversations.conversations import Conversations
from tests.support.gemini import Scripted
from tests.support.slack import DM, GENERAL, MANIFEST, MEMBER, OWNER, Usher, running_usher, said


async def thread(usher: Usher, channel: str = GENERAL) -> str:
    usher.gemini.will_say("In public.")
    ts = await usher.slack.person_says(OWNER, channel, "<@U0USHER> hello")
    await usher.message_with("In public.", channel)
    return ts


def told(usher: Usher, channel: str = GENERAL, person: str = OWNER) -> list[dict[str, Any]]:
    return [each for each in usher.slack.messages(channel, person) if HOW_TO_GO_ON in said(each)]


async def settled(usher: Usher) -> None:
    """All that was said has been heard."""
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)


async def test_it_is_told_once_in_the_thread_and_to_them_alone(usher: Usher) -> None:
    ts = await thread(usher)
    for text in ("and in Lisbon?", "anybody there?"):
        await usher.slack.person_says(OWNER, GENERAL, text, ts)
    shown = await usher.message_with("mention me again", GENERAL)
    await settled(usher)
    assert shown["ephemeral"] and shown["thread_ts"] == ts
    assert len(told(usher)) == 1 and told(usher, person=MEMBER) == []
    assert len(usher.gemini.asked) == 1 and "Lisbon" not in str(usher.gemini.heard())


async def test_it_is_told_once_also_after_a_restart(
    slack: LocalSlack, client: Any, sqlite_db: Database, gemini: Scripted
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        ts = await thread(usher)
        await slack.person_says(OWNER, GENERAL, "and in Lisbon?", ts)
        await usher.message_with("mention me again", GENERAL)
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        await slack.person_says(OWNER, GENERAL, "and in Rome?", ts)
        await settled(usher)
        assert len(told(usher)) == 1


async def test_a_mention_in_the_thread_goes_on_without_it(usher: Usher) -> None:
    ts = await thread(usher)
    usher.gemini.will_say("Rainy.")
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> and in Lisbon?", ts)
    await usher.message_with("Rainy.", GENERAL)
    await settled(usher)
    assert told(usher) == [] and len(usher.gemini.asked) == 2


async def test_others_in_the_thread_and_other_threads_are_left_alone(usher: Usher) -> None:
    ts = await thread(usher)
    await usher.slack.person_says(MEMBER, GENERAL, "I think it is rainy", ts)
    other = await usher.slack.person_says(OWNER, GENERAL, "lunch?")
    await usher.slack.person_says(OWNER, GENERAL, "pizza", other)
    await settled(usher)
    assert told(usher) == told(usher, person=MEMBER) == []
    assert not usher.slack.of("chat.postEphemeral")


async def test_what_is_said_to_others_costs_one_look_up_a_thread_and_leaves_no_trace(
    usher: Usher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looked = []
    keyed = Conversations.keyed

    async def counting(self: Conversations, workspace: str, key: str) -> Any:
        looked.append(key)
        return await keyed(self, workspace, key)

    monkeypatch.setattr(Conversations, "keyed", counting)
    caplog.set_level("INFO")
    root = await usher.slack.person_says(OWNER, GENERAL, "xylophone")
    for _ in range(20):
        await usher.slack.person_says(OWNER, GENERAL, "xylophone", root)
    await settled(usher)
    assert looked == [f"{OWNER}:{GENERAL}:{root}"]
    ours = [record for record in caplog.records if record.name.startswith(("bot", "slack_bolt", "slack_sdk"))]
    assert "xylophone" not in str([record.getMessage() for record in ours])


async def test_a_mention_makes_a_thread_ours_that_was_none(usher: Usher) -> None:
    root = await usher.slack.person_says(OWNER, GENERAL, "lunch?")
    await usher.slack.person_says(OWNER, GENERAL, "pizza", root)
    await settled(usher)
    usher.gemini.will_say("Pizza it is.")
    await usher.slack.person_says(OWNER, GENERAL, "<@U0USHER> decide", root)
    await usher.message_with("Pizza it is.", GENERAL)
    await settled(usher)
    await usher.slack.person_says(OWNER, GENERAL, "which one?", root)
    assert await usher.message_with("mention me again", GENERAL)


async def test_what_could_not_be_told_is_told_the_next_time(usher: Usher) -> None:
    ts = await thread(usher)
    usher.slack.will_refuse("chat.postEphemeral", "internal_error")
    await usher.slack.person_says(OWNER, GENERAL, "and in Lisbon?", ts)
    await settled(usher)
    assert told(usher) == []
    await usher.slack.person_says(OWNER, GENERAL, "hello?", ts)
    assert await usher.message_with("mention me again", GENERAL)


async def test_in_a_private_channel_it_is_the_same(usher: Usher) -> None:
    channels = usher.slack.workspace.directory.channels
    channels["C0PRIVATE"] = Channel("C0PRIVATE", "secret", [OWNER, "U0USHER"], private=True)
    ts = await thread(usher, "C0PRIVATE")
    await usher.slack.person_says(OWNER, "C0PRIVATE", "and in Lisbon?", ts)
    assert await usher.message_with("mention me again", "C0PRIVATE")


async def test_an_installation_without_the_new_scopes_works_but_for_the_hint(
    tmp_path: Path, sqlite_db: Database, gemini: Scripted
) -> None:
    granted = set(MANIFEST["oauth_config"]["scopes"]["bot"]) - {"channels:history", "groups:history"}
    async with (
        LocalSlack(tmp_path / "old", manifest=MANIFEST, granted=granted, generosity=None) as slack,
        ClientSession() as session,
        running_usher(slack, web_client(slack.bot_token, session, slack.api_url), sqlite_db, gemini) as usher,
    ):
        ts = await thread(usher)
        await slack.person_says(OWNER, GENERAL, "and in Lisbon?", ts)
        gemini.will_say("Here too.")
        await slack.person_says(OWNER, DM, "hello")
        await usher.message_with("Here too.")
        await settled(usher)
        assert told(usher) == []


async def test_replies_at_the_same_moment_are_told_once(usher: Usher) -> None:
    ts = await thread(usher)
    await asyncio.gather(*(usher.slack.person_says(OWNER, GENERAL, f"hello {n}", ts) for n in range(5)))
    await usher.message_with("mention me again", GENERAL)
    await settled(usher)
    assert len(told(usher)) == 1

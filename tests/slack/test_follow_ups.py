"""A reply in a channel's thread that mentions nobody: answered where it is meant for Usher, until it is sent away."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.slack.edge.calls.client import web_client
from bot.slack.screens.talking.follow_ups import GOES_ON, OUT
from playground.gemini import Break, Reply, text
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
    return [each for each in usher.slack.messages(channel, person) if GOES_ON in said(each)]


async def settled(usher: Usher) -> None:
    """All that was said has been heard."""
    await usher.slack.when(lambda: not usher.slack.unheard)
    await usher.tasks.drain(5)


async def follows(usher: Usher, words: str, ts: str, answer: str, channel: str = GENERAL) -> None:
    """Said without a mention, and answered."""
    usher.gemini.will_say(answer)
    await usher.slack.person_says(OWNER, channel, words, ts)
    await usher.message_with(answer, channel)


async def test_replies_of_who_called_are_answered_without_a_mention_and_how_to_end_that_is_told_once(
    usher: Usher,
) -> None:
    ts = await thread(usher)
    await follows(usher, "and in Lisbon?", ts, "Rainy.")
    await follows(usher, "and in Rome?", ts, "Dry.")
    await settled(usher)
    assert "In public." in str(usher.gemini.asked[-1].body) and "Rainy." in str(usher.gemini.asked[-1].body)
    assert len(told(usher)) == 1 and told(usher, person=MEMBER) == []
    shown = told(usher)[0]
    assert shown["ephemeral"] and shown["thread_ts"] == ts


async def test_it_goes_on_after_a_restart_and_is_told_no_more(
    slack: LocalSlack, client: Any, sqlite_db: Database, gemini: Scripted
) -> None:
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        ts = await thread(usher)
        await follows(usher, "and in Lisbon?", ts, "Rainy.")
    async with running_usher(slack, client, sqlite_db, gemini) as usher:
        await follows(usher, "and in Rome?", ts, "Dry.")
        await settled(usher)
        assert len(told(usher)) == 1


@pytest.mark.parametrize("words", ["Usher, stay out", "<@U0USHER> please stay out of this thread", "ok, stay out"])
async def test_who_sends_it_away_is_told_so_and_a_mention_calls_it_back(usher: Usher, words: str) -> None:
    ts = await thread(usher)
    await usher.slack.person_says(OWNER, GENERAL, words, ts)
    shown = await usher.message_with(OUT, GENERAL)
    assert not shown.get("ephemeral") and shown["thread_ts"] == ts
    await usher.slack.person_says(OWNER, GENERAL, "the weather, then", ts)
    await settled(usher)
    assert len(usher.gemini.asked) == 1
    await follows(usher, "<@U0USHER> come back", ts, "Here.")
    await settled(usher)
    await follows(usher, "and in Rome?", ts, "Dry.")


async def test_a_colleague_sends_it_away_by_name_and_not_without(usher: Usher) -> None:
    ts = await thread(usher)
    await usher.slack.person_says(MEMBER, GENERAL, "stay out", ts)
    await settled(usher)
    await follows(usher, "Usher, and in Lisbon?", ts, "Rainy.")
    await usher.slack.person_says(MEMBER, GENERAL, "Usher, please stay out of this", ts)
    await usher.message_with(OUT, GENERAL)
    await usher.slack.person_says(OWNER, GENERAL, "and in Rome?", ts)
    await settled(usher)
    assert len(usher.gemini.asked) == 2


async def test_what_is_meant_for_others_is_let_pass_and_told_once(usher: Usher) -> None:
    ts = await thread(usher)
    await usher.slack.person_says(OWNER, GENERAL, f"<@{MEMBER}> what do you think?", ts)
    await settled(usher)
    assert not usher.slack.of("chat.postEphemeral")
    await usher.slack.person_says(MEMBER, GENERAL, "I think it is rainy", ts)
    for word in ("really?", "are you sure?"):
        await usher.slack.person_says(OWNER, GENERAL, word, ts)
    shown = await usher.message_with("meant for them", GENERAL)
    await settled(usher)
    assert shown["ephemeral"] and len(usher.slack.of("chat.postEphemeral")) == len(usher.gemini.asked) == 1
    await follows(usher, "Usher, is it?", ts, "It is.")
    await follows(usher, "thank you, and in Rome?", ts, "Dry.")


async def test_another_member_who_asks_it_too_is_not_talk_among_others(usher: Usher) -> None:
    ts = await thread(usher)
    usher.gemini.will_say("Yours.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> me too", ts)
    await usher.message_with("Yours.", GENERAL)
    await follows(usher, "and in Rome?", ts, "Dry.")


async def test_others_in_the_thread_and_other_threads_are_left_alone(usher: Usher) -> None:
    ts = await thread(usher)
    await usher.slack.person_says(MEMBER, GENERAL, "I think it is rainy", ts)
    other = await usher.slack.person_says(OWNER, GENERAL, "lunch?")
    await usher.slack.person_says(OWNER, GENERAL, "pizza", other)
    await settled(usher)
    assert not usher.slack.of("chat.postEphemeral") and len(usher.gemini.asked) == 1


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
    await follows(usher, "<@U0USHER> decide", root, "Pizza it is.")
    await settled(usher)
    await follows(usher, "which one?", root, "Margherita.")


async def test_what_could_not_be_told_is_told_the_next_time(usher: Usher) -> None:
    ts = await thread(usher)
    usher.slack.will_refuse("chat.postEphemeral", "internal_error")
    await follows(usher, "and in Lisbon?", ts, "Rainy.")
    await settled(usher)
    assert told(usher) == []
    await follows(usher, "and in Rome?", ts, "Dry.")
    await settled(usher)
    assert len(told(usher)) == 1


async def test_in_a_private_channel_it_is_the_same(usher: Usher) -> None:
    channels = usher.slack.workspace.directory.channels
    channels["C0PRIVATE"] = Channel("C0PRIVATE", "secret", [OWNER, "U0USHER"], private=True)
    ts = await thread(usher, "C0PRIVATE")
    await follows(usher, "and in Lisbon?", ts, "Rainy.", "C0PRIVATE")


async def test_an_installation_without_the_new_scopes_works_by_mention(
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


async def test_it_is_stopped_without_a_mention_too(usher: Usher) -> None:
    ts = await thread(usher)
    usher.gemini.script(Reply([[text("Let me")], Break.HOLD]))
    await usher.slack.person_says(OWNER, GENERAL, "and in Lisbon?", ts)
    await usher.slack.when(lambda: len(usher.gemini.asked) == 2)
    await usher.slack.person_says(OWNER, GENERAL, "Usher, stay out!", ts)
    await usher.message_with("Stopped", GENERAL)
    await usher.message_with(OUT, GENERAL)

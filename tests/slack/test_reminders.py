"""«Remind me»: set in words, seen and cancelled on the Home tab, told once where it was asked for."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from bot.slack.acts.reminders import REMINDER, Reminding
from bot.slack.screens.turns import reminders as screens
from storage.schema import now
from storage.tables import Job, Reminder
from tests.slack.test_home import home_with
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said


async def ask(usher: Usher, arguments: dict, channel: str = DM, person: str = OWNER) -> str:
    """The ts of the question, once the tool has been used and the answer is there."""
    usher.gemini.will_call(("usher__remind_me", arguments))
    usher.gemini.will_say("I will.")
    mention = "" if channel in (DM, MEMBERS_DM) else "<@U0USHER> "
    ts: str = await usher.slack.person_says(person, channel, f"{mention}remind me")
    await usher.message_with("I will.", channel, person)
    return ts


async def ring(usher: Usher) -> None:
    """As when the hour has come."""
    await usher.due(REMINDER, sa.update(Reminder).values(due_at=now()))


async def test_it_is_set_without_a_question_seen_on_home_and_told_once_in_its_thread(usher: Usher) -> None:
    await usher.home()
    ts = await ask(usher, {"about": "water *the* plants <!channel>", "in_minutes": 30})
    assert "will be reminded on" in str(usher.gemini.responses()) and "(UTC" in str(usher.gemini.responses())
    assert "water ∗the∗ plants &lt;!channel&gt;" in await home_with(usher, "∗the∗")

    await ring(usher)
    told = await usher.message_with("You asked me to remind you")
    assert told["thread_ts"] == ts and "<!channel>" not in said(told)
    await home_with(usher, "No reminder waits")

    await usher.press(told, screens.AN_HOUR)
    await usher.message_with("I will tell you again on")
    await home_with(usher, "∗the∗")
    [waiting] = await usher.services.reminders.of(usher.member)
    assert timedelta(minutes=59) < waiting.due_at - now() <= timedelta(hours=1)
    assert usher.slack.refusals == []


async def test_a_time_in_the_past_is_answered_with_the_cure_and_nothing_waits(usher: Usher) -> None:
    await ask(usher, {"about": "tea", "at": "2020-01-01 09:00"})
    assert "is past" in str(usher.gemini.responses())
    with pytest.raises(UserError, match="needs words"):  # nothing of it could be seen
        await usher.services.reminders.add(usher.member, {}, "\u200b \u2060", now() + timedelta(hours=1))
    assert await usher.services.reminders.of(usher.member) == []


async def test_cancelled_on_home_it_is_not_told(usher: Usher) -> None:
    await ask(usher, {"about": "tea", "in_minutes": 5})
    await usher.press(await usher.home(), screens.CANCEL)
    await home_with(usher, "No reminder waits")
    await ring(usher)
    await usher.slack.when(lambda: True)
    async with usher.services.db.read() as tables:
        assert [each.state for each in await tables.session.scalars(sa.select(Reminder))] == ["cancelled"]
    usher.gemini.will_call(("usher__list_reminders", {}))
    usher.gemini.will_say("None.")
    await usher.slack.person_says(OWNER, DM, "which reminders do I have?")
    await usher.message_with("None.")
    assert "No reminder waits" in str(usher.gemini.responses())


async def test_asked_for_in_a_channel_it_is_told_in_the_direct_message_and_lists_nothing_private_there(
    usher: Usher,
) -> None:
    await ask(usher, {"about": "the salary talk", "in_minutes": 50}, MEMBERS_DM, MEMBER)
    await ask(usher, {"about": "the release", "in_minutes": 5}, GENERAL, MEMBER)
    usher.gemini.will_call(("usher__list_reminders", {}))
    usher.gemini.will_say("Those.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> what waits?")
    await usher.message_with("Those.", GENERAL, MEMBER)
    listed = str(usher.gemini.responses())
    assert "the release" in listed and "salary" not in listed and "1 more" in listed

    await ring(usher)
    told = await usher.message_with("the release", MEMBERS_DM, MEMBER)
    assert told["thread_ts"] is None and f"<#{GENERAL}>" in said(told)
    assert "remind you" not in str(usher.slack.messages(GENERAL, OWNER))


@pytest.mark.parametrize("killed", ["before it is said", "after it is said"])
async def test_a_kill_between_telling_and_noting_neither_loses_nor_doubles_it(
    usher: Usher, killed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(usher, {"about": "tea", "in_minutes": 5})
    dying = asyncio.Event()

    async def die(self: Reminding, reminder: Reminder) -> None:
        if killed == "after it is said":
            await tell(self, reminder)
        dying.set()
        raise SlackApiError("killed", {"error": "killed"})

    tell = Reminding._tell
    monkeypatch.setattr(Reminding, "_tell", die)
    await ring(usher)
    await asyncio.wait_for(dying.wait(), 60)
    monkeypatch.undo()
    [job] = await _jobs(usher)
    await Reminding(usher.client, usher.services)(job)
    await Reminding(usher.client, usher.services)(job)
    there = [each for each in usher.slack.messages(DM, OWNER) if "remind you" in said(each)]
    assert len(there) == 1
    async with usher.services.db.read() as tables:
        found = await tables.reminders.get(TEAM, job.payload["reminder"])
    assert found and found.state == "told"


async def _jobs(usher: Usher) -> list[Job]:
    async with usher.services.db.read() as tables:
        return list(await tables.session.scalars(sa.select(Job).where(Job.kind == REMINDER)))


async def test_a_thread_that_is_gone_leaves_the_direct_message(usher: Usher) -> None:
    ts = await ask(usher, {"about": "tea", "in_minutes": 5})
    await usher.slack.person_deletes(OWNER, DM, ts)
    await ring(usher)
    assert (await usher.message_with("You asked me to remind you"))["thread_ts"] is None

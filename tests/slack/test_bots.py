"""Other apps and workflows: unheard until an admin lets them, answered by mention alone, and never for ever."""

import pytest

from bot.services.limits.outside.bots import AN_HOUR, IN_A_ROW, BotsPace
from bot.slack.screens.governing import outside as screens
from playground.slack.core.ids import APP_BOT, OTHER_APP, OTHER_BOT, WORKFLOW
from storage.members import Member
from storage.rules.outside import Kind, Rule
from tests.slack.outside import let
from tests.support.slack import DM, GENERAL, MEMBER, TEAM, Usher, said

ASKS = "<@U0USHER> what is new?"
BOT = Member(TEAM, OTHER_APP)


async def heard(usher: Usher) -> None:
    await usher.slack.when(lambda: not usher.slack.unheard)


def bot_says(usher: Usher, text: str = ASKS, thread_ts: str | None = None, bot: str = OTHER_BOT) -> str:
    return usher.slack.workspace.saying.bot_says(GENERAL, text, thread_ts, bot)


@pytest.mark.parametrize("bot", [OTHER_BOT, WORKFLOW])
async def test_a_bot_is_answered_by_mention_once_an_admin_lets_it_and_nothing_is_said_to_it_before(
    usher: Usher, bot: str
) -> None:
    before = len(usher.slack.of("chat.postMessage"))
    bot_says(usher, bot=bot)
    await heard(usher)
    await let(usher, Kind.BOTS, Rule.READ_ONLY)
    bot_says(usher, "no mention", bot=bot)
    await heard(usher)
    assert not usher.gemini.asked and len(usher.slack.of("chat.postMessage")) == before
    usher.gemini.will_say("Nothing is new.")
    bot_says(usher, bot=bot)
    await usher.message_with("Nothing is new.", GENERAL)
    await heard(usher)
    assert len(usher.gemini.asked) == 1 and "a program, another app or a workflow" in str(usher.gemini.asked[0])


async def test_an_admin_is_asked_about_a_bot_and_its_question_is_answered_then(usher: Usher) -> None:
    await let(usher, Kind.BOTS, Rule.ASK)
    bot_says(usher)
    asked = await usher.message_with("May I answer?")
    assert "another app or a workflow" in said(asked)
    usher.gemini.will_say("Nothing is new.")
    await usher.press(asked, screens.LET_IN)
    await usher.message_with("Nothing is new.", GENERAL)


async def test_what_claims_to_be_of_elsewhere_or_is_ourselves_is_never_answered(usher: Usher) -> None:
    await let(usher, Kind.BOTS, Rule.READ_ONLY)
    outbox = usher.slack.workspace.outbox
    event = {"type": "app_mention", "text": ASKS, "channel": GENERAL, "ts": "1.1", "event_ts": "1.1"}
    outbox.add("app_mention", {**event, "bot_id": OTHER_BOT, "user": OTHER_APP, "team": "T0OTHER"})
    outbox.add("app_mention", {**event, "bot_id": APP_BOT, "team": TEAM})
    outbox.add("app_mention", {**event, "bot_id": OTHER_BOT}, shared=True)
    await heard(usher)
    await usher.tasks.drain(5)
    assert not usher.gemini.asked


async def test_an_app_that_posts_in_a_members_name_is_taken_for_the_app_and_has_nothing_of_theirs(usher: Usher) -> None:
    """With a token of theirs it says so: who reads their channels for them need not read with their tools."""
    await let(usher, Kind.BOTS, Rule.READ_ONLY)
    root = await usher.slack.person_says(MEMBER, GENERAL, "about the deployment")
    event = {"type": "app_mention", "text": ASKS, "channel": GENERAL, "thread_ts": root, "ts": "9.1", "event_ts": "9.1"}
    usher.gemini.will_say("Nothing is new.")
    usher.slack.workspace.outbox.add("app_mention", {**event, "bot_id": OTHER_BOT, "user": MEMBER, "team": TEAM})
    await usher.message_with("Nothing is new.", GENERAL)
    async with usher.services.db.read() as tables:
        assert await tables.outside.person(TEAM, MEMBER) is None
        assert await tables.outside.person(TEAM, OTHER_BOT)


async def test_bots_in_a_thread_end_after_three_until_a_person_asks_there(usher: Usher) -> None:
    await let(usher, Kind.BOTS, Rule.READ_ONLY)
    root = await usher.slack.person_says(MEMBER, GENERAL, "about the deployment")
    for number in range(IN_A_ROW.burst):
        usher.gemini.will_say(f"Answer {number}.")
        bot_says(usher, f"{ASKS} {number}", root)
        await usher.message_with(f"Answer {number}.", GENERAL)
    bot_says(usher, f"{ASKS} for ever", root)
    await heard(usher)
    assert len(usher.gemini.asked) == IN_A_ROW.burst
    usher.gemini.will_say("Hello person.")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> and you?", root)
    await usher.message_with("Hello person.", GENERAL)
    await heard(usher)
    usher.gemini.will_say("Once more.")
    bot_says(usher, f"{ASKS} again", root)
    await usher.message_with("Once more.", GENERAL)


async def test_one_bot_is_answered_so_often_an_hour_in_a_channel_and_each_message_once(usher: Usher) -> None:
    pace = BotsPace(usher.services.db)
    assert await pace.may(BOT, GENERAL, "0.1", "0.1") and not await pace.may(BOT, GENERAL, "0.1", "0.1")
    taken = [await pace.may(BOT, GENERAL, f"1.{each}", f"1.{each}") for each in range(AN_HOUR.burst)]
    assert taken == [True] * (AN_HOUR.burst - 1) + [False]
    assert await pace.may(BOT, DM, "2.1", "2.1") and await pace.may(Member(TEAM, WORKFLOW), GENERAL, "3.1", "3.1")

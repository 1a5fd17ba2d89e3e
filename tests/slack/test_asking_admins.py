"""Where an admin decides about each from outside: their first question is kept, and nothing of it is lost."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import UserError
from bot.services.limits.outside import people
from bot.services.limits.outside.rules import OVER
from bot.slack.screens.governing import outside as screens
from bot.slack.screens.governing.tabs import ONLY_ADMINS
from bot.slack.screens.talking.from_outside import LAPSED, NOT_THEY, REFUSED_NOW
from storage.members import Member
from storage.rules.outside import Kind, Rule, State
from storage.schema import now
from storage.tables import Job, OutsidePerson
from tests.slack.outside import audited, becomes_guest, ephemeral_with, is_of_elsewhere, let, no_admin_any_more
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, PATIENCE, TEAM, Usher, said

ASKS = "May I answer?"
SECRET = "what is the plan of the merger?"
THEM = Member(TEAM, MEMBER)


async def asks(usher: Usher, text: str = SECRET) -> dict[str, Any]:
    """A guest's question, and what an admin is asked."""
    becomes_guest(usher)
    await let(usher, Kind.GUESTS, Rule.ASK)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, text)
    return await usher.message_with(ASKS)


async def test_the_first_question_waits_for_an_admin_and_is_answered_once_they_say_yes(usher: Usher) -> None:
    asked = await asks(usher)
    assert f"<@{MEMBER}>" in said(asked) and "a guest of this workspace" in said(asked) and SECRET not in str(asked)
    assert await usher.message_with("kept, and I answer it here", MEMBERS_DM, MEMBER)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hello?")
    await usher.message_with("I have asked the administrators already", MEMBERS_DM, MEMBER)
    assert sum(ASKS in said(each) for each in usher.slack.messages(DM)) == 1 and not usher.gemini.asked

    usher.gemini.will_say("Here it is.")
    await usher.press(asked, screens.LET_IN)
    await usher.message_with("Here it is.", MEMBERS_DM, MEMBER)
    assert SECRET in str(usher.gemini.asked[0])
    assert await usher.message_with(f"was let in by <@{OWNER}>")
    usher.gemini.will_say("Hello.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "hello?")
    await usher.message_with("Hello.", MEMBERS_DM, MEMBER)
    assert [each.action for each in await audited(usher)][:2] == ["outside.allowed", "outside.asked"]
    with pytest.raises(UserError, match="decided already"):  # another admin, who still sees the question
        await usher.services.from_outside.answer(usher.member, MEMBER, let_in=False)
    async with usher.services.db.read() as tables:
        [row] = await tables.session.scalars(sa.select(OutsidePerson))
    assert (row.state, row.question) == (State.ALLOWED, {})


async def test_whom_an_admin_refuses_is_told_kindly_where_they_asked_and_it_can_be_taken_back(usher: Usher) -> None:
    is_of_elsewhere(usher)
    await let(usher, Kind.OUTSIDERS, Rule.ASK)
    await usher.slack.person_says(MEMBER, GENERAL, f"<@U0USHER> {SECRET}")
    asked = await usher.message_with(ASKS)
    assert "of another organisation" in said(asked) and f"<#{GENERAL}>" in said(asked)
    await usher.press(asked, screens.REFUSE)
    assert await ephemeral_with(usher, REFUSED_NOW)
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> please")
    assert await ephemeral_with(usher, NOT_THEY)
    assert not usher.gemini.asked

    await usher.press(await usher.tab("policies"), screens.LOOK)
    await usher.press(await usher.modal_with(f"Refused by <@{OWNER}>"), screens.BACK)
    await usher.press(await usher.modal_with("Taken back"), screens.AGAIN)
    await usher.press(await usher.modal_with(f"Refused by <@{OWNER}>"), screens.BACK)
    await usher.modal_with("Taken back")
    await usher.slack.person_says(MEMBER, GENERAL, "<@U0USHER> once more")
    assert await usher.slack.when(lambda: sum(ASKS in said(each) for each in usher.slack.messages(DM)) == 1)


async def test_what_was_asked_where_nobody_may_ask_any_more_is_not_answered_there(usher: Usher) -> None:
    is_of_elsewhere(usher)
    await let(usher, Kind.OUTSIDERS, Rule.ASK)
    await usher.slack.person_says(MEMBER, GENERAL, f"<@U0USHER> {SECRET}")
    asked = await usher.message_with(ASKS)
    await let(usher, Kind.OUTSIDERS, Rule.ASK, "C0PARTNERS")
    await usher.press(asked, screens.LET_IN)
    assert await ephemeral_with(usher, "I may answer you in <#C0PARTNERS> only")
    assert await usher.message_with("does not let me answer what they asked")
    assert not usher.gemini.asked


async def test_who_is_no_admin_any_more_lets_nobody_in(usher: Usher) -> None:
    asked = await asks(usher)
    no_admin_any_more(usher)
    await usher.press(asked, screens.LET_IN)
    await usher.message_with(ONLY_ADMINS)
    found = await usher.services.from_outside.whence(THEM)
    assert found and found.barred and not usher.gemini.asked


async def its_time_is_over(usher: Usher) -> None:
    """Once the admins are asked."""
    async with asyncio.timeout(PATIENCE):
        while any(job.kind == people.ASKED for job in await _jobs(usher)):
            await asyncio.sleep(0.01)
    await usher.due(OVER, sa.update(OutsidePerson).values(expires_at=now()))


async def _jobs(usher: Usher) -> Sequence[Job]:
    async with usher.services.db.read() as tables:
        return await tables.jobs.all(TEAM)


async def test_a_question_that_no_admin_answers_in_time_ends_and_all_are_told(usher: Usher) -> None:
    await asks(usher)
    await its_time_is_over(usher)
    assert await usher.message_with(LAPSED, MEMBERS_DM, MEMBER)
    assert await usher.message_with("Nobody has answered in time")
    with pytest.raises(UserError, match="decided already"):
        await usher.services.from_outside.answer(usher.member, MEMBER, let_in=True)
    assert not usher.gemini.asked and (await audited(usher))[0].action == "outside.lapsed"


@pytest.mark.parametrize("rule", [Rule.ALLOW, Rule.READ_ONLY])
async def test_a_rule_that_lets_them_in_answers_what_waits(usher: Usher, rule: Rule) -> None:
    await asks(usher)
    usher.gemini.will_say("Here it is.")
    await let(usher, Kind.GUESTS, rule)
    await usher.message_with("Here it is.", MEMBERS_DM, MEMBER)
    assert await usher.message_with("was let in")


async def test_what_was_changed_or_deleted_while_it_waits_is_answered_as_it_reads_then(usher: Usher) -> None:
    asked = await asks(usher)
    ts = next(each["ts"] for each in usher.slack.messages(MEMBERS_DM, MEMBER) if SECRET in said(each))
    await usher.slack.person_edits(MEMBER, MEMBERS_DM, ts, "what is the weather?")
    await usher.slack.when(lambda: not usher.slack.unheard)
    usher.gemini.will_say("It rains.")
    await usher.press(asked, screens.LET_IN)
    await usher.message_with("It rains.", MEMBERS_DM, MEMBER)
    assert SECRET not in str(usher.gemini.asked)

"""The Home tab follows every change, whoever made it, for those who have opened it."""

from collections.abc import AsyncIterator

import pytest

from bot.services.links import Draft
from bot.services.tickets import Entry
from bot.slack.screens import approvals
from tests.mcp_runtime.hand_made import HandMade, plain, reply, running
from tests.slack.test_states import connect
from tests.support.slack import DM, OWNER, Usher, said


@pytest.fixture
async def odd() -> AsyncIterator[HandMade]:
    async with running(HandMade()) as server:
        yield server


async def home_with(usher: Usher, text: str) -> str:
    return await usher.slack.when(lambda: text in (shown := said(usher.slack.snapshot(OWNER)["home"] or {})) and shown)


@pytest.mark.parametrize("deed", ["create", "revoke"])
async def test_a_link_that_the_agent_made_or_revoked_is_seen_there(usher: Usher, deed: str) -> None:
    await usher.home()
    if deed == "revoke":
        await usher.services.links.create(usher.member, Draft("Survey"))
        await home_with(usher, "Survey")
    usher.gemini.will_call((f"usher__{deed}_temporary_chat_link", {"title": "Survey"}))
    await usher.slack.person_says(OWNER, DM, "Do it")
    usher.gemini.will_say("Done.")
    await usher.press(await usher.message_with("May I?"), approvals.APPROVE)
    await usher.slack.when(lambda: ("Survey" in said(usher.slack.snapshot(OWNER)["home"])) == (deed == "create"))


async def test_a_connection_that_fails_while_it_is_asked_and_then_recovers_is_seen_there(
    usher: Usher, odd: HandMade
) -> None:
    connection_id = await connect(usher, odd)
    await usher.home()
    await home_with(usher, "*Odd* · Connected: 1 tool")
    odd.on_any = reply(plain(401))
    await usher.services.connections.test(usher.member, connection_id)
    await home_with(usher, "Sign in again")
    odd.on_any = None
    await usher.services.connections.test(usher.member, connection_id)
    await home_with(usher, "*Odd* · Connected: 1 tool")


async def test_what_the_services_change_is_seen_there(usher: Usher, notes: str) -> None:
    await usher.home()
    connection_id = await usher.connect_notes(notes)
    await home_with(usher, "*Notes*")
    named = {"account": "Jottings"}
    await usher.services.connections.editing.begin(usher.member, connection_id, named, Entry.PAGE)
    await home_with(usher, "*Jottings*")
    made = await usher.services.links.create(usher.member, Draft("Survey"))
    await home_with(usher, "Survey")
    await usher.services.links.revoke(usher.member, made.link.id)
    await usher.services.connections.disconnect(usher.member, connection_id)
    await usher.slack.when(
        lambda: not {"Survey", "Jottings"} & set(said(usher.slack.snapshot(OWNER)["home"]).split("*"))
    )


async def test_nothing_is_published_for_who_has_never_opened_it(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    async with usher.services.db.read() as tables:
        assert [job for job in await tables.jobs.all() if job.kind == "home_changed"] == []
    assert usher.slack.of("views.publish") == []


async def test_a_slack_that_cannot_be_reached_is_tried_again_and_one_that_refuses_is_not(usher: Usher) -> None:
    await usher.home()
    usher.slack.will_refuse("views.publish", "not_enabled")
    before = len(usher.slack.of("views.publish"))
    await usher.services.links.create(usher.member, Draft("Refused"))
    await usher.slack.when(lambda: len(usher.slack.of("views.publish")) > before)
    await usher.services.links.create(usher.member, Draft("Shown"))
    assert "Refused" in await home_with(usher, "Shown")

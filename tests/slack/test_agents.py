"""Agents in Slack: made by an admin from Home, asked by name, fixed to a channel, narrowed by members, archived."""

from typing import Any

from bot.services.agents.asking import OTHERS
from bot.services.agents.values import AgentForm
from bot.slack.screens.agents import granting, listing
from storage.rules.access import Scope
from tests.support.slack import DM, GENERAL, MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said

USHER = "<@U0USHER>"
BLANK = {"picture": "", "instructions": "", "tools": "", "used": "everyone", "scope": "full_access"}


async def listed(usher: Usher) -> dict[str, Any]:
    await usher.press(await usher.tab("agents"), listing.OPEN)
    return await usher.modal_with("An agent has a name")


def system(usher: Usher) -> str:
    return str(usher.gemini.asked[-1].body["systemInstruction"])


async def asked(usher: Usher, words: str, answer: str, thread: str | None = None, channel: str = DM) -> dict[str, Any]:
    usher.gemini.will_say(answer)
    await usher.slack.person_says(OWNER, channel, words, thread)
    return await usher.message_with(answer, channel)


async def test_an_admin_makes_an_agent_from_home_and_a_member_asks_it_by_its_name(usher: Usher) -> None:
    await usher.press(await listed(usher), listing.NEW)
    form = await usher.modal_with("Members ask for it by this name")
    await usher.submit(form, **{**BLANK, "name": "Ledger", "picture": "ledger", "instructions": "Count in euros."})
    shown = said(await usher.modal_with("Ledger is saved"))
    assert "May do all that its member may · for members and guests" in shown
    await usher.slack.when(lambda: "ask Ledger: …" in said(usher.slack.snapshot(OWNER)["home"]))

    answer = await asked(usher, "Ask ledger: what is open?", "Two invoices.")
    assert "You are Ledger" in system(usher) and "Count in euros." in system(usher)
    assert ":ledger: Ledger" in said(answer)
    heard = str(usher.gemini.heard())
    assert "what is open?" in heard and "sk ledger" not in heard
    await asked(usher, "and of last month?", "None.", answer["thread_ts"])
    assert "You are Ledger" in system(usher)
    await usher.slack.person_says(OWNER, DM, "ask Usher: is that so?", answer["thread_ts"])
    await usher.message_with(OTHERS.format(other="Ledger", name="Usher"))
    await asked(usher, "ask Anna: is lunch at one?", "I am not Anna.")
    assert "You are Usher" in system(usher) and "ask Anna: is lunch" in str(usher.gemini.heard())


async def test_a_channel_fixed_to_an_agent_is_its_alone_until_it_is_archived_with_what_leans_on_it_named(
    usher: Usher,
) -> None:
    ledger = await usher.services.agents.make(usher.member, AgentForm("Ledger", used="channels", channels=(GENERAL,)))
    await asked(usher, f"{USHER} how is it?", "Balanced.", channel=GENERAL)
    assert "You are Ledger" in system(usher)
    await usher.slack.person_says(OWNER, GENERAL, f"{USHER} ask Usher: and you?")
    await usher.message_with("In this channel Ledger answers, and no other agent", GENERAL)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "ask Ledger: how is it?")
    await usher.message_with("answers only in the channels", MEMBERS_DM, MEMBER)

    await usher.press(await listed(usher), listing.ARCHIVE, value=ledger.id)
    sure = await usher.modal_with("will answer and call nothing more")
    assert f"In <#{GENERAL}> nobody answers then" in str(sure)
    await usher.submit(sure)
    await usher.modal_with("Ledger is archived")
    await usher.slack.person_says(OWNER, GENERAL, f"{USHER} and now?")
    await usher.message_with("has been archived by an administrator", GENERAL)


async def test_a_member_narrows_what_an_agent_may_do_with_their_own_connection(usher: Usher, notes: str) -> None:
    connection = await usher.connect_notes(notes)
    usual = (await usher.services.agents.of(TEAM))[0]
    await usher.press(await usher.home(), granting.OPEN)
    await usher.press(await usher.modal_with("Whom you can ask"), granting.ONE)
    await usher.press(await usher.modal_with("May do all that you may"), granting.CHANGE)
    form = await usher.modal_with("may do with *Notes*")
    await usher.submit(form, scope="read_only", until="2030-01-31")
    await usher.modal_with("Only reads. Until 1 February 2030")
    found = await usher.services.agents.get_agent_mcp_servers(usher.member, usual.id)
    assert found.reachable[0].access.scopes == {Scope.READ_ONLY} and found.reachable[0].connection.id == connection
    await asked(usher, "what may you do?", "Only read.")
    assert "You may only read with it" in str(usher.gemini.heard())


async def test_who_is_no_admin_any_more_changes_no_agent_by_a_window_that_is_still_open(usher: Usher) -> None:
    shown = await listed(usher)
    usher.slack.workspace.directory.people[OWNER].flags.update(
        dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False)
    )
    await usher.press(shown, listing.NEW)
    await usher.slack.when(lambda: listing.ONLY_ADMINS in said(usher.modal() or {}))
    assert [each.name for each in await usher.services.agents.of(TEAM)] == ["Usher"]
    assert listing.OPEN not in str(await usher.home(MEMBER))

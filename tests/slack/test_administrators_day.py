"""An administrator's day, in one of two workspaces, as the playground's guide tells it."""

from typing import Any

from bot.services.limits.budgets.budgets import Month
from bot.services.limits.policies import Chosen
from bot.services.watch.audit.acts import ACTS
from bot.services.watch.audit.ledger import Page
from bot.slack.screens import approvals
from bot.slack.screens.accounts import tokens as access
from bot.slack.screens.governing import audit, audit_tab, cards, money, people, policies, tabs
from bot.slack.screens.governing.audit_entries import capital
from bot.slack.screens.spending import budgets
from playground.page.routes import STATIC
from playground.slack.inhabited import Inhabited
from playground.slack.server import LocalSlack
from run_cards import custom
from storage.database import Database
from storage.members import Member
from storage.repositories.workspaces.audit import Asked
from tests.slack.test_access_tokens import made
from tests.slack.test_many_workspaces import OTHER, Door, both, door
from tests.support.gemini import Scripted
from tests.support.slack import MEMBER, MEMBERS_DM, OWNER, PATIENCE, TEAM, Usher, running_usher, said
from tests.support.tracker import WEB, Tracker, tracker

__all__ = ["both", "door", "tracker"]

THEIRS = Member(TEAM, MEMBER)
NOTHING = Page([], Asked(), False, 0, None, None)


async def test_an_administrators_day_holds_in_their_workspace_and_leaves_the_other_as_it_was(
    door: Door, both: LocalSlack, sqlite_db: Database, gemini: Scripted, tracker: Tracker
) -> None:
    assert both.second
    await door.add(both)
    await door.add(both.second)
    async with running_usher(both, door.client, sqlite_db, gemini, tokens=door.tokens) as usher:
        await a_member_closes_an_issue(usher, tracker)
        await who_closed_it_stands_in_the_audit(usher)
        await the_card_is_forbidden(usher, tracker)
        await nothing_may_be_spent(usher)
        await a_token_is_revoked(usher)
        await as_it_was(usher, both.second)
        assert both.refusals == []


async def a_member_closes_an_issue(usher: Usher, tracker: Tracker) -> None:
    await usher.services.connections.begin(THEIRS, custom.CARD, {"name": "Tracker", "url": tracker.url})
    usher.gemini.will_call(("tracker__close_issue", {**WEB, "number": 41}))
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "close number 41")
    question = await usher.message_with(f"Only <@{MEMBER}> can decide", MEMBERS_DM, MEMBER)
    usher.gemini.will_say("Closed.")
    await usher.press(question, approvals.APPROVE, MEMBER)
    await usher.message_with("Closed.", MEMBERS_DM, MEMBER)


async def who_closed_it_stands_in_the_audit(usher: Usher) -> None:
    await usher.press(await usher.tab("audit"), audit.OPEN)
    await usher.press(await usher.modal_with(audit.ABOUT), audit.WHAT, value="call.made")
    window = await usher.modal_with("1 entry")
    assert f"<@{MEMBER}>" in said(window) and "close_issue" in said(window) and "acme" not in said(window)
    await usher.press(window, audit.VERIFY)
    window = await usher.modal_with("are as they were written, and none is missing.")
    await usher.slack.close_view(OWNER, window["id"])


async def the_card_is_forbidden(usher: Usher, tracker: Tracker) -> None:
    shown = await usher.tab("connections")
    at = next(number for number, block in enumerate(shown["blocks"]) if "*Custom*" in str(block))
    await usher.press({**shown, "blocks": shown["blocks"][at : at + 2]}, cards.FORBID)
    await usher.message_with("An administrator has forbidden “Custom”", MEMBERS_DM, MEMBER)
    usher.gemini.will_say("I may not.")
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "close number 42")
    await usher.message_with("I may not.", MEMBERS_DM, MEMBER)
    declared = [each["name"] for tool in usher.gemini.asked[-1].body["tools"] for each in tool["functionDeclarations"]]
    assert declared and not [name for name in declared if name.startswith("tracker__")]
    assert tracker.closed == ["acme/web#41"]


async def nothing_may_be_spent(usher: Usher) -> None:
    await usher.press(await usher.tab("budgets"), budgets.OPEN)
    form = await usher.modal_with("A month: each member")
    await usher.submit(form, members="0")
    form = await usher.modal_with("Saved")
    before = len(usher.gemini.asked)
    await usher.slack.person_says(MEMBER, MEMBERS_DM, "and now?")
    await usher.message_with("$0.00", MEMBERS_DM, MEMBER)
    assert len(usher.gemini.asked) == before, "no model was asked"
    await usher.submit(form, members="")
    await usher.slack.when(lambda: "Saved" in said(usher.modal() or {}))
    await usher.slack.close_view(OWNER, form["id"])


async def a_token_is_revoked(usher: Usher) -> None:
    assert usher.services.tokens
    token = await made(usher)
    await usher.press(await usher.tab("people"), people.FIND, value=MEMBER)
    window = await usher.modal_with("*Access tokens* · 1")
    await usher.press(window, people.END)
    await usher.modal_with("*No access token*")
    await usher.message_with("has revoked your access token", MEMBERS_DM, MEMBER)
    assert await usher.services.tokens.caller(token) is None
    await usher.slack.when(lambda: access.NONE in said(usher.slack.snapshot(MEMBER)["home"]))


async def as_it_was(usher: Usher, other: Inhabited) -> None:
    """Its own administrator looks at each tab, and sees nothing of the day."""

    async def shown(tab: str) -> dict[str, Any]:
        await pressed(other, f"{tabs.GO}.{tab}")
        return await home_of(other, f"{tab.capitalize()}: shown now")

    await other.open_home(OWNER)
    await home_of(other, "Mine: shown now")
    assert "forbidden" not in said(await shown("connections"))
    assert policies.NONE in said(await shown("policies"))
    assert "no limit" in said(await shown("budgets"))
    assert "close_issue" not in said(await shown("audit")) and f"<@{MEMBER}>" not in said(await shown("people"))
    assert await usher.services.connections.of(Member(OTHER, MEMBER)) == []


async def pressed(place: Inhabited, action: str) -> None:
    home = place.snapshot(OWNER)["home"]
    block = next(each for each in home["blocks"] if action in str(each))
    container = {"type": "view", "view_id": home["view_id"]}
    await place.press(OWNER, {"container": container, "block_id": block["block_id"], "action_id": action})


async def home_of(place: Inhabited, text: str) -> dict[str, Any]:
    found: dict[str, Any] = await place.workspace.feed.when(
        lambda: (home := place.snapshot(OWNER)["home"]) and text in str(home) and home, PATIENCE
    )
    return found


def test_the_playgrounds_guide_names_what_stands_on_the_buttons() -> None:
    guide = (STATIC / "regions" / "day.js").read_text()
    named = [capital(ACTS["call.made"]), "Filter, verify, export", "Verify", "Forbid", "Change budgets", "New token"]
    shown = "".join(str(each) for each in (audit_tab.on_home(NOTHING, 0), money.budgets(Month(), [])))
    shown += str(access.listed([])) + str(cards.cards({"time": "Time"}, {}, {}, Chosen(), 0))
    shown += str(audit.window(NOTHING, audit.Chosen()))
    for each in (*named, *(tabs.TABS[tab] for tab in (tabs.AUDIT, tabs.CONNECTIONS, tabs.BUDGETS, tabs.PEOPLE))):
        assert each in guide and (each in shown or each in tabs.TABS.values()), each

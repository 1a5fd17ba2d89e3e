"""Administrators run the workspace from the tabs of their Home: each act is checked, told and in the audit."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import FormError, UserError
from bot.services.chats.ending.ratings import Figures
from bot.services.connections.permission import FORBIDDEN
from bot.services.limits.keeping import Kept
from bot.services.limits.outside.rules import Ruled
from bot.services.limits.policies import Chosen, LinkRules
from bot.services.links import Draft
from bot.services.watch.insights.insights import OnePerson, Overview
from bot.services.watch.insights.mine import ALWAYS, LEAVE, TEST, Suggestion
from bot.slack.screens.governing import cards, links, overview, people, policies, tabs
from bot.slack.screens.talking import beginning
from playground.slack.block_kit.checking import check
from storage.members import Member
from storage.repositories.insights.calls import Calls
from storage.repositories.insights.gathering import Used
from storage.repositories.insights.health import Counts
from storage.repositories.insights.people import OfCard
from storage.repositories.spending.model_usage import Sum
from storage.rules.egress import Egress
from storage.rules.outside import Kind, Rule
from storage.schema import now
from storage.tables import AuditEntry, Connection, Link
from tests.slack.test_screens import SHORT_HOSTILE
from tests.support.slack import MEMBER, MEMBERS_DM, OWNER, TEAM, Usher, said

THEIRS = Member(TEAM, MEMBER)


async def home_with(usher: Usher, text: str) -> dict[str, Any]:
    found: dict[str, Any] = await usher.slack.when(
        lambda: text in said((home := usher.slack.snapshot(OWNER)["home"]) or {}) and home
    )
    return found


async def acts(usher: Usher) -> list[str]:
    async with usher.services.db.read() as tables:
        return list(await tables.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.number)))


def no_admin_any_more(usher: Usher) -> None:
    flags = usher.slack.workspace.directory.people[OWNER].flags
    flags.update(dict.fromkeys(("is_admin", "is_owner", "is_primary_owner"), False))


async def test_home_stays_at_the_tab_that_an_admin_looks_at_and_members_have_none(usher: Usher) -> None:
    await usher.tab("links")
    await usher.services.links.create(THEIRS, Draft("Survey"))
    await usher.services.links.create(usher.member, Draft("Mine too"))
    shown = await home_with(usher, "Mine too")
    assert f"*Survey* by <@{MEMBER}>" in said(shown) and "shown now" in str(shown)
    assert tabs.GO not in str(await usher.home(MEMBER))
    await usher.tab("mine")
    assert "My connections" in said(await usher.home())


@pytest.mark.parametrize("name", [each for each in tabs.TABS if each != tabs.MINE])
async def test_every_tab_leads_on_where_there_is_nothing_and_slack_takes_it(usher: Usher, name: str) -> None:
    shown = await usher.tab(name)
    assert check({"type": "home", "blocks": shown["blocks"]}, "home") == []
    assert sum(block["type"] == "actions" for block in shown["blocks"]) + str(shown).count("accessory") >= 2
    assert usher.slack.refusals == []


async def test_who_is_no_admin_any_more_is_led_back_to_what_is_their_own_by_the_next_click(usher: Usher) -> None:
    shown = await usher.tab("people")
    no_admin_any_more(usher)
    await usher.press(shown, f"{tabs.GO}.audit")
    await usher.modal_with(tabs.ONLY_ADMINS)
    await home_with(usher, "My connections")
    assert "admin.refused" in await acts(usher)


async def test_a_forbidden_card_stops_at_once_its_members_are_told_and_it_can_be_allowed_again(
    usher: Usher, notes: str
) -> None:
    made = await usher.connect_notes(notes)
    shown = await usher.tab("connections")
    assert "1 member, 1 connection, all working" in said(shown)
    await usher.press({**shown, "blocks": _about(shown, "Custom", cards.FORBID)}, cards.FORBID)
    await usher.message_with("An administrator has forbidden “Custom”")
    [view] = await usher.services.connections.of(usher.member)
    assert view.barred == FORBIDDEN
    assert "custom" not in {each.name for each in await usher.services.cards_for(usher.member)}
    assert await usher.services.db.standing.of(TEAM, OWNER, made, "add_note") == ("forbidden", "ask")
    shown = await home_with(usher, "*Custom* · *forbidden*")
    await usher.press({**shown, "blocks": _about(shown, "Custom", cards.ALLOW)}, cards.ALLOW)
    await usher.message_with("“Custom” is allowed here again")
    [view] = await usher.services.connections.of(usher.member)
    assert view.barred == ""
    assert [a for a in await acts(usher) if a.startswith("policy")] == ["policy.card_forbidden", "policy.card_allowed"]


def _about(shown: dict[str, Any], title: str, action: str) -> list[dict[str, Any]]:
    """The lines of one card: its own, or the buttons right below it."""
    at = next(n for n, block in enumerate(shown["blocks"]) if f"*{title}*" in str(block))
    here = [block for block in shown["blocks"][at : at + 2] if action in str(block)]
    return here[:1]


async def test_a_member_is_looked_at_in_counts_and_all_they_connected_is_ended(usher: Usher, notes: str) -> None:
    theirs = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:
        await tables.session.execute(sa.update(Connection).where(Connection.id == theirs).values(member_id=MEMBER))
        for outcome in ("done", "done", "done", "done", "failed"):
            await tables.usage.add(TEAM, MEMBER, "add_note", outcome, 100, connection_id=theirs)
    made = await usher.services.links.create(THEIRS, Draft("Survey"))
    shown = await usher.tab("people")
    assert f"<@{MEMBER}>\\n1 connection · 5 calls, 1 failed · 1 link" in said(shown)
    await usher.press(shown, people.LOOK)
    window = await usher.modal_with("5 calls, 80 % went well, 0.1 s each")
    await usher.press(window, links.REVOKE)
    window = await usher.modal_with("No chat link is alive")
    await usher.message_with("revoked your chat link “Survey”", MEMBERS_DM, MEMBER)
    await usher.press(window, people.DISCONNECT)
    await usher.modal_with("Disconnected: 1 connection")
    await usher.message_with("has disconnected all your tools", MEMBERS_DM, MEMBER)
    assert await usher.services.connections.of(THEIRS) == []
    async with usher.services.db.read() as tables:
        entries = await tables.session.scalars(sa.select(AuditEntry).where(AuditEntry.actor == OWNER))
        assert {(e.action, e.subject) for e in entries} >= {
            ("link.revoked", made.link.id),
            ("connection.ended", theirs),
        }


async def test_admins_say_who_makes_links_and_how_far_they_go(usher: Usher) -> None:
    await usher.press(await usher.tab("policies"), policies.LINKS)
    form = await usher.modal_with("Who may make chat links")
    kept = {"members": {"value": []}, "hours": {"value": "8"}, "guests": {"value": "3"}, "tools": {"value": []}}
    await usher.slack.submit_view(OWNER, form["id"], {**kept, "who": {"value": "chosen"}})
    assert (usher.modal() or {})["id"] == form["id"], "nobody was chosen"
    await usher.slack.submit_view(
        OWNER, form["id"], {**kept, "who": {"value": "chosen"}, "members": {"value": [MEMBER]}}
    )
    await usher.modal_with("1 chosen member, at most 8 hours, at most 3 guests, without tools.")
    links_of = usher.services.links
    with pytest.raises(UserError, match="only some members"):
        await links_of.create(usher.member, Draft("Survey", hours=2))
    await usher.press(await usher.tab("links"), "link.create")
    await usher.modal_with("only some members make chat links here")
    with pytest.raises(FormError) as refused:
        await links_of.create(THEIRS, Draft("Survey", hours=9, max_sessions=4, tools=(("c", "t"),)))
    assert set(refused.value.errors) == {"hours", "max_sessions", "tools"}
    made = await links_of.create(THEIRS, Draft("Survey", hours=7, max_sessions=3))
    with pytest.raises(UserError, match="at most 8 hours"):
        await links_of.extend(THEIRS, made.link.id, 2)
    await usher.services.policies.set_links(usher.member, LinkRules("admins"))
    with pytest.raises(UserError, match="Only administrators"):
        await links_of.create(THEIRS, Draft("Survey"))
    assert (await links_of.prepare(usher.member, Draft("Survey"))).link.title == "Survey"


def test_words_of_others_are_no_markup_on_any_tab() -> None:
    who = {"workspace_id": TEAM, "id": "c", "member_id": SHORT_HOSTILE, "card": SHORT_HOSTILE, "title": SHORT_HOSTILE}
    held = Connection(**who, status="failing", cause=SHORT_HOSTILE, failing_since=now(), forbidden=False)
    times = {"expires_at": now(), "used_sessions": 0, "max_sessions": 2, "money_spent": 0, "tokens_spent": 0}
    row = Link(id="l", creator_id=SHORT_HOSTILE, title=SHORT_HOSTILE, tools=[], limits={}, unpriced="", **times)
    calls = {"c": Calls(done=9, failed=1, last=now())}
    titles = {SHORT_HOSTILE: SHORT_HOSTILE}
    found = OnePerson(SHORT_HOSTILE, [held], calls, calls["c"], [row], Sum(), 5)
    connected = {SHORT_HOSTILE: OfCard(1, 1, 1, 0, 0)}
    chosen = Chosen(frozenset([SHORT_HOSTILE]), egress=Egress((SHORT_HOSTILE,)))
    used = Used(done=9, failed=1, brought=12_345, left_out=4_000)
    seen = Overview(Counts(), 1, Sum(), 1, used, [(SHORT_HOSTILE, SHORT_HOSTILE, used)])
    for view in (people.one(found), cards.of_card(SHORT_HOSTILE, SHORT_HOSTILE, [held], calls, 40, 1)):
        assert check(view, "modal") == [] and not any("<!channel>" in text for text in marked(view["blocks"]))
    for blocks in (
        cards.cards(titles, connected, {SHORT_HOSTILE: calls["c"]}, chosen, 0),
        policies.policies(chosen, dict.fromkeys(Kind, Ruled(Rule.ASK, ("C1",) * 50)), 3, Kept(), titles),
        overview.overview(seen, overview.Signs({"database": "does not answer"}, "off"), Figures(), titles),
        beginning.suggested([Suggestion(kind, "c", SHORT_HOSTILE, 9, "t") for kind in (ALWAYS, TEST, LEAVE)]),
    ):
        assert check({"type": "home", "blocks": blocks}, "home") == []
        assert not any("<!channel>" in text for text in marked(blocks))


def test_the_overview_tells_the_tokens_that_tools_brought_and_what_was_saved_as_measured() -> None:
    used = Used(done=9, failed=1, brought=12_345, left_out=4_000)
    seen = Overview(Counts(), 1, Sum(saved=120_000), None, used, [("notes", "add", used)])
    told = said({"blocks": overview.overview(seen, overview.Signs(), Figures(), {"notes": "Notes"})})
    assert (
        "*Brought most into prompts:* Notes: add (12.3k tokens)" in told
        and "shared out among the results of a step by their length" in told
    )
    assert (
        "about $0.12 by the model's cache this month, measured · about 1.0k tokens by shortening long results" in told
    )


def marked(there: Any) -> Iterator[str]:
    """All that is read as markup."""
    if isinstance(there, dict):
        yield from [there["text"]] if there.get("type") == "mrkdwn" else marked(list(there.values()))
    elif isinstance(there, list):
        for each in there:
            yield from marked(each)

"""Administrators say how long things are kept and where tools may lie; what goes or stops is shown to them first."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import FormError
from bot.services.connections.permission import OUTSIDE
from bot.services.limits.egress import typed
from bot.services.limits.keeping import Chosen, Kept
from bot.services.limits.policies import LinkRules
from bot.services.links import Draft
from bot.slack.screens.governing import keeping, reaching
from run_cards import custom
from storage.rules.egress import Egress
from storage.schema import now
from storage.tables import Conversation, Session
from tests.slack.test_admin_tabs import no_admin_any_more
from tests.support.slack import DM, OWNER, TEAM, Usher


async def submitted(usher: Usher, window: dict[str, Any], **values: str) -> None:
    await usher.slack.submit_view(OWNER, window["id"], {name: {"value": value} for name, value in values.items()})


async def entries(usher: Usher, action: str) -> list[dict[str, Any]]:
    async with usher.services.db.read() as tables:
        return await tables.audit.details(TEAM, action, now() - timedelta(hours=1))


async def test_what_lies_outside_stops_once_an_admin_has_seen_what_would_and_goes_on_when_it_may_again(
    usher: Usher, notes: str
) -> None:
    made = await usher.connect_notes(notes)
    await usher.press(await usher.tab("policies"), reaching.OPEN)
    window = await usher.modal_with("In use now: `127.0.0.1` (1)")
    await submitted(usher, window, hosts="*.example.org\nmcp.example.com")
    sure = await usher.modal_with("`127.0.0.1`: 1 connection")
    assert await usher.services.reaching.of(TEAM) == Egress(), "nothing holds before it is confirmed"
    await submitted(usher, sure)
    await usher.modal_with("Only at `*.example.org`, `mcp.example.com`. 1 connection stopped.")
    await usher.message_with("do not let the host be reached that “Notes” is at")
    [view] = await usher.services.connections.of(usher.member)
    assert view.barred == OUTSIDE
    assert await usher.services.db.standing.of(TEAM, OWNER, made, "add_note") == ("outside", "ask")
    await usher.press(await usher.tab("policies"), reaching.OPEN)
    await submitted(usher, await usher.modal_with("Hosts, one a line"), hosts="127.0.0.1")
    await usher.message_with("The host that “Notes” is at may be reached here again")
    [view] = await usher.services.connections.of(usher.member)
    assert view.barred == ""
    told = await entries(usher, "policy.egress_set")
    assert [(each["hosts"], each["stopped"], each["again"]) for each in told] == [
        (["*.example.org", "mcp.example.com"], 1, 0),
        (["127.0.0.1"], 0, 1),
    ]


async def test_what_lies_outside_is_neither_connected_nor_led_to_and_nothing_of_it_is_dialled(
    usher: Usher, notes: str
) -> None:
    await usher.services.reaching.set(usher.member, Egress(("example.org",)))
    connections = usher.services.connections
    with pytest.raises(FormError, match="is not among the hosts that your workspace's admins let"):
        await connections.begin(usher.member, custom.CARD, {"name": "Notes", "url": notes})
    await usher.services.reaching.set(usher.member, Egress())
    made = await usher.connect_notes(notes)
    async with usher.services.db.begin() as tables:  # as an edit would, while the rule changes
        await tables.policies.let_reach(TEAM, egress := Egress(("127.0.0.1",)))
        await tables.policies.put(TEAM, "egress", {"hosts": list(egress.hosts or ())}, by=OWNER)
        elsewhere = {"transport": "http", "url": "https://mcp.example.com/mcp", "headers": []}
        await tables.connections.update(TEAM, made, spec=elsewhere)
        there = await tables.connections.get(TEAM, made)
    assert there and there.outside


def test_a_list_of_hosts_is_read_as_people_write_it_and_covers_what_it_says() -> None:
    egress = typed("Example.org, *.tools.example\n\n mcp.example.com:8443\nbücher.example", "hosts")
    assert egress.hosts == ("example.org", "*.tools.example", "mcp.example.com:8443", "xn--bcher-kva.example")
    egress = Egress((*egress.hosts, "*.toolss.example"))
    for url, outside in (
        ("https://example.org/mcp", ""),
        ("https://sub.example.org/mcp", "sub.example.org"),
        ("https://a.b.tools.example./mcp", ""),
        ("https://tools.example/mcp", "tools.example"),
        ("https://mcp.example.com:8443/mcp", ""),
        ("https://mcp.example.com/mcp", "mcp.example.com"),
        ("https://bücher.example/mcp", ""),
        ("https://example.org.evil.example/mcp", "example.org.evil.example"),
        ("https://a.toolß.example/mcp", "a.toolß.example"),  # dialled as xn--tool-yna.example
    ):
        assert egress.outside({"transport": "http", "url": url}) == outside
    for network, outside in (([], ""), (["example.org", "*.x.tools.example"], ""), (["*"], "*"), (["*.org"], "*.org")):
        assert egress.outside({"transport": "stdio", "network": network}) == outside
    assert typed("  \n", "hosts") == Egress()
    for wrong in ("https://example.org/", "tcp://db:5432", "ex ample", "host:99999"):
        with pytest.raises(FormError, match="is no host"):
            typed(wrong, "hosts")


async def test_how_long_things_are_kept_is_chosen_within_the_installations_and_shown_before_anything_goes(
    usher: Usher,
) -> None:
    usher.gemini.will_say("Hello.")
    await usher.slack.person_says(OWNER, DM, "hi")
    await usher.message_with("Hello.")
    async with usher.services.db.begin() as tables:
        await tables.session.execute(sa.update(Conversation).values(last_at=now() - timedelta(days=8)))
    await usher.press(await usher.tab("policies"), keeping.OPEN)
    window = await usher.modal_with("30 to 365. Empty: 365 days.")
    await submitted(usher, window, conversations="7", guests="3", audit="")
    sure = await usher.modal_with("1 conversation\\nIt cannot be had back")
    assert await usher.services.keeping.in_workspace(TEAM) == Kept(), "nothing holds before it is confirmed"
    await submitted(usher, sure)
    await usher.modal_with("Members' conversations 7 days after their last word, guests' chats 3 days after their end")
    assert await usher.services.keeping.in_workspace(TEAM) == Kept(7, 3, 365)
    assert await entries(usher, "policy.kept_set") == [{"conversations": 7, "guests": 3, "audit": None}]
    assert (await usher.services.links.terms_in(TEAM)).keep_hours == 72
    for name, days in (("guests", 31), ("audit", 29), ("conversations", 3_651)):
        with pytest.raises(FormError) as refused:
            usher.services.keeping.check(Chosen(**{name: days}))
        assert set(refused.value.errors) == {name}


async def test_who_is_no_admin_any_more_deletes_and_stops_nothing(usher: Usher, notes: str) -> None:
    await usher.connect_notes(notes)
    await usher.press(await usher.tab("policies"), reaching.OPEN)
    window = await usher.modal_with("Hosts, one a line")
    no_admin_any_more(usher)
    await submitted(usher, window, hosts="example.org")
    await usher.slack.when(lambda: usher.modal())
    assert await usher.services.reaching.of(TEAM) == Egress()
    assert [each.barred for each in await usher.services.connections.of(usher.member)] == [""]


async def test_what_guests_were_promised_when_they_started_holds_when_more_is_kept_later(usher: Usher) -> None:
    keeping_ = usher.services.keeping
    await keeping_.set(usher.member, Chosen(guests=7))
    await keeping_.set(usher.member, Chosen(guests=30))
    [(until, days)] = (await keeping_.of(TEAM)).promised
    made = await usher.services.links.create(usher.member, Draft("Survey"))
    async with usher.services.db.begin() as tables:
        rows = [
            {"idem_hash": b"1", "secret_hash": b"1", "started_at": now() - timedelta(days=9)},
            {"idem_hash": b"2", "secret_hash": b"2", "started_at": now() + timedelta(days=1)},
        ]
        for row in rows:
            await tables.sessions.insert(
                Session(
                    workspace_id=TEAM,
                    link_id=made.link.id,
                    conversation_id="c",
                    ended_at=now() - timedelta(days=8),
                    **row,
                )
            )
    async with usher.services.db.begin() as tables:
        assert await tables.erasures.ask_for_old(TEAM, 30 * 24, now()) == []
        old = await tables.erasures.ask_for_old(TEAM, days * 24, now(), datetime.fromisoformat(until))
    assert [each.secret_hash for each in old] == [b"1"]


async def test_a_link_costs_no_more_and_takes_no_files_where_admins_say_so(usher: Usher) -> None:
    await usher.services.policies.set_links(usher.member, LinkRules(most_cents=20, files=False))
    links = usher.services.links
    with pytest.raises(FormError) as refused:
        await links.create(usher.member, Draft("Survey", cents=30, files=2))
    assert set(refused.value.errors) == {"cents", "files"}
    made = await links.create(usher.member, Draft("Survey"))
    assert made.link.limits["cents"] == 20, "what was left open is as much as may be"
    terms = await links.terms_in(TEAM)
    assert (terms.link_cents, terms.files.most) == (20, 0)

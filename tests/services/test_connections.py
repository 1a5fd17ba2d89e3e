"""Connecting: each way to fail has its own sentence under its own field, and nothing is half saved."""

import asyncio
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.errors import FormError, UserError
from bot.services.connections import Connected, TicketNeeded
from bot.services.connections.saving import free_slug
from bot.services.connections.values import NoSecretsHere
from bot.services.tickets import Entry, TicketGone, Tickets
from mcp_runtime.specs import StdioSpec
from run_cards import custom
from run_cards.hosted import github
from run_cards.local import time
from storage.repositories.work.jobs import ScheduledJobs
from storage.tables import AuditEntry, Connection, Job, PinnedTool, Secret, Ticket
from tests.mcp_runtime.hand_made import HandMade, plain, reply, running
from tests.services.house import BASE, OTHER, OWNER, House
from tests.services.workshop import TOKEN, Workshop, open_workshop
from tests.support.engines import on_each_engine
from tests.support.ports import free_port


async def rows(house: House, table) -> list:
    async with house.db.read() as tables:
        return list(await tables.session.scalars(sa.select(table)))


async def nothing_saved(house: House) -> bool:
    return not any([await rows(house, table) for table in (Connection, PinnedTool, Secret, AuditEntry)])


async def complaint(house: House, url: str, name: str = "Shop") -> dict[str, str]:
    with pytest.raises(FormError) as wrong:
        await house.connections.begin(OWNER, custom.CARD, {"name": name, "url": url})
    assert await nothing_saved(house)
    return wrong.value.errors


@on_each_engine
async def test_a_server_without_a_secret_connects_at_once(house: House, workshop: Workshop) -> None:
    made = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": workshop.url})
    assert isinstance(made, Connected)
    assert (made.sentence, made.reading) == ("Shop is connected: 2 tools now available", 1)
    view = (await house.connections.of(OWNER))[0]
    assert {tool.name: (tool.policy, tool.hinted_reading) for tool in view.tools} == {
        "build": ("ask", False),
        "look": ("ask", True),
    }
    assert await house.connections.of(OTHER) == []
    assert [entry.action for entry in await rows(house, AuditEntry)] == ["connection.made"]


async def test_the_clock_connects_with_one_click_and_runs_without_asking(house: House) -> None:
    made = await house.connections.begin(OWNER, time.CARD, {})
    assert isinstance(made, Connected)
    assert made.sentence == "Time is connected: 2 tools now available"
    assert {tool.policy for tool in await house.connections.tools(OWNER, made.connection.id)} == {"free"}
    with pytest.raises(FormError, match="already") as again:
        await house.connections.begin(OWNER, time.CARD, {})
    assert list(again.value.errors) == [""]


async def test_each_way_to_fail_has_its_own_sentence(house: House) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<html>a web page</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/mcp", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    dead = free_port()
    try:
        told = {
            "page": await complaint(house, f"http://127.0.0.1:{port}/mcp"),
            "dead": await complaint(house, f"http://127.0.0.1:{dead}/mcp"),
            "private": await complaint(house, "https://10.1.2.3/mcp"),
            "malformed": await complaint(house, "not an address"),
        }
    finally:
        await runner.cleanup()
    assert all(list(errors) == ["url"] for errors in told.values())
    sentences = [errors["url"] for errors in told.values()]
    assert len(set(sentences)) == 4
    assert "does not speak MCP" in told["page"]["url"]
    assert "Cannot reach: nothing answered" in told["dead"]["url"]
    assert "ask an administrator to allow it" in told["private"]["url"]
    [note] = [job for job in await rows(house, Job) if job.kind == "admin_note"]
    assert "ALLOW_PRIVATE_MCP_HOSTS" in note.payload["text"]


async def test_administrators_hear_only_of_what_is_theirs(house: House) -> None:
    """A member can use https:// instead; a private host or another port only they can allow."""
    for url, told in (("http://mcp.example.com/mcp", "https://"), ("https://10.1.2.3/mcp", "private")):
        assert told in (await complaint(house, url))["url"]
    [note] = [job for job in await rows(house, Job) if job.kind == "admin_note"]
    assert "private address" in note.payload["text"]


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "refused this token"), (403, "does not allow this token"), (429, "wait 40 seconds"), (502, "(HTTP 502)")],
)
async def test_the_page_for_the_token_tells_what_the_server_says_to_it(house: House, status: int, told: str) -> None:
    async with running(HandMade(on_any=reply(plain(401)))) as server:
        needed = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": server.url})
        assert isinstance(needed, TicketNeeded) and needed.title == "Shop"
        server.on_any = reply(plain(status, **{"retry-after": "40"}))
        token = needed.url.rpartition("/")[2]
        with pytest.raises(FormError, match=re.escape(told)):
            await house.connections.finish(token, {"token": TOKEN})
        server.on_any = None
        assert (await house.connections.finish(token, {"token": TOKEN})).tools == 1


@on_each_engine
async def test_what_only_administrators_can_mend_is_told_to_them_once_and_to_the_member_in_plain_words(
    house: House,
) -> None:
    for _ in range(2):
        with pytest.raises(FormError) as refused:
            await house.connections.begin(OWNER, replace(time.CARD, server=lambda _: StdioSpec("nothing-here")), {})
        assert not re.search(r"[A-Z]+_[A-Z]|usher doctor", str(refused.value)), str(refused.value)
    [note] = [job for job in await rows(house, Job) if job.kind == "admin_note"]
    assert "Time could not be connected" in note.payload["text"]


async def test_a_server_that_wants_a_token_gets_it_by_a_ticket(house: House) -> None:
    async with open_workshop(TOKEN) as workshop:
        values = {"name": "Shop", "url": workshop.url}
        needed = await house.connections.begin(OWNER, custom.CARD, values, view={"id": "V1"})
        assert isinstance(needed, TicketNeeded)
        assert await nothing_saved(house)
        token = needed.url.rpartition("/")[2]
        assert needed.url.startswith("https://usher.example/connect/tk_") and token not in repr(needed)
        view = await house.connections.ticket(token)
        assert view and (view.title, view.card, view.member) == ("Shop", "Custom", "")
        assert view.host == workshop.url.split("/")[2]
        with pytest.raises(FormError, match="refused this token") as wrong:
            await house.connections.finish(token, {"token": "wrong"})
        assert list(wrong.value.errors) == ["token"]
        made = await house.connections.finish(token, {"token": TOKEN})
        assert made.sentence == "Shop is connected: 2 tools now available"
        assert await house.connections.ticket(token) is None
        with pytest.raises(TicketGone):
            await house.connections.finish(token, {"token": TOKEN})
        tested = await house.connections.test(OWNER, made.connection.id)
        assert tested.ok and "2 tools" in tested.sentence
    outcomes = [job.payload for job in await rows(house, Job) if job.kind == "connect_outcome"]
    assert [outcome["ok"] for outcome in outcomes] == [False, True]
    assert outcomes[1]["sentence"] == made.sentence and outcomes[1]["view"] == {"id": "V1"}
    stored = str([vars(row) for table in (Ticket, Job, Connection, Secret) for row in await rows(house, table)])
    assert TOKEN not in stored and token not in stored


async def test_a_connection_is_made_and_told_of_or_neither(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def died(*_: object, **__: object) -> None:
        raise ConnectionError("the process ends here")

    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": workshop.url})
        assert isinstance(needed, TicketNeeded)
        token = needed.url.rpartition("/")[2]
        with monkeypatch.context() as patched, pytest.raises(ConnectionError):
            patched.setattr(ScheduledJobs, "add", died)
            await house.connections.finish(token, {"token": TOKEN})
        assert await nothing_saved(house)
        assert (await house.connections.finish(token, {"token": TOKEN})).tools == 2
    assert [job.payload["ok"] for job in await rows(house, Job)] == [True]


@on_each_engine
async def test_a_ticket_is_used_once_even_by_ten_at_once(house: House) -> None:
    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": workshop.url})
        assert isinstance(needed, TicketNeeded)
        token = needed.url.rpartition("/")[2]
        tries = [house.connections.finish(token, {"token": TOKEN}) for _ in range(5)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, Connected) for each in outcomes) == 1
    assert len(await rows(house, Connection)) == 1 and len(await rows(house, Secret)) == 1


async def test_a_ticket_bears_five_tries(house: House) -> None:
    async with open_workshop(TOKEN) as workshop:
        needed = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": workshop.url})
        assert isinstance(needed, TicketNeeded)
        token = needed.url.rpartition("/")[2]
        for _ in range(5):
            with pytest.raises(FormError):
                await house.connections.finish(token, {"token": "wrong"})
        with pytest.raises(TicketGone):
            await house.connections.finish(token, {"token": TOKEN})


async def test_where_slacks_form_may_ask_it_is_told_that_the_token_is_missing(house: House) -> None:
    house.connections._connecting._tickets = Tickets(house.db, None, secrets_in_slack=True)
    async with open_workshop(TOKEN) as workshop:
        values = {"name": "Shop", "url": workshop.url}
        with pytest.raises(FormError) as wrong:
            await house.connections.begin(OWNER, custom.CARD, values)
        assert list(wrong.value.errors) == ["token"]
        with pytest.raises(FormError, match="refused this token"):
            await house.connections.begin_with_secrets(OWNER, custom.CARD, values, {"token": "wrong"})
        assert await nothing_saved(house)
        assert await house.connections.begin_with_secrets(OWNER, custom.CARD, values, {"token": TOKEN})
        assert len(await rows(house, Secret)) == 1


@on_each_engine
async def test_where_there_is_no_page_nothing_is_asked_and_the_admins_hear_of_it_once(house: House) -> None:
    house.connections._connecting._tickets = Tickets(house.db, None, own_url="http://127.0.0.1:8080")
    async with open_workshop(TOKEN) as closed, open_workshop() as opened:
        with pytest.raises(NoSecretsHere, match="GitHub needs a secret, and this installation cannot take secrets yet"):
            await house.connections.begin(OWNER, github.CARD, {})
        with pytest.raises(NoSecretsHere, match="Custom needs a secret") as told:
            await house.connections.begin(OTHER, custom.CARD, {"name": "Shop", "url": closed.url})
        assert isinstance(
            await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": opened.url}), Connected
        )
    assert "PUBLIC_BASE_URL" not in str(told.value) and "ALLOW_" not in str(told.value)
    assert await rows(house, Ticket) == [] and await rows(house, Secret) == []
    [note] = [job for job in await rows(house, Job) if job.kind == "admin_note"]
    assert "PUBLIC_BASE_URL" in note.payload["text"] and "ALLOW_SECRETS_IN_SLACK" in note.payload["text"]


async def test_an_admins_page_is_on_the_machine_itself(house: House) -> None:
    house.connections._connecting._tickets = Tickets(house.db, None, own_url="http://127.0.0.1:8080")
    async with open_workshop(TOKEN) as workshop:
        values = {"name": "Shop", "url": workshop.url}
        needed = await house.connections.begin(OWNER, custom.CARD, values, entry=Entry.OWN_MACHINE)
        assert isinstance(needed, TicketNeeded) and needed.own_machine
        assert needed.url.startswith("http://127.0.0.1:8080/connect/")
        assert (await house.connections.finish(needed.url.rpartition("/")[2], {"token": TOKEN})).tools


@pytest.mark.parametrize("asked", [Entry.SLACK, Entry.NOWHERE])
async def test_a_ticket_is_made_only_for_a_page_that_there_is(house: House, asked: Entry) -> None:
    for tickets, entry in ((Tickets(house.db, BASE), asked), (Tickets(house.db, None), Entry.PAGE)):
        with pytest.raises(ValueError):
            await tickets.issue(OWNER, {}, entry)
    assert await rows(house, Ticket) == []


@pytest.mark.parametrize("admin", [True, False])
@pytest.mark.parametrize(
    ("tickets", "members", "admins"),
    [
        ({"public_url": BASE}, Entry.PAGE, Entry.PAGE),
        ({"public_url": BASE, "own_url": "http://h", "secrets_in_slack": True}, Entry.PAGE, Entry.PAGE),
        ({"public_url": None, "own_url": "http://h", "secrets_in_slack": True}, Entry.SLACK, Entry.SLACK),
        ({"public_url": None, "own_url": "http://h"}, Entry.NOWHERE, Entry.OWN_MACHINE),
        ({"public_url": None}, Entry.NOWHERE, Entry.NOWHERE),
    ],
)
async def test_where_a_secret_may_be_entered(house: House, tickets, members, admins, admin: bool) -> None:
    async def is_admin() -> bool:
        return admin

    assert await Tickets(house.db, **tickets).entry(is_admin) is (admins if admin else members)


@on_each_engine
async def test_names_are_not_used_twice_and_there_is_a_limit(house: House, workshop: Workshop) -> None:
    await house.connect(workshop.url)
    with pytest.raises(FormError, match="already") as wrong:
        await house.connect(workshop.url, "shop")
    assert list(wrong.value.errors) == ["name"]
    for number in range(9):
        await house.connect(workshop.url, f"Shop {number}")
    with pytest.raises(FormError, match="10 are allowed"):
        await house.connect(workshop.url, "One more")


async def test_disconnecting_leaves_nothing_and_is_only_for_its_member(house: House) -> None:
    house.connections._connecting._tickets = Tickets(house.db, None)
    async with open_workshop(TOKEN) as workshop:
        values = {"name": "Shop", "url": workshop.url}
        made = await house.connections.begin_with_secrets(OWNER, custom.CARD, values, {"token": TOKEN})
        with pytest.raises(UserError):
            await house.connections.disconnect(OTHER, made.connection.id)
        removed = await house.connections.disconnect(OWNER, made.connection.id)
    assert removed.title == "Shop"
    assert not any([await rows(house, table) for table in (Connection, PinnedTool, Secret)])
    with pytest.raises(UserError, match="not there"):
        await house.connections.disconnect(OWNER, made.connection.id)


async def test_a_test_of_a_dead_server_says_so_and_keeps_it(house: House) -> None:
    async with open_workshop() as workshop:
        made = await house.connect(workshop.url)
    tested = await house.connections.test(OWNER, made.connection.id)
    assert not tested.ok and "Cannot reach: nothing answered" in tested.sentence
    view = (await house.connections.of(OWNER))[0]
    assert view.connection.status == "failing" and not view.connection.trouble.endswith(".")


async def test_a_connection_is_found_by_name_and_the_nearest_is_named(house: House, workshop: Workshop) -> None:
    with pytest.raises(UserError, match="no connection yet"):
        await house.connections.find(OWNER, "shop")
    made = await house.connect(workshop.url)
    assert (await house.connections.find(OWNER, "SHOP")).id == made.connection.id
    with pytest.raises(UserError, match="Did you mean “Shop”"):
        await house.connections.find(OWNER, "shpo")


async def test_a_policy_is_set_by_its_member_alone(house: House, workshop: Workshop) -> None:
    made = await house.connect(workshop.url)
    await house.connections.choices.set_policy(OWNER, made.connection.id, "build", "off")
    with pytest.raises(UserError):
        await house.connections.choices.set_policy(OTHER, made.connection.id, "build", "always")
    with pytest.raises(UserError, match="not there any more"):
        await house.connections.choices.set_policy(OWNER, made.connection.id, "burn", "always")
    with pytest.raises(ValueError, match="free"):
        await house.connections.choices.set_policy(OWNER, made.connection.id, "build", "free")


def test_slugs_are_short_plain_and_free() -> None:
    assert free_slug("Notes", set()) == "notes"
    assert free_slug("Notes", {"notes"}) == "notes_2"
    assert free_slug("日本", set()) == "server"
    assert "__" not in free_slug("a -- b", set())

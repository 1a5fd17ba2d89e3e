"""The page that takes a secret: names whose and where, lets a wrong one be corrected, and works once."""

from collections.abc import AsyncIterator

import pytest

from bot.services import tokens
from bot.services.connections.values import TicketNeeded
from run_cards import CARDS
from storage.database import Database
from tests.services.workshop import TOKEN, Workshop, open_workshop
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, Caller
from tests.web.sidecar import OWNER, House, running

CUSTOM = next(card for card in CARDS if card.name == "custom")


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    async with open_workshop(TOKEN) as workshop:
        yield workshop


@pytest.fixture
async def ticket(house: House, workshop: Workshop) -> str:
    """The URL of a ticket for a server that wants a token."""
    needed = await house.connections.begin(OWNER, CUSTOM, {"name": "Workshop", "url": workshop.url})
    assert isinstance(needed, TicketNeeded)
    return needed.url


async def test_the_page_names_member_workspace_and_server_and_masks_the_field(house: House, ticket: str) -> None:
    answer = await Caller(house.url).ask("GET", ticket, headers=PAGE)
    assert answer.status == 200
    for words in ("Workshop", "127.0.0.1", f">{OWNER.id}</b>", f">{OWNER.workspace}</b>"):
        assert words in answer.text
    assert '<input type="password" name="token"' in answer.text
    assert "Set-Cookie" not in answer.headers


async def test_a_wrong_secret_may_be_corrected_and_the_right_one_works_once(house: House, ticket: str) -> None:
    caller = Caller(house.url)
    wrong = await caller.ask("POST", ticket, data={"token": "nonsense"}, headers=PAGE)
    right = await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    done = await caller.ask("GET", right.headers["Location"], headers=PAGE)
    again = await Caller(house.url).ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    assert (wrong.status, right.status, done.status, again.status) == (422, 303, 200, 404)
    assert "refused this token" in wrong.text
    assert "Workshop is connected: 2 tools now available" in done.text
    assert "press Connect once more" in again.text
    assert not any(TOKEN in answer.text for answer in (wrong, right, done, again))
    (view,) = await house.connections.of(OWNER)
    assert view.connection.title == "Workshop"


async def test_a_reload_says_done_in_the_browser_that_did_it_and_in_no_other(house: House, ticket: str) -> None:
    caller, other = Caller(house.url), Caller(house.url)
    await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    for method, more in (("GET", {}), ("GET", {}), ("POST", {"data": {"token": TOKEN}})):
        answer = await caller.ask(method, ticket, headers=PAGE, **more)
        if answer.status == 303:
            answer = await caller.ask("GET", answer.headers["Location"], headers=PAGE)
        assert answer.status == 200 and "Workshop is connected" in answer.text
    assert len(await house.connections.of(OWNER)) == 1

    other.cookies = {name: "0" * 64 for name in caller.cookies}
    assert (await other.ask("GET", ticket, headers=PAGE)).status == 404
    unknown = f"/connect/{tokens.mint(tokens.Kind.TICKET)}"
    assert (await caller.ask("GET", unknown, headers=PAGE)).status == 404
    assert ticket.rsplit("/", 1)[1] not in str(caller.cookies)


async def test_a_cookie_that_is_no_text_is_no_proof(house: House, ticket: str) -> None:
    caller = Caller(house.url)
    await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    headers = {**PAGE, "Cookie": "; ".join(f"{name}=%ff" for name in caller.cookies)}
    caller.cookies = {}
    assert (await caller.ask("GET", ticket, headers=headers)).status == 404


async def test_an_empty_secret_costs_no_try(house: House, ticket: str) -> None:
    caller = Caller(house.url)
    for _ in range(6):
        assert (await caller.ask("POST", ticket, data={"token": " "}, headers=PAGE)).status == 422
    assert (await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)).status == 303


async def test_used_unknown_and_malformed_tickets_give_one_identical_page(house: House, ticket: str) -> None:
    caller = Caller(house.url)
    await Caller(house.url).ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    unknown = f"/connect/{tokens.mint(tokens.Kind.TICKET)}"
    answers = [await caller.ask("GET", path, headers=PAGE) for path in (ticket, unknown, "/connect/tk_nonsense")]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.text, tuple(answer.headers)) for answer in answers}) == 1


async def test_another_site_cannot_post_a_secret(house: House, ticket: str) -> None:
    told = {"Sec-Fetch-Site": "cross-site", **PAGE}
    answer = await Caller(house.url).ask("POST", ticket, data={"token": TOKEN}, headers=told)
    assert answer.status == 403
    assert await house.connections.of(OWNER) == []


async def test_who_guesses_tickets_has_to_wait_whichever_way_they_ask(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, proxies=("127.0.0.0/8",)) as house:
        caller, where = Caller(house.url), {"X-Forwarded-For": "203.0.113.9", **PAGE}
        tried = [await caller.ask("POST", "/connect/tk_x", data={"token": "s"}, headers=where) for _ in range(21)]
    assert [answer.status for answer in tried] == [404] * 20 + [429]

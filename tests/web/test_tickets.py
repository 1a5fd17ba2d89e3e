"""The page that takes a secret: names whose and where, lets a wrong one be corrected, and works once."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from bot.services import tokens
from bot.services.connections.values import TicketNeeded
from run_cards import CARDS
from storage.database import Database
from storage.schema import now
from storage.tables import Ticket
from tests.services.workshop import TOKEN, Workshop, open_workshop
from tests.support.gemini import Scripted
from tests.web.caller import PAGE, SHOWN, Caller
from tests.web.sidecar import NAME, OWNER, House, running

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
    answer = await (await house.member(ticket)).ask("GET", ticket, headers=PAGE)
    assert answer.status == 200
    host = urlsplit(ticket).hostname
    for words in (f">{NAME}</b>", f'<h1 dir="auto">{host}', '<dd dir="auto">Workshop</dd>'):
        assert words in answer.text
    assert f"({OWNER.id})" not in answer.text and f">{OWNER.workspace}<" not in answer.text
    assert '<input type="password" name="token"' in answer.text
    assert "Set-Cookie" not in answer.headers


async def test_who_is_sent_a_page_cannot_give_a_token_away(house: House, ticket: str) -> None:
    """The browser of somebody else, who believes that the page is for them."""
    other = Caller(house.url)
    page = await other.ask("GET", ticket, headers=PAGE)
    assert page.status == 200 and f"Are you {NAME}?" in page.text and 'name="token"' not in page.text
    assert "Set-Cookie" not in page.headers
    sent = await other.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    assert sent.status == 422 and "Please type the six digits" in sent.text
    wrong = await other.prove(ticket, "000 000" if SHOWN[ticket] != "000000" else "111111")
    assert wrong.status == 422 and "That is not the code" in wrong.text and "Set-Cookie" not in wrong.headers
    both = await other.ask("POST", ticket, data={"token": TOKEN, "slack_code": "1"}, headers=PAGE)
    assert both.status == 422 and await house.connections.of(OWNER) == []


async def test_the_code_opens_it_in_the_browser_where_it_was_typed_alone(
    house: House, workshop: Workshop, ticket: str
) -> None:
    caller = Caller(house.url)
    code = SHOWN[ticket]
    proved = await caller.prove(ticket, f"{code[:3]} {code[3:]}")
    assert proved.status == 303 and "HttpOnly" in proved.headers["Set-Cookie"] and code not in str(caller.cookies)
    assert 'name="token"' in (await caller.ask("GET", ticket, headers=PAGE)).text
    other = Caller(house.url)
    other.cookies = {name: "0" * 64 for name in caller.cookies}
    assert 'name="token"' not in (await other.ask("GET", ticket, headers=PAGE)).text
    second = await house.connections.begin(OWNER, CUSTOM, {"name": "Other", "url": workshop.url})
    assert isinstance(second, TicketNeeded) and second.code != code
    assert 'name="token"' not in (await caller.ask("GET", second.url, headers=PAGE)).text
    await other.prove(second.url)
    [proof] = caller.cookies.values()
    caller.cookies = {name: proof for name in other.cookies}  # a proof of one page is none of another
    assert 'name="token"' not in (await caller.ask("GET", second.url, headers=PAGE)).text


async def test_after_its_time_it_takes_no_code_and_nothing_else_and_it_is_used_once(house: House, ticket: str) -> None:
    caller, token = await house.member(ticket), ticket.rsplit("/", 1)[1]
    async with house.db.begin() as tables:
        row = await tables.tickets.by_hash(tokens.at_rest(token))
        assert row and [await tables.tickets.use(row.id, now()) for _ in range(2)] == [True, False]
        await tables.session.execute(sa.update(Ticket).values(used_at=None, expires_at=now()))
    async with house.db.begin() as tables:
        assert not await tables.tickets.use(row.id, now())
    assert (await Caller(house.url).prove(ticket)).status == 404
    assert (await caller.ask("GET", ticket, headers=PAGE)).status == 404
    assert (await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)).status == 404


async def test_five_wrong_codes_end_it_and_a_right_one_costs_nothing(house: House, ticket: str) -> None:
    caller = Caller(house.url)
    for _ in range(6):
        assert (await caller.prove(ticket)).status == 303
    wrong = [(await Caller(house.url).prove(ticket, "1")).status for _ in range(6)]
    assert wrong == [422] * 5 + [404]
    assert (await caller.ask("GET", ticket, headers=PAGE)).status == 404


async def test_a_wrong_secret_may_be_corrected_and_the_right_one_works_once(house: House, ticket: str) -> None:
    caller = await house.member(ticket)
    wrong = await caller.ask("POST", ticket, data={"token": "nonsense"}, headers=PAGE)
    right = await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    done = await caller.ask("GET", right.headers["Location"], headers=PAGE)
    again = await (await house.member(ticket)).ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    assert (wrong.status, right.status, done.status, again.status) == (422, 303, 200, 404)
    assert "refused this token" in wrong.text
    assert "Workshop is connected: 2 tools now available" in done.text
    assert "press Connect once more" in again.text
    assert not any(TOKEN in answer.text for answer in (wrong, right, done, again))
    (view,) = await house.connections.of(OWNER)
    assert view.connection.title == "Workshop"


async def test_a_reload_says_done_in_the_browser_that_did_it_and_in_no_other(house: House, ticket: str) -> None:
    caller, other = await house.member(ticket), Caller(house.url)
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
    caller = await house.member(ticket)
    await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    headers = {**PAGE, "Cookie": "; ".join(f"{name}=%ff" for name in caller.cookies)}
    caller.cookies = {}
    assert (await caller.ask("GET", ticket, headers=headers)).status == 404


async def test_an_empty_secret_costs_no_try(house: House, ticket: str) -> None:
    caller = await house.member(ticket)
    for _ in range(6):
        assert (await caller.ask("POST", ticket, data={"token": " "}, headers=PAGE)).status == 422
    assert (await caller.ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)).status == 303


async def test_used_unknown_and_malformed_tickets_give_one_identical_page(house: House, ticket: str) -> None:
    caller = await house.member(ticket)
    await (await house.member(ticket)).ask("POST", ticket, data={"token": TOKEN}, headers=PAGE)
    unknown = f"/connect/{tokens.mint(tokens.Kind.TICKET)}"
    answers = [await caller.ask("GET", path, headers=PAGE) for path in (ticket, unknown, "/connect/tk_nonsense")]
    assert {answer.status for answer in answers} == {404}
    assert len({(answer.text, tuple(answer.headers)) for answer in answers}) == 1


async def test_another_site_cannot_post_a_secret(house: House, ticket: str) -> None:
    told = {"Sec-Fetch-Site": "cross-site", **PAGE}
    answer = await (await house.member(ticket)).ask("POST", ticket, data={"token": TOKEN}, headers=told)
    assert answer.status == 403
    assert await house.connections.of(OWNER) == []


async def test_who_guesses_tickets_has_to_wait_whichever_way_they_ask(sqlite_db: Database, gemini: Scripted) -> None:
    async with running(sqlite_db, gemini, proxies=("127.0.0.0/8",)) as house:
        caller, where = Caller(house.url), {"X-Forwarded-For": "203.0.113.9", **PAGE}
        tried = [await caller.ask("POST", "/connect/tk_x", data={"token": "s"}, headers=where) for _ in range(21)]
    assert [answer.status for answer in tried] == [404] * 20 + [429]

"""The custom card finds out what a server wants: nothing, a bearer token, or secrets in headers of any name."""

import pytest

from bot.errors import FormError
from bot.services.connections import Connected, TicketNeeded
from bot.services.tickets import Entry
from run_cards import custom
from run_cards.checks import header_name
from tests.services.house import OWNER, House
from tests.services.workshop import TOKEN, open_workshop
from tests.support.engines import on_each_engine


async def _page(house: House, url: str) -> str:
    needed = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": url})
    assert isinstance(needed, TicketNeeded)
    return needed.url.rpartition("/")[2]


async def test_a_server_that_names_bearer_gets_a_page_with_a_token_and_the_rest_folded(house: House) -> None:
    async with open_workshop(TOKEN) as workshop:
        token = await _page(house, workshop.url)
        view = await house.connections.ticket(token)
        assert view and not view.unfolded and view.needed == "token"
        assert [(fold, len(fields)) for fold, fields in view.groups] == [
            ("", 1),
            (custom.OTHER_HEADER, 1),
            (custom.MORE_HEADERS, 4),
        ]
        assert (await house.connections.finish(token, {"token": TOKEN})).tools == 2


async def test_a_server_that_does_not_say_how_gets_a_page_that_asks_for_the_header_too(house: House) -> None:
    async with open_workshop(x_api_key="k-1", x_tenant="t-2") as workshop:
        token = await _page(house, workshop.url)
        view = await house.connections.ticket(token)
        assert view and view.unfolded
        with pytest.raises(FormError, match="refused"):
            await house.connections.finish(token, {"token": "k-1"})
        given = {"token": "k-1", "header": "X-API-Key", "header_2": "X-Tenant", "token_2": "t-2"}
        made = await house.connections.finish(token, given)
        assert (await house.connections.test(OWNER, made.connection.id)).ok
        assert "k-1" not in str(made.connection.spec) + str(made.connection.answers)


@on_each_engine
async def test_a_new_key_starts_from_the_headers_that_there_are_and_may_change_them(house: House) -> None:
    async with open_workshop(x_api_key="k-1") as workshop:
        made = await house.connections.finish(await _page(house, workshop.url), {"token": "k-1", "header": "X-API-Key"})
        again = await house.connections.sign_in(OWNER, made.connection.id, Entry.PAGE, view={})
        page = again.url.rpartition("/")[2]
        view = await house.connections.ticket(page)
        assert view and {field.name: field.default for field in view.fields}["header"] == "X-API-Key"
        with pytest.raises(FormError, match="refused"):
            await house.connections.finish(page, {"token": "k-1", "header": "X-Other"})
        assert (await house.connections.finish(page, {"token": "k-1", "header": "x-api-key"})).again
        assert (await house.connections.test(OWNER, made.connection.id)).ok


async def test_what_names_its_own_scheme_is_sent_as_it_is(house: House) -> None:
    async with open_workshop(authorization="Basic dTpw") as workshop:
        made = await house.connections.finish(await _page(house, workshop.url), {"token": "Basic dTpw"})
        assert (await house.connections.test(OWNER, made.connection.id)).ok


async def test_a_server_that_wants_nothing_is_asked_nothing(house: House) -> None:
    async with open_workshop() as workshop:
        made = await house.connections.begin(OWNER, custom.CARD, {"name": "Shop", "url": workshop.url})
    assert isinstance(made, Connected) and made.connection.answers["url"] == workshop.url


@pytest.mark.parametrize(
    "name", ["Host", "cookie", "Mcp-Session-Id", "content-type", "Transfer-Encoding", "a b", "x:y", "é"]
)
def test_no_secret_may_be_sent_in_a_header_of_the_connections_own(name: str) -> None:
    assert header_name(name)


@pytest.mark.parametrize("name", ["X-API-Key", "Authorization", "x-tenant", "Api_Key", "DD-APPLICATION-KEY"])
def test_any_other_header_takes_one(name: str) -> None:
    assert header_name(name) is None


@pytest.mark.parametrize(
    ("entered", "wrong"),
    [
        ({"token": "a", "token_2": "b"}, ["header_2"]),
        ({"token": "a", "header_2": "X-B"}, ["token_2"]),
        ({"token": "a", "header_2": "authorization", "token_2": "b"}, ["header_2"]),
        ({"token": "a", "header": "X-A", "header_2": "authorization", "token_2": "b"}, []),
    ],
)
def test_each_secret_has_one_header_and_each_header_one_secret(entered: dict[str, str], wrong: list[str]) -> None:
    assert list(custom.CARD.secret_complaints(entered)) == wrong

"""A card with several secrets: one page takes them all, each goes where the card says, and none is shown."""

import sqlalchemy as sa

from bot.services.connections.values import TicketNeeded
from bot.services.tickets import Entry
from mcp_runtime.specs import HttpSpec, SecretPlace
from run_cards.card import Field, Kind, RunCard, optional
from storage.tables import Secret
from tests.services.workshop import Workshop, open_workshop
from tests.web.caller import PAGE
from tests.web.sidecar import OWNER, House

PLACES = (SecretPlace("key", "X-Api-Key", ""), SecretPlace("account", "X-Account", "Account "))
FIELDS = (
    Field("key", "API key", hint="Under Keys.", secret=True),
    Field("account", "Account", secret=True, kind=Kind.LONG),
    Field("extra", "Extra", secret=True, check=optional),
)
GIVEN = {"key": "k-1", "account": "a-2"}


def _card(workshop: Workshop) -> RunCard:
    return RunCard("shop", "Shop", "Goods.", FIELDS, lambda values: HttpSpec(workshop.url, (), PLACES))


async def _page(house: House, workshop: Workshop) -> str:
    card = _card(workshop)
    house.connections._cards[card.name] = card
    needed = await house.connections.begin(OWNER, card, {})
    assert isinstance(needed, TicketNeeded)
    return needed.url


async def test_the_page_asks_for_each_and_each_reaches_the_server_in_its_own_header(house: House) -> None:
    async with open_workshop(x_api_key="k-1", x_account="Account a-2") as workshop:
        page = await _page(house, workshop)
        caller = await house.member(page)
        shown = await caller.ask("GET", page, headers=PAGE)
        assert '<input type="password" name="key"' in shown.text and '<textarea name="account"' in shown.text
        assert "required" not in shown.text.partition('name="extra"')[2].partition(">")[0]
        half = await caller.ask("POST", page, data={"key": "k-1"}, headers=PAGE)
        assert half.status == 422 and 'id="account-complaint"' in half.text and 'id="key-complaint"' not in half.text
        assert (await caller.ask("POST", page, data=GIVEN, headers=PAGE)).status == 303
        assert "k-1" not in half.text
        (view,) = await house.connections.of(OWNER)
        async with house.db.read() as tables:
            assert set(await tables.session.scalars(sa.select(Secret.field))) == {"key", "account"}
        assert (await house.connections.test(OWNER, view.connection.id)).ok


async def test_new_ones_take_the_place_of_all_that_there_were(house: House) -> None:
    async with open_workshop(x_api_key="k-1", x_account="Account a-2") as workshop:
        page = await _page(house, workshop)
        caller = await house.member(page)
        await caller.ask("POST", page, data={**GIVEN, "extra": "e"}, headers=PAGE)
        (view,) = await house.connections.of(OWNER)
        again = await house.connections.sign_in(OWNER, view.connection.id, Entry.PAGE, view={})
        await caller.prove(again.url)
        assert (await caller.ask("POST", again.url, data=GIVEN, headers=PAGE)).status == 303
        async with house.db.read() as tables:
            assert set(await tables.session.scalars(sa.select(Secret.field))) == {"key", "account"}
        assert (await house.connections.test(OWNER, view.connection.id)).ok

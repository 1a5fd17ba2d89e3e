"""A card with the installation's own token: used for every member, sealed as theirs, and renewed when it changes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.errors import FormError
from bot.services.connections import Connected, renew
from mcp_runtime.secrets.keys import MasterKey
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import Vault
from mcp_runtime.specs import HttpSpec
from run_cards import CARDS, Field, RunCard, with_added
from storage.database import Database
from storage.members import Member
from storage.tables import AuditEntry, Secret
from tests.services.house import OTHER, OWNER, House, open_house
from tests.services.workshop import TOKEN, open_workshop
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted

NEWER = "workshop-secret-of-next-year"
STORE = SecretStore(Vault([MasterKey(b"k" * 32)]))


def card(url: str, shared: str | None = TOKEN) -> RunCard:
    return RunCard(
        name="workshop",
        title="Workshop",
        about="Builds things.",
        fields=(),
        server=lambda _: HttpSpec(url),
        reads=frozenset({"look"}),
        shared_secrets={"token": shared} if shared else {},
    )


@asynccontextmanager
async def house_with(db: Database, gemini: Scripted, offered: RunCard) -> AsyncIterator[House]:
    async with open_house(db, gemini.model, with_added((offered,))) as house:
        yield house


async def sealed(db: Database, member: Member, connection_id: str) -> str | None:
    async with db.read() as tables:
        return await STORE.get(tables, member, connection_id)


async def test_each_member_gets_a_connection_of_their_own_with_the_token_sealed(db: Database, gemini: Scripted) -> None:
    async with open_workshop(TOKEN) as workshop, house_with(db, gemini, offered := card(workshop.url)) as house:
        for member in (OWNER, OTHER):
            made = await house.connections.begin(member, offered, {})
            assert isinstance(made, Connected) and made.free == 1
            assert (await house.connections.test(member, made.connection.id)).ok
            assert await sealed(db, member, made.connection.id) == TOKEN
        async with db.read() as tables:
            stored = str([vars(row) for row in await tables.session.scalars(sa.select(Secret))])
    assert TOKEN not in stored


async def test_a_newer_token_takes_the_place_of_the_older_one_and_one_alone(db: Database, gemini: Scripted) -> None:
    async with open_workshop(TOKEN) as workshop, house_with(db, gemini, card(workshop.url)) as house:
        made = await house.connections.begin(OWNER, card(workshop.url), {})
        assert isinstance(made, Connected)
        id_, version = made.connection.id, made.connection.version

        assert await renew(db, STORE, CARDS) == 0
        assert await renew(db, STORE, [card(workshop.url)]) == 0
        assert await renew(db, STORE, [card(workshop.url, NEWER)]) == 1
        assert await renew(db, STORE, [card(workshop.url, NEWER)]) == 0

        assert await sealed(db, OWNER, id_) == NEWER
        [view] = await house.connections.of(OWNER)
        assert view.connection.version == version + 1
        async with db.read() as tables:
            entries = list(await tables.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)))
        assert [(entry.actor, entry.action) for entry in entries][-1] == ("usher", "connection.renewed")
        assert NEWER not in str([entry.detail for entry in entries])


@on_each_engine
async def test_a_token_is_never_given_to_a_connection_that_leads_elsewhere(db: Database, gemini: Scripted) -> None:
    async with open_workshop(TOKEN) as workshop, house_with(db, gemini, card(workshop.url)) as house:
        made = await house.connections.begin(OWNER, card(workshop.url), {})
        assert isinstance(made, Connected)

        assert await renew(db, STORE, [card("https://workshop.example/mcp", NEWER)]) == 0

        assert await sealed(db, OWNER, made.connection.id) == TOKEN


async def test_a_token_that_a_member_entered_stays_theirs_when_the_card_comes_to_share_one(
    db: Database, gemini: Scripted
) -> None:
    async with open_workshop(TOKEN) as workshop:
        own = replace(card(workshop.url, None), fields=(Field("token", "Access token", secret=True),))
        async with house_with(db, gemini, own) as house:
            made = await house.connections.begin_with_secrets(OWNER, own, {}, {"token": TOKEN})

            assert await renew(db, STORE, [card(workshop.url, NEWER)]) == 0

            assert await sealed(db, OWNER, made.connection.id) == TOKEN


async def test_a_refused_token_is_told_as_the_installations_and_nothing_is_saved(
    db: Database, gemini: Scripted, caplog
) -> None:
    async with open_workshop(NEWER) as workshop, house_with(db, gemini, offered := card(workshop.url)) as house:
        with pytest.raises(FormError, match="refused the access that your admins have set up"):
            await house.connections.begin(OWNER, offered, {})
        assert await house.connections.of(OWNER) == []
    assert "the card workshop cannot be connected" in caplog.text
    assert TOKEN not in caplog.text


async def test_when_the_token_is_refused_later_a_test_says_whose_it_is(db: Database, gemini: Scripted) -> None:
    async with open_workshop(TOKEN) as workshop, house_with(db, gemini, offered := card(workshop.url)) as house:
        made = await house.connections.begin(OWNER, offered, {})
        assert isinstance(made, Connected)
        async with db.begin() as tables:
            await STORE.put(tables, OWNER, made.connection.id, "withdrawn")

        tested = await house.connections.test(OWNER, made.connection.id)

    assert not tested.ok and "the access that your admins have set up" in tested.sentence


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://10.1.2.3/mcp", "I am not allowed to call the address of Workshop"),
        ("http://127.0.0.1:9/mcp", "Workshop does not answer"),
    ],
)
async def test_what_only_an_administrator_can_mend_is_told_so(
    db: Database, gemini: Scripted, url: str, told: str
) -> None:
    async with house_with(db, gemini, offered := card(url)) as house:
        with pytest.raises(FormError) as wrong:
            await house.connections.begin(OWNER, offered, {})
    assert told in str(wrong.value) and "tell an administrator" in str(wrong.value)
    assert "ALLOW_PRIVATE" not in str(wrong.value)


async def test_another_connection_of_that_name_is_in_the_way_and_told(db: Database, gemini: Scripted) -> None:
    async with open_workshop(TOKEN) as workshop, house_with(db, gemini, offered := card(workshop.url)) as house:
        await house.connections.begin(OWNER, replace(offered, name="other"), {})
        with pytest.raises(FormError, match=r"called Workshop already. Disconnect that one first."):
            await house.connections.begin(OWNER, offered, {})

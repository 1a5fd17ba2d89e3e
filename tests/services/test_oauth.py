"""Signing in at a service across restarts, as a client that an operator registered, and where there is no page."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import sqlalchemy as sa
from mcp.shared.auth import OAuthClientInformationFull

from bot.errors import FormError, UserError
from bot.services.connections.oauth import Outcome
from bot.services.connections.values import NoSecretsHere, TicketNeeded
from bot.services.limits.policies import Policies
from bot.services.tickets import Entry
from mcp_runtime.oauth.grants import Client
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.specs import HttpSpec
from run_cards import custom
from run_cards.card import OAuth, RunCard
from storage.database import Database
from storage.tables import Job
from tests.services.house import BASE, OTHER, OWNER, House, open_house
from tests.support.engines import on_each_engine
from tests.support.gemini import Scripted
from tests.support.oauth import Lab, agree, issuer, open_lab

SECRET = "registered-secret-41f0"


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        yield lab


def card(lab: Lab, client: str = "", *scopes: str) -> RunCard:
    return RunCard("vault", "Vault", "A vault.", (), lambda values: HttpSpec(lab.url), oauth=OAuth(scopes, client))


async def page(house: House, lab: Lab) -> str:
    """The token of the page that leads to the service."""
    found = await house.connections.begin(OWNER, custom.CARD, {"name": "Vault", "url": lab.url})
    assert isinstance(found, TicketNeeded) and found.url.startswith(f"{BASE}/oauth/start?ticket=")
    return found.url.rpartition("=")[2]


async def finished(house: House, url: str, state: str, browser: str) -> Outcome:
    return await house.connections.oauth.finish(state, browser, dict((await agree(url)).params))


@on_each_engine
async def test_each_step_may_be_taken_by_another_process(db: Database, gemini: Scripted, lab: Lab) -> None:
    async with open_house(db, gemini.model) as house:
        token = await page(house, lab)
    async with open_house(db, gemini.model) as house:
        started = await house.connections.oauth.start(token)
    async with open_house(db, gemini.model) as house:
        outcome = await finished(house, started.url, started.state, started.browser)
        assert outcome == Outcome(True, "Vault is connected: 2 tools now available")
    lab.expire()
    async with open_house(db, gemini.model) as house:
        (view,) = await house.connections.of(OWNER)
        assert (await house.connections.test(OWNER, view.connection.id)).ok
    assert lab.refreshes == 1


async def test_a_card_that_is_forbidden_while_its_member_signs_in_gets_no_grant(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    async with open_house(sqlite_db, gemini.model) as house:
        started, other = await house.connections.oauth.start(await page(house, lab)), await page(house, lab)
        await Policies(house.db, house.bus).forbid(OTHER, "custom", "Custom")
        outcome = await finished(house, started.url, started.state, started.browser)
        assert not outcome.ok and "is not allowed here: your workspace's administrators" in outcome.sentence
        assert "authorization_code" not in str(lab.forms), "its code was not even exchanged"
        with pytest.raises(UserError, match="is not allowed here"):
            await house.connections.oauth.start(other)


def registered(lab: Lab, at: str, method: str = "client_secret_post") -> Registered:
    """As an operator would have done it by hand."""
    client = Client(at, "usher-by-hand", SECRET, method)
    told = {"client_id": client.id, "client_secret": SECRET, "redirect_uris": [f"{BASE}/oauth/callback"]}
    lab.clients[client.id] = OAuthClientInformationFull.model_validate(
        {**told, "token_endpoint_auth_method": method, "scope": "read write offline_access"}
    )
    return Registered({at: client}, {"vault": at})


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_a_registered_client_is_used_before_any_other_way(
    sqlite_db: Database, gemini: Scripted, lab: Lab, method: str
) -> None:
    async with open_house(sqlite_db, gemini.model) as house:
        house.pool.sign_ins.registered = registered(lab, issuer(lab), method)
        lab.extra = {"client_id_metadata_document_supported": True}
        started = await house.connections.oauth.start(await page(house, lab))
        assert (await finished(house, started.url, started.state, started.browser)).ok
    assert lab.asked[0]["client_id"] == "usher-by-hand" and lab.count("/register") == 0
    assert (SECRET in str(lab.forms)) is (method == "client_secret_post")


async def test_the_secret_of_a_registered_client_goes_to_no_other_issuer(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    """Also when the other says that it is the one: then its own document would have to lie at that address."""
    ours = card(lab, "vault")
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        house.pool.sign_ins.registered = registered(lab, "https://honest.example")
        for said, told in (
            ({}, "names another sign-in server than the one that I am registered with"),
            ({"issuer": "https://honest.example"}, "calls itself by another name"),
        ):
            lab.extra = said
            with pytest.raises(FormError, match=told):
                await house.connections.begin(OWNER, ours, {})
    assert lab.asked == [] and lab.forms == [] and SECRET not in str(lab.to_server)


async def test_a_card_whose_client_nobody_registered_is_told_to_the_admins_with_the_cure(
    db: Database, gemini: Scripted, lab: Lab
) -> None:
    ours = card(lab, "vault")
    async with open_house(db, gemini.model, cards=[ours]) as house:
        with pytest.raises(FormError, match="Please tell an administrator") as told:
            await house.connections.begin(OWNER, ours, {})
        assert "MCP_OAUTH_CLIENTS" not in str(told.value)
        async with house.db.read() as tables:
            (note,) = await tables.session.scalars(sa.select(Job).where(Job.kind == "admin_note"))
    assert "MCP_OAUTH_CLIENTS" in note.payload["text"] and issuer(lab) in note.payload["text"]


async def test_the_least_is_asked_for_that_the_card_names(sqlite_db: Database, gemini: Scripted, lab: Lab) -> None:
    ours = card(lab, "", "write")
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        found = await house.connections.begin(OWNER, ours, {})
        assert isinstance(found, TicketNeeded)
        started = await house.connections.oauth.start(found.url.rpartition("=")[2])
    assert httpx2.URL(started.url).params["scope"] == "write offline_access"


async def test_without_a_page_nobody_is_sent_anywhere(sqlite_db: Database, gemini: Scripted, lab: Lab) -> None:
    ours = card(lab)
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        with pytest.raises(NoSecretsHere):
            await house.connections.begin(OWNER, ours, {}, entry=Entry.NOWHERE)
    assert lab.count("/register") == 0


async def test_a_client_document_is_named_where_the_service_reads_it(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    async with open_house(sqlite_db, gemini.model) as house:
        lab.extra = {"client_id_metadata_document_supported": True}
        started = await house.connections.oauth.start(await page(house, lab))
    assert httpx2.URL(started.url).params["client_id"] == f"{BASE}/oauth/client.json" and lab.clients == {}


async def test_a_client_of_one_sign_in_server_is_not_taken_to_the_next(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    async with open_house(sqlite_db, gemini.model) as house, open_lab() as newer:
        started = await house.connections.oauth.start(await page(house, lab))
        assert (await finished(house, started.url, started.state, started.browser)).ok
        (view,) = await house.connections.of(OWNER)
        lab.moved_to = issuer(newer)
        again = await house.connections.sign_in(OWNER, view.connection.id, Entry.PAGE, view={})
        started = await house.connections.oauth.start(again.url.rpartition("=")[2])
        (old,), (new,) = lab.clients, newer.clients
        assert httpx2.URL(started.url).params["client_id"] == new != old
        assert httpx2.URL(started.url).netloc.decode() == newer.origin.removeprefix("http://")

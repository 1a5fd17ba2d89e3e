"""Cards that a member signs in to at the service, or gives a token: either way, and from one to the other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from mcp.server.auth.provider import AccessToken
from mcp.shared.auth import OAuthClientInformationFull

from bot.errors import FormError
from bot.services.connections.oauth import REVOKE
from bot.services.connections.values import TicketNeeded
from bot.services.tickets import Entry
from mcp_runtime.oauth.grants import FIELD, Client
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.specs import TOKEN, HttpSpec
from run_cards.card import RunCard
from run_cards.hosted import github, slack, supabase
from storage.database import Database
from storage.tables import Job
from tests.services.house import BASE, OWNER, House, open_house
from tests.support.gemini import Scripted
from tests.support.oauth import Lab, agree, issuer, open_lab
from tests.support.oauth.slack_like import as_slack

SECRET = "registered-secret-77d2"
BY_HAND = {"github": "ghp_made-by-hand", "supabase": "sbp_made-by-hand"}
VALUES = {"github": {}, "supabase": {"project": "abcdefghijklmnopqrst"}, "slack": {}}


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        for token in BY_HAND.values():
            lab.access[token] = AccessToken(token=token, client_id="by-hand", scopes=["read"], resource=lab.url)
        yield lab


def led_to(card: RunCard, lab: Lab, *scopes: str) -> RunCard:
    assert card.oauth
    return replace(card, server=lambda values: HttpSpec(lab.url), oauth=replace(card.oauth, scopes=scopes))


def known(house: House, lab: Lab, name: str) -> None:
    """As an operator has registered it by hand."""
    told = {"client_id": "usher-by-hand", "client_secret": SECRET, "redirect_uris": [f"{BASE}/oauth/callback"]}
    lab.clients["usher-by-hand"] = OAuthClientInformationFull.model_validate(
        {**told, "token_endpoint_auth_method": "client_secret_post", "scope": "read write offline_access"}
    )
    client = Client(issuer(lab), "usher-by-hand", SECRET, "client_secret_post")
    house.pool.sign_ins.registered = Registered({issuer(lab): client}, {name: issuer(lab)})


async def signed_in(house: House, page: TicketNeeded) -> str:
    started = await house.connections.oauth.start(page.url.rpartition("=")[2])
    back = dict((await agree(started.url)).params)
    outcome = await house.connections.oauth.finish(started.state, started.browser, back)
    assert outcome.ok, outcome.sentence
    return outcome.sentence


async def with_token(house: House, url: str, card: str) -> None:
    await house.connections.finish(url.rpartition("/")[2], {TOKEN: BY_HAND[card]})


async def kept(house: House) -> tuple[set[str], list[tuple[str, str]]]:
    """The names of its secrets, and each tool with what it may do."""
    (view,) = await house.connections.of(OWNER)
    async with house.db.read() as tables:
        secrets = await house.connections._secrets.of(tables, OWNER, view.connection.id)
    return set(secrets), sorted((each.name, each.policy) for each in view.tools)


@pytest.mark.parametrize("card", [github.CARD, supabase.CARD], ids=lambda card: card.name)
async def test_both_are_offered_and_each_connects(
    sqlite_db: Database, gemini: Scripted, lab: Lab, card: RunCard
) -> None:
    ours = led_to(card, lab, "read")
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        known(house, lab, ours.name)
        for way in ("sign in", "token"):
            page = await house.connections.begin(OWNER, ours, {**VALUES[card.name], "account": way})
            assert isinstance(page, TicketNeeded) and page.signs_in_at == urlsplit(lab.origin).netloc
            await (signed_in(house, page) if way == "sign in" else with_token(house, page.token_url, card.name))
        assert {each.connection.title for each in await house.connections.of(OWNER)} == {"sign in", "token"}


async def test_where_nobody_has_registered_usher_a_token_is_all_that_is_spoken_of(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    ours = led_to(github.CARD, lab)
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        page = await house.connections.begin(OWNER, ours, {})
        assert isinstance(page, TicketNeeded) and not page.signs_in_at and not page.token_url
        assert page.url.startswith(f"{BASE}/connect/") and lab.seen == lab.to_server == []


async def test_a_sign_in_server_that_is_away_leaves_the_token(sqlite_db: Database, gemini: Scripted, lab: Lab) -> None:
    ours = led_to(supabase.CARD, lab)
    lab.broken = {"/.well-known/oauth-authorization-server"}
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        page = await house.connections.begin(OWNER, ours, VALUES["supabase"])
        assert isinstance(page, TicketNeeded) and page.url.startswith(f"{BASE}/connect/") and not page.signs_in_at


async def test_from_one_to_the_other_tools_and_what_they_may_do_stay(db: Database, gemini: Scripted, lab: Lab) -> None:
    ours = led_to(github.CARD, lab, "read")
    async with open_house(db, gemini.model, cards=[ours]) as house:
        known(house, lab, "github")
        page = await house.connections.begin(OWNER, ours, {})
        assert isinstance(page, TicketNeeded)
        await with_token(house, page.token_url, "github")
        (view,) = await house.connections.of(OWNER)
        chosen = next(each for each in view.tools if each.name == "change")
        await house.connections.choices.set_policy(OWNER, view.connection.id, chosen.name, "always")
        before = await kept(house)
        assert before == ({TOKEN}, [("change", "always"), ("look", "ask")])
        for way, field in (("sign in", FIELD), ("token", TOKEN)):
            page = await house.connections.sign_in(OWNER, view.connection.id, Entry.PAGE, view={})
            assert page.signs_in_at and page.token_url
            await (signed_in(house, page) if way == "sign in" else with_token(house, page.token_url, "github"))
            assert await kept(house) == ({field}, before[1])
        (after,) = await house.connections.of(OWNER)
        assert after.connection.id == view.connection.id
        async with house.db.read() as tables:
            ended = list(await tables.session.scalars(sa.select(Job).where(Job.kind == REVOKE)))
        assert len(ended) == 1  # what was allowed is ended at the service once a token took its place


@pytest.mark.parametrize("nested", [False, True])
async def test_slacks_own_way_of_answering_is_understood(sqlite_db: Database, gemini: Scripted, nested: bool) -> None:
    async with open_lab(partial(as_slack, nested=nested)) as lab:
        ours = led_to(slack.CARD, lab, "read")
        async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
            known(house, lab, "slack")
            page = await house.connections.begin(OWNER, ours, {})
            assert isinstance(page, TicketNeeded) and page.signs_in_at == urlsplit(lab.origin).netloc
            assert await signed_in(house, page) == "Slack is connected: 2 tools now available"
            (view,) = await house.connections.of(OWNER)
            lab.expire()
            assert (await house.connections.test(OWNER, view.connection.id)).ok and lab.refreshes == 1
            lab.expire()
            lab.refresh.clear()
            assert "sign in" in (await house.connections.test(OWNER, view.connection.id)).sentence.lower()
            (view,) = await house.connections.of(OWNER)
            assert view.connection.status == "sign_in"


async def test_slack_without_a_registered_app_is_told_to_the_admins(
    sqlite_db: Database, gemini: Scripted, lab: Lab
) -> None:
    ours = led_to(slack.CARD, lab)
    async with open_house(sqlite_db, gemini.model, cards=[ours]) as house:
        with pytest.raises(FormError, match="Please tell an administrator"):
            await house.connections.begin(OWNER, ours, {})

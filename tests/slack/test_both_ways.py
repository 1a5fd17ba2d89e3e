"""A card that can be signed in to, or given a token: the modal offers both, and Edit leads from one to the other."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from mcp.server.auth.provider import AccessToken
from mcp.shared.auth import OAuthClientInformationFull

from mcp_runtime.oauth.grants import FIELD, Client
from mcp_runtime.oauth.registration import Registered
from mcp_runtime.specs import TOKEN
from run_cards.hosted import github
from tests.services.test_both_ways import BY_HAND, led_to
from tests.support.oauth import Lab, agree, issuer, open_lab
from tests.support.slack import BASE, DM, OWNER, SECRETS, Usher, running_usher, said


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with open_lab() as lab:
        token = BY_HAND["github"]
        lab.access[token] = AccessToken(token=token, client_id="by-hand", scopes=["read"], resource=lab.url)
        told = {"client_id": "usher", "client_secret": "s-19", "redirect_uris": [f"{BASE}/oauth/callback"]}
        lab.clients["usher"] = OAuthClientInformationFull.model_validate(
            {**told, "token_endpoint_auth_method": "client_secret_post", "scope": "read offline_access"}
        )
        yield lab


@pytest.fixture
async def both(slack, client, sqlite_db, gemini, lab: Lab) -> AsyncIterator[Usher]:
    async with running_usher(slack, client, sqlite_db, gemini, cards=(led_to(github.CARD, lab, "read"),)) as usher:
        yield usher


def known(usher: Usher, lab: Lab) -> None:
    usher.services.connections._pool.sign_ins.registered = Registered(
        {issuer(lab): Client(issuer(lab), "usher", "s-19", "client_secret_post")}, {"github": issuer(lab)}
    )


def pages(shown: dict[str, Any]) -> list[str]:
    """The last part of each address that it leads to."""
    urls = [each["url"] for block in shown["blocks"] for each in block.get("elements", []) if "url" in each]
    return [url.rpartition("=")[2] if "oauth/start" in url else url.rpartition("/")[2] for url in urls]


async def secrets(usher: Usher) -> set[str]:
    (view,) = await usher.services.connections.of(usher.member)
    async with usher.services.db.read() as tables:
        return set(await SECRETS.of(tables, usher.member, view.connection.id))


async def test_the_modal_offers_both_and_edit_leads_from_one_to_the_other(both: Usher, lab: Lab) -> None:
    known(both, lab)
    connections = both.services.connections
    await both.slack.command(OWNER, DM, "/mcp connect github")
    form = await both.modal_with("Next you sign in, or enter a token, in your browser")
    await both.slack.submit_view(OWNER, form["id"], {})
    [_, by_token] = pages(await both.modal_with("Use a token instead"))
    await connections.finish(by_token, {TOKEN: BY_HAND["github"]})
    await both.modal_with("GitHub is connected: 2 tools now available")
    assert await secrets(both) == {TOKEN}

    await both.slack.command(OWNER, DM, "/mcp list")
    await both.choose(await both.message_with("GitHub"), "edit")
    await both.press(await both.modal_with("Sign in or enter a token"), "connection.sign_in")
    [by_sign_in, _] = pages(await both.modal_with("Last step: sign in to GitHub at"))
    started = await connections.oauth.start(by_sign_in)
    outcome = await connections.oauth.finish(started.state, started.browser, dict((await agree(started.url)).params))
    assert outcome.ok and await secrets(both) == {FIELD}
    await both.modal_with("GitHub works again: 2 tools available")


async def test_where_it_cannot_be_signed_in_to_nothing_is_said_of_it(both: Usher, lab: Lab) -> None:
    await both.slack.command(OWNER, DM, "/mcp connect github")
    form = await both.modal_with("Next I ask for your token, on a page in your browser")
    await both.slack.submit_view(OWNER, form["id"], {})
    step = await both.modal_with("Last step: enter the token for GitHub")
    assert "sign in" not in said(step).casefold() and lab.seen == []

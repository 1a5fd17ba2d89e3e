"""Token endpoints that answer in a way of their own: Slack's, GitHub's, and those that answer nothing of use."""

import json

import httpx2
import pytest

from mcp_runtime.oauth import token_endpoint
from mcp_runtime.oauth.errors import SignInImpossible, SignInRefused, SignInServerAway
from mcp_runtime.oauth.grants import Client, Grant, Pending

AT = "https://signs.example/token"
CLIENT = Client("https://signs.example", "usher", "s", "client_secret_post")
ASKED = Pending("v", "repo read:org", "https://mcp.example", "https://usher.example/cb", CLIENT, AT, None, False)
BOT = {"ok": True, "access_token": "xoxb-1", "token_type": "bot", "scope": "commands"}
PERSON = {"id": "U1", "scope": "a:read,b:read", "access_token": "xoxp-1", "token_type": "user"}


async def exchanged(answer: bytes) -> Grant:
    reply = httpx2.MockTransport(lambda request: httpx2.Response(200, content=answer))
    async with httpx2.AsyncClient(transport=reply) as http:
        return await token_endpoint.exchange(http, "Vault", ASKED, "code")


TOKENS = {
    "of a person, beside a bot's": ({**BOT, "authed_user": PERSON}, "a:read b:read"),
    "of a person, alone": ({"ok": True, "authed_user": {**PERSON, "expires_in": 43200}}, "a:read b:read"),
    "flat": ({"ok": True, "access_token": "xoxp-1", "token_type": "user", "authed_user": {"id": "U1"}}, ASKED.scope),
    "flat, with what was granted beside it": (
        {"ok": True, "access_token": "xoxp-1", "scope": "", "authed_user": {"id": "U1", "scope": "a:read"}},
        "a:read",
    ),
    "GitHub's": ({"access_token": "xoxp-1", "token_type": "bearer", "scope": "repo,gist"}, "repo gist"),
    "with no right named": ({"access_token": "xoxp-1", "token_type": "bearer", "scope": ""}, ASKED.scope),
    "as it is prescribed": ({"access_token": "xoxp-1", "token_type": "Bearer", "scope": "repo gist"}, "repo gist"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "scope"), TOKENS.values(), ids=TOKENS)
async def test_the_members_own_token_and_rights_are_found(answer: dict, scope: str) -> None:
    grant = await exchanged(json.dumps(answer).encode())
    assert (grant.access, grant.scope) == ("xoxp-1", scope)


@pytest.mark.parametrize("error", ["internal_error", "ratelimited", "service_unavailable", "temporarily_unavailable"])
async def test_an_accident_is_no_refusal(error: str) -> None:
    with pytest.raises(SignInServerAway):
        await exchanged(json.dumps({"ok": False, "error": error}).encode())


@pytest.mark.parametrize("error", ["invalid_refresh_token", "bad_verification_code", "token_revoked"])
async def test_a_no_that_comes_with_a_200_is_one(error: str) -> None:
    with pytest.raises(SignInRefused):
        await exchanged(json.dumps({"error": error}).encode())


@pytest.mark.parametrize("answer", [b"", b"[1]", b"<html>", b"\xff\xfe", b"[" * 200_000, b"1" * 9000, b'"a"'])
async def test_what_is_no_answer_at_all_loses_nothing(answer: bytes) -> None:
    with pytest.raises(SignInServerAway):
        await exchanged(answer)


@pytest.mark.parametrize("person", [None, 7, [], "x", {"access_token": ["x"]}, {"access_token": "a b"}])
async def test_odd_tokens_are_not_taken(person: object) -> None:
    with pytest.raises((SignInServerAway, SignInImpossible)):
        await exchanged(json.dumps({"ok": True, "authed_user": person}).encode())


async def test_a_kind_of_token_that_is_none_of_these_is_not_taken() -> None:
    with pytest.raises(SignInImpossible, match="a kind of token that I cannot use"):
        await exchanged(json.dumps({"ok": True, "access_token": "xoxb-1", "token_type": "bot"}).encode())


@pytest.mark.parametrize("life", ["", "soon", None, 0, -1, "0", [3600], float("nan")])
async def test_a_life_that_says_nothing_leaves_a_token_that_is_used_until_its_server_refuses_it(life: object) -> None:
    grant = await exchanged(json.dumps({"access_token": "a", "expires_in": life}).encode())
    assert grant.expires_at is None and grant.fresh


@pytest.mark.parametrize("life", ["3600", 3600.0, 3600])
async def test_a_life_may_be_written_as_text(life: object) -> None:
    grant = await exchanged(json.dumps({"access_token": "a", "expires_in": life}).encode())
    assert grant.expires_at is not None and grant.fresh


async def test_rights_may_be_a_list_and_an_empty_token_to_renew_with_is_none() -> None:
    odd = {"access_token": "a", "scope": ["repo", "gist"], "refresh_token": "", "token_type": "BEARER"}
    grant = await exchanged(json.dumps(odd).encode())
    assert grant.scope == "repo gist" and grant.refresh is None
    assert (await exchanged(json.dumps({**odd, "scope": [1], "refresh_token": 7}).encode())).scope == ASKED.scope

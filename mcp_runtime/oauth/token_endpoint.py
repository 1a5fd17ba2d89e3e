"""The token endpoint: a code becomes a grant, an old grant a new one, and one that is over is ended."""

import base64
import re
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from mcp_runtime.oauth.errors import SignInImpossible, SignInRefused, SignInServerAway
from mcp_runtime.oauth.grants import Client, Grant, Pending, bounded
from mcp_runtime.oauth.lenient import Number, Scope, Text
from mcp_runtime.oauth.odd_answers import BUSY, said, scopes
from storage.clock import seconds

LONGEST_LIFE = 10 * 365 * 86_400
OTHER_ISSUER = "the answer came from another sign-in server than the one that you were sent to"
NO_ISSUER = "the answer does not say which sign-in server it comes from, as it should"
ODD_TOKEN = "its sign-in server gave a kind of token that I cannot use"  # noqa: S105  a sentence

_SENDABLE = re.compile(r"[\x21-\x7e]{1,16000}")
"""What a header can carry: anything else would break each request that it is put into."""


class _Answer(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the kind of all of them
    expires_in: Number = None
    refresh_token: Text = None
    scope: Scope = None


def check_issuer(server: str, pending: Pending, iss: str | None) -> None:
    """RFC 9207, 2.4: letter by letter, before anything else of the answer is believed. Raises `SignInRefused`."""
    if iss is None and pending.says_issuer:
        raise SignInRefused(server, NO_ISSUER)
    if iss is not None and iss != pending.client.issuer:
        raise SignInRefused(server, OTHER_ISSUER)


async def exchange(http: httpx2.AsyncClient, server: str, pending: Pending, code: str) -> Grant:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": pending.redirect_uri,
        "code_verifier": pending.verifier,
        "resource": pending.resource,
    }
    found = await _asked(http, server, pending.token_endpoint, pending.client, form)
    return Grant(
        access=found.access_token,
        refresh=_kept(found.refresh_token),
        expires_at=_end(found),
        scope=_scope(found, pending.scope),
        asked=pending.scope,
        resource=pending.resource,
        client=pending.client,
        token_endpoint=pending.token_endpoint,
        revocation_endpoint=pending.revocation_endpoint,
    )


async def refresh(http: httpx2.AsyncClient, server: str, grant: Grant) -> Grant:
    """Raises `SignInRefused` when the member has to sign in again, `SignInServerAway` when nothing is lost."""
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh or "", "resource": grant.resource}
    found = await _asked(http, server, grant.token_endpoint, grant.client, form)
    renewed = {
        "access": found.access_token,
        "refresh": _kept(found.refresh_token) or grant.refresh,
        "expires_at": _end(found),
        "scope": _scope(found, grant.scope),
    }
    return Grant(**{**vars(grant), **renewed})


async def revoke(http: httpx2.AsyncClient, grant: Grant) -> bool:
    """RFC 7009; False when the server knows no such thing, or did not do it."""
    if grant.revocation_endpoint is None:
        return False
    done = True
    for kind, token in (("refresh_token", grant.refresh), ("access_token", grant.access)):
        if token:
            form, headers = _authenticated(grant.client, {"token": token, "token_type_hint": kind})
            answer = await http.post(grant.revocation_endpoint, data=form, headers=headers)
            if answer.status_code == 400 and "client_secret" not in form:
                # Servers made with the protocol's own SDK insist on the field, though it may be empty.
                nothing = {**form, "client_secret": ""}
                answer = await http.post(grant.revocation_endpoint, data=nothing, headers=headers)
            done = done and answer.status_code == 200
    return done


async def _asked(http: httpx2.AsyncClient, server: str, endpoint: str, client: Client, form: dict[str, str]) -> _Answer:
    body, headers = _authenticated(client, form)
    answer = await http.post(endpoint, data=body, headers=headers)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise SignInServerAway(server)
    try:
        found = _Answer.model_validate(said(answer.content)) if answer.status_code in (200, 201) else None
    except ValidationError:
        found = None  # some say «no» with a 200
    if found is None:
        raise _refusal(server, answer)
    if found.token_type.lower() != "bearer" or not _SENDABLE.fullmatch(found.access_token):
        raise SignInImpossible(server, ODD_TOKEN)
    return found


def _refusal(server: str, answer: httpx2.Response) -> SignInRefused | SignInServerAway:
    """An answer that is not in the form of a refusal is an accident, perhaps of a proxy: tokens are kept."""
    error = said(answer.content).get("error")
    if isinstance(error, str) and error not in BUSY | {"temporarily_unavailable", "server_error", "slow_down"}:
        refused = SignInRefused(server)
        refused.code = error
        return refused
    return SignInServerAway(server)


def _authenticated(client: Client, form: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    headers = {"accept": "application/json"}
    if client.method == "client_secret_basic" and client.secret:
        # RFC 6749, 2.3.1: both parts are encoded like a form before they are joined.
        pair = f"{quote(client.id, safe='')}:{quote(client.secret, safe='')}"
        # Named in the form as well, since some servers look for it there alone.
        return {**form, "client_id": client.id}, headers | {
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"
        }
    secret = {"client_secret": client.secret} if client.method == "client_secret_post" and client.secret else {}
    return {**form, "client_id": client.id, **secret}, headers


def _kept(token: str | None) -> str | None:
    """One that no request could carry is no token. A store outside takes no more than 64 KiB of a whole grant."""
    return token if token and _SENDABLE.fullmatch(token) else None


def _scope(found: _Answer, asked: str) -> str:
    """What was granted: a stranger's words, which are asked for again some day in an address."""
    return bounded(scopes(found.scope, asked)) if found.scope else asked


def _end(found: _Answer) -> float | None:
    """None or less is what some say of a token that has no end: when it is over, its server tells."""
    if found.expires_in is None or not found.expires_in > 0:
        return None
    return seconds() + min(found.expires_in, LONGEST_LIFE)

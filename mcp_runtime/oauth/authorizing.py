"""The first half of a sign-in: what is asked for, and the address at which the member is asked."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from mcp_runtime.errors.challenges import Challenge
from mcp_runtime.oauth.discovery import OFFLINE, Discovered
from mcp_runtime.oauth.grants import Client, Grant, Pending, bounded, union


def scope_for(
    found: Discovered, needed: Sequence[str], challenge: Challenge | None, granted: Grant | None = None
) -> str:
    """The least that will do; empty: nothing is named, and the server decides.

    ``needed`` is what the card names. What was allowed before is asked for again, so that nothing of it is lost.
    """
    told = bounded(challenge.scope) if challenge and challenge.scope is not None else None
    before = granted if granted is not None and granted.issuer == found.server.issuer else None
    if needed:
        wanted = union(" ".join(needed), told if challenge and challenge.wants_more else None)
    elif told is not None:
        wanted = union(told)
    else:
        wanted = "" if before else " ".join(found.scopes or ())
    if before is not None:
        wanted = union(before.asked, before.scope, wanted)
    if wanted and OFFLINE in (found.server.scopes_supported or ()):
        wanted = union(wanted, OFFLINE)  # without it some servers give no token to renew the other with
    return wanted


def begin(found: Discovered, client: Client, redirect_uri: str, scope: str) -> tuple[str, str, Pending]:
    """The address to send the member to, the state that will come back, and what is needed then."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "resource": found.resource,
    }
    if scope:
        query["scope"] = scope
    if OFFLINE in scope.split():
        query["prompt"] = "consent"  # OpenID Connect gives no refresh token without it
    at = found.server
    joint = "&" if urlsplit(at.authorization_endpoint).query else "?"
    pending = Pending(
        verifier=verifier,
        scope=scope,
        resource=found.resource,
        redirect_uri=redirect_uri,
        client=client,
        token_endpoint=at.token_endpoint,
        revocation_endpoint=at.revocation_endpoint,
        says_issuer=at.authorization_response_iss_parameter_supported,
    )
    return f"{at.authorization_endpoint}{joint}{urlencode(query)}", state, pending

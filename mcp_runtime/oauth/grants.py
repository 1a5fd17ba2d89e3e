"""What a member's sign-in leads to, as plain values that survive a restart."""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from storage.clock import seconds

FIELD = "oauth"
"""Under which a connection's grant is kept among its secrets."""
_RIGHT = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,200}")
LONGEST_SCOPE = 2000
"""Characters; what a server names may be anything, and it could go on asking for ever more."""
EARLY = 10.0
"""Seconds before its end from which a token counts as used up: it has to live until it arrives."""


@dataclass(frozen=True)
class Client:
    """What we are called at one authorization server. It is good for this issuer, and for no other."""

    issuer: str
    id: str
    secret: str | None = field(default=None, repr=False)
    method: str = "none"
    """How the secret is sent: client_secret_post, client_secret_basic, or none."""
    until: float | None = None
    """When a registration ends, in seconds since 1970."""

    def good_for(self, issuer: str) -> bool:
        return self.issuer == issuer and (self.until is None or self.until > seconds())


@dataclass(frozen=True)
class Grant:
    """What a member has allowed, with all that is needed to renew and to end it."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: float | None
    """Seconds since 1970; None: the server did not say."""
    scope: str
    """What was granted."""
    asked: str
    """What was asked for: it is asked for again whenever the member signs in to more."""
    resource: str
    client: Client
    token_endpoint: str
    revocation_endpoint: str | None = None

    @property
    def issuer(self) -> str:
        return self.client.issuer

    @property
    def fresh(self) -> bool:
        return self.expires_at is None or seconds() < self.expires_at - EARLY


@dataclass(frozen=True)
class Pending:
    """A sign-in that has begun: what the callback needs, in whichever process it arrives."""

    verifier: str = field(repr=False)
    scope: str
    resource: str
    redirect_uri: str
    client: Client
    token_endpoint: str
    revocation_endpoint: str | None
    says_issuer: bool
    """The server has announced that its answers name it."""


def as_json(value: Grant | Pending) -> str:
    return json.dumps(asdict(value), separators=(",", ":"))


def grant_from(text: str) -> Grant:
    stored = json.loads(text)
    return Grant(**{**stored, "client": Client(**stored["client"])})


def pending_from(stored: dict[str, Any]) -> Pending:
    return Pending(**{**stored, "client": Client(**stored["client"])})


def union(*scopes: str | None) -> str:
    """All of them once, in the order in which they first come."""
    return " ".join(dict.fromkeys(word for scope in scopes for word in (scope or "").split()))


def rights(scope: str) -> str:
    """What of a stranger's words can be a scope (RFC 6749, 3.3)."""
    return " ".join(word for word in scope.split() if _RIGHT.fullmatch(word))


def bounded(scope: str) -> str:
    """As many of them, whole, as may be asked for at once."""
    words, length = list[str](), 0
    for word in rights(scope).split():
        length += len(word) + 1
        if length > LONGEST_SCOPE:
            break
        words.append(word)
    return " ".join(words)

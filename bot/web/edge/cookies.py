"""One cookie a link, so that two links fit one browser; and one for a ticket that this browser has used."""

import hashlib
import hmac
from collections.abc import Iterator

from aiohttp import web

from bot.web.edge.context import SITE
from storage.schema import now
from storage.tables import Link

_USED_SECONDS = 24 * 3600
_PROVED_SECONDS = 15 * 60
_MOST = 20
"""Of a browser's links that are looked at to find the one in the address."""


def _prefix(request: web.Request) -> str:
    # The prefix needs Secure; plain HTTP is for a developer's loopback only.
    return "__Host-tc_" if request.app[SITE].https else "tc_"


def secret(request: web.Request, link_id: str) -> str:
    return request.cookies.get(_prefix(request) + link_id, "")


def all_secrets(request: web.Request) -> Iterator[tuple[str, str]]:
    """Each link's id with its session's secret, the newest links first."""
    prefix = _prefix(request)
    held = sorted((name, value) for name, value in request.cookies.items() if name.startswith(prefix))
    for name, value in held[: -_MOST - 1 : -1]:
        yield name.removeprefix(prefix), value


def give(request: web.Request, response: web.StreamResponse, link: Link, value: str) -> None:
    seconds = max(0, int((link.expires_at - now()).total_seconds()))
    _set(request, response, link.id, value, seconds)


def renew(request: web.Request, response: web.StreamResponse, link: Link) -> None:
    """After the link was given more time than the cookie was made for."""
    if link.extended_at and (held := secret(request, link.id)):
        give(request, response, link, held)


def take_back(request: web.Request, response: web.Response, link_id: str) -> None:
    """Storage alone is cleared beside it: the cookies of other links live on the same host."""
    _set(request, response, link_id, "", 0)
    response.headers["Clear-Site-Data"] = '"storage"'


def used_ticket(request: web.Request, ticket: str) -> bool:
    """This browser has used it, so that a reload may say how that went."""
    name, value = _used(request, ticket)
    return hmac.compare_digest(request.cookies.get(name, "").encode(errors="replace"), value.encode())


def remember_used(request: web.Request, response: web.Response, ticket: str) -> None:
    name, value = _used(request, ticket)
    https = request.app[SITE].https
    response.set_cookie(name, value, max_age=_USED_SECONDS, path="/", secure=https, httponly=True, samesite="Lax")


def proved(request: web.Request, ticket: str, proof: str) -> bool:
    """This browser has shown that it is its member's."""
    return hmac.compare_digest(kept(request, _proof(ticket)).encode(errors="replace"), proof.encode())


def remember_proof(request: web.Request, response: web.Response, ticket: str, proof: str) -> None:
    keep(request, response, _proof(ticket), proof, _PROVED_SECONDS)


def _proof(ticket: str) -> str:
    return f"tp_{hmac.new(ticket.encode(), b'proof', hashlib.sha256).hexdigest()[:16]}"


def _used(request: web.Request, ticket: str) -> tuple[str, str]:
    """Name and value tell nothing of the ticket, and open nothing: who has its address could make them anew."""
    prefix = "__Host-tk_" if request.app[SITE].https else "tk_"
    name, value = (hmac.new(ticket.encode(), use, hashlib.sha256).hexdigest() for use in (b"name", b"used"))
    return prefix + name[:16], value


def _set(request: web.Request, response: web.StreamResponse, link_id: str, value: str, seconds: int) -> None:
    https = request.app[SITE].https
    response.set_cookie(
        _prefix(request) + link_id, value, max_age=seconds, path="/", secure=https, httponly=True, samesite="Lax"
    )


def form_token(value: str) -> str:
    """For forms without scripts: derived from the session's secret, so there is nothing more to store."""
    return hmac.new(value.encode(), b"form", hashlib.sha256).hexdigest()


def keep(request: web.Request, response: web.Response, name: str, value: str, seconds: int) -> None:
    """A note of this browser's to itself. Lax, since it comes back from another site; 0 seconds take it away."""
    https = request.app[SITE].https
    response.set_cookie(
        _named(request, name), value, max_age=seconds, path="/", secure=https, httponly=True, samesite="Lax"
    )


def kept(request: web.Request, name: str) -> str:
    return request.cookies.get(_named(request, name), "")


def _named(request: web.Request, name: str) -> str:
    return f"__Host-{name}" if request.app[SITE].https else name

"""Addresses that a stranger's document names: https, or this machine's own where the document comes from there."""

from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx2

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST = 2000


def parts_of(url: str) -> SplitResult | None:
    """None for what is no plain web address: another scheme, a name or password in it, a fragment."""
    if len(url) > LONGEST or any(each.isspace() or not each.isprintable() for each in url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable and "@" not in parts.netloc and not parts.fragment else None


def is_safe(url: str, told_by: str) -> bool:
    """May a person, or a code, be sent there? ``told_by`` is the issuer whose document names it.

    A server may name `javascript:…`, or a service on the machine of whoever clicks: the latter counts only
    when the issuer, which had to be dialled to be read, is itself on such a machine.
    """
    parts, teller = parts_of(url), parts_of(told_by)
    if parts is None or teller is None:
        return False
    return parts.scheme == "https" or (is_loopback(parts) and is_loopback(teller))


def same_issuer(one: str, other: str) -> bool:
    """Letter by letter, but for the slash of an address without a path: many write it in one place and not the other.

    To an origin it adds nothing (RFC 3986, 6.2.3): nobody else can be meant.
    """
    return one == other or (one.rstrip("/") == other.rstrip("/") and _pathless(one) and _pathless(other))


def _pathless(url: str) -> bool:
    parts = parts_of(url)
    return parts is not None and parts.path in ("", "/") and not parts.query


def is_loopback(parts: SplitResult) -> bool:
    return parts.hostname in LOOPBACK


def origin(url: str) -> str:
    """As it is written in a request: small letters, a name in other letters encoded, no port that goes without saying.

    Else `https://MCP.example:443/` would seem to be another server than the one that is dialled for it.
    """
    try:
        asked = httpx2.URL(url)
    except httpx2.InvalidURL:  # none that is ever dialled
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}"
    return f"{asked.scheme}://{asked.netloc.decode('ascii')}"


def canonical(url: str) -> str:
    """A server's own identifier (RFC 8707): scheme and host in small letters, no fragment."""
    parts = urlsplit(url)
    path = "" if parts.path == "/" else parts.path
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, parts.query, ""))


def covers(resource: str, url: str) -> bool:
    """Is the server at ``url`` meant by this identifier: the same origin, and the same path or one below it?"""
    wide, narrow = parts_of(resource), parts_of(url)
    if wide is None or narrow is None or origin(resource) != origin(url):
        return False
    return f"{narrow.path.rstrip('/')}/".startswith(f"{wide.path.rstrip('/')}/")

"""Checks of names, addresses and tokens, shared by cards: each gives a complaint or None."""

import re
import unicodedata
from urllib.parse import parse_qsl, urlsplit

MAX_NAME, MAX_TOKEN, MAX_URL = 40, 8000, 2000

OWN_HEADERS = frozenset(
    (
        *("accept", "accept-charset", "accept-encoding", "accept-language", "connection", "cookie", "cookie2", "date"),
        *("expect", "forwarded", "host", "keep-alive", "last-event-id", "origin", "referer", "set-cookie", "te"),
        *("trailer", "transfer-encoding", "upgrade", "user-agent", "via", "traceparent", "tracestate"),
    )
)
OWN_PREFIXES = ("content-", "mcp-", "proxy-", "sec-", "x-forwarded-", "access-control-")
KEYS = {"key", "api_key", "apikey", "api-key", "token", "access_token", "secret", "password", "auth"}
NO_ADDRESS = "This is not a web address: one looks like https://mcp.example.com/mcp."
# Letters of other scripts, and digits, that are read as those of our own name.
LOOKALIKES = str.maketrans({"ս": "u", "υ": "u", "ѕ": "s", "ꜱ": "s", "5": "s", "һ": "h", "е": "e", "ε": "e", "3": "e"})


def own_name(value: str) -> str | None:
    """A member's own name for a connection."""
    value = value.strip()
    if not value:
        return "Give it a name that you will know it by."
    if len(value) > MAX_NAME:
        return f"A name has at most {MAX_NAME} characters."
    if looks_like_usher(value):
        return "That is my own name, and its tools would look like mine. Choose another."
    return None if value.isprintable() else "A name is one line of plain text."


def one_word(value: str) -> str | None:
    """A token as headers can carry it; none is fine too."""
    value = value.strip()
    plain = value.isascii() and " " not in value and (value.isprintable() or not value)
    if plain and len(value) <= MAX_TOKEN:
        return None
    return "A token is one word of letters, digits and signs. Paste it whole, without “Bearer”."


def header_value(value: str) -> str | None:
    """What a header can carry: a token, or a scheme and a token; none is fine too."""
    value = value.strip()
    if len(value) <= MAX_TOKEN and value.isascii() and (value.isprintable() or not value):
        return None
    return "This is one line of letters, digits and signs. Paste it whole."


def header_name(value: str) -> str | None:
    """A header in which a secret may be sent: none that the connection itself, or MCP, needs."""
    value = value.strip()
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}", value):
        return "A header's name is one word, such as X-API-Key."
    lower = value.casefold()
    if lower in OWN_HEADERS or lower.startswith(OWN_PREFIXES):
        return f"{value} is a header that I set myself, for the connection or for MCP: a secret has no place in it."
    return None


def web_address(value: str) -> str | None:
    """Its form only: which hosts may be reached is decided when it is dialled."""
    value = value.strip()
    if len(value) > MAX_URL or any(c.isspace() or not c.isprintable() for c in value):
        return NO_ADDRESS
    try:
        parts = urlsplit(value)
        port, host = parts.port, parts.hostname
    except ValueError:
        return NO_ADDRESS
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return "A server's address starts with https://, such as https://mcp.example.com/mcp."
    if "@" in parts.netloc:
        return "Leave name and password out of the address: I ask for what is secret by itself."
    if KEYS & {name.casefold() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return "Leave the key out of the address, where it would not be sealed: I ask for it by itself."
    return None


def looks_like_usher(name: str) -> bool:
    """Whether a reader would take it for the product's own name, whatever signs and scripts it is written in."""
    plain = unicodedata.normalize("NFKD", name).casefold().translate(LOOKALIKES)
    return re.sub(r"[^a-z0-9]", "", plain) == "usher"

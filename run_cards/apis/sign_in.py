"""How a web service wants its secret, as the forms of API cards ask for it."""

from urllib.parse import urlsplit

from run_cards.common_fields import optional_token
from run_cards.fields import Field, Kind, Option, optional

SIGN_IN = Field(
    "sign_in",
    "How it is signed in to",
    kind=Kind.CHOICE,
    options=(
        Option("bearer", "Bearer token, or nothing"),
        Option("header", "A key in a header"),
        Option("query", "A key in the address"),
        Option("basic", "Name and password"),
    ),
    default="bearer",
)


def _key_name(value: str) -> str | None:
    plain = value.strip().replace("-", "").replace("_", "")
    if not plain or (plain.isalnum() and plain.isascii() and len(value) <= 80):
        return None
    return "The name of a header or parameter is one word, such as X-API-Key."


KEY_NAME = Field(
    "key_name",
    "Name of the key",
    hint="Of the header or the parameter. Empty: X-API-Key, or api_key.",
    placeholder="X-API-Key",
    check=_key_name,
)


def _secret(value: str) -> str | None:
    return optional(value) if ":" in value and value.isprintable() and len(value) < 1000 else optional_token(value)


TOKEN = Field(
    "token",
    "Token or key",
    hint="For name and password: both, with a colon between. Empty: it needs none.",
    secret=True,
    check=_secret,
)


def place(url: str) -> str:
    """The host of this address as a sandbox is told where it may connect to."""
    parts = urlsplit(url.strip())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{host}:{parts.port}" if parts.port else host

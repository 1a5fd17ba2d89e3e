"""Any MCP server that a member brings."""

from urllib.parse import parse_qsl, urlsplit

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values
from run_cards.checks import one_word, own_name

MAX_URL = 2000


KEYS = {"key", "api_key", "apikey", "api-key", "token", "access_token", "secret", "password", "auth"}
NO_ADDRESS = "This is not a web address: one looks like https://mcp.example.com/mcp."


def _url(value: str) -> str | None:
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
        return "Leave name and password out of the address: a token has its own field."
    if KEYS & {name.casefold() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        return "Leave the key out of the address, where it would not be sealed: a token has its own field."
    return None


def _server(values: Values) -> ServerSpec:
    return HttpSpec(values["url"].strip())


def _titled(values: Values) -> str:
    return values["name"].strip()


CARD = RunCard(
    name="custom",
    title="Custom",
    about="Any server that speaks MCP over Streamable HTTP.",
    fields=(
        Field("name", "Name", hint="Your own name for it.", placeholder="Notes", check=own_name),
        Field(
            "url",
            "Server URL",
            hint="It often ends in /mcp.",
            placeholder="https://mcp.example.com/mcp",
            check=_url,
        ),
        Field("token", "Bearer token", hint="Leave it empty if the server needs none.", secret=True, check=one_word),
    ),
    server=_server,
    titled=_titled,
    icon=":electric_plug:",
    notes=("Its tools ask you before each call, until you say “always” to one.",),
)

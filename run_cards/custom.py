"""Any MCP server that a member brings."""

from urllib.parse import urlsplit

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values, a_name
from run_cards.checks import MAX_NAME, one_word, own_name, web_address


def _server(values: Values) -> ServerSpec:
    return HttpSpec(values["url"].strip())


def _titled(values: Values) -> str:
    """Its own name, or the server's host."""
    host = urlsplit(values.get("url", "").strip()).hostname or ""
    by_host = host.removeprefix("mcp.").removeprefix("www.")[:MAX_NAME]
    named = values.get("name", "").strip()
    return named or ("Server" if own_name(by_host) else by_host)


CARD = RunCard(
    name="custom",
    title="Custom",
    about="Any server that speaks MCP over Streamable HTTP.",
    fields=(
        Field("name", "Name", hint="Your own name for it. Else I use its host.", placeholder="Notes", check=a_name),
        Field(
            "url",
            "Server URL",
            hint="It often ends in /mcp.",
            placeholder="https://mcp.example.com/mcp",
            check=web_address,
        ),
        Field("token", "Bearer token", hint="Leave it empty if the server needs none.", secret=True, check=one_word),
    ),
    server=_server,
    titled=_titled,
    icon=":electric_plug:",
    notes=("Its tools ask you before each call, until you say “always” to one.",),
)

"""Any MCP server that a member brings."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values
from run_cards.checks import one_word, own_name, web_address


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
            check=web_address,
        ),
        Field("token", "Bearer token", hint="Leave it empty if the server needs none.", secret=True, check=one_word),
    ),
    server=_server,
    titled=_titled,
    icon=":electric_plug:",
    notes=("Its tools ask you before each call, until you say “always” to one.",),
)

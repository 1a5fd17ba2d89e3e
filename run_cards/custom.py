"""Any MCP server that a member brings."""

from mcp_runtime.specs import HttpSpec, ServerSpec
from run_cards.card import Field, RunCard, Values
from run_cards.checks import looks_like_usher, one_word, web_address

MAX_NAME = 40


def _name(value: str) -> str | None:
    value = value.strip()
    if not value:
        return "Give it a name that you will know it by."
    if len(value) > MAX_NAME:
        return f"A name has at most {MAX_NAME} characters."
    if looks_like_usher(value):
        return "That is my own name, and its tools would look like mine. Choose another."
    return None if value.isprintable() else "A name is one line of plain text."


def _server(values: Values) -> ServerSpec:
    return HttpSpec(values["url"].strip())


def _titled(values: Values) -> str:
    return values["name"].strip()


CARD = RunCard(
    name="custom",
    title="Custom",
    about="Any server that speaks MCP over Streamable HTTP.",
    fields=(
        Field("name", "Name", hint="Your own name for it.", placeholder="Notes", check=_name),
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
    notes=("Its tools ask you before each call, until you say «always» to one.",),
)

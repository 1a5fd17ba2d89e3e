"""Any MCP server that a member brings."""

from urllib.parse import urlsplit

from mcp_runtime.specs import TOKEN, HttpSpec, SecretPlace, ServerSpec
from run_cards.card import Field, RunCard, Values, a_name
from run_cards.checks import MAX_NAME, header_name, header_value, own_name, web_address

HEADERS = {TOKEN: "header", "token_2": "header_2", "token_3": "header_3"}
"""The field that names the header of each secret."""
AUTHORIZATION = "Authorization"
OTHER_HEADER = "Another header than Authorization"
MORE_HEADERS = "Add another header"


def _server(values: Values) -> ServerSpec:
    named = [(field, values.get(header, "").strip()) for field, header in HEADERS.items()]
    places = (_place(field, name or AUTHORIZATION) for field, name in named if name or field == TOKEN)
    return HttpSpec(values["url"].strip(), (), tuple(places))


def _place(field: str, header: str) -> SecretPlace:
    return SecretPlace(field, header, "Bearer " if header.casefold() == AUTHORIZATION.casefold() else "")


def _together(entered: Values) -> dict[str, str]:
    """Each further secret has a header of its own, and each further header a secret."""
    told: dict[str, str] = {}
    taken: set[str] = set()
    for field, header in HEADERS.items():
        name = entered.get(header, "").strip().casefold() or (AUTHORIZATION.casefold() if field == TOKEN else "")
        if name and name in taken:
            told[header] = "Another secret is sent in this header already."
        if field != TOKEN and bool(name) != bool(entered.get(field, "").strip()):
            told[field if name else header] = "A header needs a value." if name else "Say which header this is for."
        taken.add(name)
    return told


def _name_of_header(value: str) -> str | None:
    return header_name(value) if value.strip() else None


def _further(number: int) -> tuple[Field, Field]:
    name = Field(
        f"header_{number}", "Header name", placeholder="X-API-Key", later=True, fold=MORE_HEADERS, check=_name_of_header
    )
    return name, Field(f"token_{number}", "Its value", secret=True, fold=MORE_HEADERS, check=header_value)


def _titled(values: Values) -> str:
    """Its own name, or the server's host."""
    host = urlsplit(values.get("url", "").strip()).hostname or ""
    by_host = host.removeprefix("mcp.").removeprefix("www.")[:MAX_NAME]
    named = values.get("name", "").strip()
    return named or ("Server" if own_name(by_host) else by_host)


CARD = RunCard(
    name="custom",
    title="Custom",
    about="Any other MCP server, by its address.",
    fields=(
        Field("name", "Name", hint="Your own name for it. Else I use its host.", placeholder="Notes", check=a_name),
        Field(
            "url",
            "Server URL",
            hint="It often ends in /mcp.",
            placeholder="https://mcp.example.com/mcp",
            check=web_address,
        ),
        Field(TOKEN, "Token or key", hint="Leave it empty if the server needs none.", secret=True, check=header_value),
        Field(
            "header",
            "Header name",
            hint="The header that the token is sent in. Some servers want X-API-Key.",
            later=True,
            fold=OTHER_HEADER,
            default=AUTHORIZATION,
            check=_name_of_header,
        ),
        *_further(2),
        *_further(3),
    ),
    server=_server,
    titled=_titled,
    together=_together,
    icon=":electric_plug:",
    notes=("Its tools ask you before each call, until you say “always” to one.",),
)

"""Any REST API that has an OpenAPI description, by a server of ours in the sandbox."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.apis.sign_in import KEY_NAME, SIGN_IN, TOKEN, place
from run_cards.card import Field, RunCard, Values
from run_cards.checks import web_address
from run_cards.common_fields import WRITES


def _optional_address(value: str) -> str | None:
    return web_address(value) if value.strip() else None


def _server(values: Values) -> ServerSpec:
    url, address = values["url"].strip(), values["address"].strip()
    words = ["--url", url, "--sign-in", values["sign_in"], "--key-name", values["key_name"].strip()]
    words += ["--address", address] if address else []
    words += ["--write"] if values["writes"] else []
    hosts = dict.fromkeys([place(url), *([place(address)] if address else [])])
    return StdioSpec("openapi", tuple(words), (("token", "SERVER_TOKEN"),), tuple(hosts))


CARD = RunCard(
    name="openapi",
    title="REST API",
    about="Any web service with an OpenAPI description: each of its operations becomes a tool.",
    fields=(
        Field(
            "url",
            "Description",
            hint="The address of its OpenAPI or Swagger document, JSON or YAML.",
            placeholder="https://api.example.com/openapi.json",
            check=web_address,
        ),
        Field(
            "address",
            "Address of the API",
            hint="Only where it is at another host than its description.",
            placeholder="https://api.example.com/v1",
            check=_optional_address,
        ),
        SIGN_IN,
        KEY_NAME,
        WRITES,
        TOKEN,
    ),
    server=_server,
    own_server=True,
    icon=":satellite:",
    notes=("What it reads by GET runs without asking.",),
    example="What can you look up in my API?",
    questions=("Show me the newest entries.", "What do you know about number 42?"),
    documentation="https://learn.openapis.org/",
)

"""Any GraphQL service, by a server of ours in the sandbox."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.apis.sign_in import KEY_NAME, SIGN_IN, TOKEN, place
from run_cards.card import Field, RunCard, Values
from run_cards.checks import web_address
from run_cards.common_fields import WRITES


def _server(values: Values) -> ServerSpec:
    url = values["url"].strip()
    words = ["--url", url, "--sign-in", values["sign_in"], "--key-name", values["key_name"].strip()]
    words += ["--write"] if values["writes"] else []
    return StdioSpec("graphql", tuple(words), (("token", "SERVER_TOKEN"),), (place(url),))


CARD = RunCard(
    name="graphql",
    title="GraphQL",
    about="Any GraphQL service: its schema, queries, and changes if you ask for them.",
    fields=(
        Field(
            "url",
            "Address",
            hint="It often ends in /graphql.",
            placeholder="https://api.example.com/graphql",
            check=web_address,
        ),
        SIGN_IN,
        KEY_NAME,
        WRITES,
        TOKEN,
    ),
    server=_server,
    reads=frozenset({"describe_schema", "query"}),
    icon=":link:",
    example="What can be queried in my GraphQL service?",
    questions=("Show me the newest entries.", "Which fields does the type User have?"),
    documentation="https://graphql.org/learn/",
)

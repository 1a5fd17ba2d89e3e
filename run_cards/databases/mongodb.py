"""One MongoDB database, by a server of ours in the sandbox."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.card import Field, RunCard, Values
from run_cards.common_fields import PASSWORD, TLS, WRITES, database_address, places

EXAMPLE = "mongodb://reader@db.example.com:27017/shop"
NO_SRV = "Use the standard address, which names the hosts themselves, instead of mongodb+srv://: such as " + EXAMPLE


def _address(value: str) -> str | None:
    if value.strip().startswith("mongodb+srv:"):
        return NO_SRV
    return database_address(value, ("mongodb",), EXAMPLE, several=True)


def _server(values: Values) -> ServerSpec:
    address = values["address"].strip()
    return StdioSpec(
        "mongodb",
        ("--address", address, "--tls", values["tls"], *(["--write"] if values["writes"] else [])),
        (("password", "SERVER_PASSWORD"),),
        places(address, 27017),
    )


CARD = RunCard(
    name="mongodb",
    title="MongoDB",
    about="Collections and documents of one database. It only reads, unless you ask for more.",
    fields=(
        Field(
            "address",
            "Address",
            hint="Without the password; hosts of a replica set with commas between.",
            placeholder=EXAMPLE,
            check=_address,
        ),
        TLS,
        WRITES,
        PASSWORD,
    ),
    server=_server,
    reads=frozenset({"list_collections", "describe_collection", "find", "count", "aggregate"}),
    icon=":seedling:",
    example="Which collections are in my database?",
    questions=("Show me the five newest orders.", "How many customers are there in each country?"),
    documentation="https://www.mongodb.com/docs/manual/reference/connection-string/",
)

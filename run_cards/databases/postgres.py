"""One PostgreSQL database, by a server of ours in the sandbox."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.argument_checks.sql import only_reads
from run_cards.card import Field, RunCard, Values
from run_cards.common_fields import PASSWORD, TLS, WRITES, database_address, places

SCHEMES, EXAMPLE = ("postgresql", "postgres"), "postgresql://reader@db.example.com:5432/shop"


def _address(value: str) -> str | None:
    return database_address(value, SCHEMES, EXAMPLE)


def _server(values: Values) -> ServerSpec:
    address = values["address"].strip()
    return StdioSpec(
        "postgres",
        ("--address", address, "--tls", values["tls"], *(["--write"] if values["writes"] else [])),
        (("password", "SERVER_PASSWORD"),),
        places(address, 5432),
    )


CARD = RunCard(
    name="postgres",
    title="PostgreSQL",
    about="Tables, columns and queries of one database. It only reads, unless you ask for more.",
    fields=(
        Field("address", "Address", hint="Without the password.", placeholder=EXAMPLE, check=_address),
        TLS,
        WRITES,
        PASSWORD,
    ),
    server=_server,
    reads=frozenset({"list_tables", "describe_table", "query"}),
    icon=":elephant:",
    example="Which tables are in my database?",
    questions=("How many orders came in last week, by day?", "Which columns does the customers table have?"),
    documentation="https://www.postgresql.org/docs/current/libpq-connect.html",
    argument_checks={"query": only_reads("sql")},
)

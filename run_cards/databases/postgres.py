"""One PostgreSQL database, by a server of ours in the sandbox."""

from run_cards.argument_checks.sql import only_reads
from run_cards.card import RunCard
from run_cards.common_fields import database_address, database_fields, database_server

SCHEMES, EXAMPLE = ("postgresql", "postgres"), "postgresql://reader@db.example.com:5432/shop"


def _address(value: str) -> str | None:
    return database_address(value, SCHEMES, EXAMPLE)


CARD = RunCard(
    name="postgres",
    title="PostgreSQL",
    about="Tables, columns and queries of one database. It only reads, unless you ask for more.",
    fields=database_fields(EXAMPLE, _address),
    server=database_server("postgres", 5432),
    reads=frozenset({"list_tables", "describe_table", "query"}),
    icon=":elephant:",
    example="Which tables are in my database?",
    questions=("How many orders came in last week, by day?", "Which columns does the customers table have?"),
    documentation="https://www.postgresql.org/docs/current/libpq-connect.html",
    argument_checks={"query": only_reads("sql")},
)

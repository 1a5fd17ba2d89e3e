"""One Redis database, by a server of ours in the sandbox."""

from run_cards.card import RunCard
from run_cards.common_fields import database_address, database_fields, database_server

EXAMPLE = "redis://reader@cache.example.com:6379/0"


def _address(value: str) -> str | None:
    if complaint := database_address(value, ("redis", "rediss"), EXAMPLE, named=False):
        return complaint
    number = value.strip().partition("://")[2].partition("/")[2].strip("/")
    return None if not number or number.isdecimal() else f"Databases have numbers: {EXAMPLE}"


CARD = RunCard(
    name="redis",
    title="Redis",
    about="Keys and values of one database. It only reads, unless you ask for more.",
    fields=database_fields(EXAMPLE, _address),
    server=database_server("redis", 6379),
    reads=frozenset({"scan_keys", "read"}),
    icon=":zap:",
    example="Which keys are in my Redis?",
    questions=("What is stored under user:42?", "How much longer do the keys session:* live?"),
    documentation="https://redis.io/docs/latest/commands/",
)

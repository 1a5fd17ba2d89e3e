"""One Redis database, by a server of ours in the sandbox."""

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.card import Field, RunCard, Values
from run_cards.common_fields import PASSWORD, TLS, WRITES, database_address, places

EXAMPLE = "redis://reader@cache.example.com:6379/0"


def _address(value: str) -> str | None:
    if complaint := database_address(value, ("redis", "rediss"), EXAMPLE, named=False):
        return complaint
    number = value.strip().partition("://")[2].partition("/")[2].strip("/")
    return None if not number or number.isdecimal() else f"Databases have numbers: {EXAMPLE}"


def _server(values: Values) -> ServerSpec:
    address = values["address"].strip()
    return StdioSpec(
        "redis",
        ("--address", address, "--tls", values["tls"], *(["--write"] if values["writes"] else [])),
        (("password", "SERVER_PASSWORD"),),
        places(address, 6379),
    )


CARD = RunCard(
    name="redis",
    title="Redis",
    about="Keys and values of one database. It only reads, unless you ask for more.",
    fields=(
        Field("address", "Address", hint="Without the password.", placeholder=EXAMPLE, check=_address),
        TLS,
        WRITES,
        PASSWORD,
    ),
    server=_server,
    reads=frozenset({"scan_keys", "read"}),
    icon=":zap:",
    example="Which keys are in my Redis?",
    questions=("What is stored under user:42?", "How much longer do the keys session:* live?"),
    documentation="https://redis.io/docs/latest/commands/",
)

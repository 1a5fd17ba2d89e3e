"""Questions that several cards ask, and the checks of their answers."""

import re
from collections.abc import Callable, Collection, Mapping
from urllib.parse import unquote, urlsplit

from mcp_runtime.specs import ServerSpec, StdioSpec
from run_cards.checks import MAX_URL, one_word
from run_cards.fields import ON, Field, Kind, Option

LOWEST_PORT = 1024
"""What a sandbox can listen to on the way out."""
HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")

TLS = Field(
    "tls",
    "Encryption",
    hint="Leave it as it is, unless the database has a certificate of its own making.",
    kind=Kind.CHOICE,
    options=(
        Option("checked", "TLS, and its certificate is checked"),
        Option("unchecked", "TLS with any certificate"),
        Option("none", "None"),
    ),
    default="checked",
)
WRITES = Field(
    "writes",
    "Changes",
    hint="Off: it only reads. On: there are tools that change something too, and each call asks you first.",
    kind=Kind.SWITCH,
)
READ_ONLY = Field(
    "read_only",
    "Read only",
    hint="On: no tool of it can change anything. Off: those that do ask you first.",
    kind=Kind.SWITCH,
    default=ON,
)


def password(value: str) -> str | None:
    """Of a database; some have none."""
    if len(value) > 1000 or "\n" in value or "\0" in value:
        return "A password is one line of at most 1000 characters."
    return None


PASSWORD = Field(
    "password",
    "Password",
    hint="Of the user in the address. Best is one who may only read. Empty: there is none.",
    secret=True,
    check=password,
)


def optional_token(value: str) -> str | None:
    return one_word(value)


def database_address(value: str, schemes: Collection[str], example: str, *, named: bool = True) -> str | None:
    """``named``: the database has to be named behind the host."""
    value = value.strip()
    try:
        parts = urlsplit(value)
        user, password = parts.username, parts.password
    except ValueError:
        return f"This is no address of a database: one looks like {example}"
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in schemes or len(value) > MAX_URL or not value.isprintable() or " " in value:
        return f"It starts with {schemes_told(schemes)}, such as {example}"
    if password is not None:
        return "Leave the password out of the address, where it would not be sealed: I ask for it by itself."
    if parts.query or parts.fragment:
        return "Leave out what follows the database's name: all else is asked below."
    if not _is_host(host):
        return f"The host and its port stand behind the user, such as {example}. A port is {LOWEST_PORT} or higher."
    path = unquote(parts.path.strip("/"))
    if "/" in path or (named and not path):
        return f"The name of one database stands at the end, such as {example}"
    return None if user is None or user else "The user's name is empty."


def schemes_told(schemes: Collection[str]) -> str:
    return " or ".join(f"{each}://" for each in schemes)


def places(address: str, port: int) -> tuple[str, ...]:
    """Each host and port of the address, as a sandbox is told where it may connect to."""
    hosts = urlsplit(address.strip()).netloc.rpartition("@")[2].split(",")
    return tuple(f"tcp://{each}" if re.search(r":\d+$", each) else f"tcp://{each}:{port}" for each in hosts)


def database_fields(example: str, check: Callable[[str], str | None]) -> tuple[Field, ...]:
    """What every database asks: where it is, how that is encrypted, whether it may be changed, the password."""
    address = Field("address", "Address", hint="Without the password.", placeholder=example, check=check)
    return address, TLS, WRITES, PASSWORD


def database_server(program: str, port: int) -> Callable[[Mapping[str, str]], ServerSpec]:
    """A server of ours that reaches the hosts of the address and nothing else; ``port`` where none is said."""

    def server(values: Mapping[str, str]) -> ServerSpec:
        address = values["address"].strip()
        writes = ["--write"] if values["writes"] else []
        arguments = ("--address", address, "--tls", values["tls"], *writes)
        return StdioSpec(program, arguments, (("password", "SERVER_PASSWORD"),), places(address, port))

    return server


def _is_host(text: str) -> bool:
    host, colon, port = text.rpartition(":") if re.search(r":\d*$", text) and not text.endswith("]") else (text, "", "")
    if colon and not (port.isdecimal() and LOWEST_PORT <= int(port) < 65536):
        return False
    return HOST.fullmatch(host) is not None

"""How to reach an MCP server, with no secret in it, and where its secrets go."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Secrets = Mapping[str, str]
"""A connection's secrets, open, by the name of the card's field that each was entered in."""

TOKEN = "token"  # noqa: S105  a field's name
"""The field of a connection's one secret, where it has no more than that."""


@dataclass(frozen=True)
class SecretPlace:
    """The request header that carries the secret of one field."""

    field: str = TOKEN
    header: str = "Authorization"
    prefix: str = "Bearer "

    def value(self, secret: str) -> str:
        """A token is one word: one that has more brings its own scheme («Basic …»)."""
        return secret if " " in secret else self.prefix + secret


BEARER = (SecretPlace(),)


@dataclass(frozen=True)
class HttpSpec:
    """A server over Streamable HTTP. A place whose field has no secret sends no header."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    secrets: tuple[SecretPlace, ...] = BEARER

    @property
    def secret_fields(self) -> tuple[str, ...]:
        return tuple(place.field for place in self.secrets)

    def with_secrets(self, secrets: Secrets) -> dict[str, str]:
        """All the headers of a request."""
        placed = {each.header: each.value(secrets[each.field]) for each in self.secrets if each.field in secrets}
        return dict(self.headers) | placed


COMMAND = "command"
"""The program of a `StdioSpec` whose `Command` says what runs."""


@dataclass(frozen=True)
class Command:
    """What an administrator confirmed, word by word; it is run as it stands here, by no shell."""

    words: tuple[str, ...]
    """The first is the real path of the program."""
    files: tuple[tuple[str, str], ...]
    """Each file among them, and what reads it, with the SHA-256 of what it held."""
    variables: tuple[tuple[str, str], ...] = ()
    megabytes: int = 256
    """Of memory."""


@dataclass(frozen=True)
class StdioSpec:
    """A server that runs as our child, in a sandbox; it has no network but what ``network`` names.

    ``program`` names an entry of the operator's own list (`mcp_runtime.programs`), or is `COMMAND`: that runs only
    while the card that an administrator confirmed says the same, which its `pin` tells.
    """

    program: str
    arguments: tuple[str, ...] = ()
    secret_variables: tuple[tuple[str, str], ...] = ()
    """Pairs of a field and the environment variable that takes its secret."""
    network: tuple[str, ...] = ()
    """Hosts that it may reach: ``api.example.org``, ``*.example.org``, ``host:port`` through a proxy for HTTP,
    ``tcp://host:port`` for all else (inside it has the same name and port; see `sandbox.network.destinations`)."""
    folders: tuple[str, ...] = ()
    """Names of folders that the operator allowed; inside they are ``/srv/folders/NAME``."""
    command: Command | None = None

    @property
    def secret_fields(self) -> tuple[str, ...]:
        return tuple(field for field, _ in self.secret_variables)

    def with_secrets(self, secrets: Secrets) -> dict[str, str]:
        """The variables of its environment that hold a secret."""
        return {variable: secrets[field] for field, variable in self.secret_variables if field in secrets}


ServerSpec = HttpSpec | StdioSpec


def as_json(spec: ServerSpec) -> dict[str, Any]:
    said = {name: value for name, value in asdict(spec).items() if value is not None}
    return {"transport": "http" if isinstance(spec, HttpSpec) else "stdio", **said}


def pin(spec: ServerSpec) -> str:
    """A hash over all of it: of two that differ in anything, it differs."""
    return hashlib.sha256(json.dumps(as_json(spec), sort_keys=True).encode()).hexdigest()


def from_json(stored: Mapping[str, Any]) -> ServerSpec:
    """The opposite of `as_json`; it reads what was stored when a connection had one secret at most, too."""
    if stored["transport"] == "http":
        places = tuple(SecretPlace(**each) for each in stored["secrets"]) if "secrets" in stored else BEARER
        return HttpSpec(stored["url"], tuple((name, value) for name, value in stored["headers"]), places)
    older = ((TOKEN, stored["secret_variable"]),) if stored.get("secret_variable") else ()
    variables = tuple((field, variable) for field, variable in stored.get("secret_variables", older))
    command = _command(stored["command"]) if stored.get("command") else None
    return StdioSpec(stored["program"], tuple(stored["arguments"]), variables, **_bounds(stored), command=command)


def _command(stored: Mapping[str, Any]) -> Command:
    pairs = {name: tuple((key, value) for key, value in stored[name]) for name in ("files", "variables")}
    return Command(tuple(stored["words"]), megabytes=stored["megabytes"], **pairs)


def _bounds(stored: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Rows of older versions have none."""
    return {name: tuple(stored.get(name, ())) for name in ("network", "folders")}

"""How to reach an MCP server, with no secret in it, and where its secrets go."""

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
        placed = {each.header: each.prefix + secrets[each.field] for each in self.secrets if each.field in secrets}
        return dict(self.headers) | placed


@dataclass(frozen=True)
class StdioSpec:
    """A server that runs as our child, in a sandbox; it has no network but what ``network`` names.

    ``program`` names an entry of the operator's own list (`mcp_runtime.programs`): a stored row can
    never name a command.
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

    @property
    def secret_fields(self) -> tuple[str, ...]:
        return tuple(field for field, _ in self.secret_variables)

    def with_secrets(self, secrets: Secrets) -> dict[str, str]:
        """The variables of its environment that hold a secret."""
        return {variable: secrets[field] for field, variable in self.secret_variables if field in secrets}


ServerSpec = HttpSpec | StdioSpec


def as_json(spec: ServerSpec) -> dict[str, Any]:
    return {"transport": "http" if isinstance(spec, HttpSpec) else "stdio", **asdict(spec)}


def from_json(stored: Mapping[str, Any]) -> ServerSpec:
    """The opposite of `as_json`; it reads what was stored when a connection had one secret at most, too."""
    if stored["transport"] == "http":
        places = tuple(SecretPlace(**each) for each in stored["secrets"]) if "secrets" in stored else BEARER
        return HttpSpec(stored["url"], tuple((name, value) for name, value in stored["headers"]), places)
    older = ((TOKEN, stored["secret_variable"]),) if stored.get("secret_variable") else ()
    variables = tuple((field, variable) for field, variable in stored.get("secret_variables", older))
    return StdioSpec(stored["program"], tuple(stored["arguments"]), variables, **_bounds(stored))


def _bounds(stored: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Rows of older versions have none."""
    return {name: tuple(stored.get(name, ())) for name in ("network", "folders")}

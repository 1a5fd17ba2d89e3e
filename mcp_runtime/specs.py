"""How to reach an MCP server, with no secret in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class HttpSpec:
    """A server over Streamable HTTP; a secret, when there is one, goes as a bearer token."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class StdioSpec:
    """A server that runs as our child, in a sandbox; it has no network but what ``network`` names.

    ``program`` names an entry of the operator's own list (`mcp_runtime.programs`): a stored row can
    never name a command.
    """

    program: str
    arguments: tuple[str, ...] = ()
    secret_variable: str = ""
    """The environment variable that takes the secret; empty: there is none."""
    network: tuple[str, ...] = ()
    """Hosts that it may reach: ``api.example.org``, ``*.example.org``, ``host:port`` through a proxy for HTTP,
    ``tcp://host:port`` for all else (inside it has the same name and port; see `sandbox.network.destinations`)."""
    folders: tuple[str, ...] = ()
    """Names of folders that the operator allowed; inside they are ``/srv/folders/NAME``."""


ServerSpec = HttpSpec | StdioSpec


def as_json(spec: ServerSpec) -> dict[str, Any]:
    return {"transport": "http" if isinstance(spec, HttpSpec) else "stdio", **asdict(spec)}


def from_json(stored: Mapping[str, Any]) -> ServerSpec:
    """The opposite of `as_json`."""
    if stored["transport"] == "http":
        return HttpSpec(stored["url"], tuple((name, value) for name, value in stored["headers"]))
    return StdioSpec(stored["program"], tuple(stored["arguments"]), stored["secret_variable"], **_bounds(stored))


def _bounds(stored: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Rows of older versions have none."""
    return {name: tuple(stored.get(name, ())) for name in ("network", "folders")}

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
    """A server that runs as our child, in a sandbox without network.

    ``program`` names an entry of the operator's own list (`mcp_runtime.programs`): a stored row can
    never name a command.
    """

    program: str
    arguments: tuple[str, ...] = ()
    secret_variable: str = ""
    """The environment variable that takes the secret; empty: there is none."""


ServerSpec = HttpSpec | StdioSpec


def as_json(spec: ServerSpec) -> dict[str, Any]:
    return {"transport": "http" if isinstance(spec, HttpSpec) else "stdio", **asdict(spec)}


def from_json(stored: Mapping[str, Any]) -> ServerSpec:
    """The opposite of `as_json`."""
    if stored["transport"] == "http":
        return HttpSpec(stored["url"], tuple((name, value) for name, value in stored["headers"]))
    return StdioSpec(stored["program"], tuple(stored["arguments"]), stored["secret_variable"])

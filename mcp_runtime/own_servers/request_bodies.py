"""The body of a request in the media type that its operation takes."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx2
from mcp.server.mcpserver.exceptions import ToolError

from mcp_runtime.own_servers.openapi_parameters import plain

FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
NO_FIELDS = "The body has to be an object, whose members are the form's fields."


@dataclass(frozen=True)
class Body:
    content: bytes
    kind: str = JSON


def is_json(kind: str) -> bool:
    """Also of those that are built upon it, such as `application/vnd.api+json`."""
    return "json" in kind.lower()


def best(kinds: list[str]) -> str:
    """Of several that are taken, the one in which a model can say the most."""
    return next(
        (each for each in kinds if is_json(each)), next((each for each in (FORM, PARTS) if each in kinds), kinds[0])
    )


def as_json(value: Any) -> Body:
    return Body(json.dumps(value, ensure_ascii=False).encode())


def body_of(kind: str, value: Any) -> Body | None:
    """Raises ToolError for what no form can hold."""
    if value is None:
        return None
    if is_json(kind):
        return Body(as_json(value).content, kind)
    if kind not in (FORM, PARTS):
        return Body(plain(value).encode(), kind)
    if not isinstance(value, dict):
        raise ToolError(NO_FIELDS)
    fields = [(str(name), plain(each)) for name, given in value.items() for each in _each(given)]
    if kind == FORM:
        return Body(urlencode(fields).encode(), kind)
    made = httpx2.Request("POST", "http://localhost", files=[(name, (None, text)) for name, text in fields])
    return Body(made.read(), made.headers["content-type"])


def _each(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]

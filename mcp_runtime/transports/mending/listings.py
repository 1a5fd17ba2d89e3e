"""Listings of tools: a tool that the SDK would refuse is mended, or left out and named, and the others stay."""

from typing import Any

from mcp import types
from mcp.shared.inbound import find_invalid_x_mcp_header
from mcp_types import methods
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_runtime.left_out import (
    BEYOND,
    MAX_TOOLS,
    NO_NAME,
    NO_SCHEMA,
    NO_TOOL,
    ODD_HEADERS,
    UNNAMED,
    UNREADABLE,
    LeftOut,
)
from mcp_runtime.transports.mending.messages import BARE
from mcp_runtime.transports.mending.schemas import object_schema

SCHEMA_NAMES = ("inputSchema", "input_schema", "parameters")
"""As the protocol spells it, and as other interfaces do."""


def mended_listing(page: dict[str, Any], version: str) -> list[LeftOut]:
    """In place. What the SDK takes is left as it is, to the letter: members have accepted it so."""
    tools = page.get("tools")
    dropped: list[LeftOut] = []
    if not isinstance(tools, list) or flaws(page, version):
        found = _tools_of(page.pop(BARE, None) if tools is None else tools)
        cursor = page.get("nextCursor")
        page.clear()
        kept = [each for tool in found[:MAX_TOOLS] if (each := _kept(tool, version, dropped))]
        page |= _frame(version) | {"tools": kept}
        if len(found) > MAX_TOOLS:
            dropped.append(BEYOND)
        if isinstance(cursor, (str, int)) and not isinstance(cursor, bool):
            page["nextCursor"] = str(cursor)
    if version in MODERN_PROTOCOL_VERSIONS:
        _drop_odd_headers(page, dropped)
    return dropped


def flaws(page: dict[str, Any], version: str) -> list[tuple[int | str, ...]]:
    """Where the SDK would find fault with this listing."""
    try:
        methods.validate_server_result("tools/list", version, page)
        types.ListToolsResult.model_validate(page, by_name=False)
    except ValidationError as exc:
        return [error["loc"] for error in exc.errors(include_input=False, include_url=False)]
    return []


def _frame(version: str) -> dict[str, Any]:
    modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    return modern if version in MODERN_PROTOCOL_VERSIONS else {}


def _tools_of(given: Any) -> list[Any]:
    """An object in place of a list holds them by number, as PHP's filtered arrays do, or by name."""
    if isinstance(given, dict):
        named = {key: {} if key.isdecimal() else {"name": key} for key in given}
        given = [named[key] | each if isinstance(each, dict) else each for key, each in given.items()]
    return given if isinstance(given, list) else []


def _kept(tool: Any, version: str, dropped: list[LeftOut]) -> dict[str, Any] | None:
    if not isinstance(tool, dict):
        dropped.append(LeftOut(UNNAMED, NO_TOOL))
        return None
    if not _flawed(tool, version):
        return tool
    mended = _mended(tool)
    for member in _flawed(mended, version) - {"name", "inputSchema"}:
        del mended[member]  # it is an extra: the tool works without it
    faults = _flawed(mended, version)
    if not faults:
        return mended
    reason = NO_NAME if "name" in faults else NO_SCHEMA if "inputSchema" in faults else UNREADABLE
    dropped.append(LeftOut(mended["name"] if isinstance(mended.get("name"), str) else UNNAMED, reason))
    return None


def _flawed(tool: dict[str, Any], version: str) -> set[str]:
    """The members of it that the SDK would refuse."""
    found = flaws(_frame(version) | {"tools": [tool]}, version)
    return {str(place[2]) if len(place) > 2 else "inputSchema" for place in found}


def _mended(tool: dict[str, Any]) -> dict[str, Any]:
    mended = {key: value for key, value in tool.items() if value is not None and key not in SCHEMA_NAMES}
    if isinstance(mended.get("name"), int):
        mended["name"] = str(mended["name"])
    if isinstance(mended.get("annotations"), dict):
        mended["annotations"] = {key: value for key, value in mended["annotations"].items() if value is not None}
    if isinstance(mended.get("outputSchema"), dict):
        mended["outputSchema"] = object_schema(mended["outputSchema"])
    mended["inputSchema"] = object_schema(next((tool[key] for key in SCHEMA_NAMES if tool.get(key)), None))
    return mended


def _drop_odd_headers(page: dict[str, Any], dropped: list[LeftOut]) -> None:
    """The SDK leaves these out without a word."""
    kept = [tool for tool in page["tools"] if find_invalid_x_mcp_header(tool["inputSchema"]) is None]
    if len(kept) < len(page["tools"]):
        names = {tool["name"] for tool in kept}
        dropped += [LeftOut(tool["name"], ODD_HEADERS) for tool in page["tools"] if tool["name"] not in names]
        page["tools"] = kept

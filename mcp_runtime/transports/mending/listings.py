"""Listings of tools: a tool that the SDK would refuse is mended, or left out and named, and the others stay."""

import json
import zlib
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from mcp import types
from mcp.shared.inbound import X_MCP_HEADER_KEY, find_invalid_x_mcp_header
from mcp_types import methods
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_runtime.left_out import (
    ALL_TOO_LARGE,
    BEYOND,
    MARK,
    MAX_SCHEMA,
    MAX_SCHEMAS,
    MAX_TOOLS,
    NO_NAME,
    NO_SCHEMA,
    NO_TOOL,
    ODD_HEADERS,
    TOO_LARGE,
    UNNAMED,
    UNPINNED,
    UNREADABLE,
    LeftOut,
)
from mcp_runtime.transports.fair_turns import FairTurns
from mcp_runtime.transports.mending.messages import BARE
from mcp_runtime.transports.mending.schemas import object_schema

SCHEMA_NAMES = ("inputSchema", "input_schema", "parameters")
"""As the protocol spells it, and as other interfaces do."""
OF_A_TOOL = {field.alias or name for name, field in types.Tool.model_fields.items()}.union(SCHEMA_NAMES) - set(UNPINNED)
OF_A_PAGE = ("nextCursor", "ttlMs", "cacheScope", "resultType")
"""What is read beside the tools."""
SPARE = 2
"""Times what may be offered are looked at, what is left out with them: mending may make a definition smaller."""
Aside = list[tuple[types.Tool, int]]
"""Tools as they were read, each with the number of its characters."""
PLAIN = {"name": "plain", "inputSchema": {"type": "object"}}


def _unpacked(tool: Any, cleaned: Callable[[Any], Any]) -> Any:
    """One of a large page came as a text, to be read when its turn comes, without what was left out of all others."""
    if not isinstance(tool, dict) or not isinstance(packed := tool.get(MARK), str):
        return tool
    if tool["size"] > 2 * SPARE * MAX_SCHEMA:
        return {"name": tool["name"], "description": "." * (SPARE * MAX_SCHEMA), "inputSchema": {}}
    return cleaned(json.loads(zlib.decompress(b64decode(packed))))


async def mended_listing(
    page: dict[str, Any],
    version: str,
    turns: FairTurns | None = None,
    cleaned: Callable[[Any], Any] = lambda tool: tool,
    aside: Aside | None = None,
) -> list[LeftOut]:
    """In place. What the SDK takes is left as it is, to the letter: members have accepted it so.

    Each tool is looked at by itself, once it is known to be of a bearable size, and between two of them all others
    have their turn: to find fault with a whole page for each bad tool took seconds of everybody's time.

    ``aside``: there each tool is put as it was read, and the page gets a small one in the place of all that follow each
    other, since the SDK reads all of a page once more, twice and in one go. `put_aside` leads from that to these.
    """
    turns = turns or FairTurns()
    found = _tools_of(page.pop(BARE, None) if page.get("tools") is None else page["tools"])
    sieve = _Sieve(version, aside)
    for tool in found[:MAX_TOOLS]:
        turns.work(lambda tool=tool: sieve.take(_unpacked(tool, cleaned)))  # type: ignore[misc]
        await turns.others()
    if len(found) > MAX_TOOLS:
        sieve.dropped.append(BEYOND)
    frame = _frame(page, version)
    page.clear()
    page |= frame | {"tools": sieve.kept}
    return sieve.dropped


def put_aside(tool: types.Tool, aside: Aside) -> Aside:
    """The tools that this one stands for, or itself."""
    places = (tool.meta or {}).get(MARK)
    return [(tool, len(tool.model_dump_json()))] if places is None else aside[slice(*places)]


def _read(page: dict[str, Any], version: str) -> types.ListToolsResult | None:
    """As the SDK reads it; None when it would find a fault with it."""
    try:
        methods.validate_server_result("tools/list", version, page)
        return types.ListToolsResult.model_validate(page, by_name=False)
    except ValidationError:
        return None


def _frame(page: dict[str, Any], version: str) -> dict[str, Any]:
    """What stands beside the tools, without what nobody reads."""
    frame = {name: page[name] for name in OF_A_PAGE if name in page}
    if _read(frame | {"tools": []}, version):
        return frame
    plain = _plain_frame(version)
    cursor = frame.get("nextCursor")
    if isinstance(cursor, (str, int)) and not isinstance(cursor, bool):
        plain["nextCursor"] = str(cursor)
    return plain


def _plain_frame(version: str) -> dict[str, Any]:
    modern = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    return modern if version in MODERN_PROTOCOL_VERSIONS else {}


def _tools_of(given: Any) -> list[Any]:
    """An object in place of a list holds them by number, as PHP's filtered arrays do, or by name."""
    if isinstance(given, dict):
        named = {key: {} if key.isdecimal() else {"name": key} for key in given}
        given = [named[key] | each if isinstance(each, dict) else each for key, each in given.items()]
    return given if isinstance(given, list) else []


class _Sieve:
    """The tools of one page: those that are kept, and those left out, with the reason."""

    def __init__(self, version: str, aside: Aside | None = None) -> None:
        self.kept: list[dict[str, Any]] = []
        self._aside = aside
        self.dropped: list[LeftOut] = []
        self._version = version
        self._to_look_at, self._room = SPARE * MAX_SCHEMAS, MAX_SCHEMAS

    def take(self, given: Any) -> None:
        if not isinstance(given, dict):
            self.dropped.append(LeftOut(UNNAMED, NO_TOOL))
            return
        tool = {name: value for name, value in given.items() if name in OF_A_TOOL}
        text = json.dumps(tool) if self._to_look_at > 0 else ""
        size = len(text)
        self._to_look_at -= size
        if self._to_look_at <= 0 or size > self._room:
            self._drop(tool, ALL_TOO_LARGE.format(MAX_SCHEMAS // 1_000_000))
        elif size > SPARE * MAX_SCHEMA:
            self._drop(tool, TOO_LARGE.format(MAX_SCHEMA // 1000))
        elif (kept := self._mended(tool)) is not None:
            self._keep(*kept, size, headers=X_MCP_HEADER_KEY in text)

    def _keep(self, tool: dict[str, Any], read: types.Tool, size: int, *, headers: bool) -> None:
        headers = headers and self._version in MODERN_PROTOCOL_VERSIONS
        if headers and find_invalid_x_mcp_header(tool["inputSchema"]) is not None:
            self._drop(tool, ODD_HEADERS)  # the SDK leaves it out without a word
            return
        self._room -= size
        if headers or self._aside is None:  # the SDK learns from its schema what to send beside a call
            self.kept.append(tool)
            return
        self._aside.append((read, size))
        here = len(self._aside)
        if self.kept and (places := self.kept[-1].get("_meta", {}).get(MARK)):
            places[1] = here
        else:
            self.kept.append(PLAIN | {"_meta": {MARK: [here - 1, here]}})

    def _mended(self, tool: dict[str, Any]) -> tuple[dict[str, Any], types.Tool] | None:
        """With it, how it is read."""
        if (read := self._read(tool)) is not None:
            return tool, read
        mended = _mended(tool)
        if (read := self._read(mended)) is not None:
            return mended, read
        for member in self._flawed(mended) - {"name", "inputSchema"}:
            del mended[member]  # it is an extra: the tool works without it
        if (read := self._read(mended)) is not None:
            return mended, read
        faults = self._flawed(mended)
        self._drop(mended, NO_NAME if "name" in faults else NO_SCHEMA if "inputSchema" in faults else UNREADABLE)
        return None

    def _read(self, tool: dict[str, Any]) -> types.Tool | None:
        page = _read(_plain_frame(self._version) | {"tools": [tool]}, self._version)
        return page.tools[0] if page is not None else None

    def _flawed(self, tool: dict[str, Any]) -> set[str]:
        """The members of it that the SDK would refuse; what is wrong with each would be thousands of faults."""
        absent = PLAIN.keys() - tool.keys()
        return {name for name in tool if self._read(PLAIN | {name: tool[name]}) is None} | absent

    def _drop(self, tool: dict[str, Any], reason: str) -> None:
        self.dropped.append(LeftOut(tool["name"] if isinstance(tool.get("name"), str) else UNNAMED, reason))


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

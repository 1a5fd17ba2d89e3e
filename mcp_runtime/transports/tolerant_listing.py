"""Keep a server usable when some of its tools are malformed: drop those, keep the others."""

from typing import Any

from mcp import Client, types
from mcp.shared.message import SessionMessage
from mcp_types import PROTOCOL_VERSION_META_KEY, methods
from pydantic import ValidationError

from mcp_runtime.transports.watched_streams import Item, ObservedRead, ObservedWrite, Streams, Transport

MAX_PAGES = 50
MAX_TOOLS = 1000


class TolerantTools:
    """``Client(TolerantTools(transport))``; ``dropped`` maps each refused tool to the reason.

    The SDK checks a listing as a whole, so one bad tool fails ``list_tools`` and, since it lists to check
    a result, every ``call_tool`` too, after the tool has run. Here the answer is mended on its way in.
    """

    def __init__(self, inner: Transport) -> None:
        self.dropped: dict[str, str] = {}
        self._inner = inner
        self._version = types.LATEST_PROTOCOL_VERSION
        self._listings: set[Any] = set()
        self._handshake: Any = None

    async def __aenter__(self) -> Streams:
        read, write = await self._inner.__aenter__()
        return ObservedRead(read, on_item=self._inbound), ObservedWrite(write, on_item=self._outbound)

    async def __aexit__(self, *exc: Any) -> bool | None:
        return await self._inner.__aexit__(*exc)

    def _outbound(self, item: SessionMessage) -> None:
        message = item.message
        if not isinstance(message, types.JSONRPCRequest):
            return
        meta = (message.params or {}).get("_meta") or {}
        self._version = meta.get(PROTOCOL_VERSION_META_KEY, self._version)
        if message.method == "initialize":
            self._handshake = message.id
        elif message.method == "tools/list":
            self._listings.add(message.id)

    def _inbound(self, item: Item) -> Item:
        message = item.message if isinstance(item, SessionMessage) else None
        if isinstance(message, types.JSONRPCResponse):
            if message.id == self._handshake:
                self._version = message.result.get("protocolVersion", self._version)
            elif message.id in self._listings:
                self._listings.discard(message.id)
                self._sift(message.result)
        return item

    def _sift(self, page: dict[str, Any]) -> None:
        tools = page.get("tools")
        if not isinstance(tools, list) or flaw(page, self._version) is None:
            return
        kept = []
        for tool in tools:
            reason = flaw({**page, "tools": [tool]}, self._version)
            if reason is None:
                kept.append(tool)
            else:
                self.dropped[tool_name(tool)] = reason
        page["tools"] = kept


def flaw(page: dict[str, Any], version: str) -> str | None:
    """Why the SDK would refuse this listing, or None."""
    try:
        methods.validate_server_result("tools/list", version, page)
        types.ListToolsResult.model_validate(page, by_name=False)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return None


def tool_name(tool: Any) -> str:
    name = tool.get("name") if isinstance(tool, dict) else None
    return name if isinstance(name, str) else "(unnamed)"


async def list_every_tool(client: Client) -> list[types.Tool]:
    """All pages, past the response cache; the first of two tools with one name wins."""
    tools: dict[str, types.Tool] = {}
    if client.server_capabilities.tools is None:
        return []
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        for tool in page.tools:
            tools.setdefault(tool.name, tool)
        cursor = page.next_cursor
        if cursor is None or len(tools) >= MAX_TOOLS:
            break
    return list(tools.values())[:MAX_TOOLS]

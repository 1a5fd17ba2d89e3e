"""Keep a server usable whose answers are not quite as the protocol wants them: they are mended on their way in."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mcp import types
from mcp.shared.message import SessionMessage
from mcp_types import PROTOCOL_VERSION_META_KEY, UNSUPPORTED_PROTOCOL_VERSION
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_PROTOCOL_VERSION, MODERN_PROTOCOL_VERSIONS

from mcp_runtime.left_out import LeftOut
from mcp_runtime.transports.bounded_messages import bounded
from mcp_runtime.transports.mending.handshakes import (
    mended_handshake,
    named_versions,
    next_version,
    speaks_of_versions,
)
from mcp_runtime.transports.mending.listings import Aside, mended_listing, put_aside
from mcp_runtime.transports.mending.oddities import Oddities
from mcp_runtime.transports.mending.results import KNOWN, mended_result
from mcp_runtime.transports.refused_requests import refusal
from mcp_runtime.transports.watched_streams import Item, ObservedRead, ObservedWrite, Streams, Transport

PROBE_SECONDS = 2.5
"""The SDK itself would wait for ten; a server that only starts slowly is asked again, and answers then."""
UNEXPLAINED = (400, 406, 409, 412, 415, 422, 426, 501, 505)
"""What a server may answer to a version that it does not know, without a word of why."""
LONGEST_NUMBER = 20
"""Digits; Python refuses to read a number of thousands."""
MENDED = ("initialize", "tools/list", "tools/call")


class TolerantAnswers:
    """``Client(TolerantAnswers(transport, oddities))``; ``dropped`` are the tools left out of the listing asked last.

    The SDK checks an answer as a whole, so one bad tool fails ``list_tools``, and one bad block a call that has been
    made. A handshake whose version is refused is tried again with older ones, which the SDK does not do.
    """

    def __init__(self, inner: Transport, oddities: Oddities) -> None:
        self.dropped: list[LeftOut] = []
        self._aside: Aside = []
        self._inner = inner
        self._oddities = oddities
        self._version = LATEST_PROTOCOL_VERSION
        self._asked: dict[Any, str] = {}
        self._handshake: _Handshake | None = None
        self._read: Any = None
        self._write: Any = None
        self._probe: Any = None

    async def __aenter__(self) -> Streams:
        read, self._write = await self._inner.__aenter__()
        self._read = ObservedRead(read, on_item=self._inbound, on_silence=self._unknown)
        return self._read, ObservedWrite(self._write, on_item=self._outbound)

    async def __aexit__(self, *exc: Any) -> bool | None:
        return await self._inner.__aexit__(*exc)

    def listed(self, tools: Iterable[types.Tool]) -> Aside:
        """Of a page that the SDK has read, the tools that it stands for, which are kept here no longer."""
        found = [one for each in tools for one in put_aside(each, self._aside)]
        self._aside = []
        return found

    def _outbound(self, item: SessionMessage) -> None:
        message = item.message
        if not isinstance(message, types.JSONRPCRequest):
            return
        meta = (message.params or {}).get("_meta") or {}
        self._version = meta.get(PROTOCOL_VERSION_META_KEY, self._version)
        if message.method == "server/discover":
            self._probe = message.id
            self._read.expect_within(PROBE_SECONDS)
        if message.method == "initialize":
            self._handshake = _Handshake(item, message, [str((message.params or {}).get("protocolVersion"))])
        if message.method == "tools/list" and "cursor" not in (message.params or {}):
            self.dropped = []
            self._aside = []
        self._oddities.reading.asked[str(message.id)] = message.method
        if message.method in MENDED:
            self._asked[message.id] = message.method

    async def _inbound(self, item: Item) -> Item | None:
        message = item.message if isinstance(item, SessionMessage) else None
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            self._oddities.reading.asked.pop(str(message.id), None)
        if message is not None:
            await self._oddities.echoes.leave_out(message, self._oddities.budget)
        if isinstance(message, types.JSONRPCResponse):
            if await self._mend(self._asked.pop(_number(message.id), ""), message.result):
                return item
            return await self._bounded(item, message)
        if isinstance(message, types.JSONRPCError):
            method = self._asked.pop(_number(message.id), "")
            if method == "initialize" or message.error.code == UNSUPPORTED_PROTOCOL_VERSION:
                return await self._refused(item, message.error, opening=method == "initialize")
        elif message is not None and (answer := refusal(message)) is not None:
            await self._write.send(answer)
            return None
        return item if message is None else await self._bounded(item, message)

    async def _bounded(self, item: Item, message: types.JSONRPCMessage) -> Item | None:
        kept, answer = bounded(message)
        if answer is not None:
            await self._write.send(answer)
        return item if kept is message else None if kept is None else SessionMessage(kept)

    def _unknown(self) -> Item:
        """What a server should have said that does not know the question which the SDK asks first, and is silent."""
        error = types.ErrorData(code=types.METHOD_NOT_FOUND, message="it was not answered")
        return SessionMessage(types.JSONRPCError(jsonrpc="2.0", id=self._probe, error=error))

    async def _mend(self, method: str, result: dict[str, Any]) -> bool:
        """True when each part of it is known to be sound."""
        if method == "initialize":
            mended_handshake(result)
            version = result["protocolVersion"]
            if version in HANDSHAKE_PROTOCOL_VERSIONS:
                self._version = version
            else:
                self._note_versions([version])
        elif method == "tools/list":
            self.dropped += await mended_listing(
                result, self._version, self._oddities.budget, self._oddities.echoes.without, self._aside
            )
        elif method == "tools/call":
            self._oddities.budget.work(partial(mended_result, result, self._version))
            return result.get("resultType") in KNOWN
        return method in MENDED

    async def _refused(self, item: Item, error: types.ErrorData, *, opening: bool) -> Item | None:
        """None when the handshake was sent again, with another version."""
        told = f"{error.message} {self._oddities.said}"
        named = named_versions(told, error.data)
        if error.code == UNSUPPORTED_PROTOCOL_VERSION and not set(named).isdisjoint(MODERN_PROTOCOL_VERSIONS):
            return item  # the SDK asks again in the way that this server wants
        if error.code == UNSUPPORTED_PROTOCOL_VERSION or speaks_of_versions(told, error.data):
            self._note_versions(named)
        unexplained = error.code == types.INVALID_PARAMS or self._oddities.status in UNEXPLAINED
        if not opening or self._handshake is None or not (self._oddities.version_refused or unexplained):
            return item
        version = next_version(named, self._handshake.tried)
        if version is None:
            return item
        again = self._handshake.asking(version)
        self._asked[self._handshake.message.id] = "initialize"
        await self._write.send(again)
        return None

    def _note_versions(self, named: list[str]) -> None:
        """``named`` by the other side: what of it looks like a version may be shown, and nothing else."""
        ours = self._handshake.tried if self._handshake else []
        self._oddities.version_refused = True
        theirs = [each for each in dict.fromkeys(named) if each not in ours and len(each) <= 20 and _harmless(each)]
        self._oddities.versions = tuple(theirs[:5]) or self._oddities.versions


@dataclass
class _Handshake:
    item: SessionMessage
    message: types.JSONRPCRequest
    tried: list[str]

    def asking(self, version: str) -> SessionMessage:
        self.tried.append(version)
        params = (self.message.params or {}) | {"protocolVersion": version}
        return SessionMessage(self.message.model_copy(update={"params": params}), self.item.metadata)


def _number(told: Any) -> Any:
    """Some send the number back as a text, which the SDK takes as well."""
    numeric = isinstance(told, str) and told.isdecimal() and told.isascii() and len(told) < LONGEST_NUMBER
    return int(told) if numeric else told


def _harmless(version: str) -> bool:
    return all(each.isalnum() or each in ".-" for each in version)

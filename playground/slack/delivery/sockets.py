"""Socket Mode: tickets good for one connection, envelopes each to one connection, acks awaited."""

import asyncio
import secrets
from collections.abc import Callable

from aiohttp import WSMsgType, web

from playground.slack.core.changes import Json
from playground.slack.core.ids import APP

ACK_SECONDS = 3.0


class NotDelivered(Exception):
    """There is no connection, or it went away before it acknowledged."""


class NotAcknowledged(Exception):
    """The app had its three seconds."""


class Sockets:
    def __init__(self, ack_seconds: float = ACK_SECONDS) -> None:
        self.open: list[web.WebSocketResponse] = []
        self.refusing = False
        self.refused = 0
        self.ack_seconds = ack_seconds
        self.changed: list[Callable[[], None]] = []
        """Told of each connection that comes or goes."""
        self._tickets: set[str] = set()
        self._awaited: dict[str, tuple[web.WebSocketResponse, asyncio.Future[Json]]] = {}
        self._turn = 0

    def _changed(self) -> None:
        for told in self.changed:
            told()

    @property
    def online(self) -> bool:
        return bool(self.open)

    def ticket(self) -> str:
        self._tickets.add(ticket := secrets.token_urlsafe(16))
        return ticket

    async def link(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        known = ticket in self._tickets
        self._tickets.discard(ticket)  # good for one try, whether or not it succeeds
        if self.refusing or not known:
            self.refused += 1
            self._changed()
            return web.Response(status=403)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": len(self.open) + 1, "connection_info": {"app_id": APP}}
        await socket.send_json(hello)
        self.open.append(socket)
        self._changed()
        try:
            await self._listen(socket)
        finally:
            self._lost(socket)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            ack = message.json()
            _, awaited = self._awaited.get(ack.get("envelope_id", ""), (None, None))
            if awaited is not None and not awaited.done():  # a late ack is nobody's any more
                awaited.set_result(ack)

    def _lost(self, socket: web.WebSocketResponse) -> None:
        if socket not in self.open:
            return
        self.open.remove(socket)
        for carrier, awaited in self._awaited.values():
            if carrier is socket and not awaited.done():
                awaited.set_exception(NotDelivered())
        self._changed()

    async def send(self, kind: str, payload: Json, **more: object) -> str:
        """Hand an envelope to the next connection; returns its id, to be given to `acknowledged`."""
        if not self.open:
            raise NotDelivered
        self._turn += 1
        socket = self.open[self._turn % len(self.open)]
        envelope_id = secrets.token_hex(8)
        self._awaited[envelope_id] = socket, asyncio.get_running_loop().create_future()
        takes_payload = kind != "events_api"
        envelope = {"envelope_id": envelope_id, "type": kind, "payload": payload, **more}
        try:
            await socket.send_json({**envelope, "accepts_response_payload": takes_payload})
        except ConnectionError:
            del self._awaited[envelope_id]
            self._lost(socket)  # whoever listens on it will see that only later, and it would be tried for ever
            raise NotDelivered from None
        return envelope_id

    async def acknowledged(self, envelope_id: str) -> Json:
        """What the ack carried, or nothing; raises `NotAcknowledged` or `NotDelivered`."""
        try:
            async with asyncio.timeout(self.ack_seconds):
                ack = await self._awaited[envelope_id][1]
        except TimeoutError:
            raise NotAcknowledged from None
        finally:
            del self._awaited[envelope_id]
        return ack.get("payload") or {}

    async def deliver(self, kind: str, payload: Json) -> Json:
        return await self.acknowledged(await self.send(kind, payload))

    async def refresh(self) -> None:
        """Ask for new connections, as Slack does every few hours."""
        for socket in list(self.open):
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def close(self) -> None:
        for socket in list(self.open):
            await socket.close()

"""Socket Mode: opened with tokens known to be good, watched, closed before the rest."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.edge.errors import SlackRefused, code_of
from bot.slack.edge.token_check import APP_CURE, check_app_token, check_bot_token

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
DOWN_FOR = 2.0
"""Seconds without a connection after which one is made: the SDK alone may take ten to notice."""
OPEN_WITHIN = 8.0
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds between one try and the next, about; the last again and again."""
NO_SOCKET = "SLACK_APP_TOKEN: Slack takes it but opens no socket. Switch Socket Mode on in your Slack app. " + APP_CURE


class Client(SocketModeClient):
    """The SDK's, but that each try has an address of its own.

    Slack lets an address be used for one handshake, also for one that it refuses: the SDK tries a spent one for ever.
    """

    async def connect(self) -> None:
        """Until there is a connection, or this is closed."""
        for tries in itertools.count():
            if self.closed:
                return
            try:
                # No task of its own: to replace the tasks of the old connection may be to end the one that runs this.
                async with asyncio.timeout(OPEN_WITHIN):
                    return await self._try()
            except Exception as error:
                # By its kind alone: its text would quote the address, which is a secret.
                log.warning("Slack opened no socket at try %d: %s", tries + 1, code_of(error))
            pause = PAUSES[min(tries, len(PAUSES) - 1)]
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  many processes, not one moment

    async def reconnect(self) -> None:
        """Unless it is connected, or somebody else is at it."""
        if self.connect_operation_lock.locked():
            return
        async with self.connect_operation_lock:
            if not await self.is_connected():
                self.wss_uri = None
                await self.connect()

    async def _try(self) -> None:
        self.auto_reconnect_enabled = False
        if self.current_session is not None:
            # Before the new one: there may be too many of them already.
            await self.current_session.close()
        address, self.wss_uri = self.wss_uri or await self.issue_new_wss_url(), None
        self.current_session = await self.aiohttp_client_session.ws_connect(
            address,
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=self.proxy,
            ssl=True if self.web_client.ssl is None else self.web_client.ssl,
        )
        self.stale, self.last_ping_pong_time = False, None
        self.auto_reconnect_enabled = self.default_auto_reconnect_enabled
        before = (self.current_session_monitor, self.message_receiver)
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        for task in before:
            if task is not None:
                task.cancel()


class Socket:
    """Make it inside the running loop."""

    def __init__(self, app: AsyncApp, app_token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._app_token = app_token
        self._clock = clock
        self._client: Client | None = None

    async def open(self) -> None:
        """Raises `SlackRefused` when a token is no good or no socket comes about."""
        if self._app.client.token:  # of many workspaces each has its own
            await check_bot_token(self._app.client)
        url = await check_app_token(self._app.client, self._app_token)
        proxy = self._app.client.proxy
        client = Client(self._app_token, logging.getLogger("slack_bolt"), self._app.client, proxy=proxy)
        client.socket_mode_request_listeners.append(self._handle)
        self._client = client
        client.proxy = proxy
        client.wss_uri = url
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                await client.connect()
        except TimeoutError as error:
            await self.close()
            raise SlackRefused(NO_SOCKET) from error

    async def connected(self) -> bool:
        return self._client is not None and await self._client.is_connected()

    async def watch(self) -> None:
        """Until cancelled: a connection that stays down is made anew."""
        seen = self._clock()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if await self.connected():
                seen = self._clock()
            elif self._client and self._clock() - seen >= DOWN_FOR:
                log.warning("no connection to Slack: making a new one")
                await self._client.reconnect()
                seen = self._clock()

    async def close(self) -> None:
        """No more comes in; what runs goes on."""
        if self._client:
            client, self._client = self._client, None
            await client.close()  # type: ignore[no-untyped-call]

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        began = time.time()
        answer = await run_async_bolt_app(self._app, request)
        await send_async_response(client, request, answer, began)

"""Socket Mode: opened with tokens known to be good, watched, closed before the rest."""

import asyncio
import logging
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.slack.edge.errors import SlackRefused
from bot.slack.edge.token_check import APP_CURE, check_app_token, check_bot_token

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0
DOWN_FOR = 20.0
"""Seconds without a connection after which it is made anew, with a fresh address."""
OPEN_WITHIN = 8.0
NO_SOCKET = "SLACK_APP_TOKEN: Slack takes it but opens no socket. Switch Socket Mode on in your Slack app. " + APP_CURE


class Socket:
    """Make it inside the running loop."""

    def __init__(self, app: AsyncApp, app_token: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._app_token = app_token
        self._clock = clock
        self._handler: AsyncSocketModeHandler | None = None

    async def open(self) -> None:
        """Raises `SlackRefused` when a token is no good or no socket comes about."""
        await check_bot_token(self._app.client)
        url = await check_app_token(self._app.client, self._app_token)
        self._handler = AsyncSocketModeHandler(self._app, self._app_token, proxy=self._app.client.proxy)
        client = self._handler.client
        client.proxy = self._app.client.proxy
        client.wss_uri = url
        try:
            await asyncio.wait_for(client.connect(), OPEN_WITHIN)  # type: ignore[no-untyped-call]
        except TimeoutError as error:
            await self.close()
            raise SlackRefused(NO_SOCKET) from error

    async def connected(self) -> bool:
        return self._handler is not None and await self._handler.client.is_connected()

    async def watch(self) -> None:
        """Until cancelled: a connection that stays down is made anew."""
        seen = self._clock()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if await self.connected():
                seen = self._clock()
            elif self._clock() - seen >= DOWN_FOR:
                log.warning("no connection to Slack for %d s: making a new one", DOWN_FOR)
                await self._anew()
                seen = self._clock()

    async def close(self) -> None:
        """No more comes in; what runs goes on."""
        if self._handler:
            handler, self._handler = self._handler, None
            await handler.client.close()  # type: ignore[no-untyped-call]

    async def _anew(self) -> None:
        if self._handler is None:
            return
        client = self._handler.client
        client.wss_uri = None  # a spent address would be tried for ever
        try:
            await asyncio.wait_for(client.connect_to_new_endpoint(force=True), OPEN_WITHIN)
        except Exception:
            log.warning("still no connection to Slack", exc_info=True)

"""A Bolt app that does nothing but acknowledge commands and messages: what Usher's acks are held against."""

import asyncio
import os
import sys

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def main(bot_token: str, app_token: str) -> None:
    app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=os.environ["SLACK_API_URL"]))

    @app.command("/mcp")
    async def mcp(ack: AsyncAck) -> None:
        await ack()

    @app.event("app_mention")
    async def mentioned() -> None:
        """Acknowledged by Bolt itself."""

    @app.event("message")
    async def said() -> None:
        """The same."""

    await AsyncSocketModeHandler(app, app_token).start_async()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

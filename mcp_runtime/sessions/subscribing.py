"""Servers of the newer kind tell of changes only to those who listen: one stream, opened again when it is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from mcp import Client, MCPError
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost

from mcp_runtime.sessions.session import Session
from mcp_runtime.transports.refusals import made_here

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until it is listened to again; a stream that held for longer than the second begins with the first."""
SETTLED_AFTER = 1.0
"""Seconds: what is opened for one question, as to try a server out, is over before, and costs no second stream."""


@asynccontextmanager
async def subscribed(session: Session) -> AsyncIterator[None]:
    """While it is entered, what the server tells is heard; nothing happens where there is nothing to listen to."""
    listening = asyncio.create_task(_listen(session)) if _tells(session.client) else None
    try:
        yield
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.wait({listening})


def _tells(client: Client) -> bool:
    """In the older kind it tells by itself."""
    tools = client.server_capabilities.tools
    return client.session.discover_result is not None and tools is not None and bool(tools.list_changed)


async def _listen(session: Session) -> None:
    pause = FIRST_PAUSE
    await asyncio.sleep(SETTLED_AFTER)
    while not session.ended.is_set():
        begun = monotonic()
        try:
            if not await _heard_to_its_end(session):
                return
        except ListenNotSupportedError:
            return
        except MCPError as error:
            if not made_here(error):
                return  # it says itself that it does not do this
        except (SubscriptionLost, TimeoutError):
            pass
        pause = FIRST_PAUSE if monotonic() - begun > LONGEST_PAUSE else pause
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  spreads load, hides nothing
        pause = min(2 * pause, LONGEST_PAUSE)


async def _heard_to_its_end(session: Session) -> bool:
    """False when the server will tell nothing. Nothing is told twice: before and after it there may be news."""
    async with session.client.listen(tools_list_changed=True) as events:
        if not events.honored.tools_list_changed:
            return False
        session.hear_of_change()
        try:
            async for _ in events:
                session.hear_of_change()
        finally:
            session.hear_of_change()
    return True

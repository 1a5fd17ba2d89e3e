"""Servers of the newer kind tell of changes only to those who listen: one stream, opened again when it is lost."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from time import monotonic

from mcp import Client, MCPError
from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost, ToolsListChanged

from mcp_runtime.sessions.session import Session
from mcp_runtime.transports.refusals import made_here

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until it is listened to again; a stream that held for longer than the second begins with the first."""
SETTLED_AFTER = 4.0
"""Seconds, up to twice as many: what is opened for one question, as to try a server out, is over before, and costs no
second stream; and where many are opened at once, as after a restart, these come later and not all in one moment. Who
waits for what a server will tell has it listened to at once."""


@asynccontextmanager
async def subscribed(session: Session) -> AsyncIterator[None]:
    """While it is entered, what the server tells is heard; nothing happens where there is nothing to listen to."""
    told = _told_of(session.client)
    listening = asyncio.create_task(_listen(session, told)) if any(told.values()) else None
    try:
        yield
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.wait({listening})


def _told_of(client: Client) -> dict[str, bool]:
    """Of which lists it declares that it tells who listens; empty for the older kind, which tells by itself."""
    if client.session.discover_result is None:
        return {}
    has = client.server_capabilities
    lists = {"tools": has.tools, "prompts": has.prompts, "resources": has.resources}
    return {name: bool(each and each.list_changed) for name, each in lists.items()}


async def _listen(session: Session, told: Mapping[str, bool]) -> None:
    pause = FIRST_PAUSE
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_AFTER * random.uniform(1.0, 2.0)):  # noqa: S311  spreads load, hides nothing
            await session.awaited.wait()
    while not session.ended.is_set():
        begun = monotonic()
        try:
            if not await _heard_to_its_end(session, told):
                return
        except ListenNotSupportedError:
            return
        except MCPError as error:
            if not made_here(error):
                return  # it says itself that it does not do this
        except (SubscriptionLost, TimeoutError):
            pass
        pause = FIRST_PAUSE if monotonic() - begun > LONGEST_PAUSE else pause
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311  as above
        pause = min(2 * pause, LONGEST_PAUSE)


async def _heard_to_its_end(session: Session, told: Mapping[str, bool]) -> bool:
    """False when the server will tell nothing. Nothing is told twice: before and after it there may be news."""
    wanted = session.client.listen(
        tools_list_changed=told["tools"],
        prompts_list_changed=told["prompts"],
        resources_list_changed=told["resources"],
    )
    async with wanted as events:
        honored = events.honored
        tools = bool(honored.tools_list_changed)
        beside = bool(honored.prompts_list_changed or honored.resources_list_changed)
        if not (tools or beside):
            return False
        _hear(session, tools=tools, beside=beside, perhaps=True)
        try:
            async for event in events:
                of_tools = isinstance(event, ToolsListChanged)
                _hear(session, tools=of_tools, beside=not of_tools)
        except SubscriptionLost:
            _hear(session, tools=tools, beside=beside, perhaps=True)
            raise
        # Not when we end it ourselves: who hears it would open it again.
        _hear(session, tools=tools, beside=beside, perhaps=True)
    return True


def _hear(session: Session, *, tools: bool, beside: bool, perhaps: bool = False) -> None:
    if tools:
        session.hear_of_change()
    if beside:
        session.hear_of_change_beside(perhaps=perhaps)

"""What may run without asking: chosen tool by tool, forgotten all at once, and changed tools accepted."""

import json

from bot.slack.acts.home import republish
from bot.slack.edge.interaction import Act
from bot.slack.edge.registration import Door
from bot.slack.listeners.connections import view_of
from bot.slack.screens import tools as screens
from bot.slack.services import Services


def hang(door: Door, services: Services) -> None:
    @door.action(screens.POLICY)
    async def choose(act: Act) -> None:
        await act.ack()
        if act.value in screens.WORDS:
            tool = screens.tool_of(act.payload["block_id"])
            await services.connections.set_policy(act.member, _connection(act), tool, act.value)
        await _again(act, services)

    @door.action(screens.FORGET)
    async def forget(act: Act) -> None:
        await act.ack()
        for tool in await services.connections.tools(act.member, _connection(act)):
            if tool.policy == "always":
                await services.connections.set_policy(act.member, tool.connection_id, tool.name, "ask")
        await _again(act, services)

    @door.action(screens.ACCEPT)
    async def accept(act: Act) -> None:
        await act.ack()
        await services.connections.accept(act.member, _connection(act), act.value)
        await _again(act, services)
        await republish(act.client, services, act.member)

    @door.action(f"{screens.PAGE}.back")
    @door.action(f"{screens.PAGE}.more")
    async def turn_page(act: Act) -> None:
        await act.ack()
        await _again(act, services, page=int(act.value))


def _connection(act: Act) -> str:
    return str(json.loads(act.view["private_metadata"])["connection"])


async def _again(act: Act, services: Services, page: int | None = None) -> None:
    """The same view as things stand now."""
    shown = json.loads(act.view["private_metadata"])
    found = await view_of(act, services, shown["connection"])
    page = shown["page"] if page is None else page
    await act.update(act.view["id"], screens.tools(found.connection, found.tools, page))

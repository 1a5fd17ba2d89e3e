"""What may run without asking: chosen tool by tool, forgotten all at once, and changed tools accepted."""

import json

from bot.slack.acts.home import republish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections import view_of
from bot.slack.screens import tools as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.POLICY)
    async def choose(interaction: Interaction) -> None:
        await interaction.ack()
        if interaction.value in screens.WORDS:
            tool = screens.tool_of(interaction.payload["block_id"])
            await services.connections.set_policy(interaction.member, _connection(interaction), tool, interaction.value)
        await _again(interaction, services)

    @registry.action(screens.FORGET)
    async def forget(interaction: Interaction) -> None:
        await interaction.ack()
        for tool in await services.connections.tools(interaction.member, _connection(interaction)):
            if tool.policy == "always":
                await services.connections.set_policy(interaction.member, tool.connection_id, tool.name, "ask")
        await _again(interaction, services)

    @registry.action(screens.ACCEPT)
    async def accept(interaction: Interaction) -> None:
        await interaction.ack()
        await services.connections.accept(interaction.member, _connection(interaction), interaction.value)
        await _again(interaction, services)
        await republish(interaction.client, services, interaction.member)

    @registry.action(f"{screens.PAGE}.back")
    @registry.action(f"{screens.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        await _again(interaction, services, page=int(interaction.value))


def _connection(interaction: Interaction) -> str:
    return str(json.loads(interaction.view["private_metadata"])["connection"])


async def _again(interaction: Interaction, services: Services, page: int | None = None) -> None:
    """The same view as things stand now."""
    shown = json.loads(interaction.view["private_metadata"])
    found = await view_of(interaction, services, shown["connection"])
    page = shown["page"] if page is None else page
    await interaction.update(interaction.view["id"], screens.tools(found.connection, found.tools, page))

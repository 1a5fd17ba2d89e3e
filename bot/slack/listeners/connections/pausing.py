"""A member pauses a connection, from the window of its tools, and resumes it, there or in the list."""

from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.listing import view_of
from bot.slack.screens.connections import listing as screens
from bot.slack.screens.connections import tools
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.PAUSE)
    async def pause(interaction: Interaction) -> None:
        await interaction.ack()
        await services.connections.pause(interaction.member, interaction.value)
        await _shown_anew(interaction, services)

    @registry.action(screens.RESUME)
    async def resume(interaction: Interaction) -> None:
        await interaction.ack()
        await services.connections.resume(interaction.member, interaction.value)
        await _shown_anew(interaction, services)


async def _shown_anew(interaction: Interaction, services: Services) -> None:
    """Where it was pressed; the Home tab follows by itself."""
    if interaction.in_modal:
        found = await view_of(interaction, services, interaction.value)
        await interaction.update(interaction.view["id"], tools.tools(found.connection, found.tools))
    elif interaction.channel:
        mine = await services.connections.of(interaction.member)
        await interaction.reply("Your connections", screens.listed(mine), replace=True)

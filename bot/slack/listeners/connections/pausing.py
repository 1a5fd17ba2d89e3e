"""A member pauses a connection and resumes it, in the list or in the window of its tools."""

from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.found import my_list, tools_window, view_of
from bot.slack.screens.connections import listing as screens
from bot.slack.screens.connections import tools
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.PAUSE)
    async def pressed_pause(interaction: Interaction) -> None:
        await interaction.ack()
        await pause(interaction, services, interaction.value)

    @registry.action(screens.RESUME)
    async def pressed_resume(interaction: Interaction) -> None:
        await interaction.ack()
        await resume(interaction, services, interaction.value)


async def pause(interaction: Interaction, services: Services, connection_id: str) -> None:
    await services.connections.pause(interaction.member, connection_id)
    await _shown_anew(interaction, services, connection_id)


async def resume(interaction: Interaction, services: Services, connection_id: str) -> None:
    await services.connections.resume(interaction.member, connection_id)
    await _shown_anew(interaction, services, connection_id)


async def _shown_anew(interaction: Interaction, services: Services, connection_id: str) -> None:
    """Where it was pressed; the Home tab follows by itself."""
    if interaction.view.get("callback_id") == tools.SEARCH_FORM:
        found = await view_of(interaction, services, connection_id)
        await interaction.update(interaction.view["id"], tools_window(found))
    elif interaction.in_modal:
        await interaction.update(interaction.view["id"], screens.window(await my_list(interaction, services)))
    elif interaction.channel:
        await interaction.reply("Your connections", await my_list(interaction, services), replace=True)

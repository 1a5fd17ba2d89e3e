"""A member searches their own past conversations: from the Home tab, a shortcut, or a thread that others read."""

from bot.services.memory import Memory
from bot.slack.acts.memory_face import links_of
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.memory import searching as screens
from bot.slack.screens.memory import section
from bot.slack.services import Services

SHORTCUT = "search_memory"
MOST = 10


def hang(registry: Registry, services: Services) -> None:
    if (memory := services.memory) is None:
        return

    @registry.shortcut(SHORTCUT)
    @registry.action(section.SEARCH)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(screens.form())

    @registry.action(screens.SHOW)
    async def shown(interaction: Interaction) -> None:
        await interaction.ack()
        query = interaction.value
        view_id = await interaction.show(screens.searching(query))
        async with told_in(interaction, view_id, screens.TITLE):
            await interaction.update(view_id, await _found(interaction, memory, query))

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        query = str(values_of(interaction.view).get(screens.QUERY) or "").strip()
        await interaction.ack_with(screens.searching(query))
        view_id = interaction.view["id"]
        async with told_in(interaction, view_id, screens.TITLE):
            await interaction.update(view_id, await _found(interaction, memory, query))

    @registry.action(screens.OPEN)
    async def followed(interaction: Interaction) -> None:
        """The button is a link."""
        await interaction.ack()


async def _found(interaction: Interaction, memory: Memory, query: str) -> View:
    found = await memory.searching.search(interaction.member, query, most=MOST)
    return screens.form(query, found, await links_of(interaction.client, found.hits))

"""A creator looks through their links: page by page, by words, and several at once."""

from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.links.minding import MINE, revoked
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.links import changes, listing, window
from bot.slack.services import Services
from storage.schema import now


def hang(registry: Registry, services: Services) -> None:
    @registry.action(f"{listing.PAGE}.back")
    @registry.action(f"{listing.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        page = int(interaction.value)
        if interaction.channel:
            mine = await services.links.of(interaction.member)
            counts = await services.links.outcomes.counts(interaction.member, mine)
            await interaction.reply(MINE, listing.listed(mine, now(), page=page, counts=counts), replace=True)
        else:
            await publish(interaction.client, services, interaction.member, links_page=page)

    @registry.action(listing.FIND)
    async def find(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(await _window(interaction, services, window.Looking()))

    @registry.view(window.SEARCH_FORM)
    async def search(interaction: Interaction) -> None:
        words = str(values_of(interaction.view).get(window.SEARCH) or "").strip()
        await interaction.ack_with(await _window(interaction, services, window.Looking(words)))

    @registry.action(f"{window.PAGE}.back")
    @registry.action(f"{window.PAGE}.more")
    async def turn_page_of_window(interaction: Interaction) -> None:
        await interaction.ack()
        words = window.looking_of(interaction.view["private_metadata"]).words
        looking = window.Looking(words, int(interaction.value))
        await interaction.update(interaction.view["id"], await _window(interaction, services, looking))

    @registry.action(window.REVOKE_CHOSEN)
    async def revoke_chosen(interaction: Interaction) -> None:
        await interaction.ack()
        looking = window.looking_of(interaction.view["private_metadata"])
        ids = window.chosen(values_of(interaction.view))
        told = changes.revoked(await revoked(interaction, services, ids)) if ids else window.NONE_CHOSEN
        await interaction.update(interaction.view["id"], await _window(interaction, services, looking, told))


async def _window(interaction: Interaction, services: Services, looking: window.Looking, told: str = "") -> View:
    return window.window(await services.links.of(interaction.member), now(), looking, told)

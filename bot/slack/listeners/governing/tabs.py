"""An administrator goes from tab to tab of their Home, and from page to page of one."""

from bot.errors import UserError
from bot.slack.acts import admin_tabs
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.listeners.governing import reporting
from bot.slack.screens.governing import overview, tabs
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    async def go(interaction: Interaction) -> None:
        await interaction.ack()
        if interaction.value != tabs.MINE:
            await _admitted(interaction, services)
        await admin_tabs.go(services, interaction.member, interaction.value)
        await publish(interaction.client, services, interaction.member)

    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        await _admitted(interaction, services)
        place = await admin_tabs.place_of(services, interaction.member)
        await admin_tabs.go(services, interaction.member, place.tab, int(interaction.value))
        await publish(interaction.client, services, interaction.member)

    @registry.action(overview.REPORT)
    async def report(interaction: Interaction) -> None:
        await interaction.ack()
        await _admitted(interaction, services)
        taken = await reporting.report(interaction.client, services, interaction.member)
        await interaction.reply(overview.SENT if taken else overview.NOT_SENT)

    for name in tabs.TABS:
        registry.action(f"{tabs.GO}.{name}")(go)
    for way in ("back", "more"):
        registry.action(f"{tabs.PAGE}.{way}")(turn_page)


async def _admitted(interaction: Interaction, services: Services) -> None:
    """Whoever is none any more is shown what is their own, and told. Raises `UserError`."""
    try:
        await only_admins(interaction, services, tabs.ONLY_ADMINS)
    except UserError:
        await admin_tabs.go(services, interaction.member, tabs.MINE)
        await publish(interaction.client, services, interaction.member)
        raise

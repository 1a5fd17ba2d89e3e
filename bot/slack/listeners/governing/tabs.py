"""An administrator goes from tab to tab of their Home, and from page to page of one."""

from bot.errors import UserError
from bot.services.watch.insights import tables
from bot.services.watch.insights.insights import LATELY
from bot.slack.acts import admin_tabs
from bot.slack.acts.guests.files import send
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens.governing import overview, tabs
from bot.slack.services import Services
from storage.schema import now


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
        content = await tables.of_workspace(services.db, interaction.member.workspace, now() - LATELY)
        taken = await send(interaction.client, interaction.member, content, "workspace.csv", overview.REPORT_TITLE)
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

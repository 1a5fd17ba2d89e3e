"""Admins say who may ask besides the workspace's members."""

from bot.services.limits.openness import OpenTo
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import only_admins
from bot.slack.screens import notices
from bot.slack.screens.talking import openness as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.OPEN)
    async def opened(interaction: Interaction) -> None:
        await interaction.ack()
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        now = await services.openness.of(interaction.member.workspace)
        await interaction.show(screens.form(guests=now.guests, outsiders=now.outsiders))

    @registry.view(screens.FORM)
    async def saved(interaction: Interaction) -> None:
        await only_admins(interaction, services, screens.ONLY_ADMINS)
        values = values_of(interaction.view)
        to = OpenTo(bool(values.get(screens.GUESTS)), bool(values.get(screens.OUTSIDERS)))
        await services.openness.set(interaction.member, to)
        told = screens.saved(guests=to.guests, outsiders=to.outsiders)
        await interaction.ack_with(notices.notice(told, title=screens.TITLE))
        await publish(interaction.client, services, interaction.member)

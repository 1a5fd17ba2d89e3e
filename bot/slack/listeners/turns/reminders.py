"""The buttons of reminders: cancelled on the Home tab, put off where it was told."""

from datetime import timedelta

from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.turns import reminders as screens
from bot.slack.services import Services
from storage.schema import now


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.CANCEL)
    async def cancel(interaction: Interaction) -> None:
        await interaction.ack()
        await services.reminders.cancel(interaction.member, interaction.value)
        await publish(interaction.client, services, interaction.member)

    @registry.action(screens.AN_HOUR)
    async def in_an_hour(interaction: Interaction) -> None:
        await put_off(interaction, timedelta(hours=1))

    @registry.action(screens.TOMORROW)
    async def tomorrow(interaction: Interaction) -> None:
        await put_off(interaction, timedelta(days=1))

    async def put_off(interaction: Interaction, wait: timedelta) -> None:
        await interaction.ack()
        reminder = await services.reminders.put_off(interaction.member, interaction.value, now() + wait)
        await interaction.reply(screens.words(reminder), screens.put_off(reminder), replace=True)

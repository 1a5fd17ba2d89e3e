"""Where to answer, chosen by the member in private: there, in private, always there; and taken back."""

from bot.services.chats.members.showing import Choice
from bot.slack.acts.home import publish
from bot.slack.edge.interaction import Interaction, message_of
from bot.slack.edge.registration import Registry
from bot.slack.screens.talking import showing as screens
from bot.slack.services import Services

TAKEN_BACK = "From now on I ask you before what it gives is shown in <#{}>."


def hang(registry: Registry, services: Services) -> None:
    async def decide(interaction: Interaction, choice: Choice) -> None:
        """Stored before it is acknowledged: a click that Slack was told about is never lost."""
        before, asked = await services.chats.showing.decide(interaction.member, interaction.value, choice)
        await interaction.ack()
        channel = before.place["channel"]
        await interaction.client.chat_update(
            channel=asked.channel,
            ts=asked.ts,
            text=screens.decided_text(channel, choice),
            blocks=screens.decided(channel, choice, asked.connections),
        )

    @registry.action(screens.HERE, reading=True)
    async def here(interaction: Interaction) -> None:
        await decide(interaction, "here")

    @registry.action(screens.PRIVATE, reading=True)
    async def private(interaction: Interaction) -> None:
        await decide(interaction, "private")

    @registry.action(screens.ALWAYS)
    async def always(interaction: Interaction) -> None:
        await decide(interaction, "always")

    @registry.action(screens.UNDO)
    async def undo(interaction: Interaction) -> None:
        await interaction.ack()
        channel, _, connections = interaction.value.partition(":")
        for connection_id in connections.split(","):
            await services.chats.showing.take_back(interaction.member, channel, connection_id)
        told = TAKEN_BACK.format(channel)
        if interaction.view:
            await publish(interaction.client, services, interaction.member)
            return
        there = message_of(interaction.body)
        await interaction.client.chat_update(channel=there["channel"], ts=there["ts"], text=told, blocks=[])

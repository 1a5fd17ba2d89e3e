"""A slash command: acknowledged at once, never with a secret in it, and run again by the button under a guess."""

from collections.abc import Awaitable, Callable

from bot.slack.edge import command_words as words
from bot.slack.edge.interaction import Interaction, once_more
from bot.slack.edge.registration import Registry
from bot.slack.screens.talking import help as usage
from bot.slack.services import Services

Run = Callable[[Interaction, Services, str], Awaitable[None]]
"""Does what the words after the command say."""


def hang_command(registry: Registry, services: Services, command: str, offered: str, run: Run) -> None:
    """``offered`` is the action of buttons whose value is the line that may have been meant."""

    @registry.command(command)
    async def typed(interaction: Interaction) -> None:
        text = interaction.payload.get("text") or ""
        await interaction.ack()
        interaction.again = once_more(offered, text)
        if words.looks_secret(text):
            await interaction.reply(usage.REFUSED, usage.refused())
        else:
            await run(interaction, services, text)

    @registry.action(offered)
    async def pressed(interaction: Interaction) -> None:
        await interaction.ack()
        await run(interaction, services, interaction.value)

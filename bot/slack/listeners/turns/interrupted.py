"""The buttons under an answer that did not come to its end: go on, ask again, start a new conversation; each once."""

from bot.errors import NotYours
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.turns import failed
from bot.slack.screens.turns import interrupted as screens
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.GO_ON, reading=True)
    async def go_on(interaction: Interaction) -> None:
        await interaction.ack()
        try:
            await services.chats.once_more.go_on(interaction.member, interaction.value)
        except NotYours as error:
            await interaction.reply(unmarked(str(error)))
            return
        await interaction.reply(screens.GOING_ON, screens.going_on(), replace=True)

    @registry.action(failed.AGAIN, reading=True)
    async def again(interaction: Interaction) -> None:
        """The answer that failed stays as it is, so its button does; pressed twice it asks once."""
        await interaction.ack()
        said = await services.chats.once_more.ask_again(interaction.member, interaction.value)
        if not said.repeated:
            await interaction.reply(failed.AGAIN_SAID, failed.asking_again())

    @registry.action(screens.START_OVER, reading=True)
    async def start_over(interaction: Interaction) -> None:
        await interaction.ack()
        try:
            await services.chats.once_more.start_over(interaction.member, interaction.value)
        except NotYours as error:
            await interaction.reply(unmarked(str(error)))
            return
        await interaction.reply(screens.STARTING_OVER, screens.starting_over(), replace=True)

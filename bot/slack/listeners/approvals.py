"""Approve, Deny, Always and taking that back: who may press is decided by the service, never by the button."""

from bot.errors import NotYours
from bot.services.chats.values import Decision
from bot.slack.acts.approvals import close_now
from bot.slack.edge.interaction import Interaction, message_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import approvals as screens
from bot.slack.screens.blocks.text import unmarked
from bot.slack.services import Services


def hang(registry: Registry, services: Services) -> None:
    async def decide(interaction: Interaction, verdict: Decision) -> None:
        """Stored before it is acknowledged: a click that Slack was told about is never lost."""
        try:
            clicked = message_of(interaction.body)
            approval = await services.chats.decide(interaction.member, interaction.value, verdict, clicked)
        except NotYours as error:
            await interaction.ack()
            await _refuse(interaction, services, str(error))
            return
        await interaction.ack()
        await close_now(interaction.client, services.chats, approval, clicked)

    @registry.action(screens.APPROVE)
    async def approve(interaction: Interaction) -> None:
        await decide(interaction, "approve")

    @registry.action(screens.DENY)
    async def deny(interaction: Interaction) -> None:
        await decide(interaction, "deny")

    @registry.action(screens.ALWAYS)
    async def always(interaction: Interaction) -> None:
        await decide(interaction, "always")

    @registry.action(screens.ASK_AGAIN)
    async def ask_again(interaction: Interaction) -> None:
        approval = await services.chats.ask_again(interaction.member, interaction.value)
        await interaction.ack()
        message = message_of(interaction.body)
        await close_now(interaction.client, services.chats, approval, message, taken_back=True)


async def _refuse(interaction: Interaction, services: Services, text: str) -> None:
    """Told to the one who pressed; a question that was closed before also loses its buttons."""
    await interaction.reply(unmarked(text))
    approval = await services.chats.approval(interaction.member.workspace, interaction.value)
    if approval and approval.state != "asked":
        await close_now(interaction.client, services.chats, approval, message_of(interaction.body))

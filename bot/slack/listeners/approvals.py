"""Approve, Deny and Always: who may press is decided by the service, never by the button."""

from bot.errors import NotYours
from bot.services.chats.values import Decision
from bot.slack.acts.approvals import close_if_reached
from bot.slack.edge.interaction import Act, message_of
from bot.slack.edge.registration import Door
from bot.slack.screens import approvals as screens
from bot.slack.screens.blocks.text import escaped
from bot.slack.services import Services


def hang(door: Door, services: Services) -> None:
    async def decide(act: Act, verdict: Decision) -> None:
        await act.ack()
        try:
            approval = await services.chats.decide(act.member, act.value, verdict)
        except NotYours as error:
            await _refuse(act, services, str(error))
            return
        await close_if_reached(act.client, approval, message_of(act.body))

    @door.action(screens.APPROVE)
    async def approve(act: Act) -> None:
        await decide(act, "approve")

    @door.action(screens.DENY)
    async def deny(act: Act) -> None:
        await decide(act, "deny")

    @door.action(screens.ALWAYS)
    async def always(act: Act) -> None:
        await decide(act, "always")


async def _refuse(act: Act, services: Services, text: str) -> None:
    """Told to the one who pressed; a question that was closed before also loses its buttons."""
    await act.reply(escaped(text))
    approval = await services.chats.approval(act.member.workspace, act.value)
    if approval and approval.state != "asked":
        await close_if_reached(act.client, approval, message_of(act.body))

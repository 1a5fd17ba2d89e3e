"""Approve, Deny, Always and taking that back: who may press is decided by the service, never by the button."""

import asyncio

from bot.errors import NotYours
from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.chats.values import Decision
from bot.slack.acts.approvals import close_now
from bot.slack.edge.interaction import Interaction, message_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import approvals as screens
from bot.slack.screens.blocks.reading import in_pages
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.calls import in_paragraphs
from bot.slack.screens.notices import working
from bot.slack.services import Services
from storage.tables import Approval

SOON = 1.0
LAST = 1_000_000
"""A page beyond all: the end, where the outcome stands."""


def hang(registry: Registry, services: Services) -> None:
    async def decide(interaction: Interaction, verdict: Decision) -> None:
        """Stored before it is acknowledged: a click that Slack was told about is never lost."""
        try:
            clicked = None if interaction.in_modal else message_of(interaction.body)
            approval = await services.chats.decide(interaction.member, interaction.value, verdict, clicked)
        except NotYours as error:
            await interaction.ack()
            await _refuse(interaction, services, str(error))
            return
        await interaction.ack()
        await close_now(interaction.client, services.chats, approval, clicked)
        if interaction.in_modal:
            await _turn_to(interaction, approval, LAST, always=False)

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

    @registry.action(screens.READ)
    @registry.action(f"{screens.READ}.back")
    @registry.action(f"{screens.READ}.more")
    async def read(interaction: Interaction) -> None:
        """In a window: what is asked about may be longer than any message."""
        await interaction.ack()
        approval_id, page, always = screens.leaf_of(interaction.value)
        approval = await services.chats.approval(interaction.member.workspace, approval_id)
        if approval is None or approval.member_id != interaction.member.id:
            raise NotYours(SOMEBODY_ELSES)
        await _turn_to(interaction, approval, page, always=always)


async def _turn_to(interaction: Interaction, approval: Approval, page: int, *, always: bool) -> None:
    """Whatever it is long about: a window has to be opened within three seconds of the click."""
    made = asyncio.create_task(asyncio.to_thread(in_pages, in_paragraphs(approval.calls)))
    ready, _ = await asyncio.wait({made}, timeout=SOON)
    opened = str(interaction.view["id"]) if interaction.in_modal else ""
    if not ready and not opened:
        opened = await interaction.show(working("One moment…", screens.WINDOW))
    view = screens.window(approval, await made, page, always=always)
    await (interaction.update(opened, view) if opened else interaction.show(view))


async def _refuse(interaction: Interaction, services: Services, text: str) -> None:
    """Told to the one who pressed; a question that was closed before also loses its buttons."""
    await interaction.reply(unmarked(text))
    approval = await services.chats.approval(interaction.member.workspace, interaction.value)
    if approval and approval.state != "asked":
        clicked = None if interaction.in_modal else message_of(interaction.body)
        await close_now(interaction.client, services.chats, approval, clicked)

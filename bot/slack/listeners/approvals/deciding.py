"""Approve, Deny, Always and taking that back: who may press is decided by the service, never by the button."""

import asyncio

from bot.errors import NotYours
from bot.services.approvals.approvals import SOMEBODY_ELSES
from bot.services.approvals.deciding import Answer
from bot.slack.acts.approvals import close_now, redraw
from bot.slack.edge.interaction import Interaction, message_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import approvals as screens
from bot.slack.screens.approvals.calls import bare, in_paragraphs
from bot.slack.screens.blocks.reading import in_pages
from bot.slack.screens.blocks.text import unmarked
from bot.slack.screens.notices import working
from bot.slack.services import Services
from storage.tables import Approval

SOON = 1.0
LAST = 1_000_000
"""A page beyond all: the end, where the outcome stands."""


def hang(registry: Registry, services: Services) -> None:
    deciding = services.chats.deciding

    async def decide(interaction: Interaction, verdict: str, scope: str = "tool") -> None:
        """Stored before it is acknowledged: a click that Slack was told about is never lost."""
        shown = screens.shown_of(interaction.value)
        try:
            clicked = None if interaction.in_modal else message_of(interaction.body)
            answer = Answer(verdict, shown.revision, scope)
            approval = await deciding.decide(interaction.member, shown.approval, answer, clicked)
        except NotYours as error:
            await interaction.ack()
            await refuse(interaction, services, shown.approval, str(error))
            return
        await interaction.ack()
        await close_now(interaction.client, services.chats, approval, clicked)
        if interaction.in_modal:
            await turn_to(interaction, approval, LAST, flag="")

    @registry.action(screens.APPROVE)
    async def approve(interaction: Interaction) -> None:
        await decide(interaction, "approve")

    @registry.action(screens.DENY, reading=True)
    async def deny(interaction: Interaction) -> None:
        await decide(interaction, "deny")

    @registry.action(screens.ALWAYS)
    async def always(interaction: Interaction) -> None:
        await decide(interaction, "always", screens.shown_of(interaction.value).what or "tool")

    @registry.action(screens.ASK_AGAIN)
    async def ask_again(interaction: Interaction) -> None:
        approval = await deciding.ask_again(interaction.member, interaction.value)
        await interaction.ack()
        message = message_of(interaction.body)
        await close_now(interaction.client, services.chats, approval, message, taken_back=True)

    @registry.action(screens.READ, reading=True)
    @registry.action(f"{screens.READ}.back", reading=True)
    @registry.action(f"{screens.READ}.more", reading=True)
    async def read(interaction: Interaction) -> None:
        """In a window: what is asked about may be longer than any message."""
        await interaction.ack()
        shown, page, flag = screens.leaf_of(interaction.value)
        approval = await own_one(interaction, services, shown.approval)
        await turn_to(interaction, approval, page, flag=flag)


async def own_one(interaction: Interaction, services: Services, approval_id: str) -> Approval:
    """Raises `NotYours`."""
    approval = await services.chats.approval(interaction.member.workspace, approval_id)
    if approval is None or approval.member_id != interaction.member.id:
        raise NotYours(SOMEBODY_ELSES)
    return approval


async def turn_to(interaction: Interaction, approval: Approval, page: int, *, flag: str, anew: bool = False) -> None:
    """Whatever it is long about: a window has to be opened within three seconds of the click.

    ``anew``: in a window of its own, also where it was asked for in another.
    """
    calls = bare(approval.calls) if flag == "exact" else approval.calls
    made = asyncio.create_task(asyncio.to_thread(in_pages, in_paragraphs(calls)))
    ready, _ = await asyncio.wait({made}, timeout=SOON)
    opened = str(interaction.view["id"]) if interaction.in_modal and not anew else ""
    if not ready and not opened:
        opened = await interaction.show(working("One moment…", screens.WINDOW))
    view = screens.window(approval, await made, page, flag=flag)
    await (interaction.update(opened, view) if opened else interaction.show(view))


async def refuse(interaction: Interaction, services: Services, approval_id: str, text: str) -> None:
    """Told to the one who pressed; the question is shown as it is now, if that is something else."""
    await interaction.reply(unmarked(text))
    approval = await services.chats.approval(interaction.member.workspace, approval_id)
    clicked = None if interaction.in_modal else message_of(interaction.body)
    if approval and approval.state != "asked":
        await close_now(interaction.client, services.chats, approval, clicked)
    elif approval and approval.member_id == interaction.member.id:
        await redraw(interaction.client, services.chats, approval, clicked)

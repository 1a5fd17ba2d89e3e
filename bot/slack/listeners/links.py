"""Making a temporary chat link, and ending it."""

import json
import logging
from collections import deque

from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from bot.services.connections import FormError
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.acts.hand_over import whisper
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import links as screens
from bot.slack.services import Services
from storage.tables import Link

log = logging.getLogger(__name__)

SHORTCUT = "create_chat_link"
MOST_HANDED = 1_000


def hang(registry: Registry, services: Services) -> None:
    handing, handed = KeyedLocks(), deque[str](maxlen=MOST_HANDED)

    @registry.shortcut(SHORTCUT)
    @registry.action(screens.CREATE)
    async def create(interaction: Interaction) -> None:
        await interaction.ack()
        await open_form(interaction, services)

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        candidates = await services.links.candidates(interaction.member)
        draft, once = screens.draft(values_of(interaction.view), candidates), f"view:{interaction.view['id']}"
        try:
            made = await services.links.create(interaction.member, draft, once=once)
        except FormError as error:
            await interaction.ack(response_action="errors", errors=error.errors)
            return
        async with handing.turn(made.link.id):
            if made.link.id in handed:  # pressed twice, or brought twice by Slack
                await interaction.ack()
                return
            await _hand_over(interaction, made)
            handed.append(made.link.id)

    @registry.action(screens.REVOKE)
    async def revoke(interaction: Interaction) -> None:
        await interaction.ack()
        link = await services.links.revoke(interaction.member, interaction.value)
        if interaction.channel:
            await interaction.reply(screens.revoked([link]), screens.revoked_blocks([link]), replace=True)
        elif interaction.in_modal:
            await interaction.update(interaction.view["id"], screens.revoked_view(link))

    @registry.action(screens.REVOKE_ALL)
    async def revoke_all(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await _revoked(interaction, services, interaction.value.split())
        await interaction.reply(screens.revoked(gone), screens.revoked_blocks(gone), replace=True)


async def _revoked(interaction: Interaction, services: Services, link_ids: list[str]) -> list[Link]:
    """Those that were not over already."""
    gone = []
    for link_id in link_ids:
        try:
            gone.append(await services.links.revoke(interaction.member, link_id))
        except UserError as error:
            log.info("a link was not revoked again: %s", type(error).__name__)
    return gone


async def open_form(interaction: Interaction, services: Services, title: str = "") -> None:
    candidates = await services.links.candidates(interaction.member)
    await interaction.show(screens.create_form(candidates, title, interaction.channel))


async def _hand_over(interaction: Interaction, made: Created) -> None:
    """Once, to its creator alone: where the command was typed, or in the modal itself."""
    channel = json.loads(interaction.view["private_metadata"])["channel"]
    if not channel:
        await interaction.ack(response_action="update", view=screens.created_view(made))
        return
    await interaction.ack()
    try:
        await whisper(interaction.client, interaction.member, made, channel)
    except SlackApiError:  # a channel that I am not in
        await whisper(
            interaction.client, interaction.member, made, await direct_channel(interaction.client, interaction.member)
        )

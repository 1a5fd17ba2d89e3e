"""Making a temporary chat link, and handing it to its creator alone."""

import json
from collections import deque

from slack_sdk.errors import SlackApiError

from bot.errors import FormError
from bot.services.links import Created
from bot.slack.acts.direct_message import direct_channel
from bot.slack.acts.hand_over import host_of, send_code, whisper
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens.links import card, form, listing
from bot.slack.services import Services

SHORTCUT = "create_chat_link"
MOST_HANDED = 1_000


def hang(registry: Registry, services: Services) -> None:
    handing, handed = KeyedLocks(), deque[str](maxlen=MOST_HANDED)

    @registry.shortcut(SHORTCUT)
    @registry.action(listing.CREATE)
    async def create(interaction: Interaction) -> None:
        await interaction.ack()
        await open_form(interaction, services)

    @registry.view(form.FORM)
    async def submitted(interaction: Interaction) -> None:
        candidates = await services.links.candidates(interaction.member)
        draft, once = form.draft(values_of(interaction.view), candidates), f"view:{interaction.view['id']}"
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

    @registry.action(card.CODE)
    async def code(interaction: Interaction) -> None:
        await interaction.ack()
        made = await services.links.opened_by(interaction.member, interaction.value)
        await send_code(interaction.client, interaction.member, made.link, made.url)
        await interaction.reply(card.code_sent(made.link))


async def open_form(interaction: Interaction, services: Services, title: str = "") -> None:
    candidates = await services.links.candidates(interaction.member)
    await interaction.show(form.create_form(candidates, title, interaction.channel))


async def _hand_over(interaction: Interaction, made: Created) -> None:
    """Once, to its creator alone: where the command was typed, or in the modal itself."""
    client, member = interaction.client, interaction.member
    channel = json.loads(interaction.view["private_metadata"])["channel"]
    if not channel:
        view = card.created_view(made, await host_of(client, member))
        await interaction.ack(response_action="update", view=view)
        return
    await interaction.ack()
    try:
        await whisper(client, member, made, channel)
    except SlackApiError:  # a channel that I am not in
        await whisper(client, member, made, await direct_channel(client, member))

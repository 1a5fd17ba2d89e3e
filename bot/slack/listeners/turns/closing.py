"""The buttons under an answer: what was done for it, for its member alone, and whether it helped."""

import asyncio

from bot.slack.edge.interaction import Interaction
from bot.slack.edge.registration import Registry
from bot.slack.screens.blocks.reading import in_pages
from bot.slack.screens.notices import working
from bot.slack.screens.spending.turn_footer import footer
from bot.slack.screens.turns import closing, details
from bot.slack.services import Services

SOON = 1.0
"""Seconds; a window has to be opened within three of the click."""


def hang(registry: Registry, services: Services) -> None:
    @registry.action(closing.RATE, reading=True)
    async def rate(interaction: Interaction) -> None:
        await interaction.ack()
        turn_id, helped = closing.rated(interaction.value)
        await services.chats.ratings.rate(interaction.member, turn_id, helped=helped)
        await interaction.reply(closing.THANKS if helped else closing.SORRY)

    @registry.action(closing.DETAILS, reading=True)
    @registry.action(f"{closing.DETAILS}.back", reading=True)
    @registry.action(f"{closing.DETAILS}.more", reading=True)
    async def look(interaction: Interaction) -> None:
        await interaction.ack()
        turn_id, page = details.leaf_of(interaction.value)
        calls = await services.chats.details.of(interaction.member, turn_id)
        made = asyncio.create_task(asyncio.to_thread(in_pages, details.in_paragraphs(calls)))
        ready, _ = await asyncio.wait({made}, timeout=SOON)
        opened = str(interaction.view["id"]) if interaction.in_modal else ""
        if not ready and not opened:
            opened = await interaction.show(working("One moment…", details.TITLE))
        took = footer(await services.budgets.of_turn(interaction.member, turn_id))
        view = details.window(turn_id, calls, await made, page, took)
        await (interaction.update(opened, view) if opened else interaction.show(view))

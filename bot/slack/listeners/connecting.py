"""From a card to a connection: chooser, form, ticket page, outcome."""

import asyncio

from bot.slack.acts.connecting import Outcome, connect
from bot.slack.acts.direct_message import tell
from bot.slack.acts.home import republish
from bot.slack.edge import command_words
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.screens import connecting as screens
from bot.slack.screens import connections
from bot.slack.screens import help as usage
from bot.slack.screens.blocks.elements import View
from bot.slack.services import Services
from run_cards.card import RunCard

SHORTCUT = "connect_tool"
GRACE = 1.0
"""Seconds in which most servers answer; Slack waits three."""
GONE = "This card is not offered here any more."


def hang(registry: Registry, services: Services) -> None:
    @registry.shortcut(SHORTCUT)
    @registry.action(connections.CONNECT)
    async def choose(interaction: Interaction) -> None:
        await interaction.ack()
        await interaction.show(screens.chooser(services.cards))

    @registry.action(screens.PICK)
    async def picked(interaction: Interaction) -> None:
        await interaction.ack()
        if card := services.card(interaction.value):
            await _open(interaction, services, card)
        else:
            await _put(interaction, screens.failed(GONE))

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        card, values = services.card(interaction.view["private_metadata"]), values_of(interaction.view)
        if card is None:
            await interaction.ack_with(screens.failed(GONE))
            return
        if complaints := card.complaints(values):
            await interaction.ack(response_action="errors", errors=complaints)
            return
        trying = connect(services, interaction.member, card, values, interaction.view["id"])
        work = registry.tasks.adopt(asyncio.create_task(trying))
        await asyncio.wait({work}, timeout=GRACE)
        if not work.done():
            await interaction.ack_with(screens.working(card))
        await _answer(interaction, services, await work)


async def start(interaction: Interaction, services: Services, name: str) -> None:
    """`/mcp connect [card]`."""
    card = services.card(name.casefold())
    if name and not card:
        nearest = command_words.nearest(name.casefold(), [each.name for each in services.cards])
        await interaction.ack(text=usage.did_you_mean("/mcp connect", nearest))
        return
    await interaction.ack()
    if card:
        await _open(interaction, services, card)
    else:
        await interaction.show(screens.chooser(services.cards))


async def _open(interaction: Interaction, services: Services, card: RunCard) -> None:
    """One click where there is nothing to ask; else the form."""
    if any(not field.secret for field in card.fields) or (card.secret and not services.tickets.reachable):
        await _put(interaction, screens.form(card, with_secret=not services.tickets.reachable))
        return
    view_id = await _put(interaction, screens.working(card))
    await _show(interaction, services, await connect(services, interaction.member, card, {}, view_id), view_id)


async def _put(interaction: Interaction, view: View) -> str:
    """Into the modal where the click was, or into a new one."""
    if interaction.in_modal and await interaction.update(interaction.view["id"], view):
        return str(interaction.view["id"])
    return await interaction.show(view)


async def _answer(interaction: Interaction, services: Services, outcome: Outcome) -> None:
    """While the form still waits, with it: under the field that has to change, where it has that field."""
    asked = {block["block_id"] for block in interaction.view["blocks"]}
    if interaction.acked:
        await _show(interaction, services, outcome, interaction.view["id"])
    elif outcome.problems and outcome.problems.keys() <= asked:
        await interaction.ack(response_action="errors", errors=dict(outcome.problems))
    else:
        await interaction.ack_with(outcome.view)
        await _after(interaction, services, outcome)


async def _show(interaction: Interaction, services: Services, outcome: Outcome, view_id: str) -> None:
    if not await interaction.update(view_id, outcome.view) and outcome.text:
        await tell(interaction.client, interaction.member, outcome.text)
    await _after(interaction, services, outcome)


async def _after(interaction: Interaction, services: Services, outcome: Outcome) -> None:
    if outcome.connected:
        await republish(interaction.client, services, interaction.member)

"""From a card to a connection: chooser, form, ticket page, outcome."""

import asyncio

from bot.slack.acts.connecting import Outcome, connect
from bot.slack.acts.direct_message import tell
from bot.slack.acts.home import republish
from bot.slack.edge import command_words
from bot.slack.edge.interaction import Act
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Door
from bot.slack.screens import connecting as screens
from bot.slack.screens import connections
from bot.slack.screens import help as usage
from bot.slack.screens.blocks.elements import View
from bot.slack.services import Services
from run_cards import CARDS
from run_cards.card import RunCard

SHORTCUT = "connect_tool"
GRACE = 1.0
"""Seconds in which most servers answer; Slack waits three."""
BY_NAME = {card.name: card for card in CARDS}


def hang(door: Door, services: Services) -> None:
    @door.shortcut(SHORTCUT)
    @door.action(connections.CONNECT)
    async def choose(act: Act) -> None:
        await act.ack()
        await act.show(screens.chooser(services.cards))

    @door.action(screens.PICK)
    async def picked(act: Act) -> None:
        await act.ack()
        if card := BY_NAME.get(act.value):
            await _open(act, services, card)

    @door.view(screens.FORM)
    async def submitted(act: Act) -> None:
        card, values = BY_NAME[act.view["private_metadata"]], values_of(act.view)
        if complaints := card.complaints(values):
            await act.ack(response_action="errors", errors=complaints)
            return
        trying = connect(services, act.member, card, values, act.view["id"])
        work = door.tasks.adopt(asyncio.create_task(trying))
        await asyncio.wait({work}, timeout=GRACE)
        if not work.done():
            await act.ack_with(screens.working(card))
        await _answer(act, services, await work)


async def start(act: Act, services: Services, name: str) -> None:
    """`/mcp connect [card]`."""
    card = BY_NAME.get(name.casefold())
    if name and not card:
        await act.ack(text=usage.did_you_mean("/mcp connect", command_words.nearest(name.casefold(), BY_NAME)))
        return
    await act.ack()
    if card:
        await _open(act, services, card)
    else:
        await act.show(screens.chooser(services.cards))


async def _open(act: Act, services: Services, card: RunCard) -> None:
    """One click where there is nothing to ask; else the form."""
    if any(not field.secret for field in card.fields) or (card.secret and not services.tickets.reachable):
        await _put(act, screens.form(card, with_secret=not services.tickets.reachable))
        return
    view_id = await _put(act, screens.working(card))
    await _show(act, services, await connect(services, act.member, card, {}, view_id), view_id)


async def _put(act: Act, view: View) -> str:
    """Into the modal where the click was, or into a new one."""
    if act.in_modal and await act.update(act.view["id"], view):
        return str(act.view["id"])
    return await act.show(view)


async def _answer(act: Act, services: Services, outcome: Outcome) -> None:
    """While the form still waits, with it: under the field that has to change, where it has that field."""
    asked = {block["block_id"] for block in act.view["blocks"]}
    if act.acked:
        await _show(act, services, outcome, act.view["id"])
    elif outcome.problems and outcome.problems.keys() <= asked:
        await act.ack(response_action="errors", errors=dict(outcome.problems))
    else:
        await act.ack_with(outcome.view)
        await _after(act, services, outcome)


async def _show(act: Act, services: Services, outcome: Outcome, view_id: str) -> None:
    if not await act.update(view_id, outcome.view) and outcome.text:
        await tell(act.client, act.member, outcome.text)
    await _after(act, services, outcome)


async def _after(act: Act, services: Services, outcome: Outcome) -> None:
    if outcome.connected:
        await republish(act.client, services, act.member)

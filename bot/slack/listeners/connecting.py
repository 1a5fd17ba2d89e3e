"""From a card to a connection: chooser, form, ticket page, outcome."""

from bot.connections import Connected, FormError, TicketNeeded
from bot.slack import words
from bot.slack.act import Act
from bot.slack.direct import tell
from bot.slack.door import Door
from bot.slack.elements import View
from bot.slack.home import republish
from bot.slack.payload import values_of
from bot.slack.screens import connecting as screens
from bot.slack.screens import connections
from bot.slack.screens import help as usage
from bot.slack.services import Services
from run_cards import CARDS
from run_cards.card import RunCard

SHORTCUT = "connect_tool"
BY_NAME = {card.name: card for card in CARDS}


def hang(door: Door, services: Services) -> None:
    @door.shortcut(SHORTCUT)
    @door.action(connections.CONNECT)
    async def choose(act: Act) -> None:
        await act.ack()
        await act.show(screens.chooser(CARDS))

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
        await act.ack(response_action="update", view=screens.working(card))
        await _connect(act, services, card, values, act.view["id"])


async def start(act: Act, services: Services, name: str) -> None:
    """`/mcp connect [card]`."""
    card = BY_NAME.get(name.casefold())
    if name and not card:
        await act.ack(text=usage.did_you_mean("/mcp connect", words.nearest(name.casefold(), BY_NAME)))
        return
    await act.ack()
    if card:
        await _open(act, services, card)
    else:
        await act.show(screens.chooser(CARDS))


async def _open(act: Act, services: Services, card: RunCard) -> None:
    """One click where there is nothing to ask; else the form."""
    if any(not field.secret for field in card.fields) or (card.secret and not services.tickets.reachable):
        await _put(act, screens.form(card, with_secret=not services.tickets.reachable))
        return
    view_id = await _put(act, screens.working(card))
    await _connect(act, services, card, {}, view_id)


async def _put(act: Act, view: View) -> str:
    """Into the modal where the click was, or into a new one."""
    if act.in_modal and await act.update(act.view["id"], view):
        return str(act.view["id"])
    return await act.show(view)


async def _connect(act: Act, services: Services, card: RunCard, values: dict[str, str], view_id: str) -> None:
    secret = values.pop(card.secret.name, "") if card.secret else ""
    try:
        if services.tickets.reachable:
            found = await services.connections.begin(act.member, card, values, view={"id": view_id})
        else:
            found = await services.connections.begin_with_secret(act.member, card, values, secret)
    except FormError as error:
        await _show_problem(act, services, card, values, error, view_id)
    else:
        await _show(act, services, card, values, found, view_id)


async def _show(
    act: Act, services: Services, card: RunCard, values: dict[str, str], found: Connected | TicketNeeded, view_id: str
) -> None:
    if isinstance(found, TicketNeeded):
        await act.update(view_id, screens.enter_token(card.title_for(values), found.url, found.expires_at))
        return
    text = screens.connected(found.sentence, found.reading)
    if not await act.update(view_id, screens.done(text)):
        await tell(act.client, act.member, text)
    await republish(act.client, services, act.member)


async def _show_problem(
    act: Act, services: Services, card: RunCard, values: dict[str, str], error: FormError, view_id: str
) -> None:
    """The form again, as it was filled in, with what is wrong on top of it."""
    view = (
        screens.form(card, values, error.errors, with_secret=not services.tickets.reachable)
        if card.fields
        else screens.failed(str(error))
    )
    if not await act.update(view_id, view):
        await tell(act.client, act.member, screens.outcome(str(error), ok=False))

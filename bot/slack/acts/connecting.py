"""One try to connect, and what to show of how it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.services.connections import Connected, FormError, TicketNeeded
from bot.slack.screens import connecting as screens
from bot.slack.screens.blocks.elements import View
from bot.slack.services import Services
from run_cards.card import RunCard
from storage.members import Member


@dataclass(frozen=True)
class Outcome:
    view: View
    text: str = ""
    """For when the modal was closed; empty: there is nothing to say then."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """By the name of the field that has to change."""
    connected: bool = False


async def connect(
    services: Services, member: Member, card: RunCard, values: Mapping[str, str], view_id: str
) -> Outcome:
    """``view_id`` is the modal in which the outcome of a ticket's page will be shown."""
    secret = values.get(card.secret.name, "") if card.secret else ""
    open_values = {name: value for name, value in values.items() if not card.secret or name != card.secret.name}
    try:
        if services.tickets.reachable:
            found = await services.connections.begin(member, card, open_values, view={"id": view_id})
        else:
            found = await services.connections.begin_with_secret(member, card, open_values, secret)
    except FormError as error:
        return _problem(services, card, open_values, error)
    return _found(card, open_values, found)


def _found(card: RunCard, values: Mapping[str, str], found: Connected | TicketNeeded) -> Outcome:
    if isinstance(found, TicketNeeded):
        return Outcome(screens.enter_token(card.title_for(values), found.url, found.expires_at))
    text = screens.connected(found.sentence, tools=found.tools, reading=found.reading, free=found.free)
    return Outcome(screens.done(text, found.connection.id, card.example), text, connected=True)


def _problem(services: Services, card: RunCard, values: Mapping[str, str], error: FormError) -> Outcome:
    """The form again, as it was filled in, with what is wrong on top of it."""
    if card.fields:
        view = screens.form(card, values, error.errors, with_secret=not services.tickets.reachable)
    else:
        view = screens.failed(str(error))
    return Outcome(view, screens.not_connected(str(error)), error.errors)

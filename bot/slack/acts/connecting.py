"""One try to connect, and what to show of how it went."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.connections import Connected, FormError, TicketNeeded
from bot.services.connections.values import NoSecretsHere
from bot.services.tickets import Entry
from bot.slack.acts.admins import Admins
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


async def entry_of(services: Services, client: AsyncWebClient, member: Member) -> Entry:
    """Where this member may enter a secret."""

    async def is_admin() -> bool:
        return await Admins(client, services.admins).includes(member.id)

    return await services.tickets.entry(is_admin)


async def connect(
    services: Services, entry: Entry, member: Member, card: RunCard, values: Mapping[str, str], view_id: str
) -> Outcome:
    """``view_id`` is the modal in which the outcome of a ticket's page will be shown."""
    secret = values.get(card.secret.name, "") if card.secret else ""
    open_values = {name: value for name, value in values.items() if not card.secret or name != card.secret.name}
    try:
        if entry is Entry.SLACK:
            found: Connected | TicketNeeded
            found = await services.connections.begin_with_secret(member, card, open_values, secret)
        else:  # whatever a form may bring, a secret of its is not taken
            found = await services.connections.begin(member, card, open_values, view={"id": view_id}, entry=entry)
    except NoSecretsHere as refused:
        return Outcome(screens.no_secrets(str(refused)), screens.not_connected(str(refused)))
    except FormError as error:
        return _problem(entry, card, open_values, error)
    return _found(card, open_values, found)


def _found(card: RunCard, values: Mapping[str, str], found: Connected | TicketNeeded) -> Outcome:
    if isinstance(found, TicketNeeded):
        title = card.title_for(values)
        return Outcome(screens.enter_token(title, found.url, found.expires_at, own_machine=found.own_machine))
    counts = {"tools": found.tools, "reading": found.reading, "free": found.free}
    text = screens.connected(found.sentence, **counts, left_out=found.left_out)
    return Outcome(screens.done(text, found.connection.id, card.example), text, connected=True)


def _problem(entry: Entry, card: RunCard, values: Mapping[str, str], error: FormError) -> Outcome:
    """The form again, as it was filled in, with what is wrong on top of it."""
    view = screens.form(card, values, error.errors, entry=entry) if card.fields else screens.failed(str(error))
    return Outcome(view, screens.not_connected(str(error)), error.errors)

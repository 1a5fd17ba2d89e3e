"""One try to connect, and what to show of how it went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot.services.connections import Connected, FormError, TicketNeeded
from bot.services.connections.values import NoSecretsHere, TooMany
from bot.services.tickets import Entry
from bot.slack.acts.admins import Admins
from bot.slack.screens.blocks.elements import Block, View
from bot.slack.screens.connections import connected, signing_in
from bot.slack.screens.connections import connecting as screens
from bot.slack.screens.connections.full import full
from bot.slack.services import Services
from mcp_runtime.specs import Secrets
from run_cards.card import RunCard
from run_cards.fields import ON
from run_cards.seeds import USE
from storage.members import Member
from storage.tables import Connection


@dataclass(frozen=True)
class Outcome:
    view: View
    text: str
    """For a direct message, when the modal was closed meanwhile; it names the connection."""
    blocks: Sequence[Block] = ()
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
    names = {each.name for each in card.secrets}
    secrets = {name: value for name, value in values.items() if name in names}
    open_values = {name: value for name, value in values.items() if name not in names}
    try:
        found: Connected | TicketNeeded
        if open_values.pop(USE, "") == ON and any(each.name == USE for each in card.fields):
            found = await services.connections.begin_with_installations(member, card, open_values, services.seeds)
        elif entry is Entry.SLACK:
            found = await services.connections.begin_with_secrets(member, card, open_values, secrets)
        else:  # whatever a form may bring, a secret of its is not taken
            found = await services.connections.begin(member, card, open_values, view={"id": view_id}, entry=entry)
    except NoSecretsHere as refused:
        return Outcome(screens.no_secrets(str(refused)), screens.not_connected(_title(card, values), str(refused)))
    except FormError as error:
        return _problem(entry, card, open_values, error, signs_in=services.connections.may_sign_in(card))
    return found_out(found)


async def sign_in(
    services: Services, member: Member, connection: Connection, card: RunCard, secrets: Secrets
) -> Outcome:
    """With new secrets that were typed into Slack's form."""
    try:
        return found_out(await services.connections.sign_in_with_secrets(member, connection.id, secrets))
    except FormError as error:
        view = screens.sign_in_form(connection, card.secrets, str(error))
        return Outcome(view, screens.not_connected(connection.title, str(error)), problems=error.errors)


def found_out(found: Connected | TicketNeeded) -> Outcome:
    if isinstance(found, TicketNeeded) and found.signs_in_at:
        return _to_the_service(found)
    if isinstance(found, TicketNeeded):
        told = (found.title, found.url, found.expires_at, found.code)
        return Outcome(
            screens.enter_token(*told, own_machine=found.own_machine),
            screens.still_needs(found.title),
            screens.token_needed(*told, own_machine=found.own_machine),
        )
    text = connected.sentence_of(
        found.sentence, tools=found.tools, reading=found.reading, free=found.free, left_out=found.left_out
    )
    return Outcome(connected.done(text, found.connection.id, found.questions), text, connected=True)


def _to_the_service(found: TicketNeeded) -> Outcome:
    told = (found.title, found.signs_in_at, found.url, found.expires_at)
    asked = signing_in.blocks_of(*told, found.token_url, found.code, own_machine=found.own_machine)
    return Outcome(signing_in.modal_of(asked), signing_in.still_needs(found.title, found.signs_in_at), asked)


def _problem(entry: Entry, card: RunCard, values: Mapping[str, str], error: FormError, *, signs_in: bool) -> Outcome:
    """The form again, as it was filled in, with what is wrong on top of it."""
    if screens.questions_of(card, values, entry):
        view = screens.form(card, values, error.errors, entry=entry, signs_in=signs_in)
    else:
        view = full(error, card) if isinstance(error, TooMany) else screens.failed(str(error), card)
    text = screens.not_connected(_title(card, values), str(error))
    return Outcome(view, text, screens.not_connected_blocks(text, card), error.errors)


def _title(card: RunCard, values: Mapping[str, str]) -> str:
    return card.title_for(values) or card.title

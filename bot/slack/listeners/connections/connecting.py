"""From a card to a connection: chooser, form, ticket page, outcome."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.services.connections.values import TooMany
from bot.services.matching import near, same
from bot.services.tickets import Entry
from bot.slack.acts.admins import Admins
from bot.slack.acts.connections.connecting import Outcome, connect, entry_of
from bot.slack.acts.connections.steps import Show, Steps
from bot.slack.acts.seeding import as_asked, has_its_own
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.keyed_locks import KeyedLocks
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.connections.submissions import Submissions, answer, show, told_in
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.connections import connecting as screens
from bot.slack.screens.connections import departures, picker
from bot.slack.screens.connections import listing as connections
from bot.slack.screens.connections.full import full
from bot.slack.services import Services
from mcp_runtime.steps import Step, heard_by
from run_cards.card import ANOTHER, RunCard
from storage.members import Member

SHORTCUT = "connect_tool"
CARD_GONE = "This service cannot be connected here any more. Choose another one."


def hang(registry: Registry, services: Services) -> None:
    picking = KeyedLocks()
    _browsing(registry, services)

    @registry.shortcut(SHORTCUT)
    @registry.action(connections.CONNECT)
    async def choose(interaction: Interaction) -> None:
        await interaction.ack()
        await _choose(interaction, services)

    @registry.action(picker.PICK)
    @registry.action(departures.AGAIN)
    async def picked(interaction: Interaction) -> None:
        await interaction.ack()
        await _picked(interaction, services, picking)

    @registry.action(picker.ADD)
    async def add(interaction: Interaction) -> None:
        await interaction.ack()
        await _picked(interaction, services, picking, another=True)

    _submitting(registry, services)


def _submitting(registry: Registry, services: Services) -> None:
    submissions = Submissions(registry.tasks)

    @registry.view(screens.FORM)
    async def submitted(interaction: Interaction) -> None:
        card = await services.card_for(interaction.member, interaction.view["private_metadata"])
        card = await as_asked(services, interaction.client, interaction.member, card) if card else None
        if card is None:
            await interaction.ack_with(await not_here(interaction, services, interaction.view["private_metadata"]))
            return
        values = card.filled(values_of(interaction.view))
        if complaints := card.complaints(values):
            await interaction.ack(response_action="errors", errors=complaints)
            return
        steps = Steps()
        work, first = submissions.of(interaction, values, lambda: _connect(interaction, services, card, values, steps))
        waiting = steps.shown(_told_in(interaction, interaction.view["id"], card))
        await answer(interaction, services, work, screens.working(card), first=first, waiting=waiting)


def _browsing(registry: Registry, services: Services) -> None:
    @registry.action(f"{picker.PAGE}.back")
    @registry.action(f"{picker.PAGE}.more")
    async def turn_page(interaction: Interaction) -> None:
        await interaction.ack()
        looking = replace(picker.Looking.of(interaction.view), page=int(interaction.value))
        await interaction.update(interaction.view["id"], await _chooser(interaction, services, looking=looking))

    @registry.view(picker.SEARCH_FORM)
    async def search(interaction: Interaction) -> None:
        typed = str(values_of(interaction.view).get(picker.SEARCH) or "")
        await interaction.ack_with(await _chooser(interaction, services, looking=picker.Looking(typed)))


async def start(interaction: Interaction, services: Services, names: Sequence[str]) -> None:
    """`/mcp connect [card]`; ``names`` are what may have been meant by the card."""
    cards = await services.cards_for(interaction.member)
    if card := card_named(cards, names):
        await _open(interaction, services, card)
    elif card := await forbidden_named(services, interaction.member, names):
        await interaction.reply(await not_allowed(interaction, services, card))
    elif card := card_near(cards, names):
        await interaction.reply(picker.NO_SUCH_CARD, picker.offer("I have no card of that name.", card))
    else:
        await _choose(interaction, services, picker.NO_SUCH_CARD if names else "")


def card_named(cards: Sequence[RunCard], names: Iterable[str]) -> RunCard | None:
    """The card of this name or title, however it is written."""
    for card in cards:
        if any(same(name, [card.name, card.title]) for name in names):
            return card
    return None


def card_near(cards: Sequence[RunCard], names: Iterable[str]) -> RunCard | None:
    """The one that may have been meant; to be offered only."""
    known = {name: card.name for card in cards for name in (card.name, card.title)}
    found = next((card for name in names if (card := near(name, known))), None)
    return next((card for card in cards if card.name == found), None)


async def forbidden_named(services: Services, member: Member, names: Sequence[str]) -> RunCard | None:
    """The one that is meant by this name, or nearly, and that administrators do not let be used."""
    forbidden = await services.forbidden_to(member)
    if card := card_named(forbidden, names):
        return card
    meant = card_near([*await services.cards_for(member), *forbidden], names) if forbidden else None
    return meant if meant in forbidden else None


async def not_allowed(interaction: Interaction, services: Services, card: RunCard) -> str:
    return picker.not_allowed(card, await Admins(interaction.client, services.admins).ids())


async def not_here(interaction: Interaction, services: Services, name: str) -> View:
    """For a card that was there when its button or form was shown."""
    forbidden = await services.forbidden_to(interaction.member)
    if card := next((each for each in forbidden if each.name == name), None):
        return screens.refused(await not_allowed(interaction, services, card))
    return screens.failed(CARD_GONE)


async def _picked(interaction: Interaction, services: Services, picking: KeyedLocks, *, another: bool = False) -> None:
    if card := await services.card_for(interaction.member, interaction.value):
        async with picking.turn((interaction.member, card.name)):  # pressed twice, it is connected once
            await _open(interaction, services, card, another=another)
    else:
        await _put(interaction, await not_here(interaction, services, interaction.value))


async def _choose(interaction: Interaction, services: Services, told: str = "") -> None:
    await interaction.show(await _chooser(interaction, services, told))


async def _chooser(
    interaction: Interaction, services: Services, told: str = "", looking: picker.Looking | None = None
) -> View:
    member = interaction.member
    mine, users = await services.connections.of(member), await services.connections.colleagues(member.workspace)
    return picker.chooser(await services.cards_for(member), mine, told, users=users, looking=looking)


async def _open(interaction: Interaction, services: Services, card: RunCard, *, another: bool = False) -> None:
    """One click where there is nothing to ask; else the form, unless it could not lead to anything.

    What is connected already is shown instead.
    """
    mine = await services.connections.of(interaction.member)
    there = [view for view in mine if view.connection.card == card.name]
    if there and not card.titled and not another:
        await _put(interaction, picker.there_already(card, there))
        return
    try:
        await services.connections.room(interaction.member)
    except TooMany as limit:  # before a form is filled in that would lead nowhere
        await _put(interaction, full(limit, card))
        return
    card = await as_asked(services, interaction.client, interaction.member, card)
    entry = await entry_of(services, interaction.client, interaction.member)
    named = card.titled is not None  # its form has a name of its own
    values = {ANOTHER.name: ""} if not named and ((another and there) or _asks(card)) else {}
    leads_nowhere = entry is Entry.NOWHERE and card.needs_secrets and not has_its_own(card)
    asks = values or _asks(card) or (card.secret and entry is Entry.SLACK)
    if asks and not leads_nowhere:
        signs_in = services.connections.may_sign_in(card)
        await _put(interaction, screens.form(card, values, entry=entry, signs_in=signs_in))
        return
    view_id = await _put(interaction, screens.working(card))
    steps = Steps()
    async with told_in(interaction, view_id, screens.TITLE):
        async with steps.shown(_told_in(interaction, view_id, card)):
            with heard_by(steps.heard):
                outcome = await connect(services, entry, interaction.member, card, {}, view_id)
        await show(interaction, services, outcome, view_id)


def _asks(card: RunCard) -> bool:
    return any(not field.secret for field in card.fields)


def _told_in(interaction: Interaction, view_id: str, card: RunCard) -> Show:
    async def show(step: Step) -> None:
        await interaction.update(view_id, screens.stepping(card.title, step))

    return show


async def _connect(
    interaction: Interaction, services: Services, card: RunCard, values: Mapping[str, str], steps: Steps
) -> Outcome:
    # Asked once more: who may do what is not for an open form to say.
    entry = await entry_of(services, interaction.client, interaction.member)
    with heard_by(steps.heard):
        return await connect(services, entry, interaction.member, card, values, interaction.view["id"])


async def _put(interaction: Interaction, view: View) -> str:
    """Into the modal where the click was, or into a new one."""
    if interaction.in_modal and await interaction.update(interaction.view["id"], view):
        return str(interaction.view["id"])
    return await interaction.show(view)

"""A workspace's own cards: administrators list them, add one, change one, take one back."""

import json
from dataclasses import replace

from bot.errors import FormError, UserError
from bot.services.cards import Draft, Looked
from bot.services.cards.added_card import program_of
from bot.services.cards.drafts import MOST_TITLE, way_of
from bot.services.cards.programs import Typed
from bot.services.tickets import Entry
from bot.slack.acts.connections.connecting import entry_of
from bot.slack.acts.direct_message import tell
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import draft_of, one_card, only_admins, typed_draft
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.listeners.paging import Window, hang_window
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.blocks.text import safe, unmarked
from bot.slack.screens.cards import forms, programs
from bot.slack.screens.cards import listing as screens
from bot.slack.screens.connections.connecting import enter_token
from bot.slack.services import Services
from run_cards.checks import web_address

LOOKING = "Looking up the cards…"
ASKING = "Asking the server what it needs and offers…"
ADDED = "{title} is added. Whoever it is for finds it under “Connect a tool”."
SAVED = "{title} is saved."
GONE = "{title} is taken back."


def hang(registry: Registry, services: Services) -> None:
    _looking(registry, services)
    _entering_an_address(registry, services)
    _filling_in(registry, services)
    _taking_back(registry, services)


def _looking(registry: Registry, services: Services) -> None:
    window = Window(screens.OPEN, screens.PAGE, screens.TITLE, LOOKING)
    hang_window(registry, window, lambda interaction, page: _list(interaction, services, page))


def _entering_an_address(registry: Registry, services: Services) -> None:
    @registry.action(screens.ADD)
    async def add(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(LOOKING, screens.TITLE))
        async with told_in(interaction, view_id, screens.TITLE):
            await only_admins(interaction, services)
            await interaction.update(view_id, forms.address(programs=services.workspace_cards.programs.allowed))

    @registry.action(screens.CHANGE)
    async def change(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(LOOKING, screens.TITLE))
        async with told_in(interaction, view_id, screens.TITLE):
            found = (await one_card(interaction, services, interaction.value)).card
            card, program = (found.id, found.version), program_of(found)
            first = forms.address(found.url, card=card)
            if program is not None:
                seen = Typed.of(program, found.seconds)
                first = programs.typed(seen, card, [] if seen.line else [programs.NOT_SHOWN])
            await interaction.update(view_id, first)

    @registry.view(forms.ADDRESS)
    async def looked_at(interaction: Interaction) -> None:
        url, view_id = str(values_of(interaction.view).get("url") or "").strip(), interaction.view["id"]
        card_id, version = json.loads(interaction.view["private_metadata"])
        if wrong := web_address(url):
            await interaction.ack(response_action="errors", errors={"url": wrong})
            return
        await interaction.ack_with(notices.working(ASKING, screens.TITLE))
        async with told_in(interaction, view_id, screens.TITLE):
            await interaction.update(view_id, await _second_step(interaction, services, url, card_id, version))


def _filling_in(registry: Registry, services: Services) -> None:
    @registry.action(forms.MORE)
    async def more(interaction: Interaction) -> None:
        await interaction.ack()
        kept = forms.Kept.of(interaction.view)
        typed = typed_draft(values_of(interaction.view), kept.looked.url)
        await interaction.update(interaction.view["id"], forms.form(typed, replace(kept, more=True)))

    @registry.view(forms.FORM)
    async def submitted(interaction: Interaction) -> None:
        kept, view_id = forms.Kept.of(interaction.view), interaction.view["id"]
        draft = typed_draft(values_of(interaction.view), kept.looked.url)
        if kept.looked.command:
            try:
                draft = await _as_confirmed(interaction, services, draft, kept.looked)
            except UserError as error:
                await interaction.ack_with(notices.notice(unmarked(str(error)), title=screens.TITLE))
                return
        if wrong := draft.complaints(()):
            await interaction.ack(response_action="errors", errors=wrong)
            return
        await interaction.ack_with(screens.working(draft.title))
        async with told_in(interaction, view_id, screens.TITLE):
            try:
                if draft.signs_in == "shared":
                    page = await _page(interaction, services, draft, (kept.card, kept.version))
                    await interaction.update(view_id, page)
                    return
                told = await _saved(interaction, services, draft, kept.card, kept.version)
            except FormError as error:
                await _shown(interaction, forms.form(draft, kept, error.errors), str(error))
                return
            await _shown(interaction, await _list(interaction, services, told=told), told)
            await _below(interaction, services)


async def _second_step(interaction: Interaction, services: Services, url: str, card_id: str, version: int) -> View:
    """What the server leaves to be said; the first step again where it cannot be asked."""
    await only_admins(interaction, services)
    before = (await one_card(interaction, services, card_id)) if card_id else None
    entry = await entry_of(services, interaction.client, interaction.member)
    try:
        looked = await services.workspace_cards.look(interaction.member, url, entry)
    except FormError as error:
        if before is None or before.card.url != url:
            return forms.address(url, str(error), (card_id, version))
        looked = Looked(url, (before.card.signs_in,), answers=False)
    if before is None:
        return forms.form(Draft(_name(looked), "", url, looked.ways[0]), forms.Kept("", 0, looked))
    ways = dict.fromkeys((*looked.ways, before.card.signs_in))
    other = looked.other_header or before.card.header != "Authorization"
    kept = forms.Kept(card_id, version, replace(looked, ways=tuple(ways), other_header=other), more=True)
    return forms.form(draft_of(before), kept)


async def _as_confirmed(interaction: Interaction, services: Services, draft: Draft, looked: Looked) -> Draft:
    """What runs is what was shown, and nothing that the form could say; raises `UserError`."""
    found = services.workspace_cards.programs
    program, seconds = await found.confirmed(interaction.member, looked.command)
    return replace(draft, url="", signs_in=way_of(program), program=program, seconds=seconds)


def _name(looked: Looked) -> str:
    """To begin with: what it calls itself, as far as that is a name for people."""
    return looked.name if looked.name.isprintable() and len(looked.name) <= MOST_TITLE else ""


def _taking_back(registry: Registry, services: Services) -> None:
    @registry.action(screens.TAKE_BACK)
    async def asked(interaction: Interaction) -> None:
        await interaction.ack()
        view_id = await interaction.show(notices.working(LOOKING, "Take back"))
        async with told_in(interaction, view_id, "Take back"):
            await interaction.update(view_id, screens.sure(await one_card(interaction, services, interaction.value)))

    @registry.view(screens.SURE)
    async def sure(interaction: Interaction) -> None:
        await interaction.ack_with(notices.working("Taking it back…", "Take back"))
        async with told_in(interaction, interaction.view["id"], "Take back"):
            await only_admins(interaction, services)
            gone = await services.workspace_cards.take_back(interaction.member, interaction.view["private_metadata"])
            told = GONE.format(title=gone.title)
            await _shown(interaction, notices.notice(unmarked(told), title="Take back"), told)
            await _below(interaction, services)


async def _list(interaction: Interaction, services: Services, page: int = 0, told: str = "") -> View:
    await only_admins(interaction, services)
    return screens.listed(await services.workspace_cards.of(interaction.member.workspace), page, told)


async def _saved(interaction: Interaction, services: Services, draft: Draft, card_id: str, version: int) -> str:
    """The sentence that tells it; raises `FormError`, `UserError`."""
    await only_admins(interaction, services)
    if card_id:
        await services.workspace_cards.change(interaction.member, card_id, version, draft)
        return SAVED.format(title=draft.title)
    await services.workspace_cards.add(interaction.member, draft)
    return ADDED.format(title=draft.title)


async def _page(interaction: Interaction, services: Services, draft: Draft, changed: tuple[str, int]) -> View:
    """Where the token for all is entered: that saves the card, and this window tells how it went."""
    await only_admins(interaction, services)
    entry, view_id = await entry_of(services, interaction.client, interaction.member), interaction.view["id"]
    issued = await services.workspace_cards.ask_token(interaction.member, draft, changed, entry, view_id)
    here = entry is Entry.OWN_MACHINE
    return enter_token(draft.title, issued.url, issued.expires_at, issued.code, own_machine=here)


async def _shown(interaction: Interaction, view: View, told: str) -> None:
    """In the modal, or by a message when that was closed meanwhile."""
    if not await interaction.update(interaction.view["id"], view):
        await tell(interaction.client, interaction.member, safe(told, 2500))


async def _below(interaction: Interaction, services: Services) -> None:
    """The list from which the window was opened, as things stand now."""
    if below := interaction.view.get("previous_view_id"):
        await interaction.update(below, await _list(interaction, services))

"""A link's creator gives it time, pauses it, gives it a new address, ends it: from the list, its card and Home."""

import logging
from collections.abc import Sequence

from bot.errors import UserError
from bot.slack.acts.guests.hand_over import host_of
from bot.slack.edge.calls.modals import updated
from bot.slack.edge.calls.response_url import respond
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.links.results import show_details
from bot.slack.screens.blocks.elements import Block
from bot.slack.screens.links import card, changes, listing, window
from bot.slack.screens.links import menu as menus
from bot.slack.services import Services
from storage.schema import now
from storage.tables import Link

log = logging.getLogger(__name__)

MINE = "Your temporary chat links"
WINDOW = "window"
FORMS = {menus.EXTEND: changes.extend_form, menus.ROTATE: changes.rotate_form, menus.REVOKE: changes.revoke_form}


def hang(registry: Registry, services: Services) -> None:
    _hang_revoking(registry, services)

    @registry.action(menus.LISTED)
    @registry.action(menus.CARD)
    async def menu(interaction: Interaction) -> None:
        await interaction.ack()
        verb, link_id = menus.chosen(interaction.value)
        if verb == menus.DETAILS:
            await show_details(interaction, services, link_id)
            return
        if verb in FORMS:
            link = await services.links.own(interaction.member, link_id)
            await interaction.show(FORMS[verb](link, _origin(interaction)))
            return
        link = await services.links.pause(interaction.member, link_id, paused=verb == menus.PAUSE)
        await _shown_anew(interaction, services, changes.paused(link), link)

    @registry.view(changes.EXTEND_FORM)
    async def extend(interaction: Interaction) -> None:
        link_id, origin = changes.asked_about(interaction.view["private_metadata"])
        hours = float(str(values_of(interaction.view)["hours"]))
        try:
            link = await services.links.extend(interaction.member, link_id, hours)
        except UserError as error:
            await interaction.ack(response_action="errors", errors={"hours": str(error)})
            return
        await interaction.ack_with(changes.told(changes.extended(link)))
        await _follow(interaction, services, origin, changes.extended(link))

    @registry.view(changes.ROTATE_FORM)
    async def rotate(interaction: Interaction) -> None:
        link_id, origin = changes.asked_about(interaction.view["private_metadata"])
        made = await services.links.rotate(interaction.member, link_id)
        host = await host_of(interaction.client, interaction.member)
        await interaction.ack_with(card.created_view(made, host, renewed=True))
        if origin.startswith(menus.CARD):
            await _in_its_place(interaction, origin, changes.dead(made.link), [])


def _hang_revoking(registry: Registry, services: Services) -> None:
    @registry.action(changes.REVOKE)
    async def revoke(interaction: Interaction) -> None:
        await interaction.ack()
        link = await services.links.revoke(interaction.member, interaction.value)
        if interaction.channel:
            await interaction.reply(changes.revoked([link]), listing.revoked_blocks([link]), replace=True)
        elif interaction.in_modal:
            await interaction.update(interaction.view["id"], changes.told(changes.revoked([link])))

    @registry.view(changes.REVOKE_FORM)
    async def revoke_asked(interaction: Interaction) -> None:
        link_id, origin = changes.asked_about(interaction.view["private_metadata"])
        told = changes.revoked([await services.links.revoke(interaction.member, link_id)])
        await interaction.ack_with(changes.told(told))
        await _follow(interaction, services, origin, told)

    @registry.action(listing.REVOKE_ALL)
    async def revoke_all(interaction: Interaction) -> None:
        await interaction.ack()
        gone = await revoked(interaction, services, interaction.value.split())
        await interaction.reply(changes.revoked(gone), listing.revoked_blocks(gone), replace=True)


async def revoked(interaction: Interaction, services: Services, link_ids: list[str]) -> list[Link]:
    """Those that were not over already."""
    gone = []
    for link_id in link_ids:
        try:
            gone.append(await services.links.revoke(interaction.member, link_id))
        except UserError as error:
            log.info("a link was not revoked again: %s", type(error).__name__)
    return gone


def _origin(interaction: Interaction) -> str:
    """Of which kind it is, and the way to put something else into its place; Home follows by itself."""
    if interaction.view.get("callback_id") == window.SEARCH_FORM:
        return f"{WINDOW} {interaction.view['id']} {interaction.view['private_metadata']}"
    url = interaction.body.get("response_url") or ""
    return f"{interaction.payload['action_id']} {url}" if url else ""


async def _shown_anew(interaction: Interaction, services: Services, told: str, link: Link) -> None:
    """Where it was pressed. A card stays as it is, since it alone shows the address."""
    if interaction.payload["action_id"] == menus.CARD:
        await interaction.reply(told, listing.listed([link], now(), told))
    elif interaction.in_modal:
        await _follow(interaction, services, _origin(interaction), told)
    elif interaction.channel:
        mine = await services.links.of(interaction.member)
        counts = await services.links.outcomes.counts(interaction.member, mine)
        await interaction.reply(MINE, listing.listed(mine, now(), told, counts=counts), replace=True)


async def _follow(interaction: Interaction, services: Services, origin: str, told: str) -> None:
    """The list from which a form was opened shows what came of it."""
    if origin.startswith(menus.LISTED):
        mine = await services.links.of(interaction.member)
        counts = await services.links.outcomes.counts(interaction.member, mine)
        await _in_its_place(interaction, origin, MINE, listing.listed(mine, now(), told, counts=counts))
    elif origin.startswith(WINDOW):
        _, view_id, metadata = origin.split(" ", 2)
        mine = await services.links.of(interaction.member)
        shown = window.window(mine, now(), window.looking_of(metadata), told)
        await updated(interaction.client, view_id, shown)


async def _in_its_place(interaction: Interaction, origin: str, text: str, blocks: Sequence[Block]) -> None:
    await respond(interaction.client, origin.partition(" ")[2], text, blocks, replace=True)

"""An administrator adds a program of this machine as a card: typed, shown, confirmed, and only then run."""

import json
from typing import Any

from bot.errors import FormError, UserError
from bot.services.cards import Draft, Looked
from bot.services.cards.drafts import MOST_TITLE
from bot.services.cards.programs import Typed
from bot.slack.edge.interaction import Interaction
from bot.slack.edge.payload import values_of
from bot.slack.edge.registration import Registry
from bot.slack.listeners.cards.filled_in import draft_of, one_card, only_admins
from bot.slack.listeners.connections.submissions import told_in
from bot.slack.screens import notices
from bot.slack.screens.blocks.elements import View
from bot.slack.screens.cards import forms
from bot.slack.screens.cards import programs as screens
from bot.slack.screens.cards.listing import TITLE
from bot.slack.services import Services

FINDING = "Looking what that names on this machine…"
RUNNING = "Running it in the sandbox, and asking for its tools…"


def hang(registry: Registry, services: Services) -> None:
    @registry.action(screens.INSTEAD)
    async def instead(interaction: Interaction) -> None:
        await interaction.ack()
        async with told_in(interaction, interaction.view["id"], TITLE):
            await only_admins(interaction, services)
            await interaction.update(interaction.view["id"], screens.typed(Typed()))

    @registry.action(screens.BACK)
    async def back(interaction: Interaction) -> None:
        await interaction.ack()
        token, *card = json.loads(interaction.view["private_metadata"])
        async with told_in(interaction, interaction.view["id"], TITLE):
            await only_admins(interaction, services)
            seen = await services.workspace_cards.programs.shown(interaction.member, token)
            await interaction.update(interaction.view["id"], screens.typed(seen, _card(card)))

    @registry.view(screens.COMMAND)
    async def named(interaction: Interaction) -> None:
        seen, card = screens.read(values_of(interaction.view)), _card(json.loads(interaction.view["private_metadata"]))
        await interaction.ack_with(notices.working(FINDING, TITLE))
        async with told_in(interaction, interaction.view["id"], TITLE):
            await only_admins(interaction, services)
            try:
                view = screens.confirm(await services.workspace_cards.programs.named(interaction.member, seen), card)
            except FormError as error:
                view = screens.typed(seen, card, error.errors.values())
            await interaction.update(interaction.view["id"], view)

    @registry.view(screens.CONFIRM)
    async def confirmed(interaction: Interaction) -> None:
        token, *card = json.loads(interaction.view["private_metadata"])
        await interaction.ack_with(notices.working(RUNNING, TITLE))
        async with told_in(interaction, interaction.view["id"], TITLE):
            await only_admins(interaction, services)
            view = await _run(interaction, services, token, _card(card))
            await interaction.update(interaction.view["id"], view)


async def _run(interaction: Interaction, services: Services, token: str, card: tuple[str, int]) -> View:
    """What it offers, with the rest of its card to be said; what was typed again where it does not run."""
    programs = services.workspace_cards.programs
    before = await one_card(interaction, services, card[0]) if card[0] else None
    seen = await programs.shown(interaction.member, token)
    try:
        looked = await programs.run(interaction.member, token)
    except UserError as error:
        return screens.typed(seen, card, [str(error)])
    draft = draft_of(before) if before else Draft(_name(looked), "", "", looked.ways[0])
    return forms.form(draft, forms.Kept(*card, looked, more=bool(before)))


def _name(looked: Looked) -> str:
    return looked.name if looked.name.isprintable() and len(looked.name) <= MOST_TITLE else ""


def _card(kept: list[Any]) -> tuple[str, int]:
    return str(kept[0]), int(kept[1])

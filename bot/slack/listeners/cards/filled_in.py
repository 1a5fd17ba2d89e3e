"""What an administrator has filled in about a card, and whether they are one."""

from dataclasses import replace
from typing import Any

from bot.errors import UserError
from bot.services.cards import CardView, Draft
from bot.services.cards.added_card import program_of
from bot.services.cards.drafts import NO_ICON
from bot.services.watch.audit.admin_acts import refused
from bot.slack.acts.admins import Admins
from bot.slack.edge.interaction import Interaction
from bot.slack.screens.cards import listing as screens
from bot.slack.services import Services


async def only_admins(interaction: Interaction, services: Services, else_told: str = screens.ONLY_ADMINS) -> None:
    """Asked at every act: who was one when the view was opened may be none by now. Raises `UserError`."""
    if not await Admins(interaction.client, services.admins).includes(interaction.member.id):
        await refused(services.db, interaction.member, interaction.act)
        raise UserError(else_told)


async def one_card(interaction: Interaction, services: Services, card_id: str) -> CardView:
    await only_admins(interaction, services)
    return await services.workspace_cards.get(interaction.member.workspace, card_id)


def typed_draft(values: dict[str, Any], url: str) -> Draft:
    def lines(name: str) -> tuple[str, ...]:
        """Typed, one a line, or chosen."""
        said = values.get(name) or ""
        several = said if isinstance(said, list) else str(said).splitlines()
        return tuple(line.strip() for line in several if line.strip())

    def line(name: str) -> str:
        return str(values.get(name) or "").strip()

    return Draft(
        title=line("title"),
        about=line("about"),
        url=url,
        signs_in=line("signs_in"),
        header=line("header") or "Authorization",
        reads=lines("reads"),
        icon=line("icon") or NO_ICON,
        questions=lines("questions"),
        audience=tuple(values.get("audience") or ()),
    )


def draft_of(view: CardView) -> Draft:
    card = view.card
    listed: dict[str, Any] = {name: tuple(getattr(card, name)) for name in ("reads", "questions", "audience")}
    found = Draft(card.title, card.about, card.url, card.signs_in, card.header, icon=card.icon, **listed)
    return replace(found, program=program_of(card), seconds=card.seconds)

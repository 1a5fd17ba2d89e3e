"""Administrators find in a card's form what this installation has for it; nobody else does."""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.acts.admins import Admins
from bot.slack.services import Services
from run_cards.card import RunCard
from run_cards.seeds import SEEDS, USE
from storage.members import Member


async def as_asked(services: Services, client: AsyncWebClient, member: Member, card: RunCard) -> RunCard:
    """The card as this member is asked for it; who is an admin is looked at each time."""
    found = services.seeds.of(card) if card.name in SEEDS else None
    if found is None or not (found.values or found.secrets):
        return card
    return services.seeds.filled_in(card) if await Admins(client, services.admins).includes(member.id) else card


def has_its_own(card: RunCard) -> bool:
    """``card`` is as somebody is asked for it: to whom no token of the installation is offered, there is none."""
    return any(each.name == USE for each in card.fields)

"""A failure that no answer of a member's can mend is told as the card's, above its form, and to the admins."""

import pytest

from bot.services.connections.telling.failures import for_admins, form_error
from mcp_runtime.errors import BadCertificate, HostUnreachable, Redirected, TokenRefused
from run_cards import CARDS as ALL
from run_cards.card import RunCard

CARDS = {each.name: each for each in ALL}
ADDRESSED = {"custom": "url", "postgres": "address", "redis": "address", "openapi": "url", "graphql": "url"}
HOSTED = [each for each in CARDS.values() if each.name not in ADDRESSED]


@pytest.mark.parametrize("card", HOSTED, ids=lambda card: card.name)
@pytest.mark.parametrize("kind", [HostUnreachable, BadCertificate, Redirected])
def test_an_address_of_the_card_is_told_under_no_field(card: RunCard, kind: type[HostUnreachable]) -> None:
    told = form_error(card, kind(card.title)).errors
    assert list(told) == [""] and "administrator" in told[""]
    assert card.title in for_admins(card, kind(card.title))


@pytest.mark.parametrize("card", [CARDS[name] for name in ADDRESSED], ids=lambda card: card.name)
def test_an_address_of_the_member_is_told_under_it_and_to_nobody_else(card: RunCard) -> None:
    assert list(form_error(card, HostUnreachable(card.title)).errors) == [ADDRESSED[card.name]]
    assert for_admins(card, HostUnreachable(card.title)) == ""


def test_a_token_that_is_refused_is_the_members_own() -> None:
    assert list(form_error(CARDS["supabase"], TokenRefused("Supabase")).errors) == ["token"]
    assert for_admins(CARDS["supabase"], TokenRefused("Supabase")) == ""

"""The cards on the table: one file a service, in the order shown."""

from collections.abc import Sequence

from run_cards import custom, github, supabase, time
from run_cards.card import Field, RunCard

CARDS: tuple[RunCard, ...] = (time.CARD, custom.CARD, github.CARD, supabase.CARD)
"""The product's own."""


def with_added(added: Sequence[RunCard]) -> tuple[RunCard, ...]:
    """With those of the installation, which members look for first."""
    return CARDS[0], *added, *CARDS[1:]


__all__ = ["CARDS", "Field", "RunCard", "with_added"]

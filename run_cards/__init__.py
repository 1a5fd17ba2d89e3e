"""The cards on the table: one file a service, in the order shown."""

from run_cards import custom, github, supabase, time
from run_cards.card import Field, RunCard

CARDS: tuple[RunCard, ...] = (time.CARD, custom.CARD, github.CARD, supabase.CARD)

__all__ = ["CARDS", "Field", "RunCard"]

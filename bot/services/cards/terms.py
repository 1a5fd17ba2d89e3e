"""What the card of a connection says of its calls: how long they may take, and what their arguments may not be."""

from collections.abc import Mapping
from functools import partial

from mcp_runtime.tools.policies.terms import Terms, TermsOf
from run_cards.card import RunCard
from storage.tables import Connection, PinnedTool


def terms_of(cards: Mapping[str, RunCard]) -> TermsOf:
    def of(connection: Connection) -> Terms:
        card = cards.get(connection.card)
        if card is None:
            return Terms()
        return Terms(card.limits.seconds, card.argument_checks, card.costs, card.phrases, partial(_reads, card))

    return of


def _reads(card: RunCard, row: PinnedTool) -> bool:
    return card.frees(row.name, hinted_reading=row.hinted_reading)

"""What the card of a connection says of its calls: how long they may take, and what their arguments may not be."""

from collections.abc import Mapping

from mcp_runtime.tools.policies.terms import Terms, TermsOf
from run_cards.card import RunCard
from storage.tables import Connection


def terms_of(cards: Mapping[str, RunCard]) -> TermsOf:
    def of(connection: Connection) -> Terms:
        card = cards.get(connection.card)
        return Terms(card.limits.seconds, card.argument_checks, card.costs, card.phrases) if card else Terms()

    return of

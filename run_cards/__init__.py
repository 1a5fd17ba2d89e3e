"""The cards on the table: one file a service, grouped by how it is reached, in the order shown."""

from collections.abc import Sequence

from run_cards import custom
from run_cards.apis import graphql, openapi
from run_cards.card import Field, RunCard
from run_cards.databases import postgres, redis
from run_cards.hosted import atlassian, github, linear, notion, sentry, slack, stripe, supabase
from run_cards.local import time

CARDS: tuple[RunCard, ...] = tuple(
    each.CARD
    for each in (
        *(time, custom, github, supabase, slack, notion, linear, atlassian, sentry, stripe),
        *(postgres, redis, openapi, graphql),
    )
)
"""The product's own."""


def with_added(added: Sequence[RunCard]) -> tuple[RunCard, ...]:
    """With those of the installation, which members look for first."""
    return CARDS[0], *added, *CARDS[1:]


__all__ = ["CARDS", "Field", "RunCard", "with_added"]

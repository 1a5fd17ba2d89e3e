"""The cards on the table: one file a service, grouped by how it is reached, in the order shown."""

from collections.abc import Sequence

from run_cards import custom
from run_cards.apis import graphql, openapi
from run_cards.card import Field, RunCard
from run_cards.databases import postgres, redis
from run_cards.hosted import atlassian, github, linear, notion, sentry, slack, stripe, supabase
from run_cards.local import filesystem, git, time
from run_cards.shared_folders import SharedFolder

CARDS: tuple[RunCard, ...] = tuple(
    each.CARD
    for each in (
        *(time, custom, github, supabase, slack, notion, linear, atlassian, sentry, stripe),
        *(postgres, redis, openapi, graphql),
    )
)
"""The product's own."""


RESERVED: tuple[RunCard, ...] = (*CARDS, git.card(()), filesystem.card(()))
"""Also those that are offered only where there are folders for them: no other may be called like one."""


def with_added(added: Sequence[RunCard], folders: Sequence[SharedFolder] = ()) -> tuple[RunCard, ...]:
    """With those of the installation, which members look for first, and those of its folders."""
    return CARDS[0], *added, *of_folders(folders), *CARDS[1:]


def of_folders(folders: Sequence[SharedFolder]) -> tuple[RunCard, ...]:
    return (filesystem.card(folders), git.card(folders)) if folders else ()


__all__ = ["CARDS", "RESERVED", "Field", "RunCard", "SharedFolder", "of_folders", "with_added"]

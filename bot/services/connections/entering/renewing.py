"""Connections that use secrets of the installation, or of a card, follow these when they change."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from bot.services.cards.shelf import SHARED
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import CannotOpen
from mcp_runtime.specs import from_json
from run_cards.card import RunCard
from run_cards.fields import ON
from run_cards.seeds import SEEDS, USE, Seeds
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Connection

log = logging.getLogger(__name__)


async def renew(db: Database, secrets: SecretStore, cards: Iterable[RunCard]) -> int:
    """Seal the newest secrets for each connection of a card with shared access; how many had older ones.

    A connection to another address than the card's keeps what it has: these are not for that server.
    """
    shared = [card for card in cards if card.is_shared]
    if not shared:
        return 0
    renewed = 0
    async with db.read() as tables:
        workspaces = await tables.workspaces.ids()
    for workspace in workspaces:
        for card in shared:
            async with db.read() as tables:
                there = await tables.connections.of_card(workspace, card.name)
            following = [each for each in there if _leads_to(card, each)]
            renewed += sum([await renew_one(db, secrets, each, card.shared_secrets) for each in following])
    return renewed


def _leads_to(card: RunCard, connection: Connection) -> bool:
    """What a member entered stays theirs, also when the card has come to have a token of its own."""
    return bool(connection.spec.get(SHARED)) and from_json(connection.spec) == card.server({})


async def renew_one(db: Database, secrets: SecretStore, connection: Connection, wanted: Mapping[str, str]) -> bool:
    """Have it use these secrets; False when it does already, or that cannot be known now."""
    try:
        known = await secrets.read_all(db, _member(connection), connection.id)
    except CannotOpen:
        known = {}
    except StoreAway as error:
        log.warning("it is not known whether a connection follows the installation's token: %s", error)
        return False
    if all(known.get(field) == secret for field, secret in wanted.items()):
        return False
    member = _member(connection)
    async with db.begin() as tables:
        if await tables.connections.update(member.workspace, connection.id, version=connection.version + 1):
            for field, secret in wanted.items():
                await secrets.put(tables, member, connection.id, secret, field)
            detail = {"card": connection.card}
            await tables.audit.add(member.workspace, "usher", "connection.renewed", connection.id, detail)
    return True


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)


async def follow(db: Database, secrets: SecretStore, cards: Mapping[str, RunCard], seeds: Seeds) -> int:
    """Seal what there is now for each that had something older; how many. What has gone is kept, and told by no one."""
    renewed = 0
    async with db.read() as tables:
        workspaces = await tables.workspaces.ids()
    for name in SEEDS:
        card = cards.get(name)
        wanted = dict(seeds.of(card).secrets) if card else {}
        if not wanted:
            continue
        for workspace in workspaces:
            async with db.read() as tables:
                those = [each for each in await tables.connections.of_card(workspace, name) if _follows(each)]
            renewed += sum([await renew_one(db, secrets, each, wanted) for each in those])
    return renewed


async def followed_from_now_on(tables: Tables, member: Member, connection: Connection) -> None:
    answers: dict[str, Any] = {**(connection.answers or {}), USE: ON}
    await tables.connections.update(member.workspace, connection.id, answers=answers)


def _follows(connection: Connection) -> bool:
    return (connection.answers or {}).get(USE) == ON

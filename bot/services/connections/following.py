"""Connections that use a token of the installation's variables or mounted files follow it when it is changed."""

from collections.abc import Mapping
from typing import Any

from bot.services.connections.renewing import renew_one
from mcp_runtime.secrets.store import SecretStore
from run_cards.card import RunCard
from run_cards.fields import ON
from run_cards.seeds import SEEDS, USE, Seeds
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Connection


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

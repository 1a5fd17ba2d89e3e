"""Connections that use the installation's own token follow it when it changes."""

import logging
from collections.abc import Iterable

from bot.services.connections.saving import SHARED
from mcp_runtime.secrets.outside import StoreAway
from mcp_runtime.secrets.store import SecretStore
from mcp_runtime.secrets.vault import CannotOpen
from mcp_runtime.specs import from_json
from run_cards.card import RunCard
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Connection

OUT_OF_REACH = ""
"""No token is empty."""
log = logging.getLogger(__name__)


async def renew(db: Database, secrets: SecretStore, cards: Iterable[RunCard]) -> int:
    """Seal the newest token for each connection of a card with shared access; how many had an older one.

    A connection to another address than the card's keeps what it has: this token is not for that server.
    """
    shared = [(card, card.shared) for card in cards if card.shared]
    if not shared:
        return 0
    renewed = 0
    async with db.read() as tables:
        workspaces = await tables.workspaces.ids()
    for workspace in workspaces:
        for card, token in shared:
            for connection in await _behind(db, secrets, workspace, card, token):
                async with db.begin() as tables:
                    await _renew(tables, secrets, connection, token)
                renewed += 1
    return renewed


async def _behind(db: Database, secrets: SecretStore, workspace: str, card: RunCard, token: str) -> list[Connection]:
    async with db.read() as tables:
        there = [each for each in await tables.connections.of_card(workspace, card.name) if _leads_to(card, each)]
    return [each for each in there if await _known(db, secrets, each) not in (token, OUT_OF_REACH)]


def _leads_to(card: RunCard, connection: Connection) -> bool:
    """What a member entered stays theirs, also when the card has come to have a token of its own."""
    return bool(connection.spec.get(SHARED)) and from_json(connection.spec) == card.server({})


async def _known(db: Database, secrets: SecretStore, connection: Connection) -> str | None:
    try:
        return await secrets.read(db, _member(connection), connection.id)
    except CannotOpen:
        return None
    except StoreAway as error:
        log.warning("it is not known whether a connection follows its card's token: %s", error)
        return OUT_OF_REACH


async def _renew(tables: Tables, secrets: SecretStore, connection: Connection, token: str) -> None:
    member = _member(connection)
    if await tables.connections.update(member.workspace, connection.id, version=connection.version + 1):
        await secrets.put(tables, member, connection.id, token)
        detail = {"card": connection.card}
        await tables.audit.add(member.workspace, "usher", "connection.renewed", connection.id, detail)


def _member(connection: Connection) -> Member:
    return Member(connection.workspace_id, connection.member_id)

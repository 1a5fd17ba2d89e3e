"""Members' secrets: sealed in the caller's own transaction, and kept in the database or in a store outside.

For a store outside they are sealed here first and taken there in the background: a transaction waits for no network,
and nothing is lost when we are killed in between. What lies there is sealed as well, and its key stays in the database.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

from mcp_runtime.secrets.moving import DATABASE, Lost, Moving
from mcp_runtime.secrets.outside.store import StoreAway
from mcp_runtime.secrets.outside.stores import OutsideStores
from mcp_runtime.secrets.rounds import Left, Round
from mcp_runtime.secrets.vault import CannotOpen, Sealed, SecretRef, Vault
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Secret

Found = TypeVar("Found")
SETTLE = "settle_secrets"
"""The job that takes secrets to where they are to lie."""
WAITING = "left in the database until their store takes them: {number} secrets. {why}"
STILL_THERE = "what no connection needs any more is still in a store: %s"
log = logging.getLogger(__name__)


class SecretStore:
    """``owner`` is the id of the connection, or of the ticket, that the secret belongs to.

    New ones are kept in ``into``; those there are opened wherever they lie.
    """

    def __init__(self, vault: Vault, outside: OutsideStores | None = None, into: str = DATABASE) -> None:
        self.vault = vault
        self.moving = Moving(outside or OutsideStores())
        self.into = into

    async def get(self, tables: Tables, member: Member, owner: str, field: str = "token") -> str | None:
        """The secret, or None; raises `CannotOpen`, `StoreAway`.

        For one that lies in the database, or was read before: `read` holds no transaction while a store is asked.
        """
        row = await tables.secrets.get(member.workspace, member.id, owner, field)
        return await self._opened(row) if row else None

    async def read(self, db: Database, member: Member, owner: str, field: str = "token") -> str | None:
        """The secret, or None; raises `CannotOpen`, `StoreAway`."""
        return (await self.read_all(db, member, owner)).get(field)

    async def read_all(self, db: Database, member: Member, owner: str) -> dict[str, str]:
        """All of the owner's, by field; raises `CannotOpen`, `StoreAway`."""
        return (await self.read_beside(db, member, owner, _nothing))[0]

    async def read_beside(
        self, db: Database, member: Member, owner: str, look: Callable[[Tables], Awaitable[Found]]
    ) -> tuple[dict[str, str], Found]:
        """`read_all`, and what ``look`` finds at that same moment: what was changed together is seen together."""
        rows, beside = await self._looked_up(db, member, owner, look)
        try:
            return await self._all(rows), beside
        except Lost:  # moved or replaced between the look and the question
            rows, beside = await self._looked_up(db, member, owner, look)
            return await self._all(rows), beside

    async def of(self, tables: Tables, member: Member, owner: str) -> list[str]:
        """The fields under which the owner has a secret."""
        return [row.field for row in await tables.secrets.of(member.workspace, member.id, owner)]

    async def put(self, tables: Tables, member: Member, owner: str, secret: str, field: str = "token") -> None:
        """Seal it in place of what was there."""
        sealed = self.vault.seal(_ref(member, owner, field), secret.encode())
        row = Secret(workspace_id=member.workspace, member_id=member.id, owner=owner, field=field, **asdict(sealed))
        if self.into != DATABASE:
            row.bound_for = self.into
            await tables.jobs.add(SETTLE, f"{SETTLE}:{new_id()}", {}, now())
        await tables.secrets.put(row)

    async def delete(self, tables: Tables, member: Member, owner: str) -> int:
        """How many of the owner's secrets there were."""
        return await tables.secrets.delete_of(member.workspace, member.id, owner)

    async def settle(self, db: Database) -> int:
        """Take those that wait to where they are to lie, and away what nobody has any more: how many went.

        Raises `StoreAway` when all is done that could be, and something is left.
        """
        moved, left = await Round(self.moving, db).settle()
        await self.clean(db)
        if left:
            why = " ".join(dict.fromkeys(each.why for each in left))
            raise StoreAway(WAITING.format(number=len(left), why=why))
        return moved

    def all_to(self, db: Database, to: str) -> AsyncIterator[Left | None]:
        """Every secret that does not lie there, one after the other: None when it does by now, or is no more."""
        return Round(self.moving, db).all_to(to)

    async def clean(self, db: Database) -> int:
        """Take away what no secret names any more; how much. What a store does not let go of is tried another time."""
        done, kept = await Round(self.moving, db).clean()
        for why in kept.values():
            log.warning(STILL_THERE, why)
        return done

    async def close(self) -> None:
        await self.moving.outside.close()

    async def _looked_up(
        self, db: Database, member: Member, owner: str, look: Callable[[Tables], Awaitable[Found]]
    ) -> tuple[list[Secret], Found]:
        async with db.read() as tables:
            return await tables.secrets.of(member.workspace, member.id, owner), await look(tables)

    async def _all(self, rows: Sequence[Secret]) -> dict[str, str]:
        return {row.field: await self._opened(row) for row in rows}

    async def _opened(self, row: Secret) -> str:
        sealed = Sealed(row.key_id, row.wrapped_key, row.nonce, row.ciphertext)
        if row.store != DATABASE:
            sealed = replace(sealed, ciphertext=await self.moving.ciphertext(row))
        ref = SecretRef(row.workspace_id, row.member_id, row.owner, row.field)
        return self.vault.open(ref, sealed).decode()


async def _nothing(_: Tables) -> None:
    """There is nothing to look at beside the secrets."""


def _ref(member: Member, owner: str, field: str) -> SecretRef:
    return SecretRef(member.workspace, member.id, owner, field)


__all__ = ["DATABASE", "CannotOpen", "SecretStore"]

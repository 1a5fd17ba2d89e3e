"""Members' secrets in the database: one sealed row each, in the caller's own transaction."""

from dataclasses import asdict

from mcp_runtime.secrets.vault import Sealed, SecretRef, Vault
from storage.database import Database, Tables
from storage.members import Member
from storage.tables import Secret

BATCH = 100


class SecretStore:
    """``owner`` is the id of the connection, or of the ticket, that the secret belongs to."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def get(self, tables: Tables, member: Member, owner: str, field: str = "token") -> str | None:
        """The secret, or None; raises `CannotOpen`."""
        row = await tables.secrets.get(member.workspace, member.id, owner, field)
        if row is None:
            return None
        sealed = Sealed(row.key_id, row.wrapped_key, row.nonce, row.ciphertext)
        return self._vault.open(_ref(member, owner, field), sealed).decode()

    async def put(self, tables: Tables, member: Member, owner: str, secret: str, field: str = "token") -> None:
        """Seal it in place of what was there."""
        sealed = self._vault.seal(_ref(member, owner, field), secret.encode())
        row = Secret(workspace_id=member.workspace, member_id=member.id, owner=owner, field=field, **asdict(sealed))
        await tables.secrets.put(row)

    async def delete(self, tables: Tables, member: Member, owner: str) -> int:
        """How many of the owner's secrets there were."""
        return await tables.secrets.delete_of(member.workspace, member.id, owner)

    def seal(self, member: Member, owner: str, field: str, secret: str) -> Sealed:
        """For what is kept for minutes, in a table of its own."""
        return self._vault.seal(_ref(member, owner, field), secret.encode())

    def unseal(self, member: Member, owner: str, field: str, sealed: Sealed) -> str:
        """Raises `CannotOpen`."""
        return self._vault.open(_ref(member, owner, field), sealed).decode()

    async def rewrap_all(self, db: Database) -> int:
        """Move all rows to the newest master key; may be stopped and started again at any point."""
        done = 0
        while True:
            async with db.begin() as tables:
                moved = await tables.secrets.rewrap_some(self._vault.older, self._vault.rewrap, BATCH)
            if not moved:
                return done
            done += moved


def _ref(member: Member, owner: str, field: str) -> SecretRef:
    return SecretRef(member.workspace, member.id, owner, field)

"""All secrets put under the newest master key, each by itself: one that does not open holds up no other."""

from contextlib import suppress

from mcp_runtime.secrets.rounds import ENTER_ANEW, Left
from mcp_runtime.secrets.vault import CannotOpen, UnknownKey, Vault
from storage.database import Database
from storage.repositories.mcp.secrets import Rewrapped
from storage.tables import Secret

BATCH = 100
NOT_CONFIGURED = "{error}. Put that key back, last in SECRET_KEY or in the key file, and run this again."
ALTERED = f"{{error}}, so nothing opens it. {ENTER_ANEW}"
BUSY = "another process was at it just now. Run the same command again."


class Rewrapping:
    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def all(self, db: Database) -> int:
        """How many went; may be stopped and started again at any point."""
        done, after = 0, None
        while True:
            some = await self.some(db, after)
            done, after = done + some.done, some.last
            if after is None:
                return done

    async def some(self, db: Database, after: Secret | None) -> Rewrapped:
        """At most `BATCH`, from there on."""
        async with db.begin() as tables:
            return await tables.secrets.rewrap_some(self._vault.older, self._rewrapped, after, BATCH)

    async def left(self, db: Database) -> list[Left]:
        """All that are not under the newest master key, and why each is not."""
        left, after = list[Left](), None
        while True:
            async with db.read() as tables:
                rows = await tables.secrets.not_under(self._vault.newest, after, BATCH)
            for after in rows:
                left.append(Left(after, self._hindrance(after)))
            if len(rows) < BATCH:
                return left

    def _rewrapped(self, key_id: str, wrapped_key: bytes) -> tuple[str, bytes] | None:
        with suppress(CannotOpen):
            return self._vault.rewrap(key_id, wrapped_key)
        return None

    def _hindrance(self, row: Secret) -> str:
        try:
            self._vault.rewrap(row.key_id, row.wrapped_key)
        except UnknownKey as error:
            return NOT_CONFIGURED.format(error=error)
        except CannotOpen as error:
            return ALTERED.format(error=error)
        return BUSY

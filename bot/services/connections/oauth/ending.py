"""A grant that is over for us is ended at the service as well, where it can be: later, and for some tries."""

import logging

from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.grants import FIELD, Grant, as_json, grant_from
from mcp_runtime.oauth.sign_ins import SignIns
from mcp_runtime.secrets import CannotOpen, SecretStore, StoreAway
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import new_id, now
from storage.tables import Job

REVOKE = "oauth_revoke"
MOST_TRIES = 4

log = logging.getLogger(__name__)


class Revoking:
    def __init__(self, db: Database, secrets: SecretStore, sign_ins: SignIns) -> None:
        self._db = db
        self._secrets = secrets
        self._sign_ins = sign_ins

    async def of(self, member: Member, connection_id: str) -> Grant | None:
        """What there is to end; read before the transaction, since a store outside may have to be asked."""
        try:
            kept = await self._secrets.read(self._db, member, connection_id, FIELD)
        except (CannotOpen, StoreAway):
            return None  # whoever disconnects shall not be kept from it
        grant = grant_from(kept) if kept is not None else None
        return grant if grant is not None and grant.revocation_endpoint is not None else None

    async def later(self, tables: Tables, member: Member, title: str, grant: Grant) -> None:
        """In the transaction that ends it; afterwards, ring the jobs.

        It stays sealed under an owner of its own, since a job's payload is not.
        """
        owner = new_id()
        await self._secrets.put(tables, member, owner, as_json(grant), FIELD)
        payload = {"workspace": member.workspace, "member": member.id, "owner": owner, "title": title}
        await tables.jobs.add(REVOKE, f"{REVOKE}:{owner}", payload, now(), workspace=member.workspace)

    async def __call__(self, job: Job) -> None:
        told = job.payload
        member, owner = Member(told["workspace"], told["member"]), told["owner"]
        sealed = await self._secrets.read(self._db, member, owner, FIELD)
        if sealed is not None:
            try:
                if not await self._sign_ins.revoke(told["title"], grant_from(sealed)):
                    log.warning("a grant could not be ended at its service, which did not say why")
            except ServerError as error:
                if job.attempts < MOST_TRIES:
                    raise
                log.warning("a grant could not be ended at its service: %s", type(error).__name__)
        async with self._db.begin() as tables:
            await self._secrets.delete(tables, member, owner)

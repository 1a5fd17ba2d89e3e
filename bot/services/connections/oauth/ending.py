"""A grant that is over for us is ended at the service as well, where it can be: later, and for some tries."""

import logging

from mcp_runtime.errors import ServerError
from mcp_runtime.oauth.grants import grant_from
from mcp_runtime.oauth.keeping import FIELD
from mcp_runtime.oauth.sign_ins import SignIns
from mcp_runtime.secrets import CannotOpen, SecretStore
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

    async def later(self, tables: Tables, member: Member, connection_id: str, title: str) -> None:
        """In the transaction that ends it, before its secrets are deleted; afterwards, ring the jobs.

        What is to be ended stays sealed under an owner of its own, since a job's payload is not.
        """
        try:
            sealed = await self._secrets.get(tables, member, connection_id, FIELD)
        except CannotOpen:
            return
        if sealed is None or grant_from(sealed).revocation_endpoint is None:
            return
        owner = new_id()
        await self._secrets.put(tables, member, owner, sealed, FIELD)
        payload = {"workspace": member.workspace, "member": member.id, "owner": owner, "title": title}
        await tables.jobs.add(REVOKE, f"{REVOKE}:{owner}", payload, now(), workspace=member.workspace)

    async def __call__(self, job: Job) -> None:
        told = job.payload
        member, owner = Member(told["workspace"], told["member"]), told["owner"]
        async with self._db.read() as tables:
            sealed = await self._secrets.get(tables, member, owner, FIELD)
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

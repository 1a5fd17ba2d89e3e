"""A host that a connection's program asked for and may not reach: an audit entry, written beside what goes on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from mcp_runtime.sandbox.network.way_out import Verdict
from mcp_runtime.tools.policies.recording import Later
from storage.clock import microseconds
from storage.database import Database
from storage.repositories.work.rates import SECOND, Limit
from storage.tables import Connection

# What a program asks for is its own choice, and each entry holds up all others of its workspace for a moment.
PER_CONNECTION = Limit(burst=20, every_microseconds=3_600 * SECOND // 20)
LAST = "for now, further ones are in the log alone: there is one entry every three minutes"
LONGEST_NAME = 253
log = logging.getLogger(__name__)

Hears = Callable[[Verdict], None]


@dataclass(frozen=True)
class RefusedHosts:
    """``later`` sees to it that the entries are written: no program waits for them."""

    db: Database
    later: Later

    def of(self, connection: Connection) -> Hears:
        return lambda verdict: self.later(self._record(connection, verdict))

    async def _record(self, connection: Connection, verdict: Verdict) -> None:
        workspace, member = connection.workspace_id, connection.member_id
        detail = {"host": verdict.host[:LONGEST_NAME], "port": verdict.port, "why": verdict.refusal}
        try:
            async with self.db.begin() as tables:
                key = f"refused-hosts:{connection.id}"
                pace = await tables.rates.take(key, PER_CONNECTION, microseconds())
                if not pace.allowed:
                    return
                if pace.left == 0:
                    detail["more"] = LAST
                await tables.audit.add(workspace, member, "host.refused", connection.id, detail)
        except Exception:
            # The host was refused all the same, and the log has it.
            log.exception("a refused host of connection %s could not be recorded", connection.id)

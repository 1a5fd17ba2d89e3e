"""What a tool's member allows at this moment: asked before each call."""

import sqlalchemy as sa

from storage.engines.single_reads import SingleReads
from storage.tables import Connection, PinnedTool

QUESTION = (
    sa.select(PinnedTool.state, PinnedTool.policy, Connection.paused_at.is_not(None))
    .where(
        PinnedTool.workspace_id == sa.bindparam("workspace"),
        PinnedTool.connection_id == sa.bindparam("connection_id"),
        PinnedTool.name == sa.bindparam("name"),
    )
    .join(Connection, Connection.id == PinnedTool.connection_id)
    .where(Connection.member_id == sa.bindparam("member"), Connection.leaving_since.is_(None))
)


class Standing:
    def __init__(self, reads: SingleReads) -> None:
        self._reads = reads

    async def of(self, workspace: str, member: str, connection_id: str, name: str) -> tuple[str, str] | None:
        """State and policy of a tool, ``paused`` being a state too; None when it is gone, or another member's."""
        asked = {"workspace": workspace, "member": member, "connection_id": connection_id, "name": name}
        if (found := await self._reads.first(QUESTION, asked)) is None:
            return None
        state, policy, paused = found
        return ("paused" if paused else state), policy

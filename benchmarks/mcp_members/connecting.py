"""A member's server connected, as rows: which of its tools runs without a question."""

from mcp_runtime.sessions.pool import Pool
from mcp_runtime.specs import HttpSpec, as_json
from mcp_runtime.tools.changes import pinned
from storage.database import Database
from storage.members import Member
from storage.tables import Connection


async def connected(db: Database, pool: Pool, member: Member, url: str, *, title: str, tool: str) -> Connection:
    spec = HttpSpec(url)
    offer = await pool.try_out(spec, {}, title=title, by=member)
    async with db.begin() as tables:
        await tables.workspaces.ensure(member.workspace)
        row = Connection(workspace_id=member.workspace, member_id=member.id, card="custom", title=title)
        row.slug, row.spec = title.lower(), as_json(spec)
        connection = await tables.connections.add(row)
        await tables.tools.save([pinned(connection, each, "free") for each in offer.tools if each.name == tool])
    return connection

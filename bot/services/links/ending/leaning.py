"""A connection goes, or a tool is switched off: the links that may use it go on without, and their maker is told so."""

from bot.services.links import host_notes
from storage.database import Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link


async def lost(tables: Tables, member: Member, connection_id: str, tool: str = "") -> list[Link]:
    """In the transaction that takes it away: without a ``tool``, all of the connection's. The links that lose some."""
    leaning = []
    for link in await tables.links.of(member.workspace, member.id, now=now()):
        here = [each for each in link.tools if each["connection_id"] == connection_id]
        gone = [each for each in here if tool in ("", each["name"])]
        if not gone:
            continue
        leaning.append(link)
        connections = {each.id for each in await tables.connections.of(member.workspace, member.id)}
        stays = [each for each in link.tools if each not in gone and each["connection_id"] in connections]
        names = sorted({str(each.get("server") or each["name"]) for each in gone} if not tool else {_title(gone[0])})
        await host_notes.tell_of_lost_tools(tables, link, names, all_gone=not stays)
        detail = {"connection": connection_id, "tools": [each["name"] for each in gone]}
        await tables.audit.add(link.workspace_id, member.id, "link.tools_lost", link.id, detail)
    return leaning


def _title(tool: dict[str, str]) -> str:
    server = f"{tool['server']}: " if tool.get("server") else ""
    return f"{server}{tool.get('title') or tool['name']}"

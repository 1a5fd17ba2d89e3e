"""Where a link's chats are followed: in its creator's direct message, or in a channel that they chose."""

from dataclasses import dataclass
from typing import Protocol

from bot.services.links import host_notes
from bot.services.links.hosting import counting
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link, Session

MOVED = "guest_moved"
"""The job that opens a chat's thread in the direct message, with the questions that wait in it."""


@dataclass(frozen=True)
class Channel:
    """``complaint``: why no chat can be followed there, with its cure; empty when one can."""

    complaint: str = ""
    known: bool = True
    """False: Slack did not say, so that this may be otherwise in a moment."""


class Channels(Protocol):
    """Knows the channels of a workspace."""

    async def about(self, member: Member, channel: str) -> Channel: ...


class NoChannels:
    """Where there is no Slack."""

    async def about(self, member: Member, channel: str) -> Channel:
        return Channel("Chats can be followed in your direct message alone.")


NONE = NoChannels()


def channel_of(link: Link) -> str:
    """Empty: its creator's direct message."""
    return "" if link.follow_lost_at else link.follow_channel


async def leave_all(db: Database, bus: Bus, workspace: str, channel: str) -> int:
    """The channel is archived, deleted, or Usher is not in it any more. How many links it was of."""
    async with db.read() as tables:
        links = await tables.links.followed_in(workspace, channel)
    left = sum([await leave(db, link) for link in links])
    await bus.tell("jobs")
    return left


async def _follow_elsewhere(tables: Tables, link: Link, session: Session) -> None:
    payload = {"workspace": link.workspace_id, "link_id": link.id, "session_id": session.id}
    await tables.jobs.add(MOVED, f"{MOVED}:{session.id}", payload, now(), workspace=link.workspace_id)


async def leave(db: Database, link: Link) -> bool:
    """Its channel is lost: chats go on in the creator's direct message, who is told once. False: they do so already."""
    async with db.begin() as tables:
        if not await tables.links.lose_channel(link.workspace_id, link.id, now()):
            return False
        moved = await tables.sessions.leave_channel(link.workspace_id, link.id, link.follow_channel)
        await tables.results.shown_nowhere(link.workspace_id, [each.id for each in moved])
        await tables.approvals.unplaced(link.workspace_id, [each.conversation_id for each in moved])
        for session in moved:
            if session.ended_at is None:
                await _follow_elsewhere(tables, link, session)
        await counting.due(tables, link)
        await host_notes.tell_of_lost_channel(tables, link)
        detail = {"channel": link.follow_channel, "chats": len(moved)}
        await tables.audit.add(link.workspace_id, "slack", "link.channel_lost", link.id, detail)
    return True

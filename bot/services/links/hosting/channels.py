"""Where a link's chats are followed: in its creator's direct message, or in a channel that they chose."""

from dataclasses import dataclass
from typing import Protocol

from bot.services.links import host_notes
from storage.database import Database
from storage.members import Member
from storage.schema import now
from storage.tables import Link


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


async def leave(db: Database, link: Link) -> bool:
    """Its channel is lost: chats go on in the creator's direct message, who is told once. False: they do so already."""
    async with db.begin() as tables:
        if not await tables.links.lose_channel(link.workspace_id, link.id, now()):
            return False
        moved = await tables.sessions.leave_channel(link.workspace_id, link.id, link.follow_channel)
        await tables.results.shown_nowhere(link.workspace_id, moved)
        await host_notes.tell_of_lost_channel(tables, link)
        detail = {"channel": link.follow_channel, "chats": len(moved)}
        await tables.audit.add(link.workspace_id, "slack", "link.channel_lost", link.id, detail)
    return True

"""Where a link's chats are followed: in its creator's direct message, or in a channel that they chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.services.links import host_notes
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link

ASKED_ANEW = "guest_asked_anew"
"""The job that asks once more what was asked in a channel that is lost."""


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
        await _ask_anew(tables, link, moved)
        await host_notes.tell_of_lost_channel(tables, link)
        detail = {"channel": link.follow_channel, "chats": len(moved)}
        await tables.audit.add(link.workspace_id, "slack", "link.channel_lost", link.id, detail)
    return True


async def _ask_anew(tables: Tables, link: Link, moved: Sequence[str]) -> None:
    """What waits there for the creator's yes: nobody finds the question any more."""
    for approval in await tables.approvals.waiting(link.workspace_id, link.creator_id):
        asked_in = await tables.conversations.get(link.workspace_id, approval.conversation_id)
        if asked_in is None or asked_in.door != "link" or asked_in.place["session_id"] not in moved:
            continue
        await tables.approvals.set_message(link.workspace_id, approval.id, {})
        payload = {"workspace": link.workspace_id, "link_id": link.id, "approval_id": approval.id}
        once = f"{ASKED_ANEW}:{approval.id}"
        await tables.jobs.add(ASKED_ANEW, once, payload, now(), workspace=link.workspace_id)

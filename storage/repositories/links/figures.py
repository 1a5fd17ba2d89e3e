"""How links are used, counted over their guests' sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.repositories.repository import Repository
from storage.tables import Approval, Conversation, Event, Link, Result, Session, Turn


@dataclass(frozen=True)
class Counts:
    """Of one link: sessions that began, those still open, those in which the guest wrote, their messages, and those
    whose questions are all answered."""

    started: int = 0
    chatting: int = 0
    wrote: int = 0
    messages: int = 0
    complete: int = 0


@dataclass(frozen=True)
class Standing:
    """A session, whether it rests, and whether a call in it waits for the creator's yes."""

    session: Session
    rests: bool
    asks: bool


class Figures(Repository):
    async def counts(self, workspace: str, link_ids: Sequence[str]) -> dict[str, Counts]:
        """By the link's id; of a link that nobody started there are none."""
        sums = (
            sa.func.count(Session.id),
            sa.func.sum(sa.case((Session.ended_at.is_(None), 1), else_=0)),
            sa.func.sum(sa.case((Session.messages > 0, 1), else_=0)),
            sa.func.sum(Session.messages),
            sa.func.count(Result.complete_at),
        )
        query = (
            sa.select(Session.link_id, *sums)
            .outerjoin(Result, Result.session_id == Session.id)
            .where(Session.workspace_id == workspace, Session.link_id.in_(link_ids))
            .group_by(Session.link_id)
        )
        return {row[0]: Counts(*(int(each or 0) for each in row[1:])) for row in await self._session.execute(query)}

    async def standing(self, workspace: str, link_id: str) -> list[Standing]:
        """Of all who began on a link."""
        asks = sa.exists().where(Approval.conversation_id == Session.conversation_id, Approval.state == "asked")
        rests = sa.and_(Session.paused_seq > 0, Conversation.last_seq == Session.paused_seq)
        query = (
            sa.select(Session, rests, asks)
            .join(Conversation, Conversation.id == Session.conversation_id)
            .where(Session.workspace_id == workspace, Session.link_id == link_id)
        )
        return [Standing(row[0], bool(row[1]), bool(row[2])) for row in await self._session.execute(query)]

    async def first_words(self, workspace: str, link_id: str) -> dict[tuple[str, str], datetime]:
        """When each author said something first, by conversation and author."""
        author = Event.body["author"].as_string()
        query = (
            sa.select(Event.conversation_id, author, sa.func.min(Event.at, type_=Event.at.type))
            .join(Session, Session.conversation_id == Event.conversation_id)
            .where(Session.workspace_id == workspace, Session.link_id == link_id, Event.kind == "message")
            .group_by(Event.conversation_id, author)
        )
        return {(row[0], row[1]): row[2] for row in await self._session.execute(query)}

    async def tokens(self, workspace: str, link_id: str) -> dict[str, int]:
        """What was spent, by conversation."""
        query = (
            sa.select(Turn.conversation_id, sa.func.sum(Turn.tokens))
            .join(Session, Session.conversation_id == Turn.conversation_id)
            .where(Session.workspace_id == workspace, Session.link_id == link_id)
            .group_by(Turn.conversation_id)
        )
        return {row[0]: int(row[1] or 0) for row in await self._session.execute(query)}

    async def starts(self, workspace: str, creator: str, since: datetime, limit: int = 5_000) -> list[datetime]:
        """When guests began on a creator's links, the newest of them."""
        query = (
            sa.select(Session.started_at)
            .join(Link, Link.id == Session.link_id)
            .where(Link.workspace_id == workspace, Link.creator_id == creator, Session.started_at >= since)
            .order_by(Session.started_at.desc())
            .limit(limit)
        )
        return list(await self._session.scalars(query))

    async def recent(self, workspace: str, creator: str, since: datetime, limit: int = 100) -> list[Link]:
        """A creator's links that live, or ended after that time; newest first."""
        lately = (Link.expires_at > since, sa.or_(Link.revoked_at.is_(None), Link.revoked_at > since))
        mine = sa.select(Link).where(Link.workspace_id == workspace, Link.creator_id == creator, *lately)
        return await self._rows(mine.order_by(Link.created_at.desc(), Link.id.desc()).limit(limit))

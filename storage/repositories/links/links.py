"""Temporary chat links: found by the hash of their token, given out by one atomic UPDATE."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.repositories.repository import Repository, made, table_of
from storage.repositories.spending.budgets import Cap
from storage.repositories.work.home_tabs import HomeTabs
from storage.tables import Link, Reservation, Session

MOST_FORMER = 10


def _one(workspace: str, link_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Link.workspace_id == workspace, Link.id == link_id


def _live(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Link.revoked_at.is_(None), Link.expires_at > now


_OF = table_of(Link).c
_OURS = sa.update(table_of(Link)).where(_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("link"))
_TOKENS, _MONEY, _TOKENS_CAP, _MONEY_CAP, _TOKENS_BACK, _MONEY_BACK = (
    sa.bindparam(name, type_=sa.BigInteger)
    for name in ("tokens", "money", "tokens_cap", "money_cap", "tokens_back", "money_back")
)
_RESERVE = _OURS.where(
    _OF.tokens_spent + _OF.tokens_reserved + _TOKENS <= _TOKENS_CAP,
    _OF.money_spent + _OF.money_reserved + _MONEY <= _MONEY_CAP,
).values(tokens_reserved=_OF.tokens_reserved + _TOKENS, money_reserved=_OF.money_reserved + _MONEY)
_SETTLE = _OURS.values(
    tokens_reserved=_OF.tokens_reserved - _TOKENS_BACK,
    money_reserved=_OF.money_reserved - _MONEY_BACK,
    tokens_spent=_OF.tokens_spent + _TOKENS,
    money_spent=_OF.money_spent + _MONEY,
).returning(*_OF)

_SESSION = table_of(Session).c
_ITS = sa.and_(
    _SESSION.workspace_id == sa.bindparam("workspace"),
    _SESSION.id == sa.bindparam("session"),
    _SESSION.link_id == _OF.id,
)
_WITH_SESSION = (
    sa.select(*_OF, *_SESSION)
    .select_from(table_of(Link).outerjoin(table_of(Session), _ITS))
    .where(_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("link"))
)


class Links(Repository):
    async def add(self, link: Link) -> Link:
        await self._add(link)
        await HomeTabs(self._transaction).changed(link.workspace_id, link.creator_id)
        return link

    async def get(self, workspace: str, link_id: str) -> Link | None:
        return await self._session.scalar(sa.select(Link).where(*_one(workspace, link_id)))

    async def these(self, workspace: str, link_ids: Collection[str]) -> list[Link]:
        """Those of them that are there, alive or over."""
        return await self._rows(sa.select(Link).where(Link.workspace_id == workspace, Link.id.in_(link_ids)))

    async def with_session(self, workspace: str, link_id: str, session_id: str) -> tuple[Link, Session | None] | None:
        """A link and one of its sessions in one look; None when the link is gone."""
        asked = {"workspace": workspace, "link": link_id, "session": session_id}
        found = await self._transaction.first(_WITH_SESSION, asked)
        if found is None:
            return None
        link, session = found[: len(_OF)], found[len(_OF) :]
        return made(Link, link), made(Session, session) if session[0] else None

    async def by_token_hash(self, token_hash: bytes) -> Link | None:
        """Of any workspace, dead or alive: the token alone says which."""
        return await self._session.scalar(sa.select(Link).where(Link.token_hash == token_hash))

    async def of(self, workspace: str, creator: str, *, now: datetime, live_only: bool = True) -> list[Link]:
        """The creator's links, newest first."""
        query = sa.select(Link).where(Link.workspace_id == workspace, Link.creator_id == creator)
        if live_only:
            query = query.where(*_live(now))
        return await self._rows(query.order_by(Link.created_at.desc(), Link.id.desc()))

    async def page(self, workspace: str, creator: str, limit: int, before: str = "") -> list[Link]:
        """The creator's, dead ones too, newest first; those that were made before the one of this id."""
        query = sa.select(Link).where(Link.workspace_id == workspace, Link.creator_id == creator)
        if before:
            query = query.where(Link.id < before)
        return await self._rows(query.order_by(Link.id.desc()).limit(limit))

    async def all_live(self, workspace: str, now: datetime) -> list[Link]:
        """Every creator's, oldest first."""
        query = sa.select(Link).where(Link.workspace_id == workspace, *_live(now))
        return await self._rows(query.order_by(Link.created_at, Link.id))

    async def live_count(self, workspace: str, creator: str, now: datetime) -> int:
        query = sa.select(sa.func.count()).select_from(Link).where(*_live(now))
        mine = query.where(Link.workspace_id == workspace, Link.creator_id == creator)
        return await self._session.scalar(mine) or 0

    async def take_session(self, workspace: str, link_id: str, now: datetime) -> bool:
        """Use up one session; False when the link is full, paused, revoked or expired."""
        room = Link.used_sessions < Link.max_sessions, Link.paused_at.is_(None)
        free = sa.update(Link).where(*_one(workspace, link_id), *_live(now), *room)
        return await self._shown(free.values(used_sessions=Link.used_sessions + 1)) is not None

    async def give_back(self, workspace: str, link_id: str) -> bool:
        """Refund one session that nobody used."""
        used = sa.update(Link).where(*_one(workspace, link_id), Link.used_sessions > 0)
        return await self._shown(used.values(used_sessions=Link.used_sessions - 1)) is not None

    async def revoke(self, workspace: str, link_id: str, by: str, now: datetime) -> Link | None:
        """The link as revoked; None when it was before, or does not exist. Whether ``by`` may is not asked."""
        change = sa.update(Link).where(*_one(workspace, link_id), Link.revoked_at.is_(None))
        return await self._shown(change.values(revoked_at=now, revoked_by=by))

    async def rotate(
        self, workspace: str, link: Link, token_hash: bytes, now: datetime, passcode_hash: bytes | None = None
    ) -> Link | None:
        """The link with another token, and another passcode; None when it is over, or another was first."""
        former = [link.token_hash.hex(), *link.former_hashes][:MOST_FORMER]
        same = Link.token_hash == link.token_hash
        change = sa.update(Link).where(*_one(workspace, link.id), *_live(now), same)
        return await self._shown(
            change.values(token_hash=token_hash, former_hashes=former, passcode_hash=passcode_hash)
        )

    async def extend(self, workspace: str, link_id: str, until: datetime, now: datetime) -> Link | None:
        """The link with more time; None when it is over, or would have less."""
        change = sa.update(Link).where(*_one(workspace, link_id), *_live(now), Link.expires_at < until)
        return await self._shown(change.values(expires_at=until, extended_at=now))

    async def pause(self, workspace: str, link_id: str, now: datetime, *, paused: bool) -> Link | None:
        """The link as paused, since then or before, or as open again; None when it is over."""
        change = sa.update(Link).where(*_one(workspace, link_id), *_live(now))
        since = sa.func.coalesce(Link.paused_at, now) if paused else None
        return await self._shown(change.values(paused_at=since))

    async def due_to_close(self, now: datetime, limit: int = 100) -> list[Link]:
        """Revoked or expired, with sessions that may still be open."""
        dead = sa.or_(Link.expires_at <= now, Link.revoked_at.is_not(None))
        query = sa.select(Link).where(Link.closed_at.is_(None), dead)
        return await self._rows(query.order_by(Link.expires_at).limit(limit))

    async def next_expiry(self) -> datetime | None:
        """When the next link that is not closed runs out; None when there is none."""
        return await self._session.scalar(sa.select(sa.func.min(Link.expires_at)).where(Link.closed_at.is_(None)))

    async def close(self, workspace: str, link_id: str, now: datetime) -> bool:
        """Note that its sessions were ended; False when another did."""
        change = sa.update(Link).where(*_one(workspace, link_id), Link.closed_at.is_(None))
        return await self._shown(change.values(closed_at=now)) is not None

    async def update(self, workspace: str, link_id: str, **values: Any) -> bool:
        return await self._did(sa.update(Link).where(*_one(workspace, link_id)).values(**values))

    async def reserve(self, workspace: str, link_id: str, tokens: int, money: int, cap: Cap) -> bool:
        """Set aside for a request to the model; False when the link would spend more than its ``cap``."""
        asked = {"tokens": tokens, "money": money, "tokens_cap": cap.tokens, "money_cap": cap.money}
        return await self._changed_any(_RESERVE, {"workspace": workspace, "link": link_id, **asked})

    async def followed_in(self, workspace: str, channel: str) -> list[Link]:
        """Those that are open, or have chats, and are followed in this channel."""
        there = (Link.follow_channel == channel, Link.follow_lost_at.is_(None), Link.closed_at.is_(None))
        return await self._rows(sa.select(Link).where(Link.workspace_id == workspace, *there))

    async def lose_channel(self, workspace: str, link_id: str, now: datetime) -> bool:
        """It takes no more messages; False when it was lost before."""
        there = (Link.follow_channel != "", Link.follow_lost_at.is_(None))
        change = sa.update(Link).where(*_one(workspace, link_id), *there)
        return await self._did(change.values(follow_lost_at=now, count_channel="", count_ts="", count_drawn=""))

    async def counted(self, link: Link, channel: str, ts: str, drawn: str) -> bool:
        """Note the message that counts its guests; False when there is another by now."""
        same = (Link.count_channel == link.count_channel, Link.count_ts == link.count_ts)
        change = sa.update(Link).where(*_one(link.workspace_id, link.id), *same)
        return await self._did(change.values(count_channel=channel, count_ts=ts, count_drawn=drawn))

    async def settle(self, reservation: Reservation, tokens: int, money: int, unpriced: str = "") -> Link | None:
        """Put what was really spent in the place of what was set aside; the link as it stands then."""
        asked = {"tokens": tokens, "money": money, "tokens_back": reservation.tokens, "money_back": reservation.money}
        here = {"workspace": reservation.workspace_id, "link": reservation.link_id}
        told = {"unpriced": unpriced[:80]} if unpriced else {}
        return await self._found(Link, _SETTLE, here | asked | told)

    async def _shown(self, change: sa.Update) -> Link | None:
        """The link as changed, which its creator's Home tab shows."""
        link: Link | None = await self._session.scalar(change.returning(Link))
        if link:
            await HomeTabs(self._transaction).changed(link.workspace_id, link.creator_id)
        return link

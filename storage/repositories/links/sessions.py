"""Guests' sessions on links."""

from datetime import datetime
from functools import cache

import sqlalchemy as sa

from storage.repositories.repository import Repository, made, table_of, values_of
from storage.repositories.spending.budgets import Need, lacking
from storage.tables import Approval, Conversation, Link, Session


def _open(workspace: str, session_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return Session.workspace_id == workspace, Session.id == session_id, Session.ended_at.is_(None)


def _idle(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Nothing was said since, nothing has happened since, and nothing waits for the link's creator."""
    chat = Conversation.id == Session.conversation_id
    busy = sa.exists().where(chat, Conversation.last_at >= before)
    waits = sa.exists().where(Approval.conversation_id == Session.conversation_id, Approval.state == "asked")
    return Session.ended_at.is_(None), Session.messages > 0, Session.last_at < before, ~busy, ~waits


def _rests(since: datetime | None = None) -> sa.ColumnElement[bool]:
    """Nothing has happened after it was let rest, at that time at the latest."""
    chat = Conversation.id == Session.conversation_id, Conversation.last_seq == Session.paused_seq
    return sa.exists().where(*chat, *([Conversation.last_at < since] if since else []))


def _nothing_said() -> tuple[sa.ColumnElement[bool], ...]:
    """Neither by the guest nor by a host who came by themselves."""
    return Session.messages == 0, Session.host_since.is_(None)


_OF = table_of(Session).c
_OURS = (_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("session"))
_ONE = sa.select(*_OF).where(*_OURS)
_HELD = _ONE.with_for_update(key_share=True)
_UNMIRRORED = sa.update(table_of(Session)).where(*_OURS, _OF.mirrored_seq == sa.bindparam("since"))
_HOLD_MIRROR = _UNMIRRORED.where(
    sa.or_(_OF.mirror_held_until.is_(None), _OF.mirror_held_until < sa.bindparam("now"))
).values(mirror_upto=sa.bindparam("upto"), mirror_held_until=sa.bindparam("until"))
_MIRRORED = _UNMIRRORED.values(mirrored_seq=sa.bindparam("upto"), mirror_held_until=sa.null())
_OPENED_BY = {
    formerly: sa.select(*_OF, *table_of(Link).c)
    .join_from(table_of(Session), table_of(Link), Link.id == Session.link_id)
    .where(held == sa.bindparam("secret_hash"), Session.link_id == sa.bindparam("link"))
    for formerly, held in ((False, Session.secret_hash), (True, Session.former_secret_hash))
}


@cache
def _counted(caps: int) -> sa.Executable:
    ours = (_OF.workspace_id == sa.bindparam("workspace"), _OF.id == sa.bindparam("session"), _OF.ended_at.is_(None))
    change = sa.update(table_of(Session)).where(*ours, _OF.messages < sa.bindparam("most"))
    values = {"messages": _OF.messages + 1, "last_at": sa.bindparam("now")}
    short = lacking(_OF.workspace_id, caps) if caps else sa.false()
    return change.values(values).returning(*_OF, short.label("short"))


class Sessions(Repository):
    async def insert(self, session: Session) -> Session:
        """The session as stored, or the one made before by the same press: then its id is another."""
        insert = self._insert(Session).values(**values_of(session))
        new = insert.on_conflict_do_nothing(index_elements=["link_id", "idem_hash"]).returning(Session)
        stored = await self._session.scalar(new)
        if stored is not None:
            return stored
        before = sa.select(Session).where(Session.link_id == session.link_id, Session.idem_hash == session.idem_hash)
        return (await self._session.scalars(before)).one()

    async def get(self, workspace: str, session_id: str) -> Session | None:
        return await self._found(Session, _ONE, {"workspace": workspace, "session": session_id})

    async def hold(self, workspace: str, session_id: str) -> Session | None:
        """As `get`, and nobody changes it before the caller's transaction ends."""
        return await self._found(Session, _HELD, {"workspace": workspace, "session": session_id})

    async def by_secret(self, link_id: str, secret_hash: bytes) -> Session | None:
        """Also one that has ended: its guest is told why."""
        query = sa.select(Session).where(Session.secret_hash == secret_hash, Session.link_id == link_id)
        return await self._session.scalar(query)

    async def opened_by(
        self, link_id: str, secret_hash: bytes, *, formerly: bool = False
    ) -> tuple[Session, Link] | None:
        """As `by_secret`, with its link. ``formerly``: the one that this secret opened until it was moved."""
        asked = {"secret_hash": secret_hash, "link": link_id}
        found = await self._transaction.first(_OPENED_BY[formerly], asked)
        return (made(Session, found[: len(_OF)]), made(Link, found[len(_OF) :])) if found else None

    async def move(self, workspace: str, session_id: str, secret_hash: bytes) -> Session | None:
        """Opened by another secret from now on; None when it has ended, or is opened by that already."""
        other = sa.update(Session).where(*_open(workspace, session_id), Session.secret_hash != secret_hash)
        moved = other.values(secret_hash=secret_hash, former_secret_hash=Session.secret_hash)
        return await self._session.scalar(moved.returning(Session))

    async def of(self, workspace: str, link_id: str) -> list[Session]:
        """Oldest first."""
        query = sa.select(Session).where(Session.workspace_id == workspace, Session.link_id == link_id)
        return await self._rows(query.order_by(Session.started_at, Session.id))

    async def end(self, workspace: str, session_id: str, reason: str, now: datetime) -> bool:
        """False when it had ended before."""
        change = sa.update(Session).where(*_open(workspace, session_id))
        return await self._did(change.values(ended_at=now, end_reason=reason))

    async def end_unused(self, workspace: str, session_id: str, now: datetime) -> bool:
        """End one in which nothing was said; False when something was meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), *_nothing_said())
        return await self._did(change.values(ended_at=now, end_reason="unused"))

    async def end_idle(self, workspace: str, session_id: str, before: datetime, now: datetime) -> bool:
        """End one as `idle` names them; False when something has happened in it meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), *_idle(before))
        return await self._did(change.values(ended_at=now, end_reason="idle"))

    async def end_resting(self, workspace: str, session_id: str, since: datetime, now: datetime) -> bool:
        """End one as `resting` names them; False when something has happened in it meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), _rests(since))
        return await self._did(change.values(ended_at=now, end_reason="idle"))

    async def let_rest(self, workspace: str, session_id: str, before: datetime) -> bool:
        """Claim one as `restless` names them; False when something has happened in it meanwhile."""
        change = sa.update(Session).where(*_open(workspace, session_id), *_idle(before), ~_rests())
        return await self._did(change.values(paused_seq=-1))

    async def rests_at(self, workspace: str, session_id: str, seq: int) -> None:
        """The event that says so."""
        change = sa.update(Session).where(Session.workspace_id == workspace, Session.id == session_id)
        await self._session.execute(change.values(paused_seq=seq))

    async def count_message(
        self, workspace: str, session_id: str, now: datetime, most: int, need: Need | None = None
    ) -> tuple[Session, bool] | None:
        """Count one more; None when the session has ended or has had ``most``.

        Who answers is read with it, and cannot change before the caller's transaction ends; and whether there is a
        budget without room for what it will ``need``.
        """
        counted = _counted(len(need.caps) if need else 0)
        asked = {"workspace": workspace, "session": session_id, "now": now, "most": most}
        found = await self._transaction.first(counted, asked | (need.parameters if need else {}))
        return (made(Session, found[:-1]), bool(found[-1])) if found else None

    async def answered_by(self, workspace: str, session_id: str, state: str, now: datetime) -> Session | None:
        """From now on; None when the session has ended, or when it is so already."""
        change = sa.update(Session).where(*_open(workspace, session_id), Session.host_state != state)
        return await self._session.scalar(change.values(host_state=state, host_since=now).returning(Session))

    async def person_asked_for(self, workspace: str, session_id: str, now: datetime) -> Session | None:
        """None when a person is there or asked for already."""
        change = sa.update(Session).where(*_open(workspace, session_id), Session.host_state == "")
        return await self._session.scalar(change.values(host_state="asked", host_since=now).returning(Session))

    async def asked_in_vain(self, before: datetime, limit: int = 100) -> list[Session]:
        """Open ones whose guests wait for a person since that time."""
        query = sa.select(Session).where(Session.host_state == "asked", Session.host_since < before)
        return await self._rows(query.where(Session.ended_at.is_(None)).order_by(Session.host_since).limit(limit))

    async def given_up(self, workspace: str, session_id: str, before: datetime, now: datetime) -> bool:
        """Nobody came; False when somebody did meanwhile."""
        waits = (Session.host_state == "asked", Session.host_since < before)
        change = sa.update(Session).where(*_open(workspace, session_id), *waits)
        return await self._did(change.values(host_state="", host_since=now))

    async def caught_up(self, workspace: str, session_id: str, seq: int) -> None:
        """What people have said to each other up to this event is known to the agent."""
        change = sa.update(Session).where(Session.workspace_id == workspace, Session.id == session_id)
        await self._session.execute(change.values(known_seq=seq))

    async def in_thread(self, workspace: str, channel: str, thread_ts: str) -> Session | None:
        """The one that is followed in this thread of Slack."""
        there = (Session.thread_channel == channel, Session.thread_ts == thread_ts, Session.thread_ts != "")
        return await self._session.scalar(sa.select(Session).where(Session.workspace_id == workspace, *there))

    async def set_thread(self, workspace: str, session_id: str, channel: str, thread_ts: str) -> bool:
        """False when it has one already."""
        none_yet = (Session.workspace_id == workspace, Session.id == session_id, Session.thread_ts == "")
        change = sa.update(Session).where(*none_yet)
        return await self._did(change.values(thread_channel=channel, thread_ts=thread_ts))

    async def leave_channel(self, workspace: str, link_id: str, channel: str) -> list[Session]:
        """Chats are followed nowhere in this channel any more; those that were."""
        theirs = (Session.workspace_id == workspace, Session.link_id == link_id, Session.thread_channel == channel)
        change = sa.update(Session).where(*theirs, Session.thread_ts != "", Session.erase_asked_by == "")
        former = {"former_channel": Session.thread_channel, "former_ts": Session.thread_ts}
        return await self._rows(change.values(**former, thread_channel="", thread_ts="").returning(Session))

    async def hold_mirror(
        self, workspace: str, session_id: str, since: int, upto: int, now: datetime, until: datetime
    ) -> bool:
        """For whoever tells in the thread what follows on ``since``; False when another does, or has."""
        asked = {"workspace": workspace, "session": session_id, "since": since, "now": now}
        return await self._changed_any(_HOLD_MIRROR, asked | {"upto": upto, "until": until})

    async def mirrored(self, workspace: str, session_id: str, since: int, upto: int) -> bool:
        """What stands in the thread by now: nothing more, where ``upto`` is ``since``; nobody holds it any more."""
        asked = {"workspace": workspace, "session": session_id, "since": since, "upto": upto}
        return await self._changed_any(_MIRRORED, asked)

    async def restless(self, before: datetime, limit: int = 100) -> list[Session]:
        """Open ones in which something was said, but nothing since that time, and nobody is waited for."""
        query = sa.select(Session).where(*_idle(before), ~_rests())
        return await self._rows(query.order_by(Session.last_at).limit(limit))

    async def idle_limits(self) -> list[int]:
        """Each silence, in minutes, that ends the chats of some link; few, since people choose from a list."""
        query = sa.select(Link.idle_minutes).where(Link.closed_at.is_(None), Link.idle_minutes > 0).distinct()
        return list(await self._session.scalars(query))

    async def idle(self, minutes: int, before: datetime, limit: int = 100) -> list[Session]:
        """As `restless`, on links where so many minutes of silence end a chat."""
        query = sa.select(Session).join(Link, Link.id == Session.link_id).where(Link.idle_minutes == minutes)
        return await self._rows(query.where(*_idle(before)).order_by(Session.last_at).limit(limit))

    async def resting(self, minutes: int, since: datetime, limit: int = 100) -> list[Session]:
        """Open ones that rest since that time, on links where so many minutes of silence end a chat."""
        query = sa.select(Session).join(Link, Link.id == Session.link_id).where(Link.idle_minutes == minutes)
        resting = query.where(Session.ended_at.is_(None), Session.paused_seq > 0, _rests(since))
        return await self._rows(resting.order_by(Session.last_at).limit(limit))

    async def unused(self, before: datetime, limit: int = 100) -> list[Session]:
        """Open ones started before that time in which nothing was said."""
        query = sa.select(Session).where(Session.ended_at.is_(None), *_nothing_said(), Session.started_at < before)
        return await self._rows(query.order_by(Session.last_at).limit(limit))

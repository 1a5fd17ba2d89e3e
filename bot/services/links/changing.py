"""A link in its creator's hand: a new address, more time, a pause, an end."""

from collections.abc import Callable
from datetime import timedelta

from bot.errors import NotYours, UserError
from bot.services import log_entries, tokens
from bot.services.links.admission import passcodes
from bot.services.links.admission.passcodes import Passcodes
from bot.services.links.admission.values import PASSCODE
from bot.services.links.ending.ending import revoke
from bot.services.links.hosting import counting
from bot.services.links.making.rules import most_hours
from bot.services.links.values import Created, Terms, is_live, lasting
from storage.bus.bus import Bus
from storage.database import Database, Tables
from storage.members import Member
from storage.schema import now
from storage.tables import Link

GONE = "That link is not there any more. Type /tempchat list to see which are."
CHANGED = "That link was changed at the same moment. Look at it again."


class Changing:
    """Each change is its creator's alone and one conditional UPDATE; it raises `UserError` when it is late."""

    def __init__(self, db: Database, bus: Bus, page: Callable[[str], str], terms: Terms) -> None:
        """``page`` makes an address of a token; raises `UserError` where there can be none."""
        self._db = db
        self._bus = bus
        self._page = page
        self._terms = terms
        self._hashing = Passcodes()

    async def own(self, member: Member, link_id: str) -> Link:
        async with self._db.read() as tables:
            return await _living(tables, member, link_id)

    async def rotate(self, member: Member, link_id: str) -> Created:
        """Nobody starts by the old address any more; those who chat go on, and find their chat by either.

        A passcode is made anew too: whoever has the old address may well know it.
        """
        token = tokens.mint(tokens.Kind.LINK)
        url = self._page(token)
        passcode = passcodes.made() if (await self.own(member, link_id)).access == PASSCODE else ""
        hashed = await self._hashing.at_rest(passcode) if passcode else None
        async with self._db.begin() as tables:
            link = await _living(tables, member, link_id)
            changed = await tables.links.rotate(member.workspace, link, tokens.at_rest(token), now(), hashed)
            if changed is None:
                raise UserError(CHANGED)
            await tables.audit.add(member.workspace, member.id, "link.rotated", link_id)
        await self._bus.tell("jobs")
        return Created(changed, url, passcode=passcode)

    async def extend(self, member: Member, link_id: str, hours: float) -> Link:
        """So much later than it would have ended, and open pages say so."""
        async with self._db.begin() as tables:
            link = await _living(tables, member, link_id)
            left = (link.expires_at - now()) / timedelta(hours=1)
            most = await most_hours(tables, member.workspace, self._terms)
            if not 0 < hours <= most - left:
                raise UserError(
                    f"A link may end at most {lasting(most)} from now. Choose less, or make a new one later."
                )
            until = link.expires_at + timedelta(hours=hours)
            changed = await tables.links.extend(member.workspace, link_id, until, now())
            if changed is None:
                raise UserError(CHANGED)
            told = await _tell_guests(tables, changed)
            await counting.due(tables, changed)
            detail = {"hours": hours, "until": until.isoformat()}
            await tables.audit.add(member.workspace, member.id, "link.extended", link_id, detail)
        for conversation in told:
            await self._bus.tell(f"conversation:{conversation}")
        await self._bus.tell("links")
        await self._bus.tell("jobs")
        return changed

    async def pause(self, member: Member, link_id: str, *, paused: bool = True) -> Link:
        """Nobody new may start, or may again; who chats goes on either way."""
        async with self._db.begin() as tables:
            await _living(tables, member, link_id)
            changed = await tables.links.pause(member.workspace, link_id, now(), paused=paused)
            if changed is None:
                raise UserError(CHANGED)
            action = "link.paused" if paused else "link.unpaused"
            await tables.audit.add(member.workspace, member.id, action, link_id)
            await counting.due(tables, changed)
        await self._bus.tell("jobs")
        return changed

    async def revoke(self, member: Member, link_id: str) -> tuple[Link, list[str]]:
        """Dead at once, and the conversations that ended with it, to be rung."""
        async with self._db.begin() as tables:
            link = await _own(tables, member, link_id)
            ended = await revoke(tables, link, member.id)
            await counting.due(tables, link)
            if ended is None:
                raise UserError(f"{link.title} was revoked before. Make a new one if you need it.")
        return link, ended


async def _own(tables: Tables, member: Member, link_id: str) -> Link:
    link = await tables.links.get(member.workspace, link_id)
    if link is None or link.creator_id != member.id:
        raise NotYours(GONE)
    return link


async def _living(tables: Tables, member: Member, link_id: str) -> Link:
    link = await _own(tables, member, link_id)
    if not is_live(link, now()):
        over = "was revoked" if link.revoked_at else "is over: its time ran out"
        raise UserError(f"{link.title} {over}. Make a new one instead.")
    return link


async def _tell_guests(tables: Tables, link: Link) -> list[str]:
    """The conversations that were told how long they have now."""
    told = []
    for session in await tables.sessions.of(link.workspace_id, link.id):
        if session.ended_at is None:
            entry = log_entries.expires((link.expires_at - now()).total_seconds())
            await tables.events.add(link.workspace_id, session.conversation_id, None, entry.kind, entry.body)
            told.append(session.conversation_id)
    return told

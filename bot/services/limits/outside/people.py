"""Those from outside, one by one: judged wherever they ask, asked about, let in, refused, and judged anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import UserError
from bot.services.limits.outside.rules import soon_over
from storage.bus.bus import Bus
from storage.database import Database
from storage.members import Member
from storage.rules.outside import Kind, May, State, Whence, decided, whence
from storage.schema import now
from storage.tables import OutsidePerson

LIFE = timedelta(days=3)
"""So long a question waits for an admin."""
PAGE = 10
ASKED = "outside_asked"
"""The job that asks the admins."""
MARKS = {State.ALLOWED: "outside.allowed", State.REFUSED: "outside.refused"}
DECIDED = (
    "This was decided already, or nobody has answered in time. Look in my Home tab, under Policies, for who is let in."
)


@dataclass(frozen=True)
class Judged:
    may: May
    channels: tuple[str, ...] = ()
    """Where alone they may."""
    until: datetime | None = None
    """So long their question waits."""
    known: bool = False
    """It is noted that they are from outside."""


class OutsidePeople:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    async def judged(self, member: Member, kind: Kind, place: str | None) -> Judged:
        """``place``: as `decided` takes it."""
        async with self._db.read() as tables:
            found = await tables.outside.look(member.workspace, kind, member.id)
        person = found.person
        # A question that nobody has answered in time is none any more.
        waits = person is not None and (person.expires_at is None or person.expires_at > now())
        state = person.state if person and (person.state != State.ASKED or waits) else None
        may = decided(kind, found.rule, state, found.channels, place)
        return Judged(may, tuple(found.channels), person.expires_at if person else None, person is not None)

    async def meet(self, member: Member, kind: Kind, home: str) -> None:
        """Noted before anything of theirs is done, so that their calls are held to the rule."""
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            await tables.outside.meet(member.workspace, member.id, kind, home)

    async def whence(self, member: Member) -> Whence | None:
        """As they were last seen; None for a member."""
        async with self._db.read() as tables:
            found = await tables.outside.person(member.workspace, member.id)
        return whence(found[0].kind, found[1], found[0].state) if found else None

    async def inside(self, member: Member) -> None:
        """They are a member now, or their account is over: whatever was said of them holds no more."""
        if await self.whence(member) is None:
            return
        async with self._db.begin() as tables:
            if await tables.outside.forget(member.workspace, member.id):
                await tables.audit.add(member.workspace, member.id, "outside.no_more", member.id)
                await tables.home_tabs.changed(member.workspace, member.id)

    async def changed(self, member: Member, *, guest: bool, gone: bool) -> None:
        """Slack tells of somebody's account as it is now."""
        found = await self.whence(member)
        if found and (gone or (found.kind is Kind.GUESTS and not guest)):
            await self.inside(member)

    async def ask(self, member: Member, kind: Kind, home: str, question: dict[str, Any]) -> tuple[bool, datetime]:
        """Whether the admins are asked by this, and until when they may answer; once while a question waits."""
        until = now() + LIFE
        async with self._db.begin() as tables:
            await tables.workspaces.ensure(member.workspace)
            asks = await tables.outside.ask(member.workspace, member.id, kind, home, question, until)
            if asks:
                told = {"workspace": member.workspace, "member": member.id}
                once = f"{ASKED}:{member.workspace}:{member.id}:{until.isoformat()}"
                await tables.jobs.add(ASKED, once, told, now(), workspace=member.workspace)
                await soon_over(tables, member, until)
                detail = {"kind": kind.value, "channel": str(question.get("channel", ""))}
                await tables.audit.add(member.workspace, member.id, "outside.asked", member.id, detail)
            elif found := await tables.outside.person(member.workspace, member.id):
                until = found[0].expires_at or until
        await self._bus.tell("jobs")
        return asks, until

    async def answer(self, admin: Member, who: str, *, let_in: bool) -> OutsidePerson:
        """Of several admins the first decides; raises `UserError` for the others, and when it is too late."""
        state = State.ALLOWED if let_in else State.REFUSED
        async with self._db.begin() as tables:
            person = await tables.outside.answer(admin.workspace, who, state, admin.id)
            if person is None:
                raise UserError(DECIDED)
            await tables.audit.add(admin.workspace, admin.id, MARKS[state], who, {"kind": person.kind})
            await soon_over(tables, Member(admin.workspace, who), now())
            await tables.home_tabs.changed(admin.workspace, who)
        await self._bus.tell("jobs")
        return person

    async def take_back(self, admin: Member, who: str) -> State | None:
        """What was decided of them holds no more: the rule does. What that was; None where nothing was."""
        async with self._db.begin() as tables:
            found = await tables.outside.person(admin.workspace, who)
            if found is None or found[0].state not in MARKS:
                return None
            was = State(found[0].state)
            await tables.outside.put(admin.workspace, who, State.MET, admin.id)
            detail = {"kind": found[0].kind, "was": was.value}
            await tables.audit.add(admin.workspace, admin.id, "outside.taken_back", who, detail)
            await tables.home_tabs.changed(admin.workspace, who)
        await self._bus.tell("jobs")
        return was

    async def put_back(self, admin: Member, who: str, state: State) -> None:
        """As it was before it was taken back, or the other way round."""
        async with self._db.begin() as tables:
            if person := await tables.outside.put(admin.workspace, who, state, admin.id):
                await tables.audit.add(admin.workspace, admin.id, MARKS[state], who, {"kind": person.kind})
                await tables.home_tabs.changed(admin.workspace, who)
        await self._bus.tell("jobs")

    async def known(self, workspace: str, page: int) -> tuple[list[OutsidePerson], int]:
        """Those who wait, and those of whom an admin has decided; and how many."""
        async with self._db.read() as tables:
            return await tables.outside.known(workspace, page * PAGE, PAGE)
